import pytest
from ego4d_data import FUNNEL, RECORDS, became, found
from making import make, rows_of

from wildframe.studies.ego4d.fig5_in1k_vs_in21k import fig5_in1k_vs_in21k, statistics
from wildframe.studies.ego4d.label_space_pairs import compare_spaces


def test_fig5_counts_one_space():
    labels = (["n1"], ["n1", "n2"], ["n3"])
    manifest = [{"image_id": f"p{i}", "labels": labels[i]} for i in range(3)]
    # Of the third, the labels do not count.
    statuses = became("ok", "ok", "decode_failed")
    assert statistics(FUNNEL, manifest, statuses, 1000) == {
        "parsed": 5,
        "with_class": 4,
        "several_in_one_annotation": 2,
        "several_classes": 1,
        "invalid": 1,
        "one_class": 2,
        "space_classes": 1000,
        "first_classes": 1,
        "all_classes": 2,
    }
    space = (FUNNEL, manifest, statuses)
    counts = {"in1k": 1000, "in21k": 21843}
    table = fig5_in1k_vs_in21k(*space, *space, RECORDS, counts, 0, "Ego4D v1", True)
    sizes = next(row for row in table.rows if row["statistic"] == "space_classes")
    assert (sizes["in1k"], sizes["in21k"]) == (1000, 21843)
    classes = next(row for row in table.rows if row["statistic"] == "all_classes")
    assert (classes["paper_in1k"], classes["paper_in21k"]) == (None, "419")
    row = next(row for row in table.rows if row["statistic"] == "with_class")
    assert (row["in1k"], row["paper_in1k"], row["paper_in21k"]) == (4, "3,474", "8,488")
    assert (sizes["paper_in1k"], sizes["paper_in21k"]) == ("1000", "21,483")
    assert any("21,843" in note for note in table.notes)


def test_the_tables_count_what_could_be_read(set_files):
    settings = {"data_note": "a demo", "compare": False}
    inputs = found(set_files, funnel="funnel", statuses="statuses")
    fig4 = rows_of(make("fig4_statistics", set_files, inputs, **settings)[".csv"])
    assert fig4[-1]["left"] == "1"
    parameters = {
        f"{space}_{name}": name
        for space in ("in1k", "in21k")
        for name in ("funnel", "manifest", "statuses")
    }
    inputs = found(set_files, **parameters, records="records", class_counts="classes")
    fig5 = rows_of(make("fig5_in1k_vs_in21k", set_files, inputs, seed=0, **settings)[".csv"])
    shown = {row["statistic"]: (row["in1k"], row["in21k"]) for row in fig5}
    assert shown["all_classes"] == ("1", "1")
    assert shown["space_classes"] == ("3", "5")
    inputs = found(set_files, manifest="manifest", readable="statuses", classes="classes")
    appendix = make("appendix_h_classes", set_files, inputs, data_note="a demo")
    assert [row["class_name"] for row in rows_of(appendix[".csv"])] == ["cup"]


def test_label_spaces_are_compared_on_images_with_a_box():
    """Of five such images four have a class under the first space, and two under the second."""
    second = [row | {"step": "no_class"} if row["step"] == "kept" else row for row in FUNNEL[:6]]
    pairs = compare_spaces(FUNNEL, [*second, FUNNEL[6]], RECORDS, 0)
    row = pairs["with_class"]
    assert (row["n_a"], row["value_a"], row["value_b"]) == (5, 0.8, 0.4)
    assert (row["only_a"], row["only_b"], row["clusters"]) == (2, 0, 4)
    assert pairs["several_classes"]["difference"] == 0
    assert pairs["one_class"]["difference"] == pytest.approx(0.4)
    assert compare_spaces([], FUNNEL, RECORDS, 0) == {}


def test_label_spaces_are_compared_on_objects_where_these_are_the_images():
    """Of two objects in each of six frames, one has a class under the first space."""
    records = [
        {"record_id": f"r{i}", "role": "pre", "video_id": f"v{i}", "clip_id": f"c{i}"}
        for i in range(6)
    ]
    both = [
        {"record_id": f"r{i}", "role": "pre", "position": position, "step": "kept"}
        for i in range(6)
        for position in (0, 1)
    ]
    one = [row | {"step": "no_class"} if row["position"] else row for row in both]
    row = compare_spaces(one, both, records, 0)["with_class"]
    assert (row["n_a"], row["value_a"], row["value_b"]) == (12, 0.5, 1)
    assert (row["only_a"], row["only_b"], row["clusters"]) == (0, 6, 6)

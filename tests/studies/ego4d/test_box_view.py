import pytest
from making import make, rows_of
from pair_data import ALIKE, pair, pairs_of, write_alike
from score_data import score, score_table
from written import markdown

from wildframe.core.schemas import SCORES
from wildframe.core.tables import write_rows
from wildframe.studies.ego4d.box_view import box_view

A, B = "tf_efficientnet_lite0", "resnet50.a1_in1k"


def test_the_box_view_is_held_against_whole_images():
    full = score_table([score(A, 1, 1), score(A, 5, 3)])
    box = score_table([score(A, 1, 3), score(A, 5, 2)])
    views = {"subset_a": "view=full", "subset_b": "view=box"}
    pairs = pairs_of(pair(A, A, 1, -0.5, 0.03, **views), pair(A, A, 5, 0.25, 0.5, **views))
    exhibit = box_view(full, box, pairs, [A], "data")
    (row,) = exhibit.rows
    assert (row["full_top1"], row["box_top1"]) == ("25.00", "75.00")
    ends = [row[f"difference_top1{end}"] for end in ("", "_low", "_high", "_p")]
    assert ends == pytest.approx([50, 45, 55, 0.03])
    assert row["difference_top5"] == -25
    assert "objects of several classes counts once for each" in exhibit.notes[1]


def test_external_predictions_may_be_of_whole_images_only(tmp_path):
    full = score_table([score("ours", k, k) for k in (1, 5)])
    table = box_view(full, score_table([]), ALIKE, ["ours"], "data")
    (row,) = table.rows
    assert (row["full_top1"], row["box_top1"], row["n"]) == ("25.00", None, 40)
    text = markdown(table, tmp_path)
    (shown,) = (line for line in text.splitlines() if line.startswith("| ours"))
    assert shown.count("N/A") == 10


def test_the_box_view_reads_both_views(tmp_path):
    inputs = {name: tmp_path / f"{name}.parquet" for name in ("full", "box")}
    for path, correct in zip(inputs.values(), (1, 2), strict=True):
        write_rows(path, SCORES, [score(A, k, correct) for k in (1, 5)])
    views = ("view=full", "view=box")
    inputs["pairs"] = write_alike(tmp_path / "pairs.parquet", A, subsets=views)
    written = make("box_view", tmp_path, inputs, models=[A], data_note="our clips")
    (row,) = rows_of(written[".csv"])
    assert (row["full_top1"], row["box_top1"], row["difference_top1"]) == ("25.00", "50.00", "0.0")

"""Labels, classes, confidence, size of the object, moments and pairs of models."""

from pathlib import Path

import numpy as np
import pytest
from making import make, rows_of, texts_of
from PIL import Image
from score_data import score, score_table, write_classes
from written import markdown

from wildframe.core.errors import UserError
from wildframe.core.schemas import CALIBRATION, CONFUSIONS, MODEL_PAIRS, SCORES
from wildframe.core.tables import write_rows
from wildframe.exhibits.inputs import TableFile
from wildframe.models import zoo_entry
from wildframe.studies.ego4d.box_area import accuracy_by_area, box_area
from wildframe.studies.ego4d.box_view import box_view
from wildframe.studies.ego4d.confusions import PAIRS, confusions
from wildframe.studies.ego4d.high_confidence import high_confidence
from wildframe.studies.ego4d.label_senses import label_senses
from wildframe.studies.ego4d.model_pairs import model_pairs
from wildframe.studies.ego4d.moments import moments
from wildframe.studies.ego4d.per_class import per_class
from wildframe.studies.ego4d.reliability import bins_by_model, reliability

A, B = "tf_efficientnet_lite0", "resnet50.a1_in1k"
NAMES = {"n0": "cup", "n1": "mop", "n2": "pot"}


def pairs_of(*rows):
    return TableFile(Path("pairs.parquet"), rows, {})


def shown(exhibit, folder):
    """Return the lines of an exhibit's table in Markdown."""
    lines = markdown(exhibit, folder).splitlines()
    return [line for line in lines if line.startswith("|")][2:]


def test_label_noise_shows_the_same_pictures_before_and_after(tmp_path):
    table = score_table(
        [
            score(A, k, right + (k == 5), n, subset)
            for k in (1, 5)
            for subset, right, n in (("all", 2, 8), ("senses_before", 2, 5), ("senses", 1, 5))
        ]
    )
    exhibit = label_senses(table, [A], "data")
    assert [
        (row["k"], row["all"], row["all_n"], row["before"], row["after"], row["kept_n"])
        for row in exhibit.rows
    ] == [(1, "25.00", 8, "40.00", "20.00", 5), (5, "37.50", 8, "60.00", "40.00", 5)]
    assert shown(exhibit, tmp_path)[0] == (
        f"| {A} | 1 | 25.00 [12.50, 50.00] | [6.25, 100.00] | 8 | 40.00 [20.00, 80.00] "
        "| [10.00, 100.00] | 20.00 [10.00, 40.00] | [5.00, 80.00] | 5 |"
    )


def test_label_noise_of_a_set_that_keeps_no_label(tmp_path):
    exhibit = label_senses(score_table([score(A, k) for k in (1, 5)]), [A], "data")
    assert shown(exhibit, tmp_path)[0].endswith("| 4 | N/A | N/A | N/A | N/A | 0 |")


def sure(threshold):
    metric = f"wrong_above_{threshold}"
    return score_table([score(name, 1, 1, 8, metric=metric) for name in (A, B)])


def test_high_confidence_errors_stand_beside_the_papers_one():
    exhibit = high_confidence(sure("0.90"), [zoo_entry(A), zoo_entry(B)], "data", True)
    assert [(row["wrong"], row["wrong_successes"], row["n"]) for row in exhibit.rows] == [
        ("12.50", 1, 8)
    ] * 2
    assert [row["paper_wrong"] for row in exhibit.rows] == [None, "3.6"]
    assert "above 0.90" in exhibit.title
    unlicensed = high_confidence(sure("0.90"), [zoo_entry(B)], "data", False)
    assert unlicensed.rows[0]["paper_wrong"] is None


def test_another_threshold_does_not_compare():
    exhibit = high_confidence(sure("0.80"), [zoo_entry(B)], "data", True)
    assert (exhibit.rows[0]["paper_row"], exhibit.rows[0]["paper_wrong"]) == (None, None)


def test_scores_of_two_thresholds_are_refused():
    table = score_table([score(A, metric=f"wrong_above_{p}") for p in ("0.80", "0.90")])
    with pytest.raises(UserError, match=r"demo\.parquet: expected one metric wrong_above_\*, fo"):
        high_confidence(table, [zoo_entry(A)], "data", False)


def test_classes_run_from_many_pictures_to_few():
    counts = {"n1": (1, 4, 2), "n2": (2, 8, 8), "n0": (0, 4, 1)}  # right of A, pictures, of B
    table = score_table(
        [
            score(model, 1, right, n, f"class={wnid}")
            for wnid, (of_a, n, of_b) in counts.items()
            for model, right in ((A, of_a), (B, of_b))
        ]
    )
    exhibit = per_class(table, [B, A], NAMES, "data")
    # The two of four pictures by name.
    assert [(row["class_name"], row["n"]) for row in exhibit.rows] == [
        ("pot", 8),
        ("cup", 4),
        ("mop", 4),
    ]
    assert [(row[A], row[B], row["mean"]) for row in exhibit.rows] == [
        ("25.00", "100.00", "62.50"),
        ("0.00", "25.00", "12.50"),
        ("25.00", "50.00", "37.50"),
    ]
    assert [column.title for column in exhibit.columns][-2:] == [B, A]


def confusion(model, label, predicted, pictures, probability):
    return {
        "model": model,
        "label": label,
        "predicted": predicted,
        "pictures": pictures,
        "mean_probability": probability,
    }


def test_confusions_are_summed_over_the_models():
    counted = [
        confusion(A, "n0", "n1", 3, 0.25),
        confusion("other", "n0", "n2", 90, 0.9),
        confusion(A, "n1", "n2", 4, 0.5),
        confusion(B, "n0", "n1", 2, 0.75),
    ]
    exhibit = confusions(counted, [A, B], NAMES, "data")
    assert [(row["label_name"], row["predicted_name"], row["times"]) for row in exhibit.rows] == [
        ("cup", "mop", 5),
        ("mop", "pot", 4),
    ]
    # (3 x 0.25 + 2 x 0.75) / 5
    assert exhibit.rows[0]["mean_probability"] == "0.45"
    assert exhibit.rows[0]["by_model"] == f"{A} 3, {B} 2"
    assert "Times, all models" in [column.title for column in exhibit.columns]
    assert "summed over 2 models" in exhibit.notes[1]
    assert "the 2 most frequent" in exhibit.title


def test_of_many_models_the_first_are_read_and_the_csv_has_all(tmp_path):
    models = [f"m{i}" for i in range(6)]
    counted = [confusion(model, "n0", "n1", 9 - i, 0.5) for i, model in enumerate(models)]
    exhibit = confusions(counted, models, NAMES, "data")
    assert shown(exhibit, tmp_path)[0].endswith("| m0 9, m1 8, m2 7, m3 6 and 2 more |")
    assert exhibit.rows[0]["by_model"] == "m0 9, m1 8, m2 7, m3 6, m4 5, m5 4"


def test_the_model_that_errs_most_is_named_first_and_the_rest_is_cut():
    counted = [confusion(A, f"n{i}", "x", i, 0.5) for i in range(1, PAIRS + 6)]
    counted.append(confusion(B, "n25", "x", 26, 0.5))
    names = {"x": "x"} | {f"n{i}": f"class {i}" for i in range(1, PAIRS + 6)}
    rows = confusions(counted, [A, B], names, "data").rows
    assert [row["times"] for row in rows] == [25 + 26, *range(24, 5, -1)]
    assert rows[0]["by_model"] == f"{B} 26, {A} 25"


def test_moments_come_in_the_order_of_the_action(tmp_path):
    rows = [
        score(A, k, right, subset=f"role={role}")
        for role, right in (("pnr", 1), ("post", 2), ("pre", 3))
        for k in (1, 5)
    ]
    exhibit = moments(score_table([*rows, score(A, 1, 0), score(A, 5, 0)]), [A], "data")
    assert [(row["moment"], row["top1"], row["top5"]) for row in exhibit.rows] == [
        ("Pre", "75.00", "75.00"),
        ("PNR", "25.00", "25.00"),
        ("Post", "50.00", "50.00"),
    ]


def test_a_set_of_one_moment_has_one_row():
    exhibit = moments(score_table([score(A, 1, 2), score(A, 5, 3)]), [A], "data")
    assert [(row["moment"], row["top1"]) for row in exhibit.rows] == [("all", "50.00")]


def test_the_box_view_is_held_against_whole_pictures():
    full = score_table([score(A, 1, 1), score(A, 5, 3)])
    box = score_table([score(A, 1, 3), score(A, 5, 2)])
    exhibit = box_view(full, box, [A], "data")
    (row,) = exhibit.rows
    assert (row["full_top1"], row["box_top1"], row["difference_top1"]) == (
        "25.00",
        "75.00",
        "+50.00",
    )
    assert row["difference_top5"] == "-25.00"
    assert "objects of several classes stays" in exhibit.notes[1]


def pair(a, b, k, only_a, only_b, p_value):
    return {
        "model_a": a,
        "model_b": b,
        "k": k,
        "both": 7,
        "only_a": only_a,
        "only_b": only_b,
        "neither": 9,
        "p_value": p_value,
    }


def test_pairs_are_found_whichever_model_comes_first(tmp_path):
    compared = pairs_of(
        pair(A, B, 1, 2, 5, 0.453125),
        pair(A, B, 5, 0, 20, 1.9e-06),
        pair("other", A, 1, 1, 1, 1.0),
    )
    exhibit = model_pairs(compared, [B, A], "data")
    (row,) = exhibit.rows
    assert (row["model_a"], row["only_a_top1"], row["only_b_top1"]) == (B, 5, 2)
    assert (row["both_top1"], row["neither_top5"], row["p_value_top5"]) == (7, 9, 1.9e-06)
    assert shown(exhibit, tmp_path) == [
        f"| {B} | {A} | 5 | 2 | 0.4531 | 20 | 0 | &lt; 0.0001 |",
    ]


def test_a_pair_that_was_not_compared_is_named():
    with pytest.raises(UserError, match=rf"pairs\.parquet: {A} and {B} are not compared at 5"):
        model_pairs(pairs_of(pair(A, B, 1, 2, 5, 0.5)), [A, B], "data")


def bin_of(model, low, n, successes, probability):
    return {
        "model": model,
        "low": low,
        "high": low + 0.1,
        "n": n,
        "successes": successes,
        "mean_probability": probability,
    }


BINS = [bin_of(B, 0.5, 4, 4, 0.55), bin_of(A, 0.2, 6, 0, 0.25), bin_of(A, 0.9, 2, 1, 0.95)]
CALIBRATED = TableFile(Path("bins.parquet"), BINS, {})


def test_bins_come_with_intervals_and_each_models_error():
    rows = bins_by_model(CALIBRATED, [A, B])
    assert [(row["model"], row["accuracy"]) for row in rows] == [(A, 0.0), (A, 0.5), (B, 1.0)]
    # A: 6/8 x 0.25 + 2/8 x 0.45; B: 1 - 0.55.
    assert [row["ece"] for row in rows] == pytest.approx([0.3, 0.3, 0.45])
    assert [(row["accuracy_low"], row["accuracy_high"]) for row in rows] == [
        (0.0, pytest.approx(1 - 0.025 ** (1 / 6))),
        (pytest.approx(1 - 0.975**0.5), pytest.approx(0.975**0.5)),
        (pytest.approx(0.025 ** (1 / 4)), 1.0),
    ]


def test_a_model_without_bins_is_named():
    with pytest.raises(UserError, match=r"bins\.parquet: no bins of other; name a model"):
        bins_by_model(CALIBRATED, [A, "other"])


def drawn(path, color):
    """Return how many pixels of a figure have a colour."""
    pixels = np.asarray(Image.open(path).convert("RGB")).reshape(-1, 3)
    return int((pixels == color).all(axis=1).sum())


BLUE, ORANGE, GREY = (0, 114, 178), (230, 159, 0), (179, 179, 179)


def test_the_reliability_diagram_draws_points_and_counts_and_says_on_what_data(tmp_path):
    figure = reliability(CALIBRATED, [A, B], "a $_$ of clips")
    assert figure.notes[0] == "Data: a $_$ of clips"
    assert len(figure.numbers.rows) == 3
    figure.write([tmp_path / "a.png"])
    assert drawn(tmp_path / "a.png", BLUE) > 100
    # Bars of counts.
    assert drawn(tmp_path / "a.png", GREY) > 1000


def test_the_calibration_error_hides_no_interval():
    drawing = reliability(CALIBRATED, [A, B], "data").drawing
    panels = [axis for axis in drawing.axes if axis.get_title()]
    assert [axis.get_title() for axis in panels] == [f"{A}\nECE 30.0 %", f"{B}\nECE 45.0 %"]
    assert all(axis.get_legend() is None and not axis.texts for axis in drawing.axes)


@pytest.fixture
def areas():
    bins = {"0.03-1": (9, 10), "0-1e-05": (1, 4), "1e-05-0.03": (4, 8)}
    return score_table(
        [
            score(model, 1, right, n, f"area={name}")
            for model in (A, B)
            for name, (right, n) in bins.items()
        ]
    )


def test_areas_run_from_small_to_large(areas):
    rows = accuracy_by_area(areas, [B, A])
    assert [row["model"] for row in rows] == [B] * 3 + [A] * 3
    assert [(row["area_low"], row["area_high"], row["n"], row["value"]) for row in rows[:3]] == [
        (0, 1e-05, 4, 0.25),
        (1e-05, 0.03, 8, 0.5),
        (0.03, 1, 10, 0.9),
    ]


def test_the_plot_of_areas_says_how_many_pictures_and_on_what_data(areas, tmp_path):
    figure = box_area(areas, [A, B], "a $_$ of clips")
    assert figure.notes[0] == "Data: a $_$ of clips"
    assert {"3 - 100 %\nn = 10", A, B} <= set(texts_of(figure.drawing))
    figure.write([tmp_path / "a.png"])
    assert drawn(tmp_path / "a.png", BLUE) > 100
    assert drawn(tmp_path / "a.png", ORANGE) > 100


def test_scores_without_bins_of_areas_are_refused():
    with pytest.raises(UserError, match=r"demo\.parquet: no subset area="):
        accuracy_by_area(score_table([score(A)]), [A])


@pytest.fixture
def tables(tmp_path):
    """The tables that the exhibits read."""
    subsets = ["all", "senses_before", "senses", "role=pre", "role=pnr", "class=n0", "area=0-1"]
    scores = [score(m, k, k // 2, subset=s) for m in (A, B) for k in (1, 5) for s in subsets]
    scores += [score(model, 1, 1, metric="wrong_above_0.90") for model in (A, B)]
    contents = {
        "scores": (SCORES, scores),
        "pairs": (MODEL_PAIRS, [pair(A, B, k, 2, 5, 0.5) for k in (1, 5)]),
        "confusions": (CONFUSIONS, [confusion(A, "n0", "n1", 3, 0.25)]),
        "calibration": (CALIBRATION, BINS),
    }
    for name, (contract, rows) in contents.items():
        write_rows(tmp_path / f"{name}.parquet", contract, rows)
    write_classes(tmp_path / "classes.parquet")
    return {name: tmp_path / f"{name}.parquet" for name in (*contents, "classes")}


# What each is made of, by parameter, and how many rows it has.
MADE_OF = {
    "label_senses": ({"scores": "scores"}, 4),
    "high_confidence": ({"scores": "scores"}, 2),
    "per_class": ({"scores": "scores", "classes": "classes"}, 1),
    "confusions": ({"counted": "confusions", "class_names": "classes"}, 1),
    "moments": ({"scores": "scores"}, 4),
    "model_pairs": ({"pairs": "pairs"}, 1),
    "reliability": ({"calibration": "calibration"}, 3),
    "box_area": ({"scores": "scores"}, 2),
}


@pytest.mark.parametrize("name", MADE_OF)
def test_each_exhibit_reads_its_tables_and_writes_its_files(name, tables, tmp_path):
    inputs, rows = MADE_OF[name]
    settings = {"models": [A, B], "data_note": "our clips"}
    if name == "high_confidence":
        settings["compare"] = True
    out = tmp_path / "out"
    written = make(name, out, {key: tables[file] for key, file in inputs.items()}, **settings)
    assert sorted(out.iterdir()) == sorted(written.values())
    for_people = ".tex" if ".tex" in written else ".caption.md"
    assert "our clips" in written[for_people].read_text()
    assert len(rows_of(written[".csv"])) == rows


def test_the_box_view_reads_both_views(tmp_path):
    inputs = {name: tmp_path / f"{name}.parquet" for name in ("full", "box")}
    for path, right in zip(inputs.values(), (1, 2), strict=True):
        write_rows(path, SCORES, [score(A, k, right) for k in (1, 5)])
    written = make("box_view", tmp_path, inputs, models=[A], data_note="our clips")
    (row,) = rows_of(written[".csv"])
    assert (row["full_top1"], row["box_top1"], row["difference_top1"]) == (
        "25.00",
        "50.00",
        "+25.00",
    )

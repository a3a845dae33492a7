"""Table 2: before and after adaptation, on the same images."""

import json
import math
from types import SimpleNamespace

import pytest
from scipy.stats import t

from wildframe.core.errors import UserError
from wildframe.exhibits.paper import paper_numbers
from wildframe.exhibits.registry import Context
from wildframe.frames.views import parse_view
from wildframe.studies.imagenet_hard.table2_adaptation import (
    BASELINE,
    adaptation_rows,
    table2_adaptation,
)

MEMO = "MEMO+RRC"


def correct(text, of_clip=1):
    """Return which of the images 0, 1, ... are correct: marked by a 1; so many are of a clip."""
    return {str(at): (mark == "1", f"clip {at // of_clip}") for at, mark in enumerate(text)}


def test_accuracies_tests_and_means_by_hand():
    results = {
        (BASELINE, "IN", "m"): correct("1100000000"),
        (BASELINE, "IN-A", "m"): correct("0000000000"),
        (MEMO, "IN", "m"): correct("0111111110"),
        (MEMO, "IN-A", "m"): correct("1000000000"),
    }
    before, after = adaptation_rows(results, {"IN": False, "IN-A": False}, [], 0)
    assert (before["IN"], before["IN-A"], before["IN_gain_p"]) == ("20.00", "0.00", None)
    assert (after["IN"], after["IN_gained"], after["IN_lost"]) == ("80.00", 7, 1)
    assert after["IN_gain"] == pytest.approx(60)
    # All flips of 8 clips: 2 P(at most 1 of 8) = 18 / 256, times two tests; one of one is p = 1.
    assert after["IN_gain_p"] == pytest.approx(2 * 18 / 256)
    assert after["IN-A_gain_p"] == 1
    # Cells 20 and 0, then 80 and 10: deviations with n - 1.
    assert before["mean"] == "10.00 ± 14.14"
    assert after["mean"] == "45.00 (+35.00) ± 49.50"


def test_the_interval_over_clips_by_hand():
    # Without either clip of four images 3/4 or 1/4 are correct: a standard error of 1/4.
    cells = [(BASELINE, "IN", "m"), (MEMO, "IN", "m")]
    results = [correct("11100010", 4)] * 2
    table = table2_adaptation(results, cells, {"IN": False}, [], 0, ["data"])
    half = t.ppf(0.975, 1) / 4 / (1 / 2 * 1 / 2)
    ends = [f"{100 / (1 + math.exp(end)):.2f}" for end in (half, -half)]
    row = table.rows[0]
    assert [row[f"IN{end}"] for end in ("", "_cluster_low", "_cluster_high")] == ["50.00", *ends]
    assert (row["IN_n"], row["IN_clusters"]) == (8, 2)
    assert "IN, 95 % CI over clips" in [column.title for column in table.columns]


def test_a_block_has_its_mean_once():
    results = {
        (row, "IN", model): correct("10") for row in (BASELINE, MEMO) for model in ("a", "b")
    }
    rows = adaptation_rows(results, {"IN": False}, [], 0)
    assert [row["mean"] is None for row in rows] == [False, True, False, True]


def test_results_of_different_images_do_not_compare():
    results = {(BASELINE, "IN", "m"): correct("10"), (MEMO, "IN", "m"): correct("101")}
    with pytest.raises(UserError, match=r"m, IN: MEMO\+RRC and Baseline are of different images"):
        adaptation_rows(results, {"IN": False}, [], 0)


@pytest.mark.parametrize(
    ("compare", "rows", "paper"),
    [(True, [BASELINE, MEMO], "1.31"), (True, [BASELINE], None), (False, [BASELINE, MEMO], None)],
)
def test_the_papers_number_stands_beside_ours_only_if_data_and_adaptation_are_its(
    compare, rows, paper
):
    name = "resnet50.tv_in1k"
    cells = [(BASELINE, "IN-A", name), (MEMO, "IN-A", name)]
    results = [correct("10"), correct("11")]
    table = table2_adaptation(results, cells, {"IN-A": compare}, rows, 0, ["data"])
    assert table.rows[1]["paper_IN-A"] == paper
    assert any("paper's numbers are not shown" in note for note in table.notes) != compare


def test_every_row_that_is_printed_can_stand_beside_ours():
    models = {"resnet50.tv_in1k": "ResNet-50", "deepaug-augmix": "DeepAug+AugMix"}
    models["moex-cutmix"] = "MoEx+CutMix"
    names = [BASELINE, "MEMO+AugMix", MEMO]
    results = {(row, "IN", model): correct("10") for row in names for model in models}
    rows = adaptation_rows(results, {"IN": True}, names, 0)
    printed = paper_numbers("imagenet_hard", "table2")
    assert {f"{row['adaptation']} {models[row['model']]}": row["paper_IN"] for row in rows} == {
        name: row["IN"] for name, row in printed.items()
    }


def test_few_clips_are_warned_of():
    cells = [(BASELINE, "IN", "m"), (MEMO, "IN", "m")]
    table = table2_adaptation([correct("100"), correct("110")], cells, {"IN": False}, [], 0, ["d"])
    assert "Here, the correction is for the comparisons of the whole table: 1." in table.notes
    assert any("units (3)" in note and "below 0.25" in note for note in table.notes)


def test_rows_are_the_papers_that_are_adapted_as_its_rows_of_their_names():
    def rows(**views):
        config = SimpleNamespace(
            views={name: parse_view(json.dumps(v)) for name, v in views.items()}
        )
        study = SimpleNamespace(adaptations={"MEMO+RRC": "rrc", "MEMO+AugMix": "augmix"})
        declared = table2_adaptation.exhibit.settings["papers_rows"]
        return declared.of(Context(config, {}, {}, study))

    augmix = {"kind": "full", "adapt": {"augmentation": "augmix", "seed": 3}}
    rrc = {"kind": "full", "adapt": "memo"}
    assert rows(rrc=rrc, augmix=augmix) == [BASELINE, "MEMO+RRC", "MEMO+AugMix"]
    fewer = {"kind": "full", "adapt": {"k": 4}}
    assert rows(rrc=fewer, augmix=rrc) == [BASELINE]

"""Pairs of models on the same sets."""

import pytest
from pair_data import pair, pairs_of
from written import markdown

from wildframe.core.errors import UserError
from wildframe.studies.vid_robust.model_pairs import model_pairs

A, B = "tf_efficientnet_lite0", "squeezenet1_1"

COMPARED = [
    pair(A, B, 0, 0.1, 0.25, "pm_k"),
    pair(A, B, 4, -0.3, 0.0625, "pm_k", only_a=3, only_b=0),
    pair(A, B, 4, 0.4, 0.125, "delta", low=-0.125, high=0.6),
]


def test_pairs_are_found_whichever_model_comes_first(tmp_path):
    exhibit = model_pairs(pairs_of(*COMPARED), [B, A], "d")
    (row,) = exhibit.rows
    assert (row["model_a"], row["perturbed_only_a"], row["perturbed_only_b"]) == (B, 0, 3)
    assert (row["delta"], row["delta_low"], row["delta_high"]) == (-40, -60, 12.5)
    assert (
        f"| {B} | {A} | -10.0 [-15.0, -5.0] | 0.2500 | +30.0 [+25.0, +35.0] | 0.0625 "
        "| -40.0 [-60.0, +12.5] | 0.1250 |"
    ) in markdown(exhibit, tmp_path)
    assert "Review: human" in exhibit.notes[1]


def test_a_difference_has_no_interval_where_videos_do_not_differ(tmp_path):
    same = [*COMPARED[:2], pair(A, B, 4, 0.0, 1.0, "delta", low=None, high=None)]
    exhibit = model_pairs(pairs_of(*same), [A, B], "d")
    assert (exhibit.rows[0]["delta_low"], exhibit.rows[0]["delta_high"]) == (None, None)
    assert "| +0.0 [N/A] | 1.0000 |" in markdown(exhibit, tmp_path)


def test_a_pair_that_was_not_compared_is_named():
    with pytest.raises(UserError, match=rf"pairs\.parquet: {A} and {B} are not compared by pm_k"):
        model_pairs(pairs_of(*COMPARED[1:]), [A, B], "d")


def test_one_model_has_no_pairs():
    assert model_pairs(pairs_of(), [A], "d").rows == []

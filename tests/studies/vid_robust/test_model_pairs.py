"""Pairs of models on the same sets."""

from pathlib import Path

import pytest
from written import markdown

from wildframe.core.errors import UserError
from wildframe.exhibits.inputs import TableFile
from wildframe.studies.vid_robust.model_pairs import model_pairs

A, B = "tf_efficientnet_lite0", "squeezenet1_1"


def pairs(*rows):
    return TableFile(Path("pairs.parquet"), rows, {"review": "human"})


def pair(a, b, k, only_a, only_b, difference, low, high):
    return {
        "model_a": a,
        "model_b": b,
        "k": k,
        "both": 4,
        "only_a": only_a,
        "only_b": only_b,
        "neither": 3,
        "p_value": 0.25,
        "delta_difference": difference,
        "low": low,
        "high": high,
    }


COMPARED = [pair(A, B, 0, 1, 2, 0, 0, 0), pair(A, B, 4, 3, 0, -0.4, -0.6, 0.125)]


def test_pairs_are_found_whichever_model_comes_first(tmp_path):
    exhibit = model_pairs(pairs(*COMPARED), [B, A], "d")
    (row,) = exhibit.rows
    assert (row["model_a"], row["only_a_k0"], row["only_b_k0"]) == (B, 2, 1)
    assert (row["only_a_k4"], row["only_b_k4"], row["both_k4"], row["sets"]) == (0, 3, 4, 10)
    assert (row["difference"], row["difference_low"], row["difference_high"]) == (40, -12.5, 60)
    assert f"| {B} | {A} | 2 | 1 | 0.2500 | 0 | 3 | 0.2500 | 40.0 [-12.5, 60.0] | 10 |" in markdown(
        exhibit, tmp_path
    )
    assert "Review: human" in exhibit.notes[1]


def test_a_difference_has_no_interval_where_draws_do_not_differ(tmp_path):
    same = [COMPARED[0], pair(A, B, 4, 0, 0, 0.0, 0.0, 0.0)]
    exhibit = model_pairs(pairs(*same), [A, B], "d")
    assert (exhibit.rows[0]["difference_low"], exhibit.rows[0]["difference_high"]) == (None, None)
    assert "| 0.0 [N/A] | 7 |" in markdown(exhibit, tmp_path)


def test_a_pair_that_was_not_compared_is_named():
    with pytest.raises(UserError, match=rf"pairs\.parquet: {A} and {B} are not compared at 0"):
        model_pairs(pairs(*COMPARED[1:]), [A, B], "d")
    with pytest.raises(UserError, match="the table has no pairs"):
        model_pairs(pairs(), [A, B], "d")


def test_one_model_has_no_pairs():
    assert model_pairs(pairs(), [A], "d").rows == []

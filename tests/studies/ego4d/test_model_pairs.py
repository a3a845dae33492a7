from pathlib import Path

import pytest
from making import shown
from score_data import pair

from wildframe.core.errors import UserError
from wildframe.exhibits.inputs import TableFile
from wildframe.studies.ego4d.model_pairs import model_pairs

A, B = "tf_efficientnet_lite0", "resnet50.a1_in1k"


def pairs_of(*rows):
    return TableFile(Path("pairs.parquet"), rows, {})


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

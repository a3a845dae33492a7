import numpy as np
import pytest

from wildframe.core.errors import UserError
from wildframe.core.schemas import PAIRS
from wildframe.scores.conditions import Condition
from wildframe.scores.pairs import compare_models, compare_views, shares_with_differences


@pytest.fixture
def predicted(result):
    """Results of one model: correct at top-1 where the letter is 1, at top-5 where it is 1 or 5."""

    def make(letters, **values):
        flags = {"1": "correct_top1 correct_top5", "5": "correct_top5", "0": ""}
        return [result(f"i{n}", flags[letter], **values) for n, letter in enumerate(letters)]

    return make


def compare(results):
    rows = compare_models(results, 0.9, 0)
    return {(row["model_a"], row["model_b"], row["metric"], row["k"]): row for row in rows}


def test_a_pair_by_hand(predicted):
    found = compare({"a": predicted("1115550000"), "b": predicted("1000005000")})
    at_1, at_5 = (found["a", "b", "accuracy", k] for k in (1, 5))
    # At k = 1, a alone is correct twice, of ten clips of one image: p = 2 * (1/2)^2 either way.
    assert at_1 == at_1 | {
        "subset_a": "all",
        "subset_b": "all",
        "value_a": 0.3,
        "value_b": 0.1,
        "n_a": 10,
        "n_b": 10,
        "both": 1,
        "only_a": 2,
        "only_b": 0,
        "neither": 7,
        "difference": pytest.approx(0.2),
        "p_value": 0.5,
        "mcnemar": pytest.approx(0.5),
        "clusters": 10,
    }
    # At k = 5, 5 against 1: p = 2 * (1 + 6) / 2^6.
    assert at_5["p_value"] == pytest.approx(at_5["mcnemar"]) == pytest.approx(14 / 64)
    assert at_5["low"] < 0.4 < at_5["high"]
    assert at_1.keys() == set(PAIRS.schema.names)


def test_images_of_one_clip_are_one_unit_and_have_no_mcnemar(predicted):
    clip = {"group_id": "c"}
    row = compare({"a": predicted("1111", **clip), "b": predicted("0000", **clip)})[
        "a", "b", "accuracy", 1
    ]
    assert (row["only_a"], row["clusters"], row["p_value"]) == (4, 1, 1)
    assert (row["low"], row["high"], row["mcnemar"]) == (None, None, None)


def test_every_pair_once_in_the_order_given(predicted):
    found = compare({name: predicted("10") for name in "zxy"})
    pairs = [key[:2] for key in found if key[2:] == ("accuracy", 5)]
    assert pairs == [("z", "x"), ("z", "y"), ("x", "y")]
    assert {key[2:] for key in found} == {
        *(("accuracy", k) for k in (1, 5)),
        *(("tree_accuracy", k) for k in (1, 5)),
        ("incorrect_above_0.90", 1),
    }
    assert {row["p_value"] for row in found.values()} == {1}
    assert compare({"alone": predicted("10")}) == {}


def test_moments_of_a_model_are_compared_in_the_clips_they_share(predicted):
    rows = [
        row | {"role": role, "image_id": f"{row['image_id']}-{role}"}
        for role, letters in (("pre", "1100"), ("post", "1000"))
        for row in predicted(letters)
    ]
    found = compare_models({"a": rows, "b": rows}, 0.9, 0)
    moments = [row for row in found if row["model_a"] == row["model_b"]]
    assert {(row["subset_a"], row["subset_b"]) for row in moments} == {("role=post", "role=pre")}
    row = moments[0]
    assert (row["value_a"], row["value_b"], row["clusters"]) == (0.25, 0.5, 4)
    assert (row["n_a"], row["n_b"], row["both"], row["p_value"]) == (4, 4, None, 1)
    between = [row for row in found if row["model_a"] != row["model_b"]]
    assert {(row["subset_a"], row["subset_b"]) for row in between} == {
        (subset, subset) for subset in ("all", "role=post", "role=pre")
    }


def test_two_models_at_a_moment_are_counted_on_its_images_alone(predicted):
    models = {
        name: predicted(pre)
        + [row | {"image_id": f"{row['image_id']}-post", "role": "post"} for row in predicted(post)]
        for name, pre, post in (("a", "1110", "00"), ("b", "1000", "00"))
    }
    (row,) = (
        row
        for row in compare_models(models, 0.9, 0)
        if (row["subset_a"], row["subset_b"], row["metric"], row["k"])
        == ("role=pre", "role=pre", "accuracy", 1)
    )
    # One image of each of four clips: neither model is correct on the last of them.
    assert [row[name] for name in ("both", "only_a", "only_b", "neither")] == [1, 2, 0, 1]
    assert (row["n_a"], row["n_b"], row["mcnemar"]) == (4, 4, pytest.approx(0.5))


def test_a_share_says_what_it_gained_and_lost_of_its_reference():
    every = np.ones(8, bool)
    reference, other = np.array([[1, 1, 1, 1, 0, 0, 0, 0], [1, 1, 1, 0, 1, 1, 0, 0]], bool)
    conditions = [Condition("m", "all", "x", 1, flags, every) for flags in (reference, other)]
    whole, part = shares_with_differences(conditions, {1: 0}, list("abcdefgh"), 0)
    names = ("gained", "lost", "difference", "difference_low", "difference_high", "p_value")
    assert [whole[name] for name in names] == [None] * 6
    assert (part["successes"], part["gained"], part["lost"], part["difference"]) == (5, 2, 1, 1 / 8)
    assert part["difference_low"] < 0 < 1 / 8 < part["difference_high"]
    # Three clips differ: whatever their signs, they add up to 1 at least.
    assert part["p_value"] == 1


def test_views_of_a_model_and_models_in_a_view_are_compared(predicted):
    views = {
        "full": {"a": predicted("1100"), "b": predicted("1100")},
        "box": {"a": predicted("1111")},
    }
    rows = compare_views(views, 0.9, 0)
    sides = [
        tuple(row[f"{key}_{side}"] for side in "ab" for key in ("model", "subset")) for row in rows
    ]
    full, box = "view=full", "view=box"
    assert set(sides) == {("a", full, "b", full), ("a", full, "a", box)}
    row = rows[sides.index(("a", full, "a", box))]
    assert (row["difference"], row["only_b"], row["p_value"]) == (-0.5, 2, 0.5)


def test_images_are_matched_by_id_not_by_place(predicted):
    a, b = predicted("10"), predicted("10")[::-1]
    assert compare({"a": a, "b": b})["a", "b", "accuracy", 1]["both"] == 1


def test_an_image_of_several_crops_is_refused(predicted):
    (row,) = predicted("1")
    with pytest.raises(UserError, match="a: image i0 has several predictions"):
        compare({"a": [row | {"view_key": key} for key in "xy"]})


@pytest.mark.parametrize(
    ("a", "b", "lacking", "other"), [("10", "1", "b", "a"), ("1", "10", "a", "b")]
)
def test_an_image_that_one_model_has_not_is_named(predicted, a, b, lacking, other):
    message = rf"^{lacking}: image i1 has no result \(1 such\), but {other} has"
    with pytest.raises(UserError, match=message):
        compare({"a": predicted(a), "b": predicted(b)})

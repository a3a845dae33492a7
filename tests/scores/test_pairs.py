import pytest

from wildframe.core.errors import UserError
from wildframe.core.schemas import MODEL_PAIRS
from wildframe.scores.pairs import compare


@pytest.fixture
def predicted(result):
    """Results of one model: correct at top-1 where the letter is 1, at top-5 where it is 1 or 5."""

    def make(letters):
        flags = {"1": "correct_top1 correct_top5", "5": "correct_top5", "0": ""}
        return [result(f"i{n}", flags[letter]) for n, letter in enumerate(letters)]

    return make


def test_a_pair_by_hand(predicted):
    rows = compare({"a": predicted("1115550000"), "b": predicted("1000005000")})
    assert rows == [
        # At k = 1, a alone is correct twice: p = 2 * (1/2)^2.
        {
            "model_a": "a",
            "model_b": "b",
            "k": 1,
            "both": 1,
            "only_a": 2,
            "only_b": 0,
            "neither": 7,
            "p_value": 0.5,
        },
        # At k = 5, 5 against 1: p = 2 * (1 + 6) / 2^6.
        {
            "model_a": "a",
            "model_b": "b",
            "k": 5,
            "both": 1,
            "only_a": 5,
            "only_b": 1,
            "neither": 3,
            "p_value": pytest.approx(14 / 64),
        },
    ]
    assert rows[0].keys() == set(MODEL_PAIRS.schema.names)


def test_every_pair_once_in_the_order_given(predicted):
    rows = compare({name: predicted("10") for name in "zxy"})
    pairs = [(row["model_a"], row["model_b"], row["k"]) for row in rows]
    assert pairs == [(a, b, k) for a, b in ("zx", "zy", "xy") for k in (1, 5)]
    assert {row["p_value"] for row in rows} == {1}
    assert compare({"alone": predicted("10")}) == []


def test_images_are_matched_by_id_and_view_not_by_place(predicted):
    a, b = predicted("10"), predicted("10")[::-1]
    assert compare({"a": a, "b": b})[0]["both"] == 1
    views = [a[0] | {"view_key": "x"}, a[0] | {"view_key": "y", "correct_top1": False}]
    row = compare({"a": views, "b": views[::-1]})[0]
    assert (row["both"], row["neither"], row["only_a"]) == (1, 1, 0)


@pytest.mark.parametrize(
    ("a", "b", "lacking", "other"), [("10", "1", "b", "a"), ("1", "10", "a", "b")]
)
def test_an_image_that_one_model_has_not_is_named(predicted, a, b, lacking, other):
    message = rf"^{lacking}: image i1 has no result \(1 such\), but {other} has"
    with pytest.raises(UserError, match=message):
        compare({"a": predicted(a), "b": predicted(b)})

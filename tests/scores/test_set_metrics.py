import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wildframe.core.errors import UserError
from wildframe.scores.set_metrics import (
    correct_within,
    flips,
    is_any_of,
    neighbour_accuracy,
    pairs_within,
    pm_k,
    sets_of,
)

# Three sets: a is correct but for +2, b is incorrect itself, c has its anchor alone and is correct.
ROWS = [
    ("a", 0, True),
    ("a", -1, True),
    ("a", 1, True),
    ("a", 2, False),
    ("b", 0, False),
    ("b", -3, True),
    ("c", 0, True),
]
ANCHORS, OFFSETS, RIGHT = (list(column) for column in zip(*ROWS, strict=True))
SETS = sets_of(ANCHORS, OFFSETS)


def test_any_label_is_right():
    predicted = np.array([3, 3, 3, -1])
    assert is_any_of(predicted, [[1, 3], [1], [3], [0]]).tolist() == [True, False, True, False]
    assert is_any_of(np.array([], np.int64), []).tolist() == []


def test_pm_k_by_hand():
    rows = pm_k(RIGHT, SETS, range(4))
    assert [(row["k"], row["anchors"], row["pairs"], row["successes"]) for row in rows] == [
        (0, 3, 0, 2),
        (1, 3, 2, 2),
        (2, 3, 3, 1),
        (3, 3, 4, 1),
    ]
    assert [row["accuracy"] for row in rows] == [2 / 3, 2 / 3, 1 / 3, 1 / 3]
    assert [row["delta"] for row in rows] == [0, 0, 1 / 3, 1 / 3]
    # Exact interval of 1 in 3: the roots of 1 - (1 - p)^3 and p^3 + 3 p^2 (1 - p) at 2.5 %.
    assert rows[3]["low"] == pytest.approx(1 - 0.975 ** (1 / 3))
    assert rows[3]["high"] == pytest.approx(0.905701, abs=1e-6)


def test_an_anchor_without_neighbours_is_scored_by_itself():
    alone = sets_of(["c"], [0])
    assert [row["successes"] for row in pm_k([True], alone, range(11))] == [1] * 11
    assert [row["successes"] for row in pm_k([False], alone, range(2))] == [0, 0]


def test_sets_one_by_one():
    assert SETS.anchors.tolist() == ["a", "b", "c"]
    assert SETS.of_anchors.tolist() == [0, 4, 6]
    assert correct_within(RIGHT, SETS, [0, 1, 3]).tolist() == [
        [True, True, False],
        [False, False, False],
        [True, True, True],
    ]
    assert pairs_within(SETS, [0, 1, 3]).tolist() == [[0, 2, 3], [0, 0, 1], [0, 0, 0]]


def test_what_is_lost_counts_from_the_anchor_whatever_distances_are_asked_for():
    assert [row["delta"] for row in pm_k(RIGHT, SETS, [1, 2])] == [0, 1 / 3]


def test_flips_by_hand():
    # Whether correct or incorrect does not matter: a's +1 differs, b's -3 does not.
    predicted = [5, 5, 6, 5, 7, 7, 8]
    counts = [[one.tolist() for one in flips(predicted, SETS, k)] for k in range(4)]
    assert counts == [
        [[0, 0, 0], [0, 0, 0]],
        [[1, 0, 0], [2, 0, 0]],
        [[1, 0, 0], [3, 0, 0]],
        [[1, 0, 0], [3, 1, 0]],
    ]


def test_a_random_neighbour_is_as_often_correct_as_its_set():
    # Two of a's three are; b's only one is; c has none.
    assert neighbour_accuracy(RIGHT, SETS, 10) == pytest.approx([2 / 3, 1, np.nan], nan_ok=True)
    assert neighbour_accuracy(RIGHT, SETS, 1) == pytest.approx([1, np.nan, np.nan], nan_ok=True)


def test_sets_without_one_anchor_are_refused():
    with pytest.raises(UserError, match=r"^b: its set has 0 frames at offset 0 .* \(1 such sets\)"):
        sets_of(["a", "b", "b"], [0, 1, 2])
    with pytest.raises(UserError, match=r"^a: its set has 2 frames at offset 0"):
        sets_of(["a", "a"], [0, 0])
    with pytest.raises(UserError, match="there are no anchors"):
        sets_of([], [])


@st.composite
def sets_of_frames(draw):
    """Rows (anchor, offset, correct) of a few sets, shuffled."""
    rows = []
    for anchor in range(draw(st.integers(1, 5))):
        neighbours = draw(st.sets(st.integers(-6, 6).filter(bool)))
        rows += [(f"anchor-{anchor}", at, draw(st.booleans())) for at in (0, *neighbours)]
    return draw(st.permutations(rows))


@given(sets_of_frames())
def test_pm_k_never_rises_and_starts_at_the_accuracy_of_anchors(frames):
    anchors, offsets, correct = (list(column) for column in zip(*frames, strict=True))
    rows = pm_k(correct, sets_of(anchors, offsets), range(8))
    accuracies = [row["accuracy"] for row in rows]
    of_anchors = [found for _, at, found in frames if at == 0]
    assert accuracies[0] == sum(of_anchors) / len(of_anchors)
    assert accuracies == sorted(accuracies, reverse=True)
    assert all(row["low"] <= row["accuracy"] <= row["high"] for row in rows)
    # And each is what the definition says.
    for row in rows:
        sets = {}
        for anchor, at, found in frames:
            if abs(at) <= row["k"]:
                sets.setdefault(anchor, []).append(found)
        assert row["successes"] == sum(map(all, sets.values()))
        assert row["pairs"] == sum(map(len, sets.values())) - len(sets)


@given(sets_of_frames())
def test_the_order_of_rows_does_not_matter(frames):
    def everything(rows):
        anchors, offsets, correct = (list(column) for column in zip(*rows, strict=True))
        sets = sets_of(anchors, offsets)
        counts = [*flips(correct, sets, 10), neighbour_accuracy(correct, sets, 10)]
        return pm_k(correct, sets, range(8)), [repr(one.tolist()) for one in counts]

    assert everything(frames) == everything(sorted(frames))


@given(sets_of_frames())
def test_the_average_case_lies_above_the_worst(frames):
    full = [row for row in frames if any(a == row[0] and at for a, at, _ in frames)]
    if full:
        anchors, offsets, correct = (list(column) for column in zip(*full, strict=True))
        sets = sets_of(anchors, offsets)
        average = neighbour_accuracy(correct, sets, 10).mean()
        assert average >= pm_k(correct, sets, [10])[-1]["accuracy"] - 1e-12

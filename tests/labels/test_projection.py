import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wildframe.labels.projection import NO_TARGET, project, targets_of_top

# Six classes: two of the first target, none of the second, three of the third, one of no target.
MEMBERS = [[0, 4], [], [1, 2, 5]]
SCORES = np.array([[-1.0, -9, -2, 5, -3, -7], [3, 2, 2, 0, 0, 2]])


@pytest.mark.parametrize(
    ("merge", "expected"),
    [
        ("max", [[-1, -np.inf, -2], [3, -np.inf, 2]]),
        ("sum", [[-4, -np.inf, -18], [3, -np.inf, 6]]),
        ("mean", [[-2, -np.inf, -6], [1.5, -np.inf, 2]]),
    ],
)
def test_projections_by_hand(merge, expected):
    assert project(SCORES, MEMBERS, merge).tolist() == expected


def test_the_merge_decides():
    predicted = {m: project(SCORES, MEMBERS, m).argmax(axis=1).tolist() for m in ("max", "sum")}
    assert predicted == {"max": [0, 0], "sum": [0, 2]}


def test_full_answers_may_be_none_of_the_targets():
    # The first image's best class is of no target; in the masked question target 0 wins.
    assert targets_of_top(SCORES, MEMBERS).tolist() == [NO_TARGET, 0]
    assert project(SCORES, MEMBERS, "max").argmax(axis=1).tolist() == [0, 0]


def test_ties_go_to_the_lowest_class_and_target():
    tied = np.zeros((1, 6))
    assert project(tied, MEMBERS, "max").argmax(axis=1).tolist() == [0]
    assert targets_of_top(tied, [[4], [0]]).tolist() == [1]


def test_half_precision_sums_are_not_rounded_to_ties():
    scores = np.array([[2048, 0, 2048, 1]], np.float16)  # 2049 is no half-precision number
    assert project(scores, [[0, 1], [2, 3]], "sum").tolist() == [[2048, 2049]]


scores_of_images = st.lists(
    st.lists(st.floats(-30, 30), min_size=6, max_size=6), min_size=1, max_size=4
).map(np.array)


@given(scores_of_images)
def test_logits_and_probabilities_give_the_same_answer_under_max(logits):
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities = exponentials / exponentials.sum(axis=1, keepdims=True)
    predicted = project(logits, MEMBERS, "max").argmax(axis=1)
    of_answer = project(probabilities, MEMBERS, "max")[np.arange(len(logits)), predicted]
    # By score, not by index: what differs by less than rounding ties as a probability.
    assert (of_answer == project(probabilities, MEMBERS, "max").max(axis=1)).all()


def test_logits_and_probabilities_differ_under_sum():
    probabilities = np.array([[0.4, 0.35, 0.25]])
    members = [[0], [1, 2]]
    # 0.4 against 0.6; but as logarithms -0.9 against -1.0 - 1.4.
    assert project(probabilities, members, "sum").argmax() == 1
    assert project(np.log(probabilities), members, "sum").argmax() == 0


@given(scores_of_images)
def test_a_full_answer_is_the_masked_one_or_none(scores):
    full = targets_of_top(scores, MEMBERS)
    masked = project(scores, MEMBERS, "max").max(axis=1)
    for image, target in enumerate(full):
        if target != NO_TARGET:
            assert scores[image, MEMBERS[target]].max() == masked[image] == scores[image].max()


@given(scores_of_images)
def test_a_target_without_classes_is_never_the_answer(scores):
    for merge in ("max", "sum", "mean"):
        assert 1 not in project(scores, MEMBERS, merge).argmax(axis=1)

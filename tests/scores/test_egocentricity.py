"""Whether egocentricity predicts failure: predictors by hand, and a regression with known slope."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wildframe.core.errors import UserError
from wildframe.core.schemas import FAILURE_PREDICTORS
from wildframe.scores.egocentricity import (
    covered,
    ego_scores,
    failure_rows,
    interaction_coverage,
    object_scores,
)

UNIT = st.floats(0, 1, width=32)
BOXES = st.lists(
    st.tuples(UNIT, UNIT, UNIT, UNIT).map(
        lambda box: (
            min(box[0], box[2]),
            min(box[1], box[3]),
            max(box[0], box[2]),
            max(box[1], box[3]),
        )
    ),
    max_size=5,
)


def test_scores_of_clips_by_hand():
    # The example of the paper's Eq. 1: mean logits of two clips, then softmax.
    logits = np.mean([[[2, -1]], [[0, 1]]], axis=0)
    assert ego_scores(["a"], logits)["a"] == pytest.approx(0.2689, abs=1e-4)
    assert object_scores(["a"], np.log([[0.2, 0.7, 0.1]]))["a"] == pytest.approx(0.7)


def test_overlapping_boxes_are_covered_once():
    assert covered([]) == 0
    assert covered([(0, 0, 0.5, 0.5), (0.25, 0.25, 0.75, 0.75)]) == pytest.approx(0.4375)
    assert covered([(0, 0, 1, 1), (0.2, 0.2, 0.3, 0.3)]) == pytest.approx(1)


@given(BOXES, st.randoms(use_true_random=False))
def test_a_cover_is_between_the_largest_box_and_the_sum(boxes, random):
    areas = [(x2 - x1) * (y2 - y1) for x1, y1, x2, y2 in boxes]
    found = covered(boxes)
    assert max(areas, default=0) - 1e-9 <= found <= min(sum(areas), 1) + 1e-9
    assert covered(random.sample(boxes, len(boxes)) + boxes) == pytest.approx(found)


def test_coverage_is_the_mean_over_kept_frames():
    box = {"x1": 0, "y1": 0, "x2": 0.5, "y2": 1}
    boxes = [
        {"video_id": "v", "frame": 0, **box},
        {"video_id": "v", "frame": 1, **box},  # not kept
        {"video_id": "other", "frame": 2, **box},
    ]
    clips = [{"clip_id": "a", "video_id": "v", "frames": [0, 2]}]
    assert interaction_coverage(clips, boxes) == {"a": 0.25}


def images(count, correct, videos):
    return [
        {
            "group_id": f"c{n}",
            "video_id": f"v{n % videos}",
            "correct_top1": bool(correct(n)),
        }
        for n in range(count)
    ]


def test_a_predictor_of_failure_by_hand():
    # Clips of either kind are correct in 3 of 4 and 1 of 4 images; kinds are one deviation apart
    # from the mean, so that the effect is a quarter.
    correct = [1, 1, 1, 0, 1, 0, 0, 0] * 3
    ego = {f"c{n}": float(n % 8 >= 4) for n in range(24)}
    rows = failure_rows("m", images(24, lambda n: correct[n], 12), {"ego_score": ego})
    (row,) = rows
    assert row.keys() == set(FAILURE_PREDICTORS.schema.names)
    assert (row["predictor"], row["adjusted"], row["accuracy"]) == ("ego_score", False, 0.5)
    assert (row["mean"], row["deviation"]) == (0.5, 0.5)
    assert row["effect"] == pytest.approx(-0.25)
    assert (row["n"], row["images"], row["clips"], row["clusters"]) == (24, 24, 24, 12)
    assert row["low"] < -0.25 < row["high"]


def test_images_of_clips_that_lack_a_signal_do_not_count_and_are_counted():
    ego = {f"c{n}": n / 8 for n in range(6)}
    objects = {f"c{n}": n % 2 for n in range(1, 7)}
    rows = failure_rows(
        "m", iter(images(8, lambda n: n < 2, 4)), {"ego_score": ego, "object_score": objects}
    )
    # Of eight, c1 to c5 have both, of which c1 is correct.
    assert {(row["n"], row["images"], row["accuracy"]) for row in rows} == {(5, 8, 0.2)}


def test_predictors_are_adjusted_for_each_other():
    """Only the first matters, but both are much alike."""
    rng = np.random.default_rng(0)
    first = rng.normal(size=400)
    second = first + 0.5 * rng.normal(size=400)
    is_correct = rng.random(400) < 0.5 - 0.2 * np.tanh(first)
    predictors = {
        name: {f"c{n}": value for n, value in enumerate(values)}
        for name, values in (("ego_score", first), ("object_score", second))
    }
    rows = failure_rows("m", images(400, lambda n: is_correct[n], 100), predictors)
    found = {(row["predictor"], row["adjusted"]): row for row in rows}
    assert [*found] == [
        (name, adjusted) for adjusted in (False, True) for name in ("ego_score", "object_score")
    ]
    assert found["object_score", False]["high"] < 0
    assert found["object_score", True]["low"] < 0 < found["object_score", True]["high"]
    assert found["ego_score", True]["high"] < 0


@pytest.mark.parametrize("value", [1.0, 0.1, 1 / 3])
def test_a_predictor_that_never_varies_has_no_effect(value):
    # The deviation of seven times 0.1 is not quite 0.
    rows = failure_rows(
        "m", images(7, lambda n: n % 2, 7), {"ego_score": {f"c{n}": value for n in range(7)}}
    )
    assert (rows[0]["effect"], rows[0]["low"], rows[0]["p_value"]) == (0, None, None)


def test_images_of_other_clips_are_refused():
    with pytest.raises(UserError, match="m: none of its images is of a clip that teachers predict"):
        failure_rows("m", images(3, bool, 3), {"ego_score": {"other": 1.0}})

"""Average precision of several labels: by hand, against scikit-learn, and its jackknife."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.special import expit, logit
from scipy.stats import t
from sklearn.metrics import average_precision_score

from wildframe.scores.multi_label import average_precisions, mean_of, mean_precision

SHAPES = st.tuples(st.integers(1, 12), st.integers(1, 3))


@st.composite
def examples(draw):
    """Draw scores with many ties, labels and videos of some clips."""
    shape = draw(SHAPES)
    scores = draw(arrays(np.float32, shape, elements=st.sampled_from([-1, 0, 0.25, 0.5, 2])))
    positive = draw(arrays(np.bool_, shape))
    video = draw(arrays(np.int64, shape[0], elements=st.integers(0, 3)))
    return scores, positive, np.unique(video, return_inverse=True)[1]


def ap(scores, positive, video=None):
    clips = len(scores)
    column = np.array(scores)[:, None], np.array(positive, bool)[:, None]
    return average_precisions(*column, np.arange(clips) if video is None else np.array(video))[:, 0]


def test_average_precision_by_hand():
    # Positive clips are at ranks 1, 3 and 4: (1 + 2/3 + 3/4) / 3.
    assert ap([0.9, 0.8, 0.7, 0.6, 0.5], [1, 0, 1, 1, 0])[0] == pytest.approx(29 / 36)
    # The second and third clip come at once, of which one is positive: (1 + 2/3) / 2.
    assert ap([0.9, 0.5, 0.5, 0.1], [1, 0, 1, 0])[0] == pytest.approx(5 / 6)


def test_leaving_out_a_video_is_not_having_it():
    # Without the first clip positives are at ranks 2 and 3; without the last, at 1, 3 and 4.
    left_out = ap([0.9, 0.8, 0.7, 0.6, 0.5], [1, 0, 1, 1, 0])[1:]
    assert left_out[0] == pytest.approx((1 / 2 + 2 / 3) / 2)
    assert left_out[4] == pytest.approx(29 / 36)


def test_a_class_counts_as_long_as_it_has_a_positive_clip():
    found = mean_precision(np.array([[1, 0.5], [np.nan, 0.5], [1, np.nan], [0.5, 0.25]]))
    assert (found.value, found.left_out.tolist()) == (0.75, [0.5, 1, 0.375])
    both = mean_of([found, mean_precision(np.array([[0.25], [0], [0.5], [0.125]]))])
    assert (both.value, both.left_out.tolist()) == (0.5, [0.25, 0.75, 0.25])


@given(examples())
def test_it_is_scikit_learn_with_and_without_each_video(example):
    scores, positive, video = example
    found = average_precisions(scores, positive, video)
    for row, members in enumerate([video >= 0, *(video != at for at in range(video.max() + 1))]):
        for column in range(scores.shape[1]):
            if not positive[members, column].any():
                assert np.isnan(found[row, column])
                continue
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of a single clip
                theirs = average_precision_score(positive[members, column], scores[members, column])
            assert found[row, column] == pytest.approx(theirs)


@given(examples(), st.randoms(use_true_random=False))
def test_map_depends_on_ranks_only_and_on_no_order(example, random):
    scores, positive, video = example
    expected = mean_precision(average_precisions(scores, positive, video))
    order = random.sample(range(len(video)), len(video))
    moved = average_precisions(np.exp(scores[order] / 2), positive[order], video[order])
    found = mean_precision(moved)
    assert (found is None) == (expected is None) == (not positive.any())
    if found and expected:
        assert found.value == pytest.approx(expected.value)
        assert found.left_out == pytest.approx(expected.left_out, nan_ok=True)
        # A class without positives changes nothing.
        more = [
            np.hstack([one, np.zeros((len(video), 1), one.dtype)]) for one in (scores, positive)
        ]
        assert mean_precision(average_precisions(*more, video)).value == expected.value


@given(examples())
def test_predictions_that_are_the_labels_have_map_1(example):
    _, positive, video = example
    found = mean_precision(average_precisions(positive.astype(float), positive, video))
    assert found is None or found.value == pytest.approx(1)


def test_the_interval_is_a_jackknife_on_the_logit_scale():
    rng = np.random.default_rng(0)
    positive = rng.random((60, 4)) < 0.3
    video = np.repeat(np.arange(20), 3)
    found = mean_precision(average_precisions(positive + rng.normal(size=(60, 4)), positive, video))
    error = np.sqrt(19 / 20 * ((found.left_out - found.left_out.mean()) ** 2).sum())
    spread = found.value * (1 - found.value)
    ends = logit(found.value) + np.array([-1, 1]) * t.ppf(0.975, 19) * error / spread
    assert found.ends == pytest.approx(expit(ends).tolist())
    one_video = average_precisions(positive.astype(float), positive, np.zeros(60, int))
    assert mean_precision(one_video).ends == (None, None)


def test_the_mean_over_seeds():
    several = [
        mean_precision(average_precisions([[a], [b]], [[1], [0]], np.arange(2)))
        for a, b in ((1, 0), (0, 1))
    ]
    assert [one.value for one in several] == [1, 0.5]
    assert mean_of(several).value == 0.75
    assert mean_of(several).left_out[1] == 1

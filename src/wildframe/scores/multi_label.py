"""Average precision of predictions of several labels, and what it is without each of the videos.

The definition is that of scikit-learn's ``average_precision_score``: the precision at each score,
weighted by the recall gained there; clips of one score are gained together.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from wildframe.core.arrays import Bools, Floats, Integers
from wildframe.core.clusters import half_width, logit_ends, or_none


@dataclass(frozen=True)
class MeanPrecision:
    """Mean average precision over the classes with a positive clip, and its jackknife."""

    value: float
    left_out: Floats
    """The same without each of the videos, shape (videos,); NaN where no positive clip is left."""

    @cached_property
    def pseudo_values(self) -> Floats:
        """What each video adds to the value (Tukey's pseudo-values), shape (videos,)."""
        videos = len(self.left_out)
        values: Floats = videos * self.value - (videos - 1) * self.left_out
        return values

    @property
    def ends(self) -> tuple[float | None, float | None]:
        """Ends of the 95 % interval over videos; None where there is none."""
        half = half_width(self.left_out[:, None], np.ones((len(self.left_out), 1)))
        low, high = logit_ends(np.array([self.value]), half)
        return or_none(low[0]), or_none(high[0])


def average_precisions(scores: npt.ArrayLike, positive: npt.ArrayLike, video: Integers) -> Floats:
    """Return the average precision of each class, shape (1 + videos, classes).

    The first row is that of all clips, the others leave out a video each. NaN where a class has no
    positive clip.

    Args:
        scores: Of each clip and class, shape (clips, classes).
        positive: Whether the clip is of the class, same shape.
        video: Number of each clip's video, from 0, shape (clips,).
    """
    columns = zip(np.asarray(scores).T, np.asarray(positive, np.bool_).T, strict=True)
    videos = int(video.max(initial=-1)) + 1
    found = [_average_precision(*column, video, videos) for column in columns]
    return np.stack(found, axis=1) if found else np.zeros((1 + videos, 0))


def _average_precision(
    scores: npt.NDArray[np.floating], positive: Bools, video: Integers, videos: int
) -> Floats:
    """Return the average precision of one class, shape (1 + videos,)."""
    # Only scores of positive clips are steps of the curve, highest first.
    steps = -np.unique(-scores[positive])
    step = np.searchsorted(-steps, -scores, side="left")
    is_ranked = step < len(steps)

    def remaining(chosen: Bools) -> Floats:
        """Count the clips gained at each step, without no video and without each of them."""
        cell = (video[chosen] * len(steps)) + step[chosen]
        of_video = np.bincount(cell, minlength=videos * len(steps)).reshape(videos, len(steps))
        counts: Floats = of_video.sum(axis=0) - np.vstack([np.zeros((1, len(steps))), of_video])
        return counts

    gained = remaining(is_ranked & positive)
    with np.errstate(divide="ignore", invalid="ignore"):
        precision = gained.cumsum(axis=1) / remaining(is_ranked).cumsum(axis=1)
        gains = np.where(gained > 0, gained * precision, 0)
        found: Floats = gains.sum(axis=1) / gained.sum(axis=1)
    return found


def mean_precision(precisions: Floats) -> MeanPrecision | None:
    """Return mAP from `average_precisions`; None if no class has a positive clip.

    A class is left out of the mean as long as it has no positive clip.
    """
    has_positive = ~np.isnan(precisions)
    counts = has_positive.sum(axis=1)
    if not counts[:1].any():
        return None
    with np.errstate(invalid="ignore"):
        means = np.where(has_positive, precisions, 0).sum(axis=1) / counts
    return MeanPrecision(float(means[0]), means[1:])


def mean_of(several: "list[MeanPrecision]") -> MeanPrecision:
    """Return the mean of mAP over models of several seeds, on the same videos."""
    left_out: Floats = np.mean([one.left_out for one in several], axis=0)
    return MeanPrecision(float(np.mean([one.value for one in several])), left_out)

"""Effective robustness: the robustness of a model beyond that expected from its accuracy.

Among models of standard training, accuracy after a shift follows from accuracy before it: on logit
axes they lie on a line. The distance above it, in percentage points, is the effective robustness.

Source: Taori et al., *Measuring Robustness to Natural Distribution Shifts in Image Classification*,
2020, section 3.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wildframe.core.arrays import Floats, Integers

RESAMPLES = 1000
"""Draws of models for the band, as the authors'."""

_FEWEST = 3
"""Models that a line can be fitted to: any two points lie on one."""

_ENDS = (2.5, 97.5)
"""Percentiles of an interval of 95 %."""


@dataclass(frozen=True, slots=True)
class Line:
    """The line ``y = slope * x + intercept``, on whichever axes."""

    slope: float
    intercept: float
    r: float
    """Correlation of the points."""
    n: int
    """Points that it is fitted to."""
    resampled: Floats
    """Slope and intercept of each bootstrap draw of the points, shape (draws, 2)."""

    def at(self, x: npt.ArrayLike) -> Floats:
        """Return its height at ``x``."""
        return np.asarray(self.slope * np.asarray(x, np.float64) + self.intercept)

    def band(self, x: npt.ArrayLike) -> tuple[Floats, Floats]:
        """Return the ends of the 95 % percentile band of `at`, same shape as ``x``."""
        places = np.asarray(x, np.float64)
        heights = np.multiply.outer(self.resampled[:, 0], places)
        heights += self.resampled[:, 1].reshape(-1, *[1] * places.ndim)
        low, high = np.percentile(heights, _ENDS, axis=0)
        return low, high


def fit(x: Floats, y: Floats, *, resamples: int = RESAMPLES, seed: int = 0) -> Line | None:
    """Fit a line to points by least squares; None if fewer than three of them differ in ``x``.

    Args:
        x: A point a model, shape (models,).
        y: The same.
        resamples: Draws of models for the band.
        seed: Seed of the draws.
    """
    if len(np.unique(x)) < _FEWEST:
        return None
    rng = np.random.default_rng(seed)
    lines = np.empty((0, 2))
    while len(lines) < resamples:
        drawn = rng.integers(0, len(x), (resamples - len(lines), len(x)))
        drawn = drawn[np.ptp(x[drawn], axis=1) > 0]  # one model, drawn repeatedly, has no line
        lines = np.concatenate([lines, _least_squares(x[drawn], y[drawn])])
    r = float(np.corrcoef(x, y)[0, 1]) if np.ptp(y) > 0 else 0.0
    slope, intercept = _least_squares(x, y)
    return Line(float(slope), float(intercept), r, len(x), lines)


def effective(line: Line, before: float, after: float) -> float | None:
    """Return the effective robustness of accuracies from 0 to 1, in percentage points.

    None for an accuracy of 0 or 1, which has no logit: clipping by half an image, as in fits,
    would dominate the result of few images.

    Args:
        line: Of logits.
        before: Accuracy before the shift.
        after: Accuracy after it.
    """
    if {before, after} & {0, 1}:
        return None
    return float(100 * (after - inverse_logit(line.at(logit(np.float64(before))))))


def effective_interval(
    line: Line, before: Floats, after: Floats, n: tuple[int, int]
) -> tuple[float, float]:
    """Return the ends of the 95 % percentile interval of `effective`.

    Args:
        line: Of logits; each draw of a model's accuracies meets another of its draws, so that the
            interval has the uncertainty of both.
        before: Draws of the model's accuracy before the shift, as many as the line has.
        after: Those of its accuracy after it, on the same draws of images where these are the same.
        n: Images before and after, by half of which draws of 0 and 1 are clipped.
    """
    places = logit(clipped(before, n[0]))
    expected = inverse_logit(line.resampled[:, 0] * places + line.resampled[:, 1])
    low, high = np.percentile(100 * (clipped(after, n[1]) - expected), _ENDS)
    return float(low), float(high)


def draw_accuracies(correct: Integers, sizes: Integers, resamples: int, seed: int) -> Floats:
    """Return bootstrap draws of accuracies on the same sets, whole videos at a time.

    Args:
        correct: Correct sets of each video, shape (videos, accuracies).
        sizes: Sets of each video, shape (videos,).
        resamples: Number of draws.
        seed: Seed of the draws.

    Returns:
        Shape (resamples, accuracies).
    """
    videos = len(sizes)
    times = np.random.default_rng(seed).multinomial(videos, [1 / videos] * videos, resamples)
    return np.asarray((times @ correct) / (times @ sizes)[:, None])


def clipped(accuracies: Floats, n: int) -> Floats:
    """Return accuracies at least half an image away from 0 and 1, which have no logit."""
    return np.clip(accuracies, 0.5 / n, 1 - 0.5 / n)


def logit(p: npt.ArrayLike) -> Floats:
    """Return the logits of shares between 0 and 1."""
    share = np.asarray(p, np.float64)
    return np.asarray(np.log(share / (1 - share)))


def inverse_logit(x: npt.ArrayLike) -> Floats:
    """Return the shares of logits."""
    return np.asarray(1 / (1 + np.exp(-np.asarray(x, np.float64))))


def _least_squares(x: Floats, y: Floats) -> Floats:
    """Return slopes and intercepts, shape (..., 2), of the least-squares lines of (..., points)."""
    centre, height = x.mean(axis=-1), y.mean(axis=-1)
    centred = x - centre[..., None]
    slope = np.vecdot(centred, y - height[..., None]) / np.vecdot(centred, centred)
    return np.stack([slope, height - slope * centre], axis=-1)

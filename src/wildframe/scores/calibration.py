"""Whether a model is as often correct as it is confident."""

from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Any

import numpy as np

from wildframe.core.arrays import Bools, Floats
from wildframe.core.clusters import Counts
from wildframe.core.errors import UserError
from wildframe.core.tables import Row
from wildframe.scores import unit_of
from wildframe.scores.accuracy import cluster_columns
from wildframe.scores.image_results import top_probabilities

COLUMNS = ("top", "correct_top1", "group_id", "video_id")
"""Columns of ``image_results`` that calibration is of."""

BINS = 10

RMS_BIN = 100
"""Images in a bin of the RMS calibration error."""


def calibration(model: str, results: Sequence[Mapping[str, Any]]) -> list[Row]:
    """Return the rows of the ``calibration`` table from those of ``image_results``.

    There is none of a model without probabilities, nor of a bin without images.
    """
    if not (probabilities := top_probabilities(results)):
        return []
    confidence = np.array(probabilities)
    correct = np.array([row["correct_top1"] for row in results], bool)
    # A bin includes its upper edge.
    places = np.searchsorted(np.arange(1, BINS) / BINS, confidence, side="left")
    filled = np.unique(places)
    inside = places[:, np.newaxis] == filled
    _, unit = np.unique([unit_of(row) for row in results], return_inverse=True)
    counts = Counts.of(unit, inside & correct[:, np.newaxis], inside)
    return [
        {
            "model": model,
            "low": place / BINS,
            "high": (place + 1) / BINS,
            "n": len(images),
            "successes": int(correct[images].sum()),
            "mean_probability": fmean(confidence[images].tolist()),
            **over_clusters,
        }
        for place, over_clusters in zip(filled.tolist(), cluster_columns(counts), strict=True)
        for images in [np.flatnonzero(places == place)]
    ]


def expected_calibration_error(bins: Sequence[Mapping[str, Any]]) -> float:
    """Return the mean distance of accuracy from probability over images, in [0, 1].

    Source: Guo et al., *On Calibration of Modern Neural Networks*, 2017, equation 3.

    Args:
        bins: Rows of the ``calibration`` table of one model, at least one.
    """
    gaps = (abs(row["successes"] - row["n"] * row["mean_probability"]) for row in bins)
    return float(sum(gaps) / sum(row["n"] for row in bins))


def calibration_noise_floor(bins: Sequence[Mapping[str, Any]]) -> float:
    """Return the calibration error to be expected of so many images under perfect calibration.

    That is the mean absolute deviation of a binomial at each bin's mean probability: an error of
    this size may be chance.

    Args:
        bins: Rows of the ``calibration`` table of one model, at least one.
    """
    from scipy.special import bdtr

    def deviation(n: int, p: float) -> float:
        """Return E|X - np| of X ~ Binomial(n, p), in de Moivre's closed form.

        It is 2np (P(X <= k) - P(Y < k)), of k the whole part of np and Y ~ Binomial(n - 1, p).
        """
        below = int(n * p)
        return float(2 * n * p * (bdtr(below, n, p) - (bdtr(below - 1, n - 1, p) if below else 0)))

    deviations = (deviation(row["n"], min(row["mean_probability"], 1.0)) for row in bins)
    return float(sum(deviations) / sum(row["n"] for row in bins))


def calibration_errors(
    model: str, results: Sequence[Mapping[str, Any]], legacy: bool = False
) -> list[Row]:
    """Return the row of the ``calibration_errors`` table from those of ``image_results``.

    There is none of a model without probabilities. Errors as in `rms_calibration_error`.
    """
    probabilities = top_probabilities(results)
    if not probabilities:
        return []
    confidence = np.array(probabilities)
    correct = np.array([row["correct_top1"] for row in results])
    try:
        rms = rms_calibration_error(confidence, correct, legacy)
    except UserError as error:
        raise UserError(f"{model}: {error}") from error
    return [
        {
            "model": model,
            "n": len(correct),
            "ece": expected_calibration_error(calibration(model, results)),
            "rms": rms,
            "aurra": aurra(confidence, correct),
        }
    ]


def rms_calibration_error(confidence: Floats, correct: Bools, legacy: bool = False) -> float:
    """Return the root mean square distance of accuracy from confidence over images, in [0, 1].

    Images are sorted by confidence into bins of 100; the last takes what is left over.

    Source: Hendrycks et al., *Natural Adversarial Examples*, 2021.

    Args:
        confidence: Probability of each prediction, shape (images,).
        correct: Whether it is correct, shape (images,).
        legacy: Leave out the last bin, as the published code does: the most confident images, all
            of them below 200 images, where the result is 0.

    Raises:
        UserError: There are fewer than 100 images, and the published code would fail.
    """
    count = max(1, len(confidence) // RMS_BIN)
    if legacy and len(confidence) < RMS_BIN:
        raise UserError(
            f"the published code fails below {RMS_BIN} images, and there are {len(confidence)}; "
            "leave --legacy out"
        )
    order = np.argsort(confidence, kind="stable")
    bins = np.split(order, RMS_BIN * np.arange(1, count))
    squared = [
        len(one) * (confidence[one].mean() - correct[one].mean()) ** 2
        for one in (bins[:-1] if legacy else bins)
    ]
    return float(np.sqrt(sum(squared) / len(order)))


def aurra(confidence: Floats, correct: Bools) -> float:
    """Return the area under the response rate accuracy curve, in [0, 1].

    That is the accuracy on the k most confident images, averaged over k from 1 to all.

    Source: Hendrycks et al., *Natural Adversarial Examples*, 2021.

    Args:
        confidence: Probability of each prediction, shape (images,); of equal ones the first counts
            as more confident.
        correct: Whether it is correct, shape (images,).
    """
    ranked = correct[np.argsort(-confidence, kind="stable")]
    return float(np.mean(np.cumsum(ranked) / np.arange(1, len(ranked) + 1)))

"""Whether a model is as often correct as it is confident."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Any

from wildframe.core.tables import Row
from wildframe.scores.image_results import top_probabilities

BINS = 10


def calibration(model: str, results: Sequence[Mapping[str, Any]]) -> list[Row]:
    """Return the rows of the ``calibration`` table from those of ``image_results``.

    There is none of a model without probabilities.
    """
    inner = [edge / BINS for edge in range(1, BINS)]
    bins: dict[int, list[tuple[float, bool]]] = {}
    for probability, row in zip(top_probabilities(results) or [], results, strict=False):
        # A bin includes its upper edge.
        bin_ = bins.setdefault(bisect_left(inner, probability), [])
        bin_.append((probability, row["correct_top1"]))
    return [
        {
            "model": model,
            "low": position / BINS,
            "high": (position + 1) / BINS,
            "n": len(images),
            "successes": sum(correct for _, correct in images),
            "mean_probability": fmean(probability for probability, _ in images),
        }
        for position, images in sorted(bins.items())
    ]


def expected_calibration_error(bins: Sequence[Mapping[str, Any]]) -> float:
    """Return the mean distance of accuracy from probability over images, in [0, 1].

    Source: Guo et al., *On Calibration of Modern Neural Networks*, 2017, equation 3.

    Args:
        bins: Rows of the ``calibration`` table of one model, at least one.
    """
    gaps = (abs(row["successes"] - row["n"] * row["mean_probability"]) for row in bins)
    return float(sum(gaps) / sum(row["n"] for row in bins))

"""Which class was confused with which."""

from collections.abc import Iterable, Mapping
from statistics import fmean
from typing import Any

from wildframe.core.tables import Row
from wildframe.core.targets import NONE


def confusions(model: str, results: Iterable[Mapping[str, Any]]) -> list[Row]:
    """Return the rows of the ``confusions`` table from ``image_results``, most frequent first.

    An image of several labels counts under its first, and only if the prediction is none of them.
    Images without a label or a prediction confuse nothing.
    """
    probabilities: dict[tuple[str, str], list[Any]] = {}
    for row in results:
        if row["labels"] and row["top"] and not row["correct_top1"]:
            top = row["top"][0]
            pair = (row["labels"][0], top["wnid"] or NONE)
            probabilities.setdefault(pair, []).append(top["probability"])
    return [
        {
            "model": model,
            "label": label,
            "predicted": predicted,
            "images": len(values),
            "mean_probability": None if None in values else fmean(values),
        }
        for (label, predicted), values in sorted(
            probabilities.items(), key=lambda item: (-len(item[1]), item[0])
        )
    ]

"""Which class was taken for which."""

from collections.abc import Iterable, Mapping
from statistics import fmean
from typing import Any

from wildframe.core.tables import Row


def confusions(model: str, results: Iterable[Mapping[str, Any]]) -> list[Row]:
    """Return the rows of the ``confusions`` table of one model, most frequent first.

    Args:
        model: Name of the model.
        results: Rows of its ``image_results`` table. A image of several labels counts under its
            first, and only if the prediction is none of them.
    """
    probabilities: dict[tuple[str, str], list[float]] = {}
    for row in results:
        if not row["correct_top1"]:
            first = row["top"][0]
            pair = (row["labels"][0], first["wnid"])
            probabilities.setdefault(pair, []).append(first["probability"])
    return [
        {
            "model": model,
            "label": label,
            "predicted": predicted,
            "images": len(found),
            "mean_probability": fmean(found),
        }
        for (label, predicted), found in sorted(
            probabilities.items(), key=lambda item: (-len(item[1]), item[0])
        )
    ]

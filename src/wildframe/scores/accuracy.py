"""Top-k accuracy where any of a picture's labels is right."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from wildframe.core.errors import UserError
from wildframe.core.statistics import CLOPPER_PEARSON_95, clopper_pearson
from wildframe.core.tables import Row

KS = (1, 5)


def any_of(top: Sequence[Mapping[str, Any]], right: Collection[int], k: int) -> bool:
    """Tell whether any right class is among the first ``k`` predictions.

    Source: *Egocentric Data as Natural Adversarial Examples*, D: "any of" classification.
    """
    return any(guess["class_index"] in right for guess in top[:k])


def right_indices(labels: Iterable[str], index_of: Mapping[str, int]) -> set[int]:
    """Return the class indices of labels in one model's class space.

    Args:
        labels: wnids, any of which is right.
        index_of: wnid to index of the model's own class list.
    """
    return {index_of[wnid] for wnid in labels if wnid in index_of}


def score_model(
    path: Path,
    predictions: Iterable[Mapping[str, Any]],
    labels: Mapping[str, Sequence[str]],
    unreadable: Collection[str],
    index_of: Mapping[str, int],
) -> list[Row]:
    """Score one model.

    Args:
        path: Predictions file, for messages.
        predictions: Its rows.
        labels: Labels of each picture of the manifest.
        unreadable: Pictures whose frame could not be read; they are not examined.
        index_of: wnid to index of the model's class list.

    Returns:
        Rows of the ``scores`` table without the columns that name what was scored.

    Raises:
        UserError: A picture has no prediction, or a prediction no picture.
    """
    tops: dict[str, Any] = {}
    for row in predictions:
        if tops.setdefault(row["image_id"], row["top"]) is not row["top"]:
            raise UserError(
                f"{path}: picture {row['image_id']} has several predictions; accuracy is of views "
                "that show each picture once"
            )
    expected = labels.keys() - set(unreadable)
    for wrong, problem in (
        (expected - tops.keys(), "has no prediction"),
        (tops.keys() - expected, "is not a readable picture of the manifest"),
    ):
        if wrong:
            raise UserError(
                f"{path}: picture {min(wrong)} {problem} ({len(wrong)} such); delete it and rerun"
            )
    if not tops:
        raise UserError(f"{path}: no picture could be examined; `wildframe doctor` looks for data")
    right = {image: right_indices(labels[image], index_of) for image in tops}
    rows = []
    for k in KS:
        successes = sum(any_of(top, right[image], k) for image, top in tops.items())
        proportion = clopper_pearson(successes, len(tops))
        rows.append(
            {
                "metric": "accuracy",
                "k": k,
                "value": proportion.value,
                "successes": proportion.successes,
                "n": proportion.n,
                "low": proportion.low,
                "high": proportion.high,
                "interval": CLOPPER_PEARSON_95,
            }
        )
    return rows

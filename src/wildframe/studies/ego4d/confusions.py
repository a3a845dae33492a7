"""The most frequent confusions of classes, over models."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any

from wildframe.core.schemas import CONFUSIONS
from wildframe.core.tables import Row
from wildframe.exhibits.comparisons import untested
from wildframe.exhibits.inputs import ClassNames, rows_of
from wildframe.exhibits.registry import File, exhibit
from wildframe.exhibits.table import Column, Table
from wildframe.studies.ego4d.inputs import DataNote, Models, viewed

PAIRS = 20
"""Rows of the table."""

_MODELS = 4
"""Models that are named for a pair in the printed table; the CSV has all."""


@exhibit(
    "Supplement: confusions",
    "most frequent confusions",
    "The most frequent incorrect predictions: which class was predicted for which label, and by "
    "which models (not in the paper).",
    compares=[
        untested("models", "counts are summed over models"),
        untested("pairs of classes", "they are ranked for their counts"),
    ],
)
def confusions(
    counted: Annotated[
        Iterable[Row], File("scores_confusions", rows_of(CONFUSIONS), viewed("in1k"))
    ],
    models: Models,
    class_names: ClassNames,
    data_note: DataNote,
) -> Table:
    """Return the most frequent incorrect top-1 predictions, counted over models."""
    pairs: dict[tuple[str, str], list[Row]] = {}
    for row in counted:
        if row["model"] in models:
            pairs.setdefault((row["label"], row["predicted"]), []).append(row)
    rows = [
        {
            "label_name": class_names[label],
            "label": label,
            "predicted_name": class_names[predicted],
            "predicted": predicted,
            **_over_models(found, models),
        }
        for (label, predicted), found in pairs.items()
    ]
    rows.sort(key=lambda row: (-row["times"], row["label"], row["predicted"]))
    columns = [
        Column("label_name", "Label", align="l"),
        Column("label", ""),
        Column("predicted_name", "Predicted", align="l"),
        Column("predicted", ""),
        Column("times", "Times, all models"),
        Column("mean_probability", "Mean probability", absent="N/A"),
        Column("by_model", "Images by model", _first_models, align="l"),
    ]
    notes = [
        f"Data: {data_note}",
        "Times, all models: images of the label for which the other class was predicted, summed "
        f"over {len(models)} models: {', '.join(models)}. An image of several labels counts under "
        "its first, and only if no label was predicted.",
    ]
    first = rows[:PAIRS]
    title = f"Confusions: the {len(first)} most frequent incorrect predictions"
    return Table(title, columns, first, notes)


def _over_models(found: Sequence[Mapping[str, Any]], models: Sequence[str]) -> Row:
    """Aggregate the models' rows of one pair of classes."""
    times = sum(row["images"] for row in found)
    known = [row for row in found if row["mean_probability"] is not None]
    weighted = sum(row["images"] * row["mean_probability"] for row in known)
    images = sum(row["images"] for row in known)
    by_count = sorted(found, key=lambda row: (-row["images"], models.index(row["model"])))
    return {
        "times": times,
        "mean_probability": f"{weighted / images:.2f}" if known else None,
        "by_model": ", ".join(f"{row['model']} {row['images']}" for row in by_count),
    }


def _first_models(row: Mapping[str, Any]) -> str:
    found = row["by_model"].split(", ")
    more = f" and {len(found) - _MODELS} more" if len(found) > _MODELS else ""
    return ", ".join(found[:_MODELS]) + more

"""Whole pictures against pictures cut to the annotated object."""

from collections.abc import Sequence
from typing import Any

from wildframe.exhibits.ego4d.accuracy_table import INTERVALS, KS, MODEL, accuracies, top_columns
from wildframe.exhibits.score_table import ScoreTable
from wildframe.exhibits.table import Column, Table


def box_view(full: ScoreTable, box: ScoreTable, models: Sequence[str], about: str) -> Table:
    """Return one row a model with its accuracy under both views, and the difference.

    Args:
        full: Scores of whole pictures.
        box: Scores of the same objects cut out.
        models: In the order of the rows.
        about: What the data is.

    Raises:
        UserError: A model was not scored.
    """
    rows = [_row(full, box, model) for model in models]
    columns = [MODEL]
    for k in KS:
        columns += [
            *top_columns(k, " whole", "full_"),
            *top_columns(k, " cut", "box_"),
            Column(f"difference_top{k}", f"Top-{k}, cut - whole (points)"),
        ]
    columns.append(Column("n", "Objects"))
    notes = [
        f"Data: {about}",
        "A row of the dataset is one annotated object, not one picture: a picture with objects of "
        "several classes stays, once for each, and a whole picture is right for an object only if "
        "that object is named. Cut: the picture within the object's box and a margin.",
        INTERVALS,
    ]
    title = "Box view: accuracy on whole pictures and on the objects cut out of them"
    return Table(title, columns, rows, notes)


def _row(full: ScoreTable, box: ScoreTable, model: str) -> dict[str, Any]:
    row = {"model": model}
    row |= accuracies(full, model, prefix="full_") | accuracies(box, model, prefix="box_")
    for k in KS:
        gain = box.require(model, k)["value"] - full.require(model, k)["value"]
        row[f"difference_top{k}"] = f"{100 * gain:+.2f}"
    return row

"""Whole images against images cropped to the annotated object."""

from typing import Annotated

from wildframe.core.tables import Row
from wildframe.exhibits.registry import Context, Setting, exhibit
from wildframe.exhibits.score_table import ScoreTable
from wildframe.exhibits.table import Column, Table
from wildframe.studies.ego4d.accuracy_table import INTERVALS, KS, MODEL, accuracies, top_columns
from wildframe.studies.ego4d.inputs import SecondaryModels, scores


def _data_note(run: Context) -> str:
    margin = run.config.views["box"].margin
    note = run.config.describe(run.study.objects)
    return f"{note}; margin of the box view: {margin:g} of the box's longer side"


@exhibit(
    "Supplement: box view",
    "whole images against objects",
    "Accuracy on whole images against images cropped to the annotated object (not in the paper).",
    when=lambda run: run.study.objects,
)
def box_view(
    full: Annotated[ScoreTable, scores("objects", "full")],
    box: Annotated[ScoreTable, scores("objects", "box")],
    models: SecondaryModels,
    data_note: Annotated[str, Setting(_data_note)],
) -> Table:
    """Return one row a model with its accuracy under both views, and the difference."""
    rows = [_row(full, box, model) for model in models]
    columns = [MODEL]
    for k in KS:
        columns += [
            *top_columns(k, " whole", "full_"),
            *top_columns(k, " cropped", "box_"),
            Column(f"difference_top{k}", f"Top-{k}, cropped - whole (points)", absent="N/A"),
        ]
    columns.append(Column("n", "Objects"))
    notes = [
        f"Data: {data_note}",
        "Evaluated is each annotated object, not each image: an image with objects of several "
        "classes counts once for each, and a prediction on the whole image is correct only if it "
        "names that object. Cropped: the image within the object's box and a margin.",
        INTERVALS,
    ]
    title = "Box view: accuracy on whole images and on the objects cropped from them"
    return Table(title, columns, rows, notes)


def _row(full: ScoreTable, box: ScoreTable, model: str) -> Row:
    row: Row = {"model": model}
    # External predictions may be of whole images only.
    cropped = model if box.find(model) else None
    row |= accuracies(box, cropped, prefix="box_") | accuracies(full, model, prefix="full_")
    for k in KS:
        gain = cropped and box.require(model, k)["value"] - full.require(model, k)["value"]
        row[f"difference_top{k}"] = gain if gain is None else f"{100 * gain:+.2f}"
    return row

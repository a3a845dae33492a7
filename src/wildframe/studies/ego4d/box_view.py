"""Whole images against images cropped to the annotated object."""

from typing import Annotated

from wildframe.core.tables import Row
from wildframe.exhibits.comparisons import lettered, paired
from wildframe.exhibits.pairs import LETTERS, Case, PairTable
from wildframe.exhibits.registry import Context, File, Setting, exhibit
from wildframe.exhibits.score_table import ScoreTable
from wildframe.exhibits.shares import INTERVALS
from wildframe.exhibits.table import Column, Table
from wildframe.studies.ego4d.accuracy_table import (
    KS,
    MODEL,
    accuracies,
    compared,
    group_column,
    short_lists,
    top_columns,
    with_differences,
)
from wildframe.studies.ego4d.inputs import SecondaryModels, scores


def _data_note(run: Context) -> str:
    margin = run.config.views["box"].margin
    note = run.config.describe(run.study.objects)
    return f"{note}; margin of the box view: {margin:g} of the box's longer side"


def _views(run: Context) -> dict[str, str]:
    return {"study": "ego4d", "dataset": run.study.objects, "views": "full+box"}


@exhibit(
    "Supplement: box view",
    "whole images against objects",
    "Accuracy on whole images against images cropped to the annotated object (not in the paper).",
    when=lambda run: run.study.objects,
    compares=[
        paired("cropped objects against whole images"),
        lettered("each two models, in each view"),
    ],
)
def box_view(
    full: Annotated[ScoreTable, scores("objects", "full")],
    box: Annotated[ScoreTable, scores("objects", "box")],
    pairs: Annotated[PairTable, File("scores_view_pairs", PairTable.read, _views)],
    models: SecondaryModels,
    data_note: Annotated[str, Setting(_data_note)],
) -> Table:
    """Return one row a model with its accuracy under both views, and the difference."""
    letters = {
        f"{view}_top{k}": pairs.letters(
            [Case(model, f"view={view}") for model in models if table.find(model, k)], k
        )
        for view, table in (("full", full), ("box", box))
        for k in KS
    }
    rows = [
        _row(full, box, model)
        | {
            f"{key}_group": found.get(Case(model, f"view={key.partition('_')[0]}"))
            for key, found in letters.items()
        }
        for model in models
    ]
    columns = [MODEL]
    for k in KS:
        for view, title in (("full", "whole"), ("box", "cropped")):
            columns += top_columns(k, f" {title}", f"{view}_")
            columns.append(group_column(f"{view}_top{k}", f"top-{k} {title}"))
    columns.append(Column("n", "Objects"))
    notes = [
        f"Data: {data_note}",
        "Each annotated object is evaluated, not each image: an image with objects of several "
        "classes counts once for each, and a prediction on the whole image is correct only if it "
        "names that object. Cropped: the image within the object's box and a margin.",
        INTERVALS,
        LETTERS,
        *dict.fromkeys([*short_lists(full, models), *short_lists(box, models)]),
    ]
    title = "Box view: accuracy on whole images and on the objects cropped from them"
    sides = [
        (Case(model, "view=box"), Case(model, "view=full")) if box.find(model) else None
        for model in models
    ]
    table = Table(title, columns, rows, notes)
    return with_differences(table, compared(pairs, sides), "cropped - whole")


def _row(full: ScoreTable, box: ScoreTable, model: str) -> Row:
    row: Row = {"model": model}
    # External predictions may be of whole images only.
    cropped = model if box.find(model) else None
    return row | accuracies(box, cropped, prefix="box_") | accuracies(full, model, prefix="full_")

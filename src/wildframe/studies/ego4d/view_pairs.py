"""The views of a run against each other: the same models on the same images, shown otherwise."""

from collections.abc import Sequence
from typing import Annotated

from wildframe.core.tables import Row
from wildframe.exhibits.comparisons import paired
from wildframe.exhibits.inputs import models
from wildframe.exhibits.pairs import Case, PairTable
from wildframe.exhibits.registry import Context, File, Setting, exhibit
from wildframe.exhibits.table import Column, Table
from wildframe.studies.ego4d.accuracy_table import (
    KS,
    MODEL,
    SHORT_LISTS,
    percent,
    with_differences,
)
from wildframe.studies.ego4d.inputs import WholeImagesNote, evaluated


def _views(run: Context) -> list[str]:
    return [view for view in run.study.views if run.config.can_show(view, run.study.in1k)]


def _pairs(run: Context) -> dict[str, str]:
    return {"study": "ego4d", "dataset": run.study.in1k, "views": "+".join(_views(run))}


@exhibit(
    "Supplement: view pairs",
    "views against the first view",
    "Accuracy in each further view against that in the first, of every model (not in the paper).",
    when=lambda run: len(_views(run)) > 1,
    compares=[paired("each further view against the first")],
)
def view_pairs(
    pairs: Annotated[PairTable, File("scores_view_pairs", PairTable.read, _pairs)],
    models: Annotated[Sequence[str], models(evaluated)],
    views: Annotated[Sequence[str], Setting(_views, list[str])],
    data_note: WholeImagesNote,
) -> Table:
    """Return one row a model and further view, of the models that have results in both."""
    first, *further = views
    rows: list[Row] = []
    by_k: dict[int, list[Row | None]] = {k: [] for k in KS}
    for model in models:
        for view in further:
            sides = Case(model, f"view={view}"), Case(model, f"view={first}")
            if (one := pairs.find(*sides)) is None:
                continue
            row: Row = {"model": model, "view": view, "n": one["n_a"]}
            for k in KS:
                found = pairs.known(*sides, k)
                row |= {
                    f"first_top{k}": found and percent(found["value_b"], found["n_b"]),
                    f"top{k}": found and percent(found["value_a"], found["n_a"]),
                }
                by_k[k].append(found)
            rows.append(row)
    columns = [MODEL, Column("view", "View", align="l")]
    for k in KS:
        columns += [
            Column(f"first_top{k}", f"Top-{k} %, view {first}", absent="N/A"),
            Column(f"top{k}", f"Top-{k} %", absent="N/A"),
        ]
    columns.append(Column("n", "Images"))
    short = [SHORT_LISTS] if None in by_k[max(KS)] else []
    table = Table("Views of the same images", columns, rows, [f"Data: {data_note}", *short])
    return with_differences(table, by_k, f"minus {first}")

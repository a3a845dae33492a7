"""Table 1: accuracy of one crop, and of the best of many, of every dataset."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Annotated, Any

from wildframe.core.tables import Row
from wildframe.exhibits.comparisons import paired, untested
from wildframe.exhibits.inputs import each
from wildframe.exhibits.pairs import PAIRED, against_reference, corrected
from wildframe.exhibits.paper import beside, paper_numbers
from wildframe.exhibits.registry import Context, File, Setting, exhibit
from wildframe.exhibits.shares import ENDS
from wildframe.exhibits.table import Column, Table
from wildframe.studies.imagenet_hard.cells import (
    accuracy_cells,
    accuracy_columns,
    gain_notes,
    interval_note,
)
from wildframe.studies.imagenet_hard.inputs import (
    CROSS_VALIDATED,
    NOT_THE_PAPERS,
    ORACLE,
    PRINTED,
    ZoomTable,
    compared,
    has_zoom,
    notes_of,
    of_zoom,
)

RANDOM = "Random"

OF_EMPTY: Mapping[str, str] = {
    "in": "own labels where ReaL has none",
    "drop": "only images with ReaL labels",
}
"""How a column's header says what became of images without labels of ImageNet-ReaL."""


def _files(run: Context) -> list[dict[str, Any]]:
    return [of_zoom(run) | {"dataset": name} for name in run.study.zoomed.values()]


def _files_with_real(run: Context) -> list[dict[str, Any]]:
    return [of_zoom(run) | one.model_dump() for one in run.study.with_real.values()]


def _columns(run: Context) -> dict[str, list[str]]:
    datasets = {name: [dataset] for name, dataset in run.study.zoomed.items()}
    return datasets | {name: [one.dataset, one.real] for name, one in run.study.with_real.items()}


def _compare(run: Context) -> dict[str, bool]:
    is_papers = partial(run.study.is_papers, run.config, view=run.study.zoom)
    # The paper keeps images without ReaL labels.
    others = {name for name, one in run.study.with_real.items() if one.real_empty != "in"}
    return {
        name: name not in others and all(map(is_papers, several))
        for name, several in _columns(run).items()
    }


def _titles(run: Context) -> dict[str, str]:
    united = {
        name: f"{name} ({OF_EMPTY[one.real_empty]})" for name, one in run.study.with_real.items()
    }
    return {name: name for name in run.study.zoomed} | united


def _notes(run: Context) -> list[str]:
    told = partial(run.config.describe, view=run.study.zoom)
    of_one = [f"{name}: {told(dataset)}" for name, dataset in run.study.zoomed.items()]
    united = [
        f"{name}: {told(one.dataset)}; correct, too, are labels of {told(one.real)}; "
        f"{OF_EMPTY[one.real_empty]}"
        for name, one in run.study.with_real.items()
    ]
    return of_one + united


@exhibit(
    "Table 1",
    "one crop and optimal zoom",
    "Accuracy of the middle crop at size 256, of a cross-validated crop, and upper bounds of an "
    "oracle that chooses among the crops, of every dataset (paper: Table 1).",
    printed="table1",
    when=has_zoom,
    compares=[
        paired("the cross-validated crop against the one crop"),
        untested("the oracle against the others", "it chooses crops knowing the labels"),
        untested("models on crops", "model_pairs compares them on the benchmark"),
    ],
)
def table1_optimal_zoom(
    scores: Annotated[
        Sequence[ZoomTable], File("scores_zoom.scores", each(ZoomTable.read), _files, many=True)
    ],
    with_real: Annotated[
        Sequence[ZoomTable],
        File("scores_zoom_real.scores", each(ZoomTable.read), _files_with_real, many=True),
    ],
    compare: Annotated[Mapping[str, bool], compared(_compare, _columns)],
    titles: Annotated[Mapping[str, str], Setting(_titles, dict[str, str])],
    data_notes: Annotated[Sequence[str], notes_of(_notes, _columns)],
) -> Table:
    """Return blocks of one crop, of a cross-validated crop and of an oracle, a row a model."""
    by_column = dict(zip(compare, [*scores, *with_real], strict=True))
    rows = block_rows(by_column, compare)
    columns = [Column("block", "Crops", align="l"), Column("model", "Model", align="l")]
    for column, shown in compare.items():
        columns += [
            *accuracy_columns(column, rows, shown, titles[column]),
            Column(f"{column}_random", ""),
        ]
    notes = [
        *data_notes,
        ORACLE + " Random: what guessing once per crop, among as many classes, reaches at most on "
        "images of one label.",
        CROSS_VALIDATED,
        f"Gain: the cross-validated crop minus the one crop, in points. {PAIRED}",
        *gain_notes(rows, compare),
        interval_note(rows, compare),
        *([] if any(compare.values()) else [NOT_THE_PAPERS]),
    ]
    return Table("Table 1: one crop and optimal zoom", columns, rows, notes)


def block_rows(tables: Mapping[str, ZoomTable], compare: Mapping[str, bool]) -> list[Row]:
    """Return the rows: models in blocks, those of an oracle under the bound of guessing.

    Args:
        tables: Zoom scores by column.
        compare: Whether the paper's numbers are shown, by column.
    """
    models = list(dict.fromkeys(name for table in tables.values() for name in table.models))
    blocks: list[tuple[str, list[dict[str, Row | None]]]] = []
    for title, metric, place in (
        ("1, middle at size 256", "one_crop", 0),
        ("1, cross-validated", "cross_validated", 0),
        ("oracle, {} crops", "oracle", 0),
        ("oracle, {} crops", "oracle", 1),
    ):
        cells = [
            {column: _at(table.find(model, metric), place) for column, table in tables.items()}
            for model in models
        ]
        known = [one for row in cells for one in row.values() if one]
        if known:
            blocks.append((title.format(known[0]["crops"]), cells))
    lines: list[tuple[str, str, dict[str, Row | None]]] = []
    for title, cells in blocks:
        if title.startswith("oracle"):
            lines.append((title, RANDOM, _guessing(cells)))
        lines += [(title, model, row) for model, row in zip(models, cells, strict=True)]
    found = {
        (at, column): gain
        for at, (_, _, row) in enumerate(lines)
        for column, score in row.items()
        if score and (gain := against_reference(score, score["metric"], "one_crop"))
    }
    gains = dict(zip(found, corrected([*found.values()]), strict=True))
    printed = paper_numbers("imagenet_hard", "table1")
    return [
        _row(*line, {column: gains.get((at, column)) for column in compare}, compare, printed)
        for at, line in enumerate(lines)
    ]


def _at(rows: Sequence[Row], place: int) -> Row | None:
    return rows[place] if place < len(rows) else None


def _guessing(cells: Sequence[Mapping[str, Row | None]]) -> dict[str, Row | None]:
    """Return the bound of random guessing of each column, which has no interval."""
    bounds: dict[str, Row | None] = {}
    for row in cells:
        for column, one in row.items():
            if one:
                no_counts = dict.fromkeys((*ENDS, "successes", "p_value"))
                bounds.setdefault(column, {**one, **no_counts, "value": one["random"]})
    return bounds


def _row(
    block: str,
    model: str,
    scores: Mapping[str, Row | None],
    gains: Mapping[str, Row | None],
    compare: Mapping[str, bool],
    printed: Mapping[str, Mapping[str, str]],
) -> Row:
    cells: dict[str, Any] = {"block": block, "model": model}
    name = RANDOM if model == RANDOM else _NAMES.get(model, "")
    for column, shown in compare.items():
        score = scores.get(column)
        # The paper cross-validates nothing.
        is_printed = score and score["metric"] != "cross_validated"
        row = printed.get(f"{name} {score['crops']}") if score and is_printed else None
        cells |= accuracy_cells(column, score, gains[column], beside(row, column, shown))
        cells[f"{column}_random"] = score and score["random"]
    return cells


_NAMES = {**PRINTED, "open_clip/ViT-L-14/openai": "CLIP-ViT-L/14"}
"""The paper's table calls a model otherwise than its report."""

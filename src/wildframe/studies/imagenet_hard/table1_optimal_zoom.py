"""Table 1: accuracy of one crop, and of the best of many, of every dataset."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from wildframe.core.statistics import holm
from wildframe.core.tables import Row
from wildframe.exhibits.comparisons import paired, untested
from wildframe.exhibits.pairs import PAIRED, p_column
from wildframe.exhibits.paper import beside, paper_column, paper_numbers
from wildframe.exhibits.registry import Context, File, Setting, exhibit
from wildframe.exhibits.shares import interval_columns, share_cells, share_columns
from wildframe.exhibits.table import Column, Table
from wildframe.studies.imagenet_hard.cells import percent
from wildframe.studies.imagenet_hard.inputs import (
    BY_IMAGE,
    CROSS_VALIDATED,
    NOT_THE_PAPERS,
    ORACLE,
    PRINTED,
    ZoomTable,
    compare_columns,
    has_zoom,
    of_zoom,
    read_zoom_tables,
)

RANDOM = "Random"


def _datasets(run: Context) -> list[str]:
    return [*run.study.zoomed.values()]


def _notes(run: Context) -> list[str]:
    return [run.config.describe(name, view=run.study.zoom) for name in _datasets(run)]


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
        Sequence[ZoomTable],
        File(
            "scores_zoom.scores",
            read_zoom_tables,
            lambda run: [of_zoom(run) | {"dataset": name} for name in _datasets(run)],
            many=True,
        ),
    ],
    compare: Annotated[Mapping[str, bool], compare_columns("zoomed", "zoom")],
    data_notes: Annotated[Sequence[str], Setting(_notes, list[str])],
) -> Table:
    """Return blocks of one crop, of a cross-validated crop and of an oracle, a row a model."""
    by_column = dict(zip(compare, scores, strict=True))
    rows = block_rows(by_column, compare)
    columns = [Column("block", "Crops", align="l"), Column("model", "Model", align="l")]
    for column, shown in compare.items():
        columns += share_columns(column, f"{column} %")
        columns += [
            Column(f"{column}_random", ""),
            Column(f"{column}_only_here", ""),
            Column(f"{column}_only_one_crop", ""),
            *interval_columns(f"{column}_gain", f"Gain, {column} [95 % CI]", "+.2f"),
            p_column(f"{column}_p_holm", f"p, {column}"),
            paper_column(f"paper_{column}", f"Paper, {column}" if shown else "", shown),
        ]
    tests = sum(row[f"{column}_p_holm"] is not None for row in rows for column in compare)
    notes = [
        *(f"{name}: {note}" for name, note in zip(compare, data_notes, strict=True)),
        ORACLE + " Random: guessing as often among as many classes.",
        CROSS_VALIDATED,
        f"Gain: the cross-validated crop minus the one crop, in points. {PAIRED} Here: for the "
        f"{tests} comparisons of all data sets.",
        BY_IMAGE,
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
    rows = []
    for title, cells in blocks:
        if title.startswith("oracle"):
            rows.append(_row(title, RANDOM, _guessing(cells), compare))
        rows += [_row(title, model, row, compare) for model, row in zip(models, cells, strict=True)]
    tested = [
        (row, column)
        for row in rows
        for column in compare
        if row["block"].endswith("cross-validated") and row[f"{column}_p_holm"] is not None
    ]
    corrected = holm([row[f"{column}_p_holm"] for row, column in tested]).tolist()
    for (row, column), p_value in zip(tested, corrected, strict=True):
        row[f"{column}_p_holm"] = p_value
    return rows


def _at(rows: Sequence[Row], place: int) -> Row | None:
    return rows[place] if place < len(rows) else None


def _guessing(cells: Sequence[Mapping[str, Row | None]]) -> dict[str, Row | None]:
    """Return the bound of random guessing of each column, which has no interval."""
    bounds: dict[str, Row | None] = {}
    for row in cells:
        for column, one in row.items():
            if one:
                no_counts = dict.fromkeys(("low", "high", "successes", "p_value"))
                bounds.setdefault(column, {**one, **no_counts, "value": one["random"]})
    return bounds


def _row(
    block: str, model: str, scores: Mapping[str, Row | None], compare: Mapping[str, bool]
) -> Row:
    printed = paper_numbers("imagenet_hard", "table1")
    cells: dict[str, Any] = {"block": block, "model": model}
    name = RANDOM if model == RANDOM else _NAMES.get(model, "")
    for column, shown in compare.items():
        score = scores.get(column)
        cells |= share_cells(column, score, percent)
        for key in ("random", "only_here", "only_one_crop"):
            cells[f"{column}_{key}"] = score and score[key]
        is_tested = score and score["metric"] == "cross_validated"
        cells[f"{column}_p_holm"] = score["p_value"] if score and is_tested else None
        for end, key in (
            ("", "difference"),
            ("_low", "difference_low"),
            ("_high", "difference_high"),
        ):
            gain = score[key] if score and is_tested else None
            cells[f"{column}_gain{end}"] = None if gain is None else 100 * gain
        row = None if is_tested or not score else printed.get(f"{name} {score['crops']}")
        cells[f"paper_{column}"] = beside(row, column, shown)
    return cells


_NAMES = {**PRINTED, "open_clip/ViT-L-14/openai": "CLIP-ViT-L/14"}
"""The paper's table calls a model otherwise than its report."""

"""Table 2: accuracy before and after test-time adaptation."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from statistics import fmean, stdev
from typing import Annotated, Any

import numpy as np

from wildframe.core.errors import UserError
from wildframe.core.statistics import clopper_pearson, holm
from wildframe.core.tables import Row
from wildframe.exhibits.comparisons import paired, untested
from wildframe.exhibits.pairs import PAIRED, p_column
from wildframe.exhibits.paper import beside, paper_column, paper_numbers
from wildframe.exhibits.registry import Context, File, Setting, exhibit
from wildframe.exhibits.shares import interval_columns, share_cells, share_columns
from wildframe.exhibits.table import Column, Table
from wildframe.scores import read_image_results, unit_of
from wildframe.scores.pairs import Condition
from wildframe.scores.pairs import compare as compare_conditions
from wildframe.studies.imagenet_hard.cells import percent
from wildframe.studies.imagenet_hard.inputs import (
    BY_IMAGE,
    NOT_THE_PAPERS,
    PRINTED,
    compare_columns,
)

BASELINE = "Baseline"

Cell = tuple[str, str, str]
"""Row's adaptation, column and model."""

Correct = Mapping[str, tuple[bool, str]]
"""Whether the prediction of an image is correct, and its video or clip, by ``image_id``."""


def _cells(run: Context) -> list[Cell]:
    return [
        (row, column, model)
        for row in (BASELINE, *run.study.adaptations)
        for column in run.study.adapted
        for model in run.study.adapted_models
    ]


def _files(run: Context) -> list[dict[str, str]]:
    views = {BASELINE: run.view, **run.study.adaptations}
    return [
        {"dataset": run.study.adapted[column], "view": views[row], "evaluated": model}
        for row, column, model in _cells(run)
    ]


def _notes(run: Context) -> list[str]:
    views = {BASELINE: run.view, **run.study.adaptations}
    of_data = (run.config.describe(name, view=run.view) for name in run.study.adapted.values())
    return [
        *(f"{c}: {note}" for c, note in zip(run.study.adapted, of_data, strict=True)),
        *(
            f"{row}: {run.config.views[view].data_note or 'whole images'}"
            for row, view in views.items()
        ),
    ]


def read_correct(paths: Sequence[Path]) -> list[Correct]:
    """Read which images each model is correct on."""
    columns = ["image_id", "correct_top1", "group_id", "video_id"]
    return [
        {
            row["image_id"]: (row["correct_top1"], unit_of(row))
            for row in read_image_results(path, columns)
        }
        for path in paths
    ]


@exhibit(
    "Table 2",
    "test-time adaptation",
    "Top-1 accuracy before and after MEMO, with the paired difference on the same images (paper: "
    "Table 2).",
    printed="table2",
    when=lambda run: run.study.adaptations,
    compares=[
        paired("adapted against not"),
        untested("models, and kinds of augmentation", "each is compared with its own baseline"),
    ],
)
def table2_adaptation(
    results: Annotated[
        Sequence[Correct], File("scores_image_results", read_correct, _files, many=True)
    ],
    cells: Annotated[Sequence[Cell], Setting(_cells, list[Cell])],
    compare: Annotated[Mapping[str, bool], compare_columns("adapted")],
    seed: Annotated[int, Setting(lambda run: run.config.scores.seed, int)],
    data_notes: Annotated[Sequence[str], Setting(_notes, list[str])],
) -> Table:
    """Return one row an adaptation and model, and below each block its mean."""
    rows = adaptation_rows(dict(zip(cells, results, strict=True)), compare, seed)
    columns = [
        Column("adaptation", "Adaptation", align="l"),
        Column("model", "Model", align="l"),
    ]
    for column, shown in compare.items():
        columns += share_columns(column, f"{column} %")
        columns += [
            Column(f"{column}_gained", ""),
            Column(f"{column}_lost", ""),
            *interval_columns(f"{column}_gain", f"Gain, {column} [95 % CI]", "+.2f"),
            p_column(f"{column}_p_holm", f"p, {column}"),
            paper_column(f"paper_{column}", f"Paper, {column}" if shown else "", shown),
        ]
    columns.append(Column("mean", "Mean of cells %"))
    tests = sum(row[f"{column}_p_holm"] is not None for row in rows for column in compare)
    notes = [
        *data_notes,
        f"Gain: minus the {BASELINE.lower()}, in points. {PAIRED} Here: for the {tests} "
        "comparisons of the table.",
        "Mean of cells: over models and data sets, with the standard deviation (n - 1) and the "
        "difference from the baseline, as the paper has it.",
        BY_IMAGE,
        *([] if any(compare.values()) else [NOT_THE_PAPERS]),
    ]
    return Table("Table 2: accuracy with test-time adaptation", columns, rows, notes)


def adaptation_rows(
    results: Mapping[Cell, Correct], compare: Mapping[str, bool], seed: int
) -> list[Row]:
    """Return the rows in blocks of an adaptation; the first of each block has the block's mean.

    Args:
        results: Which images are correct, by row, column and model.
        compare: Whether the paper's numbers are shown, by column.
        seed: Seed of the tests.

    Raises:
        UserError: Two results of one column are of different images.
    """
    names = {(adaptation, model): None for adaptation, _, model in results}
    means = _means(results)
    rows: list[Row] = []
    for adaptation, model in names:
        row: dict[str, Any] = {"adaptation": adaptation, "model": model}
        for column, shown in compare.items():
            row |= _cell(results, (adaptation, column, model), shown, seed)
        is_first = all(one["adaptation"] != adaptation for one in rows)
        rows.append(row | {"mean": means[adaptation] if is_first else None})
    tested = [
        (row, key)
        for row in rows
        for key in (f"{column}_p_holm" for column in compare)
        if row[key] is not None
    ]
    corrected = holm([row[key] for row, key in tested]).tolist()
    for (row, key), p_value in zip(tested, corrected, strict=True):
        row[key] = p_value
    return rows


def _means(results: Mapping[Cell, Correct]) -> dict[str, str]:
    shares: dict[str, list[float]] = {}
    for (adaptation, *_), correct in results.items():
        shares.setdefault(adaptation, []).append(
            100 * fmean(is_correct for is_correct, _ in correct.values())
        )
    baseline = fmean(shares[BASELINE])
    return {
        adaptation: f"{fmean(found):.2f}"
        + ("" if adaptation == BASELINE else f" ({fmean(found) - baseline:+.2f})")
        + (f" ± {stdev(found):.2f}" if len(found) > 1 else "")
        for adaptation, found in shares.items()
    }


def _cell(results: Mapping[Cell, Correct], cell: Cell, shown: bool, seed: int) -> Row:
    adaptation, column, model = cell
    correct, before = results[cell], results[BASELINE, column, model]
    if before.keys() != correct.keys():
        raise UserError(
            f"{model}, {column}: {adaptation} and {BASELINE} are of different images; make both "
            "results anew from one manifest"
        )
    share = clopper_pearson(sum(is_correct for is_correct, _ in correct.values()), len(correct))
    found = share_cells(column, asdict(share), percent)
    test = None
    if adaptation != BASELINE:
        test = _compared(model, {adaptation: correct, BASELINE: before}, seed)
    keys = ("only_a", "only_b", "difference", "low", "high", "p_value")
    gained, lost, *points, p_value = [test[key] if test else None for key in keys]
    names = (f"{column}_gain", f"{column}_gain_low", f"{column}_gain_high")
    found |= {f"{column}_gained": gained, f"{column}_lost": lost, f"{column}_p_holm": p_value}
    found |= {
        name: None if value is None else 100 * value
        for name, value in zip(names, points, strict=True)
    }
    printed = paper_numbers("imagenet_hard", "table2")
    row = printed.get(f"{adaptation} {PRINTED.get(model, model)}")
    return found | {f"paper_{column}": beside(row, column, shown)}


def _compared(model: str, sides: Mapping[str, Correct], seed: int) -> Row:
    """Return the comparison of the first side minus the second, on the same images."""
    names = sorted(next(iter(sides.values())))
    conditions = [
        Condition(
            model,
            side,
            "accuracy",
            1,
            np.array([correct[name][0] for name in names], bool),
            np.ones(len(names), bool),
        )
        for side, correct in sides.items()
    ]
    units = [unit for _, unit in map(next(iter(sides.values())).__getitem__, names)]
    return compare_conditions(conditions, [(0, 1)], units, seed)[0]

"""Table 2: accuracy before and after test-time adaptation."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean, stdev
from typing import Annotated, Any

import numpy as np

from wildframe.core.errors import UserError
from wildframe.core.statistics import clopper_pearson, holm
from wildframe.core.tables import Row
from wildframe.exhibits.paper import beside, paper_column, paper_numbers
from wildframe.exhibits.registry import Context, File, Setting, exhibit
from wildframe.exhibits.shares import share_columns
from wildframe.exhibits.table import Column, Table
from wildframe.scores import read_image_results
from wildframe.scores.pairs import contingency
from wildframe.studies.imagenet_hard.cells import p_text, percent
from wildframe.studies.imagenet_hard.inputs import (
    BY_IMAGE,
    NOT_THE_PAPERS,
    PRINTED,
    compare_columns,
)

BASELINE = "Baseline"

Cell = tuple[str, str, str]
"""Row's adaptation, column and model."""

Correct = Mapping[str, bool]
"""Whether the prediction of an image is correct, by ``image_id``."""


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
    columns = ["image_id", "correct_top1"]
    return [
        {row["image_id"]: row["correct_top1"] for row in read_image_results(path, columns)}
        for path in paths
    ]


@exhibit(
    "Table 2",
    "test-time adaptation",
    "Top-1 accuracy before and after MEMO, with McNemar's test on the same images (paper: Table "
    "2).",
    printed="table2",
    when=lambda run: run.study.adaptations,
)
def table2_adaptation(
    results: Annotated[
        Sequence[Correct], File("scores_image_results", read_correct, _files, many=True)
    ],
    cells: Annotated[Sequence[Cell], Setting(_cells, list[Cell])],
    compare: Annotated[Mapping[str, bool], compare_columns("adapted")],
    data_notes: Annotated[Sequence[str], Setting(_notes, list[str])],
) -> Table:
    """Return one row an adaptation and model, and below each block its mean."""
    rows = adaptation_rows(dict(zip(cells, results, strict=True)), compare)
    columns = [
        Column("adaptation", "Adaptation", align="l"),
        Column("model", "Model", align="l"),
    ]
    for column, shown in compare.items():
        columns += share_columns(column, f"{column} %")
        columns += [
            Column(f"{column}_gained", ""),
            Column(f"{column}_lost", ""),
            Column(f"{column}_p_holm", f"p, {column}", p_text(f"{column}_p_holm")),
            paper_column(f"paper_{column}", f"Paper, {column}" if shown else "", shown),
        ]
    columns.append(Column("mean", "Mean of cells %"))
    tests = sum(row[f"{column}_p_holm"] is not None for row in rows for column in compare)
    notes = [
        *data_notes,
        f"p: McNemar's exact test against the {BASELINE.lower()} on the same images, corrected by "
        f"Holm's method, of {tests} in all.",
        "Mean of cells: over models and data sets, with the standard deviation (n - 1) and the "
        "difference from the baseline, as the paper has it.",
        BY_IMAGE,
        *([] if any(compare.values()) else [NOT_THE_PAPERS]),
    ]
    return Table("Table 2: accuracy with test-time adaptation", columns, rows, notes)


def adaptation_rows(results: Mapping[Cell, Correct], compare: Mapping[str, bool]) -> list[Row]:
    """Return the rows in blocks of an adaptation; the first of each block has the block's mean.

    Args:
        results: Which images are correct, by row, column and model.
        compare: Whether the paper's numbers are shown, by column.

    Raises:
        UserError: Two results of one column are of different images.
    """
    names = {(adaptation, model): None for adaptation, _, model in results}
    means = _means(results)
    rows: list[Row] = []
    for adaptation, model in names:
        row: dict[str, Any] = {"adaptation": adaptation, "model": model}
        for column, shown in compare.items():
            row |= _cell(results, (adaptation, column, model), shown)
        is_first = all(one["adaptation"] != adaptation for one in rows)
        rows.append(row | {"mean": means[adaptation] if is_first else None})
    tested = [
        (row, key)
        for row in rows
        for key in (f"{column}_p_holm" for column in compare)
        if row[key] is not None
    ]
    corrected = holm([row[key] for row, key in tested])
    for (row, key), p_value in zip(tested, corrected, strict=True):
        row[key] = p_value
    return rows


def _means(results: Mapping[Cell, Correct]) -> dict[str, str]:
    shares: dict[str, list[float]] = {}
    for (adaptation, *_), correct in results.items():
        shares.setdefault(adaptation, []).append(100 * fmean(correct.values()))
    baseline = fmean(shares[BASELINE])
    return {
        adaptation: f"{fmean(found):.2f}"
        + ("" if adaptation == BASELINE else f" ({fmean(found) - baseline:+.2f})")
        + (f" ± {stdev(found):.2f}" if len(found) > 1 else "")
        for adaptation, found in shares.items()
    }


def _cell(results: Mapping[Cell, Correct], cell: Cell, shown: bool) -> Row:
    adaptation, column, model = cell
    correct = results[cell]
    share = clopper_pearson(sum(correct.values()), len(correct))
    found: Row = {
        column: percent(share.value),
        f"{column}_low": percent(share.low),
        f"{column}_high": percent(share.high),
        f"{column}_successes": share.successes,
        f"{column}_n": share.n,
    }
    before = results[BASELINE, column, model]
    if before.keys() != correct.keys():
        raise UserError(
            f"{model}, {column}: {adaptation} and {BASELINE} are of different images; make both "
            "results anew from one manifest"
        )
    after = np.array([correct[name] for name in before], bool)
    test = contingency(after, np.array([*before.values()], bool))
    if adaptation == BASELINE:
        test = dict.fromkeys(test)
    found |= {
        f"{column}_gained": test["only_a"],
        f"{column}_lost": test["only_b"],
        f"{column}_p_holm": test["p_value"],
    }
    printed = paper_numbers("imagenet_hard", "table2")
    row = printed.get(f"{adaptation} {PRINTED.get(model, model)}")
    return found | {f"paper_{column}": beside(row, column, shown)}

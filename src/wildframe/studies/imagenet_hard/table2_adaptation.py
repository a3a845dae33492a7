"""Table 2: accuracy before and after test-time adaptation."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from statistics import fmean, stdev
from typing import Annotated, Any

import numpy as np

from wildframe.core.adaptation import Adaptation, Augmentation
from wildframe.core.errors import UserError
from wildframe.core.tables import Row
from wildframe.exhibits.comparisons import paired, untested
from wildframe.exhibits.inputs import Seed
from wildframe.exhibits.pairs import PAIRED, corrected
from wildframe.exhibits.paper import beside, paper_numbers
from wildframe.exhibits.registry import Context, File, Setting, exhibit
from wildframe.exhibits.table import Column, Table
from wildframe.scores import read_image_results, unit_of
from wildframe.scores.accuracy import share_columns
from wildframe.scores.conditions import Condition, counts_of
from wildframe.scores.pairs import compare as compare_conditions
from wildframe.studies.imagenet_hard.cells import (
    accuracy_cells,
    accuracy_columns,
    gain_notes,
    interval_note,
)
from wildframe.studies.imagenet_hard.inputs import (
    NOT_THE_PAPERS,
    PRINTED,
    compared,
    notes_of,
)

BASELINE = "Baseline"

_PAPERS: Mapping[str, Augmentation] = {"MEMO+AugMix": "augmix", "MEMO+RRC": "rrc"}
"""Augmentation of the rows that the paper has, by their names."""

_NAMES = {**PRINTED, "deepaug-augmix": "DeepAug+AugMix", "moex-cutmix": "MoEx+CutMix"}
"""Two models of the table are of no hub: one's own, by these names, are taken for them."""

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
    views = {BASELINE: run.study.views[0], **run.study.adaptations}
    return [
        {"dataset": run.study.adapted[column], "view": views[row], "evaluated": model}
        for row, column, model in _cells(run)
    ]


def _notes(run: Context) -> list[str]:
    views = {BASELINE: run.study.views[0], **run.study.adaptations}
    of_data = (
        run.config.describe(name, view=run.study.views[0]) for name in run.study.adapted.values()
    )
    return [
        *(f"{c}: {note}" for c, note in zip(run.study.adapted, of_data, strict=True)),
        *(
            f"{row}: {run.config.views[view].data_note or 'whole images'}"
            for row, view in views.items()
        ),
    ]


def _columns(run: Context) -> dict[str, list[str]]:
    return {column: [dataset] for column, dataset in run.study.adapted.items()}


def _compare(run: Context) -> dict[str, bool]:
    return {
        column: run.study.is_papers(run.config, dataset, run.study.views[0])
        for column, dataset in run.study.adapted.items()
    }


def _papers_rows(run: Context) -> list[str]:
    """Return the rows that are adapted as the paper's of their names, with whatever seed."""

    def is_papers(row: str, view: Any) -> bool:
        if row not in _PAPERS or view.kind != "full":
            return False
        papers = Adaptation(augmentation=_PAPERS[row], seed=view.adapt.seed)
        return bool(view.adapt == papers)

    named = run.study.adaptations.items()
    return [BASELINE, *(row for row, view in named if is_papers(row, run.config.views[view]))]


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
    compare: Annotated[Mapping[str, bool], compared(_compare, _columns)],
    papers_rows: Annotated[Sequence[str], Setting(_papers_rows, list[str])],
    seed: Seed,
    data_notes: Annotated[Sequence[str], notes_of(_notes, _columns)],
) -> Table:
    """Return one row an adaptation and model, and below each block its mean."""
    rows = adaptation_rows(dict(zip(cells, results, strict=True)), compare, papers_rows, seed)
    columns = [Column("adaptation", "Adaptation", align="l"), Column("model", "Model", align="l")]
    for column, shown in compare.items():
        columns += accuracy_columns(column, rows, shown)
    columns.append(Column("mean", "Mean of cells %"))
    notes = [
        *data_notes,
        f"Gain: minus the {BASELINE.lower()}, in points. {PAIRED}",
        *gain_notes(rows, compare),
        "Mean of cells: over models and data sets, with the standard deviation (n - 1) and the "
        "difference from the baseline, as the paper has it.",
        interval_note(rows, compare),
        *([] if any(compare.values()) else [NOT_THE_PAPERS]),
    ]
    return Table("Table 2: accuracy with test-time adaptation", columns, rows, notes)


def adaptation_rows(
    results: Mapping[Cell, Correct],
    compare: Mapping[str, bool],
    papers_rows: Collection[str],
    seed: int,
) -> list[Row]:
    """Return the rows in blocks of an adaptation; the first of each block has the block's mean.

    Args:
        results: Which images are correct, by row, column and model.
        compare: Whether the paper's numbers are shown, by column.
        papers_rows: Rows of which they are shown.
        seed: Seed of the tests.

    Raises:
        UserError: Two results of one column are of different images.
    """
    found = {cell: _compared(results, cell, seed) for cell in results if cell[0] != BASELINE}
    gains = dict(zip(found, corrected([*found.values()]), strict=True))
    printed = paper_numbers("imagenet_hard", "table2")
    means = _means(results)
    rows: list[Row] = []
    for adaptation, model in {(row, model): None for row, _, model in results}:
        cells: dict[str, Any] = {"adaptation": adaptation, "model": model}
        name = f"{adaptation} {_NAMES.get(model, model)}"
        paper = printed.get(name) if adaptation in papers_rows else None
        for column, shown in compare.items():
            cell = adaptation, column, model
            score = _score(cell, results[cell])
            cells |= accuracy_cells(column, score, gains.get(cell), beside(paper, column, shown))
        is_first = all(one["adaptation"] != adaptation for one in rows)
        rows.append(cells | {"mean": means[adaptation] if is_first else None})
    return rows


def _score(cell: Cell, correct: Correct) -> Row:
    """Return an accuracy with counts and intervals."""
    (score,) = share_columns(counts_of([_condition(cell, correct)], _units(correct)))
    return score


def _condition(cell: Cell, correct: Correct) -> Condition:
    """Return what is counted and compared of a cell, by image."""
    adaptation, _, model = cell
    flags = np.array([correct[image_id][0] for image_id in sorted(correct)], bool)
    return Condition(model, adaptation, "accuracy", 1, flags, np.ones(len(flags), bool))


def _units(correct: Correct) -> list[str]:
    return [correct[image_id][1] for image_id in sorted(correct)]


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


def _compared(results: Mapping[Cell, Correct], cell: Cell, seed: int) -> Row:
    """Return the comparison of a cell with its baseline, on the same images."""
    adaptation, column, model = cell
    baseline = BASELINE, column, model
    correct, before = results[cell], results[baseline]
    if before.keys() != correct.keys():
        raise UserError(
            f"{model}, {column}: {adaptation} and {BASELINE} are of different images; make both "
            "results anew from one manifest"
        )
    conditions = [_condition(cell, correct), _condition(baseline, before)]
    return compare_conditions(conditions, [(0, 1)], _units(correct), seed)[0]

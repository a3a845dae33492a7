"""Cells and columns that exhibits share: accuracy on anchors and on sets, in percent."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Literal

from wildframe.core.choices import Targets
from wildframe.core.schemas import COPIES
from wildframe.core.tables import Row
from wildframe.exhibits import shares
from wildframe.exhibits.comparisons import VIDEOS, lettered, paired, untested
from wildframe.exhibits.figure import FEW
from wildframe.exhibits.pairs import LETTERS, Case, PairTable, copies_notes, few_clusters
from wildframe.exhibits.paper import beside, paper_column
from wildframe.exhibits.robustness_table import DRAWN_INTERVALS, INTERVALS, RobustnessTable
from wildframe.exhibits.shares import interval_columns, notes_on_intervals
from wildframe.exhibits.table import Column, Table
from wildframe.exhibits.unpredictable import unpredictable_notes
from wildframe.labels.hypernyms import read_targets

Kind = Literal["zoo", "trained here", "detector", "external"]
"""Where a model comes from."""

ACCURACY_KEYS = [
    f"{key}{part}"
    for key in ("original", "perturbed")
    for part in ("", "_low", "_high", "_cluster_low", "_cluster_high", "_successes", "_n")
]
"""Both accuracies, in percent, their intervals and counts."""

DELTA = (
    "Delta is computed before rounding, so that it may differ from the difference of the "
    "accuracies shown; its 95 % intervals are those over videos."
)

ORIGINAL_AGAINST_PERTURBED = (
    "anchors against sets",
    "a set is correct only if its anchor is; how much is lost has an interval over videos",
)
"""What no exhibit tests, and why."""

EACH_TWO_MODELS = (
    lettered("each two models, on anchors and on sets", VIDEOS),
    paired("each two models", VIDEOS, shown_in="model_pairs"),
    untested(*ORIGINAL_AGAINST_PERTURBED),
)
"""What tables of accuracy compare."""

BY_LABEL = "Anchors with a label"
"""How anchors are counted by class: under each of their labels."""

PUBLISHED_ANCHORS = 1109
"""Anchors of the published sets of ImageNet-Vid-Robust: files of the authors' metadata."""

PAPERS_CUT = (
    "The paper's numbers are of an earlier cut of the sets, of 1,145 anchors, and of its own "
    "models: close to ours at best."
)

NOT_PAPERS = (
    "The paper's numbers are not shown: they hold only for the published sets of "
    f"ImageNet-Vid-Robust ({PUBLISHED_ANCHORS:,} anchors), scored as the authors do."
)

PRINTED = ("original", "perturbed", "delta")
"""Keys of the paper's accuracies."""


def compares(compare: bool, anchors: int) -> bool:
    """Tell whether the paper's numbers compare: its settings, and as many anchors as its sets."""
    return compare and anchors == PUBLISHED_ANCHORS


def papers_note(shown: bool) -> str:
    """Say what the paper's numbers are of, or why they are not shown."""
    return PAPERS_CUT if shown else NOT_PAPERS


def accuracy_table(
    title: str,
    columns: Sequence[Column],
    rows: Sequence[Row],
    table: RobustnessTable,
    pairs: PairTable,
    label_space: Targets,
    data_note: str,
    shown: bool,
) -> Table:
    """Return a table of accuracy on anchors and on sets, with the paper's if it is shown.

    Args:
        title: Title of the exhibit.
        columns: First columns, which say what a row is.
        rows: `accuracy_cells` and `paper_cells`, at least one.
        table: Robustness of the models.
        pairs: Comparisons of the same.
        label_space: Label space of the sets.
        data_note: What the data is.
        shown: Whether the paper's numbers are shown.
    """
    model = rows[0]["model"]
    titles = ("Original %, paper", "Perturbed %, paper", "Delta, paper")
    models = [Case(row["model"]) for row in rows]
    letters = {
        "original": pairs.letters(models, 0, "pm_k"),
        "perturbed": pairs.letters(models, table.k, "pm_k"),
    }
    rows = [
        row | {f"{key}_group": found[case] for key, found in letters.items()}
        for row, case in zip(rows, models, strict=True)
    ]
    all_columns = [
        *columns,
        *both_intervals("original", "Original"),
        Column("original_group", "Group, original", align="l"),
        *both_intervals("perturbed", f"Perturbed (pm-{table.k})"),
        Column("perturbed_group", "Group, perturbed", align="l"),
        *interval_columns("delta", "Delta [95 % CI]", ".1f"),
        *(
            # In the CSV only where they are not shown.
            paper_column(f"paper_{key}", heading if shown else "", shown)
            for key, heading in zip(PRINTED, titles, strict=True)
        ),
    ]
    notes = [
        *table.notes(data_note, model),
        INTERVALS,
        DELTA,
        LETTERS,
        *few_clusters([table.require(model, table.k)], "videos"),
        *copies_notes(int(pairs.facts.get(COPIES, 0)), "videos"),
        *unpredictable_notes(BY_LABEL, label_space, table.counts("class", model, 0)),
        papers_note(shown),
    ]
    return Table(title, all_columns, rows, notes)


def paper_cells(printed: Mapping[str, str] | None, shown: bool) -> Row:
    """Return the cells of the paper's accuracies, None where they are not shown."""
    return {f"paper_{key}": beside(printed, key, shown) for key in PRINTED}


def class_names(label_space: Targets) -> dict[str, str]:
    """Return the names of the classes of a label space, by wnid."""
    return {target.wnid: target.name for target in read_targets(label_space) if target.wnid}


def accuracy_cells(table: RobustnessTable, model: str, subset: str = "all") -> Row:
    """Return both accuracies and their difference in percent, not rounded, and ``model``.

    Raises:
        UserError: The model was not scored so.
    """
    original = table.require(model, 0, subset=subset)
    perturbed = table.require(model, table.k, subset=subset)
    cells = share_cells("original", original) | share_cells("perturbed", perturbed)
    cells["delta"] = percent(perturbed["delta"])
    has_interval = perturbed["n"] >= FEW
    for end in ("delta_low", "delta_high"):
        cells[end] = percent(perturbed[end]) if has_interval else None
    return {"model": model} | cells


def drawn_notes(rows: Iterable[Row]) -> list[str]:
    """Return what is to be said of the intervals of `accuracy_cells` in a figure."""
    return notes_on_intervals(
        DRAWN_INTERVALS, rows, low="original_low", n="original_n", unit="anchors"
    )


def percent(value: float | None, n: int = FEW) -> float | None:
    """Return a share in percent, not rounded: columns print its digits."""
    return None if value is None else 100 * value


share_cells = partial(shares.share_cells, percent=percent)
"""Cells of a share in percent, not rounded, with its intervals and counts."""

both_intervals = partial(shares.both_intervals, spec=".1f", unit="videos")
"""Columns of `share_cells`, printed with one digit as the paper does."""

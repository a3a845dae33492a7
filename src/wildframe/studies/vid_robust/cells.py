"""What the exhibits share: accuracy on anchors and on sets, in percent, and what a model is."""

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from wildframe.core.choices import Targets
from wildframe.core.tables import Row
from wildframe.exhibits.paper import paper_column
from wildframe.exhibits.robustness_table import Robustness, RobustnessTable
from wildframe.exhibits.table import Column
from wildframe.labels.hypernyms import members, read_targets

Kind = Literal["zoo", "trained here", "detector", "imported"]

KINDS: tuple[Kind, ...] = ("zoo", "trained here", "detector", "imported")
"""Where a model comes from."""

ACCURACY_KEYS = [
    f"{key}{part}"
    for key in ("original", "perturbed")
    for part in ("", "_low", "_high", "_successes", "_n")
]
"""Both accuracies, in percent, and their counts."""

DELTA_INTERVALS = (
    "Delta is the rounded difference, not the difference of rounded accuracies; its intervals are "
    "percentiles of a bootstrap over videos, 95 %. [N/A]: the draws do not differ, and tell "
    "nothing."
)

PUBLISHED_ANCHORS = 1109
"""Anchors of the published sets of ImageNet-Vid-Robust: files of the authors' metadata."""

_SAME = 1e-9
"""Ends of an interval, in points, that are no further apart are the same: sums of floats."""

PAPERS_CUT = (
    "The paper's numbers are of an earlier cut of the sets, of 1,145 anchors, and of its own "
    "models: close to ours at best."
)

NOT_PAPERS = (
    "The paper's numbers are not shown: they hold for the published sets of ImageNet-Vid-Robust "
    f"({PUBLISHED_ANCHORS:,} anchors), scored as the authors do, and for nothing else."
)


def compares(compare: bool, anchors: int) -> bool:
    """Tell whether the paper's numbers compare: its settings, and as many anchors as its sets."""
    return compare and anchors == PUBLISHED_ANCHORS


def papers_note(shown: bool) -> str:
    """Say what the paper's numbers are of, or why they are not shown."""
    return PAPERS_CUT if shown else NOT_PAPERS


def paper_columns(shown: bool) -> list[Column]:
    """Return the columns of the paper's accuracies; for machines alone if they are not shown."""
    titles = {
        "paper_original": "Original %, paper",
        "paper_perturbed": "Perturbed %, paper",
        "paper_delta": "Delta, paper",
    }
    return [paper_column(key, title if shown else "", shown) for key, title in titles.items()]


def unanswerable_notes(table: RobustnessTable, model: str, targets: Targets) -> list[str]:
    """Say which labels of the anchors no classifier of ImageNet-1K can give, if there are any."""
    named = {
        target.wnid: target.name
        for target, classes in zip(read_targets(targets), members(targets, "in1k"), strict=True)
        if target.wnid and not classes
    }
    found = {wnid: table.find(model, 0, subset=f"class={wnid}") for wnid in named}
    counts = [f"{named[wnid]} (n = {row['n']:,})" for wnid, row in found.items() if row]
    if not counts:
        return []
    return [
        "Anchors with a label that no class of ImageNet-1K is or is below: "
        f"{', '.join(counts)}. Without another label, they are always wrong for models of these "
        "classes."
    ]


def target_names(targets: Targets) -> dict[str, str]:
    """Return the names of the classes that predictions are scored among, by wnid."""
    return {target.wnid: target.name for target in read_targets(targets) if target.wnid}


def accuracy_cells(table: RobustnessTable, model: str, subset: str = "all") -> Row:
    """Return the cells of `accuracy_columns` in percent, not rounded, and ``model``.

    Raises:
        UserError: The model was not scored so.
    """
    original = table.require(model, 0, subset=subset)
    perturbed = table.require(model, table.k, subset=subset)
    cells: Row = {"model": model}
    for key, row in (("original", original), ("perturbed", perturbed)):
        cells |= share_cells(key, row)
    cells["delta"] = _percent(perturbed["delta"])
    ends = _percent(perturbed["delta_low"]), _percent(perturbed["delta_high"])
    return cells | interval_cells("delta", *ends)


def interval_cells(key: str, low: float | None, high: float | None) -> Row:
    """Return the ends of a bootstrap's interval; None for both where its draws do not differ.

    Such draws (of few videos, or where nothing was lost at all) tell nothing of chance.
    """
    if low is None or high is None or high - low < _SAME:
        low = high = None
    return {f"{key}_low": low, f"{key}_high": high}


def share_cells(key: str, row: Robustness | None) -> Row:
    """Return a share in percent, its interval and its counts; None where there is none."""
    return {
        key: row and _percent(row["value"]),
        f"{key}_low": row and _percent(row["low"]),
        f"{key}_high": row and _percent(row["high"]),
        f"{key}_successes": row and row["successes"],
        f"{key}_n": row and row["n"],
    }


def accuracy_columns(k: int) -> list[Column]:
    """Return the columns of accuracy on anchors, on sets, and of what is lost between them.

    Args:
        k: Largest distance from the anchor, in frames.
    """
    return [
        *share_columns("original", "Original"),
        *share_columns("perturbed", f"Perturbed (pm-{k})"),
        *interval_columns("delta", "Delta [95 % CI]"),
    ]


def share_columns(key: str, title: str) -> list[Column]:
    """Return the columns of a share and its interval, of `share_cells`."""
    columns = interval_columns(key, f"{title} % [95 % CI]")
    return [*columns, Column(f"{key}_successes", ""), Column(f"{key}_n", "")]


def interval_columns(key: str, title: str) -> list[Column]:
    """Return the columns of a number and its interval, printed with one digit as the paper does."""

    def text(row: Mapping[str, Any]) -> str:
        low, high = row[f"{key}_low"], row[f"{key}_high"]
        ends = "N/A" if low is None else f"{low:.1f}, {high:.1f}"
        return f"{row[key]:.1f} [{ends}]"

    return [
        Column(key, title, text, absent="N/A"),
        Column(f"{key}_low", ""),
        Column(f"{key}_high", ""),
    ]


def number_columns(keys: Iterable[str]) -> list[Column]:
    """Return columns for machines alone: what a figure draws."""
    return [Column(key, key) for key in keys]


def _percent(value: float | None) -> float | None:
    return None if value is None else 100 * value

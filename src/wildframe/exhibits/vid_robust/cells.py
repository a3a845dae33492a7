"""What the exhibits share: accuracy on anchors and on sets, in percent, and what a model is."""

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from wildframe.core.errors import UserError
from wildframe.core.tables import Row
from wildframe.exhibits.robustness_table import Robustness, RobustnessTable
from wildframe.exhibits.table import Column

Kind = Literal["zoo", "trained here", "detector", "imported"]

KINDS: tuple[Kind, ...] = ("zoo", "trained here", "detector", "imported")

DELTA_INTERVALS = (
    "Delta is the rounded difference, not the difference of rounded accuracies; its intervals are "
    "percentiles of a bootstrap over videos, 95 %."
)

PAPERS_CUT = (
    "The paper's numbers are of an earlier cut of the sets, of 1,145 anchors, and of its own "
    "models: close to ours at best."
)

NOT_PAPERS = (
    "The paper's numbers are not shown: they hold for the published sets of ImageNet-Vid-Robust, "
    "scored as the authors do, and for nothing else."
)


def papers_note(licensed: bool) -> str:
    """Say what the paper's numbers are of, or why they are not shown."""
    return PAPERS_CUT if licensed else NOT_PAPERS


def kind_of(model: str) -> Kind:
    """Return where a model comes from."""
    from wildframe.models import zoo_entry
    from wildframe.models.detectors import load_detectors

    if "+" in model:
        return "trained here"
    if model in load_detectors():
        return "detector"
    try:
        zoo_entry(model)
    except UserError:
        return "imported"
    return "zoo"


def accuracy_cells(table: RobustnessTable, model: str, subset: str = "all") -> Row:
    """Return the cells of `accuracy_columns` in percent, not rounded, and ``model``.

    Args:
        table: Robustness of the model.
        model: Model of the study.
        subset: Subset of the anchors.

    Raises:
        UserError: The model was not scored so.
    """
    original = table.require(model, 0, subset=subset)
    perturbed = table.require(model, table.k, subset=subset)
    cells: Row = {"model": model}
    for key, row in (("original", original), ("perturbed", perturbed)):
        cells |= share_cells(key, row)
    for key in ("delta", "delta_low", "delta_high"):
        cells[key] = _percent(perturbed[key])
    return cells


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
        return f"{row[key]:.1f} [{row[f'{key}_low']:.1f}, {row[f'{key}_high']:.1f}]"

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

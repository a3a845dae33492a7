"""Cells of the study's tables."""

from wildframe.exhibits.figure import FEW


def percent(share: float | None, n: int = FEW) -> str | None:
    """Return a share in [0, 1] of so many trials in percent, of few without decimals; or None."""
    return None if share is None else f"{100 * share:.{2 if n >= FEW else 0}f}"

"""Station 5: which neighbours look like their anchor, by people or by a measure."""

from pathlib import Path

__all__ = ["counted", "decision_files"]


def counted(number: int, noun: str = "pair") -> str:
    """Return a number with its noun: ``1 pair``, ``2 pairs``."""
    return f"{number:,} {noun}{'s' * (number != 1)}"


def decision_files(folder: Path) -> list[Path]:
    """Return the reviewers' files of a folder, one per reviewer, by name; none without a folder."""
    return sorted(path for path in folder.glob("*.csv") if not path.name.startswith("."))

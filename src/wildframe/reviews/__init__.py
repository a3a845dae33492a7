"""Station 5: which frames near an anchor show the same, as people or a measure say."""

from pathlib import Path

__all__ = ["counted", "decision_files"]


def counted(number: int, noun: str = "pair") -> str:
    """Return a number with its noun: ``1 pair``, ``2 pairs``."""
    return f"{number:,} {noun}{'s' * (number != 1)}"


def decision_files(folder: Path) -> list[Path]:
    """Return the reviewers' files of a folder, one a reviewer, by name; none without a folder."""
    return sorted(path for path in folder.glob("*.csv") if not path.name.startswith("."))

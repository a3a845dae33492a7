"""Station 5: which neighbours look like their anchor, by people or by a measure."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

__all__ = ["counted", "decision_files", "pair_of"]


def counted(number: int, noun: str = "pair") -> str:
    """Return a number with its noun: ``1 pair``, ``2 pairs``."""
    return f"{number:,} {noun}{'s' * (number != 1)}"


def decision_files(folder: Path) -> list[Path]:
    """Return the reviewers' files of a folder, one per reviewer, by name; none without a folder."""
    return sorted(path for path in folder.glob("*.csv") if not path.name.startswith("."))


def pair_of(row: Mapping[str, Any]) -> tuple[str, str]:
    """Return ``anchor_id`` and ``image_id`` of a row."""
    return row["anchor_id"], row["image_id"]

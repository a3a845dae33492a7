"""The ``robustness`` table as exhibits look things up in it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from wildframe.core.errors import UserError
from wildframe.core.schemas import ROBUSTNESS
from wildframe.core.tables import read_table

Robustness = Mapping[str, Any]

_REVIEWED = {
    "none": "nobody looked at the frames: a set may show something else than its anchor",
    "auto": "frames were chosen by how similar images are; nobody looked at them",
    "human": "reviewers decided, pair by pair, which frames count",
}

INTERVALS = "Intervals of accuracies are Clopper-Pearson's, 95 %, and take anchors as independent."


class RobustnessTable:
    """Accuracy of models on the sets of one dataset, reviewed in one way."""

    def __init__(self, path: Path, rows: Sequence[Robustness]) -> None:
        """Index the rows.

        Raises:
            UserError: There are no rows, or they are of several datasets or ways of review.
        """
        self.path = path
        self._rows = {(row["model"], row["metric"], row["k"], row["subset"]): row for row in rows}
        self.review = self._only("review", rows)
        """none, auto or human."""
        self.dataset = self._only("dataset", rows)
        self.ks = sorted({row["k"] for row in rows if row["metric"] == "pm_k"})
        """Distances from the anchor, in frames, that were examined."""

    @classmethod
    def read(cls, path: Path) -> "RobustnessTable":
        """Read a file; errors as in `wildframe.core.tables.read_table` and of the constructor."""
        return cls(path, read_table(path, ROBUSTNESS).to_pylist())

    @property
    def k(self) -> int:
        """Largest distance from the anchor, in frames."""
        return int(self.ks[-1])

    def find(
        self, model: str, k: int, metric: str = "pm_k", subset: str = "all"
    ) -> Robustness | None:
        """Return one row, or None where there is none: no anchor may have a frame near it."""
        return self._rows.get((model, metric, k, subset))

    def require(self, model: str, k: int, metric: str = "pm_k", subset: str = "all") -> Robustness:
        """Return one row.

        Raises:
            UserError: There is none.
        """
        row = self.find(model, k, metric, subset)
        if row is None:
            raise UserError(
                f"{self.path}: no {metric} of {model} at {k} on {subset!r}; name a model that "
                "this table has, or make it anew with the model's results"
            )
        return row

    def classes(self, model: str) -> list[str]:
        """Return the classes by which a model's anchors were told apart, in the table's order."""
        subsets = (subset for name, _, _, subset in self._rows if name == model)
        found = (subset.partition("=") for subset in subsets)
        return list(dict.fromkeys(wnid for key, _, wnid in found if key == "class"))

    def notes(self, data_note: str, model: str) -> list[str]:
        """Return the notes under every exhibit: on what data it was made, and who reviewed it."""
        row = self.require(model, self.k)
        return [
            f"Data: {data_note}",
            f"{row['n']:,} anchors, {row['pairs']:,} pairs of an anchor and another frame up to "
            f"{self.k} frames away. {reviewed(self.review)}",
        ]

    def _only(self, key: str, rows: Sequence[Robustness]) -> str:
        found = sorted({row[key] for row in rows})
        if not found:
            raise UserError(f"{self.path}: the table has no rows; make it anew with results")
        if len(found) > 1:
            raise UserError(
                f"{self.path}: several values of {key} ({', '.join(found)}) do not compare; make "
                "the table anew with results of one"
            )
        return str(found[0])


def reviewed(review: str) -> str:
    """Say in one sentence who reviewed sets."""
    return f"Review: {review} ({_REVIEWED.get(review, 'not known to this version')})."

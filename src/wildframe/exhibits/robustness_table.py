"""The ``robustness`` table as exhibits look things up in it."""

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from wildframe.core.contracts import Contract
from wildframe.core.errors import UserError
from wildframe.core.schemas import ROBUSTNESS
from wildframe.exhibits.score_table import Score, ScoreTable

_REVIEWS = {
    "none": "not reviewed: frames of a set may show something else than its anchor",
    "auto": "frames were accepted by image similarity, not by people",
    "human": "reviewers decided, pair by pair, which frames count",
    "script": "a script decided which frames count; no people looked at them",
}

INTERVALS = (
    "Intervals beside an accuracy are Clopper-Pearson's and treat anchors of one video as "
    "independent; those over videos are Student's t with the jackknife over videos, on the logit "
    "scale. N/A: all videos agree, or there are fewer than five anchors."
)
"""What both intervals of an accuracy are, in tables."""

DRAWN_INTERVALS = (
    "Intervals of accuracies are Clopper-Pearson's, 95 %, and treat anchors as independent; the "
    "CSV has those over videos, too."
)
"""The same, in figures."""


class RobustnessTable(ScoreTable):
    """Accuracy of models on the sets of one dataset, reviewed in one way."""

    contract: ClassVar[Contract] = ROBUSTNESS
    metric: ClassVar[str] = "pm_k"

    def __init__(self, path: Path, rows: Sequence[Score]) -> None:
        """Index the rows.

        Raises:
            UserError: There are no rows, or they are of several datasets or kinds of review.
        """
        super().__init__(path, rows)
        self.review = self._only("review", rows)
        """none, auto, human or script."""
        self._only("dataset", rows)
        self.ks = sorted({row["k"] for row in rows if row["metric"] == self.metric})
        """Distances from the anchor, in frames, that were evaluated."""

    @property
    def k(self) -> int:
        """Largest distance from the anchor, in frames."""
        return int(self.ks[-1])

    def notes(self, data_note: str, model: str) -> list[str]:
        """Return the notes under every exhibit: its data, and how the sets were reviewed.

        All models of an exhibit are evaluated on the same sets, so that any of them will do.
        """
        row = self.require(model, self.k)
        return [
            f"Data: {data_note}",
            f"{row['n']:,} anchors, {row['pairs']:,} pairs of an anchor and another frame up to "
            f"{self.k} frames away. {reviewed(self.review)}",
        ]

    def _only(self, key: str, rows: Sequence[Score]) -> str:
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
    """Say in one sentence how sets were reviewed."""
    return f"Review: {review} ({_REVIEWS.get(review, 'not known to this version')})."

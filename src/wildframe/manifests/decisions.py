"""Decisions on records of a source: each is kept or dropped, with the reason, in the funnel."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from wildframe.core.errors import UserError
from wildframe.core.tables import Row

KEPT = "kept"


def decision(
    record_id: str,
    role: str,
    step: str,
    detail: str,
    image_id: str | None = None,
    annotation_labels: Sequence[Sequence[str]] = (),
    position: int | None = None,
) -> Row:
    """Return a row of FUNNEL, in which ``step`` is what dropped the record, or `KEPT`."""
    return {
        "record_id": record_id,
        "role": role,
        "position": position,
        "image_id": image_id,
        "step": step,
        "annotation_labels": annotation_labels,
        "detail": detail,
    }


class Reasons:
    """Counts decisions, to say why nothing is left."""

    def __init__(self, steps: Mapping[str, str]) -> None:
        """Take the steps, and what each means."""
        self._steps = steps
        self._counts: Counter[str] = Counter()
        self._examples: dict[str, str] = {}

    def add(self, row: Row) -> None:
        """Count a row of FUNNEL."""
        self._counts[row["step"]] += 1
        self._examples.setdefault(row["step"], f"{row['record_id']}: {row['detail']}")

    def require_kept(self, nothing: str) -> None:
        """Raise a `UserError` if no record was kept: that there is nothing, and the reasons."""
        if not self._counts[KEPT]:
            reasons = "; ".join(
                f"{self._steps[step].lower()}: {self._counts[step]}, such as {example}"
                for step, example in self._examples.items()
            )
            raise UserError(f"{nothing} ({reasons or 'the source has none'})")


def require_split(dataset: str, split: str | None, splits: Collection[str], what: str) -> None:
    """Raise a `UserError` if the split of a dataset is not among those of its source."""
    if split is not None and split not in splits:
        found = ", ".join(sorted(filter(None, splits))) or "no splits"
        raise UserError(
            f"{dataset}: no {what} is in split {split!r}; its source has {found}; correct "
            f"datasets.{dataset}.split in the config"
        )

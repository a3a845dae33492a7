"""The ``scores`` table as exhibits look things up in it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Self

from wildframe.core.contracts import Contract
from wildframe.core.errors import UserError
from wildframe.core.schemas import SCORES
from wildframe.core.tables import read_table

Score = Mapping[str, Any]


class ScoreTable:
    """Scores of one dataset, study and view, by model, metric, k and subset."""

    contract: ClassVar[Contract] = SCORES
    metric: ClassVar[str] = "accuracy"
    """What is looked up where no metric is named."""

    def __init__(self, path: Path, rows: Sequence[Score]) -> None:
        """Index the rows; messages name their file."""
        self.path = path
        self._scores = {(row["model"], row["metric"], row["k"], row["subset"]): row for row in rows}

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a file; errors as in `wildframe.core.tables.read_table` and of the constructor."""
        return cls(path, read_table(path, cls.contract).to_pylist())

    def find(
        self, model: str, k: int = 1, metric: str | None = None, subset: str = "all"
    ) -> Score | None:
        """Return one score, or None where the model was not scored so: a subset may be empty."""
        return self._scores.get((model, metric or self.metric, k, subset))

    def require(
        self, model: str, k: int = 1, metric: str | None = None, subset: str = "all"
    ) -> Score:
        """Return one score.

        Raises:
            UserError: There is none.
        """
        score = self.find(model, k, metric, subset)
        if score is None:
            raise UserError(
                f"{self.path}: no {metric or self.metric} of {model} at {k} on {subset!r}; name a "
                "model that this table has, or make it anew with the model's results"
            )
        return score

    def values(self, key: str, model: str | None = None) -> list[str]:
        """Return the values of the subsets ``key=value``, of all models or one, in table order."""
        found = (
            subset.partition("=") for name, *_, subset in self._scores if model in (None, name)
        )
        return list(dict.fromkeys(value for name, _, value in found if name == key and value))

    def counts(self, key: str, model: str, k: int = 1) -> dict[str, int]:
        """Return the number of images of each of the subsets ``key=value``, by value."""
        values = self.values(key, model)
        return {value: self.require(model, k, subset=f"{key}={value}")["n"] for value in values}

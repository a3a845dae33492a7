"""The ``scores`` table as exhibits look things up in it."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from wildframe.core.errors import UserError
from wildframe.scores import read_scores

Score = Mapping[str, Any]


class ScoreTable:
    """Scores of one dataset, study and view, by model, metric, k and subset."""

    def __init__(self, path: Path, rows: Iterable[Score]) -> None:
        self.path = path
        self._scores = {(row["model"], row["metric"], row["k"], row["subset"]): row for row in rows}

    @classmethod
    def read(cls, path: Path) -> "ScoreTable":
        """Read a file; errors as in `wildframe.core.tables.read_table`."""
        return cls(path, read_scores(path))

    def find(
        self, model: str, k: int = 1, metric: str = "accuracy", subset: str = "all"
    ) -> Score | None:
        """Return one score, or None where the model was not scored so: a subset may be empty."""
        return self._scores.get((model, metric, k, subset))

    def require(
        self, model: str, k: int = 1, metric: str = "accuracy", subset: str = "all"
    ) -> Score:
        """Return one score.

        Raises:
            UserError: There is none.
        """
        score = self.find(model, k, metric, subset)
        if score is None:
            raise UserError(
                f"{self.path}: no {metric} of {model} at {k} on {subset!r}; name a model that "
                "this table has, or make it anew with the model's results"
            )
        return score

    def metric(self, prefix: str) -> str:
        """Return the name of the one metric whose name begins so.

        Raises:
            UserError: There is none, or several.
        """
        found = {metric for _, metric, _, _ in self._scores if metric.startswith(prefix)}
        if len(found) != 1:
            raise UserError(
                f"{self.path}: expected one metric {prefix}*, found {len(found)}; make the table "
                "anew with one version and configuration"
            )
        (name,) = found
        return str(name)

    def values(self, key: str) -> list[str]:
        """Return the values of the subsets ``key=value``, in the order of the table."""
        found = (subset.partition("=") for _, _, _, subset in self._scores)
        return list(dict.fromkeys(value for name, _, value in found if name == key and value))

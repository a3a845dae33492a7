"""What is counted and compared: one metric of one model on one subset, as flags of each result."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from wildframe.core.clusters import Counts


@dataclass(frozen=True, slots=True)
class Condition:
    """A metric of one model on a part of the results; arrays of shape (results,)."""

    model: str
    subset: str
    metric: str
    k: int
    successes: npt.NDArray[Any]
    """Of each result: True, 1, or a share of a trial."""
    trials: npt.NDArray[Any]
    """Of each result: False or 0 where it is not of the subset."""


def counts_of(conditions: Sequence[Condition], units: Sequence[str]) -> Counts:
    """Return successes and trials of each unit, a column a condition.

    Args:
        conditions: Of the same results, at least one.
        units: Clip or video of each result.
    """
    _, unit = np.unique(units, return_inverse=True)
    successes, trials = (
        np.array([getattr(one, side) for one in conditions]).T for side in ("successes", "trials")
    )
    return Counts.of(unit, successes, trials)

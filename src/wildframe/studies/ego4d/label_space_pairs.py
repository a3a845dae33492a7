"""Paired comparison of two label spaces: of the same images, how many name a class in each?"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from wildframe.core.tables import Row
from wildframe.manifests.decisions import KEPT
from wildframe.scores.conditions import Condition
from wildframe.scores.pairs import compare

_WITH_BOX = ("no_noun", "no_class", "several_classes", KEPT)
"""Steps that drop, or keep, an image with an object box."""

_STEPS = {
    "with_class": ("several_classes", KEPT),
    "several_classes": ("several_classes",),
    "one_class": (KEPT,),
}
"""Steps of the images that a statistic counts."""

Funnel = Iterable[Mapping[str, Any]]


def compare_spaces(
    in1k: Funnel, in21k: Funnel, records: Iterable[Mapping[str, Any]], seed: int
) -> dict[str, Row]:
    """Return rows of ``PAIRS`` by statistic: shares of the images, or of the objects, with a box.

    Args:
        in1k: Funnel of the images under ImageNet-1K.
        in21k: Funnel of the same images under ImageNet-21K.
        records: Rows of ``RECORDS``, of their source.
        seed: Seed of the tests.
    """
    units = {
        (row["record_id"], row["role"]): row["video_id"] or row["clip_id"] or row["record_id"]
        for row in records
    }
    steps = [_steps(funnel) for funnel in (in1k, in21k)]
    shared = sorted(steps[0].keys() & steps[1].keys())
    if not shared:
        return {}
    every = np.ones(len(shared), bool)
    conditions = [
        Condition(name, "all", statistic, 1, _is_one_of(of_space, shared, counted), every)
        for statistic, counted in _STEPS.items()
        for name, of_space in zip(("IN-1K", "IN-21K"), steps, strict=True)
    ]
    pairs = [(2 * number, 2 * number + 1) for number in range(len(_STEPS))]
    rows = compare(conditions, pairs, [units[key[:2]] for key in shared], seed)
    return {row["metric"]: row for row in rows}


_Place = tuple[str, str, int | None]
"""Record, role, and position of the object; None of an image as a whole."""


def _steps(funnel: Funnel) -> dict[_Place, str]:
    """Return the step of each image, or object, with a box."""
    return {
        (row["record_id"], row["role"], row["position"]): row["step"]
        for row in funnel
        if row["step"] in _WITH_BOX
    }


def _is_one_of(
    steps: Mapping[_Place, str], keys: Sequence[_Place], counted: Sequence[str]
) -> npt.NDArray[np.bool_]:
    return np.array([steps[key] in counted for key in keys], bool)

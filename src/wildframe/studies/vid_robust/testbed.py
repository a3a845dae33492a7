"""Published accuracies: the table of ImageNet-Testbed, and the lines through its models.

There are two shifts. From anchors to sets is consistency: the same videos, and any frame may fail.
From the validation images of ILSVRC, of the same classes, to anchors is the shift of data set.

Source: Taori et al., *Measuring Robustness to Natural Distribution Shifts in Image Classification*,
2020; the floors are those of its authors' plots.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from wildframe.core.choices import Targets
from wildframe.core.errors import UserError
from wildframe.core.own_csv import iter_records
from wildframe.scores.effective import RESAMPLES, Line, clipped, fit, logit

TORCHVISION = ".tv_in1k"
"""Suffix of timm's names of torchvision's weights, which published models have."""

K = 10
"""Largest distance of the published accuracies on sets, in frames."""

_ROUNDING = 0.1
"""Largest rounding error, in images, of a percentage of two decimals."""

_STANDARD = "STANDARD"
_VARIANTS = ("aws", "batch64", "subsample")
"""Parts of names of variants: of the same training, or of a part of the data."""


@dataclass(frozen=True, slots=True)
class Shift:
    """Two published accuracies of each model, before a shift and after it."""

    before: str
    """Column of the accuracy before the shift."""
    after: str
    n: tuple[int, int]
    """Images before and after."""
    floor: float
    """Accuracy before the shift below which the authors plot no model on the line."""


@dataclass(frozen=True, slots=True)
class Shifts:
    """Both shifts of a data set."""

    consistency: Shift
    data_set: Shift


def _of(data_set: str, images: str, anchors: int, validation: int, *floors: float) -> Shifts:
    original, perturbed = f"{data_set}_pm0", f"{data_set}_pm{K}"
    return Shifts(
        Shift(original, perturbed, (anchors, anchors), floors[0]),
        Shift(images, original, (validation, anchors), floors[1]),
    )


SHIFTS: Mapping[Targets, Shifts] = {
    # 50 validation images of each of the 288 and 231 classes.
    "vid30": _of("imagenet-vid-robust", "val-on-vid-robust-classes", 1109, 14_400, 0.49, 0.92),
    "ytbb24": _of("ytbb-robust", "val-on-ytbb-robust-classes", 2030, 11_550, 0.45, 0.95),
}
"""The data sets with published accuracies, by label space."""


@dataclass(frozen=True, slots=True)
class Published:
    """Published accuracies of a model, 0 to 1."""

    model: str
    model_type: str
    before: float
    after: float
    is_standard: bool
    """Whether the line is fitted to it."""


@dataclass(frozen=True, slots=True)
class Background:
    """The published models under one shift, and their line of logits."""

    shift: Shift
    models: Sequence[Published]
    line: Line

    def before(self, model: str) -> float | None:
        """Return the published accuracy before the shift, of a model with torchvision's weights."""
        if not model.endswith(TORCHVISION):
            return None
        # inceptionv3 there is inception_v3 in timm.
        name = _plain(model.removesuffix(TORCHVISION))
        return next((one.before for one in self.models if _plain(one.model) == name), None)


@dataclass(frozen=True, slots=True)
class Testbed:
    """The published models under both shifts."""

    consistency: Background
    data_set: Background | None
    """None where the file has no accuracy on validation images."""


def read_testbed(path: Path, label_space: Targets, *, resamples: int = RESAMPLES) -> Testbed:
    """Read published accuracies, and fit the lines.

    Args:
        path: CSV file with the columns ``model``, ``model_type`` and those of `SHIFTS` in percent,
            of which those of the validation images may be missing; others are ignored.
        label_space: Of the data set, one of `SHIFTS`.
        resamples: Draws of models for the band of a line.

    Raises:
        UserError: The file is absent or something else, or has fewer than three standard models;
            names the line.
    """
    shifts = SHIFTS[label_space]
    rows = list(iter_records(path, _columns(shifts.consistency), others=True))
    has_images = all(shifts.data_set.before in row for _, row in rows)
    return Testbed(
        _background(path, rows, shifts.consistency, resamples),
        _background(path, rows, shifts.data_set, resamples) if has_images else None,
    )


def _columns(shift: Shift) -> list[str]:
    return ["model", "model_type", shift.before, shift.after]


def _plain(name: str) -> str:
    return name.replace("_", "")


def _background(
    path: Path, rows: Sequence[tuple[int, Mapping[str, str]]], shift: Shift, resamples: int
) -> Background:
    models = []
    for number, row in rows:
        model, model_type, *accuracies = (row[name] for name in _columns(shift))
        if not all(accuracies):
            continue
        try:
            before, after = (
                _share(float(text), n) for text, n in zip(accuracies, shift.n, strict=True)
            )
        except ValueError:
            before = after = np.nan
        if not (0 <= before <= 1 and 0 <= after <= 1):
            raise UserError(
                f"{path}: line {number}: {' and '.join(accuracies)} are not two percentages"
            )
        is_standard = (
            model_type == _STANDARD
            and not any(part in model for part in _VARIANTS)
            and before >= shift.floor
        )
        models.append(Published(model, model_type, before, after, is_standard))
    chosen = [one for one in models if one.is_standard]
    x = logit(clipped(np.array([one.before for one in chosen]), shift.n[0]))
    y = logit(clipped(np.array([one.after for one in chosen]), shift.n[1]))
    line = fit(x, y, resamples=resamples)
    if line is None:
        raise UserError(
            f"{path}: a line needs three different models of type {_STANDARD} with at least "
            f"{100 * shift.floor:g} in {shift.before}, and {len(chosen)} are published; name the "
            "file of published accuracies"
        )
    return Background(shift, models, line)


def _share(percent: float, n: int) -> float:
    """Return a printed percentage of ``n`` images as a share, exact if it is a whole number."""
    count = percent * n / 100
    return round(count) / n if abs(count - round(count)) < _ROUNDING else count / n

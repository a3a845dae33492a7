"""Effective robustness: the robustness of a model beyond that expected from its accuracy.

Among models of standard training, accuracy on whole sets follows from accuracy on anchors: on logit
axes they lie on a line. The distance above it, in percentage points, is the effective robustness.

Source: Taori et al., *Measuring Robustness to Natural Distribution Shifts in Image Classification*,
2020, section 3.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from wildframe.core.choices import Targets
from wildframe.core.errors import UserError
from wildframe.core.files import require_file

Floats = npt.NDArray[np.float64]

RESAMPLES = 1000
"""Draws of models for the band, as the authors'."""

_ROUNDING = 0.1
"""Largest rounding error, in anchors of 2,030, of a percentage of two decimals."""

_STANDARD = "STANDARD"
_VARIANTS = ("aws", "batch64", "subsample")
"""Parts of names of variants: of the same training, or of a part of the data."""


@dataclass(frozen=True, slots=True)
class _Set:
    """A published data set."""

    column: str
    n: int
    """Anchors."""
    floor: float
    """Accuracy on anchors below which the authors plot no model on the line."""


PUBLISHED: dict[Targets, _Set] = {
    "vid30": _Set("imagenet-vid-robust", 1109, 0.49),
    "ytbb24": _Set("ytbb-robust", 2030, 0.45),
}
"""The data sets with published accuracies, by label space; k is 10."""


@dataclass(frozen=True, slots=True)
class Published:
    """Published accuracies of a model, 0 to 1."""

    model: str
    model_type: str
    pm_0: float
    pm_k: float
    n: int
    """Anchors."""
    is_standard: bool
    """Whether the line is fitted to it."""


@dataclass(frozen=True, slots=True)
class Fit:
    """The line ``logit(pm_k) = slope * logit(pm_0) + intercept``."""

    slope: float
    intercept: float
    r: float
    """Correlation of the logits."""
    n: int
    """Models that it is fitted to."""
    resampled: Floats
    """Slope and intercept of each bootstrap draw of the models, shape (draws, 2)."""

    def expected(self, pm_0: npt.ArrayLike) -> Floats:
        """Return the accuracy on whole sets that the line predicts, 0 to 1."""
        return _inverse_logit(self.slope * _logit(np.asarray(pm_0, np.float64)) + self.intercept)

    def band(self, pm_0: npt.ArrayLike) -> tuple[Floats, Floats]:
        """Return the ends of the 95 % percentile band of `expected`, same shape as ``pm_0``."""
        logits = _logit(np.asarray(pm_0, np.float64))
        lines = np.multiply.outer(self.resampled[:, 0], logits)
        lines += self.resampled[:, 1].reshape(-1, *[1] * logits.ndim)
        low, high = np.percentile(lines, [2.5, 97.5], axis=0)
        return _inverse_logit(low), _inverse_logit(high)


def read_published(path: Path, label_space: Targets) -> list[Published]:
    """Read published accuracies: every model that has both.

    Args:
        path: CSV file with the columns ``model``, ``model_type`` and, of each data set in percent,
            ``imagenet-vid-robust_pm0``, ``imagenet-vid-robust_pm10``, ``ytbb-robust_pm0`` and
            ``ytbb-robust_pm10``; others are ignored.
        label_space: Of the data set: vid30 or ytbb24.

    Raises:
        UserError: The file is absent or something else; names the line.
    """
    if label_space not in PUBLISHED:
        choices = " or ".join(PUBLISHED)
        raise UserError(f"{path}: nothing is published for {label_space}; choose {choices}")
    known = PUBLISHED[label_space]
    columns = ["model", "model_type", f"{known.column}_pm0", f"{known.column}_pm10"]
    require_file(path, "correct its path, or make the file")
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise UserError(f"{path}: not UTF-8 text ({error})") from error
    rows = csv.DictReader(lines)
    if missing := [name for name in columns if name not in (rows.fieldnames or ())]:
        raise UserError(f"{path}: column {missing[0]!r} is missing; its first line names columns")
    published = []
    for row in rows:
        model, model_type, *accuracies = (row[name] or "" for name in columns)
        if not all(accuracies):
            continue
        try:
            pm_0, pm_k = (_share(float(text), known.n) for text in accuracies)
        except ValueError:
            pm_0 = pm_k = np.nan
        if not (0 <= pm_0 <= 1 and 0 <= pm_k <= 1):
            raise UserError(
                f"{path}: line {rows.line_num}: {' and '.join(accuracies)} are not two percentages"
            )
        is_standard = (
            model_type == _STANDARD
            and not any(part in model for part in _VARIANTS)
            and pm_0 >= known.floor
        )
        published.append(Published(model, model_type, pm_0, pm_k, known.n, is_standard))
    return published


def _share(percent: float, n: int) -> float:
    """Return a printed percentage of ``n`` anchors as a share, exact if it is a whole number."""
    count = percent * n / 100
    return round(count) / n if abs(count - round(count)) < _ROUNDING else count / n


def fit(published: Sequence[Published], *, resamples: int = RESAMPLES, seed: int = 0) -> Fit:
    """Fit the line to the models of standard training (least squares of `clipped` logits).

    Args:
        published: Accuracies of models.
        resamples: Draws of models for the band.
        seed: Seed of the draws.

    Raises:
        UserError: Fewer than three models differ.
    """
    chosen = [model for model in published if model.is_standard]
    accuracies = [clipped(np.array([model.pm_0, model.pm_k]), model.n) for model in chosen]
    x, y = _logit(np.array(accuracies).reshape(-1, 2)).T
    if len(np.unique(x)) < 3:
        raise UserError(
            f"a line needs three different models of type {_STANDARD}, and {len(chosen)} are "
            "published; name the file of published accuracies"
        )
    rng = np.random.default_rng(seed)
    draws: list[tuple[float, float]] = []
    while len(draws) < resamples:
        drawn = rng.integers(0, len(x), len(x))
        if np.ptp(x[drawn]) > 0:  # a single model, drawn repeatedly, has no line
            draws.append(_line(x[drawn], y[drawn]))
    slope, intercept = _line(x, y)
    r = float(np.corrcoef(x, y)[0, 1])
    return Fit(slope, intercept, r, len(x), np.array(draws).reshape(-1, 2))


def effective(line: Fit, pm_0: float, pm_k: float) -> float | None:
    """Return the effective robustness of accuracies from 0 to 1, in percentage points.

    None for an accuracy of 0 or 1, which has no logit: clipping by half an anchor, as in `fit`,
    would dominate the result of few anchors.
    """
    if {pm_0, pm_k} & {0, 1}:
        return None
    return float(100 * (pm_k - line.expected(pm_0)))


def clipped(accuracies: Floats, n: int) -> Floats:
    """Return accuracies at least half an anchor away from 0 and 1, which have no logit."""
    return np.clip(accuracies, 0.5 / n, 1 - 0.5 / n)


def _line(x: Floats, y: Floats) -> tuple[float, float]:
    """Return slope and intercept of the least-squares line."""
    centred = x - x.mean()
    slope = float(centred @ (y - y.mean()) / (centred @ centred))
    return slope, float(y.mean() - slope * x.mean())


def _logit(p: Floats) -> Floats:
    return np.log(p / (1 - p))


def _inverse_logit(x: Floats) -> Floats:
    return 1 / (1 + np.exp(-x))

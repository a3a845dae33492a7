"""How small a difference a paired comparison can detect, and how many clips a smaller one needs.

The difference of two models on an image is -1, 0 or 1. Its variance is v = d - D ** 2, of the share
d of discordant images and the mean difference D. Images of one clip are correlated (ICC), so that
the mean over n images in clips of m has the variance v (1 + (m - 1) ICC) / n; the factor is the
design effect. A difference is detected if it is t standard errors from 0, where t is the sum of
Student's quantiles of the level and the power. Sources: Kish, *Survey Sampling*, 1965, 5.4; Donner
and Klar, *Design and Analysis of Cluster Randomization Trials in Health Research*, 2000, 5.2; clips
of several sizes: Eldridge et al., *Sample Size for Cluster Randomized Trials*, 2006.
"""

import math
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from wildframe.core.errors import UserError
from wildframe.core.schemas import IMAGE_RESULTS
from wildframe.core.tables import Row, read_table
from wildframe.scores import unit_of

_MOST = 2**31
"""Clips that are tried."""


@dataclass(frozen=True, slots=True)
class Design:
    """What a comparison is made on."""

    clips: int
    """Independent units, at least 2."""
    images: int
    """Images in all clips; of sets, their number."""
    icc: float
    """Correlation of the difference of two images of one clip, 0 to 1."""
    discordant: float
    """Share of images on which only one of the models is correct, 0 to 1."""
    spread: float = 1.0
    """Mean size of an image's clip by that of clips: 1 where all are of one size."""

    @property
    def has_several(self) -> bool:
        """Whether clips have more than one image, so that the ICC matters."""
        return self.images > self.clips

    @property
    def effect(self) -> float:
        """The design effect."""
        return 1 + max(self.spread * self.images / self.clips - 1, 0) * self.icc


def planned(results: Sequence[Path], given: Mapping[str, Any]) -> Design:
    """Return the design of two results, or of none, in which what is given counts.

    Raises:
        UserError: There is another number of results, something is neither estimated nor given, or
            there are more clips than images; others as of `design_of` and
            `wildframe.core.tables.read_table`.
    """
    if len(results) == 2:
        columns = ["anchor_id", "group_id", "video_id", "correct_top1"]
        found = [read_table(path, IMAGE_RESULTS, columns).to_pylist() for path in results]
        estimated = design_of(*found)
        if given.keys() & {"clips", "images"}:
            images = given.get("clips", estimated.clips) * estimated.images / estimated.clips
            given = {"images": round(images), **given}
        design = replace(estimated, **given)
        if estimated.clips == estimated.images and design.has_several and "icc" not in given:
            raise UserError(
                "--icc: give it, since the results have one image a clip and do not tell how alike "
                "several are"
            )
        return _possible(design)
    if results:
        raise UserError(f"{results[0]}: {len(results)} results are named; name those of two models")
    if missing := [name for name in ("clips", "images", "icc", "discordant") if name not in given]:
        raise UserError(f"--{missing[0]}: give it, or name the results of two models")
    return _possible(Design(**given))


def _possible(design: Design) -> Design:
    if design.images < design.clips:
        raise UserError(
            f"--images: {design.images:,} images cannot be of {design.clips:,} clips, each of "
            "which has one at least; correct --images or --clips"
        )
    return design


def plan_rows(design: Design, difference: float | None, power: float, level: float) -> list[Row]:
    """Return quantities and their values: a design, what it can detect, and what more could.

    Args:
        design: The design.
        difference: A difference to detect, as a share, if any.
        power: Probability to detect it.
        level: Level of the test, corrected for the number of comparisons.
    """
    rows = {
        "clips": f"{design.clips:,}",
        "images": f"{design.images:,}",
        "ICC": f"{design.icc:.3f}" if design.has_several else "N/A: one image a clip",
        "discordant images": f"{100 * design.discordant:.1f} %",
        "design effect": f"{design.effect:.2f}",
        "as many independent images": f"{design.images / design.effect:,.0f}",
        "level": f"{level:.4g}",
        "power": f"{power:g}",
        "smallest detectable difference": _told(design, detectable(design, power, level)),
    }
    if difference:
        needed = clips_needed(design, difference, power, level)
        more = max(needed - design.clips, 0)
        images = math.ceil(more * design.images / design.clips)
        rows |= {
            f"clips for {100 * difference:g} points": f"{needed:,}",
            "more clips": f"{more:,}",
            "more images (or sets to review)": f"{images:,}",
        }
    return [{"quantity": quantity, "value": value} for quantity, value in rows.items()]


def _told(design: Design, difference: float) -> str:
    if 0 < difference <= design.discordant:
        return f"{100 * difference:.2f} points"
    return f"none: discordant images allow {100 * design.discordant:g} points at most"


def design_of(first: Sequence[Mapping[str, Any]], second: Sequence[Mapping[str, Any]]) -> Design:
    """Estimate a design from the ``image_results`` of two models; a set is one unit of it.

    The ICC is that of a one-way analysis of variance of the differences over clips; of one image a
    clip nothing is known of it, and nothing depends on it.

    Raises:
        UserError: The results are of different images, or of a single clip.
    """
    correct = [_correct(rows) for rows in (first, second)]
    if correct[0].keys() != correct[1].keys():
        other = min(correct[0].keys() ^ correct[1].keys())
        raise UserError(f"image {other} has a result of one model only; name two of one dataset")
    units = {row["anchor_id"]: unit_of(row) for row in first}
    names, clip = np.unique([units[anchor] for anchor in correct[0]], return_inverse=True)
    if len(names) < 2:
        raise UserError("the results are of a single clip; a comparison needs several")
    differences = np.array([correct[0][one] - correct[1][one] for one in correct[0]], np.float64)
    sizes = np.bincount(clip)
    n, clips = len(clip), len(names)
    means = np.bincount(clip, differences) / sizes
    if n == clips:
        return Design(clips, n, 0.0, float(np.abs(differences).mean()))
    between = (sizes * (means - differences.mean()) ** 2).sum() / (clips - 1)
    within = ((differences - means[clip]) ** 2).sum() / (n - clips)
    size = (n - (sizes**2).sum() / n) / (clips - 1)
    total = between + (size - 1) * within
    return Design(
        clips,
        n,
        float(np.clip((between - within) / total, 0, 1)) if total > 0 else 0.0,
        float(np.abs(differences).mean()),
        float((sizes**2).mean() / sizes.mean() ** 2),
    )


def _correct(rows: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Return 1 for anchors that are correct with all frames of their sets, otherwise 0."""
    found: dict[str, int] = {}
    for row in rows:
        found[row["anchor_id"]] = min(found.get(row["anchor_id"], 1), int(row["correct_top1"]))
    return found


def detectable(design: Design, power: float, level: float) -> float:
    """Return the smallest true difference, as a share, that is detected with a power at a level."""
    from scipy.special import stdtrit

    quantiles = stdtrit(design.clips - 1, 1 - level / 2) + stdtrit(design.clips - 1, power)
    factor = quantiles**2 * design.effect / design.images
    return math.sqrt(design.discordant * factor / (1 + factor))


def clips_needed(design: Design, difference: float, power: float, level: float) -> int:
    """Return how many clips, as large as those of a design, detect a difference (a share).

    Raises:
        UserError: No number of clips does: it is 0, or more than discordant images allow.
    """
    if difference > design.discordant:
        raise UserError(
            f"{100 * design.discordant:g} % of discordant images allow no difference of "
            f"{100 * difference:g} points; correct --difference or --discordant"
        )

    def is_enough(clips: int) -> bool:
        larger = replace(design, clips=clips, images=round(clips * design.images / design.clips))
        return detectable(larger, power, level) <= difference

    tried = range(2, _MOST + 1)
    at = bisect_left(tried, True, key=is_enough)
    if at == len(tried):
        raise UserError(f"a difference of {100 * difference:g} points needs too many clips")
    return tried[at]

"""Appendix Fig. 1: pairs that the review rejected; neighbours may show something else."""

import random
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from wildframe.core.tables import Row
from wildframe.exhibits.comparisons import NOTHING
from wildframe.exhibits.figure import PAGE_WIDTH, Figure
from wildframe.exhibits.inputs import Seed
from wildframe.exhibits.panels import names_of, strip_figure
from wildframe.exhibits.registry import exhibit
from wildframe.exhibits.robustness_table import reviewed
from wildframe.reviews.agreement import knows_rejected
from wildframe.studies.vid_robust.cells import class_names
from wildframe.studies.vid_robust.inputs import (
    DataNote,
    FrameShards,
    ManifestFile,
    Reviews,
    SetsLabelSpace,
    datasets,
)
from wildframe.studies.vid_robust.panels import Manifest, in_turns, offset_text, origin, show_panel

PAIRS = 6
"""At most; the paper shows three."""

_NOT_OF_THE_PAIR = {"unreadable", "anchor", "set"}
"""Reasons that say nothing of the pair itself."""

_WIDTH = 0.23 * PAGE_WIDTH
"""Width of a panel, in inches."""


@exhibit(
    "App. Fig. 1",
    "pairs that reviewers rejected",
    "Pairs of an anchor and a neighbour that the review rejected, and why (paper: appendix "
    "Fig. 1).",
    datasets=datasets,
    compares=[NOTHING],
)
def appendix_fig1_dissimilar(
    frames: FrameShards,
    manifest: ManifestFile,
    reviews: Reviews,
    label_space: SetsLabelSpace,
    seed: Seed,
    data_note: DataNote,
) -> Figure:
    """Draw pairs of an anchor and a neighbour, and why the neighbour was rejected."""
    decided = decided_pairs(reviews.rows)
    rejected = [row for row in decided if not row["accepted"]]
    chosen = choose(rejected, PAIRS, seed)
    shown = [image_id for row in chosen for image_id in (row["anchor_id"], row["image_id"])]
    manifest.require(shown)
    anchors = [row for row in reviews.rows if row["image_id"] == row["anchor_id"]]
    review = reviews.facts["review"]
    title = describe(decided, review, len(rejected), len(chosen))
    names = class_names(label_space)
    labels = {row["anchor_id"]: names_of(row["labels"], names) for row in anchors}
    drawing = draw(chosen, labels, manifest, frames.images(shown))
    return Figure(title, drawing, [f"Data: {data_note}", reviewed(review)])


def decided_pairs(reviews: Iterable[Row]) -> list[Row]:
    """Return the pairs that were accepted or rejected: rows of REVIEWS of their neighbours."""
    return [
        row
        for row in reviews
        if row["image_id"] != row["anchor_id"] and row["reason"] not in _NOT_OF_THE_PAIR
    ]


def choose(rejected: Sequence[Row], count: int, seed: int) -> list[Row]:
    """Draw up to ``count`` pairs, of as many sets as possible."""
    ordered = sorted(rejected, key=lambda row: (row["anchor_id"], row["offset"]))
    drawn = random.Random(seed).sample(ordered, len(ordered))
    return in_turns(drawn, lambda row: row["anchor_id"])[:count]


def describe(decided: Sequence[Row], review: str, found: int, shown: int) -> str:
    """Return the title: how many pairs were rejected, as far as it is known, and are shown."""
    title = "Appendix Fig. 1: "
    if decided and not knows_rejected(decided, review):
        if review == "none":
            return f"{title}no pair was reviewed"
        return f"{title}the pairs that the publisher rejected are not known"
    if not found:
        return f"{title}no pair of {len(decided)} was rejected"
    part = "" if shown == found else f"; {shown} of them, drawn at random, are shown"
    verb = "was" if found == 1 else "were"
    return f"{title}{found} of {len(decided)} pairs {verb} rejected{part}"


def draw(
    chosen: Sequence[Row],
    labels: Mapping[str, str],
    manifest: Manifest,
    images: Mapping[str, bytes],
) -> Any:
    """Draw the chosen pairs; without any, the title alone."""
    figure, axes = strip_figure(len(chosen), 2, (1, 1), 1.35)
    for row, (left, right) in zip(chosen, axes, strict=True):
        anchor = row["anchor_id"]
        lines = [f"anchor, {origin(anchor, manifest)}", f"label: {labels[anchor]}"]
        show_panel(left, images[anchor], lines, _WIDTH)
        lines = [offset_text(row["offset"]), f"rejected: {row['reason'].replace(';', ', ')}"]
        if row["votes"]:
            lines.append(f"accepted by {row['similar_votes']} of {row['votes']}")
        show_panel(right, images[row["image_id"]], lines, _WIDTH)
    return figure

"""Appendix Fig. 1: pairs that a review did not let in; nearby frames may show something else."""

import random
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from wildframe.core.tables import Row
from wildframe.exhibits.figure import Figure
from wildframe.exhibits.registry import exhibit
from wildframe.exhibits.robustness_table import reviewed
from wildframe.studies.vid_robust.cells import target_names
from wildframe.studies.vid_robust.inputs import (
    DataNote,
    FrameShards,
    ManifestFile,
    Reviews,
    Seed,
    TargetClasses,
    datasets,
)
from wildframe.studies.vid_robust.panels import (
    Manifest,
    names_of,
    origin,
    pair_figure,
    show_image,
    where,
)

PAIRS = 6
"""At most; the paper shows three."""

_NOT_JUDGED = {"unreadable", "anchor", "set"}
"""Reasons that say nothing of the pair itself."""


@exhibit(
    "App. Fig. 1",
    "pairs that reviewers rejected",
    "Pairs of an anchor and a neighbour that the review did not accept, and why (paper: appendix "
    "Fig. 1).",
    datasets=datasets,
)
def appendix_fig1_dissimilar(
    frames: FrameShards,
    manifest: ManifestFile,
    reviews: Reviews,
    targets: TargetClasses,
    seed: Seed,
    data_note: DataNote,
) -> Figure:
    """Draw pairs of an anchor and a neighbour, and why the neighbour was rejected."""
    rejected = rejected_pairs(reviews.rows)
    chosen = choose(rejected, PAIRS, seed)
    shown = [image_id for row in chosen for image_id in (row["anchor_id"], row["image_id"])]
    manifest.require(shown)
    anchors = [row for row in reviews.rows if row["image_id"] == row["anchor_id"]]
    title = describe(len(reviews.rows) - len(anchors), len(rejected), len(chosen))
    names = target_names(targets)
    labels = {row["anchor_id"]: names_of(row["labels"], names) for row in anchors}
    drawing = draw(title, chosen, labels, manifest, frames.images(shown))
    return Figure(title, drawing, [f"Data: {data_note}", reviewed(reviews.facts["review"])])


def rejected_pairs(reviews: Iterable[Row]) -> list[Row]:
    """Return the pairs that were judged and are out: rows of REVIEWS of their frames."""
    return [
        row
        for row in reviews
        if not row["accepted"]
        and row["image_id"] != row["anchor_id"]
        and row["reason"] not in _NOT_JUDGED
    ]


def choose(rejected: Sequence[Row], count: int, seed: int) -> list[Row]:
    """Draw up to ``count`` pairs, of as many sets as there are before any comes again."""
    ordered = sorted(rejected, key=lambda row: (row["anchor_id"], row["offset"]))
    times: dict[str, int] = {}
    turns = []
    for row in random.Random(seed).sample(ordered, len(ordered)):
        times[row["anchor_id"]] = turn = times.get(row["anchor_id"], -1) + 1
        turns.append((turn, row))
    # A stable sort: sets keep the order in which they were drawn.
    return [row for _, row in sorted(turns, key=lambda entry: entry[0])[:count]]


def describe(pairs: int, found: int, shown: int) -> str:
    """Return the title: how many pairs were judged and are out, and how many are shown."""
    title = "Appendix Fig. 1: "
    if not found:
        return f"{title}no pair of {pairs} was judged and rejected"
    part = "" if shown == found else f"; {shown} of them, drawn at random, are shown"
    return f"{title}{found} of {pairs} pairs {'was' if found == 1 else 'were'} rejected{part}"


def draw(
    title: str,
    chosen: Sequence[Row],
    labels: Mapping[str, str],
    manifest: Manifest,
    images: Mapping[str, bytes],
) -> Any:
    """Return the drawing."""
    figure, axes = pair_figure(title, len(chosen), across=2)
    for row, (left, right) in zip(chosen, axes, strict=True):
        anchor = row["anchor_id"]
        lines = [f"anchor, {origin(anchor, manifest)}", f"label: {labels[anchor]}"]
        show_image(left, images[anchor], 0.23, lines)
        lines = [where(row["offset"]), f"rejected: {row['reason'].replace(';', ', ')}"]
        if row["votes"]:
            lines.append(f"accepted by {row['similar_votes']} of {row['votes']}")
        show_image(right, images[row["image_id"]], 0.23, lines)
    return figure

"""Appendix Fig. 1: pairs that a review did not let in; nearby frames may show something else."""

import random
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from wildframe.core.tables import Row
from wildframe.exhibits.figure import add_notes, save
from wildframe.exhibits.robustness_table import reviewed
from wildframe.studies.vid_robust.panels import (
    names_of,
    origin,
    pair_figure,
    show_picture,
    where,
)

PAIRS = 6
"""At most; the paper shows three."""

_NOT_JUDGED = {"unreadable", "anchor", "set"}
"""Reasons that say nothing of the pair itself."""


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
    """Draw up to ``count`` pairs, of as many sets as there are before any comes again.

    Args:
        rejected: `rejected_pairs`.
        count: How many.
        seed: Of the draw.
    """
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


def plot(
    chosen: Sequence[Row],
    labels: Mapping[str, Sequence[str]],
    manifest: Mapping[str, Row],
    images: Mapping[str, bytes],
    names: Mapping[str, str],
    review: str,
    title: str,
    about: str,
    outputs: Sequence[Path],
) -> None:
    """Draw each pair: anchor, frame, and why the frame is out.

    Args:
        chosen: `choose`; without any, the title stands alone.
        labels: Labels of anchors by ``image_id``.
        manifest: Rows of the manifest by ``image_id``.
        images: Encoded pictures by ``image_id``.
        names: Names of targets by wnid.
        review: none, auto or human.
        title: `describe`.
        about: What the data is.
        outputs: Files to write, .png or .svg.
    """
    figure, axes = pair_figure(len(chosen))
    for row, (left, right) in zip(chosen, axes, strict=True):
        anchor = row["anchor_id"]
        lines = [
            f"anchor, {origin(anchor, manifest)}",
            f"label: {names_of(labels[anchor], names)}",
        ]
        show_picture(left, images[anchor], lines)
        lines = [where(row["offset"]), f"rejected: {row['reason'].replace(';', ', ')}"]
        if row["votes"]:
            lines.append(f"accepted by {row['similar_votes']} of {row['votes']}")
        show_picture(right, images[row["image_id"]], lines)
    figure.suptitle(title, fontsize=12)
    add_notes(figure, [f"Data: {about}", reviewed(review)])
    save(figure, outputs)

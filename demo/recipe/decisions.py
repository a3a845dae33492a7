"""Decisions of three scripted reviewers on the pairs of a table of sets: rules, not people.

Each rule reads nothing but the exact boxes of the two frames, so none of them sees a changed
background or blur. The reviewers differ only in how far they let the object move, change its shape
and disappear. A pair about which a box says too little is answered with ``dont know``.
"""

from __future__ import annotations

import argparse
import csv
import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

HEADER = ("round", "annotator", "anchor_id", "image_id", "tags", "notes", "time")
NOTE = "scripted"
TIME = "2026-01-01T00:00:00Z"
ACCEPTED = ("correct", "similar")

Box = tuple[int, int, int, int]
"""x and y of the top-left pixel, width, height."""
Pair = tuple[str, str]
"""Images: the anchor and a frame near it."""
Frames = Mapping[str, Mapping[str, Box]]
"""Boxes of the labelled objects by image, then wnid; an object that is not seen has none."""


@dataclass(frozen=True)
class Reviewer:
    """A rule that judges pairs, and how strict it is."""

    name: str
    least_overlap: float
    """Least intersection over union of the object's two boxes in a similar pair."""
    most_stretch: float
    """Most that the object's width over its height may grow or shrink, as a factor."""
    least_area: float
    """Least share of the area of the object's box in the anchor."""
    doubt: float
    """So close to the least overlap that the answer is `dont know`."""

    def tags(self, anchor: Mapping[str, Box], frame: Mapping[str, Box]) -> tuple[str, ...]:
        """Judge one pair by the boxes of the labelled objects in both images."""
        if not anchor:
            return ("bad-anchor",)
        if not frame:
            return "incorrect", "dissimilar"
        # The largest object is what a reviewer looks at.
        wnid = max(anchor, key=lambda key: anchor[key][2] * anchor[key][3])
        if wnid not in frame:
            return "correct", "dissimilar", "occlusion-increased"
        before, after = anchor[wnid], frame[wnid]
        common = overlap(before, after)
        if abs(common - self.least_overlap) < self.doubt:
            return "correct", "dont know"
        tags = ["correct", "similar" if common > self.least_overlap else "dissimilar"]
        stretch = (after[2] / after[3]) / (before[2] / before[3])
        if abs(math.log(stretch)) > math.log(self.most_stretch):
            tags.append("deformation")
        if after[2] * after[3] < self.least_area * before[2] * before[3]:
            tags.append("occlusion-increased")
        return tuple(tags)


REVIEWERS = (
    Reviewer("demo-a", least_overlap=0.65, most_stretch=1.20, least_area=0.80, doubt=0.02),
    Reviewer("demo-b", least_overlap=0.70, most_stretch=1.25, least_area=0.85, doubt=0.02),
    Reviewer("demo-c", least_overlap=0.60, most_stretch=1.15, least_area=0.75, doubt=0.02),
)


def main(arguments: list[str] | None = None) -> None:
    """Write one file of decisions per reviewer."""
    from wildframe.core.schemas import SETS
    from wildframe.core.tables import read_table

    parser = argparse.ArgumentParser(prog="recipe.decisions", description=__doc__)
    parser.add_argument("--sets", type=Path, required=True, help="SETS table of the demo videos")
    parser.add_argument("--boxes", type=Path, required=True, help="boxes.csv of the videos")
    parser.add_argument("--labels", type=Path, required=True, help="labels.csv of the videos")
    parser.add_argument("--output", type=Path, required=True, help="folder to write into")
    options = parser.parse_args(arguments)
    rows = read_table(options.sets, SETS).to_pylist()
    pairs = [(row["anchor_id"], row["image_id"]) for row in rows if row["offset"]]
    frames = read_frames(options.boxes, options.labels)
    known = {video_of(image) for image in frames}
    strangers = {image for pair in pairs for image in pair if video_of(image) not in known}
    if strangers:
        parser.error(f"{options.sets}: {min(strangers)} is of no video in {options.boxes}")
    decided = decisions(pairs, frames)
    options.output.mkdir(parents=True, exist_ok=True)
    for reviewer, lines in decided.items():
        path = options.output / f"{reviewer}.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(HEADER)
            writer.writerows(lines)


def decisions(pairs: Sequence[Pair], frames: Frames) -> dict[str, list[tuple[str | int, ...]]]:
    """Judge all pairs in two rounds and return the lines of each reviewer's file.

    In round 1 the pairs are dealt round robin. In round 2 everybody judges every pair that was not
    found correct and similar and nothing else.
    """
    lines: dict[str, list[tuple[str | int, ...]]] = {reviewer.name: [] for reviewer in REVIEWERS}

    def score_images(round_: int, reviewer: Reviewer, pair: Pair) -> tuple[str, ...]:
        anchor, frame = (frames.get(image, {}) for image in pair)
        tags = reviewer.tags(anchor, frame)
        lines[reviewer.name].append((round_, reviewer.name, *pair, ";".join(tags), NOTE, TIME))
        return tags

    ordered = sorted(pairs)
    doubtful = [
        pair
        for place, pair in enumerate(ordered)
        if score_images(1, REVIEWERS[place % len(REVIEWERS)], pair) != ACCEPTED
    ]
    for pair in doubtful:
        for reviewer in REVIEWERS:
            score_images(2, reviewer, pair)
    return lines


def read_frames(boxes: Path, labels: Path) -> dict[str, dict[str, Box]]:
    """Read the labelled objects' boxes by image, ``<video without suffix>_<frame:07d>``.

    Of several objects of a class the first counts: a clip's own objects come before bystanders.
    """
    with labels.open(newline="", encoding="utf-8") as file:
        labelled = {row["video"]: row["labels"].split() for row in csv.DictReader(file)}
    frames: dict[str, dict[str, Box]] = defaultdict(dict)
    with boxes.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            image = f"{Path(row['video']).stem}_{int(row['frame']):07d}"
            if row["wnid"] in labelled[row["video"]]:
                box = (int(row["x"]), int(row["y"]), int(row["width"]), int(row["height"]))
                frames[image].setdefault(row["wnid"], box)
    return dict(frames)


def video_of(image: str) -> str:
    """Name of the video that an image is a frame of."""
    return image.rpartition("_")[0]


def overlap(first: Box, second: Box) -> float:
    """Intersection over union of two boxes."""
    (ax, ay, aw, ah), (bx, by, bw, bh) = first, second
    width = max(0, min(ax + aw, bx + bw) - max(ax, bx))
    height = max(0, min(ay + ah, by + bh) - max(ay, by))
    return width * height / (aw * ah + bw * bh - width * height)


if __name__ == "__main__":
    main()

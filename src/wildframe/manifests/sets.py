"""Sets of frames: anchors, their neighbouring frames, and the images of both.

An image is one row of the manifest, in however many sets it is; the ``sets`` table has its sets
and its labels in each. The manifest's ``labels`` of an image are those of all its sets.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from statistics import fmean
from typing import Any

from wildframe.core.choices import LabelSource, Targets
from wildframe.core.files import is_safe_id
from wildframe.core.schemas import MANIFEST
from wildframe.core.tables import Row
from wildframe.labels.hypernyms import targets_of
from wildframe.labels.wordnet import UnknownSynsetError
from wildframe.manifests.decisions import KEPT, Reasons, decision

ANCHOR = "anchor"
"""Role of rows of the funnel that are about sets."""

# Steps that drop an anchor, or a video without any, in the order of the funnel.
SET_STEPS = {
    "bad_video": "Video that cannot be used",
    "no_rate": "Window in seconds, but no frame rate",
    "no_label": "No frame with a label in the label space",
    "too_few_frames": "Fewer such frames than anchors wanted",
    "duplicate": "Same frame as another anchor",
}


@dataclass(frozen=True, slots=True)
class SetChoices:
    """The settings of a dataset of sets, as in the config, and labels in its label space."""

    dataset: str
    targets: Targets
    label_source: LabelSource
    frames: int | None
    """Largest distance from the anchor; None if it is in seconds."""
    seconds: float | None
    step: int
    """Every n-th frame of the window is used."""

    def reach(self, rate: Fraction | float | None) -> int | None:
        """Return the largest distance in frames; None if the video's frame rate is needed.

        Args:
            rate: Frames a second of the video; None or 0 if unknown.
        """
        if self.seconds is None:
            return self.frames
        if not rate:
            return None
        # As written: 0.29 s at 100 frames a second are 29 frames.
        return int(Fraction(str(self.seconds)) * Fraction(str(rate)))

    def offsets(self, reach: int) -> range:
        """Return the offsets of a window, 0 among them: multiples of the step."""
        most = reach // self.step * self.step
        return range(-most, most + 1, self.step)

    def labels(self, wnids: Iterable[str]) -> list[str]:
        """Return `targets_of` classes; errors likewise."""
        return targets_of(wnids, self.targets)

    def labels_of_boxes(self, boxes: Sequence[Mapping[str, Any]]) -> list[str]:
        """Return the labels of annotated objects, the largest object's first; errors likewise."""
        by_area = sorted(boxes, key=lambda box: -box["box"]["width"] * box["box"]["height"])
        return self.labels([box["wnid"] for box in by_area])

    def largest_first(self, labels: Sequence[str], boxes: Sequence[Mapping[str, Any]]) -> list[str]:
        """Return labels by the size of their objects, those without a box last; errors likewise."""
        by_size = self.labels_of_boxes(boxes)
        return sorted(labels, key=[*by_size, *labels].index)

    def annotations(self, boxes: Sequence[Mapping[str, Any]]) -> Row:
        """Return the manifest's columns about the objects whose class is in the label space."""
        named = [(self.labels([box["wnid"]]), box["box"]) for box in boxes]
        return {
            "annotation_labels": [labels for labels, _ in named if labels],
            "boxes": [box for labels, box in named if labels],
        }


def described(frames: int, without: int = 0) -> str:
    """Return the funnel's detail on a set: its number of frames, and of those without a label."""
    lost = f", {without} without a label dropped" if without else ""
    return f"{frames} frame{'s' * (frames != 1)}{lost}"


def frame_rate(rates: Iterable[float | None]) -> dict[str, str]:
    """Return the fact of a manifest that says how many frames a second its videos have.

    Args:
        rates: Mean frame rate of each video; None if it is unknown.

    Returns:
        ``frame_rate``, the mean; empty unless all are known and within 1 % of each other.
    """
    found = set(rates)
    known = [rate for rate in found if rate]
    if not known or len(known) < len(found) or max(known) > 1.01 * min(known):
        return {}
    return {"frame_rate": f"{fmean(known):.6g}"}


def image_name(video_id: str, frame: int) -> str:
    """Return the ``image_id`` of a frame: unique, and safe as a file name.

    Args:
        video_id: Video. Characters that are unsafe in a file name (YouTube's ids may begin with -)
            are replaced, and a hash keeps the result unique.
        frame: Number of the frame.
    """
    if not is_safe_id(video_id):
        digest = hashlib.sha256(video_id.encode()).hexdigest()[:8]
        video_id = f"{re.sub(r'[^A-Za-z0-9._-]', '_', video_id).strip('._-')[:150] or 'v'}-{digest}"
    return f"{video_id}_{frame:07d}"


@dataclass(slots=True)
class Part:
    """The sets of one video with their images, none of which is in another part."""

    images: dict[str, Row] = field(default_factory=dict)
    sets: list[Row] = field(default_factory=list)
    decisions: list[Row] = field(default_factory=list)

    def keep(self, anchor: Row, neighbours: Iterable[tuple[int, Row]], detail: str) -> None:
        """Add a set.

        Args:
            anchor: The anchor, as a row of the manifest.
            neighbours: Offset and row of each neighbour, with its labels in this set; the anchor
                may be among them.
            detail: Detail of the funnel.
        """
        anchor_id = anchor["image_id"]
        self.images.setdefault(anchor_id, anchor)
        frames = {image["image_id"]: (offset, image) for offset, image in neighbours}
        frames[anchor_id] = (0, anchor)
        for image_id, (offset, image) in sorted(frames.items(), key=lambda item: item[1][0]):
            kept = self.images.setdefault(image_id, image)
            if kept["labels"] != image["labels"]:
                union = dict.fromkeys((*kept["labels"], *image["labels"]))
                self.images[image_id] = kept | {"labels": list(union)}
            row = {"anchor_id": anchor_id, "image_id": image_id, "offset": offset}
            self.sets.append(row | {"labels": image["labels"]})
        labels = anchor["annotation_labels"]
        self.decisions.append(decision(anchor_id, ANCHOR, KEPT, detail, anchor_id, labels))

    def drop(self, record_id: str, step: str, detail: str) -> None:
        """Record why there is no set."""
        self.decisions.append(decision(record_id, ANCHOR, step, detail))

    def drop_unknown(self, record_id: str, error: UnknownSynsetError) -> None:
        """Record that there is none because of a label or box."""
        self.drop(record_id, "bad_video", f"{error}; correct its labels or boxes")


def blank_row(dataset: str) -> Row:
    """Return a row of the manifest of which only the dataset is known."""
    lists: Row = {name: [] for name in ("labels", "annotation_labels", "nouns", "words", "boxes")}
    known = {"dataset": dataset, "split": "", "media_kind": "video"}
    return dict.fromkeys(MANIFEST.schema.names) | known | lists


def require_sets(parts: Iterable[Part], dataset: str, listed: str) -> Iterator[Part]:
    """Yield all parts of a dataset.

    Args:
        parts: The parts.
        dataset: Name of the dataset, for the message.
        listed: What sets were chosen from, for the message, such as videos.

    Raises:
        UserError: At the end, if no set was kept; gives the reasons.
    """
    reasons = Reasons(SET_STEPS)
    for part in parts:
        for row in part.decisions:
            reasons.add(row)
        yield part
    reasons.require_kept(f"{dataset}: no set of the {listed} is left")

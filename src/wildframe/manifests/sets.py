"""Sets of frames: anchors, the frames near them, and the images that both are.

A image is one row of the manifest however many sets it is in; which sets, and by which labels it
is judged there, is said by the ``sets`` table alone. The manifest's ``labels`` of a image are all
those it is judged by anywhere.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from wildframe.core.choices import LabelSource, Targets
from wildframe.core.errors import UserError
from wildframe.core.files import is_safe_id
from wildframe.core.tables import Row
from wildframe.labels.hypernyms import targets_of
from wildframe.manifests.build import KEPT

ANCHOR = "anchor"
"""Role of a row of the funnel that is about a set."""

# What becomes of an anchor, or of a video without any, in the order in which it is asked.
SET_STEPS = {
    "bad_video": "Video that cannot be used",
    "no_rate": "Window in seconds, but no frame rate",
    "no_label": "No frame with a label among the targets",
    "too_few_frames": "Fewer such frames than anchors wanted",
    "duplicate": "Same frame as another anchor",
}


@dataclass(frozen=True, slots=True)
class SetChoices:
    """What makes sets; the fields are those of the config.

    Attributes:
        dataset: Name of the dataset.
        targets: Classes that labels are among.
        label_source: Whose labels a frame is judged by: its own, or its anchor's.
        frames: How far from its anchor a frame may be; None where that is said in seconds.
        seconds: The same in seconds.
        step: Every so many frames of the window are taken.
    """

    dataset: str
    targets: Targets
    label_source: LabelSource
    frames: int | None
    seconds: float | None
    step: int

    def reach(self, rate: Fraction | float | None) -> int | None:
        """Return how many frames away the window ends; None if seconds cannot be told in frames.

        Args:
            rate: Frames a second of the video; None or 0 if it is unknown.
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

    @property
    def window(self) -> str:
        """The window in words."""
        return f"{self.frames} frames" if self.seconds is None else f"{self.seconds:g} s"


def described(frames: int, without: int = 0) -> str:
    """Say for the funnel how many frames a set has, and how many lack a label."""
    lost = f", {without} without a label left out" if without else ""
    return f"{frames} frame{'s' * (frames != 1)}{lost}"


def image_name(video_id: str, frame: int) -> str:
    """Return the ``image_id`` of a frame: unique, and safe as a file name.

    Args:
        video_id: Of the video; what cannot stand in a file name (YouTube's ids may begin with -) is
            replaced, and a hash tells apart what would else be the same.
        frame: Number of the frame.
    """
    if not is_safe_id(video_id):
        digest = hashlib.sha256(video_id.encode()).hexdigest()[:8]
        video_id = f"{re.sub(r'[^A-Za-z0-9._-]', '_', video_id).strip('._-')[:150] or 'v'}-{digest}"
    return f"{video_id}_{frame:07d}"


@dataclass(slots=True)
class Part:
    """The sets of one video, complete with their images; no other part shares any."""

    images: dict[str, Row] = field(default_factory=dict)
    sets: list[Row] = field(default_factory=list)
    decisions: list[Row] = field(default_factory=list)

    def keep(self, anchor: Row, neighbours: Iterable[tuple[int, Row]], detail: str) -> None:
        """Add a set.

        Args:
            anchor: The anchor, as a row of the manifest.
            neighbours: Offset and row of the frames near it, with the labels of each; it may
                hold the anchor.
            detail: What was found, for the funnel.
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
            self.sets.append(
                {
                    "anchor_id": anchor_id,
                    "image_id": image_id,
                    "offset": offset,
                    "labels": image["labels"],
                }
            )
        self._decide(anchor_id, KEPT, detail, anchor)

    def drop(self, record_id: str, step: str, detail: str) -> None:
        """Say why there is no set."""
        self._decide(record_id, step, detail, None)

    def _decide(self, record_id: str, step: str, detail: str, anchor: Row | None) -> None:
        self.decisions.append(
            {
                "record_id": record_id,
                "role": ANCHOR,
                "position": None,
                "image_id": anchor["image_id"] if anchor else None,
                "step": step,
                "annotation_labels": anchor["annotation_labels"] if anchor else [],
                "detail": detail,
            }
        )


class Labeller:
    """Labels and boxes of frames among the targets; names the video where a wnid is unknown."""

    def __init__(self, targets: Targets) -> None:
        """Take the targets."""
        self._targets = targets

    def labels(self, video_id: str, wnids: Iterable[str]) -> list[str]:
        """Return the targets of some classes, each once, in their order.

        Raises:
            UserError: A class is no noun of WordNet 3.0.
        """
        try:
            return targets_of(wnids, self._targets)
        except UserError as error:
            raise UserError(f"video {video_id}: {error}; correct its labels or boxes") from error

    def of_boxes(self, video_id: str, boxes: Sequence[Mapping[str, Any]]) -> list[str]:
        """Return the targets of annotated objects, the largest object's first; errors likewise."""
        by_area = sorted(boxes, key=lambda box: -box["box"]["width"] * box["box"]["height"])
        return self.labels(video_id, [box["wnid"] for box in by_area])

    def annotations(self, video_id: str, boxes: Sequence[Mapping[str, Any]]) -> Row:
        """Return the columns of the manifest about the objects that are targets."""
        named = [(self.labels(video_id, [box["wnid"]]), box["box"]) for box in boxes]
        return {
            "annotation_labels": [labels for labels, _ in named if labels],
            "boxes": [box for labels, box in named if labels],
        }


def blank_row(dataset: str) -> Row:
    """Return a row of the manifest that says nothing yet but the dataset."""
    return {
        "image_id": None,
        "dataset": dataset,
        "split": "",
        "record_id": None,
        "media": None,
        "media_kind": "video",
        "frame": None,
        "rate": None,
        "width": None,
        "height": None,
        "labels": [],
        "annotation_labels": [],
        "nouns": [],
        "words": [],
        "boxes": [],
        "group_id": None,
        "video_id": None,
        "role": None,
        "origin": None,
    }


def require_sets(parts: Iterable[Part], dataset: str, listed: str) -> Iterator[Part]:
    """Yield parts as they come.

    Args:
        parts: All parts of a dataset.
        dataset: Name of the dataset, for the message.
        listed: What there was to choose from, for the message: videos, say.

    Raises:
        UserError: At the end, if no set was kept; says why.
    """
    dropped: dict[str, list[str]] = {}
    has_sets = False
    for part in parts:
        has_sets = has_sets or bool(part.sets)
        if not has_sets:
            for row in part.decisions:
                why = f"{row['record_id']}: {row['detail']}"
                dropped.setdefault(row["step"], []).append(why)
        yield part
    if not has_sets:
        reasons = "; ".join(
            f"{SET_STEPS[step].lower()}: {len(found)}, such as {found[0]}"
            for step, found in dropped.items()
        )
        raise UserError(
            f"{dataset}: no set is left of the {listed} ({reasons or 'there are none'})"
        )

"""Sets around anchors that are drawn from videos, at random by a seed."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from wildframe.core.tables import Row
from wildframe.labels.wordnet import UnknownSynsetError
from wildframe.manifests.decisions import require_split
from wildframe.manifests.sets import Part, SetChoices, blank_row, described, image_name


class Boxes:
    """Annotated objects by video and frame, in the order of their positions."""

    def __init__(self, table: pa.Table) -> None:
        """Index the ``boxes`` table, its rows in any order."""
        by = [(column, "ascending") for column in ("video_id", "frame", "position")]
        # Sorted as columns: as Python rows, the million boxes of ImageNet VID fill the memory.
        self._table = table.sort_by(by)
        videos = self._table["video_id"].combine_chunks().dictionary_encode()
        codes = videos.indices.to_numpy()
        starts = np.flatnonzero(np.diff(codes, prepend=-1)).tolist()
        ends = [*starts[1:], len(codes)] if starts else []
        self._spans = {
            videos.dictionary[codes[start].item()].as_py(): (start, end - start)
            for start, end in zip(starts, ends, strict=True)
        }

    def of(self, video_id: str) -> dict[int, list[Row]]:
        """Return the objects of each annotated frame of a video."""
        start, length = self._spans.get(video_id, (0, 0))
        frames: dict[int, list[Row]] = {}
        for row in self._table.slice(start, length).to_pylist():
            frames.setdefault(row["frame"], []).append(row)
        return frames


def sample_sets(
    videos: Iterable[Mapping[str, Any]],
    boxes: Boxes,
    choices: SetChoices,
    anchors: int,
    seed: int,
    split: str | None,
) -> Iterator[Part]:
    """Draw anchors from each video, each with its neighbouring frames.

    Anchors are drawn among the frames with a label, see `draw`. A video's draw only depends on the
    seed and its id, so that a new video changes no other's anchors. If each frame has its own
    labels, a neighbour without one is dropped.

    Args:
        videos: Rows of the ``videos`` table.
        boxes: Objects of their frames.
        choices: The dataset's settings.
        anchors: Number of anchors per video.
        seed: Seed of the draw.
        split: Split of the source; None for all videos.

    Yields:
        The sets of each video of the split, with a row of the funnel for each requested anchor; a
        video without usable frames has one row.

    Raises:
        UserError: No video is in the split.
    """
    splits: set[str] = set()
    for video in videos:
        splits.add(video["split"])
        if split is None or video["split"] == split:
            try:
                part = _sample(video, boxes, choices, anchors, seed)
            except UnknownSynsetError as error:
                part = Part()
                part.drop_unknown(video["video_id"], error)
            yield part
    require_split(choices.dataset, split, splits, "video")


def _sample(
    video: Mapping[str, Any], boxes: Boxes, choices: SetChoices, anchors: int, seed: int
) -> Part:
    part = Part()
    video_id, count = video["video_id"], video["frames"]
    if video["problem"] or not count:
        reason = video["problem"] or "its number of frames is unknown or 0"
        part.drop(video_id, "bad_video", reason)
        return part
    reach = choices.reach(video["rate"])
    if reach is None:
        part.drop(video_id, "no_rate", f"a window of {choices.seconds:g} s needs its frame rate")
        return part
    reach = min(reach, count)
    annotated = boxes.of(video_id)
    of_all = choices.labels(video["labels"])
    labelled: Mapping[int, list[str]]
    if video["labels"]:
        labelled = dict.fromkeys(range(count), of_all) if of_all else {}
    else:
        found = {n: choices.labels_of_boxes(annotated[n]) for n in annotated if n < count}
        labelled = {number: labels for number, labels in found.items() if labels}
    if not labelled:
        wnids = {box["wnid"] for of_frame in annotated.values() for box in of_frame}
        named = ", ".join(sorted(wnids.union(video["labels"]))) or "nothing is annotated"
        part.drop(video_id, "no_label", f"{named}: not in {choices.targets}")
        return part
    places = draw(sorted(labelled), anchors, 2 * reach + 1, f"{seed} {video_id}")
    for place in places:
        own = choices.label_source == "frame"
        window = [(offset, place + offset) for offset in choices.offsets(reach)]
        inside = [(offset, number) for offset, number in window if 0 <= number < count]
        neighbours = [
            (offset, _image(video, number, annotated, labels, choices))
            for offset, number in inside
            if (labels := labelled.get(number, []) if own else labelled[place])
        ]
        anchor = next(image for offset, image in neighbours if offset == 0)
        part.keep(anchor, neighbours, described(len(neighbours), len(inside) - len(neighbours)))
    for missing in range(len(places) + 1, anchors + 1):
        detail = f"{len(labelled)} labelled frames for {anchors} anchors"
        part.drop(f"{video_id} anchor {missing}", "too_few_frames", detail)
    return part


def draw(frames: Sequence[int], number: int, gap: int, seed: str) -> list[int]:
    """Draw frames uniformly among all choices of this many frames that are far enough apart.

    Args:
        frames: Frames to draw from, ascending.
        number: How many to draw.
        gap: Least distance between two: a whole window, so that no two windows share a frame. If
            there is no such choice, frames are only distinct.
        seed: Seed of the draw.

    Returns:
        Frames in ascending order; all of them if there are not more.
    """
    if len(frames) <= number:
        return list(frames)
    # ways[n][i]: number of ways to choose n frames from the i-th on.
    after = np.searchsorted(frames, np.asarray(frames) + gap).tolist()
    ways = [[1] * (len(frames) + 1)]
    for _ in range(number):
        below, row = ways[-1], [0] * (len(frames) + 1)
        for place in reversed(range(len(frames))):
            row[place] = row[place + 1] + below[after[place]]
        ways.append(row)
    total = ways[number][0]
    if not total:
        return draw(frames, number, 1, seed)
    digest = hashlib.shake_256(seed.encode()).digest(total.bit_length() // 8 + 16)
    rank = int.from_bytes(digest) % total
    chosen: list[int] = []
    place = 0
    while len(chosen) < number:
        without = ways[number - len(chosen)][place + 1]
        if rank < without:
            place += 1
        else:
            rank -= without
            chosen.append(frames[place])
            place = after[place]
    return chosen


def _image(
    video: Mapping[str, Any],
    frame: int,
    annotated: Mapping[int, list[Row]],
    labels: list[str],
    choices: SetChoices,
) -> Row:
    is_file = video["media_kind"] == "image"
    video_id = video["video_id"]
    return blank_row(choices.dataset) | {
        "image_id": image_name(video_id, frame),
        "split": video["split"],
        "record_id": video_id,
        "media": video["media"].replace("%06d", f"{frame:06d}") if is_file else video["media"],
        "media_kind": video["media_kind"],
        "frame": None if is_file else frame,
        "width": video["width"],
        "height": video["height"],
        "labels": labels,
        "group_id": video_id,
        "video_id": video_id,
        "origin": choices.dataset,
        **choices.annotations(annotated.get(frame, ())),
    }

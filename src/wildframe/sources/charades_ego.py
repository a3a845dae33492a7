"""Charades-Ego: videos of scripts that were recorded by both viewpoints, with spans of actions.

Two kinds of list are read, told apart by their first line: the CSV files of version 1, and lists of
frames with their labels.
"""

import csv
import re
from array import array
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from statistics import mode
from typing import Literal

import numpy as np
from pydantic import Field

from wildframe.core.errors import UserError
from wildframe.core.own_csv import iter_records
from wildframe.core.strict import HomePath
from wildframe.core.tables import Row
from wildframe.sources.clip_lists import (
    Classes,
    MediaTemplate,
    PublishedClips,
    action,
    parse_actions,
    rate_of,
    record,
)

CLASSES = 157
"""Actions c000 to c156."""

_COLUMNS = ("id", "subject", "actions", "egocentric")
_FRAME_LIST = "original_vid"
_VIEWPOINTS = {"Yes": "ego", "No": "exo"}
_IMAGE = re.compile(r"(?:.*[^0-9])?([0-9]{1,9})\.[A-Za-z]+")


class CharadesEgoSource(PublishedClips):
    """Videos of Charades-Ego."""

    kind: Literal["charades_ego"]
    media: MediaTemplate = Field(
        "CharadesEgo_v1_480/{video_id}.mp4",
        description="Video, or folder of frames such as CharadesEgo_v1_rgb/{video_id}, of the CSV "
        "files of version 1; lists of frames name their own",
    )
    rate: float = Field(24, gt=0, description="Frame rate of folders of frames")
    class_names: HomePath | None = Field(
        None, description="Publisher's list of classes, lines such as `c000 Holding some clothes`"
    )

    def known_classes(self) -> Classes:
        """Return the classes c000 to c156."""
        names = _read_names(Path(self.class_names)) if self.class_names else {}
        numbered = (_class(number) for number in range(CLASSES))
        return {"action": [(name, names.get(name, name)) for name in numbered]}

    def records(self) -> Iterator[Row]:
        """Yield the videos of the lists."""
        for split, path in self.lists():
            with path.open(encoding="utf-8-sig", errors="replace") as file:
                is_of_frames = file.readline().startswith(_FRAME_LIST)
            yield from (self._of_frames if is_of_frames else self._of_csv)(split, path)

    def _of_csv(self, split: str, path: Path) -> Iterator[Row]:
        for line, row in iter_records(path, _COLUMNS, others=True):
            video, told = row["id"], row["egocentric"]
            strange = f"line {line}: egocentric is {told[:40]!r}, not Yes or No"
            media = self.media.format(video_id=video, participant_id=row["subject"])
            yield record(
                video,
                media,
                split,
                video_id=video,
                rate=rate_of(media, self.rate),
                actions=parse_actions(row["actions"]),
                viewpoint=_VIEWPOINTS.get(told),
                pair_id=row.get("charades_video") or _pair(video),
                participant_id=row["subject"] or None,
                problem=None if told in _VIEWPOINTS else strange,
                where=f"line {line}",
            )

    def _of_frames(self, split: str, path: Path) -> Iterator[Row]:
        """Yield a clip a video, with a span for each run of frames with a label."""
        videos: dict[str, _Frames] = {}
        for line, video, image, labels in _iter_frames(path):
            if video not in videos:
                videos[video] = _Frames(image.rpartition("/")[0], line)
            videos[video].add(line, image, labels)
        for video, frames in videos.items():
            runs = frames.runs()
            yield record(
                video,
                frames.folder,
                split,
                video_id=video,
                media_kind="frames",
                rate=self.rate,
                actions=[
                    action(_class(label), first / self.rate, stop / self.rate)
                    for label, first, stop in runs
                ],
                viewpoint="ego" if video.endswith("EGO") else "exo",
                pair_id=_pair(video),
                problem=frames.problem,
                where=f"from line {frames.line} on",
            )


class _Frames:
    """The frames of a video that a list names, in any order: the numbers of their images."""

    def __init__(self, folder: str, line: int) -> None:
        self.folder = folder
        self.line = line
        self.problem: str | None = None
        self._numbers, self._lines = array("q"), array("q")
        self._labelled: defaultdict[int, array[int]] = defaultdict(lambda: array("q"))

    def add(self, line: int, image: str, labels: list[int]) -> None:
        """Add a frame."""
        folder, _, name = image.rpartition("/")
        match = _IMAGE.fullmatch(name)
        if match is None or folder != self.folder:
            why = f"is not in {self.folder}" if match else "does not end with a number"
            self.problem = self.problem or (
                f"line {line}: the name of image {image!r} {why}; list the frames of one folder"
            )
            return
        number = int(match[1])
        self._numbers.append(number)
        self._lines.append(line)
        for label in labels:
            self._labelled[label].append(number)

    def runs(self) -> list[tuple[int, int, int]]:
        """Return label, first frame and stop, exclusive, of each run of frames with a label.

        Frames count as in a folder of images: 1 is frame 0, unless 0 is listed. Where every n-th
        frame is listed, each stands for n. There are none, but a problem, where this is not so.
        """
        numbers = np.array(self._numbers)
        order = np.argsort(numbers, kind="stable")
        steps = np.diff(numbers[order])
        step = mode(np.sort(steps).tolist() or [1])
        odd = np.flatnonzero((steps == 0) | (steps % (step or 1) > 0))
        if len(odd) and not self.problem:
            before, at = order[odd[0] : odd[0] + 2]
            self.problem = f"line {self._lines[at]}: image {numbers[at]} " + (
                f"follows image {numbers[before]}, and most are {step} apart; list every n-th frame"
                if steps[odd[0]]
                else "is listed again; list each frame once"
            )
        if self.problem:
            return []
        found = []
        for label, images in sorted(self._labelled.items()):
            frames = np.unique(images) - min(1, numbers.min())
            for run in np.split(frames, np.flatnonzero(np.diff(frames) != step) + 1):
                found.append((label, int(run[0]), int(run[-1]) + step))
        return found


def _iter_frames(path: Path) -> Iterator[tuple[int, str, str, list[int]]]:
    """Yield number, video, image and labels of each line of a list of frames.

    Raises:
        UserError: A line is none of such a list; names it.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, delimiter=" ", strict=True)
        try:
            next(reader)
            for video, _, _, image, labels in reader:
                numbers = [int(label) for label in labels.split(",") if label]
                yield reader.line_num, video, image, numbers
        except (csv.Error, ValueError) as error:
            raise UserError(
                f"{path}: line {reader.line_num} is not `original_vido_id video_id frame_id path "
                'labels` with labels as in "12,94"; take the publisher\'s list'
            ) from error


def _read_names(path: Path) -> dict[str, str]:
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    return {number: name for number, _, name in (line.strip().partition(" ") for line in lines)}


def _class(number: int) -> str:
    return f"c{number:03d}"


def _pair(video: str) -> str:
    """Return the video by a third person that a video was recorded after."""
    return video.removesuffix("EGO")

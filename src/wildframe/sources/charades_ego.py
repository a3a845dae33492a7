"""Charades-Ego: videos of scripts that were recorded by both viewpoints, with spans of actions.

Two kinds of list are read, told apart by their first line: the CSV files of version 1, and lists of
frames with their labels.
"""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

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
        for _, row in iter_records(path, _COLUMNS, others=True):
            video = row["id"]
            media = self.media.format(video_id=video, participant_id=row["subject"])
            yield record(
                video,
                media,
                split,
                video_id=video,
                rate=rate_of(media, self.rate),
                actions=parse_actions(row["actions"]),
                viewpoint="ego" if row["egocentric"] == "Yes" else "exo",
                pair_id=row.get("charades_video") or _pair(video),
                participant_id=row["subject"] or None,
            )

    def _of_frames(self, split: str, path: Path) -> Iterator[Row]:
        """Yield a clip a video, with a span for each run of frames with a label."""
        videos: dict[str, _Runs] = {}
        for video, image, labels in _iter_frames(path):
            if video not in videos:
                videos[video] = _Runs(image.rpartition("/")[0])
            videos[video].add(labels)
        for video, runs in videos.items():
            yield record(
                video,
                runs.folder,
                split,
                video_id=video,
                media_kind="frames",
                rate=self.rate,
                actions=[
                    action(_class(label), first / self.rate, (last + 1) / self.rate)
                    for label, first, last in sorted(runs.all)
                ],
                viewpoint="ego" if video.endswith("EGO") else "exo",
                pair_id=_pair(video),
            )


class _Runs:
    """The frames of a video as they are listed: runs of frames with a label."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.all: list[list[int]] = []
        """Label, first and last frame of each run."""
        self._latest: dict[int, list[int]] = {}
        self._frame = 0

    def add(self, labels: list[int]) -> None:
        """Add the next frame."""
        for label in labels:
            run = self._latest.get(label)
            if run is None or run[2] + 1 < self._frame:
                run = self._latest[label] = [label, self._frame, self._frame]
                self.all.append(run)
            run[2] = self._frame
        self._frame += 1


def _iter_frames(path: Path) -> Iterator[tuple[str, str, list[int]]]:
    """Yield video, image and labels of each line of a list of frames.

    Raises:
        UserError: A line is none of such a list; names it.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, delimiter=" ", quotechar='"')
        next(reader)
        for row in reader:
            try:
                video, _, _, image, labels = row
                numbers = [int(label) for label in labels.split(",") if label]
            except ValueError as error:
                raise UserError(
                    f"{path}: line {reader.line_num} is not `original_vido_id video_id frame_id "
                    'path labels` with labels as in "12,94"; take the publisher\'s list'
                ) from error
            yield video, image, numbers


def _read_names(path: Path) -> dict[str, str]:
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    return {number: name for number, _, name in (line.strip().partition(" ") for line in lines)}


def _class(number: int) -> str:
    return f"c{number:03d}"


def _pair(video: str) -> str:
    """Return the video by a third person that a video was recorded after."""
    return video.removesuffix("EGO")

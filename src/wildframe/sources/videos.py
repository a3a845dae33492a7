"""Any folder of videos, with CSV files of labels and boxes."""

import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field

from wildframe.core.errors import UserError
from wildframe.core.files import require_file
from wildframe.core.own_csv import classes_command
from wildframe.core.progress import progress
from wildframe.core.schemas import BOXES, VIDEOS
from wildframe.core.source import SourceSettings, Summary
from wildframe.core.strict import HomePath
from wildframe.core.tables import Row, table_writer
from wildframe.core.target_settings import ScoreSpaceSetting
from wildframe.core.targets import label_reader, own_space_files, space_options
from wildframe.sources.folders import (
    blank_video,
    is_file,
    lookalike,
    same_files,
    tell_some,
    tell_unusable,
)
from wildframe.sources.videos_csv import Boxes, Labelled, read_boxes, read_labels


class VideosSource(SourceSettings):
    """Any folder of videos."""

    tables: ClassVar[tuple[str, ...]] = ("videos", "boxes")
    reads_media: ClassVar[bool] = True

    kind: Literal["videos"]
    labels: HomePath = Field(
        description="CSV file video,labels[,split]: file below the root, wnids separated by spaces"
    )
    label_space: ScoreSpaceSetting | None = Field(
        None,
        description="Label space whose class names may stand in place of wnids; write those of "
        "several words with underscores (traffic_light)",
    )
    boxes: HomePath | None = Field(None, description="CSV file video,frame,wnid,x,y,width,height")

    @property
    def has_boxes(self) -> bool:
        """Whether its frames have boxes to detect."""
        return self.boxes is not None

    def require_drawable(self, name: str) -> None:
        """Anchors may be drawn from any video."""

    def input_files(self) -> dict[str, list[str]]:
        """Return the CSV files of labels and boxes, and of a label space of one's own."""
        own = own_space_files(self.label_space)
        return own | {"labels": [self._require_labels()], "from_boxes": self._require_boxes()}

    def options(self) -> list[str]:
        """Return the root, and the label space of names."""
        return [f"--root={self.root}", *space_options(self.label_space)]

    def list_media(self) -> list[str]:
        """Return the files that the labels name, as paths below the root; errors likewise."""
        named = read_labels(Path(self.labels), label_reader(self.label_space))
        return sorted(video.media for video in named)

    def summary(self) -> Summary:
        """Return the CSV files; errors as in `write_tables`."""
        files = [self._require_labels(), *self._require_boxes()]
        _boxes(self, _labelled(self))
        return Summary(" and ".join(files))

    def _require_labels(self) -> str:
        remedy = "write it with the columns video,labels[,split], or correct the source's labels"
        return str(require_file(Path(self.labels), remedy))

    def _require_boxes(self) -> list[str]:
        columns = "video,frame,wnid,x,y,width,height"
        remedy = f"write it with the columns {columns}, or correct the source's boxes"
        return [str(require_file(Path(self.boxes), remedy))] if self.boxes else []


def write_tables(source: VideosSource, videos: Path, boxes: Path) -> None:
    """Read the videos that a CSV file names into the ``videos`` and ``boxes`` tables.

    Every file is read from end to end. One that cannot be used keeps a row, with the reason; files
    of the same content, and boxes that end far beyond their frame, are told on standard error.

    Args:
        source: The source.
        videos: Table to write.
        boxes: Table to write.

    Raises:
        UserError: A CSV file is absent, invalid or without any label; names the line.
    """
    named = _labelled(source)
    for copy, original in same_files(Path(source.root), (video.media for video in named)).items():
        print(
            f"NOTE: {copy} has the content of {original}, but counts as a video of its own in "
            f"intervals unless the same frames of both are evaluated; leave one in {source.labels}",
            file=sys.stderr,
        )
    annotated = _boxes(source, named)
    config = {
        "labels": Path(source.labels).name,
        "boxes": Path(source.boxes).name if source.boxes else None,
    }
    with (
        table_writer(videos, VIDEOS, config=config) as add_video,
        table_writer(boxes, BOXES, config=config) as add_box,
    ):
        listed = progress(named, total=len(named), unit="video", label="videos")
        rows = (_row(Path(source.root), video, annotated) for video in listed)
        drawn, far = 0, []
        for video, row in zip(named, tell_unusable(rows, source.root), strict=True):
            add_video(row)
            for box in annotated.rows(video):
                add_box(box)
                drawn += row["problem"] is None
            if row["problem"] is None:
                beyond = annotated.far_beyond(video.media, row["width"], row["height"])
                far += [f"in frame {frame} of {video.media}" for frame in beyond]
    if far:
        what = "boxes end far beyond their frame, and are kept as they are"
        tell_some(str(source.boxes), len(far), drawn, what, far[0])


def _labelled(source: VideosSource) -> list[Labelled]:
    """Read the videos; without boxes, which label frames as well, some video must have a label."""
    named = read_labels(Path(source.labels), label_reader(source.label_space))
    if not source.has_boxes and not any(video.labels for video in named):
        raise UserError(
            f"{source.labels}: no video has a label; fill in the column labels with what each one "
            f"shows, by {'ids or names' if source.label_space else 'ids'} that "
            f"{classes_command(source.label_space)} lists"
        )
    return named


def _boxes(source: VideosSource, named: Sequence[Labelled]) -> Boxes:
    if not source.boxes:
        return Boxes()
    media = {video.media for video in named}
    return read_boxes(Path(source.boxes), media, label_reader(source.label_space))


def _row(root: Path, video: Labelled, boxes: Boxes) -> Row:
    # Imported here, since the workflow imports this module and needs no decoder.
    from wildframe.sources.probe import UnusableError, probe

    row = blank_video(video.video_id, video.split, video.media, "video") | {"labels": video.labels}
    path = root / video.media
    try:
        found = probe(path)
    except UnusableError as error:
        alike = "" if is_file(path) else lookalike(video.media, lambda name: is_file(root / name))
        return row | {"problem": f"{error}{alike}"}
    row |= asdict(found)
    frame, line = boxes.last.get(video.media, (-1, 0))
    if frame >= found.frames:
        row["problem"] = (
            f"line {line} of the boxes names frame {frame}, but the file has {found.frames} "
            "frames, counted from 0"
        )
    else:
        row["problem"] = boxes.fault(video.media, found.width, found.height)
    return row

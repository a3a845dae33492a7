"""An ILSVRC VID tree: videos as folders of images, boxes of every frame, and published sets.

``Data/VID/<split>/<video>/000000.JPEG`` with ``Annotations/VID/<split>/<video>/000000.xml``; the
videos of ``train`` are one folder deeper. Frames are JPEG files of unknown frame rate.
"""

import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import ClassVar, Literal
from xml.etree import ElementTree

from pydantic import Field

from wildframe.core.choices import Split
from wildframe.core.errors import UserError
from wildframe.core.files import is_safe_id, require_file, require_folder
from wildframe.core.own_csv import is_wnid
from wildframe.core.progress import progress
from wildframe.core.schemas import BOXES, PUBLISHED, VIDEOS
from wildframe.core.source import SourceSettings, Summary
from wildframe.core.strict import HomePath
from wildframe.core.tables import Row, table_writer, write_rows
from wildframe.core.targets import target_wnids
from wildframe.sources.folders import ROOT, blank_video, image_folders, tell_some, video_id
from wildframe.sources.sets_json import place, read_labels, read_sets

IMAGES = "Data/VID"
"""Folder of the images under the root; names of published frames are relative to it."""

METADATA = ("pmsets.json", "labels.json")

_ANNOTATIONS = "Annotations/VID"
_FRAME = re.compile(r"([0-9]{1,9})\.xml")
_IMAGE = re.compile(r"([0-9]{6,9})\.JPEG")
_TOLD = 20
"""Unreadable files that are named one by one."""


class VidSource(SourceSettings):
    """An ILSVRC VID tree: ``Data/VID/<split>`` and ``Annotations/VID/<split>`` under the root."""

    tables: ClassVar[tuple[str, ...]] = ("videos", "boxes")
    reads_media: ClassVar[bool] = True
    published_space: ClassVar[str | None] = "vid30"

    kind: Literal["vid"]
    split: Split = Field("val", description="The publisher's split")
    metadata: HomePath | None = Field(
        None, description="Folder of ImageNet-Vid-Robust's pmsets.json and labels.json"
    )
    annotated: bool = Field(
        True, description="Whether Annotations/VID exists; published sets only need it for boxes"
    )

    @property
    def has_published_sets(self) -> bool:
        """Whether ImageNet-Vid-Robust's metadata is named."""
        return self.metadata is not None

    @property
    def has_boxes(self) -> bool:
        """Whether its frames have boxes to detect."""
        return self.annotated

    def require_drawable(self, name: str) -> None:
        """Raise a `ValueError` if there are no annotations to draw anchors by."""
        if not self.annotated:
            raise ValueError(f"anchors are drawn among annotated frames; {name!r} has none")

    def require_annotations(self) -> str:
        """Return the folder of the annotations; raise a `UserError` if it does not exist."""
        folder = Path(self.root) / _ANNOTATIONS / self.split
        remedy = (
            f"unpack ILSVRC's VID archive so that {_ANNOTATIONS} and {IMAGES} are in {self.root}, "
            f"or {ROOT} and split; for published sets without boxes, set annotated: false"
        )
        return str(require_folder(folder, remedy))

    def published_files(self) -> list[str]:
        """Return the paths of ``pmsets.json`` and ``labels.json``.

        Raises:
            UserError: The source has no metadata, or a file is missing.
        """
        if self.metadata is None:
            raise UserError(
                f"{self.root}: the source has no metadata; set it to the folder of pmsets.json and "
                "labels.json"
            )
        remedy = "it is in ImageNet-Vid-Robust's imagenet-vid-robust/metadata; correct the setting"
        return [str(require_file(Path(self.metadata) / name, remedy)) for name in METADATA]

    def input_files(self) -> dict[str, list[str]]:
        """Return the folder of the annotations."""
        return {"annotations": [self.require_annotations()]}

    def options(self) -> list[str]:
        """Return root and split."""
        return [f"--root={self.root}", f"--split={self.split}"]

    def list_media(self) -> list[str]:
        """Return the folders of images of the split, as paths under the root."""
        top = f"{IMAGES}/{self.split}"
        return [f"{top}/{name}" for name in image_folders(Path(self.root) / top)]

    def wanted_media(self) -> list[str]:
        """Return the folders of images that published sets or else annotations name.

        Raises:
            UserError: Files of the metadata, or the annotations, are missing.
        """
        if self.metadata is None:
            folder = Path(self.require_annotations())
            return [f"{IMAGES}/{self.split}/{name}" for name in image_folders(folder)]
        frames = read_sets(Path(self.published_files()[0]))
        return sorted({f"{IMAGES}/{name}".rpartition("/")[0] for name in frames.names})

    @property
    def media_folder(self) -> Path:
        """The folder of all videos."""
        return Path(self.root) / IMAGES

    def summary(self) -> Summary:
        """Return the folders of annotations and metadata."""
        found = [f"annotations in {self.require_annotations()}"] if self.annotated else []
        found += [f"metadata in {self.metadata}"] if self.metadata else []
        return Summary(", ".join(found) or "neither annotations nor metadata")


def write_tables(root: Path, annotations: Path, split: Split, videos: Path, boxes: Path) -> None:
    """Read a split's annotations into the ``videos`` and ``boxes`` tables, in bounded memory.

    A frame whose annotation cannot be read has no boxes; the file is named on standard error, as is
    the first image without an annotation. A video without any readable annotation has a problem.

    Args:
        root: Folder that holds ``Data/VID``.
        annotations: Folder of the split's annotations.
        split: Split to read.
        videos: Table to write.
        boxes: Table to write.

    Raises:
        UserError: There are no annotations in their folder.
    """
    images = set(image_folders(root / IMAGES / split))
    annotated = image_folders(annotations)
    names = sorted(images.union(annotated))
    if not annotated:
        raise UserError(
            f"{annotations}: has no annotations of videos; unpack ILSVRC's VID archive into {root}"
        )
    unreadable: list[str] = []
    listed = without = 0
    first = ""
    config = {"split": split}
    with (
        table_writer(videos, VIDEOS, config=config) as add_video,
        table_writer(boxes, BOXES, config=config) as add_box,
    ):
        for name in progress(names, total=len(names), unit="video", label="annotations"):
            row = blank_video(video_id(name), split, f"{IMAGES}/{split}/{name}/%06d.JPEG", "image")
            frames = _numbered(annotations / name, _FRAME)
            shown = _numbered(root / IMAGES / split / name, _IMAGE)
            for found in _read_video(annotations / name, frames, row, unreadable):
                add_box(found)
            if frames:
                row["frames"] = max(frames | shown) + 1
            listed += len(shown)
            if bare := shown.keys() - frames.keys():
                without += len(bare)
                first = first or f"{name}/{shown[min(bare)]}"
            if name not in images:
                row["problem"] = f"its images are not in {IMAGES}/{split}/{name}"
            add_video(row)
    for sentence in unreadable[:_TOLD]:
        remedy = "unpack it again or correct it, then `touch` its folder"
        print(f"{sentence}; the frame has no boxes: {remedy}", file=sys.stderr)
    if len(unreadable) > _TOLD:
        print(f"{len(unreadable)} annotations in total could not be read", file=sys.stderr)
    if without:
        what = f"images have no annotation, and so no label (unpack {_ANNOTATIONS} again)"
        tell_some(annotations, without, listed, what, first)


def _numbered(folder: Path, pattern: re.Pattern[str]) -> dict[int, str]:
    """Return the files of a folder by the number in their names; none if it is absent."""
    try:
        names = sorted(path.name for path in folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        names = []
    return {int(match[1]): name for name in names if (match := pattern.fullmatch(name))}


def _read_video(
    folder: Path, numbered: Mapping[int, str], row: Row, unreadable: list[str]
) -> Iterator[Row]:
    """Yield the boxes of a video frame by frame, and complete its row."""
    if not numbered:
        row["problem"] = "it has no annotations"
        return
    read = 0
    for frame in sorted(numbered):
        path = folder / numbered[frame]
        try:
            size, objects = _read_frame(path)
        # An encoding that is none, or of several bytes, is an error of Python's.
        except (ElementTree.ParseError, LookupError, ValueError, OSError) as error:
            unreadable.append(f"{path}: {error}")
            continue
        read += 1
        if row["width"] is None:
            row["width"], row["height"] = size
        for position, (wnid, box) in enumerate(objects):
            yield {
                "video_id": row["video_id"],
                "frame": frame,
                "position": position,
                "wnid": wnid,
                "box": box,
            }
    if not read:
        row["problem"] = f"none of its annotations can be read: {folder / numbered[min(numbered)]}"


def _read_frame(path: Path) -> tuple[tuple[int, int], list[tuple[str, dict[str, int]]]]:
    """Return width and height of a frame in pixels, and class and box of each object."""
    text = path.read_bytes()
    # The publisher's files have none; an entity in it could expand without bound.
    if b"<!DOCTYPE" in text:
        raise ValueError("has a document type declaration")
    root = ElementTree.fromstring(text)  # noqa: S314
    size = _integer(root, "size/width"), _integer(root, "size/height")
    objects = []
    for item in root.iterfind("object"):
        wnid = item.findtext("name", "").strip()
        if not is_wnid(wnid):
            raise ValueError(f"an object's name is {wnid[:40]!r}, not a wnid")
        left, top, right, bottom = (
            _integer(item, f"bndbox/{side}") for side in ("xmin", "ymin", "xmax", "ymax")
        )
        if right < left or bottom < top:
            raise ValueError(f"a box of {wnid} ends before it begins")
        # Both corners are pixels of the object.
        box = {"x": left, "y": top, "width": right - left + 1, "height": bottom - top + 1}
        objects.append((wnid, box))
    return size, objects


def _integer(element: ElementTree.Element, path: str) -> int:
    text = element.findtext(path, "").strip()
    if not re.fullmatch(r"-?[0-9]{1,9}", text):
        raise ValueError(f"{path} is {text[:40]!r}, not a whole number")
    return int(text)


def write_published(pmsets: Path, labels: Path, output: Path) -> None:
    """Read the published sets into the ``published`` table, in the order of ``pmsets``.

    Args:
        pmsets: JSON: neighbours of each anchor, named as below ``Data/VID``.
        labels: JSON: indices of each frame's classes in ``vid30``.
        output: Table to write.

    Raises:
        UserError: A file is absent or invalid, a frame has no label, or a name is not
            ``<split>/<video>/<frame>``.
    """
    frames = read_sets(pmsets)
    classes = list(target_wnids("vid30").values())
    indices = read_labels(labels, frames.names, len(classes), "vid30")

    def rows() -> Iterator[Row]:
        named = zip(frames.names, frames.anchors, frames.offsets, indices, strict=True)
        for name, anchor, offset, found in named:
            video, number = place(str(pmsets), name)
            yield {
                "anchor": f"{IMAGES}/{anchor}",
                "media": f"{IMAGES}/{name}",
                "video_id": _video_of(f"{pmsets}: {name}", video),
                "frame": number,
                "offset": offset,
                "labels": [classes[index] for index in found],
            }

    write_rows(output, PUBLISHED, rows(), config={"pmsets": pmsets.name, "labels": labels.name})


def _video_of(where: str, prefix: str) -> str:
    """Return the id of a frame's video, as in `write_tables`, from the frame's name."""
    split, *folders, rest = prefix.split("/")
    if rest or not folders or not all(map(is_safe_id, (split, *folders))):
        raise UserError(
            f"{where}: the name is not <split>/<video>/<frame>, as in "
            "val/ILSVRC2015_val_00000000/000442.JPEG; correct the file"
        )
    return video_id("/".join(folders))

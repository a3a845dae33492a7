"""Any folder of images: a folder a class, as ImageFolder reads it, or a CSV file of labels."""

import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import ClassVar, Literal, NamedTuple

from pydantic import Field, model_validator

from wildframe.core.choices import Layout
from wildframe.core.class_names import composed, plain
from wildframe.core.errors import UserError, located
from wildframe.core.files import require_file, require_folder
from wildframe.core.own_csv import iter_records
from wildframe.core.schemas import IMAGES
from wildframe.core.source import SourceSettings, Summary
from wildframe.core.strict import HomePath
from wildframe.core.tables import write_rows
from wildframe.core.target_settings import ScoreSpaceSetting
from wildframe.core.targets import label_reader, own_space_files, space_options
from wildframe.sources.folders import (
    IMAGE_SUFFIXES,
    ROOT,
    as_text,
    image_ids,
    is_file,
    is_inside,
    is_text,
    iter_folders,
    lookalike,
    tell_some,
    tell_unusable,
)
from wildframe.sources.layouts import Labelled, Labeller, labeller

_COLUMNS = (("file", "labels"), ("split",))
"""Columns of the CSV file of labels: needed and optional ones."""

_LABELS = "write it with the columns file,labels[,split], or correct the source's labels"
_CLASSES = "write it with the columns folder,wnid, or correct the source's classes"


class ImagesSource(SourceSettings):
    """Any folder of images."""

    tables: ClassVar[tuple[str, ...]] = ("images",)
    reads_media: ClassVar[bool] = True
    media_are: ClassVar[str] = "folders of images"

    kind: Literal["images"]
    labels: HomePath | None = Field(
        None,
        description="CSV file file,labels[,split]: file below the root, wnids separated by "
        "spaces; without it, each folder in the root is a class",
    )
    classes: HomePath | None = Field(
        None, description="CSV file folder,wnid: the class of folders that are not named by wnid"
    )

    label_space: ScoreSpaceSetting | None = Field(
        None,
        description="Label space whose class names may stand in place of wnids, as names of "
        "folders, in classes and in labels; in labels, names of several words have underscores "
        "(traffic_light)",
    )
    layout: Layout | None = Field(
        None,
        description="Published set that is laid out in its own way: imagenet_v2 (folders named by "
        "index), objectnet (by object), or imagenet_real (ImageNet's validation images, which get "
        "the labels of ImageNet-ReaL)",
    )

    @property
    def border(self) -> int:
        """Pixels on each side that are cut off: ObjectNet marks its images by a red border."""
        return 2 if self.layout == "objectnet" else 0

    @model_validator(mode="after")
    def _labels_come_from_one_place(self) -> "ImagesSource":
        if sum(given is not None for given in (self.labels, self.classes, self.layout)) > 1:
            raise ValueError("give one of labels, classes and layout: each labels all images")
        return self

    def input_files(self) -> dict[str, list[str]]:
        """Return the CSV file of labels or of classes, and of a label space of one's own."""
        named = {"labels": (self.labels, _LABELS), "classes": (self.classes, _CLASSES)}
        own = own_space_files(self.label_space)
        return own | {
            option: [str(require_file(Path(path), remedy))]
            for option, (path, remedy) in named.items()
            if path
        }

    def options(self) -> list[str]:
        """Return root, layout and the label space of names."""
        layout = [f"--layout={self.layout}"] if self.layout else []
        return [f"--root={self.root}", *layout, *space_options(self.label_space)]

    def list_media(self) -> list[str]:
        """Return the folders of the images, as paths under the root; errors as their reader's.

        No image is looked for: a CSV file is read, or the folders are listed.
        """
        root = require_folder(Path(self.root), ROOT)
        if self.labels:
            named = (row["file"] for _, row in iter_records(Path(self.labels), *_COLUMNS))
            folders = {file.rpartition("/")[0] for file in named if is_inside(file)}
        else:
            folders = {folder for folder, files in iter_folders(root) if any(map(_is_image, files))}
        return sorted(filter(is_text, folders))

    def summary(self) -> Summary:
        """Return what labels the images, and how many there are.

        Raises:
            UserError: As of their reader, or none of them can be used.
        """
        self.input_files()
        images = _list_images(self)
        unusable = [f"{as_text(one.record_id)}: {one.problem}" for one in images if one.problem]
        if images and len(unusable) == len(images):
            raise UserError(f"{self.root}: none of {len(images)} images can be used; {unusable[0]}")
        by = self.labels or self.classes or self.layout or "folder"
        return Summary(f"{len(images)} images, labelled by {by}", unusable)


class _Image(NamedTuple):
    """An image as it is listed, usable or not."""

    media: str
    labels: Sequence[str]
    split: str
    problem: str | None
    line: int | None = None
    """Line of the CSV file that names it again."""

    @property
    def record_id(self) -> str:
        return self.media if self.line is None else f"{self.media} (line {self.line})"


def write_table(source: ImagesSource, images: Path) -> None:
    """Read a folder of images into the ``images`` table, sorted by file; no image is opened.

    An image that cannot be used keeps a row, with the reason. Of class folders, files that are no
    images are counted on standard error, as are those without any image and names of absent ones.

    Args:
        source: The source.
        images: Table to write.

    Raises:
        UserError: There is no such folder, or a CSV file is absent or invalid; names the line.
    """
    listed = _list_images(source, tell=True)
    ids = image_ids(image.media for image in listed if image.problem is None)
    rows = (
        {
            "record_id": as_text(image.record_id),
            "image_id": ids[image.media] if image.problem is None else None,
            "split": image.split,
            "media": as_text(image.media),
            "media_kind": "image",
            "frame": None,
            "origin": None,
            "group_id": None,
            "labels": image.labels,
            "problem": image.problem,
        }
        for image in listed
    )
    config = {
        "labels": Path(source.labels).name if source.labels else None,
        "classes": Path(source.classes).name if source.classes else None,
        "layout": source.layout,
    }
    write_rows(images, IMAGES, tell_unusable(rows, source.root), config=config)


def _is_image(name: str) -> bool:
    return name.lower().endswith(IMAGE_SUFFIXES)


def _list_images(source: ImagesSource, *, tell: bool = False) -> list[_Image]:
    """Return the images sorted by file; errors as in `write_table`.

    ``tell`` prints what in the folders is no image.
    """
    root = require_folder(Path(source.root), ROOT)
    read_label = label_reader(source.label_space)
    if source.labels:
        images = _of_labels(root, Path(source.labels), read_label)
    elif source.layout:
        images = _of_folders(root, labeller(source.layout, root), tell)
    else:
        images = _of_folders(root, _by_class(source.classes, root, read_label, tell), tell)
    return sorted(images, key=lambda image: (image.media, image.line or 0))


def _by_class(
    classes: str | None, root: Path, read_label: Callable[[str], str], tell: bool
) -> Labeller:
    """Return the function that labels an image by the first part of its folder's path."""
    named = _read_classes(Path(classes), root, read_label, tell) if classes else {}

    def label(folder: str, _name: str) -> Labelled:
        top = folder.split("/")[0]
        if not folder:
            return [], "it is in no class folder; move it into the folder of its class"
        try:
            return [named.get(composed(top)) or read_label(top)], None
        except UserError as error:
            return [], (
                f"its folder {as_text(top)} is not a class: {error}; rename it, or name its class "
                "in the CSV file of classes (folder,wnid)"
            )

    return label


def _of_folders(root: Path, label: Labeller, tell: bool) -> Iterator[_Image]:
    """Yield the images of each folder."""
    others: list[str] = []
    counts: dict[str, int] = {}
    for folder, files in iter_folders(root):
        top = folder.split("/")[0]
        counts.setdefault(top, 0)
        for name in files:
            media = f"{folder}/{name}" if folder else name
            if not _is_image(name):
                others.append(media)
                continue
            counts[top] += 1
            labels, problem = label(folder, name)
            why = problem or (None if is_text(media) else "its name is not UTF-8; rename it")
            yield _Image(media, [] if why else labels, "", why)
    if not tell:
        return
    for name, count in counts.items():
        if name and not count:
            print(f"{root}: class folder {as_text(name)} has no image", file=sys.stderr)
    if others:
        listed = len(others) + sum(counts.values())
        what = f"files are left out, whose suffix is no image's ({', '.join(IMAGE_SUFFIXES)})"
        tell_some(root, len(others), listed, what, as_text(others[0]))


def _of_labels(root: Path, path: Path, read_label: Callable[[str], str]) -> Iterator[_Image]:
    """Yield the images that a CSV file names."""
    first: dict[str, int] = {}
    for line, row in iter_records(path, *_COLUMNS):
        media, split = row["file"], row.get("split", "")
        if media in first:
            why = f"line {line} names it again; line {first[media]} counts"
            yield _Image(media, [], split, why, line)
            continue
        first[media] = line
        problem = _problem_of_file(root, media)
        labels: list[str] = []
        if problem is None:
            try:
                labels = list(dict.fromkeys(map(read_label, row["labels"].split())))
            except UserError as error:
                problem = str(error)
        yield _Image(media, labels, split, problem and f"line {line}: {problem}")
    if not first:
        raise UserError(f"{path}: names no image; write a row for each image to use")


def _problem_of_file(root: Path, media: str) -> str | None:
    if not is_inside(media):
        return f"{media!r} is not a path below the source's root; write it as in cats/1.jpg"
    if not is_file(root / media):
        remark = lookalike(media, lambda name: is_file(root / name))
        return (
            f"there is no file {media} below the source's root; add it or correct the name{remark}"
        )
    return None


def _read_classes(
    path: Path, root: Path, read_label: Callable[[str], str], tell: bool
) -> dict[str, str]:
    """Read ``classes.csv``; errors as in `write_table`.

    The root may have a part of its folders; one that is almost that of a row is likely meant.
    """
    classes: dict[str, str] = {}
    lines: dict[str, int] = {}
    for line, row in iter_records(path, ("folder", "wnid")):
        where = f"{path}: line {line}"
        folder = composed(row["folder"])
        if folder in classes:
            raise UserError(f"{where}: folder {folder} is named twice; leave one row")
        with located(where):
            classes[folder] = read_label(row["wnid"])
        lines[folder] = line
    there = {composed(entry.name) for entry in root.iterdir() if entry.is_dir()}
    alike = {plain(name): name for name in there.difference(classes)}
    absent = [folder for folder in classes if folder not in there]
    for folder in absent:
        if other := alike.get(plain(folder)):
            raise UserError(
                f"{path}: line {lines[folder]}: {root} has no folder {folder}, but {other}; write "
                "it as the folder is"
            )
    if tell and absent:
        tell_some(path, len(absent), len(classes), f"folders are not in {root}", absent[0])
    return classes

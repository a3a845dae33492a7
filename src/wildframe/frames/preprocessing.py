"""Preprocessed images: resized and cropped once, for all models of one preprocessing.

Resizing is PIL's, as in timm's evaluation transform, pixel for pixel, unless the fast one is asked
for. The file is an uncompressed Arrow file, read as a stream or, in another order, from memory that
it is mapped into.
"""

import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Generic, Self, TypeVar

import numpy as np
import pyarrow as pa
from PIL import Image

from wildframe.core.arrow_files import (
    arrow_writer,
    checksum,
    damaged,
    iter_arrow,
    read_arrow,
    read_index,
)
from wildframe.core.choices import Resize
from wildframe.core.errors import UserError
from wildframe.core.schemas import MANIFEST, preprocessed_contract
from wildframe.core.tables import RowsByKey, read_table
from wildframe.frames import iter_images
from wildframe.frames.encode import Pixels, decode
from wildframe.frames.resizing import Part, Size, fit, resize_parts, resizer, whole
from wildframe.frames.views import View
from wildframe.frames.views.base import scale_shorter_side

Crop = tuple[str, str, Pixels]
"""``image_id``, ``view_key``, and RGB uint8 of shape (crop, crop, 3)."""
ShownImage = tuple[str, str, Image.Image]
"""``image_id``, ``view_key``, and the crop of the image as it is, not resized."""

SAMPLE = 16
"""Images that are kept of each file for what needs only some: an export is compared with torch."""

_RULE = "frames_preprocess"

_NAME = re.compile(r"resize(\d+)-crop(\d+)-(bilinear|bicubic)-(center|squash)")


@dataclass(frozen=True, slots=True)
class Preprocessing:
    """Resize, then crop the central square of ``crop`` pixels.

    ``center`` brings the shorter side to ``resize`` pixels, ``squash`` both sides.
    """

    resize: int
    crop: int
    interpolation: str
    mode: str

    @classmethod
    def parse(cls, name: str) -> Self:
        """Return the preprocessing of a name such as ``resize256-crop224-bicubic-center``."""
        match = _NAME.fullmatch(name)
        if match is None or int(match[1]) < int(match[2]):
            raise UserError(f"{name}: a preprocessing reads like resize256-crop224-bicubic-center")
        return cls(int(match[1]), int(match[2]), match[3], match[4])

    def __str__(self) -> str:
        return f"resize{self.resize}-crop{self.crop}-{self.interpolation}-{self.mode}"

    def __call__(self, image: Image.Image) -> Pixels:
        """Return pixels of shape (crop, crop, 3), RGB uint8, those of timm's transform."""
        return whole(image, self.part(image.size))

    def part(self, size: Size) -> Part:
        """Return what is kept of an image of a size.

        Rounding is torchvision's: the longer side is truncated, the crop's corner rounded.
        """
        if self.mode == "squash":
            width, height = self.resize, self.resize
        else:
            width, height = scale_shorter_side(*size, self.resize)
        left = round((width - self.crop) / 2)
        top = round((height - self.crop) / 2)
        box = left, top, left + self.crop, top + self.crop
        return Part((width, height), self.interpolation, box)

    def fit(self, crop: Image.Image) -> Pixels:
        """Return the pixels of a square at the size of the input, without cutting anything off."""
        size = (self.crop, self.crop)
        return np.asarray(crop if crop.size == size else fit(crop, size, self.interpolation))


OfView = TypeVar("OfView", bound=View, covariant=True)


@dataclass(frozen=True, slots=True)
class Shown(Generic[OfView]):
    """The images of a dataset, as the frames station keeps them, and how they are shown."""

    frames: Sequence[Path]
    """All shards of the source."""
    statuses: Path
    manifest: Path
    view: OfView

    def images(self, wanted: Collection[str] | None = None) -> Iterator[ShownImage]:
        """Yield the crops of readable frames as they are; each image is decoded once.

        Args:
            wanted: ``image_id`` of the images to show; all if None.

        Raises:
            UserError: An image lacks what the view needs.
        """
        columns = ["image_id", "width", "height", "boxes"]
        known = RowsByKey(read_table(self.manifest, MANIFEST, columns), "image_id")
        for row, encoded in iter_images(self.frames, self.statuses, wanted, label="preprocessing"):
            image = decode(encoded)
            for view_key, crop in self.view.crops(image, known[row["image_id"]]):
                yield row["image_id"], view_key, crop

    def crops(
        self,
        preprocessing: Preprocessing,
        wanted: Collection[str] | None = None,
        resize: Resize = "exact",
    ) -> Iterator[Crop]:
        """Yield the crops of readable frames, preprocessed; errors as in `images`.

        Args:
            preprocessing: Of each crop, as if it were an image of its own; where crops are inputs
                already, only of the size of the input.
            wanted: ``image_id`` of the images to show; all if None.
            resize: As in `write_preprocessed`; crops that are inputs already are resized exactly.
        """
        way = resizer(resize)
        for image_id, view_key, crop in self.images(wanted):
            if self.view.crops_are_inputs:
                yield image_id, view_key, preprocessing.fit(crop)
            else:
                (pixels,) = resize_parts(crop, [preprocessing.part(crop.size)], way)
                yield image_id, view_key, pixels


def write_preprocessed(
    shown: Shown[View], outputs: Mapping[Preprocessing, Path], resize: Resize = "exact"
) -> None:
    """Write the preprocessed images of a dataset, in the order of the frames of its source.

    Each image is decoded once for all preprocessings. The first `SAMPLE` are also in a file of
    their own: ``<name>.sample.arrow`` beside ``<name>.arrow``.

    Args:
        shown: The images.
        outputs: Arrow file to write of each preprocessing.
        resize: ``exact`` as PIL and timm; ``fast`` as torchvision on uint8.
    """
    with ExitStack() as files:
        writers = {
            preprocessing: [
                files.enter_context(_crop_writer(file, shown.view, preprocessing, resize))
                for file in (path, path.with_suffix(".sample.arrow"))
            ]
            for preprocessing, path in outputs.items()
        }
        way = resizer(resize)
        for number, (image_id, view_key, image) in enumerate(shown.images()):
            parts = [preprocessing.part(image.size) for preprocessing in writers]
            resized = resize_parts(image, parts, way)
            for (write, write_sample), pixels in zip(writers.values(), resized, strict=True):
                crop = image_id, view_key, pixels
                write(crop)
                if number < SAMPLE:
                    write_sample(crop)


@contextmanager
def _crop_writer(
    path: Path, view: View, preprocessing: Preprocessing, resize: Resize
) -> Iterator[Callable[[Crop], None]]:
    """Open a file of preprocessed images and yield the function that adds one."""
    contract = preprocessed_contract(preprocessing.crop)
    config = {"view": view.model_dump(), "preprocessing": str(preprocessing), "resize": resize}
    with arrow_writer(path, contract, config) as writer:

        def write(crop: Crop) -> None:
            image_id, view_key, pixels = crop
            content = pixels.tobytes()
            row = {
                "image_id": image_id,
                "view_key": view_key,
                "pixels": content,
                "crc32": checksum([image_id, view_key], [content]),
            }
            writer.write_batch(pa.RecordBatch.from_pylist([row], schema=contract.schema))

        yield write


@dataclass(frozen=True, slots=True)
class Batch:
    """Crops for one pass of a model."""

    image_ids: list[str]
    view_keys: list[str]
    pixels: Pixels
    """RGB uint8 of shape (n, crop, crop, 3)."""


def batches(crops: Iterable[Crop], size: int) -> Iterator[Batch]:
    """Yield batches of so many crops; the last may have fewer."""
    rest = iter(crops)
    while part := list(islice(rest, size)):
        image_ids, view_keys, pixels = zip(*part, strict=True)
        yield Batch(list(image_ids), list(view_keys), np.stack(pixels))


@dataclass(frozen=True)
class Preprocessed:
    """The images of a file, mapped into memory: for those who read them in another order."""

    image_ids: list[str]
    view_keys: list[str]
    pixels: Sequence[Pixels]
    """Of each image, RGB uint8 of shape (crop, crop, 3)."""
    resize: Resize
    """How they were resized."""


class PreprocessedStream:
    """The images of a file, read one after another in bounded memory."""

    def __init__(self, path: Path, preprocessing: Preprocessing) -> None:
        """Open a file.

        Raises:
            UserError: The file is absent, damaged or of another preprocessing.
        """
        self._path = path
        self._side = preprocessing.crop
        schema, self._count = read_index(path, preprocessed_contract(self._side), _RULE)
        self.resize = _resize_of(schema)

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Crop]:
        """Yield the images; a `UserError` names the file where one is damaged."""
        for batch in iter_arrow(self._path, preprocessed_contract(self._side), _RULE):
            (row,) = batch.drop_columns(["pixels"]).to_pylist()
            pixels = _square(self._path, batch.column("pixels"), self._side)
            _require_sound(self._path, row["image_id"], row["view_key"], row["crc32"], pixels)
            yield row["image_id"], row["view_key"], pixels


def _resize_of(schema: pa.Schema) -> Resize:
    """Return how the images of a file were resized."""
    resize: Resize = json.loads(schema.metadata[b"config"])["resize"]
    return resize


def _square(path: Path, column: pa.Array, side: int) -> Pixels:
    """Return the image of a chunk, which has one: a view."""
    pixels = np.frombuffer(column.buffers()[1], np.uint8)
    if pixels.size != side * side * 3:
        raise damaged(path, "an image has another size")
    return pixels.reshape(side, side, 3)


def _require_sound(path: Path, image_id: str, view_key: str, expected: int, pixels: Pixels) -> None:
    if checksum([image_id, view_key], [pixels]) != expected:
        raise damaged(path, f"image {image_id!r} differs from what was written")


class _Checked(Sequence[Pixels]):
    """The pixels of a table's images; each image is checked when it is taken out."""

    def __init__(self, path: Path, table: pa.Table, side: int) -> None:
        self._path = path
        columns = ("image_id", "view_key", "crc32")
        self._rows = list(zip(*(table.column(name).to_pylist() for name in columns), strict=True))
        # One image per chunk, as written: views on the mapped file, so that memory stays bounded.
        self._mapped = [_square(path, chunk, side) for chunk in table.column("pixels").chunks]

    def __len__(self) -> int:
        return len(self._mapped)

    def __getitem__(self, position: Any) -> Any:
        if isinstance(position, slice):
            return [self[at] for at in range(*position.indices(len(self)))]
        image_id, view_key, expected = self._rows[position]
        pixels = self._mapped[position]
        _require_sound(self._path, image_id, view_key, expected, pixels)
        return pixels


def read_preprocessed(path: Path, preprocessing: Preprocessing) -> Preprocessed:
    """Read a file of preprocessed images.

    Raises:
        UserError: The file is absent or of another preprocessing.
    """
    side = preprocessing.crop
    table = read_arrow(path, preprocessed_contract(side), _RULE)
    return Preprocessed(
        table.column("image_id").to_pylist(),
        table.column("view_key").to_pylist(),
        _Checked(path, table, side),
        _resize_of(table.schema),
    )

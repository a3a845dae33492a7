"""Preprocessed images: resized and cropped once, for all models of one preprocessing.

Resizing is PIL's, as in timm's evaluation transform, pixel for pixel. The file is an uncompressed
Arrow file, which readers map into memory.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import pyarrow as pa
from PIL import Image

from wildframe.core.choices import View
from wildframe.core.errors import UserError
from wildframe.core.files import atomic_path, require_file
from wildframe.core.schemas import MANIFEST, preprocessed_contract
from wildframe.core.tables import Row, check_schema, provenance, read_table
from wildframe.frames import iter_images
from wildframe.frames.encode import Pixels, decode
from wildframe.frames.views import VIEWS

_FILTERS = {"bilinear": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC}
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
        """Return pixels of shape (crop, crop, 3), RGB uint8.

        Rounding is torchvision's: the longer side is truncated, the crop's corner rounded.
        """
        width, height = image.size
        if self.mode == "squash":
            size = (self.resize, self.resize)
        elif width <= height:
            size = (self.resize, int(self.resize * height / width))
        else:
            size = (int(self.resize * width / height), self.resize)
        if size != image.size:
            image = image.resize(size, _FILTERS[self.interpolation])
        left = round((size[0] - self.crop) / 2)
        top = round((size[1] - self.crop) / 2)
        return np.asarray(image.crop((left, top, left + self.crop, top + self.crop)))


def write_preprocessed(
    frames: Sequence[Path],
    statuses: Path,
    manifest: Path,
    view: View,
    margin: float,
    preprocessing: Preprocessing,
    output: Path,
) -> None:
    """Write the preprocessed images of a dataset, in the order of the frames of its source.

    Args:
        frames: All shards of the source.
        statuses: STATUSES of the dataset.
        manifest: Manifest of the dataset.
        view: View of the images.
        margin: Margin of the view ``box``.
        preprocessing: The preprocessing.
        output: Arrow file to write.
    """
    contract = preprocessed_contract(preprocessing.crop)
    config = {"view": view, "margin": margin, "preprocessing": str(preprocessing)}
    schema = contract.schema.with_metadata(provenance(contract, config, {}))
    with (
        atomic_path(output) as temporary,
        pa.OSFile(str(temporary), "wb") as sink,
        pa.ipc.new_file(sink, schema) as writer,
    ):
        for row in _shown(frames, statuses, manifest, view, margin, preprocessing):
            writer.write_batch(pa.RecordBatch.from_pylist([row], schema=schema))


def _shown(
    frames: Sequence[Path],
    statuses: Path,
    manifest: Path,
    view: View,
    margin: float,
    preprocessing: Preprocessing,
) -> Iterator[Row]:
    columns = ["image_id", "width", "height", "boxes"]
    images = {row["image_id"]: row for row in read_table(manifest, MANIFEST, columns).to_pylist()}
    for row, encoded in iter_images(frames, statuses, label="preprocessing"):
        image = decode(encoded)
        for view_key, shown in VIEWS[view](image, images[row["image_id"]], margin):
            pixels = preprocessing(shown).tobytes()
            yield {"image_id": row["image_id"], "view_key": view_key, "pixels": pixels}


@dataclass(frozen=True)
class Preprocessed:
    """The images of a file, mapped into memory."""

    image_ids: list[str]
    view_keys: list[str]
    pixels: list[Pixels]
    """Of each image, RGB uint8 of shape (crop, crop, 3)."""

    def batches(self, size: int) -> Iterator[tuple[slice, Pixels]]:
        """Yield slices that cover the file, with their pixels of shape (n, crop, crop, 3)."""
        for start in range(0, len(self.pixels), size):
            part = slice(start, start + size)
            yield part, np.stack(self.pixels[part])


def read_preprocessed(path: Path, preprocessing: Preprocessing) -> Preprocessed:
    """Read a file of preprocessed images.

    Raises:
        UserError: The file is absent or of another preprocessing.
    """
    require_file(path, "make it with the rule frames_preprocess")
    side = preprocessing.crop
    try:
        with pa.memory_map(str(path)) as source, pa.ipc.open_file(source) as reader:
            table = reader.read_all()
    except (pa.ArrowInvalid, OSError) as error:
        raise UserError(f"{path}: not an Arrow file ({error}); delete it and rerun") from error
    check_schema(path, table.schema, preprocessed_contract(side))
    # One image per chunk, as written: views on the mapped file, so that memory stays bounded.
    pixels = [
        np.frombuffer(chunk.buffers()[1], np.uint8).reshape(side, side, 3)
        for chunk in table.column("pixels").chunks
    ]
    return Preprocessed(
        table.column("image_id").to_pylist(), table.column("view_key").to_pylist(), pixels
    )

"""The labelled pictures of a fine-tuning, in the part they learn in or are held out in."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt

from wildframe.core.errors import UserError
from wildframe.core.schemas import MANIFEST, SPLITS
from wildframe.core.tables import read_table
from wildframe.frames.encode import Pixels
from wildframe.frames.pixels import read_pixels
from wildframe.labels import read_classes
from wildframe.models.zoo import ZooEntry


@dataclass(frozen=True)
class Examples:
    """Pictures with their labels as class indices, first label first.

    Each of ``pixels`` is RGB uint8 of shape (crop, crop, 3), mapped into memory.
    """

    pixels: Sequence[Pixels]
    labels: Sequence[Sequence[int]]

    def __len__(self) -> int:
        return len(self.pixels)

    def take(self, positions: Sequence[int]) -> tuple[Pixels, npt.NDArray[np.int64]]:
        """Return pixels of shape (n, crop, crop, 3) and first labels of shape (n,)."""
        firsts = np.array([self.labels[position][0] for position in positions], np.int64)
        return np.stack([self.pixels[position] for position in positions]), firsts

    def batches(self, size: int) -> Iterator[tuple[Pixels, Sequence[Sequence[int]]]]:
        """Yield pixels of shape (n, crop, crop, 3) and their labels, in order."""
        for start in range(0, len(self), size):
            part = slice(start, start + size)
            yield np.stack(self.pixels[part]), self.labels[part]

    def sha256(self) -> str:
        """Return a hash of pictures and labels in their order."""
        digest = hashlib.sha256()
        for pixels, labels in zip(self.pixels, self.labels, strict=True):
            digest.update(pixels.tobytes())
            digest.update(repr(list(labels)).encode())
        return digest.hexdigest()


@dataclass(frozen=True)
class Parts:
    """What a model learns from, and what is held out."""

    train: Examples
    val: Examples

    @classmethod
    def read(
        cls, entry: ZooEntry, split: Path, manifest: Path, pixels: Path, classes: Path
    ) -> Self:
        """Read the readable pictures of both parts, sorted by image.

        Args:
            entry: The model; it says how pictures were resized and what its outputs mean.
            split: Table of the split.
            manifest: Manifest of the same dataset.
            pixels: Its pictures.
            classes: Table of classes.

        Raises:
            UserError: The files are not of one dataset, a picture has no label among the model's
                classes, or a part is empty.
        """
        index_of = {
            row["wnid"]: row["class_index"] for row in read_classes(classes, entry.class_space)
        }
        wnids = {
            row["image_id"]: row["labels"]
            for row in read_table(manifest, MANIFEST, ["image_id", "labels"]).to_pylist()
        }
        part_of = {
            row["image_id"]: row["part"]
            for row in read_table(split, SPLITS, ["image_id", "part"]).to_pylist()
        }
        pictures = read_pixels(pixels, entry.preprocessing)
        # The order of the file depends on the number of shards.
        rows = sorted(
            zip(pictures.image_ids, pictures.view_keys, range(len(pictures.pixels)), strict=True)
        )
        found: dict[str, tuple[list[Pixels], list[list[int]]]] = {
            part: ([], []) for part in ("train", "val")
        }
        for image_id, _, position in rows:
            for path, known in ((manifest, wnids), (split, part_of)):
                if image_id not in known:
                    raise UserError(f"{path}: no picture {image_id}, which is in {pixels}; rerun")
            labels = [index_of[wnid] for wnid in wnids[image_id] if wnid in index_of]
            if not labels:
                raise UserError(
                    f"{manifest}: no label of picture {image_id} is among the classes of "
                    f"{entry.name} ({entry.class_space}); choose a dataset of its class space"
                )
            of_pixels, of_labels = found[part_of[image_id]]
            of_pixels.append(pictures.pixels[position])
            of_labels.append(labels)
        for part, (of_pixels, _) in found.items():
            if not of_pixels:
                raise UserError(
                    f"{split}: no picture of the part {part!r} could be read; change "
                    "finetuning.train_fraction or seed, or see `wildframe doctor` for the videos"
                )
        return cls(Examples(*found["train"]), Examples(*found["val"]))

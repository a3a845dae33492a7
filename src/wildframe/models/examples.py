"""The labelled images of a training, in the part they learn in or are held out in."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt

from wildframe.core.choices import Learn, ModelSpace
from wildframe.core.errors import UserError
from wildframe.core.schemas import MANIFEST, SPLITS
from wildframe.core.tables import Row, read_table
from wildframe.frames.encode import Pixels
from wildframe.frames.preprocessing import read_preprocessed
from wildframe.labels import read_classes
from wildframe.models.zoo import ZooEntry


@dataclass(frozen=True)
class Examples:
    """Images with their labels as class indices, first the one that is learnt.

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
        """Return a hash of images and labels in their order."""
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
    label_space: ModelSpace
    """What the class indices mean."""
    classes: int
    """Number of its classes."""

    @classmethod
    def read(
        cls,
        entry: ZooEntry,
        split: Path,
        manifest: Path,
        pixels: Path,
        classes: Path,
        *,
        label_space: ModelSpace,
        learn: Learn,
    ) -> Self:
        """Read the readable images of both parts, sorted by image.

        Args:
            entry: The model; it says how images were resized.
            split: Table of the split.
            manifest: Manifest of the same dataset.
            pixels: Its images.
            classes: Table of classes.
            label_space: What the model is to answer with.
            learn: Which of a image's labels is learnt: its first, or the largest box's.

        Raises:
            UserError: The files are not of one dataset, a image has no label among the classes,
                the table has none of this space, or a part is empty.
        """
        index_of = {row["wnid"]: row["class_index"] for row in read_classes(classes, label_space)}
        if not index_of:
            raise UserError(f"{classes}: no classes of {label_space}; make the table anew")
        columns = ["image_id", "labels", "annotation_labels", "boxes"]
        rows_of = {
            row["image_id"]: row for row in read_table(manifest, MANIFEST, columns).to_pylist()
        }
        part_of = {
            row["image_id"]: row["part"]
            for row in read_table(split, SPLITS, ["image_id", "part"]).to_pylist()
        }
        images = read_preprocessed(pixels, entry.preprocessing)
        # The order of the file depends on the number of shards.
        rows = sorted(
            zip(images.image_ids, images.view_keys, range(len(images.pixels)), strict=True)
        )
        found: dict[str, tuple[list[Pixels], list[list[int]]]] = {
            part: ([], []) for part in ("train", "val")
        }
        for image_id, _, position in rows:
            for path, known in ((manifest, rows_of), (split, part_of)):
                if image_id not in known:
                    raise UserError(f"{path}: no image {image_id}, which is in {pixels}; rerun")
            labels = known_labels(rows_of[image_id], index_of, learn)
            if not labels:
                raise UserError(
                    f"{manifest}: no label of image {image_id} is among the classes of "
                    f"{label_space}, which {entry.name} is to learn; choose a dataset of this "
                    "label space"
                )
            of_pixels, of_labels = found[part_of[image_id]]
            of_pixels.append(images.pixels[position])
            of_labels.append([index_of[wnid] for wnid in labels])
        for part, (of_pixels, _) in found.items():
            if not of_pixels:
                raise UserError(
                    f"{split}: no image of the part {part!r} could be read; change "
                    "train_fraction or seed of the training, or see `wildframe doctor` for the "
                    "videos"
                )
        return cls(Examples(*found["train"]), Examples(*found["val"]), label_space, len(index_of))


def known_labels(image: Row, classes: Mapping[str, int], learn: Learn) -> list[str]:
    """Return a image's labels among some classes, first the one that is learnt.

    Args:
        image: Row of the manifest: labels, annotation_labels, boxes.
        classes: Index of each class by wnid.
        learn: The first label, or that of the largest box which has one (of equal ones the first);
            without such a box the first.
    """
    labels = [wnid for wnid in image["labels"] if wnid in classes]
    if learn == "largest":
        objects = zip(image["boxes"], image["annotation_labels"], strict=True)
        named = [(box, own) for box, wnids in objects if (own := _first_of(wnids, labels))]
        if named:
            _, largest = max(named, key=lambda one: one[0]["width"] * one[0]["height"])
            labels.sort(key=lambda wnid: wnid != largest)
    return labels


def _first_of(wnids: Sequence[str], labels: Sequence[str]) -> str | None:
    return next((wnid for wnid in wnids if wnid in labels), None)

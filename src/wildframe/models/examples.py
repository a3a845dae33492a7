"""The labelled images of a training: those to learn from, and those held out."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt

from wildframe.core.choices import Learn
from wildframe.core.errors import UserError
from wildframe.core.schemas import MANIFEST, SPLITS
from wildframe.core.tables import Row, read_table
from wildframe.core.targets import is_own
from wildframe.frames.encode import Pixels
from wildframe.frames.preprocessing import read_preprocessed
from wildframe.labels import read_classes
from wildframe.labels.spaces import read_class_list
from wildframe.models.zoo import ZooEntry


@dataclass(frozen=True)
class Examples:
    """Images with their labels as class indices, the one to learn first.

    Each of ``pixels`` is RGB uint8 of shape (crop, crop, 3), mapped into memory.
    """

    pixels: list[Pixels]
    labels: list[list[int]]

    def __len__(self) -> int:
        return len(self.pixels)

    def take(self, positions: Sequence[int]) -> tuple[Pixels, npt.NDArray[np.int64]]:
        """Return images of shape (n, crop, crop, 3) and first labels of shape (n,)."""
        firsts = np.array([self.labels[position][0] for position in positions], np.int64)
        return np.stack([self.pixels[position] for position in positions]), firsts

    def batches(self, size: int) -> Iterator[tuple[Pixels, Sequence[Sequence[int]]]]:
        """Yield images of shape (n, crop, crop, 3) and their labels, in order."""
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
    """The images that a model learns from, and those held out."""

    train: Examples
    val: Examples
    label_space: str
    classes: int
    """Number of its classes."""

    @classmethod
    def read(
        cls,
        entry: ZooEntry,
        split: Path,
        manifest: Path,
        preprocessed: Path,
        classes: Path,
        *,
        label_space: str,
        learn: Learn,
    ) -> Self:
        """Read the readable images of both parts, sorted by image.

        Raises:
            UserError: The files are not of one dataset, an image has no label in the label space,
                the table of classes lacks that label space, or a part is empty.
        """
        if is_own(label_space):
            wnids = read_class_list(Path(label_space))
        else:
            wnids = [row["wnid"] for row in read_classes(classes, label_space)]
        if not wnids:
            raise UserError(f"{classes}: no classes of {label_space}; make the table again")
        index_of = {wnid: index for index, wnid in enumerate(wnids)}
        columns = ["image_id", "labels", "annotation_labels", "boxes"]
        rows_of = {
            row["image_id"]: row for row in read_table(manifest, MANIFEST, columns).to_pylist()
        }
        part_of = {
            row["image_id"]: row["part"]
            for row in read_table(split, SPLITS, ["image_id", "part"]).to_pylist()
        }
        images = read_preprocessed(preprocessed, entry.preprocessing)
        parts: dict[str, Examples] = {part: Examples([], []) for part in ("train", "val")}
        # The order of the file depends on the number of shards.
        keys = zip(images.image_ids, images.view_keys, range(len(images.pixels)), strict=True)
        for image_id, _, position in sorted(keys):
            for path, known in ((manifest, rows_of), (split, part_of)):
                if image_id not in known:
                    raise UserError(
                        f"{path}: no image {image_id}, which is in {preprocessed}; rerun"
                    )
            labels = known_labels(rows_of[image_id], index_of, learn)
            if not labels:
                raise UserError(
                    f"{manifest}: no label of image {image_id} is in the label space "
                    f"{label_space}, which {entry.name} is to learn; choose a dataset of it"
                )
            part = parts[part_of[image_id]]
            part.pixels.append(images.pixels[position])
            part.labels.append([index_of[wnid] for wnid in labels])
        for name, part in parts.items():
            if not part.pixels:
                raise UserError(
                    f"{split}: no image of the part {name!r} could be read; change train_fraction "
                    "or seed of the training, or check the videos with `wildframe doctor`"
                )
        return cls(parts["train"], parts["val"], label_space, len(index_of))


def known_labels(image: Row, classes: Mapping[str, int], learn: Learn) -> list[str]:
    """Return an image's labels among some classes, the one to learn first.

    Args:
        image: Row of the manifest: labels, annotation_labels, boxes.
        classes: Index of each class by wnid.
        learn: ``largest`` takes the label of the largest box that has one, the first in case of a
            tie; without such a box it is the first label.
    """
    labels = [wnid for wnid in image["labels"] if wnid in classes]
    if learn == "largest":
        objects = zip(image["boxes"], image["annotation_labels"], strict=True)
        known = [(box, own) for box, wnids in objects if (own := [w for w in wnids if w in labels])]
        if known:
            _, largest = max(known, key=lambda pair: pair[0]["width"] * pair[0]["height"])
            labels.sort(key=lambda wnid: wnid != largest[0])
    return labels

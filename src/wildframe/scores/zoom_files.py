"""Results on the crops of a zoom view, from the predictions of a model."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from wildframe.core.arrays import Bools, Integers
from wildframe.core.choices import PredictedSpace, RealEmpty
from wildframe.core.errors import UserError
from wildframe.core.schemas import MANIFEST, ZOOM_PREDICTIONS
from wildframe.core.tables import Row, iter_batches, model_of, read_facts, read_table
from wildframe.frames import read_statuses
from wildframe.frames.copies import COLUMNS, copies_of, join_groups
from wildframe.manifests.labels import read_labels
from wildframe.manifests.predictable import predictable_wnids
from wildframe.predictions.zoom import Classes
from wildframe.scores import unit_of
from wildframe.scores.predicted import Protocol
from wildframe.scores.zoom import CropKey, ZoomResults, with_real_labels

_KEY = ["size", "row", "col"]


@dataclass(frozen=True)
class ZoomFiles:
    """Predictions of models on the crops of a zoom view, and what reading them needs."""

    predictions: Sequence[Path]
    """``ZOOM_PREDICTIONS`` of each model."""
    manifest: Path
    statuses: Path
    real: Path | None = None
    """Manifest of the same images with the labels of a second annotation, which count, too."""
    real_empty: RealEmpty = "in"
    """Whether an image without one of these keeps its own labels, or is left out."""

    def __iter__(self) -> Iterator[ZoomResults]:
        """Return the results of one model after the other; errors as in `read`."""
        return map(self.read, self.predictions)

    @cached_property
    def groups(self) -> dict[str, str]:
        """The unit of each image that is independent of others."""
        columns = ["image_id", "group_id", "video_id"]
        rows = read_table(self.manifest, MANIFEST, columns).to_pylist()
        # Halves are of videos: what two clips of one show is not independent.
        joined = join_groups(rows, copies_of(self._statuses, rows))
        return {row["image_id"]: unit_of(row) for row in joined}

    @cached_property
    def sizes(self) -> dict[str, tuple[int, int]]:
        """Width and height of each image that could be read, in pixels."""
        rows = self._statuses
        return {row["image_id"]: (row["width"], row["height"]) for row in rows if row["width"]}

    @cached_property
    def labels(self) -> dict[str, set[str]] | None:
        """The labels of each image by both annotations; None if there is one.

        Raises:
            UserError: The manifests share no image, or images are dropped by labels not named.
        """
        if not self.real:
            if self.real_empty == "drop":
                raise UserError("--real-empty drop: name ImageNet-ReaL's labels by --real, too")
            return None
        own, others = read_labels(self.manifest), read_labels(self.real)
        # An image without label of one annotation is not in its manifest; all cannot be.
        if own.keys().isdisjoint(others):
            raise UserError(
                f"{self.real}: no image of {self.manifest} is in it: ids are made of paths, let "
                "the sources of both have the same root"
            )
        return with_real_labels(own, others, keep_without=self.real_empty == "in")

    @cached_property
    def _statuses(self) -> list[Row]:
        return read_statuses(self.statuses, COLUMNS)

    def read(self, path: Path) -> ZoomResults:
        """Read which crops of which images one model is correct on; any label of an image counts.

        Raises:
            UserError: A file is absent or something else, an image is not in one of them, readable
                but not predicted, or has other crops than the first, or no image is left; names
                the image.
        """
        labels = self.labels
        image_ids, count = _read_images(path)
        crops, correct = _read_crops(path, image_ids, count, labels)
        for known, file in ((self.groups, self.manifest), (self.sizes, self.statuses)):
            if missing := set(image_ids) - known.keys():
                raise UserError(
                    f"{path}: image {min(missing)} is not in {file}; name the files of one dataset"
                )
        if missing := self.sizes.keys() - set(image_ids):
            raise UserError(
                f"{path}: image {min(missing)} is readable but has no prediction ({len(missing)} "
                "such); delete it and rerun"
            )
        kept = [at for at, name in enumerate(image_ids) if labels is None or name in labels]
        if not kept:
            raise UserError(
                f"{path}: no image is left to score; name a manifest with labels of some"
            )
        image_ids = [image_ids[at] for at in kept]
        return ZoomResults(
            model_of(path, ZOOM_PREDICTIONS),
            image_ids,
            [self.groups[image_id] for image_id in image_ids],
            crops,
            correct[kept],
            [self.sizes[image_id] for image_id in image_ids],
            *predictable_classes(read_facts(path, ZOOM_PREDICTIONS), self.manifest),
        )


def predictable_classes(facts: Mapping[str, str], manifest: Path) -> tuple[int, PredictedSpace]:
    """Return how many classes could be predicted, and whether they are a subset of the model's.

    Several classes of the model that count as one of the dataset's label space are one.

    Args:
        facts: Metadata of the predictions.
        manifest: Manifest of the dataset.

    Raises:
        UserError: There is none.
    """
    protocol = Protocol.of(facts)
    only = predictable_wnids(protocol.predictable, manifest)
    classes = Classes.of(facts, protocol.label_space, protocol.restrict, only)
    possible = {classes.wnids[at] or at for at in np.flatnonzero(classes.predictable).tolist()}
    if not possible:
        raise UserError(
            f"{manifest}: no class of the model can be predicted; choose a model of the labels' "
            "label space, or set predictable of the dataset to all"
        )
    return len(possible), "full" if classes.predictable.all() else "subset"


def _read_images(path: Path) -> tuple[list[str], int]:
    """Return the images in the order of the table, and how many crops each of them has."""
    image_ids: list[str] = []
    counts: list[int] = []
    for batch in iter_batches(path, ZOOM_PREDICTIONS, ["image_id"]):
        runs = pc.run_end_encode(batch.column("image_id"))
        lengths = np.diff(runs.run_ends.to_numpy(), prepend=0).tolist()
        for image_id, length in zip(runs.values.to_pylist(), lengths, strict=True):
            if image_ids and image_ids[-1] == image_id:
                counts[-1] += length
            else:
                image_ids.append(image_id)
                counts.append(length)
    if not image_ids:
        raise UserError(f"{path}: no image is in it; `wildframe doctor` checks the data")
    known = set[str]()
    for image_id, count in zip(image_ids, counts, strict=True):
        if image_id in known or count != counts[0]:
            raise _other_crops(path, image_id, image_ids[0])
        known.add(image_id)
    return image_ids, counts[0]


def _read_crops(
    path: Path, image_ids: Sequence[str], count: int, labels: Mapping[str, set[str]] | None
) -> tuple[list[CropKey], Bools]:
    """Return the crops that each image has, and which are correct, shape (images, crops)."""
    answer = "label_correct" if labels is None else "wnid"
    is_correct = _as_predicted if labels is None else _by_labels(image_ids, labels)
    crops = np.empty((0, len(_KEY)), np.int16)
    correct: list[Bools] = []
    start = 0
    for batch in iter_batches(path, ZOOM_PREDICTIONS, [*_KEY, answer]):
        keys = np.stack([batch.column(name).to_numpy() for name in _KEY], axis=1)
        # Those of the first image; a batch may have a part of it.
        crops = np.concatenate([crops, keys[: count - len(crops)]])
        rows = np.arange(start, start := start + len(batch))
        others = np.flatnonzero((keys != crops[rows % count]).any(axis=1))
        if len(others):
            raise _other_crops(path, image_ids[rows[others[0]] // count], image_ids[0])
        correct.append(is_correct(batch.column(answer), rows // count))
    found = [CropKey(*key) for key in crops.tolist()]
    if len(set(found)) < count:
        raise UserError(f"{path}: image {image_ids[0]} has a crop twice; delete it and rerun")
    return found, np.concatenate(correct).reshape(len(image_ids), count)


def _other_crops(path: Path, image_id: str, first: str) -> UserError:
    return UserError(
        f"{path}: image {image_id} has other crops than {first}, or they do not follow each "
        "other; delete it and rerun"
    )


IsCorrect = Callable[[pa.Array, Integers], Bools]
"""Tells which crops are correct, by a column of their rows and the positions of their images."""


def _as_predicted(correct: pa.Array, _: Integers) -> Bools:
    flags: Bools = correct.to_numpy(zero_copy_only=False)
    return flags


def _by_labels(image_ids: Sequence[str], labels: Mapping[str, set[str]]) -> IsCorrect:
    """Return the function that tells of predicted classes whether they are any label."""
    of_images = [sorted(labels.get(image_id, ())) for image_id in image_ids]
    code_of = {wnid: code for code, wnid in enumerate(dict.fromkeys(chain(*of_images)))}
    codes = np.full((len(image_ids), max(map(len, of_images))), -1, np.int32)
    for row, wnids in zip(codes, of_images, strict=True):
        row[: len(wnids)] = [code_of[wnid] for wnid in wnids]

    def is_correct(predicted: pa.Array, images: Integers) -> Bools:
        encoded = predicted.dictionary_encode(null_encoding="encode")
        found = np.array([code_of.get(wnid, -2) for wnid in encoded.dictionary.to_pylist()])
        same = codes[images] == found[encoded.indices.to_numpy()][:, None]
        correct: Bools = np.any(same, axis=1)
        return correct

    return is_correct

"""Results on the crops of a zoom view, from the predictions of a model."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from wildframe.core.choices import PredictedSpace, RealEmpty
from wildframe.core.errors import UserError
from wildframe.core.schemas import MANIFEST, ZOOM_PREDICTIONS
from wildframe.core.tables import Row, model_of, read_facts, read_table
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
        """The labels of each image by both annotations; None if there is one."""
        if not self.real:
            return None
        own, others = read_labels(self.manifest), read_labels(self.real)
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
        columns = ["image_id", *_KEY, "wnid", "label_correct"]
        table = read_table(path, ZOOM_PREDICTIONS, columns)
        image_ids, crops = _grid(path, table)
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
        if self.labels is None:
            correct = table.column("label_correct").to_numpy().reshape(len(image_ids), len(crops))
            kept = list(range(len(image_ids)))
        else:
            correct = _correct_by(table.column("wnid"), image_ids, len(crops), self.labels)
            kept = [at for at, image_id in enumerate(image_ids) if image_id in self.labels]
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


def _grid(path: Path, table: pa.Table) -> tuple[list[str], list[CropKey]]:
    """Return the images in the order of the table, and the crops that each of them has."""
    if not len(table):
        raise UserError(f"{path}: no image is in it; `wildframe doctor` checks the data")
    ids = table.column("image_id")
    count = pc.sum(pc.equal(ids, ids[0])).as_py()
    keys = np.stack([table.column(name).to_numpy() for name in _KEY], axis=1)
    names = ids.to_numpy()
    starts = names[::count]
    is_grid = (
        len(keys) % count == 0
        and len(set(starts)) == len(starts)
        and (names == np.repeat(starts, count)[: len(names)]).all()
        and (keys.reshape(-1, count, len(_KEY)) == keys[:count]).all()
    )
    if not is_grid:
        counts = pc.value_counts(ids).to_pylist()
        odd = next((one["values"] for one in counts if one["counts"] != count), starts[0])
        raise UserError(
            f"{path}: image {odd} has other crops than {starts[0]}, or they do not follow each "
            "other; delete it and rerun"
        )
    crops = [CropKey(*key) for key in keys[:count].tolist()]
    if len(set(crops)) < count:
        raise UserError(f"{path}: image {starts[0]} has a crop twice; delete it and rerun")
    return starts.tolist(), crops


def _correct_by(
    predicted: pa.ChunkedArray,
    image_ids: Sequence[str],
    crops: int,
    labels: Mapping[str, set[str]],
) -> npt.NDArray[np.bool_]:
    """Tell of each crop whether its class is any label, shape (images, crops)."""
    encoded = predicted.combine_chunks().dictionary_encode()
    code_of = {wnid: code for code, wnid in enumerate(encoded.dictionary.to_pylist())}
    codes = pc.fill_null(encoded.indices, -1).to_numpy().reshape(-1, crops)
    known = ([code_of[w] for w in labels.get(i, ()) if w in code_of] for i in image_ids)
    return np.stack(
        [np.isin(of_image, of_labels) for of_image, of_labels in zip(codes, known, strict=True)]
    )

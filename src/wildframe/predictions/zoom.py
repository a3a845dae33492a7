"""Predictions of one model under a zoom view: on each crop, and combined on each image.

Crops are cut as the model runs and never written.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np

from wildframe.core.arrays import Bools, Floats32
from wildframe.core.choices import Targets
from wildframe.core.schemas import PREDICTIONS, ZOOM_PREDICTIONS
from wildframe.core.tables import Row
from wildframe.frames.preprocessing import Crop, Shown, batches
from wildframe.frames.views.zoom import Zoom, parse_key
from wildframe.labels.hypernyms import target_of, target_of_classes
from wildframe.labels.spaces import class_wnids
from wildframe.predictions import own_wnids
from wildframe.predictions.crops import of_image
from wildframe.predictions.parts import Parts, images_of
from wildframe.predictions.predict import require_finite
from wildframe.predictions.predicted import softmax

if TYPE_CHECKING:
    from wildframe.predictions.inference import ExportedInference, Inference

_CROPS_A_PART = 2592
"""Crops that are predicted again at most where a run is killed: 8 images of the paper's grid."""


@dataclass(frozen=True)
class Classes:
    """The classes of a model."""

    wnids: Sequence[str | None]
    """What each counts as: itself, or the class of a dataset's label space that it belongs to."""
    predictable: Bools
    """Whether each can be predicted, shape (classes,)."""

    @classmethod
    def of(
        cls,
        facts: Mapping[str, str],
        label_space: Targets | None = None,
        restrict: bool = True,
        only: Collection[str] | None = None,
    ) -> Self:
        """Return the classes of a model.

        Args:
            facts: Metadata of its predictions.
            label_space: Label space of the dataset; None for the model's own.
            restrict: Whether only classes that belong to it can be predicted.
            only: Classes that can be predicted of the model's own label space; None for all.

        Raises:
            UserError: No such label space.
        """
        own, space = own_wnids(facts), facts["label_space"]
        if label_space is None:
            wnids: Sequence[str | None] = own or class_wnids(space)
            return cls(wnids, np.array([only is None or wnid in only for wnid in wnids]))
        wnids = (
            [target_of(wnid, label_space) for wnid in own]
            if own
            else target_of_classes(label_space, space)
        )
        return cls(wnids, np.array([wnid is not None or not restrict for wnid in wnids]))

    def best(self, ranked: Iterable[int]) -> str | None:
        """Return what the first of these classes that can be predicted counts as, if any can."""
        return next((self.wnids[index] for index in ranked if self.predictable[index]), None)

    @property
    def sha256(self) -> str:
        """A hash of them: they may hang on the labels of all images, or on a file."""
        told = json.dumps([list(self.wnids), self.predictable.tolist()])
        return hashlib.sha256(told.encode()).hexdigest()

    @cached_property
    def of_wnid(self) -> Mapping[str | None, list[int]]:
        """The indices of the predictable classes that count as each."""
        found = defaultdict(list)
        for index in np.flatnonzero(self.predictable).tolist():
            found[self.wnids[index]].append(index)
        return dict(found)


def predict_zoom(
    inference: "Inference | ExportedInference",
    shown: Shown[Zoom],
    classes: Classes,
    output: Path,
    crops_output: Path,
    facts: Mapping[str, str],
) -> None:
    """Write the predictions of one model on each crop of its images, and on each image.

    What a run of the same model, images and settings that was stopped has left is used.

    Args:
        inference: The model.
        shown: The images.
        classes: The model's classes.
        output: ``PREDICTIONS`` to write, a row an image; unfinished ones are beside it.
        crops_output: ``ZOOM_PREDICTIONS`` to write.
        facts: What else decides the predictions, for the metadata of tables.

    Raises:
        UserError: No image could be read, an image is not in the manifest, or a logit is NaN or
            infinite; names the image.
    """
    known = {**inference.facts, "view": shown.view.model_dump_json(), **facts}
    images = images_of(shown, ["labels"])
    decisive = known | {"classes_sha256": classes.sha256}
    size = max(1, _CROPS_A_PART // shown.view.count)
    parts = Parts(output, images, decisive, size, PREDICTIONS, ZOOM_PREDICTIONS)
    for part, of_part in parts.of(shown.crops(inference.entry.preprocessing, parts.wanted)):
        with part.writer(PREDICTIONS) as add_image, part.writer(ZOOM_PREDICTIONS) as add_crop:
            for image_id, view_keys, logits in _logits(inference, of_part):
                labels = images[image_id]["labels"]
                for row in crop_rows(image_id, view_keys, logits, labels, classes):
                    add_crop(row)
                add_image(of_image(image_id, logits, shown.view.aggregate))
    tables = (ZOOM_PREDICTIONS, crops_output), (PREDICTIONS, output)
    parts.merge(*tables, config={"model": inference.entry.name}, facts=known)


def _logits(
    inference: "Inference | ExportedInference", crops: Iterable[Crop]
) -> Iterator[tuple[str, list[str], Floats32]]:
    """Yield each image with the keys of its crops and their logits, shape (crops, classes)."""

    def of_crops() -> Iterator[tuple[str, str, Floats32]]:
        for batch in batches(crops, inference.batch_size):
            logits = inference.logits(batch)
            require_finite(inference.entry.name, batch.image_ids, logits)
            yield from zip(batch.image_ids, batch.view_keys, logits, strict=True)

    for image_id, group in groupby(of_crops(), key=itemgetter(0)):
        _, view_keys, logits = zip(*group, strict=True)
        yield image_id, list(view_keys), np.stack(logits)


def crop_rows(
    image_id: str,
    view_keys: Sequence[str],
    logits: Floats32,
    labels: Sequence[str],
    classes: Classes,
) -> list[Row]:
    """Return the rows of ``ZOOM_PREDICTIONS`` of an image.

    Args:
        image_id: The image.
        view_keys: Keys of its crops.
        logits: Of all classes of the model, shape (crops, classes).
        labels: wnids of the image's labels.
        classes: The model's classes; of several that count as one label, the highest decides.
    """
    possible = np.where(classes.predictable, logits, -np.inf)
    top = possible.argmax(axis=1)
    confidences = softmax(possible).max(axis=1).tolist()
    of_labels = [
        logits[:, indices].max(axis=1).tolist() if indices else [None] * len(logits)
        for indices in map(classes.of_wnid.get, labels)
    ]
    rows = zip(view_keys, top.tolist(), confidences, strict=True)
    return [
        dict(zip(("size", "row", "col"), parse_key(view_key), strict=True))
        | {
            "image_id": image_id,
            "class_index": index,
            "wnid": classes.wnids[index],
            "confidence": confidence,
            "label_correct": classes.wnids[index] in labels,
            "label_logits": [of_crops[at] for of_crops in of_labels],
        }
        for at, (view_key, index, confidence) in enumerate(rows)
    ]

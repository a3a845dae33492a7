"""External predictions: from files of scores or of top classes to ``PREDICTIONS``."""

import sys
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np

from wildframe.core.arrays import Floats
from wildframe.core.choices import ScoreSpace
from wildframe.core.errors import UserError
from wildframe.core.schemas import MANIFEST, PREDICTIONS, REVIEWS
from wildframe.core.tables import Row, read_table, write_rows
from wildframe.frames import read_readable
from wildframe.labels.spaces import class_ids, class_keys
from wildframe.manifests.keys import COLUMNS, frame_names
from wildframe.predictions.external_files import Record, read_records
from wildframe.predictions.predict import MAX_SCORES
from wildframe.predictions.predicted import TOP, softmax
from wildframe.predictions.top_classes import TopClasses
from wildframe.sources.sets_json import checked_scores

EXTERNAL = "external"
"""The ``origin`` in the metadata of external predictions, whose scores are kept as given, but
probabilities that rounding put below 0 or above 1."""

_LARGEST = float(np.finfo(np.float32).max)
PROBABILITIES, LOGITS = "probabilities", "logits"
"""What the scores of a file are, as its predictions' metadata have it under ``scores``."""

_ROUNDED, _LEAST, _MOST = 5e-4, 1e-3, 0.5
"""Deviation from 1 of the sum of probabilities that are rounded in files: of each to the third
decimal, and at least and at most of all. By the least, one of them may be below 0 or above 1.
"""


def import_predictions(
    path: Path,
    name: str,
    manifest: Path,
    label_space: ScoreSpace,
    output: Path,
    reviews: Path | None = None,
    statuses: Path | None = None,
) -> None:
    """Write the predictions of a file, in its order, with their scores in single precision.

    Args:
        path: File as `external_files` explains it, in which an image is named by ``image_id`` or by
            its frame (`manifests.keys.frame_names`). Images that are not in the manifest are
            ignored.
        name: Name of the model.
        manifest: Manifest of the dataset.
        label_space: Label space of the classes; scores of another number may be of ImageNet-1K.
        output: Table to write.
        reviews: Of a dataset of sets: only evaluated images need a prediction.
        statuses: Of another dataset: only readable images need a prediction, others are ignored.

    Raises:
        UserError: The file is absent, damaged or something else, an image that needs a prediction
            is not in it, or a prediction is faulty; names the record.
    """
    spaces = list(dict.fromkeys([label_space, "in1k"]))
    images = Images.read(manifest, read_readable(statuses) if statuses else None)
    needed = _evaluated(reviews, images.image_ids) if reviews else images.image_ids
    ignored: list[str] = []

    def records() -> Iterator[tuple[str, Record]]:
        ignored.clear()
        return _matched(path, read_records(path, spaces), images, needed, ignored)

    # The metadata, which tells label space and kind of the scores, is written before the rows.
    first = next(records(), None)
    found = _label_space_of(first[1], spaces) if first else label_space
    classes = TopClasses(found, class_keys(found), are_merged=reviews is not None)
    facts = {"model": name, "label_space": found, "origin": EXTERNAL}
    if first and first[1].scores is not None:
        facts["scores"] = _kind_of_scores(path, (record for _, record in records()), classes)
    write_rows(
        output,
        PREDICTIONS,
        (_row(*one, classes, facts.get("scores"), statuses is None) for one in records()),
        config={"model": name, "label_space": label_space},
        facts=facts,
    )
    if ignored:
        print(
            f"NOTE: {path}: {len(ignored)} records are of no evaluated image and are ignored, "
            f"such as {ignored[0]}",
            file=sys.stderr,
        )


def widths_of(label_spaces: Sequence[str]) -> dict[int, str]:
    """Return the numbers of scores that an image may have, with the first label space of each."""
    return dict(sorted({len(class_ids(space)): space for space in reversed(label_spaces)}.items()))


@dataclass(frozen=True, slots=True)
class Images:
    """The images of a dataset, by what a file may call them."""

    path: Path
    image_ids: Collection[str]
    """In the order of the manifest."""
    by_frame: Mapping[str, Sequence[str]]
    """Images by the name of their frame, which objects of one image share."""

    @classmethod
    def read(cls, manifest: Path, readable: Collection[str] | None) -> Self:
        """Read a manifest, or the images of it that could be read.

        Raises:
            UserError: It is absent, something else, or has no image.
        """
        rows = read_table(manifest, MANIFEST, COLUMNS).to_pylist()
        if not rows:
            raise UserError(f"{manifest}: no image is in it; `wildframe manifests show` says why")
        image_ids = [row["image_id"] for row in rows]
        if readable is not None:
            image_ids = [image_id for image_id in image_ids if image_id in readable]
        try:
            names = frame_names(rows)
        except UserError:  # such as images within a shard: they have an image_id only
            names = {}
        by_frame: dict[str, list[str]] = defaultdict(list)
        for image_id in image_ids:
            if image_id in names:
                by_frame[names[image_id]].append(image_id)
        return cls(manifest, dict.fromkeys(image_ids).keys(), by_frame)

    def find(self, record: Record) -> str | None:
        """Return the image of a record, None if it is of another dataset.

        Raises:
            UserError: It names the frame of several images.
        """
        if record.name in self.image_ids:
            return record.name
        found = self.by_frame.get(record.name, [])
        if len(found) > 1:
            raise UserError(
                f"{record.where}: images {found[0]} and {found[1]} of {self.path} are both of this "
                "frame; name images by their image_id"
            )
        return found[0] if found else None


def _evaluated(reviews: Path, image_ids: Iterable[str]) -> list[str]:
    rows = read_table(reviews, REVIEWS, ["image_id", "accepted"]).to_pylist()
    accepted = {row["image_id"] for row in rows if row["accepted"]}
    return [image_id for image_id in image_ids if image_id in accepted]


def _matched(
    path: Path,
    records: Iterable[Record],
    images: Images,
    needed: Collection[str],
    ignored: list[str],
) -> Iterator[tuple[str, Record]]:
    """Yield each record with its image, and collect the names of those that are of no image.

    Raises:
        UserError: An image has two records, or one that needs a prediction has none, or records
            are of two kinds.
    """
    seen: dict[str, str] = {}
    have_scores: bool | None = None
    wanted = set(needed)
    for record in records:
        image_id = images.find(record)
        if image_id is None:
            ignored.append(record.name)
            continue
        if image_id in seen:
            raise UserError(
                f"{record.where}: {image_id} is predicted twice, also as {seen[image_id]}; write "
                "each image once"
            )
        if record.is_empty and image_id not in wanted:
            continue
        if record.is_empty:
            raise UserError(
                f"{record.where}: nothing is filled in; write the scores of all classes, or the "
                "most probable classes"
            )
        if have_scores is None:
            have_scores = record.scores is not None
        if have_scores != (record.scores is not None):
            raise UserError(
                f"{record.where}: some images have scores of all classes, others the most probable "
                "classes only; write the same for each"
            )
        seen[image_id] = record.name
        yield image_id, record
    if missing := [image_id for image_id in needed if image_id not in seen]:
        raise UserError(
            f"{path}: image {missing[0]} has no prediction ({len(missing)} such); add it under its "
            "image_id"
        )


def _label_space_of(record: Record, label_spaces: Sequence[str]) -> str:
    """Return the label space of a file by its first record: by its columns, or by its width."""
    if record.label_space or record.scores is None:
        return record.label_space or label_spaces[0]
    widths = widths_of(label_spaces)
    return widths[len(checked_scores(record.where, record.scores, widths))]


def _kind_of_scores(path: Path, records: Iterable[Record], classes: TopClasses) -> str:
    """Return what the scores of a file are, all alike: one image alone may not tell.

    Excluded classes tell nothing.

    Raises:
        UserError: They are percentages, or from 0 to 1 but no probabilities; or as `_scores`.
    """
    tolerance = min(max(_ROUNDED * len(classes.keys), _LEAST), _MOST)
    is_share = is_percentage = True
    odd: tuple[str, float] | None = None
    for record in records:
        scores = _scores(record, classes)
        scores = scores[scores > -np.inf]
        if not scores.size:
            continue
        total = float(scores.sum())
        is_share &= bool(scores.min() >= -_LEAST and scores.max() <= 1 + _LEAST)
        is_percentage &= bool(scores.min() >= -_LEAST and abs(total / 100 - 1) <= tolerance)
        if odd is None and abs(total - 1) > tolerance:
            odd = record.where, total
    if is_percentage and odd:  # None if all classes of all images are excluded
        raise UserError(f"{path}: its scores are percentages; write probabilities from 0 to 1")
    if is_share and odd:
        where, total = odd
        raise UserError(
            f"{where}: its scores are from 0 to 1, as those of all images, but add up to "
            f"{total:.3g} and not to 1: write logits, or probabilities with more digits, or only "
            "the most probable classes (top1, top2, ...)"
        )
    return PROBABILITIES if is_share else LOGITS


def _scores(record: Record, classes: TopClasses) -> Floats:
    count = len(classes.keys)
    scores = checked_scores(record.where, record.scores, {count: classes.label_space})
    if ((np.abs(scores) > _LARGEST) & ~np.isneginf(scores)).any():
        raise UserError(
            f"{record.where}: a score is too large for single precision; check the file"
        )
    return scores


def _row(
    image_id: str, record: Record, classes: TopClasses, kind: str | None, may_be_empty: bool
) -> Row:
    named = {"image_id": image_id, "view_key": ""}
    if record.scores is None:
        return named | {"top": classes.read(record)[:TOP], "scores": None}
    kept = _scores(record, classes).astype(np.float32)
    if kind == PROBABILITIES:
        kept = np.where(np.isneginf(kept), kept, kept.clip(0, 1))
    order = np.argsort(-kept, kind="stable")[:TOP]
    probability = kept if kind == PROBABILITIES else softmax(kept[None])[0]
    top = [
        {"class_index": int(index), "probability": float(probability[index])}
        for index in order
        if kept[index] > -np.inf  # an excluded class is not among the most probable
    ]
    if not top and not may_be_empty:
        raise UserError(
            f"{record.where}: all scores are minus infinity, so that no class is predicted; check "
            "the model on this image"
        )
    return named | {"top": top, "scores": kept.tolist() if len(kept) <= MAX_SCORES else None}

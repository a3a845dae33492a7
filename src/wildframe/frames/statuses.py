"""Statuses of a dataset: which frame each of its images is, and whether it could be read."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from operator import itemgetter
from pathlib import Path
from typing import Any

from wildframe.core.errors import UserError
from wildframe.core.schemas import FRAMES, MANIFEST, STATUSES
from wildframe.core.tables import Row, RowsByKey, iter_rows, read_table
from wildframe.frames import FrameKey, frame_key
from wildframe.sources.folders import tell_some

_STATUS = [name for name in STATUSES.schema.names if name not in ("image_id", *FRAMES.key)]

_SHOWN = ("width", "height", "boxes")
"""Columns of the manifest that views read."""

_OTHER_SHAPE = 0.02
"""Relative difference of aspects beyond what whole or even pixels of a smaller copy leave."""


def collect_statuses(shards: Sequence[Path], manifest: Path) -> Iterator[Row]:
    """Yield the rows of STATUSES by ``image_id``.

    They are the same whichever other frames the shards hold.

    Args:
        shards: All shards of the source.
        manifest: MANIFEST of the dataset.

    Raises:
        UserError: The frame of an image is in no shard.
    """
    rows = iter_rows(manifest, MANIFEST, ["image_id", *FRAMES.key])
    images = sorted(((row["image_id"], frame_key(row)) for row in rows), key=itemgetter(0))
    # Rows would take several times the memory of tuples.
    found: dict[FrameKey, tuple[Any, ...] | None] = {key: None for _, key in images}
    for path in shards:
        for frame in iter_rows(path, FRAMES, [*FRAMES.key, *_STATUS]):
            if (key := frame_key(frame)) in found:
                found[key] = tuple(frame[name] for name in _STATUS)
    for image_id, key in images:
        status = found[key]
        if status is None:
            raise UserError(
                f"{manifest}: image {image_id} of {key[0]} is in none of the shards; only frames "
                "of the datasets that the run's studies use are extracted. If one of these uses "
                f"it, delete {shards[0].parent}/*.csv and rerun"
            )
        yield {
            "image_id": image_id,
            **dict(zip(FRAMES.key, key, strict=True)),
            **dict(zip(_STATUS, status, strict=True)),
        }


def shown_sha256(statuses: Path, manifest: Path) -> str:
    """Return a hash of what models are shown of a dataset: images and boxes, but no labels.

    Args:
        statuses: STATUSES of the dataset.
        manifest: MANIFEST of the dataset.
    """
    images = RowsByKey(read_table(manifest, MANIFEST, ["image_id", *_SHOWN]), "image_id")
    digest = hashlib.sha256()
    for row in iter_rows(statuses, STATUSES, ["image_id", "image_sha256"]):
        image = images[row["image_id"]]
        shown = [row["image_id"], row["image_sha256"], *(image[name] for name in _SHOWN)]
        digest.update(json.dumps(shown).encode())
    return digest.hexdigest()


def tell_other_shapes(statuses: Path, manifest: Path) -> None:
    """Tell on standard error how many images have not the aspect that they are annotated in.

    A smaller copy has. Another video, or one or both eyes of a stereo one, has not; boxes are
    scaled across and down by themselves, and come to lie elsewhere.

    Args:
        statuses: STATUSES of the dataset.
        manifest: MANIFEST of the dataset.
    """
    rows = iter_rows(manifest, MANIFEST, ["image_id", "width", "height"])
    annotated = {row["image_id"]: (row["width"], row["height"]) for row in rows}
    sized = others = 0
    first = ""
    for row in iter_rows(statuses, STATUSES, ["image_id", "width", "height"]):
        width, height = annotated[row["image_id"]]
        if not (row["width"] and width and height):
            continue
        sized += 1
        if abs(row["width"] * height / (row["height"] * width) - 1) > _OTHER_SHAPE:
            others += 1
            first = first or (
                f"{row['image_id']}: {row['width']} x {row['height']} pixels, annotated in "
                f"{width} x {height}"
            )
    if others:
        what = (
            "images have another aspect than their annotations, so that boxes may lie elsewhere "
            "(look whether these are the annotated videos; pixels that are not square may do it)"
        )
        tell_some(statuses, others, sized, what, first)

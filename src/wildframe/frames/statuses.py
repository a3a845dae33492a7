"""Statuses of a dataset: which frame each of its images is, and whether it could be read."""

from collections.abc import Sequence
from pathlib import Path

from wildframe.core.errors import UserError
from wildframe.core.schemas import FRAMES, MANIFEST, STATUSES
from wildframe.core.tables import Row, iter_rows
from wildframe.frames import FrameKey, frame_key

_OF_FRAME = [name for name in STATUSES.schema.names if name != "image_id"]


def collect_statuses(shards: Sequence[Path], manifest: Path) -> list[Row]:
    """Return the rows of STATUSES by ``image_id``.

    They are the same whichever other frames the shards hold.

    Args:
        shards: All shards of the source.
        manifest: MANIFEST of the dataset.

    Raises:
        UserError: The frame of an image is in no shard.
    """
    images = list(iter_rows(manifest, MANIFEST, ["image_id", *FRAMES.key]))
    found: dict[FrameKey, Row | None] = dict.fromkeys(map(frame_key, images))
    for path in shards:
        for frame in iter_rows(path, FRAMES, _OF_FRAME):
            if frame_key(frame) in found:
                found[frame_key(frame)] = frame
    rows = []
    for image in sorted(images, key=lambda image: image["image_id"]):
        kept = found[frame_key(image)]
        if kept is None:
            raise UserError(
                f"{manifest}: image {image['image_id']} of {image['media']} is in none of the "
                "shards; only frames of the datasets that the run's studies use are extracted. If "
                f"one of these uses it, delete {shards[0].parent}/*.csv and rerun"
            )
        rows.append({"image_id": image["image_id"], **kept})
    return rows

"""Predictions in parts of a few images: a run that is killed goes on with the next part."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wildframe.core.contracts import Contract
from wildframe.core.errors import UserError
from wildframe.core.schemas import MANIFEST
from wildframe.core.tables import Row, RowsByKey, read_facts, read_table, table_writer
from wildframe.frames import LOCATED_BY, locate_images, none_readable, select_images
from wildframe.frames.preprocessing import Shown
from wildframe.frames.views import View

KEY = "part"
"""The metadata of a part's tables that tells whether it is the one that is wanted."""

_ROWS = 32
"""Rows in memory at a time: as Python's objects, the scores of one have 60 KB."""


@dataclass(frozen=True, slots=True)
class Part:
    """The predictions on some images that follow each other: a file a table."""

    stem: Path
    image_ids: tuple[str, ...]
    key: str
    """Hash of all that decides them."""

    def path(self, contract: Contract) -> Path:
        """Return the file of one of its tables."""
        return self.stem.with_name(f"{self.stem.name}.{contract.name}.parquet")

    def is_done(self, *contracts: Contract) -> bool:
        """Tell whether tables of these contracts are there, and of this key."""
        try:
            return all(
                read_facts(self.path(contract), contract).get(KEY) == self.key
                for contract in contracts
            )
        except UserError:  # absent, or damaged
            return False

    def writer(self, contract: Contract) -> AbstractContextManager[Callable[[Row], None]]:
        """Open one of its tables, as `table_writer` does; few rows are in memory at a time."""
        path, facts = self.path(contract), {KEY: self.key}
        return table_writer(path, contract, facts=facts, batch_size=_ROWS)


def images_of(shown: Shown[View], columns: Sequence[str]) -> dict[str, Row]:
    """Return what is known of each readable image, in the order in which frames are kept.

    Args:
        shown: The images.
        columns: Of the manifest.

    Raises:
        UserError: There is none, or one is not in the manifest.
    """
    known = RowsByKey(read_table(shown.manifest, MANIFEST, ["image_id", *columns]), "image_id")
    readable = select_images(shown.statuses, columns=LOCATED_BY)
    if not readable:
        raise none_readable(shown.statuses)
    images = {}
    for row, _ in locate_images(readable, shown.frames):
        image_id = row["image_id"]
        if image_id not in known:
            raise UserError(
                f"{shown.statuses}: image {image_id} is not in {shown.manifest}; name the manifest "
                "of the same dataset"
            )
        images[image_id] = known[image_id] | {"sha256": row["image_sha256"]}
    return images


def in_parts(folder: Path, images: Mapping[str, Any], facts: Any, size: int) -> list[Part]:
    """Return the parts of some images, in their order.

    Args:
        folder: Where their files are.
        images: Of each image, by ``image_id``, what decides its predictions, as JSON can hold it.
        facts: What decides all of them.
        size: Images of a part; the last may have fewer.
    """
    image_ids = list(images)
    parts: list[Part] = []
    for start in range(0, len(image_ids), size):
        of_part = tuple(image_ids[start : start + size])
        decisive = [facts, [(image_id, images[image_id]) for image_id in of_part]]
        key = hashlib.sha256(json.dumps(decisive, sort_keys=True).encode()).hexdigest()
        parts.append(Part(folder / f"{len(parts):06d}", of_part, key))
    return parts


def unfinished(parts: Iterable[Part], *contracts: Contract) -> dict[str, Part]:
    """Return the part of each image whose tables of these contracts are still to be written."""
    return {
        image_id: part
        for part in parts
        if not part.is_done(*contracts)
        for image_id in part.image_ids
    }

"""Predictions in parts of a few images: a run that is killed goes on with the next part."""

import hashlib
import json
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, TypeVar

from wildframe.core.contracts import Contract
from wildframe.core.errors import UserError
from wildframe.core.files import refuse_folder
from wildframe.core.schemas import MANIFEST
from wildframe.core.tables import Row, RowsByKey, merge_tables, read_facts, read_table, table_writer
from wildframe.frames import LOCATED_BY, locate_images, none_readable, select_images
from wildframe.frames.preprocessing import Crop, Shown, ShownImage
from wildframe.frames.views import View

_ROWS = 32
"""Rows in memory at a time: as Python's objects, the scores of one have 60 KB."""

Image = TypeVar("Image", Crop, ShownImage)


@dataclass(frozen=True, slots=True)
class Part:
    """The predictions on some images that follow each other: a file a table."""

    stem: Path
    facts: Mapping[str, str]
    """The metadata of its tables: a hash of all that decides them."""

    def path(self, contract: Contract) -> Path:
        """Return the file of one of its tables."""
        return self.stem.with_name(f"{self.stem.name}.{contract.name}.parquet")

    def is_done(self, *contracts: Contract) -> bool:
        """Tell whether tables of these contracts are there, with its metadata."""
        try:
            known = [read_facts(self.path(contract), contract) for contract in contracts]
            return all(self.facts.items() <= facts.items() for facts in known)
        except UserError:  # absent, or damaged
            return False

    def writer(self, contract: Contract) -> AbstractContextManager[Callable[[Row], None]]:
        """Open one of its tables, as `table_writer` does; few rows are in memory at a time."""
        return table_writer(self.path(contract), contract, facts=self.facts, batch_size=_ROWS)


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


class Parts:
    """The predictions on the images of a dataset, in parts that become a table, or several."""

    def __init__(
        self,
        output: Path,
        images: Mapping[str, Any],
        decisive: Any,
        size: int,
        *contracts: Contract,
    ) -> None:
        """Divide images in their order; what a run that was stopped has left of a part is used.

        Args:
            output: Table to write; the folder of parts is beside it.
            images: What decides the predictions of each, by ``image_id``, as JSON can hold it.
            decisive: What decides all of them.
            size: Images of a part; the last may have fewer.
            contracts: Of the tables of a part.

        Raises:
            UserError: A folder is where the table is to be.
        """
        self._folder = refuse_folder(output).with_suffix(".parts")
        self._parts: list[Part] = []
        self.wanted: dict[str, Part] = {}
        """The images that are still to be predicted, and the part that each belongs to."""
        listed = list(images.items())
        for start in range(0, len(listed), size):
            of_part = listed[start : start + size]
            content = json.dumps([decisive, of_part], sort_keys=True)
            facts = {"part": hashlib.sha256(content.encode()).hexdigest()}
            part = Part(self._folder / f"{len(self._parts):06d}", facts)
            self._parts.append(part)
            if not part.is_done(*contracts):
                self.wanted |= {image_id: part for image_id, _ in of_part}

    def of(self, shown: Iterable[Image]) -> Iterator[tuple[Part, Iterator[Image]]]:
        """Yield each part that is still to be written, and what is shown of its images."""
        return groupby(shown, key=lambda image: self.wanted[image[0]])

    def merge(
        self, *tables: tuple[Contract, Path], config: Mapping[str, Any], facts: Mapping[str, str]
    ) -> None:
        """Write the tables that the parts become, and remove the parts."""
        for contract, path in tables:
            written = (part.path(contract) for part in self._parts)
            merge_tables(written, path, contract, config=config, facts=facts)
        shutil.rmtree(self._folder)

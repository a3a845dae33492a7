"""Which pairs a reviewer is shown, in which order, and with which facts."""

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from wildframe.core.errors import UserError
from wildframe.core.schemas import FRAMES
from wildframe.core.tables import Row, read_table
from wildframe.reviews.consensus import Votes, pairs_of
from wildframe.reviews.decisions import Decision, Decisions, Pair


@dataclass(frozen=True, slots=True)
class Part:
    """One reviewer's part of round 1: ``1-of-4`` to ``4-of-4``."""

    number: int
    parts: int

    @classmethod
    def parse(cls, text: str) -> "Part":
        """Parse a part; raise a `UserError` if it is invalid."""
        match = re.fullmatch(r"([1-9][0-9]{0,3})-of-([1-9][0-9]{0,3})", text)
        if match is None or int(match[1]) > int(match[2]):
            raise UserError(f"--part {text}: a part is <i>-of-<n> with i from 1 to n, as 1-of-4")
        return cls(int(match[1]), int(match[2]))

    def has(self, anchor: str) -> bool:
        """Tell whether a set is in this part, by hash: a set has one reviewer."""
        return _number("part", anchor) % self.parts == self.number - 1


def first_round(sets: Sequence[Row], readable: Collection[str], part: Part) -> list[Pair]:
    """Return the pairs of a part that can be shown."""
    return [
        (anchor, image)
        for anchor, image in pairs_of(sets)
        if part.has(anchor) and anchor in readable and image in readable
    ]


def second_round(
    sets: Sequence[Row], readable: Collection[str], decisions: Decisions
) -> tuple[list[Pair], dict[Pair, list[Decision]]]:
    """Return the pairs of round 2, and the decisions of round 1 on them.

    Raises:
        UserError: Round 1 has not begun.
    """
    votes = Votes.of(decisions)
    if not votes.rounds[1]:
        raise UserError(
            "the folder of decisions has none of round 1; review with --round 1 first, and name "
            "the folder that all reviewers' files are in"
        )
    shown = [
        pair
        for pair in first_round(sets, readable, Part(1, 1))
        if votes.first(pair) and (votes.second(pair) or not votes.passed_first(pair))
    ]
    return shown, {pair: votes.first(pair) for pair in shown}


def shuffled(pairs: Iterable[Pair], seed: int) -> list[Pair]:
    """Return pairs in an order that only depends on the seed, not on other pairs."""
    return sorted(pairs, key=lambda pair: (_number(seed, *pair), pair))


def _number(*words: object) -> int:
    digest = hashlib.sha256("\0".join(map(str, words)).encode()).digest()
    return int.from_bytes(digest[:8])


@dataclass(frozen=True, slots=True)
class Place:
    """The place of an image in the shards."""

    path: Path
    row_group: int
    row: int
    """In the row group."""
    encoding: str
    sha256: str


class Images:
    """The images of shards by ``image_id``, read on request."""

    def __init__(self, frames: Iterable[Path], wanted: Collection[str]) -> None:
        """Index the readable ones of the wanted images.

        Args:
            frames: Shards of the ``frames`` table.
            wanted: ``image_id`` of each.

        Raises:
            UserError: An image is in no shard.
        """
        self._places: dict[str, Place] = {}
        seen = set()
        for path in frames:
            read_table(path, FRAMES, columns=[])
            with pq.ParquetFile(path) as file:
                for group in range(file.num_row_groups):
                    columns = ["image_id", "status", "encoding", "sha256"]
                    rows = file.read_row_group(group, columns=columns).to_pylist()
                    for number, row in enumerate(rows):
                        if row["image_id"] in wanted:
                            seen.add(row["image_id"])
                            if row["status"] == "ok":
                                place = Place(path, group, number, row["encoding"], row["sha256"])
                                self._places[row["image_id"]] = place
        if missing := sorted(set(wanted) - seen):
            raise UserError(
                f"image {missing[0]} of the sets is in none of the shards ({len(missing)} such); "
                "name all shards of the dataset: <results>/frames/<dataset>/*.parquet"
            )

    @property
    def readable(self) -> Collection[str]:
        """The images that can be shown."""
        return self._places.keys()

    def version(self, image_id: str) -> str:
        """Return a text that changes with the image's pixels."""
        return self._places[image_id].sha256[:16]

    def read(self, image_id: str) -> tuple[str, bytes]:
        """Return the media type and the bytes of an image; raise a `KeyError` if not readable."""
        place = self._places[image_id]
        with pq.ParquetFile(place.path) as file:
            column = file.read_row_group(place.row_group, columns=["image"]).column("image")
        return f"image/{place.encoding}", column[place.row].as_py()


def pair_facts(
    pairs: Sequence[Pair],
    sets: Sequence[Row],
    manifest: Mapping[str, Row],
    names: Mapping[str, str],
    images: Images,
) -> list[Row]:
    """Return the facts that the page shows of each pair.

    Args:
        pairs: Pairs in the order of the page.
        sets: Rows of SETS.
        manifest: Rows of the manifest by ``image_id``.
        names: Name of each class by wnid.
        images: The images.

    Raises:
        UserError: An image is not in the manifest.
    """
    by_pair = {(row["anchor_id"], row["image_id"]): row for row in sets}

    def side(pair: Pair) -> Row:
        image = pair[1]
        if image not in manifest:
            raise UserError(
                f"image {image} of the sets is not in the manifest; give both of one dataset"
            )
        labels = [names.get(wnid, wnid) for wnid in by_pair[pair]["labels"]]
        place = {key: manifest[image][key] for key in ("media", "frame")}
        return {"id": image, "version": images.version(image), "labels": labels, **place}

    return [
        {
            "anchor": side((anchor, anchor)),
            "candidate": side((anchor, image)),
            "offset": by_pair[anchor, image]["offset"],
        }
        for anchor, image in pairs
    ]

"""Which pairs a reviewer is shown, in which order, and with which facts."""

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from wildframe.core.errors import UserError
from wildframe.core.tables import Row
from wildframe.frames import locate_images, select_images
from wildframe.reviews import pair_of
from wildframe.reviews.consensus import Votes, pairs_of, shown_labels
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


class Images:
    """The images of a dataset by ``image_id``, read on request."""

    def __init__(self, frames: Iterable[Path], statuses: Path, wanted: Collection[str]) -> None:
        """Find the readable ones of the wanted images.

        Args:
            frames: All shards of the source.
            statuses: STATUSES of the dataset.
            wanted: ``image_id`` of each.

        Raises:
            UserError: An image has no status, or is in no shard.
        """
        found = locate_images(select_images(statuses, wanted), frames)
        self._found = {row["image_id"]: (row, place) for row, place in found}

    @property
    def readable(self) -> Collection[str]:
        """The images that can be shown."""
        return self._found.keys()

    def version(self, image_id: str) -> str:
        """Return a text that changes with the image's pixels."""
        sha256: str = self._found[image_id][0]["sha256"]
        return sha256[:16]

    def read(self, image_id: str) -> tuple[str, bytes]:
        """Return the media type and the bytes of an image.

        Raises:
            KeyError: It is not readable.
            UserError: Other bytes lie there than at the start.
        """
        row, place = self._found[image_id]
        try:
            return f"image/{row['encoding']}", place.read(row)
        except UserError as error:
            raise UserError(
                f"{place.shard}: image {image_id} was made anew or is damaged; start the review "
                "again, and if that does not help, delete the file and rerun"
            ) from error


def place_of(offset: int, is_rank: bool) -> str:
    """Return where a candidate is, as the page says it: by rank, or in frames from its anchor."""
    if is_rank:
        return f"nearest image {offset}"
    unit = "frame" if abs(offset) == 1 else "frames"
    sign = "\N{MINUS SIGN}" if offset < 0 else "+"
    return f"{sign}{abs(offset)} {unit}"


def pair_facts(
    pairs: Sequence[Pair],
    sets: Sequence[Row],
    manifest: Mapping[str, Row],
    names: Mapping[str, str],
    images: Images,
    *,
    are_ranked: bool,
) -> list[Row]:
    """Return the facts that the page shows of each pair, and ``labels`` of `shown_labels`.

    Args:
        pairs: Pairs in the order of the page.
        sets: Rows of SETS.
        manifest: Rows of the manifest by ``image_id``.
        names: Name of each class by wnid.
        images: The images.
        are_ranked: Whether candidates are the nearest images; they are neighbours in time
            otherwise.

    Raises:
        UserError: An image is not in the manifest.
    """
    by_pair = {pair_of(row): row for row in sets}
    labels_of = shown_labels(sets)

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
            "place": place_of(by_pair[anchor, image]["offset"], are_ranked),
            "labels": labels_of[anchor, image],
        }
        for anchor, image in pairs
    ]

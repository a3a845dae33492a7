"""The published sets of YTBB-Robust, from the reviewers' own files.

Three files determine the frames of a set: the labels of anchors in YouTube-BB, the reviews of
anchors, and the reviews of pairs of an anchor and a neighbour. Only anchors have labels, which
count for every frame of the set. Of several annotations of one frame or pair, and of several labels
of an anchor, the last counts. A frame that is the anchor of two folders is one image and has one
set, that of the first folder by name.

Source: *Do Image Classifiers Generalize Across Time?*, section 2, and its published metadata.
"""

import csv
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar, Literal, NamedTuple, TypeVar

from pydantic import Field

from wildframe.core.errors import UserError
from wildframe.core.files import require_file
from wildframe.core.schemas import PUBLISHED
from wildframe.core.source import SourceSettings, Summary
from wildframe.core.strict import HomePath
from wildframe.core.tables import Row, write_rows
from wildframe.core.targets import target_wnids
from wildframe.sources.folders import image_folders, tell_some, video_id
from wildframe.sources.stream import iter_list

IMAGES = "ytbb_videos"
"""Folder of the images under the root."""

METADATA = ("ytbb_robustness_test_anchors_full.csv", "anchor_labels.json", "pmk_labels.json")

_DOWNLOAD = "it comes with the official download of YTBB-Robust"
_COLUMNS = ["ytid", "time_ms", "label"]
_SWAPPED = {22: 23, 23: 22}
"""`none` and `car` are swapped in the CSV file, and only there."""

_GOOD = "good"
_NOT_GOOD = {"bad", "unsure"}
_SIMILAR = "similar"
_BAD_ANCHOR = "bad-anchor"
_REJECTING = {
    "dissimilar",
    "problematic",
    "incorrect",
    "dont know",
    "deformation",
    "background-change",
    "occlusion-increased",
    "blur-increase",
    _BAD_ANCHOR,
}

# YouTube's ids have 11 characters, - and _ among them.
_KEY = re.compile(r"(?:.*/)?(([\w-]{1,40})_([0-9]{1,12}))/frame-([0-9]{1,9})\.jpg", re.ASCII)


_Key = TypeVar("_Key")


class YtbbSource(SourceSettings):
    """YTBB-Robust: ``ytbb_videos/<video>_<time>/frame-<N>.jpg`` under the root."""

    published_space: ClassVar[str | None] = "ytbb24"

    kind: Literal["ytbb"]
    metadata: HomePath = Field(
        description="Folder of ytbb_robustness_test_anchors_full.csv, anchor_labels.json and "
        "pmk_labels.json"
    )

    def published_files(self) -> list[str]:
        """Return the paths of the metadata; raise a `UserError` if a file is missing."""
        remedy = f"{_DOWNLOAD}; correct the source's metadata"
        return [str(require_file(Path(self.metadata) / name, remedy)) for name in METADATA]

    def input_files(self) -> dict[str, list[str]]:
        """There are none: it has published sets only."""
        return {}

    def options(self) -> list[str]:
        """There are none, either."""
        return []

    def list_media(self) -> list[str]:
        """Return the folders of images, as paths under the root."""
        return [f"{IMAGES}/{name}" for name in image_folders(self.media_folder)]

    def wanted_media(self) -> list[str]:
        """Return the folders of images that the published sets name.

        Raises:
            UserError: As `published_files` and `write_published`.
        """
        kept, _ = _read_sets(*map(Path, self.published_files()))
        return sorted(f"{IMAGES}/{anchor.folder}" for anchor in kept)

    @property
    def media_folder(self) -> Path:
        """The folder of all folders of images."""
        return Path(self.root) / IMAGES

    def summary(self) -> Summary:
        """Return the folder of the metadata."""
        return Summary(f"metadata in {self.metadata}")


class Place(NamedTuple):
    """A frame: folder, video, and number in the video."""

    folder: str
    """``<video>_<time of the anchor in ms>``."""
    video: str
    frame: int

    @property
    def media(self) -> str:
        """File of the frame below the source's root."""
        return f"{IMAGES}/{self.folder}/frame-{self.frame}.jpg"


def write_published(
    anchors_csv: Path, anchor_labels: Path, pair_labels: Path, output: Path
) -> None:
    """Read the published sets into the ``published`` table.

    An anchor is kept if it was tagged good and neither bad nor unsure, and none of its pairs
    bad-anchor. A frame is in the set if its pair was tagged similar and has no rejecting tag. An
    anchor's labels are its label in YouTube-BB and those that reviewers added; `none` is no class,
    so that an anchor may have no label: it is kept, and no prediction is correct.

    Args:
        anchors_csv: Labels in YouTube-BB: video, time, index.
        anchor_labels: JSON: reviews of anchors.
        pair_labels: JSON: reviews of pairs.
        output: Table to write, in the order in which anchors were reviewed.

    Raises:
        UserError: A file is absent or invalid, an anchor has no label in the CSV file, or no set
            is left; names the record.
    """
    write_rows(
        output,
        PUBLISHED,
        _rows(*_read_sets(anchors_csv, anchor_labels, pair_labels)),
        config={
            "anchors": anchors_csv.name,
            "anchor_labels": anchor_labels.name,
            "pair_labels": pair_labels.name,
        },
    )


def _read_sets(
    anchors_csv: Path, anchor_labels: Path, pair_labels: Path
) -> tuple[dict[Place, list[str]], dict[Place, list[Place]]]:
    """Return the labels of the kept anchors, as wnids, and the frames accepted for each."""
    anchors = _anchors(anchor_labels, _initial_labels(anchors_csv), anchors_csv)
    pairs, bad = _pairs(pair_labels)
    kept = {anchor: labels for anchor, labels in anchors.items() if anchor not in bad}
    if not kept:
        raise UserError(f"{anchor_labels}: no anchor is left; are the files of one dataset?")
    return _one_set_a_frame(kept, anchor_labels), pairs


def _one_set_a_frame(anchors: Mapping[Place, list[str]], path: Path) -> dict[Place, list[str]]:
    """Return the anchors without duplicates of a frame, which are printed."""
    first: dict[tuple[str, int], Place] = {}
    for anchor in sorted(anchors):
        first.setdefault((anchor.video, anchor.frame), anchor)
    kept = {}
    for anchor, labels in anchors.items():
        same = first[anchor.video, anchor.frame]
        if anchor == same:
            kept[anchor] = labels
        else:
            print(
                f"{path}: anchor {anchor.media} is dropped: it is the same frame as {same.media}",
                file=sys.stderr,
            )
    return kept


def _rows(anchors: Mapping[Place, list[str]], pairs: Mapping[Place, list[Place]]) -> Iterator[Row]:
    files: dict[tuple[str, int], str] = {}

    def media_of(place: Place) -> str:
        # A frame in two overlapping sets has a file in both folders; it is one image.
        return files.setdefault((place.video, place.frame), place.media)

    for anchor, labels in anchors.items():
        neighbours = sorted(pairs.get(anchor, []), key=lambda place: place.frame)
        for place in (anchor, *neighbours):
            yield {
                "anchor": media_of(anchor),
                "media": media_of(place),
                # An id may begin with - or _, the name of a file may not.
                "video_id": video_id(f"yt-{place.video}"),
                "frame": place.frame,
                "offset": place.frame - anchor.frame,
                "labels": labels if place == anchor else [],
            }


def _initial_labels(path: Path) -> dict[str, int]:
    """Return the label in YouTube-BB of each folder's anchor, as an index in ``ytbb24``."""
    require_file(path, _DOWNLOAD)
    count = len(target_wnids("ytbb24"))
    labels: dict[str, int] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            if (reader.fieldnames or [])[:3] != _COLUMNS:
                raise UserError(
                    f"{path}: the columns are not {', '.join(_COLUMNS)}; is this {METADATA[0]}?"
                )
            for row in reader:
                label = row["label"] or ""
                if not re.fullmatch(r"[0-9]{1,2}", label) or int(label) >= count:
                    raise UserError(
                        f"{path}: line {reader.line_num}: label {label[:40]!r} is not an index "
                        f"from 0 to {count - 1}; {_DOWNLOAD}"
                    )
                index = _SWAPPED.get(int(label), int(label))
                folder = f"{row['ytid']}_{row['time_ms']}"
                if labels.get(folder, index) != index:
                    where = f"{path}: line {reader.line_num}: anchor {folder}"
                    print(f"{where} had another label before; this one counts", file=sys.stderr)
                labels[folder] = index
    except (UnicodeDecodeError, csv.Error) as error:
        raise UserError(f"{path}: not a CSV file ({error}); {_DOWNLOAD}") from error
    return labels


def _anchors(path: Path, had: Mapping[str, int], anchors_csv: Path) -> dict[Place, list[str]]:
    """Return the anchors that reviewers accepted, with their labels as wnids."""
    classes = target_wnids("ytbb24")
    names = list(classes)
    reviews = _read_reviews(path, {_GOOD, *_NOT_GOOD}, {*names}, lambda key: _place(path, key))
    found = {}
    for place, tags in reviews.items():
        if _GOOD in tags and not tags & _NOT_GOOD:
            if place.folder not in had:
                raise UserError(
                    f"{path}: anchor {place.folder} has no label in {anchors_csv}; are the files "
                    "of one dataset?"
                )
            labels = tags | {names[had[place.folder]]}
            found[place] = [wnid for name, wnid in classes.items() if wnid and name in labels]
    return found


def _pairs(path: Path) -> tuple[dict[Place, list[Place]], set[Place]]:
    """Return the frames accepted for each anchor, and the bad anchors."""

    def pair(key: str) -> tuple[Place, Place]:
        anchor, _, neighbour = key.partition(",")
        return _place(path, anchor), _place(path, neighbour)

    reviews = _read_reviews(path, {_SIMILAR, *_REJECTING}, None, pair)
    accepted: dict[Place, list[Place]] = {}
    elsewhere = []
    for (anchor, neighbour), tags in reviews.items():
        if _SIMILAR in tags and not tags & _REJECTING and neighbour != anchor:
            if neighbour.folder == anchor.folder:
                accepted.setdefault(anchor, []).append(neighbour)
            else:
                elsewhere.append(f"{anchor.media}, {neighbour.media}")
    if elsewhere:
        what = "pairs are dropped, since their frames are in different folders"
        tell_some(path, len(elsewhere), len(reviews), what, elsewhere[0])
    return accepted, {anchor for (anchor, _), tags in reviews.items() if _BAD_ANCHOR in tags}


def _read_reviews(
    path: Path, needed: set[str], others: set[str] | None, read_key: Callable[[str], _Key]
) -> dict[_Key, set[str]]:
    """Return the reviewers' tags of each frame or pair; the last annotation of it counts.

    Args:
        path: JSON: ``{"annotations": [{"key", "labels": [index]}], "labels": [name]}``.
        needed: Names that must be among the labels.
        others: Further names that are allowed; None for any.
        read_key: Parses a key; several forms of it may be one frame or pair.
    """

    def elements(key: str) -> Iterator[Any]:
        return iter_list(path, key, kind=path.name, remedy=_DOWNLOAD)

    names = list(elements("labels"))
    if not all(isinstance(name, str) for name in names):
        raise UserError(f"{path}: labels are names; {_DOWNLOAD}")
    if missing := needed.difference(names):
        raise UserError(f"{path}: {min(missing)!r} is not among the labels; {_DOWNLOAD}")
    if others is not None and (unknown := set(names) - needed - others):
        raise UserError(f"{path}: {min(unknown)!r} is an unknown label; {_DOWNLOAD}")
    reviews: dict[_Key, set[str]] = {}
    for position, annotation in enumerate(elements("annotations")):
        where = f"{path}: annotations[{position}]"
        if not isinstance(annotation, dict) or not isinstance(annotation.get("key"), str):
            raise UserError(f"{where}: has no key; {_DOWNLOAD}")
        indices = annotation.get("labels")
        if not isinstance(indices, list) or not all(
            type(index) is int and 0 <= index < len(names) for index in indices
        ):
            raise UserError(f"{where}: labels are indices from 0 to {len(names) - 1}; {_DOWNLOAD}")
        reviews[read_key(annotation["key"])] = {names[index] for index in indices}
    return reviews


def _place(path: Path, name: str) -> Place:
    """Parse the name of a frame; only its last two components matter."""
    match = _KEY.fullmatch(name)
    if match is None:
        raise UserError(
            f"{path}: the name {name[:200]!r} is not <video>_<time>/frame-<number>.jpg; {_DOWNLOAD}"
        )
    return Place(match[1], match[2], int(match[4]))

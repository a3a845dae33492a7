"""Whether a run has the frames, labels and predictions of a certificate, or why not."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from wildframe.core.contracts import Contract
from wildframe.core.folders import facts_without_folders
from wildframe.core.schemas import MANIFEST, PREDICTIONS, STATUSES
from wildframe.core.tables import Row, iter_rows, read_facts
from wildframe.provenance.certificate import versions
from wildframe.provenance.shifts import frame_cause

Layer = Literal["frames", "labels", "predictions"]
Key = tuple[str, ...]

_READ: Mapping[Layer, tuple[Contract, Sequence[str]]] = {
    "frames": (STATUSES, STATUSES.schema.names),
    "labels": (MANIFEST, ("image_id", "labels", "boxes")),
    "predictions": (PREDICTIONS, ("image_id", "view_key", "top")),
}
_DECIDING = {
    "model": "another model",
    "weights_sha256": "other weights",
    "preprocessing": "other preprocessing",
    "normalization": "other preprocessing",
    "resize": "other resizing",
    "view": "another view",
    "label_space": "another label space",
    "targets": "another label space",
    "wnids": "other classes",
    "restrict_to_label_space": "other classes",
    "predictable": "other classes",
    "config": "other choices",
}
"""Facts that decide predictions, and what a difference means; the first one is reported."""

_NUMERIC = ("torch_version", "timm_version", "backend", "device", "dtype", "wildframe_version")
"""Facts that may change the last digits of probabilities."""

_OF_FRAMES = ("status", "sha256", "pts")
"""Columns that tell a frame."""

_ANOTHER_FRAME = "its frame is another"


@dataclass(frozen=True, slots=True)
class Finding:
    """What comparing one layer of a dataset gave."""

    layer: Layer
    of: str
    """Dataset; of predictions, with view and model."""
    compared: int = 0
    """Records of either side."""
    differing: int = 0
    difference: str = ""
    """The first one, in words; empty if all is the same."""
    cause: str = ""
    note: str = ""
    """Differences of this run that changed nothing."""

    def __str__(self) -> str:
        named = f"{self.layer} of {self.of}"
        if not self.difference:
            return f"same     {named}: {self.compared}" + (f" ({self.note})" if self.note else "")
        counts = f" ({self.differing} of {self.compared} differ)" if self.differing else ""
        return f"differs  {named}: {self.difference}{counts}; cause: {self.cause}"


@dataclass(frozen=True)
class Side:
    """A table of the certificate, or of this run: rows by key, and metadata."""

    rows: Mapping[Key, Row]
    facts: Mapping[str, str]

    @classmethod
    def read(cls, path: Path, layer: Layer) -> "Side":
        """Read what is compared of a layer; errors as in `wildframe.core.tables.read_table`."""
        contract, columns = _READ[layer]
        rows = iter_rows(path, contract, columns)
        by_key = {tuple(row[name] for name in contract.key): row for row in rows}
        # Certified without folders: the same file in another one is no difference.
        return cls(by_key, facts_without_folders(read_facts(path, contract)))


def verify(
    certified: Path, made_with: Mapping[str, str], results: Path, tolerance: float
) -> Iterator[Finding]:
    """Yield what comparing each layer of a run with a certificate gives, upstream first.

    Args:
        certified: Folder of an open certificate.
        made_with: Versions that the certificate was made with.
        results: Folder of the run's results.
        tolerance: Largest difference of a probability that counts as none.

    Raises:
        UserError: A table is damaged or of another version.
    """
    changed = _changes(made_with, versions())
    for manifest in sorted((certified / "manifests").glob("*.parquet")):
        frames: dict[str, str] = {}
        for layer, name in _layers(certified, manifest.stem):
            of = "/".join(name.with_suffix("").parts[1:])
            if not (results / name).is_file():
                cause = f"it is not made; `snakemake {results / name}` makes it"
                cause += ", or name the run's results by --results"
                yield Finding(layer, of, difference="absent here", cause=cause)
                continue
            sides = Side.read(certified / name, layer), Side.read(results / name, layer)
            if layer == "frames":
                unlike, frames = unlike_frames(*sides), encoded_otherwise(*sides, changed)
                note = "; ".join(sorted({*frames.values()}))
                yield replace(compare_frames(of, *sides, unlike, changed), note=note)
                frames |= dict.fromkeys((key[0] for key in unlike), _ANOTHER_FRAME)
            elif layer == "labels":
                yield compare_labels(of, *sides)
            else:
                yield compare_predictions(of, *sides, tolerance, frames)


def unlike_frames(certified: Side, here: Side) -> list[Key]:
    """Return the keys of frames that are others than certified, or only on one side."""
    return _unlike(certified, here, _OF_FRAMES)


def encoded_otherwise(certified: Side, here: Side, changed: Mapping[str, str]) -> dict[str, str]:
    """Return how frames of both sides are encoded otherwise, in words, by image.

    Args:
        certified: Statuses of the certificate.
        here: Statuses of this run.
        changed: Versions that differ, in words, by package.
    """
    encoder = f" ({changed['pillow']})" if "pillow" in changed else ""
    found = {}
    for key in certified.rows.keys() & here.rows.keys():
        theirs, ours = certified.rows[key], here.rows[key]
        if any(ours[name] != theirs[name] for name in _OF_FRAMES):
            continue
        if ours["encoding"] != theirs["encoding"]:
            found[key[0]] = f"frames are {ours['encoding']} here, {theirs['encoding']} certified"
        elif ours["image_sha256"] != theirs["image_sha256"]:
            found[key[0]] = f"frames are encoded otherwise{encoder}"
    return found


def compare_frames(
    of: str, certified: Side, here: Side, unlike: Sequence[Key], changed: Mapping[str, str]
) -> Finding:
    """Compare pixels and time stamps of a dataset's frames.

    Args:
        of: Dataset.
        certified: Statuses of the certificate.
        here: Statuses of this run.
        unlike: Keys of the frames that differ.
        changed: Versions that differ, in words, by package.
    """
    same = Finding("frames", of, len(_keys(certified, here)))
    if not unlike:
        return same
    first = unlike[0]
    if difference := _one_sided(first, certified, here):
        cause = "the manifest here has other images"
    else:
        theirs, ours = certified.rows[first], here.rows[first]
        frame = "" if theirs["frame"] is None else f"frame {theirs['frame']} of "
        difference = f"image {first[0]}, {frame}{theirs['media']}"
        neighbours = [*certified.rows.values()], [*here.rows.values()]
        cause = frame_cause(theirs, ours, *neighbours, changed)
    return replace(same, differing=len(unlike), difference=difference, cause=cause)


def compare_labels(of: str, certified: Side, here: Side) -> Finding:
    """Compare labels and boxes of a dataset's images, by their manifests."""
    columns = ("labels", "boxes")
    unlike = _unlike(certified, here, columns)
    same = Finding("labels", of, len(_keys(certified, here)))
    if not unlike:
        return same
    first = unlike[0]
    difference = _one_sided(first, certified, here)
    if not difference:
        theirs, ours = certified.rows[first], here.rows[first]
        column = next(name for name in columns if theirs[name] != ours[name])
        difference = f"image {first[0]}: {_change(column, ours[column], theirs[column])}"
    choices = _changes(_config(certified), _config(here))
    releases = _changes(certified.facts, here.facts, ["wildframe_version"])
    if choices:
        cause = "other choices of the dataset: " + "; ".join(choices.values())
    else:
        cause = "; ".join(["other annotations of the source", *releases.values()])
    return replace(same, differing=len(unlike), difference=difference, cause=cause)


def compare_predictions(
    of: str, certified: Side, here: Side, tolerance: float, frames: Mapping[str, str]
) -> Finding:
    """Compare what decides predictions, then their top-1 and its probability.

    Args:
        of: Dataset, view and model.
        certified: Predictions of the certificate.
        here: Predictions of this run.
        tolerance: Largest difference of a probability that counts as none.
        frames: Images whose frame is another than certified, or encoded otherwise, with the cause.
    """
    keys = _keys(certified, here)
    unlike = [key for key in keys if not _agree(certified, here, key, tolerance)]
    # One whose frame is the same says more, and one whose frame is another the least.
    unlike.sort(key=lambda key: (key[0] in frames, frames.get(key[0]) == _ANOTHER_FRAME))
    deciding = _changes(certified.facts, here.facts, _DECIDING)
    numeric = "; ".join(_changes(certified.facts, here.facts, _NUMERIC).values())
    same = Finding("predictions", of, len(keys), note=numeric)
    if not unlike and not deciding:
        return same
    difference = _predicted(unlike[0], certified, here) if unlike else "made otherwise"
    if deciding:
        fact, change = next(iter(deciding.items()))
        cause = f"{_DECIDING[fact]}: {change}"
    elif unlike[0][0] in frames:
        cause = frames[unlike[0][0]]
    elif numeric:
        cause = f"numeric: {numeric}"
    else:
        cause = "numeric, beyond the tolerance: other hardware or threads, or an altered table"
    return replace(same, differing=len(unlike), difference=difference, cause=cause, note="")


def _layers(certified: Path, dataset: str) -> Iterator[tuple[Layer, Path]]:
    """Yield the tables of a dataset in the order in which one is made of the other."""
    yield "frames", Path("frames", f"{dataset}.parquet")
    yield "labels", Path("manifests", f"{dataset}.parquet")
    for path in sorted((certified / "predictions" / dataset).rglob("*.parquet")):
        yield "predictions", path.relative_to(certified)


def _keys(certified: Side, here: Side) -> list[Key]:
    return sorted({*certified.rows, *here.rows})


def _unlike(certified: Side, here: Side, columns: Sequence[str]) -> list[Key]:
    """Return the keys of rows that differ in some columns, those of both sides first."""

    def values(side: Side, key: Key) -> list[Any]:
        return [side.rows[key][name] for name in columns] if key in side.rows else []

    unlike = [key for key in _keys(certified, here) if values(certified, key) != values(here, key)]
    return sorted(unlike, key=lambda key: bool(_one_sided(key, certified, here)))


def _agree(certified: Side, here: Side, key: Key, tolerance: float) -> bool:
    if _one_sided(key, certified, here):
        return False
    theirs, ours = _top1(certified, key), _top1(here, key)
    given = theirs["probability"], ours["probability"]
    if theirs["class_index"] != ours["class_index"] or None in given:
        return theirs == ours
    return bool(abs(given[0] - given[1]) <= tolerance)


def _top1(side: Side, key: Key) -> Row:
    """Return class and probability of a prediction; external ones may list no class."""
    return next(iter(side.rows[key]["top"]), {"class_index": None, "probability": None})


def _predicted(key: Key, certified: Side, here: Side) -> str:
    if one_sided := _one_sided(key, certified, here):
        return one_sided
    image, view_key = key
    theirs, ours = _top1(certified, key), _top1(here, key)
    fact = next(name for name in ours if ours[name] != theirs[name])
    crop = f", crop {view_key}" if view_key else ""
    return f"image {image}{crop}: {_change(fact, ours[fact], theirs[fact])}"


def _one_sided(key: Key, certified: Side, here: Side) -> str:
    """Return that a side lacks a record, in words; empty if none does."""
    if key not in certified.rows:
        return f"image {key[0]} is not certified"
    return "" if key in here.rows else f"image {key[0]} is not here"


def _config(side: Side) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(side.facts["config"])
    return found


def _changes(
    certified: Mapping[str, Any], here: Mapping[str, Any], names: Collection[str] | None = None
) -> dict[str, str]:
    """Return what differs, in words, by name: all names, or some of them in their order."""
    return {
        name: _change(name, here.get(name), certified.get(name))
        for name in (sorted(certified.keys() | here.keys()) if names is None else names)
        if here.get(name) != certified.get(name)
    }


def _change(name: str, here: Any, certified: Any) -> str:
    return f"{name} is {here} here, {certified} certified"

"""Images in the rows of Parquet files, as the Hugging Face hub keeps data sets.

A row has a column ``image``, a struct of ``bytes`` and ``path``; ``label``, one or several indices
of ImageNet-1K; and maybe ``origin``, and the ``group_id`` of images that are not independent.
ImageNet-Hard is one. No image is read here.
"""

import json
import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path, PurePath
from typing import Any, ClassVar, Literal, Self

import pyarrow as pa
from pydantic import Field, model_validator

from wildframe.core.errors import UserError
from wildframe.core.files import require_folder
from wildframe.core.own_csv import is_wnid
from wildframe.core.parquet import CheckedParquet
from wildframe.core.progress import progress
from wildframe.core.schemas import IMAGES
from wildframe.core.source import SourceSettings, Summary
from wildframe.core.strict import HomePath, Name, Strict
from wildframe.core.tables import Row, write_rows
from wildframe.core.timm_lists import IN1K, timm_list
from wildframe.sources.folders import ROOT, as_text, image_ids, is_text, list_files, tell_unusable

_NO_LABEL = -1
"""Stands for no label in published test splits, and fills up lists."""

_DAMAGE = (pa.ArrowException, OSError, UnicodeDecodeError)
_NOT_TEXT = "its name is not UTF-8; rename it"
_CUT = "rows from {} on cannot be read ({}); fetch the file again"
_ABSENT = "it is not there, though the names of others count {} from {} on; fetch it"
_NUMBERED = re.compile(r"(.*?)(\d+)-of-(\d+)(-[0-9a-f]{16})?\.(?i:parquet)")
"""Name of a file that says how many there are: what is before its number, which, of how many."""
_COLUMNS = "the columns image (bytes, path) and label (indices of ImageNet-1K)"


class Hard(Strict):
    """Only images that models fail on under every zoom: those that a review accepts, or all."""

    study: Name = Field(description="Study whose models on zoomed crops decide what is hard")
    view: Name = Field(description="Zoom view of these crops")
    decisions: HomePath | None = Field(
        None,
        description="Folder of the reviewers' files on `<results>/reviews/<source>.sets.parquet`; "
        "without it all hard images are exported, of sets those that their own review accepts",
    )
    neighbours: int = Field(1, ge=1, description="Nearest images that each is reviewed beside")
    rounds: int = Field(
        2, ge=1, le=2, description="Rounds of this review; 1 where there are few reviewers"
    )

    @property
    def review_options(self) -> list[str]:
        """Its settings as options of ``wildframe reviews consensus``."""
        rounds = [] if self.rounds == 2 else [f"--rounds={self.rounds}"]
        return [f"--decisions={self.decisions}", *rounds]


class Exported(Strict):
    """A dataset of the run that is exported to the root, as ``wildframe frames export`` does."""

    dataset: Name = Field(description="Dataset of the run, with labels of ImageNet-1K")
    images: int | None = Field(None, ge=1, description="Images at most; all by default")
    hard: Hard | None = Field(None, description="Only the hard ones; all images by default")


class ShardsSource(SourceSettings):
    """Parquet files whose rows hold images, anywhere below the root."""

    tables: ClassVar[tuple[str, ...]] = ("images",)
    reads_media: ClassVar[bool] = True
    media_are: ClassVar[str] = "Parquet files"

    kind: Literal["shards"]
    root: HomePath = Field(
        "",
        description="Folder of the data; by default, files that the run exports are in its results",
    )
    repository: str | None = Field(
        None,
        pattern=r"^[\w.-]+/[\w.-]+$",
        description="Data set of the Hugging Face hub, owner/name: `<source>_download` fetches it",
    )

    exported: Exported | None = Field(
        None,
        description="Let the run write the files: an export of a dataset of another source",
    )

    @model_validator(mode="after")
    def _files_are_somewhere(self) -> Self:
        if not (self.root or self.exported):
            raise ValueError("root: missing; name the folder of the Parquet files")
        return self

    @property
    def made_of(self) -> str | None:
        """The dataset that is exported to the root."""
        return self.exported.dataset if self.exported else None

    def input_files(self) -> dict[str, Sequence[str]]:
        """Return no file of its own: the tables are made of the media."""
        self.list_media()
        return {}

    def options(self) -> list[str]:
        """Return the root."""
        return [f"--root={self.root}"]

    def fetch_options(self) -> list[str]:
        """Return the arguments of ``wildframe sources`` that fetch its files; none without hub."""
        if self.repository is None:
            return []
        return ["download-shards", f"--root={self.root}", f"--repository={self.repository}"]

    def list_media(self) -> list[str]:
        """Return the Parquet files, as paths under the root; errors as in `write_table`.

        None of those that the run makes: they are not there when it is planned.
        """
        return [] if self.exported else [*filter(is_text, _list_shards(Path(self.root)))]

    def wanted_media(self) -> list[str]:
        """Return those that the names of others say there are, too; errors likewise."""
        listed = self.list_media()
        return sorted([*listed, *_absent(listed)])

    def summary(self) -> Summary:
        """Return how many rows there are in how many files; errors as in `write_table`."""
        if self.exported:
            return Summary(f"made by the run, of {self.exported.dataset}")
        files = _list_shards(Path(self.root))
        wnids = timm_list(IN1K).decode().split()
        rows, unusable = 0, []
        for name in files:
            if not is_text(name):
                unusable.append(f"{as_text(name)}: {_NOT_TEXT}")
                continue
            path = Path(self.root) / name
            try:
                with CheckedParquet(path) as file:
                    _require_columns(path, file.schema_arrow, wnids)
                    rows += file.metadata.num_rows
            except _DAMAGE as error:
                unusable.append(f"{name}: {_CUT.format(0, error)}")
        return Summary(f"{rows} images in {len(files)} Parquet files", unusable)


def write_table(root: Path, images: Path) -> None:
    """Read the rows of Parquet files into the ``images`` table, by file and row.

    The split is the part of the file's name before its number, as in
    ``validation-00000-of-00013.parquet``. An image without usable label keeps a row, with the
    reason, and so does a file that is no Parquet file, whose name is not UTF-8, or that is absent
    though the names of others count it.

    Args:
        root: Folder of the files.
        images: Table to write.

    Raises:
        UserError: There is no file, or one has other columns.
    """
    wnids = timm_list(IN1K).decode().split()
    files = _list_shards(root)
    ids = image_ids(files)
    listed = progress(files, total=len(files), unit="file", label="shards")
    rows = (row for media in listed for row in _rows(root / media, media, ids[media], wnids))
    absent = (_unusable(_known(name), _ABSENT.format(*of)) for name, of in _absent(files).items())
    write_rows(images, IMAGES, tell_unusable(chain(rows, absent), root))


def _list_shards(root: Path) -> list[str]:
    found = list_files(require_folder(root, ROOT), (".parquet",))
    if not found:
        raise UserError(f"{root}: has no Parquet file; {ROOT}")
    return found


def _rows(path: Path, media: str, file_id: str, wnids: Sequence[str]) -> Iterator[Row]:
    """Yield the rows of the table for those of a file, in bounded memory."""
    known = _known(media)
    if not is_text(media):
        yield _unusable(known, _NOT_TEXT)
        return
    number = 0
    try:
        with CheckedParquet(path) as file:
            columns = _require_columns(path, file.schema_arrow, wnids)
            for batch in file.iter_batches(columns=columns):
                for at in range(batch.num_rows):
                    row, problem = _values(batch, at)
                    labels, unusable = _read_label(row["label"], wnids)
                    problem = problem or unusable
                    yield known | {
                        "record_id": f"{media}:{number}",
                        "image_id": None if problem else f"{file_id}_{number:06d}",
                        "frame": number,
                        "labels": labels,
                        "origin": _text(row.get("origin")),
                        "group_id": _text(row.get("group_id")),
                        "problem": problem,
                    }
                    number += 1
    except _DAMAGE as error:
        yield _unusable(known, _CUT.format(number, error))


def _known(media: str) -> Row:
    """Return what is known of a file by its name."""
    return {"media": media, "media_kind": "shard", "split": _split_of(PurePath(media).name)}


def _unusable(known: Row, problem: str) -> Row:
    """Return the row of a file, or of the rest of it."""
    texts = {name: as_text(text) for name, text in known.items()}
    blank: Row = dict.fromkeys(IMAGES.schema.names) | {"labels": []}
    return blank | texts | {"record_id": texts["media"], "problem": problem}


def _values(batch: pa.RecordBatch, at: int) -> tuple[Row, str | None]:
    """Return the values of a row, None for text that is none, and what is wrong with it."""
    row: Row = {}
    problem = None
    for name in batch.schema.names:
        try:
            row[name] = batch.column(name)[at].as_py()
        except UnicodeDecodeError as error:
            row[name], problem = None, f"its {name} is not text in UTF-8 ({error})"
    return row, problem


def _split_of(name: str) -> str:
    if counted := _NUMBERED.fullmatch(name):
        return counted[1].rstrip("-_.")
    numbered = re.fullmatch(r"(.+?)-\d+(-[0-9a-f]{16})?\.parquet", name)
    return numbered[1] if numbered else ""


def _absent(files: Iterable[str]) -> dict[str, tuple[int, int]]:
    """Return the files that are not there, by the names of others: how many, counted from which."""
    found: dict[tuple[str, str], list[tuple[PurePath, str]]] = defaultdict(list)
    for name in map(PurePath, files):
        if counted := _NUMBERED.fullmatch(name.name):
            before, number, of = counted.group(1, 2, 3)
            found[before, of].append((name.parent, number))
    absent = {}
    for (before, of), there in found.items():
        # One set may lie in several folders; each has one of its own where there are too many.
        is_one = len({int(number) for _, number in there}) == len(there) <= int(of)
        for folder in dict.fromkeys(folder for folder, _ in there):
            numbers = [number for other, number in there if is_one or other == folder]
            # Counted from 0, as on the hub, unless there is one that is counted from 1.
            first = int(int(of) in map(int, numbers))
            for number in sorted({*range(first, first + int(of))} - {*map(int, numbers)}):
                file = f"{before}{number:0{min(map(len, numbers))}}-of-{of}.parquet"
                absent[(folder / file).as_posix()] = int(of), first
            if is_one:
                break
    return absent


def _require_columns(path: Path, schema: pa.Schema, wnids: Sequence[str]) -> list[str]:
    """Return the columns to read.

    Raises:
        UserError: There is no image, or no label, or labels are of other classes than these.
    """
    names = set(schema.names)
    image = schema.field("image").type if "image" in names else None
    if not (image and pa.types.is_struct(image) and image.get_field_index("bytes") >= 0):
        raise UserError(f"{path}: has no column image with bytes; give files with {_COLUMNS}")
    if "label" not in names:
        raise UserError(f"{path}: has no column label; give files with {_COLUMNS}")
    _require_imagenet(path, schema, wnids)
    return [name for name in ("label", "origin", "group_id") if name in names]


def _require_imagenet(path: Path, schema: pa.Schema, wnids: Sequence[str]) -> None:
    """Raise a `UserError` if the hub's metadata list other classes of the labels than these."""
    names = _listed_classes(schema)
    if names is None or names == wnids[: len(names)]:
        return
    # Names in words are taken by their number.
    if len(names) != len(wnids) or all(isinstance(name, str) and is_wnid(name) for name in names):
        raise UserError(
            f"{path}: its labels are indices of {len(names)} classes of its own "
            f"({', '.join(map(str, names[:3]))}, ...), not of ImageNet-1K; write these indices, or "
            "give the images as a folder a class (kind: images)"
        )


def _listed_classes(schema: pa.Schema) -> Sequence[Any] | None:
    """Return the names of the classes of ``label`` that the hub keeps; None if there are none."""
    try:
        told = json.loads((schema.metadata or {})[b"huggingface"])
        label = told["info"]["features"]["label"]
        names = label.get("feature", label)["names"]
    except (ValueError, LookupError, TypeError, AttributeError):
        return None
    return names if isinstance(names, list) else None


def _whole(value: Any) -> Any:
    """Return an integer that pandas wrote as a decimal, beside gaps, which are NaN, as such."""
    if not isinstance(value, float):
        return value
    if math.isnan(value):
        return None
    return int(value) if value.is_integer() else value


def _text(value: Any) -> str | None:
    whole = _whole(value)
    return None if whole is None else str(whole)


def _read_label(value: Any, wnids: Sequence[str]) -> tuple[list[str], str | None]:
    """Return the wnids of a label or of a list of labels, and what is wrong with it."""
    indices = map(_whole, value if isinstance(value, list) else [value])
    given = [index for index in indices if index is not None and index != _NO_LABEL]
    for index in given:
        # Python's true and false are numbers, too.
        if type(index) is not int or not 0 <= index < len(wnids):
            return [], f"label {index!r} is not an index of ImageNet-1K, 0 to {len(wnids) - 1}"
    return [wnids[index] for index in dict.fromkeys(given)], None

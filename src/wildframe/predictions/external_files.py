"""Files of external predictions, read record by record: CSV, Parquet or JSON by the suffix.

A record names an image. It holds the scores of all classes, or the most probable classes; further
columns and keys are the user's own and ignored, unless they read like ranks or probabilities that
would be lost. Spaces around the names of columns do not count.

========  =============================================  =====================================
format    scores                                         most probable classes, best first
========  =============================================  =====================================
CSV       a column a class, named by id or 0 ... n-1     ``top1``, ``top2`` ..., and optionally
                                                         ``probability1``, ``probability2`` ...
Parquet   such columns, or the list ``scores``           such columns, or the list ``top``
JSON      a list, or an object with the list ``scores``  an object with the list ``top``
========  =============================================  =====================================

A class is an index or an id: a wnid or, of a class without, its name, in a label space of one's own
with ``_`` for spaces. An item of the list ``top`` is a class, or an object of ``wnid`` or
``class_index`` and ``probability``.
"""

import csv
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from wildframe.core.errors import UserError
from wildframe.core.files import require_file
from wildframe.core.parquet import CheckedParquet
from wildframe.labels.spaces import class_keys
from wildframe.sources.stream import iter_members

IMAGE_ID = "image_id"

_RANKED = re.compile(r"(top|probability)([1-9][0-9]{0,3})")
_SHARE = r"(prob(s|abilit(y|ies))?|conf(idences?)?|scores?)"
_LIKE_RANKED = re.compile(rf"top[0-9]+({_SHARE}[0-9]*)?|(top)?{_SHARE}(of|for)?(top)?[0-9]*")
_PUNCTUATION = re.compile(r"[\W_]+")
_CLASS = re.compile(r"n[0-9]{8}|0|[1-9][0-9]{0,5}")
_REMEDY = "write the predictions of a model there, or correct the path"
_KIND = "a file of predictions"

_COLUMNS = "columns are top1, top2, ..., and if known as many probability1, probability2, ..."
_LIST = "top is a list, whose items are classes, or have wnid (or class_index) and probability"
"""How the most probable classes are written, for messages."""

_BLOCK = 256
"""Rows of Parquet in memory at a time."""

_BUFFER = 2**16
"""Bytes of a column of Parquet that are read at a time."""


@dataclass(frozen=True, slots=True)
class Record:
    """What a file says of one image, not checked yet."""

    where: str
    """File and record, for messages."""
    name: str
    scores: Any = None
    """A list or array, one a class in the order of indices; None if there are none."""
    top: Any = None
    """A list of classes, each by itself or with its probability; None if there is none."""
    label_space: str | None = None
    """Label space that the names of columns are of; None if they do not tell."""

    @property
    def is_empty(self) -> bool:
        """Whether the record is not filled in."""
        return self.scores is None and not self.top


def read_records(path: Path, label_spaces: Sequence[str]) -> Iterator[Record]:
    """Yield the records of a file in bounded memory.

    Args:
        path: File ending in .csv, .parquet or .json.
        label_spaces: Label spaces that the names of columns may be of.

    Raises:
        UserError: The file is absent, damaged or something else.
    """
    require_file(path, _REMEDY)
    readers = {".csv": _read_csv, ".parquet": _read_parquet, ".json": _read_json}
    if path.suffix not in readers:
        raise UserError(f"{path}: external predictions end in {', '.join(readers)}; rename it")
    yield from readers[path.suffix](path, label_spaces)


@dataclass(frozen=True, slots=True)
class _Columns:
    """Names of the columns of a table that hold predictions."""

    scores: tuple[str, ...] = ()
    """In the order of class indices."""
    top: tuple[str, ...] = ()
    probability: tuple[str, ...] = ()
    label_space: str | None = None

    @property
    def all(self) -> tuple[str, ...]:
        return (IMAGE_ID, *self.scores, *self.top, *self.probability)


def filled(record: Mapping[str, Any]) -> list[str]:
    """Return the keys that hold something."""
    return [key for key, value in record.items() if value is not None]


def require_read(
    where: str, names: Iterable[str], read: Collection[str], form: str = _LIST
) -> None:
    """Raise a `UserError` that names what reads like a rank or a probability, but is not read.

    Args:
        where: File, or file and record, for messages.
        names: Names of columns or keys.
        read: Those that are read.
        form: How ranks and probabilities are written.
    """
    for name in names:
        if name not in read and _LIKE_RANKED.fullmatch(_PUNCTUATION.sub("", name.casefold())):
            raise UserError(
                f"{where}: {name} reads like a rank or a probability, but is not read: {form}; "
                "write it so, or rename it if it is something else"
            )


def _find_columns(
    path: Path, header: Sequence[str], label_spaces: Sequence[str], lists: Sequence[str] = ()
) -> _Columns:
    """Return the columns of a table, one image a row; none if only others are there.

    Args:
        path: The table.
        header: Names of its columns.
        label_spaces: Label spaces that these may be of.
        lists: Columns of lists of predictions.
    """
    if twice := [name for name, count in Counter(header).items() if name and count > 1]:
        raise UserError(f"{path}: column {twice[0]} is there twice; delete one")
    if IMAGE_ID not in header:
        found = ", ".join(header[:5])
        raise UserError(f"{path}: no column {IMAGE_ID}; found {found}; name the column so")
    ranked: dict[str, dict[int, str]] = {"top": {}, "probability": {}}
    for name in header:
        if match := _RANKED.fullmatch(name):
            ranked[match[1]][int(match[2])] = name
    top, probability = (
        tuple(ranks[rank] for rank in sorted(ranks))
        for ranks in (ranked["top"], ranked["probability"])
    )
    classes = [name for name in header if _CLASS.fullmatch(name)]
    if top and classes:
        raise UserError(
            f"{path}: has columns of most probable classes ({top[0]}) and of scores "
            f"({classes[0]}); delete one kind"
        )
    if classes or not (top or lists):
        label_space, scores = _in_order(path, header, classes, label_spaces)
        return _Columns(scores=scores, label_space=label_space)
    probability = probability[: len(top)]
    if "scores" not in lists:
        require_read(str(path), header, {*top, *probability}, _COLUMNS if top else _LIST)
    for key, ranks in ranked.items():
        if missing := [rank for rank in range(1, len(top) + 1) if ranks and rank not in ranks]:
            raise UserError(f"{path}: no column {key}{missing[0]}; number the columns from 1 on")
    return _Columns(top=top, probability=probability)


def _in_order(
    path: Path, header: Sequence[str], classes: Sequence[str], label_spaces: Sequence[str]
) -> tuple[str | None, tuple[str, ...]]:
    """Return columns of classes in the order of indices, and the label space if ids tell it.

    Args:
        path: The table.
        header: Names of its columns.
        classes: Those that can be nothing else than classes.
        label_spaces: Label spaces that these may be of.
    """
    present = {*header}
    known = {space: class_keys(space) for space in label_spaces}
    likeliest = max(label_spaces, key=lambda space: len(present.intersection(known[space])))
    keys = known[likeliest]
    missing = [key for key in keys if key not in present]
    # Names of classes may be numbers, too, or be those of the user's own columns.
    if missing and all(name.isdecimal() for name in classes):
        expected = [str(index) for index in range(len(classes))]
        if absent := set(expected) - present:
            first = min(absent, key=int)
            raise UserError(f"{path}: no column {first}; number the classes from 0 on")
        if classes or len(missing) == len(keys):
            return None, tuple(expected)
    others = set(classes).difference(keys)
    for faulty, problem in (
        ([name for name in classes if name in others], "is none of them"),
        (missing, "is missing"),
    ):
        if faulty:
            raise UserError(
                f"{path}: its columns are not the classes of {likeliest}: column {faulty[0]} "
                f"{problem} ({len(faulty)} such); write a column a class, or name the label space "
                "of the model (label_space)"
            )
    return likeliest, tuple(keys)


def _require_predictions(path: Path, holds: object) -> None:
    if not holds:
        raise UserError(
            f"{path}: no column of predictions; name columns of scores by wnid or 0, 1, ..., or "
            "those of the most probable classes top1, top2, ..."
        )


def _read_csv(path: Path, label_spaces: Sequence[str]) -> Iterator[Record]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = csv.reader(file, strict=True)
        try:
            header = [name.strip() for name in next(lines, [])]
            if not header:
                raise UserError(f"{path}: is empty; write a header, and a line an image")
            columns = _find_columns(path, header, label_spaces)
            _require_predictions(path, columns.scores or columns.top)
            places = {name: place for place, name in enumerate(header)}
            at = {name: places[name] for name in columns.all}
            for cells in lines:
                if cells:
                    yield _csv_record(path, lines.line_num, cells, columns, at, len(header))
        except (csv.Error, UnicodeDecodeError) as error:
            raise UserError(
                f"{path}: not CSV in UTF-8 after line {lines.line_num} ({error}); write it again"
            ) from error


def _csv_record(
    path: Path,
    line: int,
    cells: Sequence[str],
    columns: _Columns,
    at: Mapping[str, int],
    width: int,
) -> Record:
    if len(cells) != width:
        raise UserError(
            f"{path}: line {line}: {len(cells)} cells, but the header has {width}; correct it"
        )
    where = _where(path, f"line {line}", name := cells[at[IMAGE_ID]])
    scores = [cells[at[column]] for column in columns.scores]
    top, probability = (
        [cells[at[column]].strip() or None for column in names]
        for names in (columns.top, columns.probability)
    )
    return Record(
        where,
        name,
        _numbers(where, scores) if any(scores) else None,
        _ranked(where, top, probability),
        columns.label_space,
    )


def _numbers(where: str, cells: Sequence[str]) -> Any:
    try:
        return np.array(cells, np.float64)
    except ValueError as error:
        raise UserError(f"{where}: a score is missing or no number ({error})") from error


def _ranked(where: str, top: Sequence[Any], probability: Sequence[Any]) -> list[Any]:
    """Return the most probable classes of a row; empty cells stand at its end."""
    given = [item for item in top if item is not None]
    if given != [*top[: len(given)]]:
        raise UserError(f"{where}: top{len(given)} is empty, but a later one is not; fill it in")
    if not any(item is not None for item in probability):
        return given
    return [
        {"wnid": item, "probability": share}
        for item, share in zip(given, probability[: len(given)], strict=True)
    ]


def _where(path: Path, record: str, name: str) -> str:
    if not name:
        raise UserError(f"{path}: {record}: {IMAGE_ID} is empty; fill it in or delete the record")
    return f"{path}: {record}, image {name}"


def _read_parquet(path: Path, label_spaces: Sequence[str]) -> Iterator[Record]:
    number = 0
    try:
        # By default all of a row group is in memory, which may be all of the file.
        with CheckedParquet(path, pre_buffer=False, buffer_size=_BUFFER) as file:
            written = {name.strip(): name for name in file.schema_arrow.names}
            header = [name.strip() for name in file.schema_arrow.names]
            lists = _lists(path, file.schema_arrow, written, label_spaces)
            columns = _find_columns(path, header, label_spaces, lists)
            _require_predictions(path, columns.scores or columns.top or lists)
            wanted = [written[name] for name in (*columns.all, *lists)]
            for batch in file.iter_batches(_BLOCK, columns=wanted):
                named = batch.rename_columns([name.strip() for name in batch.schema.names])
                for record in _rows_of(path, number, named, columns):
                    yield record
                    number += 1
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise UserError(
            f"{path}: not a sound Parquet file after row {number} ({error}); write it again"
        ) from error


def _lists(
    path: Path, schema: pa.Schema, written: Mapping[str, str], label_spaces: Sequence[str]
) -> list[str]:
    """Return the columns of lists of predictions; of one's own, a class may be called so."""
    found = []
    for name in ("scores", "top"):
        if name not in written:
            continue
        kind = schema.field(written[name]).type
        tests = (pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list)
        if any(test(kind) for test in tests):
            found.append(name)
        elif not any(name in class_keys(space) for space in label_spaces):
            raise UserError(f"{path}: column {name} is {kind}, and no list; write it again")
    return found


def _rows_of(path: Path, before: int, batch: pa.RecordBatch, columns: _Columns) -> Iterator[Record]:
    """Yield the records of some rows, before which there are so many others."""
    found = batch.schema.names
    wide = _wide_scores(path, batch, columns.scores) if columns.scores else None
    of_lists = {"scores", "top"}.intersection(found).difference(columns.scores)
    lists = {name: batch.column(name) for name in of_lists}
    ranked = {name: batch.column(name) for name in columns.top + columns.probability}
    for row, image_id in enumerate(batch.column(IMAGE_ID)):
        name = image_id.as_py()
        where = _where(path, f"row {before + row + 1}", "" if name is None else str(name))
        scores = wide[row] if wide else None
        if "scores" in lists and lists["scores"][row].is_valid:
            values = lists["scores"][row].values
            scores = values.to_numpy(zero_copy_only=False)
        top = lists["top"][row].as_py() if "top" in lists else None
        if columns.top:
            cells = (
                [ranked[key][row].as_py() for key in keys]
                for keys in (columns.top, columns.probability)
            )
            top = _ranked(where, *cells)
        yield Record(where, str(name), scores, top, columns.label_space)


def _wide_scores(path: Path, batch: pa.RecordBatch, names: Sequence[str]) -> list[Any]:
    """Return the scores of each row; None where all are null."""
    columns = [batch.column(name) for name in names]
    for name, column in zip(names, columns, strict=True):
        if not (pa.types.is_floating(column.type) or pa.types.is_integer(column.type)):
            raise UserError(f"{path}: column {name} is {column.type}; write scores as numbers")
    rows = np.column_stack([column.to_numpy(zero_copy_only=False) for column in columns])
    if not all(column.null_count for column in columns):
        return list(rows)
    nulls = [column.is_null().to_numpy(zero_copy_only=False) for column in columns]
    is_empty = np.logical_and.reduce(nulls)
    return [None if empty else row for row, empty in zip(rows, is_empty, strict=True)]


def _read_json(path: Path, label_spaces: Sequence[str]) -> Iterator[Record]:
    for name, value in iter_members(path, kind=_KIND, remedy=_REMEDY):
        where = f"{path}: {name}"
        if isinstance(value, dict):
            if value.get("scores") is None:
                require_read(where, filled(value), ())
            yield Record(where, name, value.get("scores"), value.get("top"))
        else:
            yield Record(where, name, value)

"""Reading and writing tables: validated against their contract, atomic, with provenance."""

import hashlib
import json
import shlex
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from wildframe import __version__
from wildframe.core.contracts import Contract
from wildframe.core.errors import UserError
from wildframe.core.files import atomic_path, require_file
from wildframe.core.imports import left_out
from wildframe.core.parquet import CheckedParquet
from wildframe.core.seals import sealed, unsealed

Row = dict[str, Any]

_ROW_GROUP = 2**22
"""Bytes of rows that are written together."""

_DAMAGE = (pa.ArrowException, OSError, UnicodeDecodeError)
"""What reading a damaged file raises: a length, a type or a name that cannot be."""

_ABSENT = "make it with the rule or command that writes it"
_REMEDY = "name the right file, or delete this one and rerun what makes it"


def provenance(
    path: Path, contract: Contract, config: Mapping[str, Any], facts: Mapping[str, str]
) -> Row:
    """Return the metadata that every table carries.

    Args:
        path: File that is written.
        contract: Contract of the table.
        config: Choices that determine the content, as given on the command line.
        facts: Further metadata, such as a model's weights and library versions.
    """
    choices = json.dumps(config, sort_keys=True, default=str)
    return sealed(
        path,
        {
            "schema": contract.name,
            "schema_version": str(contract.version),
            "wildframe_version": __version__,
            "command": this_command(),
            "config": choices,
            "config_sha256": hashlib.sha256(choices.encode()).hexdigest(),
            **facts,
        },
    )  # pages' checksums do not cover it


def this_command() -> str:
    """Return the command line that runs, as a shell takes it."""
    return shlex.join(["wildframe", *sys.argv[1:]])


def write_rows(
    path: Path,
    contract: Contract,
    rows: Iterable[Mapping[str, Any]],
    *,
    config: Mapping[str, Any] | None = None,
    facts: Mapping[str, str] | None = None,
    batch_size: int = 1024,
) -> None:
    """Write rows to a Parquet file, atomically and in bounded memory.

    Args:
        path: File to write.
        contract: Contract that the rows must fulfil.
        rows: One mapping a row; consumed once.
        config: Choices that determine the content.
        facts: Further metadata.
        batch_size: Rows held in memory at a time.

    Raises:
        ValueError: A row does not fit the contract.
        UserError: It has text where a list belongs.
    """
    with table_writer(path, contract, config=config, facts=facts, batch_size=batch_size) as add:
        for row in rows:
            add(row)


@contextmanager
def table_writer(
    path: Path,
    contract: Contract,
    *,
    config: Mapping[str, Any] | None = None,
    facts: Mapping[str, str] | None = None,
    batch_size: int = 1024,
) -> Iterator[Callable[[Mapping[str, Any]], None]]:
    """Open a table and yield the function that adds a row; the file appears when the block ends.

    For several tables that are written side by side; arguments and errors as in `write_rows`.
    """
    rows: list[Mapping[str, Any]] = []

    with _row_groups(path, contract, config, facts) as add_table:

        def convert() -> None:
            add_table(_to_table(rows, contract))
            rows.clear()

        def add(row: Mapping[str, Any]) -> None:
            rows.append(row)
            if len(rows) == batch_size:
                convert()

        yield add
        if rows:
            convert()


@contextmanager
def _row_groups(
    path: Path,
    contract: Contract,
    config: Mapping[str, Any] | None,
    facts: Mapping[str, str] | None,
) -> Iterator[Callable[[pa.Table], None]]:
    """Open a file and yield the function that adds rows; several tables become one row group."""
    schema = contract.schema.with_metadata(provenance(path, contract, config or {}, facts or {}))
    tables: list[pa.Table] = []
    leave_pandas_out()

    with atomic_path(path) as temporary, parquet_writer(temporary, schema) as writer:

        def flush() -> None:
            # One row group: the file's own index grows with their number.
            writer.write_table(pa.concat_tables(tables).combine_chunks())
            tables.clear()

        def add(table: pa.Table) -> None:
            tables.append(table.cast(schema))
            if sum(table.nbytes for table in tables) >= _ROW_GROUP:
                flush()

        yield add
        if tables:
            flush()


def write_batches(
    path: Path,
    contract: Contract,
    batches: Iterable[pa.RecordBatch],
    *,
    config: Mapping[str, Any] | None = None,
    facts: Mapping[str, str] | None = None,
) -> None:
    """Write rows that are Arrow already, in the schema of the contract; else as `write_rows`."""
    with _row_groups(path, contract, config, facts) as add:
        for batch in batches:
            add(pa.Table.from_batches([batch]))


def merge_tables(
    parts: Iterable[Path],
    path: Path,
    contract: Contract,
    *,
    config: Mapping[str, Any] | None = None,
    facts: Mapping[str, str] | None = None,
) -> None:
    """Write the rows of several tables of one contract into one, in bounded memory.

    Arguments and errors as in `write_rows`, and those of `read_table` for each part.
    """
    with _row_groups(path, contract, config, facts) as add:
        for part in parts:
            add(read_table(part, contract))


def read_table(path: Path, contract: Contract, columns: Sequence[str] | None = None) -> pa.Table:
    """Read a table, or some of its columns, and validate it against its contract.

    Raises:
        UserError: The file is absent, is not Parquet, or has another schema.
    """
    require_file(path, _ABSENT)
    with open_table(path) as file:
        check_schema(path, file.schema_arrow, contract)
        table = file.read(columns=columns)
    _require_values(path, table, contract)
    return table


class RowsByKey(Mapping[str, Row]):
    """The rows of a table by one of its columns; a row is made of Arrow's when it is taken out.

    As Python's objects, all rows would take several times the memory.
    """

    def __init__(self, table: pa.Table, key: str) -> None:
        """Number the rows by a column of text, in which each value is once."""
        self._table = table.combine_chunks()
        self._places = {value: at for at, value in enumerate(table.column(key).to_pylist())}

    def __getitem__(self, value: str) -> Row:
        rows: list[Row] = self._table.slice(self._places[value], 1).to_pylist()
        return rows[0]

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


@contextmanager
def open_table(path: Path, **options: Any) -> Iterator[CheckedParquet]:
    """Open a Parquet file whose pages and rows are checked as they are read.

    Args:
        path: File to read.
        options: Of `pyarrow.parquet.ParquetFile`.

    Raises:
        UserError: The file is damaged or no Parquet file; also when a page is read in the block.
    """
    leave_pandas_out()
    try:
        with CheckedParquet(path, **options) as file:
            yield file
    except _DAMAGE as error:
        raise UserError(f"{path}: not a sound Parquet file ({error}); {_REMEDY}") from error


def parquet_writer(path: Path, schema: pa.Schema) -> pq.ParquetWriter:
    """Return a writer of a Parquet file whose pages carry checksums."""
    # By snappy, pages that a damaged footer calls uncompressed are not always noticed.
    return pq.ParquetWriter(path, schema, write_page_checksum=True, compression="zstd")


def read_facts(path: Path, contract: Contract) -> dict[str, str]:
    """Return the metadata of a table; errors as in `read_table`."""
    require_file(path, _ABSENT)
    with open_table(path) as file:
        return check_schema(path, file.schema_arrow, contract)


def model_of(path: Path, contract: Contract) -> str:
    """Return the model that a table is of, from its metadata.

    A table without is named after it: ``<model>.parquet``, or ``<model>.detections.parquet``.
    """
    name = path.name.removesuffix(".parquet").removesuffix(".detections")
    return read_facts(path, contract).get("model", name)


def paths_by_model(
    paths: Iterable[Path], contract: Contract, remedy: str = "name each model's results once"
) -> dict[str, Path]:
    """Return tables by the model that each is of, in the order given.

    Args:
        paths: The tables.
        contract: Their contract.
        remedy: What to do where two are of the same model.

    Raises:
        UserError: Two are of the same model.
    """
    found: dict[str, Path] = {}
    for path in paths:
        model = model_of(path, contract)
        if model in found:
            raise UserError(f"{path}: {model} is given twice; {remedy}")
        found[model] = path
    return found


def iter_rows(
    path: Path, contract: Contract, columns: Sequence[str] | None = None, batch_size: int = 256
) -> Iterator[Row]:
    """Yield the rows of a table, or some columns, in bounded memory; errors as in `read_table`."""
    for batch in iter_batches(path, contract, columns, batch_size):
        yield from batch.to_pylist()


def iter_batches(
    path: Path, contract: Contract, columns: Sequence[str] | None = None, batch_size: int = 2**16
) -> Iterator[pa.RecordBatch]:
    """Yield the rows as Arrow's, so many at most at a time; else as `iter_rows`."""
    require_file(path, _ABSENT)
    # Buffers that are read ahead are kept to the end.
    with open_table(path, pre_buffer=False) as file:
        check_schema(path, file.schema_arrow, contract)
        for batch in file.iter_batches(batch_size=batch_size, columns=columns):
            _require_values(path, batch, contract)
            yield batch


def _require_values(path: Path, found: pa.Table | pa.RecordBatch, contract: Contract) -> None:
    """Raise a `UserError` that names a column that has nulls, which the contract does not allow."""
    for field in contract.schema:
        is_read = not field.nullable and field.name in found.schema.names
        if is_read and (nulls := found.column(field.name).null_count):
            raise UserError(f"{path}: column {field.name!r} has {nulls} nulls; {_REMEDY}")


def check_schema(path: Path, found: pa.Schema, contract: Contract) -> dict[str, str]:
    """Return the metadata of a schema that is the contract's.

    Raises:
        UserError: It is not: names the expected version or column; or its metadata are damaged,
            or another file's.
    """
    told = {
        key.decode(errors="replace"): value.decode(errors="replace")
        for key, value in (found.metadata or {}).items()
    }
    expected = (contract.name, str(contract.version))
    named = (told.get("schema"), told.get("schema_version"))
    if named != expected:
        raise UserError(
            f"{path}: expected a table {expected[0]!r} of version {expected[1]}, "
            f"found {named[0]!r} of version {named[1]}; {_REMEDY}"
        )
    metadata = unsealed(path, told)
    if metadata is None:
        raise UserError(f"{path}: its metadata are damaged; {_REMEDY}")
    for field in contract.schema:
        position = found.get_field_index(field.name)
        if position < 0:
            raise UserError(f"{path}: column {field.name!r} is missing; {_REMEDY}")
        if found.field(position).type != field.type:
            raise UserError(
                f"{path}: column {field.name!r} should be {field.type}, "
                f"is {found.field(position).type}; {_REMEDY}"
            )
    return metadata


@cache
def leave_pandas_out() -> None:
    """Let pyarrow look for pandas in vain once: it imports it to see whether a row is a Series.

    That takes 0.4 s of every command that reads or writes a table. Where pandas is loaded already
    nothing changes, and `to_pandas` imports it later all the same.
    """
    with left_out("pandas"):
        pa.array([])


def _to_table(rows: Sequence[Mapping[str, Any]], contract: Contract) -> pa.Table:
    names = set(contract.schema.names)
    lists = [field.name for field in contract.schema if pa.types.is_list(field.type)]
    for row in rows:
        if row.keys() != names:
            wrong = sorted(names.symmetric_difference(row))
            raise ValueError(f"{contract.name}: columns {wrong} are missing or unknown in {row}")
        for name in lists:
            if isinstance(text := row[name], str):  # of which Arrow takes the letters
                record = ", ".join(str(row[key]) for key in contract.key)
                raise UserError(
                    f"{contract.name}: {record}: {name} is the text {text!r}, not a list; let what "
                    f"makes the row write [{text!r}]"
                )
    table = pa.Table.from_pylist(list(rows), schema=contract.schema)
    for field in contract.schema:
        if not field.nullable and table.column(field.name).null_count:
            raise ValueError(f"{contract.name}: null in column {field.name!r}")
    return table

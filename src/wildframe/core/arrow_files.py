"""Arrow files, mapped into memory or read as a stream; they have no checksums of their own."""

import json
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa

from wildframe.core.contracts import Contract
from wildframe.core.errors import UserError
from wildframe.core.files import atomic_path, require_file
from wildframe.core.tables import check_schema, leave_pandas_out, provenance

_MAGIC = 8
"""Bytes before the first message of a file."""


@contextmanager
def arrow_writer(
    path: Path, contract: Contract, config: Mapping[str, Any]
) -> Iterator[pa.ipc.RecordBatchFileWriter]:
    """Open a file and yield its writer; the file appears when the block ends.

    Args:
        path: The file.
        contract: Contract of the table.
        config: Choices that determine the content.
    """
    schema = contract.schema.with_metadata(provenance(path, contract, config, {}))
    leave_pandas_out()
    with (
        atomic_path(path) as temporary,
        pa.OSFile(str(temporary), "wb") as sink,
        pa.ipc.new_file(sink, schema) as writer,
    ):
        yield writer


def read_arrow(path: Path, contract: Contract, rule: str) -> pa.Table:
    """Return the table of an Arrow file, mapped into memory.

    Its index and its metadata are checked; a row's content is to be checked by whoever reads it,
    against a checksum in the row.

    Args:
        path: The file.
        contract: Contract of the table.
        rule: What makes it.

    Raises:
        UserError: The file is absent or damaged, or has another schema.
    """
    require_file(path, f"make it with the rule {rule}")
    with (
        _damage_named(path),
        pa.memory_map(str(path)) as source,
        pa.ipc.open_file(source) as reader,
    ):
        table = reader.read_all()
        table.validate(full=True)
        # The batches as they follow each other: damage of the index at the end may hide some.
        source.seek(_MAGIC)
        with pa.ipc.open_stream(source) as stream:
            if sum(batch.num_rows for batch in stream) != table.num_rows:
                raise ValueError("rows are missing")
    check_schema(path, table.schema, contract)
    return table


def iter_arrow(path: Path, contract: Contract, rule: str) -> Iterator[pa.RecordBatch]:
    """Yield the batches of an Arrow file as they follow each other, one in memory.

    Of a file that is mapped, all that was read counts as memory of the process. Arguments, checks
    and errors are those of `read_arrow`; batches before the damage have been yielded by then.
    """
    _, expected = read_index(path, contract, rule)
    with _damage_named(path), pa.OSFile(str(path)) as source:
        source.seek(_MAGIC)
        with pa.ipc.open_stream(source) as stream:
            check_schema(path, stream.schema, contract)
            for batch in stream:
                batch.validate(full=True)
                expected -= 1
                yield batch
        if expected:
            raise ValueError("rows are missing")


def read_index(path: Path, contract: Contract, rule: str) -> tuple[pa.Schema, int]:
    """Return the schema of an Arrow file and how many batches it says it has; none is read.

    Arguments and errors are those of `read_arrow`.
    """
    require_file(path, f"make it with the rule {rule}")
    with (
        _damage_named(path),
        pa.OSFile(str(path)) as source,
        pa.ipc.open_file(source) as reader,
    ):
        schema, count = reader.schema, int(reader.num_record_batches)
    check_schema(path, schema, contract)
    return schema, count


@contextmanager
def _damage_named(path: Path) -> Iterator[None]:
    try:
        yield
    except (pa.ArrowException, OSError, ValueError) as error:  # not UTF-8, for example
        raise damaged(path, str(error)) from error


def checksum(texts: Sequence[Any], content: Iterable[Any] = ()) -> int:
    """Return the CRC-32 of a row.

    Args:
        texts: Its values that JSON can hold.
        content: The others: bytes, or arrays of uint8.
    """
    found = zlib.crc32(json.dumps(texts).encode())
    for data in content:
        found = zlib.crc32(data, found)
    return found


def damaged(path: Path, why: str) -> UserError:
    """Return the error that names a damaged file, and what to do."""
    return UserError(f"{path}: not a sound Arrow file ({why}); delete it and rerun")

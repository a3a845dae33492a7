"""Damage of a Parquet file's own index is refused, or reads as before."""

from contextlib import suppress

import pyarrow as pa
import pytest

from wildframe.core.parquet import CheckedParquet
from wildframe.core.tables import parquet_writer


@pytest.mark.parametrize(
    "values",
    [
        pa.array([0, 0, 7, 7], pa.int64()),
        pa.array([True, False, False] * 4),
        pa.array([0.5, None, 0.25, 1.0], pa.float32()),
        pa.array(["a", "b", None, "d"]),
        pa.array([[1.0], [], [2.0, 3.0], [4.0]], pa.list_(pa.float32())),
    ],
    ids=lambda values: str(values.type),
)
def test_no_bit_of_a_footer_loses_rows_or_changes_values(values, tmp_path):
    path = tmp_path / "a.parquet"
    schema = pa.schema([pa.field("x", values.type, nullable=values.null_count > 0)])
    table = pa.table([values], schema)
    with parquet_writer(path, schema) as writer:
        writer.write_table(table)
    content = path.read_bytes()
    footer = len(content) - 8 - int.from_bytes(content[-8:-4], "little")
    end = content.index(b"ARROW:schema")  # what describes the columns once more
    readers = {
        "all": lambda file: file.read().to_pylist(),
        "group": lambda file: file.read_row_group(0).to_pylist(),
        "batches": lambda file: [row for batch in file.iter_batches() for row in batch.to_pylist()],
    }
    for bit in range(8 * footer, 8 * end):
        damaged = bytearray(content)
        damaged[bit // 8] ^= 1 << bit % 8
        for read in readers.values():
            with suppress(pa.ArrowException, OSError, UnicodeDecodeError):
                file = CheckedParquet(pa.BufferReader(damaged))
                # Another name or type is seen by those who ask for columns.
                if file.schema_arrow == schema:
                    assert read(file) == table.to_pylist()

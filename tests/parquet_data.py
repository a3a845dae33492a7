"""Damage of Parquet files, for tests of their readers."""

import pyarrow as pa
import pyarrow.parquet as pq


def lose_rows(path):
    """Flip the first bit of a file's footer by which its first row group is one of fewer rows."""
    content = path.read_bytes()
    told = pq.read_metadata(path)
    for bit in range(8 * (len(content) - 8 - told.serialized_size), 8 * len(content)):
        damaged = bytearray(content)
        damaged[bit // 8] ^= 1 << bit % 8
        try:
            found = pq.read_metadata(pa.BufferReader(damaged))
            lost = 0 <= found.row_group(0).num_rows < told.row_group(0).num_rows
        except (pa.ArrowException, OSError, UnicodeDecodeError):
            continue
        if lost and found.schema == told.schema and found.num_row_groups == told.num_row_groups:
            path.write_bytes(damaged)
            return
    raise AssertionError("no such bit")

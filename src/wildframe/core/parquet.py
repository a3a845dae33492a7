"""Parquet files of which no damage is read in silence, as far as checksums and counts tell."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq


class CheckedParquet(pq.ParquetFile):  # type: ignore[misc]
    """A Parquet file whose pages are checked as they are read, and its rows counted.

    Of some damaged footers pyarrow reads fewer rows, or none. Opening and reading raise a
    `pyarrow.ArrowInvalid` then.
    """

    def __init__(self, path: Path, **options: Any) -> None:
        super().__init__(path, page_checksum_verification=True, **options)
        _require_all(self._count(range(self.num_row_groups)), self.metadata.num_rows)

    def read(self, **options: Any) -> pa.Table:
        """Return the table."""
        table = super().read(**options)
        _require_all(table.num_rows, self.metadata.num_rows)
        return table

    def read_row_group(self, i: int, **options: Any) -> pa.Table:
        """Return the rows of a row group."""
        table = super().read_row_group(i, **options)
        _require_all(table.num_rows, self._count([i]))
        return table

    def iter_batches(
        self, batch_size: int = 2**16, row_groups: Iterable[int] | None = None, **options: Any
    ) -> Iterator[pa.RecordBatch]:
        """Yield the rows, of all row groups by default."""
        groups = [*range(self.num_row_groups)] if row_groups is None else [*row_groups]
        read = 0
        for batch in super().iter_batches(batch_size=batch_size, row_groups=groups, **options):
            read += batch.num_rows
            yield batch
        _require_all(read, self._count(groups))

    def _count(self, groups: Iterable[int]) -> int:
        return sum(self.metadata.row_group(group).num_rows for group in groups)


def _require_all(read: int, told: int) -> None:
    if read != told:
        raise pa.ArrowInvalid(f"it has {read} rows where its metadata tell of {told}")

"""Images in the rows of a Parquet file; memory holds those of a row group, which is one page."""

from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from pathlib import Path

import pyarrow as pa

from wildframe.core.parquet import CheckedParquet

_ROWS = 8
"""Rows in memory at a time: an image of 4K has some 10 MB."""

_OPTIONS = {
    "pre_buffer": False,
    "buffer_size": 2**20,  # bytes read at a time; without, a row group would be held twice
}


def iter_embedded(path: Path, numbers: Sequence[int]) -> Iterator[bytes | str]:
    """Yield the encoded image in each of some rows, or why there is none.

    Args:
        path: Parquet file with a column ``image``, a struct with ``bytes``, and maybe ``path``: a
            file below the folder of the Parquet file.
        numbers: Rows of the file, ascending.
    """
    at = 0
    try:
        with CheckedParquet(path, **_OPTIONS) as file:
            for number, image in _iter_rows(file, numbers):
                at += 1
                absent = f"there is no image in row {number}"
                yield _content(path, image) if image.is_valid else absent
    except (pa.ArrowException, OSError, KeyError, UnicodeDecodeError) as error:
        yield from [f"{path.name} is damaged ({error}); fetch it again"] * (len(numbers) - at)
        return
    yield from ["the file ends before it"] * (len(numbers) - at)


def _iter_rows(
    file: CheckedParquet, numbers: Sequence[int]
) -> Iterator[tuple[int, pa.StructScalar]]:
    """Yield those of the wanted rows that are there; only their row groups are read."""
    sizes = [file.metadata.row_group(group).num_rows for group in range(file.num_row_groups)]
    for group, (start, end) in enumerate(pairwise(accumulate(sizes, initial=0))):
        wanted = {number for number in numbers if start <= number < end}
        if not wanted:
            continue
        for batch in file.iter_batches(_ROWS, row_groups=[group], columns=["image"]):
            column = batch.column("image")
            for number in range(start, start + len(column)):
                if number in wanted:
                    yield number, column[number - start]
            start += len(column)


def _content(path: Path, image: pa.StructScalar) -> bytes | str:
    data, place = image.get("bytes"), image.get("path")
    if data is not None and isinstance(content := data.as_py(), bytes):
        return content
    try:
        name = None if place is None else place.as_py()
    except UnicodeDecodeError as error:
        return f"its path is not text in UTF-8 ({error})"
    if not isinstance(name, str):
        return "it has neither bytes nor a path"
    file = path.parent / name
    try:
        if not file.resolve().is_relative_to(path.parent.resolve()):
            return f"its path {name!r} is outside the folder of the Parquet file"
        return file.read_bytes()
    except FileNotFoundError:
        return f"there is no file {name} beside it"
    # A folder, too long, with a zero byte, a loop of links.
    except (OSError, ValueError, RuntimeError) as error:
        return f"its path {name[:80]!r} cannot be read ({error})"

"""CSV files that users write: their columns, and labels in them."""

import csv
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from wildframe.core.errors import UserError
from wildframe.core.files import require_file

_WNID = re.compile(r"n[0-9]{8}")
_INDEX = re.compile(r"([0-9]{1,6})(\.0)?")  # pandas writes integers beside gaps as decimals


def iter_records(
    path: Path, columns: Sequence[str], optional: Sequence[str] = (), *, others: bool = False
) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Yield the line of each row that is not blank, and the row, which has all columns.

    Args:
        path: The file.
        columns: Columns that it must have.
        optional: Columns that it may have.
        others: Whether it may have any others, which rows then have, too.

    Raises:
        UserError: The file is absent, or no CSV file of these columns; names the line.
    """
    header = ",".join(columns) + "".join(f"[,{name}]" for name in optional)
    require_file(path, f"write it with the columns {header}, or correct its path")
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            # Strict: a stray quote would hide all rows up to the next one.
            reader = csv.DictReader(file, strict=True)
            names = reader.fieldnames or []
            needed = set(columns)
            known = {*names} if others else needed | {*optional}
            if len(set(names)) < len(names) or not needed <= set(names) <= known:
                found = ",".join(names)
                raise UserError(
                    f"{path}: line 1: the columns are {found!r}, not {header}; write these, "
                    "separated by commas"
                )
            for row in reader:
                if None in row or None in row.values():
                    raise UserError(
                        f"{path}: line {reader.line_num}: {len(names)} fields are expected; "
                        "quote a field with a comma"
                    )
                stripped = {name: value.strip() for name, value in row.items()}
                if any(stripped.values()):
                    yield reader.line_num, stripped
    except (UnicodeDecodeError, csv.Error) as error:
        raise UserError(
            f"{path}: not a CSV file in UTF-8 after line {reader.line_num} ({error}); correct it, "
            "or save it as one"
        ) from error


def class_index(text: str) -> int | None:
    """Return the index of a class, counted from 0, from its text; None if it is no such number."""
    match = _INDEX.fullmatch(text)
    return int(match[1]) if match else None


def is_wnid(text: str) -> bool:
    """Tell whether a text is written as a WordNet id."""
    return _WNID.fullmatch(text) is not None


def require_wnid(where: str, label: str) -> None:
    """Raise a `UserError` if a label is not written as a WordNet id."""
    if not is_wnid(label):
        raise UserError(
            f"{where}: {label!r} is not a wnid, n and eight digits as in n02084071; "
            f"{classes_command()} lists those of ImageNet-1K"
        )


def classes_command(label_space: str | None = None) -> str:
    """Return the command that lists ids and names of classes, in the quotes of messages.

    Args:
        label_space: Those of ImageNet-1K without one, and in place of its superset ImageNet-21K.
    """
    space = "in1k" if label_space in (None, "in21k", "in22k") else str(label_space)
    return f"`wildframe labels hypernyms --label-space {shlex.quote(space)} --format csv`"

"""Ids of a source's images, videos or clips: predictions are told apart by them."""

from pathlib import Path

import pyarrow.compute as pc

from wildframe.core.contracts import Contract
from wildframe.core.errors import UserError
from wildframe.core.tables import read_table


def require_own_ids(path: Path, contract: Contract, key: str, named_by: str) -> None:
    """Raise a `UserError` that names two usable records of a source that have one id.

    Args:
        path: Table of a source.
        contract: Its contract, which has a ``problem``.
        key: Column of the ids.
        named_by: Column by which records are told.
    """
    # As columns: as Python's objects, the ids of a million images fill the memory.
    table = read_table(path, contract, [key, named_by, "problem"])
    usable = table.filter(pc.is_null(table.column("problem")))
    ids, counts = usable.column(key).drop_null().value_counts().flatten()
    again = ids.filter(pc.greater(counts, 1))
    if len(again):
        of_first = usable.filter(pc.equal(usable.column(key), again[0]))
        first, second, *_ = of_first.column(named_by).to_pylist()
        raise UserError(
            f"{path}: {first} and {second} both have the {key} {again[0].as_py()!r}; let the "
            "source's adapter make ids that differ, as sources.folders.image_ids does"
        )

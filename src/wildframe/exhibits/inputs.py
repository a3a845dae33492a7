"""What exhibits of every study are made of, as annotated types: see `registry`."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

from wildframe.core.contracts import Contract
from wildframe.core.tables import Row, read_table
from wildframe.exhibits.registry import Context, File, Setting
from wildframe.labels import read_class_names
from wildframe.models import ZooEntry, zoo_entry


def rows_of(contract: Contract) -> Callable[[Path], list[Row]]:
    """Return what reads the rows of a table; errors as in `wildframe.core.tables.read_table`."""

    def read(path: Path) -> list[Row]:
        rows: list[Row] = read_table(path, contract).to_pylist()
        return rows

    return read


def models(names: Callable[[Context], Sequence[str]]) -> Setting:
    """Return the setting of models by name, in the order of rows."""
    return Setting(lambda run: [*names(run)], list[str])


def entries(names: Callable[[Context], Sequence[str]]) -> Setting:
    """Return the setting of models with what the zoo says of them, in the order of rows."""
    return Setting(
        lambda run: [*names(run)],
        list[str],
        parse=lambda told: [zoo_entry(name) for name in told],
        # The zoo is a file of the package, not of the run.
        watch=lambda run: [str(run.models[name]) for name in names(run)],
    )


def flag(of: Callable[[Context], bool]) -> Setting:
    """Return a setting that is true or false."""
    return Setting(of, bool)


ClassNames = Annotated[Mapping[str, str], File("labels_classes", read_class_names)]
"""Class name of each wnid of ImageNet-1K."""

Entries = Sequence[ZooEntry]

Where = Callable[[Context], dict[str, Any]]
"""Finds the wildcards of a file."""

"""Inputs that exhibits of any study may take, as annotated types: see `registry`."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import TypeAdapter

from wildframe.core.contracts import Contract
from wildframe.core.errors import UserError
from wildframe.core.tables import Row, read_facts, read_table
from wildframe.exhibits.registry import Context, File, Setting
from wildframe.frames import read_images, shard_names
from wildframe.labels import read_class_names
from wildframe.models import ZooEntry, zoo_entry


def rows_of(contract: Contract) -> Callable[[Path], list[Row]]:
    """Return a reader of the rows of a table; errors as in `wildframe.core.tables.read_table`."""

    def read(path: Path) -> list[Row]:
        rows: list[Row] = read_table(path, contract).to_pylist()
        return rows

    return read


def models(names: Callable[[Context], Sequence[str]]) -> Setting:
    """Return the setting of models by name, in the order of rows."""
    return Setting(lambda run: [*names(run)], list[str])


@dataclass(frozen=True)
class ExternalModel:
    """A model of which only predictions are given."""

    external: str
    """Its name."""

    @property
    def name(self) -> str:
        """Its name."""
        return self.external


Entry = ZooEntry | ExternalModel
"""A model as a row of a table."""


def entries(names: Callable[[Context], Sequence[str]]) -> Setting:
    """Return the setting of models as entries of the zoo or external, in the order of rows."""

    def told(run: Context) -> list[str | dict[str, str]]:
        external = run.study.external_models
        return [{"external": name} if name in external else name for name in names(run)]

    return Setting(
        told,
        list[str | ExternalModel],
        parse=lambda chosen: [zoo_entry(one) if isinstance(one, str) else one for one in chosen],
        # The zoo is a file of the package, not of the run.
        watch=lambda run: [str(run.models.get(name)) for name in names(run)],
    )


def flag(of: Callable[[Context], bool]) -> Setting:
    """Return a setting that is true or false."""
    return Setting(of, bool)


def choice(of: Callable[[Context], str], among: Any) -> Setting:
    """Return a setting that is one of a few words, which a ``Literal`` lists."""
    return Setting(of, parse=TypeAdapter(among).validate_python)


ClassNames = Annotated[Mapping[str, str], File("labels_classes", read_class_names)]
"""Class name of each wnid of ImageNet-1K."""

Where = Callable[[Context], dict[str, Any]]
"""Returns the wildcards of a file."""


@dataclass(frozen=True)
class TableFile:
    """A table with its metadata, and the file that messages name."""

    path: Path
    rows: Sequence[Row]
    facts: Mapping[str, str]


def table_of(contract: Contract) -> Callable[[Path], TableFile]:
    """Return a reader of a table and its metadata; errors as in `wildframe.core.tables`."""

    def read(path: Path) -> TableFile:
        return TableFile(path, rows_of(contract)(path), read_facts(path, contract))

    return read


@dataclass(frozen=True)
class Frames:
    """The shards of a dataset's frames, of which only the images that are drawn are read."""

    shards: Sequence[Path]

    def images(self, wanted: Collection[str]) -> dict[str, bytes]:
        """Return encoded images by ``image_id``.

        Raises:
            UserError: One is in no shard, or could not be read.
        """
        found = read_images(self.shards, set(wanted))
        images = {name: data for name in wanted if (data := found.get(name)) is not None}
        if missing := sorted(set(wanted) - images.keys()):
            raise UserError(
                f"image {missing[0]} cannot be shown: it is in none of the shards, or was not "
                "readable; name all shards of the dataset: <results>/frames/<dataset>/*.parquet"
            )
        return images


def frames(dataset: Callable[[Context], str]) -> File:
    """Return the frames of a dataset, all shards."""

    def where(run: Context) -> dict[str, Any]:
        return {"dataset": dataset(run), "shard": shard_names(run.config.frames.shards)}

    return File("frames_extract", Frames, where, many=True)

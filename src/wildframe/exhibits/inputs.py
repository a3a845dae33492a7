"""Inputs that exhibits of any study may take, as annotated types: see `registry`."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Self, TypeVar

from pydantic import TypeAdapter

from wildframe.core.contracts import Contract
from wildframe.core.errors import UserError
from wildframe.core.schemas import MANIFEST
from wildframe.core.tables import Row, read_facts, read_table
from wildframe.exhibits.registry import Context, File, Setting
from wildframe.frames import iter_images, shard_names
from wildframe.labels import read_class_names
from wildframe.models import Told, ZooEntry, entry_told

T = TypeVar("T")


def rows_of(contract: Contract) -> Callable[[Path], list[Row]]:
    """Return a reader of the rows of a table; errors as in `wildframe.core.tables.read_table`."""

    def read(path: Path) -> list[Row]:
        rows: list[Row] = read_table(path, contract).to_pylist()
        return rows

    return read


def each(read: Callable[[Path], T]) -> Callable[[Sequence[Path]], list[T]]:
    """Return a reader of several files, by that of one."""
    return lambda paths: [*map(read, paths)]


def models(names: Callable[[Context], Sequence[str]]) -> Setting:
    """Return the setting of models by name, in the order of rows."""
    return Setting(lambda run: [*names(run)], list[str])


def predicted_models(dataset: Callable[[Context], str]) -> Callable[[Context], list[str]]:
    """Return the models that a study evaluates on a dataset under the view of an exhibit."""

    def models(run: Context) -> list[str]:
        study = run.study
        given = {
            one.model
            for one in study.external_predictions
            if (one.dataset, one.view) == (dataset(run), run.view)
        }
        return [
            model
            for model in study.models_of(dataset(run))
            if model not in study.external_models or model in given
        ]

    return models


@dataclass(frozen=True)
class ExternalModel:
    """A model of which only predictions are given."""

    external: str
    """Its name: under this key it is told apart from other models."""

    @property
    def name(self) -> str:
        """Its name."""
        return self.external


Entry = ZooEntry | ExternalModel
"""A model as a row of a table."""


def entries(names: Callable[[Context], Sequence[str]]) -> Setting:
    """Return the setting of models as entries or external, in the order of rows."""

    def told(run: Context) -> list[dict[str, str] | Told]:
        external = run.study.external_models
        return [
            {"external": name} if name in external else run.models[name].told()
            for name in names(run)
        ]

    return Setting(
        told,
        list[ExternalModel | Told],
        parse=lambda chosen: [
            one if isinstance(one, ExternalModel) else entry_told(one) for one in chosen
        ],
        # The zoo is a file of the package, not of the run.
        watch=lambda run: [str(run.models.get(name)) for name in names(run)],
    )


def choice(of: Callable[[Context], str], among: Any) -> Setting:
    """Return a setting that is one of a few words, which a ``Literal`` lists."""
    return Setting(of, parse=TypeAdapter(among).validate_python)


Seed = Annotated[int, Setting(lambda run: run.config.scores.seed, int)]
"""Seed of tests, and of what is drawn."""

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


def read_frame_rate(manifest: Path) -> float | None:
    """Return how many frames a second the videos of a dataset have; None if they differ."""
    rate = read_facts(manifest, MANIFEST).get("frame_rate")
    return float(rate) if rate else None


@dataclass(frozen=True)
class EncodedImages:
    """The images of a dataset, of which only those that are drawn are read."""

    statuses: Path
    shards: Sequence[Path]
    """All of the source."""

    @classmethod
    def of(cls, paths: Sequence[Path]) -> Self:
        """Return the images of statuses, which come first, and shards."""
        return cls(paths[0], paths[1:])

    def images(self, wanted: Collection[str]) -> dict[str, bytes]:
        """Return encoded images by ``image_id``.

        Raises:
            UserError: One is in no shard, or could not be read.
        """
        images = iter_images(self.shards, self.statuses, set(wanted))
        found = {row["image_id"]: image for row, image in images}
        if missing := sorted(set(wanted) - found.keys()):
            raise UserError(
                f"image {missing[0]} cannot be shown: it could not be read; "
                f"`wildframe frames show {self.statuses}` says why"
            )
        return {name: found[name] for name in wanted}


def frames(dataset: Callable[[Context], str]) -> File:
    """Return the images of a dataset: its statuses, and all shards of its source."""

    def shards(run: Context) -> dict[str, Any]:
        source = run.config.datasets[dataset(run)].source
        return {"source": source, "shard": shard_names(run.config.frames.shards)}

    return File(
        "frames_collect.statuses",
        EncodedImages.of,
        lambda run: {"dataset": dataset(run)},
        many=True,
        ancient=("frames_extract", shards),
    )

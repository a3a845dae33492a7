"""What a study names, which must be in the configuration."""

from collections.abc import Collection, Iterator
from typing import Any

from wildframe.core.names import did_you_mean
from wildframe.core.study import RunConfig, Study


def require_datasets(study: Study, config: RunConfig) -> None:
    """Raise a `ValueError` that names a setting whose dataset does not exist, or is of clips."""
    trainings = study.named_trainings().values()
    for name in [*study.used_datasets(), *(training.dataset for training in trainings)]:
        settings = study.model_dump(exclude={"views", "external_predictions"})
        setting = next(_places(name, settings), "used_datasets")
        if name not in config.datasets:
            meant = did_you_mean(name, config.datasets)
            raise ValueError(f"{setting}: {name!r} is not in datasets{meant}")
        if config.datasets[name].kind == "clips":
            raise ValueError(f"{setting}: {name!r} is of kind clips; name a dataset of images")


def require_views(study: Study, config: RunConfig, exhibits: Collection[str]) -> None:
    """Raise a `ValueError` for a view that does not exist, does not fit, or has a taken name."""
    named = [("views", name) for name in study.views]
    named += [("external_predictions", one.view) for one in study.external_predictions]
    for setting, name in named:
        if name in exhibits:
            raise ValueError(
                f"{setting}: {name!r} is the name of an exhibit, whose place the folder of the "
                "view would take; give the view another name"
            )
        if name not in config.views:
            meant = did_you_mean(name, config.views)
            raise ValueError(f"{setting}: {name!r} is not in views{meant}")
    for training in study.named_trainings().values():
        if config.views[training.view].streams:
            raise ValueError(
                f"views: models cannot be trained with {training.view!r}, whose crops are not "
                "kept; name another view first"
            )


def _places(name: str, settings: Any, place: str = "") -> Iterator[str]:
    """Yield the settings that name something; those of a list have its name."""
    if settings == name:
        yield place
    elif isinstance(settings, dict):
        for key, value in settings.items():
            yield from _places(name, value, f"{place}.{key}" if place else key)
    elif isinstance(settings, list):
        for value in settings:
            yield from _places(name, value, place)

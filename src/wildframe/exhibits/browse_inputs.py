"""Inputs of pages to browse, of any study: see `registry`."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from wildframe.core.contracts import Contract
from wildframe.core.pages import page_sha256
from wildframe.exhibits.registry import Context, Setting
from wildframe.frames.preprocessing import Preprocessing
from wildframe.scores import model_of


def preprocessings_of(models: Callable[[Context], Sequence[str]]) -> Setting:
    """Return the setting of the preprocessing of each model by name; None of others."""

    def names(run: Context) -> dict[str, str | None]:
        return {
            model: str(run.models[model].preprocessing) if model in run.models else None
            for model in models(run)
        }

    return Setting(
        names,
        dict[str, str | None],
        _parse_preprocessings,
        watch=lambda run: page_sha256("browse"),
    )


def _parse_preprocessings(names: Mapping[str, str | None]) -> dict[str, Preprocessing | None]:
    return {model: Preprocessing.parse(name) if name else None for model, name in names.items()}


def by_model(contract: Contract) -> Callable[[Sequence[Path]], dict[str, Path]]:
    """Return a reader of the names of tables, by the model that each is of."""

    def read(paths: Sequence[Path]) -> dict[str, Path]:
        return {model_of(path, contract): path for path in paths}

    return read


def predicted_models(run: Context, dataset: str) -> list[str]:
    """Return the models that a study evaluates on a dataset under the view of an exhibit."""
    study = run.study
    given = {
        one.model
        for one in study.external_predictions
        if (one.dataset, one.view) == (dataset, run.view)
    }
    return [
        model
        for model in study.models_of(dataset)
        if model not in study.external_models or model in given
    ]

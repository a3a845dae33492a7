"""Pages to browse as exhibits of any study: their inputs, and what these make."""

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from pathlib import Path

from wildframe.core.contracts import Contract
from wildframe.core.pages import page_sha256
from wildframe.core.schemas import IMAGE_RESULTS
from wildframe.exhibits.browse import EvaluatedModel, write_browser
from wildframe.exhibits.inputs import EncodedImages
from wildframe.exhibits.page import Page
from wildframe.exhibits.registry import Context, File, Setting
from wildframe.frames.preprocessing import Preprocessing
from wildframe.frames.views import View
from wildframe.scores import paths_by_model


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
    return partial(paths_by_model, contract=contract)


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


def results_on(dataset: Callable[[Context], str]) -> File:
    """Return the input of the results of these models, by name."""

    def where(run: Context) -> dict[str, object]:
        models = predicted_models(run, dataset(run))
        return {"dataset": dataset(run), "view": run.view, "evaluated": models}

    return File("scores_image_results", by_model(IMAGE_RESULTS), where, many=True)


def preprocessings_on(dataset: Callable[[Context], str]) -> Setting:
    """Return the setting of the preprocessing of these models."""
    return preprocessings_of(lambda run: predicted_models(run, dataset(run)))


def browse_page(
    title: str,
    data_note: str,
    images: EncodedImages,
    manifest: Path,
    results: Mapping[str, Path],
    preprocessings: Mapping[str, Preprocessing | None],
    class_names: Mapping[str, str],
    view: View,
    *,
    gradcams: Mapping[str, Path] | None = None,
    attributions: Path | None = None,
    only: Collection[str] | None = None,
) -> Page:
    """Return the page of the models that have a preprocessing; arguments as of `write_browser`."""
    maps = gradcams or {}
    models = [
        EvaluatedModel(model, results[model], preprocessing, maps.get(model), attributions)
        for model, preprocessing in preprocessings.items()
    ]
    return Page(
        partial(
            write_browser,
            title=title,
            data_note=data_note,
            manifest=manifest,
            frames=images.shards,
            statuses=images.statuses,
            models=models,
            class_names=class_names,
            view=view,
            only=only,
        )
    )

"""Pages to browse as exhibits of any study: their inputs, and what these make."""

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from pathlib import Path

from wildframe.core.code import code_hash
from wildframe.core.contracts import Contract
from wildframe.core.errors import UserError
from wildframe.core.pages import page_sha256
from wildframe.core.schemas import IMAGE_RESULTS
from wildframe.core.tables import paths_by_model
from wildframe.exhibits.browse import EvaluatedModel, write_browser
from wildframe.exhibits.inputs import EncodedImages, frames
from wildframe.exhibits.page import Page
from wildframe.exhibits.registry import Context, File, Setting, Several
from wildframe.frames.preprocessing import Preprocessing
from wildframe.frames.views import View, parse_view

VIEW = Setting(
    lambda run: run.config.views[run.view].model_dump_json(),
    parse=parse_view,
    # Which class a kind is, is looked up at run time.
    watch=lambda run: code_hash(run.config.views[run.view].code),
)
"""How images were shown to the models."""


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


def page_of(
    dataset: Callable[[Context], str], models: Callable[[Context], Sequence[str]]
) -> Several:
    """Return `browse_page` of models on a dataset; what is left to say are its other arguments."""

    def of_dataset(run: Context) -> dict[str, object]:
        return {"dataset": dataset(run)}

    def of_results(run: Context) -> dict[str, object]:
        return {**of_dataset(run), "view": run.view, "evaluated": [*models(run)]}

    return Several(
        partial(partial, browse_page),
        {
            "images": frames(dataset),
            "manifest": File("manifests_build.manifest", Path, of_dataset),
            "results": File("scores_image_results", by_model(IMAGE_RESULTS), of_results, many=True),
            "preprocessings": preprocessings_of(models),
            "view": VIEW,
        },
    )


def browse_page(
    images: EncodedImages,
    manifest: Path,
    results: Mapping[str, Path],
    preprocessings: Mapping[str, Preprocessing | None],
    view: View,
    *,
    title: str,
    data_note: str,
    class_names: Mapping[str, str],
    gradcams: Mapping[str, Path] | None = None,
    attributions: Path | None = None,
    only: Collection[str] | None = None,
) -> Page:
    """Return the page of the models that have a preprocessing; arguments as of `write_browser`.

    Raises:
        UserError: Maps or a preprocessing are of a model without results.
    """
    maps = gradcams or {}
    for model, path in maps.items():
        if model not in results:
            raise UserError(f"{path}: no results of {model} are given; name them, too")
    if missing := [model for model in preprocessings if model not in results]:
        raise UserError(f"preprocessings: no results of {missing[0]} are given; name them, too")
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

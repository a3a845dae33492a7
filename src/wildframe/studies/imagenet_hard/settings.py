"""Settings of the study: ``studies.imagenet_hard`` in the config."""

from collections.abc import Sequence
from itertools import chain
from typing import Annotated, ClassVar

from pydantic import Field

from wildframe.core.choices import RealEmpty
from wildframe.core.strict import Models, Name, OptionalModels, Strict
from wildframe.core.study import RunConfig, Study
from wildframe.core.targets import is_own
from wildframe.frames.views.base import View
from wildframe.frames.views.zoom import ONE_CROP_SIZE, Zoom
from wildframe.manifests.settings import ImagesDataset

Column = Annotated[str, Field(min_length=1, max_length=40)]


class WithReal(Strict):
    """A test set whose labels count beside those of a second annotation of the same images."""

    dataset: Name = Field(description="Dataset of zoomed whose own labels count")
    real: Name = Field(
        description="Dataset of the same images with the labels of ImageNet-ReaL, which count, too"
    )
    real_empty: RealEmpty = Field(
        "in",
        description="Images that ReaL has no label of: in, they keep their own labels, as in the "
        "paper; drop, they are left out",
    )


class ImageNetHardStudy(Study):
    """ImageNet-Hard: what zoom can do for classifiers, and the images that remain."""

    title: ClassVar[str] = (
        "ImageNet-Hard: The Hardest Images Remaining from a Study of the Power of Zoom and Spatial "
        "Biases in Image Classification"
    )

    benchmark: Name = Field(description="Dataset of the report: ImageNet-Hard, or one of your own")
    zoom: Name | None = Field(
        None, description="View of kind zoom, of everything about crops; null leaves it out"
    )
    zoomed: dict[Column, Name] = Field(
        default_factory=dict,
        description="Table 1 and figures about crops: datasets by the name of their column",
    )
    with_real: dict[Column, WithReal] = Field(
        default_factory=dict,
        description="Table 1: further columns of datasets of zoomed, in which the labels of "
        "ImageNet-ReaL count, too",
    )
    zoomed_models: OptionalModels = Field(
        default_factory=list, description="Models of these exhibits, in the order of their rows"
    )
    adaptations: dict[Column, Name] = Field(
        default_factory=dict,
        description="Table 2: views with test-time adaptation (adapt) by the name of their rows",
    )
    adapted: dict[Column, Name] = Field(
        default_factory=dict, description="Table 2: datasets by the name of their column"
    )
    adapted_models: OptionalModels = Field(
        default_factory=list, description="Table 2: models that are adapted"
    )
    models: Models = Field(description="Models of the report, in the order of its rows")

    def used_datasets(self) -> list[str]:
        """Return every dataset of the study."""
        return list(dict.fromkeys(chain(*self._datasets_by_setting().values())))

    def named_models(self) -> dict[str, list[str]]:
        """Return the models that each setting names."""
        return {
            "models": self.models,
            "zoomed_models": self.zoomed_models,
            "adapted_models": self.adapted_models,
        }

    def models_of(self, dataset: str) -> list[str]:
        """Return the models of the report; those of Table 2 are evaluated one by one."""
        return self.models if dataset == self.benchmark else []

    def shown_of(self, dataset: str) -> list[tuple[str, Sequence[str]]]:
        """Those of Table 2, too."""
        views = [self.views[0], *self.adaptations.values()]
        is_adapted = dataset in self.adapted.values()
        of_table2 = [(view, self.adapted_models) for view in views if is_adapted]
        return [*super().shown_of(dataset), *of_table2]

    def zoomed_models_of(self, dataset: str) -> list[str]:
        """Return the models that are scored on crops of a dataset."""
        return self.zoomed_models if dataset in self.zoomed.values() else []

    def crops_of(self, dataset: str) -> tuple[str, list[str]] | None:
        """Return the zoom view of Table 1 and its models, of its datasets."""
        models = self.zoomed_models_of(dataset)
        return (self.zoom, models) if self.zoom and models else None

    def models_adapted(self, config: RunConfig) -> dict[str, Sequence[str]]:
        """Those of Table 2, too."""
        return {**super().models_adapted(config), "adapted_models": self.adapted_models}

    def label_spaces(self, setting: str) -> frozenset[str] | None:
        """The classes of the benchmark are those of ImageNet-1K."""
        return frozenset({"in1k"})

    def predictions_needed(self, setting: str) -> list[tuple[str, str]] | None:
        """External models stand in the report; on crops and with adaptation, models are run."""
        return [(self.benchmark, view) for view in self.views] if setting == "models" else None

    def require(self, config: RunConfig) -> None:
        """Refuse datasets and views that do not fit the study's exhibits.

        Raises:
            ValueError: Names the setting.
        """
        for setting, names in self._datasets_by_setting().items():
            for name in names:
                space = config.datasets[name].label_space
                if space != "in1k" and not is_own(space):
                    raise ValueError(
                        f"{setting}: the label space of {name!r} is neither in1k nor a CSV file"
                    )
        for column, one in self.with_real.items():
            if one.dataset not in self.zoomed.values() or column in self.zoomed:
                raise ValueError(
                    f"with_real: {column!r} is to be a further column of a dataset of zoomed"
                )
        if self.zoom:
            shown = _view(config, "zoom", self.zoom)
            if not isinstance(shown, Zoom):
                raise ValueError(f"zoom: {self.zoom!r} is not a view of kind zoom")
            if ONE_CROP_SIZE not in shown.sizes:
                raise ValueError(
                    f"zoom: the grid of {self.zoom!r} lacks size {ONE_CROP_SIZE}, whose middle "
                    "crop all others are compared with; add it to the list"
                )
        plain = _view(config, "views", self.views[0])
        for name in self.adaptations.values():
            view = _view(config, "adaptations", name)
            if not view.adapt:
                raise ValueError(f"adaptations: the view {name!r} has no adapt")
            if view.model_copy(update={"adapt": None}) != plain:
                raise ValueError(
                    f"adaptations: the view {name!r} is compared with {self.views[0]!r}, the first "
                    "of views, and must be the same but for adapt"
                )
        _require_all("Table 1", self, ("zoom", "zoomed", "zoomed_models"))
        _require_all("Table 2", self, ("adaptations", "adapted", "adapted_models"))

    def _datasets_by_setting(self) -> dict[str, list[str]]:
        return {
            "benchmark": [self.benchmark],
            "zoomed": [*self.zoomed.values()],
            "with_real": [one.real for one in self.with_real.values()],
            "adapted": [*self.adapted.values()],
        }

    def is_papers(self, config: RunConfig, dataset: str, view: str = "full") -> bool:
        """Tell whether the paper's numbers compare: data, classes, and the grid of a zoom view.

        The benchmark is predicted among all classes, other test sets among their labels.
        """
        source, chosen, shown = (
            config.source_of(dataset),
            config.datasets[dataset],
            config.views[view],
        )
        has_its_grid = not isinstance(shown, Zoom) or shown.sizes == Zoom().sizes
        return bool(
            source.compare_with_paper
            and isinstance(chosen, ImagesDataset)
            and (chosen.predictable == "all") == (dataset == self.benchmark)
            and shown.kind in ("full", "zoom")
            and has_its_grid
        )


def _view(config: RunConfig, setting: str, name: str) -> View:
    if name not in config.views:
        raise ValueError(f"{setting}: {name!r} is not in views")
    view: View = config.views[name]
    return view


def _require_all(exhibit: str, study: ImageNetHardStudy, settings: Sequence[str]) -> None:
    given = {name: bool(getattr(study, name)) for name in settings}
    if len(set(given.values())) > 1:
        missing = next(name for name, there in given.items() if not there)
        raise ValueError(f"{missing}: {exhibit} needs it, too, or none of {', '.join(settings)}")

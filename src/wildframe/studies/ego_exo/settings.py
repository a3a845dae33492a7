"""Settings of the study: ``studies.ego_exo`` in the config."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import chain, combinations
from typing import ClassVar

from wildframe.core.study import ClipTraining, Failures, RunConfig
from wildframe.models.clips.networks import NETWORKS, network_entry
from wildframe.models.clips.recipe import WEIGHTS
from wildframe.sources.clip_lists import PublishedClips
from wildframe.studies.ego_exo.fields import EgoExoFields, Views
from wildframe.studies.ego_exo.methods import MAPS, METHODS, FineTuning, Part
from wildframe.studies.ego_exo.trainings import (
    classifier_name,
    clip_trainings,
    comparisons,
    ensembles,
    finetunings,
)

PAPERS_EPOCHS = 200
"""Of pre-training; fewer are another experiment."""

PAPERS_FINETUNING: Mapping[Part, int] = {"multi_label": 60, "verb_noun": 30, "verb_noun_100": 30}
"""Epochs of fine-tuning."""

RELEASED_AUXILIARY: Mapping[Part, float] = {"multi_label": 0.1, "verb_noun": 3, "verb_noun_100": 3}
"""Weights of both interaction maps in fine-tuning, of the released form of their loss."""

PAPERS_NETWORKS: Mapping[str, str] = {
    "R50": "slowfast_r50",
    "R101": "slowfast_r101",
    "I3D": "i3d_r50",
    "TSM": "tsm_r50",
}
"""Networks by the paper's names."""


class EgoExoStudy(EgoExoFields):
    """Ego-Exo: egocentric signals distilled into third-person pre-training."""

    title: ClassVar[str] = (
        "Ego-Exo: Transferring Visual Representations from Third-person to First-person Videos"
    )

    def used_datasets(self) -> list[str]:
        """Return the dataset of images whose failures are predicted."""
        return [self.failure_predictors.images] if self.failure_predictors else []

    def models_of(self, dataset: str) -> list[str]:
        """Models of images are teachers here and evaluated by other studies."""
        return []

    def named_models(self) -> dict[str, list[str]]:
        """Return the models of images: the teacher of objects, and that which a row starts from."""
        settings = ("object_teacher", "object_initial")
        return {name: [*filter(None, [getattr(self, name)])] for name in settings}

    def predictions_needed(self, setting: str) -> None:
        """Teachers are run, so that external models cannot be named."""

    @cached_property
    def finetunings(self) -> Mapping[FineTuning, str]:
        """Names of the trainings that are evaluated, by what they are."""
        return finetunings(self)

    def clip_trainings(self) -> dict[str, ClipTraining]:
        """Return the trainings by name, those that others start from or learn from first."""
        return self._trainings

    @cached_property
    def _trainings(self) -> dict[str, ClipTraining]:
        return clip_trainings(self)

    def clip_teachers(self) -> list[tuple[str, str, str]]:
        """Return the teachers whose pseudo-labels are wanted, those that are only shown, too."""
        predicting = self.failure_predictors
        shown = [self.third_person, *([predicting.clips] if predicting else [])]
        teachers = self._teachers().items()
        named = [(dataset, *teacher) for dataset in shown for teacher in teachers]
        return list(dict.fromkeys([*super().clip_teachers(), *named]))

    def failures_of(self, dataset: str) -> Failures | None:
        """Return what failures on the dataset of images are regressed on."""
        predicting = self.failure_predictors
        if not predicting or dataset != predicting.images:
            return None
        return Failures(tuple(predicting.models), predicting.clips, self._teachers())

    def _teachers(self) -> dict[str, str]:
        """Return the teachers that the settings name, of any dataset."""
        named = {
            "ego": classifier_name(self) if self.viewpoints else None,
            "object": self.object_teacher,
            "interaction": "",
        }
        return {kind: name for kind, name in named.items() if name is not None}

    def clip_comparisons(self) -> list[tuple[str, str]]:
        """Return the pairs of trainings that are compared."""
        return comparisons(self)

    def clip_ensembles(self) -> dict[str, list[str]]:
        """Return the ensembles of Tables S1 and S2."""
        return ensembles(self)

    def require(self, config: RunConfig) -> None:
        """Refuse datasets that do not fit, and methods that lack what they learn from.

        Raises:
            ValueError: Names the setting.
        """
        for setting, name in self._named_datasets():
            if name not in config.datasets:
                raise ValueError(f"{setting}: {name!r} is not in datasets")
            if config.datasets[name].kind != "clips":
                raise ValueError(f"{setting}: {name!r} is not of kind clips")
        for data, schedule in (("viewpoints", "ego_classifier"), ("pairs", "embedding")):
            if bool(getattr(self, data)) != bool(getattr(self, schedule)):
                missing = schedule if getattr(self, data) else data
                raise ValueError(f"{missing}: it is missing; {data} and {schedule} belong together")
        for setting, network in self._named_networks():
            if network not in NETWORKS:
                raise ValueError(
                    f"{setting}: {network!r} is no network of clips; choose from "
                    f"{', '.join(NETWORKS)}"
                )
        self._require_parts_apart()
        if self.failure_predictors:
            self._require_predictors()
        for method in self.methods:
            for setting, value in self._needs(method, config):
                if not value:
                    raise ValueError(
                        f"methods: {method} needs {setting}; set it, or leave {method} out"
                    )
        for part in dict.fromkeys(one.part for one in self.finetunings if one.auxiliary):
            dataset = self.parts()[part].dataset
            if not config.datasets[dataset].interactions:
                raise ValueError(
                    f"{part}.auxiliary_weight: it needs datasets.{dataset}.interactions; set that, "
                    "or auxiliary_weight to null"
                )
        for setting, paired in (("viewpoints", self.viewpoints), ("pairs", self.pairs)):
            if paired and (only := config.datasets[paired].viewpoint):
                raise ValueError(
                    f"{setting}: {paired!r} has clips of viewpoint {only} only; name a dataset of "
                    "both viewpoints"
                )
        self._require_shown(config)

    def _require_shown(self, config: RunConfig) -> None:
        """Refuse datasets that lack a part, or keep other frames, of what networks are shown."""
        teachers = self.clip_teachers()
        settings = {name: setting for setting, name in reversed(self._named_datasets())}
        for name, training in self.clip_trainings().items():
            parts = [("train", one) for one in training.learnt]
            if training.task != "viewpoint":  # only Fig. S2 has its accuracy
                parts += [("test", one) for one in training.evaluated_on]
            for part, dataset in parts:
                if problem := _problem_of(config, part, dataset):
                    raise ValueError(f"{settings[dataset]}: {problem}")
            stride = self.sampling.stride or network_entry(training.network).stride
            shown = [one for _, one in parts] + [one for one, _, made in teachers if made == name]
            for dataset in shown:
                if stride % (kept := config.datasets[dataset].stride):
                    raise ValueError(
                        f"sampling.stride: {training.network} is shown frames at a stride of "
                        f"{stride}, and those of {dataset!r} are kept at a stride of {kept}; set a "
                        f"multiple of it, or another datasets.{dataset}.stride"
                    )

    def _needs(self, method: str, config: RunConfig) -> Iterator[tuple[str, str | None]]:
        """Yield the settings that a method cannot do without, and their values."""
        one = METHODS[method]
        if one.learns_from != "nothing":
            yield one.learns_from, getattr(self, one.learns_from)
        if one.embeds_pairs:
            yield "pairs", self.pairs
        signals = {*one.distils, *one.appends}
        if "ego" in signals:
            yield "viewpoints", self.viewpoints
        if "object" in signals:
            yield "object_teacher", self.object_teacher
        if signals & {*MAPS}:
            boxes = config.datasets[self.third_person].interactions
            yield f"datasets.{self.third_person}.interactions", boxes

    def _named_networks(self) -> list[tuple[str, str]]:
        return [
            ("network", self.network),
            *((f"backbones.{name}", one) for name, one in self.backbones.items()),
            *((f"other_backbones.{name}", one) for name, one in self.other_backbones.items()),
        ]

    def _require_predictors(self) -> None:
        for setting in ("viewpoints", "object_teacher"):
            if not getattr(self, setting):
                raise ValueError(f"failure_predictors: it needs {setting}")

    def _require_parts_apart(self) -> None:
        """Refuse one dataset in two parts, whose trainings would have the same names."""
        parts = self.parts()
        for first, second in combinations(parts, 2):
            of_verbs = {first, second} == {"verb_noun", "verb_noun_100"}
            is_same = of_verbs and parts[first] == parts[second]
            if parts[first].dataset == parts[second].dataset and not is_same:
                raise ValueError(
                    f"{second}.dataset: {first} names it, too; define another dataset of the "
                    "same source"
                )

    def _named_datasets(self) -> list[tuple[str, str]]:
        predicting = self.failure_predictors
        named = [
            ("third_person", self.third_person),
            ("first_person", self.first_person),
            ("pairs", self.pairs),
            ("viewpoints", self.viewpoints),
            *((f"{part}.dataset", one.dataset) for part, one in self.parts().items()),
            ("failure_predictors.clips", predicting and predicting.clips),
        ]
        return [(setting, name) for setting, name in named if name]

    def is_papers(self, config: RunConfig, dataset: str, view: str = "full") -> bool:
        """Tell whether the paper's numbers compare: data, networks, weights and schedules."""
        names = [self.third_person, dataset]
        networks = chain(self.backbones.items(), self.other_backbones.items())
        return (
            all(config.source_of(name).compare_with_paper for name in names)
            and self.network == "slow_r50"
            and all(PAPERS_NETWORKS[name] == network for name, network in networks)
            and self.pretraining.epochs == PAPERS_EPOCHS
            and all(
                part.schedule.epochs == PAPERS_FINETUNING[name]
                and part.auxiliary_weight in (None, RELEASED_AUXILIARY[name])
                for name, part in self.parts().items()
                if part.dataset == dataset
            )
            and (self.term_weights, self.temperature) == (WEIGHTS[self.loss], 1)
            # Named, it is that of actions without signals, too.
            and self.weights.get("action", 1) == 1
            and not self.sampling.options()
            and self.test_views == Views()
        )


def _problem_of(config: RunConfig, part: str, dataset: str) -> str | None:
    """Tell what a part of a dataset, train or test, lacks: a split, or the source's list of it."""
    split, source = getattr(config.datasets[dataset], part), config.source_of(dataset)
    place = f"datasets.{dataset}.{part}"
    if split is None:
        return f"it needs {place}; name a split of the source"
    if isinstance(source, PublishedClips) and split not in source.splits():
        lists = ", ".join(source.splits()) or "none"
        return (
            f"{place} is {split!r}, of which its source has no list, but {lists}; name another "
            "split, or the list in the source"
        )
    return None

"""Inputs of the study's exhibits, as annotated types; all are of one dataset."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from wildframe.core.choices import Targets
from wildframe.core.schemas import REVIEWS
from wildframe.core.target_settings import TargetsSetting
from wildframe.exhibits.inputs import (
    EncodedImages,
    TableFile,
    choice,
    frames,
    models,
    predicted_models,
    read_frame_rate,
    table_of,
)
from wildframe.exhibits.pairs import PairTable
from wildframe.exhibits.registry import Context, File, Setting
from wildframe.exhibits.robustness_table import RobustnessTable
from wildframe.studies.vid_robust.cells import Kind
from wildframe.studies.vid_robust.panels import Manifest


def datasets(run: Context) -> Sequence[str]:
    """Return the datasets, each of which has all exhibits."""
    return [*run.study.datasets]


def datasets_with_boxes(run: Context) -> Sequence[str]:
    """Return the datasets, each of which has the exhibits of detectors."""
    return [*run.study.with_boxes(run.config)]


def of_dataset(run: Context) -> dict[str, Any]:
    """Return the wildcards of files of a dataset, whatever the study."""
    return {"dataset": run.dataset}


def scored(run: Context) -> dict[str, Any]:
    """Return the wildcards of scores of the study."""
    return {"study": "vid_robust", "dataset": run.dataset, "view": run.view}


def detected(run: Context) -> dict[str, Any]:
    """Return the wildcards of scores of detection: detectors are shown whole images."""
    return scored(run) | {"view": "full"}


evaluated = predicted_models(lambda run: run.dataset)


def _kinds(run: Context) -> dict[str, Kind]:
    def kind(model: str) -> Kind:
        if model in run.detectors:
            return "detector"
        if model not in run.models:
            return "external"
        return "trained here" if run.models[model].training else "zoo"

    return {model: kind(model) for model in evaluated(run)}


def _data_note(run: Context) -> str:
    notes = [run.config.describe(run.dataset, view=run.view)]
    has_detectors = not run.detectors.keys().isdisjoint(run.study.models_of(run.dataset))
    if has_detectors and run.config.views[run.view].kind != "full":
        notes.append("detectors are shown whole images")
    trainings = run.study.trainings.items()
    if learnt := [name for name, one in trainings if one.dataset == run.dataset]:
        notes.append(f"models of {' and '.join(learnt)} learnt from some of these images")
    return "; ".join(notes)


Robustness = Annotated[RobustnessTable, File("scores_robustness", RobustnessTable.read, scored)]
Pairs = Annotated[PairTable, File("scores_set_pairs", PairTable.read, scored)]
"""Comparisons of the models."""
Reviews = Annotated[TableFile, File("reviews_consensus", table_of(REVIEWS), of_dataset)]
ManifestFile = Annotated[Manifest, File("manifests_build.manifest", Manifest.read, of_dataset)]
FrameRate = Annotated[float | None, File("manifests_build.manifest", read_frame_rate, of_dataset)]
"""Frames a second of the videos; None if they differ, or it is unknown."""
FrameShards = Annotated[EncodedImages, frames(lambda run: run.dataset)]

Models = Annotated[Sequence[str], models(evaluated)]
Kinds = Annotated[Mapping[str, Kind], Setting(_kinds, dict[str, Kind])]
"""Where each of the models comes from, in the same order."""
ModelTypes = Annotated[
    Mapping[str, str],
    Setting(lambda run: {row.name: row.model for row in run.study.model_types}, dict[str, str]),
]
"""The model of each row of Table 1, by the row's name."""

SetsLabelSpace = Annotated[
    Targets, choice(lambda run: run.config.datasets[run.dataset].label_space, TargetsSetting)
]
"""Label space of the sets, in which predictions are scored."""
DataNote = Annotated[str, Setting(_data_note)]
DetectionNote = Annotated[str, Setting(lambda run: run.config.describe(run.dataset))]
"""Data note of exhibits of detectors, which are shown whole images."""
ComparePaper = Annotated[
    bool, Setting(lambda run: run.study.is_papers(run.config, run.dataset, run.view), bool)
]
"""Whether the paper's numbers are shown beside ours, if the sets are all of its own."""

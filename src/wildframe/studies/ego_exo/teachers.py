"""What teachers say of third-person clips, as exhibits take it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import Annotated

from wildframe.core.schemas import INTERACTIONS
from wildframe.core.tables import Row, iter_rows
from wildframe.exhibits.registry import Context, File, Setting
from wildframe.frames.kept import KeptClips
from wildframe.scores.clip_files import read_heads
from wildframe.scores.egocentricity import ego_scores, interaction_coverage, object_scores
from wildframe.studies.ego_exo.inputs import of_third_person
from wildframe.studies.ego_exo.methods import MAPS
from wildframe.studies.ego_exo.trainings import classifier_name

Signals = Mapping[str, Mapping[str, float]]
"""What teachers say of each clip, by term of the loss and clip."""


def read_ego_scores(path: Path) -> dict[str, float]:
    """Read the probability of ego of each clip; errors as in `read_heads`."""
    return ego_scores(*read_heads(path)["viewpoint"])


def read_object_scores(paths: Sequence[Path]) -> dict[str, float]:
    """Read the largest probability of an object of each clip; none without a teacher."""
    return object_scores(*read_heads(paths[0])["object"]) if paths else {}


def read_boxes(paths: Sequence[Path]) -> list[Row]:
    """Read the boxes of hands and objects; none where the data set has none."""
    return [row for path in paths for row in iter_rows(path, INTERACTIONS, batch_size=4096)]


def signals_of(
    ego: Mapping[str, float],
    objects: Mapping[str, float],
    boxes: Sequence[Row],
    kept: KeptClips,
    videos: Mapping[str, str],
) -> Signals:
    """Return what teachers say of each kept clip; those that the run lacks are left out.

    Args:
        ego: Probability of ego.
        objects: Largest probability of an object.
        boxes: Of hands and objects.
        kept: The clips.
        videos: Video of each clip.
    """
    found: dict[str, Mapping[str, float]] = {"ego": ego}
    if objects:
        found["object"] = objects
    if boxes:
        clips = [
            {"clip_id": clip.clip_id, "video_id": videos[clip.clip_id], "frames": clip.frames}
            for clip in kept.values()
        ]
        found["interaction"] = interaction_coverage(clips, boxes)
    return found


def combined(signals: Signals, weights: Mapping[str, float]) -> dict[str, float]:
    """Return the weighted sum of the signals of each clip that all teachers know."""
    known = set.intersection(*(set(of_clip) for of_clip in signals.values()))
    return {
        clip: sum(weights[term] * of_clip[clip] for term, of_clip in signals.items())
        for clip in sorted(known)
    }


def signal_weights(run: Context) -> dict[str, float]:
    """Return the weight of each signal: of interaction maps, the mean of their two terms."""
    weights = run.study.term_weights
    maps = fmean(weights[term] for term in MAPS)
    return {"ego": weights["ego"], "object": weights["object"], "interaction": maps}


def has_ego_scores(run: Context) -> bool:
    """Tell whether the run has a classifier of viewpoints."""
    return bool(run.study.viewpoints)


def _of_classifier(run: Context) -> dict[str, str]:
    seed = str(run.study.pretraining_seeds[0])
    return of_third_person(run) | {"clip_training": classifier_name(run.study), "seed": seed}


EGO_SCORES = File("predictions_clips", read_ego_scores, _of_classifier)
EgoScores = Annotated[Mapping[str, float], EGO_SCORES]
"""Probability of ego of each third-person clip."""


def _of_objects(run: Context) -> list[dict[str, str]]:
    teacher = run.study.object_teacher
    return [of_third_person(run) | {"model": teacher}] if teacher else []


def _with_boxes(run: Context) -> list[dict[str, str]]:
    has_boxes = run.config.datasets[run.study.third_person].interactions
    return [of_third_person(run)] if has_boxes else []


OBJECT_SCORES = File("predictions_clip_objects", read_object_scores, _of_objects, many=True)
"""Largest probability of an object of each third-person clip."""

BOXES = File("predictions_interactions", read_boxes, _with_boxes, many=True)
"""Boxes of hands and objects in third-person clips."""

WEIGHTS = Setting(signal_weights, dict[str, float])
"""Weights of the signals, as in the loss of pre-training."""

"""Does egocentricity predict failure? Teachers' outputs on clips against image models' accuracy.

Whether a model is correct on an image is regressed on what the teachers say of its clip, in units
of standard deviations: a linear probability model, with each predictor alone and with all of them.
Videos are the clusters, since clips of one are not independent.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from wildframe.core.clusters import or_none
from wildframe.core.errors import UserError
from wildframe.core.regression import least_squares
from wildframe.core.schemas import CLIPS, INTERACTIONS
from wildframe.core.tables import Row, iter_rows, read_table
from wildframe.frames.kept import KeptClips
from wildframe.models.clips.tasks import VIEWPOINTS
from wildframe.predictions.predicted import softmax
from wildframe.scores import unit_of
from wildframe.scores.clip_files import read_heads
from wildframe.scores.clips import Floats

Predictors = Mapping[str, Mapping[str, float]]
"""By predictor, of each clip."""


def ego_scores(clip_ids: Sequence[str], logits: Floats) -> dict[str, float]:
    """Return the probability of each clip to be egocentric, from logits of both viewpoints."""
    probabilities = softmax(logits)[:, VIEWPOINTS.index("ego")].tolist()
    return dict(zip(clip_ids, probabilities, strict=True))


def object_scores(clip_ids: Sequence[str], logits: Floats) -> dict[str, float]:
    """Return the largest probability of an object in each clip, from logits of all classes."""
    highest = softmax(logits).max(axis=1).tolist()
    return dict(zip(clip_ids, highest, strict=True))


def interaction_coverage(
    clips: Iterable[Mapping[str, Any]], boxes: Iterable[Mapping[str, Any]]
) -> dict[str, float]:
    """Return the share of each clip's kept frames that boxes cover, as the mean over frames.

    Args:
        clips: ``clip_id``, ``video_id`` and the numbers of the kept ``frames``, at least one.
        boxes: Rows of ``INTERACTIONS``.
    """
    by_frame: dict[tuple[str, int], list[list[float]]] = {}
    for box in boxes:
        sides = [box[side] for side in ("x1", "y1", "x2", "y2")]
        by_frame.setdefault((box["video_id"], box["frame"]), []).append(sides)
    return {
        clip["clip_id"]: float(
            np.mean(
                [covered(by_frame.get((clip["video_id"], frame), ())) for frame in clip["frames"]]
            )
        )
        for clip in clips
    }


def covered(boxes: Sequence[Sequence[float]]) -> float:
    """Return the area of the union of boxes (x1, y1, x2, y2)."""
    if not boxes:
        return 0.0
    x1, y1, x2, y2 = np.array(boxes).T
    # Cells between all sides are covered whole or not at all.
    columns, rows = np.unique([x1, x2]), np.unique([y1, y2])
    in_column = (x1[:, None] <= columns[:-1]) & (columns[1:] <= x2[:, None])
    in_row = (y1[:, None] <= rows[:-1]) & (rows[1:] <= y2[:, None])
    is_covered = (in_row[:, :, None] & in_column[:, None, :]).any(axis=0)
    return float((is_covered * np.outer(np.diff(rows), np.diff(columns))).sum())


def failure_rows(
    model: str, results: Iterable[Mapping[str, Any]], predictors: Predictors
) -> list[Row]:
    """Return the rows of ``FAILURE_PREDICTORS`` of one model of images.

    Args:
        model: Name of the model.
        results: Rows of its ``image_results``; those of clips without predictors do not count.
        predictors: At least one.

    Raises:
        UserError: No image is of a clip with all predictors.
    """
    known = set.intersection(*(set(of_clip) for of_clip in predictors.values()))
    images = [*results]
    rows = [row for row in images if row["group_id"] in known]
    if not rows:
        raise UserError(
            f"{model}: none of its images is of a clip that teachers predicted; name a dataset of "
            "the same clips, whose clip_id is that of the images' clip"
        )
    correct = np.array([row["correct_top1"] for row in rows], np.float64)
    video = np.unique([unit_of(row) for row in rows], return_inverse=True)[1]
    values = np.array([[of[row["group_id"]] for row in rows] for of in predictors.values()])
    mean, deviation = values.mean(axis=1), values.std(axis=1)
    # Rounding gives equal values a deviation that is not quite 0.
    deviation[np.ptp(values, axis=1) == 0] = 0
    varies = deviation[:, None] > 0
    units = np.where(varies, values - mean[:, None], 0) / np.where(varies, deviation[:, None], 1)
    shared = {
        "accuracy": float(correct.mean()),
        "n": len(rows),
        "images": len(images),
        "clips": len({row["group_id"] for row in rows}),
        "clusters": int(video.max()) + 1,
    }
    alone = [[at] for at in range(len(values))]
    together = [[*range(len(values))]] if len(values) > 1 else []
    found = []
    for chosen in alone + together:
        fit = least_squares(np.vstack([np.ones(len(rows)), units[chosen]]).T, correct, video)
        for position, at in enumerate(chosen, start=1):
            found.append(
                {
                    "model": model,
                    "predictor": [*predictors][at],
                    "adjusted": len(chosen) > 1,
                    "mean": float(mean[at]),
                    "deviation": float(deviation[at]),
                    "effect": float(fit.value[position]),
                    "low": or_none(fit.low[position]),
                    "high": or_none(fit.high[position]),
                    "p_value": or_none(fit.p_value[position]),
                    **shared,
                }
            )
    return found


@dataclass(frozen=True, slots=True)
class BoxFiles:
    """Boxes of hands and objects, and the clips that they are in."""

    interactions: Path
    clips: Sequence[Path]
    """Shards of the kept clips."""
    manifest: Path


def read_predictors(
    viewpoints: Path | None, objects: Path | None, boxes: BoxFiles | None
) -> Predictors:
    """Read what teachers say of the clips of a dataset; None of a teacher that there is not.

    Args:
        viewpoints: ``CLIP_PREDICTIONS`` of the classifier of viewpoints.
        objects: The same of a model of images.
        boxes: Boxes of hands and objects.

    Raises:
        UserError: A file is absent, or has other predictions; or there is no teacher.
    """
    found: dict[str, dict[str, float]] = {}
    if viewpoints:
        found["ego_score"] = ego_scores(*_head(viewpoints, "viewpoint"))
    if objects:
        found["object_score"] = object_scores(*_head(objects, "object"))
    if boxes:
        found["interaction_coverage"] = _coverage(boxes)
    if not found:
        raise UserError("name what a teacher predicted: --ego-scores, --object-scores or boxes")
    return found


def _coverage(boxes: BoxFiles) -> dict[str, float]:
    rows = read_table(boxes.manifest, CLIPS, ["clip_id", "video_id"]).to_pylist()
    videos = {row["clip_id"]: row["video_id"] for row in rows}
    kept = (
        {"clip_id": clip.clip_id, "video_id": videos[clip.clip_id], "frames": clip.frames}
        for clip in KeptClips(boxes.clips).values()
        if clip.clip_id in videos
    )
    detected = iter_rows(boxes.interactions, INTERACTIONS, batch_size=4096)
    return interaction_coverage(kept, detected)


def _head(path: Path, head: str) -> tuple[list[str], Floats]:
    heads = read_heads(path)
    if head not in heads:
        raise UserError(f"{path}: has no predictions of the head {head}; name those of its teacher")
    return heads[head]

"""What may explain that a model fails on an image: framing, a doubtful label, or motion."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from wildframe.core.clusters import Counts
from wildframe.core.errors import UserError
from wildframe.core.schemas import IMAGE_RESULTS
from wildframe.core.tables import Row, paths_by_model, read_table
from wildframe.scores import results_by_model, unit_of
from wildframe.scores.accuracy import share_columns
from wildframe.scores.zoom import ZoomResults, cross_validated
from wildframe.scores.zoom_files import ZoomFiles

CAUSES = ("framing", "doubtful_label", "motion")

_COLUMNS = [
    *("anchor_id", "image_id", "offset", "group_id", "video_id"),
    *("kept_labels", "correct_top1"),
]


def attributions(
    model: str,
    results: Iterable[Mapping[str, Any]],
    framed: Mapping[str, bool],
    neighbours: Iterable[Mapping[str, Any]] = (),
) -> list[Row]:
    """Return the rows of the ``attributions`` table of one model.

    Args:
        model: Name of the model.
        results: Rows of its ``image_results``; neighbours of sets among them count.
        framed: Whether it is correct on an image that is framed otherwise, of those tried.
        neighbours: Rows of its ``image_results`` on sets whose anchors are these images.
    """
    rows = list(results)
    moved: dict[str, bool] = {}
    for row in (*rows, *neighbours):
        if row["offset"]:
            moved[row["anchor_id"]] = moved.get(row["anchor_id"], False) or row["correct_top1"]
    # Without a sense table no image has any.
    has_senses = any(row["kept_labels"] for row in rows)
    return [
        {
            "model": model,
            "image_id": row["image_id"],
            "group_id": row["group_id"],
            "video_id": row["video_id"],
            "framing": framed.get(row["image_id"]),
            "doubtful_label": not row["kept_labels"] if has_senses else None,
            "motion": moved.get(row["anchor_id"]),
        }
        for row in rows
        if row["offset"] == 0 and not row["correct_top1"]
    ]


def share_causes(rows: Sequence[Mapping[str, Any]]) -> list[Row]:
    """Return the rows of the ``attribution_shares`` table; none of a model without failures.

    Args:
        rows: `attributions` of one model.
    """
    if not rows:
        return []
    found = np.array([[row[cause] is True for cause in CAUSES] for row in rows])
    evaluated = np.array([[row[cause] is not None for cause in CAUSES] for row in rows])
    count = found.sum(axis=1, keepdims=True)
    flags = np.hstack([found, count > 1, count == 0]).astype(np.int64)
    members = np.hstack([evaluated, np.ones((len(rows), 2), bool)]).astype(np.int64)
    kept = members.any(axis=0)
    names = np.array([*CAUSES, "several", "unexplained"])[kept].tolist()
    flags, members = flags[:, kept], members[:, kept]
    _, unit = np.unique([unit_of(row) for row in rows], return_inverse=True)
    shares = share_columns(Counts.of(unit, flags, members))
    return [
        {"model": rows[0]["model"], "cause": name, **columns}
        for name, columns in zip(names, shares, strict=True)
    ]


def read_attributions(
    results: Sequence[Path],
    box: Sequence[Path],
    zoom: ZoomFiles | None,
    neighbours: Sequence[Path],
    seed: int,
) -> dict[str, list[Row]]:
    """Return the rows of the ``attributions`` table of each model.

    Args:
        results: ``IMAGE_RESULTS`` of each model under the first view.
        box: The same under the view ``box``.
        zoom: Predictions on the crops of these images, if any.
        neighbours: ``IMAGE_RESULTS`` on sets whose anchors are these images. This one, ``box`` and
            ``zoom`` may be of some of the models.
        seed: Seed of the halves of videos.

    Raises:
        UserError: A model is given twice, or has no results.
    """
    paths = paths_by_model(results, IMAGE_RESULTS)
    boxes = results_by_model(box, ["image_id", "correct_top1"])
    zoomed = {one.model: solved_by_zoom(one, seed) for one in zoom or ()}
    sets = paths_by_model(neighbours, IMAGE_RESULTS)
    for model in (*boxes, *zoomed, *sets):
        if model not in paths:
            raise UserError(f"{model}: its results are missing; name them, too")
    found = {}
    for model, path in paths.items():
        framed = dict(zoomed.get(model, {}))
        for row in boxes.get(model, ()):
            framed[row["image_id"]] = row["correct_top1"] or framed.get(row["image_id"], False)
        rows, *moved = (
            read_table(file, IMAGE_RESULTS, _COLUMNS).to_pylist()
            for file in (path, sets.get(model))
            if file
        )
        found[model] = attributions(model, rows, framed, *moved)
    return found


def solved_by_zoom(results: ZoomResults, seed: int) -> dict[str, bool]:
    """Tell of each image whether the crop that is best on the other half of the videos is correct.

    Of none where all images are of one video, which has no halves.
    """
    solved = cross_validated(results.correct, results.groups, 1, seed)
    return {} if solved is None else dict(zip(results.image_ids, solved.tolist(), strict=True))

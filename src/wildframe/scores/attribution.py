"""What may explain that a model fails on an image: framing, a doubtful label, or motion."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from wildframe.core.errors import UserError
from wildframe.core.schemas import IMAGE_RESULTS
from wildframe.core.statistics import bootstrap_clusters
from wildframe.core.tables import Row, read_table
from wildframe.scores import model_of, results_by_model
from wildframe.scores.zoom import ZoomResults, cross_validated
from wildframe.scores.zoom_files import read_zoom

CAUSES = ("framing", "doubtful_label", "motion")

_COLUMNS = ["anchor_id", "image_id", "offset", "group_id", "kept_labels", "correct_top1"]


def attributions(
    model: str, results: Iterable[Mapping[str, Any]], framed: Collection[str]
) -> list[Row]:
    """Return the rows of the ``attributions`` table of one model.

    A label is doubtful where a sense table was applied and keeps no label of the image.

    Args:
        model: Name of the model.
        results: Rows of its ``image_results``, neighbours of sets among them.
        framed: Images that it is correct on if they are framed better.
    """
    rows = list(results)
    moved = {row["anchor_id"] for row in rows if row["offset"] and row["correct_top1"]}
    has_senses = any(row["kept_labels"] for row in rows)
    return [
        {
            "model": model,
            "image_id": row["image_id"],
            "group_id": row["group_id"],
            "framing": row["image_id"] in framed,
            "doubtful_label": has_senses and not row["kept_labels"],
            "motion": row["anchor_id"] in moved,
        }
        for row in rows
        if row["offset"] == 0 and not row["correct_top1"]
    ]


def share_causes(rows: Sequence[Mapping[str, Any]], resamples: int, seed: int) -> list[Row]:
    """Return the rows of the ``attribution_shares`` table; none of a model without failures.

    Args:
        rows: `attributions` of one model.
        resamples: Draws of clips for the bootstrap.
        seed: Seed of the draws.
    """
    if not rows:
        return []
    found = np.array([[row[cause] for cause in CAUSES] for row in rows])
    count = found.sum(axis=1, keepdims=True)
    names = (*CAUSES, "several", "unexplained")
    flags = np.hstack([found, count > 1, count == 0]).astype(np.int64)
    # np.unique sorts: the draws do not depend on the order of images.
    groups, group = np.unique([row["group_id"] for row in rows], return_inverse=True)
    successes = np.zeros((len(groups), len(names)), np.int64)
    np.add.at(successes, group, flags)
    trials = np.repeat(np.bincount(group)[:, None], len(names), axis=1)
    ends = zip(*bootstrap_clusters(successes, trials, resamples, seed), strict=True)
    totals = flags.sum(axis=0).tolist()
    return [
        {
            "model": rows[0]["model"],
            "cause": name,
            "value": total / len(rows),
            "successes": total,
            "n": len(rows),
            "cluster_low": float(low),
            "cluster_high": float(high),
        }
        for name, total, (low, high) in zip(names, totals, ends, strict=True)
    ]


@dataclass(frozen=True)
class ZoomFiles:
    """Predictions of models on the crops of a zoom view, and what reading them needs."""

    predictions: Sequence[Path]
    manifest: Path
    statuses: Path


def read_attributions(
    results: Sequence[Path], box: Sequence[Path], zoom: ZoomFiles | None, seed: int
) -> dict[str, list[Row]]:
    """Return the rows of the ``attributions`` table of each model.

    Args:
        results: ``IMAGE_RESULTS`` of each model under the first view.
        box: The same under the view ``box``; none to leave it out.
        zoom: Predictions of each model on the crops of these images, if any.
        seed: Seed of the halves of clips.

    Raises:
        UserError: A model is given twice, or its box or zoom is missing.
    """
    boxes = results_by_model(box, ["image_id", "correct_top1"])
    crops = (
        [read_zoom(path, zoom.manifest, zoom.statuses) for path in zoom.predictions] if zoom else []
    )
    zoomed = {one.model: one for one in crops}
    found: dict[str, list[Row]] = {}
    for path in results:
        model = model_of(path, IMAGE_RESULTS)
        if model in found:
            raise UserError(f"{path}: {model} is given twice; name each model's results once")
        for option, given in (("box", boxes), ("zoom", zoomed)):
            if given and model not in given:
                raise UserError(f"{path}: no --{option} of {model}; name that of each model")
        framed = {row["image_id"] for row in boxes.get(model, ()) if row["correct_top1"]}
        if model in zoomed:
            framed |= solved_by_zoom(zoomed[model], seed)
        rows = read_table(path, IMAGE_RESULTS, _COLUMNS).to_pylist()
        found[model] = attributions(model, rows, framed)
    return found


def solved_by_zoom(results: ZoomResults, seed: int) -> set[str]:
    """Return the images that the crop solves which is best on the other half of the clips.

    None where all images are of one clip.
    """
    solved = cross_validated(results.correct, results.groups, 1, seed)
    if solved is None:
        return set()
    return {results.image_ids[at] for at in np.flatnonzero(solved).tolist()}

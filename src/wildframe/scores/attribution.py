"""What may explain that a model fails on an image: framing, a doubtful label, or motion."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from wildframe.core.errors import UserError
from wildframe.core.schemas import IMAGE_RESULTS
from wildframe.core.statistics import bootstrap_clusters
from wildframe.core.tables import Row, read_table
from wildframe.scores import model_of, read_image_results
from wildframe.scores.zoom import cross_validated
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


def read_attributions(
    results: Path,
    box: Path | None,
    zoom: Path | None,
    manifest: Path | None,
    statuses: Path | None,
    seed: int,
) -> list[Row]:
    """Return the rows of the ``attributions`` table of a model, from its results.

    Args:
        results: ``IMAGE_RESULTS`` under the first view.
        box: The same under the view ``box``.
        zoom: ``ZOOM_PREDICTIONS`` of the same images.
        manifest: Manifest of these, which ``zoom`` needs.
        statuses: Statuses of these, which it needs, too.
        seed: Seed of the halves of clips.

    Raises:
        UserError: Files are of several models, or ``zoom`` lacks what it needs.
    """
    model = model_of(results, IMAGE_RESULTS)
    framed: set[str] = set()
    if box:
        _require_model(box, model_of(box, IMAGE_RESULTS), model)
        columns = ["image_id", "correct_top1"]
        framed |= {row["image_id"] for row in read_image_results(box, columns) if row[columns[1]]}
    if zoom:
        if not (manifest and statuses):
            raise UserError(f"{zoom}: name the --manifest and the --statuses of its images, too")
        crops = read_zoom(zoom, manifest, statuses)
        _require_model(zoom, crops.model, model)
        solved = cross_validated(crops.correct, crops.groups, 1, seed)
        if solved is not None:
            framed |= {crops.image_ids[at] for at in np.flatnonzero(solved).tolist()}
    rows = read_table(results, IMAGE_RESULTS, _COLUMNS).to_pylist()
    return attributions(model, rows, framed)


def _require_model(path: Path, found: str, model: str) -> None:
    if found != model:
        raise UserError(f"{path}: of {found}, not of {model}; name files of one model")

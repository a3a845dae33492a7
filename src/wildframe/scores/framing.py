"""How much of a drop is framing: the same images whole, cropped to the object, and zoomed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from wildframe.core.arrays import Bools
from wildframe.core.errors import UserError
from wildframe.core.schemas import ZOOM_PREDICTIONS
from wildframe.core.tables import Row, paths_by_model
from wildframe.scores import results_by_model, unit_of
from wildframe.scores.accuracy import subsets_of
from wildframe.scores.conditions import Condition
from wildframe.scores.pairs import shares_with_differences
from wildframe.scores.zoom import ZoomResults, any_correct, cross_validated
from wildframe.scores.zoom_files import ZoomFiles

_COLUMNS = ["image_id", "group_id", "video_id", "labels", "box_area", "correct_top1"]


@dataclass(frozen=True, slots=True)
class Framing:
    """A way to frame images, and which of them a model is then correct on."""

    name: str
    correct: Bools
    """Shape (images,)."""
    crops: int = 1
    random: float | None = None
    """Bound of random guessing, of an oracle."""


def framings_of(
    results: Sequence[Mapping[str, Any]],
    boxed: Mapping[str, bool] | None,
    zoom: ZoomResults,
    seed: int,
) -> Iterator[Framing]:
    """Yield the framings of a model; ``zoom`` only where there are two videos to halve.

    Args:
        results: Rows of its ``image_results`` on whole images.
        boxed: Whether it is correct on the box, by image; None where there are no boxes.
        zoom: Its results on crops.
        seed: Seed of the halves of videos.

    Raises:
        UserError: An image has no results in one of them.
    """
    yield Framing("full", np.array([row["correct_top1"] for row in results], bool))
    image_ids = [row["image_id"] for row in results]
    if boxed is not None:
        found = _in_order(boxed, image_ids, f"{zoom.model}, view box")
        yield Framing("box", np.array(found, bool))
    order = _in_order({name: at for at, name in enumerate(zoom.image_ids)}, image_ids, zoom.model)
    chosen = cross_validated(zoom.correct, zoom.groups, 1, seed)
    if chosen is not None:
        yield Framing("zoom", chosen[order])
    crops = len(zoom.crops)
    solved = any_correct(zoom.correct)[order]
    yield Framing("oracle", solved, crops, random=min(1, crops / zoom.classes))


def _in_order(found: Mapping[str, Any], image_ids: Sequence[str], name: str) -> list[Any]:
    if missing := [image_id for image_id in image_ids if image_id not in found]:
        raise UserError(
            f"{name}: image {missing[0]} has no result ({len(missing)} such), but the whole image "
            "has; make both from the same manifest"
        )
    return [found[image_id] for image_id in image_ids]


def score_framings(
    model: str,
    results: Sequence[Mapping[str, Any]],
    framings: Sequence[Framing],
    seed: int,
) -> list[Row]:
    """Return the rows of the ``framings`` table of one model: of all images, then of each subset.

    Args:
        model: Name of the model.
        results: Rows of its ``image_results`` on whole images, at least one.
        framings: `framings_of` them, the first of which the others are compared with.
        seed: Seed of the tests.
    """
    units = [unit_of(row) for row in results]
    # An oracle is not compared: it knows the labels.
    honest = [at for at, one in enumerate(framings) if at and one.random is None]
    rows: list[Row] = []
    for name, members in ({"all": np.arange(len(results))} | subsets_of(results)).items():
        # Of its own images and their units only: there are a thousand classes.
        every = np.ones(len(members), bool)
        conditions = [
            Condition(model, name, "accuracy", 1, one.correct[members], every) for one in framings
        ]
        own_units = [units[at] for at in members]
        shares = shares_with_differences(conditions, dict.fromkeys(honest, 0), own_units, seed)
        rows += [
            {
                "model": model,
                "subset": name,
                "framing": one.name,
                "crops": one.crops,
                "random": one.random,
                **columns,
            }
            for one, columns in zip(framings, shares, strict=True)
        ]
    return rows


def read_framings(
    results: Sequence[Path], box: Sequence[Path], zoom: ZoomFiles, seed: int
) -> list[Row]:
    """Return the rows of the ``framings`` table of each model.

    Args:
        results: ``IMAGE_RESULTS`` of each model on whole images.
        box: The same under the view ``box``; none where images have no boxes.
        zoom: Predictions of the same models on the crops of these images.
        seed: Seed of the halves of videos, and of the tests.

    Raises:
        UserError: A model is given twice, or is missing in one of them; others of reading.
    """
    boxes = results_by_model(box, ["image_id", "correct_top1"])
    zoomed = paths_by_model(zoom.predictions, ZOOM_PREDICTIONS)
    rows: list[Row] = []
    for model, whole in results_by_model(results, _COLUMNS).items():
        if model not in zoomed or (boxes and model not in boxes):
            raise UserError(f"{model}: its results on crops or boxes are missing; name them, too")
        boxed = {row["image_id"]: row["correct_top1"] for row in boxes.get(model, ())}
        framings = list(framings_of(whole, boxed or None, zoom.read(zoomed[model]), seed))
        rows += score_framings(model, whole, framings, seed)
    return rows

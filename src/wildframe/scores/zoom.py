"""How well a model does on the crops of a zoom view: one crop, the best of several, where they are.

All is computed from which crops of which images are correct: arrays of shape (images, crops).

Source: *ImageNet-Hard: The Hardest Images Remaining from a Study of the Power of Zoom and Spatial
Biases in Image Classification*, and the authors' evaluation code.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import NamedTuple

import numpy as np

from wildframe.core.arrays import Bools
from wildframe.core.choices import PredictedSpace
from wildframe.core.clusters import Counts
from wildframe.core.tables import Row
from wildframe.frames.views.zoom import ANCHORS, ONE_CROP_SIZE, SIDE, zoom_crops
from wildframe.scores.accuracy import cluster_columns
from wildframe.scores.conditions import Condition
from wildframe.scores.pairs import shares_with_differences


class CropKey(NamedTuple):
    """A crop of the grid."""

    size: int
    row: int
    col: int


ONE_CROP = CropKey(ONE_CROP_SIZE, 1, 1)
"""The crop that stands for ordinary evaluation."""

_LISTED_LAST = frozenset((122, 235, 348, 460, 573, 686, 798, 911, 1024))
"""Sizes that the authors' code lists behind all others."""

COVER_CROPS = 36
"""Crops of the cover that the paper's upper bound is over."""


def _authors_order(crop: CropKey) -> tuple[int, int, bool, int]:
    return crop.row, crop.col, crop.size in _LISTED_LAST, crop.size


@dataclass(frozen=True)
class ZoomResults:
    """Which crops of which images one model is correct on."""

    model: str
    image_ids: Sequence[str]
    groups: Sequence[str]
    """Video of each image, or its clip: images of one are not independent."""
    crops: Sequence[CropKey]
    correct: Bools
    """Shape (images, crops)."""
    image_sizes: Sequence[tuple[int, int]]
    """Width and height of each image, in pixels."""
    classes: int
    """How many classes can be predicted."""
    label_space: PredictedSpace
    """Whether these are a subset of the model's classes, or all of them."""

    @cached_property
    def cover(self) -> list[int]:
        """The crops that together solve all that can be solved; see `min_cover`.

        Of equals the first in the authors' order: towards the end most crops solve one image more,
        so that the order decides where and at which sizes they are.
        """
        order = sorted(range(len(self.crops)), key=lambda at: _authors_order(self.crops[at]))
        return [order[place] for place in min_cover(self.correct[:, order])]

    @cached_property
    def showing(self) -> tuple[Bools, Bools]:
        """Whether a crop in which an anchor can be seen is correct: any crop, or any of the cover.

        Both of shape (images, rows, columns).
        """
        places: dict[tuple[int, int], list[int]] = defaultdict(list)
        for at, size in enumerate(self.image_sizes):
            places[size].append(at)
        shape = len(self.image_sizes), ANCHORS, ANCHORS
        of_all, of_cover = np.empty(shape, bool), np.empty(shape, bool)
        for size, images in places.items():
            correct, visible = self.correct[images], visible_anchors(*size, self.crops)
            of_all[images] = np.tensordot(correct, visible, 1)
            of_cover[images] = np.tensordot(correct[:, self.cover], visible[self.cover], 1)
        return of_all, of_cover


@dataclass(frozen=True, slots=True)
class ZoomScore:
    """A metric: which images are correct, and on how many crops each was tried."""

    metric: str
    crops: int
    correct: Bools
    """Shape (images,)."""
    oracle: bool = False
    row: int | None = None
    col: int | None = None


def min_cover(correct: Bools, limit: int | None = None) -> list[int]:
    """Return the crops that together solve every image that any crop solves, greedily.

    Each is the crop that solves most of the images left; of equals the first.

    Args:
        correct: Shape (images, crops).
        limit: Crops at most; all that solve something if None.
    """
    cover: list[int] = []
    rest = correct[any_correct(correct)]
    while len(rest) and len(cover) != limit:
        best = int(rest.sum(axis=0).argmax())
        cover.append(best)
        rest = rest[~rest[:, best]]
    return cover


def any_correct(correct: Bools, crops: Sequence[int] | slice = slice(None)) -> Bools:
    """Tell of each image whether any of some crops is correct, of all by default."""
    solved: Bools = np.any(correct[:, crops], axis=1)
    return solved


def cross_validated(correct: Bools, groups: Sequence[str], crops: int, seed: int) -> Bools | None:
    """Tell of each image whether a crop that was best on the other half of the videos is correct.

    The honest companion of the upper bound: no image has a say in the crops it is tried on. With
    one crop a model could be used so; with several the best of them is still an oracle's choice.

    Args:
        correct: Shape (images, crops).
        groups: Video of each image, or its clip if it is of none; halves are of these.
        crops: How many are chosen, as in `min_cover`.
        seed: Seed of the halves.

    Returns:
        Shape (images,); None of a single video, which has no halves.
    """
    names, group = np.unique(groups, return_inverse=True)
    if len(names) < 2:
        return None
    first = np.random.default_rng(seed).permutation(len(names))[: len(names) // 2]
    in_first = np.isin(group, first)
    solved = np.empty(len(correct), bool)
    for half in (in_first, ~in_first):
        # Where no crop solves anything all are equal, and the first is tried.
        solved[half] = any_correct(correct[half], min_cover(correct[~half], crops) or [0])
    return solved


def visible_anchors(width: int, height: int, keys: Sequence[CropKey]) -> Bools:
    """Tell which anchors of an image are in each of its crops, shape (crops, rows, columns).

    An anchor is the centre of a tile of the whole image; it is in a crop if the resize takes it
    there. The authors' own file of visible anchors is not published: this rule is ours.

    Args:
        width: Width of the image in pixels.
        height: Its height.
        keys: The crops.
    """
    sizes = {key.size for key in keys}
    cut = {
        CropKey(crop.size, crop.row, crop.col): crop
        for crop in zoom_crops(width, height, sorted(sizes))
    }
    crops = [cut[key] for key in keys]
    resized = np.array([(crop.resized_width, crop.resized_height) for crop in crops])
    corner = np.array([(crop.left, crop.top) for crop in crops])
    tile = np.array([width, height]) // ANCHORS
    anchors = np.arange(ANCHORS)[:, None] * tile + tile // 2  # of columns, and of rows
    there = anchors * (resized / [width, height])[:, None] - corner[:, None]
    inside = (there >= 0) & (there < SIDE)
    visible: Bools = inside[:, :, None, 1] & inside[:, None, :, 0]
    return visible


def zoom_metrics(results: ZoomResults, seed: int) -> Iterator[ZoomScore]:
    """Yield every metric of one model; ``one_crop`` only if the grid has that crop."""
    correct, count = results.correct, len(results.crops)
    if ONE_CROP in results.crops:
        yield ZoomScore("one_crop", 1, correct[:, results.crops.index(ONE_CROP)])
    some = min(COVER_CROPS, count)
    for crops in sorted({some, count}):
        solved = any_correct(correct, results.cover[:crops])
        yield ZoomScore("oracle", crops, solved, oracle=True)
    for crops in sorted({1, some}):
        tried = cross_validated(correct, results.groups, crops, seed)
        if tried is not None:
            yield ZoomScore("cross_validated", crops, tried, oracle=crops > 1)
    yield from _by_direction(results)
    yield from _by_anchor(results)


def _by_direction(results: ZoomResults) -> Iterator[ZoomScore]:
    """Yield what the crops of the cover solve that enlarge, reduce or keep the image."""
    sizes = {at: results.crops[at].size for at in results.cover}
    parts = {
        "zoom_in": [at for at, size in sizes.items() if size > SIDE],
        "zoom_out": [at for at, size in sizes.items() if size < SIDE],
        "unzoomed": [at for at, size in sizes.items() if size == SIDE],
    }
    solved = {name: any_correct(results.correct, part) for name, part in parts.items()}
    times = sum(solved.values(), np.zeros(len(results.correct), np.int64))
    for name, part in parts.items():
        yield ZoomScore(name, len(part), solved[name], oracle=True)
    for name, part in parts.items():
        yield ZoomScore(f"only_{name}", len(part), solved[name] & (times == 1), oracle=True)


def _by_anchor(results: ZoomResults) -> Iterator[ZoomScore]:
    """Yield both definitions of centre bias; in the paper's figures they are mixed."""
    count, cover = len(results.crops), results.cover
    of_all, of_cover = results.showing
    for row, col in product(range(ANCHORS), repeat=2):
        at = [place for place, crop in enumerate(results.crops) if crop[1:] == (row, col)]
        for metric, crops, solved in (
            ("at_anchor", len(at), any_correct(results.correct, at)),
            ("showing_anchor", count, of_all[:, row, col]),
            ("showing_anchor_cover", len(cover), of_cover[:, row, col]),
        ):
            yield ZoomScore(metric, crops, solved, oracle=True, row=row, col=col)


def score_zoom(results: ZoomResults, seed: int) -> list[Row]:
    """Return the rows of the ``zoom_scores`` table of one model, without the dataset.

    Args:
        results: Its results on at least one image.
        seed: Seed of the halves of `cross_validated`, and of the tests.
    """
    scores = list(zoom_metrics(results, seed))
    conditions = [
        Condition(results.model, one.metric, "accuracy", 1, one.correct, np.ones_like(one.correct))
        for one in scores
    ]
    metrics = [one.metric for one in scores]
    references: dict[int, int] = {}
    if "one_crop" in metrics:
        one_crop = metrics.index("one_crop")
        # An oracle is not compared: it knows the labels.
        honest = (at for at, one in enumerate(scores) if at != one_crop and not one.oracle)
        references = dict.fromkeys(honest, one_crop)
    shares = shares_with_differences(conditions, references, results.groups, seed)
    return [
        {
            "model": results.model,
            "metric": one.metric,
            "crops": one.crops,
            "row": one.row,
            "col": one.col,
            "oracle": one.oracle,
            "label_space": results.label_space,
            "classes": results.classes,
            "random": min(1, one.crops / results.classes) if one.oracle else None,
            **columns,
        }
        for one, columns in zip(scores, shares, strict=True)
    ]


def score_crops(results: ZoomResults) -> list[Row]:
    """Return the rows of the ``zoom_crops`` table of one model, in the order of the grid."""
    covered: dict[int, tuple[int, int]] = {}
    solved = np.zeros(len(results.correct), bool)
    for rank, at in enumerate(results.cover, 1):
        solved |= results.correct[:, at]
        covered[at] = rank, int(solved.sum())
    _, unit = np.unique(results.groups, return_inverse=True)
    every = np.ones((len(unit), 1))
    # One crop after the other: of all at once, counts of many images would fill the memory.
    counts = (Counts.of(unit, one[:, np.newaxis], every) for one in results.correct.T)
    return [
        {
            "model": results.model,
            **crop._asdict(),
            "successes": int(results.correct[:, at].sum()),
            "n": len(results.correct),
            **over_clusters,
            "cover_rank": covered.get(at, (None, None))[0],
            "covered": covered.get(at, (None, None))[1],
        }
        for at, (crop, of_crop) in enumerate(zip(results.crops, counts, strict=True))
        for over_clusters in cluster_columns(of_crop)
    ]


def hard_images(image_ids: Sequence[str], solved: Mapping[str, Bools]) -> list[Row]:
    """Return the rows of the ``hard_images`` table: what remains when models may zoom.

    Args:
        image_ids: The images.
        solved: Whether any crop of each is correct, by model.
    """
    return [
        {"image_id": image_id, "solved_by": by, "hard": not by}
        for at, image_id in enumerate(image_ids)
        for by in [[model for model, flags in solved.items() if flags[at]]]
    ]


def with_real_labels(
    own: Mapping[str, Sequence[str]], real: Mapping[str, Sequence[str]], keep_without: bool
) -> dict[str, set[str]]:
    """Return the union of both labels of each image.

    Args:
        own: Labels of each image in the dataset.
        real: Labels of a second annotation (ImageNet-ReaL); none, or empty, where its annotators
            found no class.
        keep_without: Whether images without a second label keep their own; they are left out
            otherwise.
    """
    return {
        image_id: {*labels, *real.get(image_id, ())}
        for image_id, labels in own.items()
        if keep_without or real.get(image_id)
    }

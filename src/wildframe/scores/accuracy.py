"""Accuracy by each rule and on each subset, with intervals."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import numpy.typing as npt

from wildframe.core.arrays import Bools, Integers
from wildframe.core.clusters import Counts, or_none, share_ends
from wildframe.core.errors import UserError
from wildframe.core.statistics import CLOPPER_PEARSON_95, clopper_pearson
from wildframe.core.tables import Row
from wildframe.scores import unit_of
from wildframe.scores.conditions import Condition, counts_of
from wildframe.scores.image_results import top_probabilities
from wildframe.scores.predicted import KS

PAIR_COLUMNS = (
    *("image_id", "group_id", "video_id", "role", "top"),
    *(f"{flag}_top{k}" for flag in ("correct", "tree") for k in KS),
)
"""Columns of ``image_results`` that models are compared by."""

COLUMNS = (
    *PAIR_COLUMNS,
    *("labels", "noun", "kept_labels", "box_area"),
    *(f"sense_top{k}" for k in KS),
)
"""Columns of ``image_results`` that a model is scored by."""

AREA_EDGES = (0, 0.01, 0.03, 0.1, 0.3, 1)
"""Bins of a box's share of the image; each includes its upper edge, the first includes 0."""


def incorrect_above(probability: float) -> str:
    """Return the metric of incorrect predictions above a probability: ``incorrect_above_0.90``."""
    two = f"{probability:.2f}"
    return f"incorrect_above_{two if float(two) == probability else probability}"


def held_out(model: str, results: Iterable[Row], parts: Mapping[str, str]) -> list[Row]:
    """Return the rows of ``image_results`` whose image is in part ``val`` of a split.

    Raises:
        UserError: An image is in no part, or none is held out.
    """
    chosen = []
    for row in results:
        if row["image_id"] not in parts:
            raise UserError(
                f"{model}: image {row['image_id']} is in no part of the split; name the split of "
                "the same dataset"
            )
        if parts[row["image_id"]] == "val":
            chosen.append(row)
    if not chosen:
        raise UserError(f"{model}: no held-out image was evaluated; lower train_fraction")
    return chosen


def score_model(
    model: str, results: Sequence[Mapping[str, Any]], high_confidence: float
) -> list[Row]:
    """Score one model.

    Args:
        model: Name of the model.
        results: Rows of its ``image_results`` table, at least one.
        high_confidence: Probability above which an incorrect top-1 prediction is counted.

    Returns:
        Rows of the ``scores`` table without study, dataset and view.

    Raises:
        UserError: An image has predictions of several crops.
    """
    require_one_crop(model, results)
    units = [unit_of(row) for row in results]
    conditions = list(_conditions(model, results, high_confidence))
    rows: list[Row] = [
        {"subset": one.subset, "model": model, "metric": one.metric, "k": one.k, **columns}
        for one, columns in zip(
            conditions, share_columns(counts_of(conditions, units)), strict=True
        )
    ]
    ks = known_ks(results)
    correct = np.array([_flags(results, f"correct_top{k}") for k in ks]).T
    _, unit = np.unique(units, return_inverse=True)
    for subset, members in subsets_of(results).items():
        # Of its own images and their units only: there are a thousand classes.
        _, own_unit = np.unique(unit[members], return_inverse=True)
        counts = Counts.of(own_unit, correct[members], np.ones((len(members), len(ks)), bool))
        rows += [
            {"subset": subset, "model": model, "metric": "accuracy", "k": k, **columns}
            for k, columns in zip(ks, share_columns(counts), strict=True)
        ]
    return rows


def share_columns(counts: Counts) -> list[Row]:
    """Return of each share its counts and its intervals, over images and over clusters."""
    totals = (side.sum(axis=0).astype(int).tolist() for side in (counts.successes, counts.trials))
    return [
        {
            **asdict(clopper_pearson(successes, n)),
            "interval": CLOPPER_PEARSON_95,
            **over_clusters,
        }
        for successes, n, over_clusters in zip(*totals, cluster_columns(counts), strict=True)
    ]


def cluster_columns(counts: Counts) -> list[Row]:
    """Return of each share its interval over clusters, and how many these are."""
    return [
        {"cluster_low": or_none(low), "cluster_high": or_none(high), "clusters": int(clusters)}
        for low, high, clusters in zip(*share_ends(counts), counts.clusters, strict=True)
    ]


def require_one_crop(model: str, results: Sequence[Mapping[str, Any]]) -> None:
    """Raise a `UserError` that names an image with predictions of several crops."""
    several = Counter(row["image_id"] for row in results)
    if len(several) < len(results):
        image_id, _ = several.most_common(1)[0]
        raise UserError(
            f"{model}: image {image_id} has several predictions; accuracy needs a view with one "
            "crop of each image"
        )


def known_ks(results: Iterable[Mapping[str, Any]]) -> list[int]:
    """Return the k at which all images are known to be correct or not: short lists do not tell."""
    unknown = {k for row in results for k in KS if row[f"correct_top{k}"] is None}
    return [k for k in KS if k not in unknown]


def overall(
    model: str, results: Sequence[Mapping[str, Any]], high_confidence: float
) -> Iterator[Condition]:
    """Yield every metric of all images, in the order of the table."""
    everything = np.ones(len(results), dtype=bool)
    for metric, column in (("accuracy", "correct"), ("tree_accuracy", "tree")):
        for k in known_ks(results):
            flags = _flags(results, f"{column}_top{k}")
            yield Condition(model, "all", metric, k, flags, everything)
    probabilities = top_probabilities(results)
    if probabilities is not None:
        errors = (np.array(probabilities) > high_confidence) & ~_flags(results, "correct_top1")
        yield Condition(model, "all", incorrect_above(high_confidence), 1, errors, everything)


def by_role(model: str, results: Sequence[Mapping[str, Any]]) -> Iterator[Condition]:
    """Yield the accuracy of the images of each role, if there are several."""
    roles = np.array([row["role"] or "" for row in results])
    named = [name for name in np.unique(roles) if name]
    if len(named) > 1:
        for name in named:
            yield from _accuracies(model, results, f"role={name}", roles == name)


def _conditions(
    model: str, results: Sequence[Mapping[str, Any]], high_confidence: float
) -> Iterator[Condition]:
    """Yield every metric on the few large subsets that have an image, in the order of the table."""
    yield from overall(model, results, high_confidence)
    has_kept = _flags(results, "kept_labels") & _flags(results, "noun")
    if has_kept.any():
        yield from _accuracies(model, results, "senses", has_kept, "sense")
        yield from _accuracies(model, results, "senses_before", has_kept)
    yield from by_role(model, results)


def _accuracies(
    model: str,
    results: Sequence[Mapping[str, Any]],
    subset: str,
    members: Bools,
    column: str = "correct",
) -> Iterator[Condition]:
    for k in known_ks(results):
        correct = _flags(results, f"{column}_top{k}") & members
        yield Condition(model, subset, "accuracy", k, correct, members)


def subsets_of(results: Sequence[Mapping[str, Any]]) -> dict[str, Integers]:
    """Return the positions of the images of each first label and of each size of the first box.

    Those without a label or a box are in none of these.
    """
    classes = np.array([row["labels"][0] if row["labels"] else "" for row in results])
    areas = np.array([row["box_area"] for row in results], dtype=float)
    bins = np.where(np.isnan(areas), -1, np.searchsorted(AREA_EDGES[1:-1], areas, side="left"))
    by_class = {f"class={wnid}": at for wnid, at in _grouped(classes) if wnid}
    return by_class | {
        f"area={AREA_EDGES[position]:g}-{AREA_EDGES[position + 1]:g}": at
        for position, at in _grouped(bins)
        if position >= 0
    }


def area_of(text: str) -> tuple[float, float]:
    """Return both ends of a bin of `subsets_of`, from what stands behind ``area=``."""
    # A minus behind an e belongs to the number: 1e-05-0.01.
    low, high = map(float, re.split("(?<!e)-", text))
    return low, high


def _grouped(values: npt.NDArray[Any]) -> Iterator[tuple[Any, Integers]]:
    """Yield each value that there is, ascending, and its positions."""
    found, starts = np.unique(values[order := np.argsort(values, kind="stable")], return_index=True)
    yield from zip(found.tolist(), np.split(order, starts[1:]), strict=True)


def _flags(results: Sequence[Mapping[str, Any]], column: str) -> Bools:
    """Return a column as flags; null and empty are False."""
    return np.array([bool(row[column]) for row in results])

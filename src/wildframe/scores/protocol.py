"""What the choices of a protocol are worth: the same predictions, scored by one other choice each.

Whether any label counts, which classes can be predicted, how scores of several classes become one,
and whether doubtful labels count: papers differ in these, and points with them.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import get_args

import numpy as np

from wildframe.core.choices import Merge
from wildframe.core.tables import Row
from wildframe.frames.views.zoom import SIDE
from wildframe.manifests.predictable import predictable_wnids
from wildframe.reviews import pair_of
from wildframe.scores import unit_of
from wildframe.scores.accuracy import known_ks, require_one_crop
from wildframe.scores.conditions import Condition
from wildframe.scores.evaluated import Evaluated
from wildframe.scores.image_results import (
    any_of,
    require_first,
    score_images,
    top_probabilities,
)
from wildframe.scores.pairs import compare_each
from wildframe.scores.predicted import KS, Protocol, open_predictions
from wildframe.scores.robustness import SetResults, conditions_of
from wildframe.scores.zoom import ONE_CROP, ZoomResults

FULL, RESTRICTED = "full", "restricted"


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice of a protocol: what the study uses, and what others use instead."""

    name: str
    used: str
    instead: str


Chosen = tuple[Choice, Iterable[Row]]
"""A choice, and the results under it, of which one model's may be most of the memory of a job."""


def alternatives(own: Protocol) -> dict[Choice, Protocol]:
    """Return the protocols that differ from a dataset's own in one choice about classes."""
    if own.label_space is None:
        is_full = own.predictable == "all"
        used, instead = (FULL, RESTRICTED) if is_full else (RESTRICTED, FULL)
        other = replace(own, predictable="labels" if is_full else "all")
        return {Choice("label_space", used, instead): other}
    used, instead = (RESTRICTED, FULL) if own.restrict else (FULL, RESTRICTED)
    found = {Choice("label_space", used, instead): replace(own, restrict=not own.restrict)}
    merges: tuple[Merge, ...] = get_args(Merge)
    return found | {
        Choice("merge", own.merge, merge): replace(own, merge=merge)
        for merge in merges
        if merge != own.merge
    }


def by_labels(results: Sequence[Row]) -> Iterator[Chosen]:
    """Yield results under other rules about labels, where these make a difference.

    They are the same rows with other ``correct_top1`` and ``correct_top5``: by the first label
    alone, and by the labels that the sense table keeps; None where it keeps none.

    Args:
        results: Rows of ``IMAGE_RESULTS``, in which any label counts.
    """
    if any(len(row["labels"]) > 1 for row in results):
        yield Choice("labels", "any", "first"), map(_by_first_label, results)
    if any(row["kept_labels"] for row in results):
        yield Choice("doubtful_labels", "in", "out"), map(_by_kept_labels, results)


def _by_first_label(row: Row) -> Row:
    top = [one["wnid"] for one in row["top"]]
    ks = known_ks([row])
    return row | {f"correct_top{k}": any_of(top, row["labels"][:1], k) for k in ks}


def _by_kept_labels(row: Row) -> Row:
    return row | {f"correct_top{k}": row[f"sense_top{k}"] for k in KS}


def compare_choices(
    model: str,
    own: Sequence[Row],
    others: Iterable[Chosen],
    seed: int,
    *,
    of_sets: bool = False,
) -> list[Row]:
    """Return the rows of ``PAIRS`` of one model: each other choice minus the study's own.

    Subsets are named ``<choice>=<what it is>``.

    Args:
        model: Name of the model.
        own: Rows of its ``IMAGE_RESULTS``.
        others: The same rows by other choices, taken one by one; an image whose ``correct_top1`` is
            None does not count.
        seed: Seed of the tests.
        of_sets: Whether they are of sets of frames, whose metrics are compared then.

    Raises:
        UserError: A single image has predictions of several crops.
    """
    if not of_sets:
        require_one_crop(model, own)
    ordered = sorted(own, key=pair_of)

    def conditions(choice: Choice, side: str, rows: Sequence[Row]) -> list[Condition]:
        # A list of classes may not tell the first of those that can be predicted.
        if choice.name == "label_space" and 1 not in known_ks(rows):
            return []
        found = conditions_of(SetResults(model, rows)) if of_sets else _tops(model, rows)
        return [replace(one, subset=f"{choice.name}={side}") for one in found]

    pairs: list[tuple[Condition, Condition]] = []
    for choice, results in others:
        instead = conditions(choice, choice.instead, sorted(results, key=pair_of))
        used = {(one.metric, one.k): one for one in conditions(choice, choice.used, ordered)}
        # A list of classes may tell one of them only to a smaller k.
        pairs += [(one, used[at]) for one in instead if (at := (one.metric, one.k)) in used]
    units = SetResults(model, ordered).units if of_sets else [*map(unit_of, ordered)]
    return compare_each(pairs, units, seed)


def _tops(model: str, rows: Sequence[Row]) -> Iterator[Condition]:
    """Yield the accuracies of single images."""
    counts = np.array([row["correct_top1"] is not None for row in rows], bool)
    for k in known_ks(row for row, is_counted in zip(rows, counts, strict=True) if is_counted):
        correct = np.array([bool(row[f"correct_top{k}"]) for row in rows], bool)
        yield Condition(model, "all", "accuracy", k, correct, counts)


def compare_crops(results: ZoomResults, seed: int) -> list[Row]:
    """Return the rows of ``PAIRS`` of central crops of other fractions minus the ordinary crop.

    The others are the whole shorter side, or as much of it as a crop of the grid shows, and the
    next smaller fraction than the ordinary one.

    Args:
        results: A model's results on the crops of a zoom view; none if it lacks the ordinary crop.
        seed: Seed of the tests.
    """
    if ONE_CROP not in results.crops:
        return []
    sizes = sorted({crop.size for crop in results.crops if crop.size >= SIDE})
    smaller = [size for size in sizes if size < ONE_CROP.size]
    larger = [size for size in sizes if size > ONE_CROP.size]
    every = np.ones(len(results.image_ids), bool)

    def central(size: int) -> Condition:
        correct = results.correct[:, results.crops.index(ONE_CROP._replace(size=size))]
        subset = f"crop_fraction={SIDE / size:.3g}"
        return Condition(results.model, subset, "accuracy", 1, correct, every)

    used = central(ONE_CROP.size)
    pairs = [(central(size), used) for size in (*smaller[:1], *larger[:1])]
    return compare_each(pairs, results.groups, seed)


def score_protocols(
    paths: Iterable[Path], own: Protocol, images: Evaluated, manifest: Path, seed: int
) -> Iterator[Row]:
    """Yield the rows of `compare_choices` of several models, by their predictions.

    Args:
        paths: Predictions or detections of each model.
        own: How the dataset is scored.
        images: Its images, and its labels.
        manifest: Its manifest, which classes that can be predicted are read from.
        seed: Seed of the tests.

    Raises:
        UserError: As reading predictions and `compare_choices`.
    """
    others = alternatives(own)
    only = {one: predictable_wnids(one.predictable, manifest) for one in (own, *others.values())}

    def scored(path: Path, protocol: Protocol) -> tuple[Iterator[Row], dict[str, str]]:
        found, facts = open_predictions(path, protocol, only[protocol])
        # Accuracy by the tree, which needs relatives of classes, is not compared.
        return score_images(path, found, images.rows, images.known, {}), facts

    def by_protocols(path: Path, used: str | None, has_probabilities: bool) -> Iterator[Chosen]:
        for choice, protocol in others.items():
            if protocol.merge != "max" and not has_probabilities:
                continue
            found, facts = scored(path, protocol)
            # Boxes of a detector are merged in one way only, whatever is asked for.
            merges = used, facts.get("merge")
            if choice.name != "merge" or merges == (choice.used, choice.instead):
                yield choice, found

    for path in paths:
        found, facts = scored(path, own)
        rows = [*require_first(path, found)]
        # A model of the label space itself, such as a detector, has no other class to choose.
        has_choice = facts["label_space"] != own.label_space
        has_probabilities = top_probabilities(rows) is not None
        by_choice = by_protocols(path, facts.get("merge"), has_probabilities) if has_choice else ()
        results = chain(by_labels(rows), by_choice)
        of_sets = "review" in images.facts
        yield from compare_choices(facts["model"], rows, results, seed, of_sets=of_sets)

"""Detection under natural perturbations: mAP on anchors, and on the worst frame of each set.

After *A systematic framework for natural perturbations from videos*, appendix 3. The rules:

- The worst frame of a set, its anchor included, has the lowest average precision of a single image,
  with classes pooled: a single image has too few for a mean over classes.
- Ties go to the frame nearest to the anchor, then to the earlier one: if no frame is worse than the
  anchor, it is the anchor. The paper does not say.
- Frames are chosen once, at the first threshold, and scored at all thresholds.
- A frame without an annotated object has no average precision and is never the worst; a set whose
  anchor has none is excluded, and listed.
- Objects of classes that the detector does not predict are excluded, and counted. So are detections
  of classes outside the label space: such objects are not annotated.
- Localization: the same with one class for all boxes. Boxes of several classes on one object are
  not merged first: one hits, the others are false positives.
"""

import math
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from wildframe.core.arrays import Floats, Integers
from wildframe.core.clusters import FEW_CLUSTERS, bca_ends, half_width, or_none
from wildframe.core.errors import UserError
from wildframe.core.tables import Row
from wildframe.scores import unit_of
from wildframe.scores.average_precision import FLAVOUR, Boxes, match

_DIGITS = 12
"""Average precisions that agree to so many digits are equal: the rest is rounding."""


Maps = Callable[[Integers], tuple[Floats, Floats]]
"""Returns mAP over anchors and over worst frames, with weights of the sets."""


@dataclass(frozen=True, slots=True)
class DetectionScores:
    """What `detection_scores` returns."""

    rows: list[Row]
    """Of ``DETECTION_SCORES``, without dataset, model and review."""
    worst: list[Row]
    """Of ``WORST_FRAMES``, without model."""
    without_objects: list[str]
    """Excluded anchors: without an object of a class that the detector predicts."""
    bare_frames: int
    """Number of other frames of the scored sets without such an object: never the worst."""
    not_covered: dict[str, int]
    """Number of excluded objects by class: those that the detector does not predict."""


@dataclass(frozen=True, slots=True)
class _Set:
    """A set: an anchor and the frames that can be its worst; images by their index in a list."""

    anchor_id: str
    video: str
    anchor: int
    candidates: list[tuple[int, int]]
    """Offset and image, by distance, then by offset: the anchor is first."""


def class_scores(detections: Sequence[Row], class_count: int) -> Floats:
    """Return a detector's scores as a classifier: of each class that of its best box, or -inf.

    Args:
        detections: Boxes of one image, as in ``DETECTIONS``.
        class_count: Number of classes of the detector.
    """
    scores = np.full(class_count, -np.inf)
    for box in detections:
        scores[box["class_index"]] = max(scores[box["class_index"]], box["score"])
    return scores


def thresholds_of(iou: str) -> list[float]:
    """Return the thresholds of a text: ``0.5``, or ``0.5:0.95`` for all in steps of 0.05.

    Raises:
        UserError: It reads otherwise.
    """
    first, _, last = iou.partition(":")
    try:
        low, high = float(first), float(last or first)
    except ValueError:
        low = high = 0.0
    steps = (high - low) / 0.05
    if not (0 < low <= high <= 1 and math.isclose(steps, round(steps), abs_tol=1e-9)):
        raise UserError(
            f"{iou!r}: an intersection over union reads like 0.5, or 0.5:0.95 for a mean in steps "
            "of 0.05"
        )
    return [float(value) for value in np.linspace(low, high, round(steps) + 1)]


def detection_scores(
    manifest_rows: Sequence[Row],
    reviews_rows: Sequence[Row],
    detector_rows: Iterable[Row],
    target_of: Sequence[str | None],
    ious: Sequence[str],
    k: int,
    resamples: int,
    seed: int,
) -> DetectionScores:
    """Score one detector on sets.

    Args:
        manifest_rows: Rows of the manifest: objects, their boxes, the size of the annotated image.
        reviews_rows: Accepted rows of ``REVIEWS``, with the anchors.
        detector_rows: Rows of ``DETECTIONS``, consumed once; those of other images do not count.
        target_of: For each class of the detector its class in the label space, a wnid, or None.
        ious: Thresholds as `thresholds_of` reads them; frames are chosen at the first.
        k: Largest distance from the anchor, in frames.
        resamples: Draws of videos for the intervals of delta.
        seed: Seed of the draws.

    Raises:
        UserError: An image is not in the manifest or has no detections, a set does not have
            exactly one anchor, an object has several classes, or no set is left.
    """
    covered = sorted({target for target in target_of if target})
    index_of = {target: index for index, target in enumerate(covered)}
    images = {row["image_id"]: row for row in manifest_rows}
    neighbours = [row for row in reviews_rows if abs(row["offset"]) <= k]
    image_ids = sorted({row["image_id"] for row in neighbours})
    _require("is not in the manifest", image_ids, images, "name the manifest of these sets")
    rows = [images[image_id] for image_id in image_ids]
    wanted = {row["image_id"]: row for row in rows}
    # As Python's objects, all rows would take ten times the memory of their boxes as arrays.
    found = {
        row["image_id"]: detections_in(row, wanted[row["image_id"]], target_of, index_of)
        for row in detector_rows
        if row["image_id"] in wanted
    }
    _require("has no detections", image_ids, found, "run the detector on it")
    objects = [objects_in(row, index_of) for row in rows]
    detections = [found[image_id] for image_id in image_ids]
    has_object = [len(of_image.classes) > 0 for of_image in objects]
    sets, without_objects = _sets(neighbours, image_ids, images, has_object)
    if not sets:
        raise UserError(
            "no anchor has an annotated object of a class that the detector predicts; name "
            "another label space, or drop the detector"
        )
    worst: list[Row] = []
    scores: list[Row] = []
    for task in ("detection", "localization"):
        if task == "localization":
            objects, detections = _as_one_class(objects), _as_one_class(detections)
        classes = len(covered) if task == "detection" else 1
        chosen = _choose(sets, objects, detections, classes, thresholds_of(ious[0]))
        rows_of = _score(sets, chosen, objects, detections, classes, ious, resamples, seed)
        scores += [{"task": task, "k": k, **row} for row in rows_of[0]]
        worst += [{"task": task, "image_id": image_ids[row.pop("at")], **row} for row in rows_of[1]]
    not_covered = Counter(
        labels[0]
        for row in rows
        for labels in row["annotation_labels"]
        if labels and labels[0] not in index_of
    )
    scored = {one.anchor_id for one in sets}
    in_scored = sum(row["anchor_id"] in scored for row in neighbours)
    bare = in_scored - sum(len(one.candidates) for one in sets)
    return DetectionScores(scores, worst, without_objects, bare, dict(sorted(not_covered.items())))


def _choose(
    sets: Sequence[_Set],
    objects: Sequence[Boxes],
    detections: Sequence[Boxes],
    classes: int,
    thresholds: Sequence[float],
) -> list[tuple[int, int]]:
    """Return offset and image of each set's worst frame."""
    matches = match(objects, detections, classes, thresholds)
    needed = {at for one in sets for _, at in one.candidates}
    # min takes the first of equals: candidates are in the order of preference.
    precision = {at: round(float(matches.of_image(at).mean()), _DIGITS) for at in needed}
    return [min(one.candidates, key=lambda candidate: precision[candidate[1]]) for one in sets]


def _score(
    sets: Sequence[_Set],
    chosen: Sequence[tuple[int, int]],
    objects: Sequence[Boxes],
    detections: Sequence[Boxes],
    classes: int,
    ious: Sequence[str],
    resamples: int,
    seed: int,
) -> tuple[list[Row], list[Row]]:
    """Return the rows of one task at all thresholds: scores, and worst frames (image ``at``)."""
    pairs = [(one.anchor, at) for one, (_, at) in zip(sets, chosen, strict=True)]
    evaluated, places = np.unique(np.array(pairs, np.int64), return_inverse=True)
    anchors, worst = places.reshape(-1, 2).T
    thresholds = {iou: thresholds_of(iou) for iou in ious}
    union = sorted({value for values in thresholds.values() for value in values})
    matches = match(
        [objects[at] for at in evaluated], [detections[at] for at in evaluated], classes, union
    )
    of_image = np.array([matches.of_image(at) for at in range(len(evaluated))])

    def maps(weights: Integers) -> tuple[Floats, Floats]:
        """Return mAP over anchors and over worst frames, with weights of the sets."""

        def over(places: Integers) -> Floats:
            times = np.bincount(places, weights, len(evaluated)).astype(np.int64)
            return matches.mean_over_classes(times)

        return over(anchors), over(worst)

    map_orig, map_pm_k = maps(np.ones(len(sets), np.int64))
    videos, video_of = np.unique([one.video for one in sets], return_inverse=True)
    without = ((video_of != video).astype(np.int64) for video in range(len(videos)))
    left_out = _deltas(maps, without)
    draws = None
    if len(videos) >= FEW_CLUSTERS:
        draws = _deltas(maps, _resampled(video_of, resamples, seed))
    times = np.bincount(anchors, minlength=len(evaluated))
    scores: list[Row] = []
    frames: list[Row] = []
    for iou, values in thresholds.items():
        part = [union.index(value) for value in values]
        orig, perturbed = float(map_orig[part].mean()), float(map_pm_k[part].mean())
        delta = orig - perturbed
        low, high = _delta_ends(
            delta,
            left_out[:, part].mean(axis=1),
            None if draws is None else draws[:, part].mean(axis=1),
            np.bincount(video_of),
        )
        scores.append(
            {
                "iou": iou,
                "map_orig": orig,
                "map_pm_k": perturbed,
                "delta": delta,
                "delta_low": or_none(low),
                "delta_high": or_none(high),
                "videos": len(videos),
                "anchors": len(sets),
                "categories": int(((times @ matches.objects) > 0).sum()),
                "flavour": FLAVOUR,
            }
        )
        precision = of_image[:, part].mean(axis=1)
        frames += [
            {
                "iou": iou,
                "anchor_id": one.anchor_id,
                "video": one.video,
                "at": at,
                "offset": offset,
                "ap_anchor": float(precision[place]),
                "ap": float(precision[worst_place]),
            }
            for one, (offset, at), place, worst_place in zip(
                sets, chosen, anchors, worst, strict=True
            )
        ]
    return scores, frames


def _deltas(maps: Maps, weights: Iterable[Integers]) -> Floats:
    """Return the drop of mAP with each of some weights, shape (weights, thresholds)."""
    return np.array([np.subtract(*maps(one)) for one in weights])


def _resampled(video_of: Integers, resamples: int, seed: int) -> Iterator[Integers]:
    """Yield the weights of the sets in each draw of as many videos as there are."""
    videos = int(video_of.max()) + 1
    rng = np.random.default_rng(seed)
    for _ in range(resamples):
        yield np.bincount(rng.integers(0, videos, videos), minlength=videos)[video_of]


def _delta_ends(
    delta: float, left_out: Floats, draws: Floats | None, sets_of_videos: Integers
) -> tuple[float, float]:
    """Return the ends of the interval of a drop of mAP; NaN where all videos agree.

    Args:
        delta: The drop.
        left_out: The same without each video.
        draws: The same of resamples of videos; None where these are few.
        sets_of_videos: Number of sets of each video.
    """
    (half,) = half_width(left_out[:, None], sets_of_videos[:, None])
    if draws is None or np.isnan(half):
        return np.maximum(delta - half, -1), np.minimum(delta + half, 1)
    # A draw may have no object of any class.
    low, high = bca_ends(delta, draws[~np.isnan(draws)], left_out)
    return float(low), float(high)


def _sets(
    rows: Sequence[Row],
    image_ids: Sequence[str],
    images: Mapping[str, Row],
    has_object: Sequence[bool],
) -> tuple[list[_Set], list[str]]:
    """Return the sets that can be scored, by anchor, and the anchors without an object."""
    index = {image_id: at for at, image_id in enumerate(image_ids)}
    members_of: dict[str, list[tuple[int, int]]] = {}
    for row in rows:
        frames = members_of.setdefault(row["anchor_id"], [])
        frames.append((row["offset"], index[row["image_id"]]))
    sets: list[_Set] = []
    without_objects: list[str] = []
    for anchor_id, frames in sorted(members_of.items()):
        anchors = [at for offset, at in frames if offset == 0]
        if len(anchors) != 1:
            raise UserError(
                f"{anchor_id}: its set has {len(anchors)} accepted frames at offset 0 and needs "
                "one, the anchor; review the sets again"
            )
        if not has_object[anchors[0]]:
            without_objects.append(anchor_id)
            continue
        candidates = [frame for frame in frames if has_object[frame[1]]]
        candidates.sort(key=lambda frame: (abs(frame[0]), frame[0]))
        video = unit_of(images[image_ids[anchors[0]]])
        sets.append(_Set(anchor_id, video, anchors[0], candidates))
    return sets, without_objects


def objects_in(row: Row, index_of: Mapping[str, int]) -> Boxes:
    """Return the annotated objects of an image whose class the detector predicts."""
    kept = []
    for labels, box in zip(row["annotation_labels"], row["boxes"], strict=True):
        if len(labels) > 1:
            raise UserError(
                f"{row['image_id']}: an object has the classes {', '.join(labels)}; a detector "
                "is scored where each object has one"
            )
        if labels and labels[0] in index_of:
            kept.append((index_of[labels[0]], _sides(box), 0.0))
    return _boxes(kept)


def detections_in(
    detections: Row, row: Row, target_of: Sequence[str | None], index_of: Mapping[str, int]
) -> Boxes:
    """Return the detections in the label space, scaled to the pixels of the annotation."""
    scale = [row[side] / detections[side] if row[side] else 1.0 for side in ("width", "height")] * 2
    kept = []
    for box in detections["detections"]:
        if wnid := target_of[box["class_index"]]:
            sides = [side * by for side, by in zip(_sides(box["box"]), scale, strict=True)]
            kept.append((index_of[wnid], sides, box["score"]))
    return _boxes(kept)


def _boxes(rows: Sequence[tuple[int, list[float], float]]) -> Boxes:
    classes, sides, scores = zip(*rows, strict=True) if rows else ((), (), ())
    boxes = np.array(sides, np.float64).reshape(-1, 4)
    return Boxes(np.array(classes, np.int64), boxes, np.array(scores, np.float64))


def _as_one_class(images: Sequence[Boxes]) -> list[Boxes]:
    return [replace(image, classes=np.zeros_like(image.classes)) for image in images]


def _sides(box: Row) -> list[float]:
    return [box[side] for side in ("x", "y", "width", "height")]


def _require(what: str, image_ids: Sequence[str], known: Collection[str], remedy: str) -> None:
    missing = [image_id for image_id in image_ids if image_id not in known]
    if missing:
        raise UserError(f"{missing[0]}: the image {what} ({len(missing)} such); {remedy}")

"""Detection scores of several detectors on the sets of one dataset, from table to table."""

import json
from collections.abc import Sequence
from pathlib import Path

from wildframe.core.choices import Targets
from wildframe.core.errors import UserError
from wildframe.core.schemas import (
    DETECTION_SCORES,
    DETECTIONS,
    MANIFEST,
    PAIRS,
    REVIEWS,
    WORST_FRAMES,
)
from wildframe.core.tables import Row, iter_rows, paths_by_model, read_facts, read_table, write_rows
from wildframe.frames.copies import join_groups
from wildframe.labels.hypernyms import target_of_classes
from wildframe.scores.detection import DetectionScores, detection_scores
from wildframe.scores.detector_pairs import detector_pairs
from wildframe.scores.evaluated import copies_in

_SUFFIX = ".detections.parquet"

_COLUMNS = (
    *("image_id", "width", "height", "annotation_labels", "boxes"),
    *("group_id", "video_id"),
)


def score_files(
    detections: Sequence[Path],
    manifest: Path,
    reviews: Path,
    dataset: str,
    label_space: Targets,
    ious: Sequence[str],
    resamples: int,
    seed: int,
    output: Path,
    worst: Path,
    pairs: Path,
) -> None:
    """Write mAP of each detector, the worst frame of each set, and comparisons of detectors.

    The metadata of all tables have, by detector and as JSON, what was excluded:
    ``anchors_without_objects`` lists anchors, ``frames_without_objects`` counts the other frames of
    the scored sets, ``classes_not_covered`` counts objects by class.

    Args:
        detections: Tables named ``<detector>.detections.parquet``.
        manifest: Manifest of the dataset.
        reviews: Reviews of its sets.
        dataset: Dataset of the config.
        label_space: Label space of the dataset.
        ious: As `scores.detection.thresholds_of` reads them; frames are chosen at the first.
        resamples: Draws of videos for intervals.
        seed: Seed of the draws and of tests.
        output: Table of mAP to write.
        worst: Table of worst frames to write.
        pairs: Table of comparisons to write.

    Raises:
        UserError: As `scores.detection.detection_scores`; a detector is given twice or misnamed.
    """
    manifest_rows = join_groups(
        read_table(manifest, MANIFEST, _COLUMNS).to_pylist(), copies_in(reviews)
    )
    accepted = [row for row in read_table(reviews, REVIEWS).to_pylist() if row["accepted"]]
    k = max((abs(row["offset"]) for row in accepted), default=0)
    review = read_facts(reviews, REVIEWS)["review"]
    scores: list[Row] = []
    frames: list[Row] = []
    results: dict[str, DetectionScores] = {}
    for path in detections:
        if not path.name.endswith(_SUFFIX):
            raise UserError(f"{path}: detections are named <detector>{_SUFFIX}; rename the file")
    by_model = paths_by_model(detections, DETECTIONS, "name each detector's table once")
    for model, path in by_model.items():
        results[model] = result = detection_scores(
            manifest_rows,
            accepted,
            iter_rows(path, DETECTIONS),
            target_of_classes(label_space, read_facts(path, DETECTIONS)["label_space"]),
            ious,
            k,
            resamples,
            seed,
        )
        scores += [{"dataset": dataset, "model": model, "review": review} | r for r in result.rows]
        frames += [{"model": model} | row for row in result.worst]
    config = {
        "dataset": dataset,
        "label_space": label_space,
        "iou": ",".join(ious),
        "k": k,
        "resamples": resamples,
        "seed": seed,
    }
    excluded = {
        "anchors_without_objects": {model: one.without_objects for model, one in results.items()},
        "frames_without_objects": {model: one.bare_frames for model, one in results.items()},
        "classes_not_covered": {model: one.not_covered for model, one in results.items()},
    }
    facts = {"review": review} | {name: json.dumps(value) for name, value in excluded.items()}
    write_rows(output, DETECTION_SCORES, scores, config=config, facts=facts)
    write_rows(worst, WORST_FRAMES, frames, config=config, facts=facts)
    write_rows(pairs, PAIRS, detector_pairs(frames, k, seed), config=config, facts=facts)

"""Fig. 3: detections on anchors, and on the frames of their sets with the lowest AP."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from wildframe.core.errors import UserError
from wildframe.core.schemas import DETECTIONS, WORST_FRAMES
from wildframe.core.tables import Row, iter_rows, read_facts
from wildframe.exhibits.comparisons import NOTHING
from wildframe.exhibits.figure import PAGE_WIDTH, Figure
from wildframe.exhibits.inputs import TableFile, table_of
from wildframe.exhibits.panels import CORRECT, INCORRECT, TEXT_SIZE, strip_figure
from wildframe.exhibits.registry import Context, File, Setting, exhibit
from wildframe.exhibits.robustness_table import reviewed
from wildframe.labels.hypernyms import target_of_classes
from wildframe.scores.average_precision import match
from wildframe.scores.detection import detections_in, objects_in, thresholds_of
from wildframe.studies.vid_robust.cells import class_names
from wildframe.studies.vid_robust.inputs import (
    DetectionNote,
    FrameShards,
    ManifestFile,
    SetsLabelSpace,
    datasets_with_boxes,
    detected,
)
from wildframe.studies.vid_robust.panels import Manifest, offset_text, origin, show_panel

SETS = 4
"""At most."""

LEAST_SCORE = 0.5
"""Boxes of a lower score are not drawn, in the paper as here."""

_NAME = 0.055
"""Height of a name, as a share of the image."""

_CHARACTER = 0.0175
"""Mean width of a character of a name, as a share of the image."""

_RIM = 0.68
"""Names of boxes that begin further to the right are aligned with its right side."""

_WIDTH = PAGE_WIDTH / 2
"""Width of a panel, in inches."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A box to draw: left, top, width and height as shares of the image."""

    box: tuple[float, float, float, float]
    kind: str
    """object, hit (a true positive) or miss (a false positive)."""
    text: str


def _detector(run: Context) -> str:
    return str(run.study.detectors[0])


def _detections(run: Context) -> dict[str, str]:
    return {"dataset": run.dataset, "view": "full", "detector": _detector(run)}


@exhibit(
    "Fig. 3",
    "detections on anchors and worst frames",
    "Detections on anchors and on the frames of their sets with the lowest average precision: "
    "annotated objects white, true positives blue, false positives orange (paper: Fig. 3).",
    datasets=datasets_with_boxes,
    compares=[NOTHING],
)
def fig3_detections(
    frames: FrameShards,
    manifest: ManifestFile,
    worst: Annotated[TableFile, File("scores_detection.worst", table_of(WORST_FRAMES), detected)],
    detections: Annotated[Path, File("predictions_detect", Path, _detections)],
    detector: Annotated[str, Setting(_detector)],
    label_space: SetsLabelSpace,
    data_note: DetectionNote,
) -> Figure:
    """Draw the sets that a detector loses most on: anchor and worst frame, and its detections."""
    # The worst frames are chosen at the first IoU.
    iou = json.loads(worst.facts["config"])["iou"].partition(",")[0]
    rows = worst_sets(worst, detector, iou)
    lost = [row for row in rows if row["ap"] < row["ap_anchor"]]
    chosen = lost[:SETS]
    shown = [image_id for row in chosen for image_id in (row["anchor_id"], row["image_id"])]
    manifest.require(shown)
    found, detector_space = read_detections(detections, detector, shown)
    target_of = target_of_classes(label_space, detector_space)
    names = class_names(label_space)
    threshold = thresholds_of(iou)[0]
    boxes = {
        name: boxes_of(manifest.rows[name], found[name], target_of, threshold, names)
        for name in shown
    }
    title = describe(detector, iou, len(rows), len(lost))
    notes = [f"Data: {data_note}", reviewed(worst.facts["review"])]
    if chosen:
        notes.append(
            "White: annotated objects; blue: true positives; orange and dashed: false positives. "
            f"Drawn are boxes that score above {LEAST_SCORE}; average precision (AP), of the "
            "image alone, counts all. Classes that the detector or the label space lacks are left "
            "out, as in the scores."
        )
    return Figure(title, draw(chosen, boxes, manifest, frames.images(shown)), notes)


def read_detections(
    path: Path, detector: str, wanted: Collection[str]
) -> tuple[dict[str, Row], str]:
    """Return rows of DETECTIONS by ``image_id``, and the label space of the detector.

    Raises:
        UserError: It is of another detector or dataset; others as of `read_table`.
    """
    facts = read_facts(path, DETECTIONS)
    if facts["model"] != detector:
        raise UserError(f"{path}: is of {facts['model']}, not of {detector}; name its detections")
    rows = iter_rows(path, DETECTIONS)
    found = {row["image_id"]: row for row in rows if row["image_id"] in wanted}
    if missing := sorted(set(wanted) - found.keys()):
        raise UserError(
            f"{path}: has no image {missing[0]}; name the detections of the same dataset"
        )
    return found, facts["label_space"]


def worst_sets(worst: TableFile, model: str, iou: str) -> list[Row]:
    """Return what a detector loses on each set, the largest loss first.

    Raises:
        UserError: The table does not have the detector.
    """
    wanted = (model, "detection", iou)
    rows = [row for row in worst.rows if (row["model"], row["task"], row["iou"]) == wanted]
    if not rows:
        known = ", ".join(sorted({row["model"] for row in worst.rows})) or "no detector"
        raise UserError(f"{worst.path}: no worst frames of {model} at {iou}; it has {known}")
    return sorted(rows, key=lambda row: (row["ap"] - row["ap_anchor"], row["anchor_id"]))


def boxes_of(
    image: Row,
    detections: Row,
    target_of: Sequence[str | None],
    threshold: float,
    names: Mapping[str, str],
) -> list[Drawn]:
    """Return the boxes of an image: annotated objects, then detections.

    Boxes and hits are those of the scores: see `scores.detection`.
    """
    covered = sorted({target for target in target_of if target})
    index_of = {target: index for index, target in enumerate(covered)}
    objects = objects_in(image, index_of)
    found = detections_in(detections, image, target_of, index_of)
    # Boxes are matched by falling score, so that one that is not drawn takes no object from others.
    hits = match([objects], [found], len(covered), [threshold]).hits[0]
    width = image["width"] or detections["width"]
    height = image["height"] or detections["height"]

    def drawn(box: Sequence[float], kind: str, text: str) -> Drawn:
        left, top, across, down = box
        return Drawn((left / width, top / height, across / width, down / height), kind, text)

    def name(index: int) -> str:
        return names.get(covered[index], covered[index])

    return [
        drawn(box, "object", name(index))
        for box, index in zip(objects.boxes, objects.classes, strict=True)
    ] + [
        drawn(box, "hit" if hit else "miss", f"{name(index)} {score:.2f}")
        for box, index, score, hit in zip(
            found.boxes, found.classes, found.scores, hits, strict=True
        )
        if score > LEAST_SCORE
    ]


def describe(model: str, iou: str, sets: int, lost: int) -> str:
    """Return the title: on how many sets a detector has a lower AP than on their anchor."""
    shown = "" if lost <= SETS else f"; the {SETS} largest losses"
    count = lost or "none"
    return f"Fig. 3: {model} loses average precision on {count} of {sets} sets (IoU {iou}){shown}"


def draw(
    chosen: Sequence[Row],
    boxes: Mapping[str, Sequence[Drawn]],
    manifest: Manifest,
    images: Mapping[str, bytes],
) -> Any:
    """Draw the chosen sets; without any, the title alone."""
    figure, axes = strip_figure(len(chosen), 1, (1, 1), 2.1)
    for row, (left, right) in zip(chosen, axes, strict=True):
        anchor, worst = row["anchor_id"], row["image_id"]
        lines = [f"anchor, {origin(anchor, manifest)}", f"AP {row['ap_anchor']:.2f}"]
        _draw_boxes(left, images[anchor], lines, boxes[anchor])
        lines = [f"worst frame, {offset_text(row['offset'])}", f"AP {row['ap']:.2f}"]
        _draw_boxes(right, images[worst], lines, boxes[worst])
    return figure


def places_of_names(boxes: Sequence[Drawn]) -> list[tuple[float, float]]:
    """Return the positions of the names of boxes, as shares of the image.

    Names of objects are below their boxes, of detections above; all within the image. One that
    would hide an earlier one moves up or down, away from its box if possible.

    Returns:
        Left end of each name and its top; the right end for a box that begins far to the right.
    """
    taken: list[tuple[float, float, float]] = []
    places = []
    for drawn in boxes:
        left, top, width, height = drawn.box
        across = _CHARACTER * len(drawn.text)
        to_right = left > _RIM
        x = min(left + width, 1) if to_right else max(left, 0)
        start = x - across if to_right else x
        is_object = drawn.kind == "object"
        wanted = min(top + height, 1 - _NAME) if is_object else max(top - _NAME, 0)
        neighbours = [y for at, y, length in taken if at < start + across and start < at + length]
        steps = (_NAME, -_NAME) if is_object else (-_NAME, _NAME)
        tries = [wanted, *(wanted + count * step for count in range(1, 5) for step in steps)]
        free = (
            y
            for y in tries
            if 0 <= y <= 1 - _NAME and all(abs(y - other) > 0.95 * _NAME for other in neighbours)
        )
        y = next(free, wanted)
        taken.append((start, y, across))
        places.append((x, y))
    return places


def _draw_boxes(axis: Any, data: bytes, lines: Sequence[str], boxes: Sequence[Drawn]) -> None:
    from matplotlib.patches import Rectangle

    image = show_panel(axis, data, lines, _WIDTH)
    styles: dict[str, dict[str, Any]] = {
        # Wider than detections, which are drawn over it, so that both can be seen.
        "object": {"edgecolor": "white", "linewidth": 2},
        "hit": {"edgecolor": CORRECT, "linewidth": 1},
        "miss": {"edgecolor": INCORRECT, "linewidth": 1, "linestyle": "--"},
    }
    background = {"edgecolor": "none", "pad": 0.8, "alpha": 0.8}
    for drawn, (x, y) in zip(boxes, places_of_names(boxes), strict=True):
        left, top, width, height = drawn.box
        corner = (left * image.width - 0.5, top * image.height - 0.5)
        size = (width * image.width, height * image.height)
        axis.add_patch(Rectangle(corner, *size, fill=False, **styles[drawn.kind]))
        is_object = drawn.kind == "object"
        axis.text(
            x * image.width,
            (y if is_object else y + _NAME) * image.height,
            drawn.text,
            ha="right" if left > _RIM else "left",
            va="top" if is_object else "bottom",
            fontsize=TEXT_SIZE,
            color="black" if is_object else "white",
            bbox=background | {"facecolor": styles[drawn.kind]["edgecolor"]},
            clip_on=True,
        )
    # Boxes and names at the rim do not widen the image.
    axis.set(xlim=(-0.5, image.width - 0.5), ylim=(image.height - 0.5, -0.5))

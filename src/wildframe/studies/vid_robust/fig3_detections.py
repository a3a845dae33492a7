"""Fig. 3: what a detector finds on anchors, and on the frames of their sets where it does worst."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from wildframe.core.errors import UserError
from wildframe.core.schemas import DETECTIONS, WORST_FRAMES
from wildframe.core.tables import Row, iter_rows, read_facts
from wildframe.exhibits.figure import Figure
from wildframe.exhibits.inputs import TableFile, table_of
from wildframe.exhibits.registry import Context, File, Setting, exhibit
from wildframe.exhibits.robustness_table import reviewed
from wildframe.labels.hypernyms import target_of_classes
from wildframe.scores.average_precision import match
from wildframe.scores.detection import detections_in, objects_in, thresholds_of
from wildframe.studies.vid_robust.cells import target_names
from wildframe.studies.vid_robust.inputs import (
    DataNote,
    FrameShards,
    ManifestFile,
    TargetClasses,
    datasets_with_boxes,
    scored,
)
from wildframe.studies.vid_robust.panels import (
    Manifest,
    origin,
    pair_figure,
    show_image,
    where,
)

SETS = 4
"""At most."""

LEAST_SCORE = 0.5
"""Boxes of a lower score are not drawn, in the paper as here."""

_TRUE, _FALSE = "#00c853", "#ff1744"

_NAME = 0.055
"""Height of a name, as a share of the image."""

_LETTER = 0.0175
"""Width of a letter of a name, as a share of the image: about."""

_RIM = 0.68
"""Names of boxes that begin further to the right end with their box."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A box to draw: left, top, width and height as shares of the image."""

    box: tuple[float, float, float, float]
    kind: str
    """object, hit or miss."""
    text: str


def _detector(run: Context) -> str:
    first: str = run.study.detectors[0]
    return first


def _detections(run: Context) -> dict[str, str]:
    return {"dataset": run.dataset, "view": "full", "detector": _detector(run)}


@exhibit(
    "Fig. 3",
    "detections on anchors and worst frames",
    "What a detector finds on anchors and on the frames of their sets where it does worst: "
    "annotated objects white, true positives green, false positives red (paper: Fig. 3).",
    datasets=datasets_with_boxes,
)
def fig3_detections(
    frames: FrameShards,
    manifest: ManifestFile,
    worst: Annotated[TableFile, File("scores_detection.worst", table_of(WORST_FRAMES), scored)],
    detections: Annotated[Path, File("predictions_detect", Path, _detections)],
    detector: Annotated[str, Setting(_detector)],
    targets: TargetClasses,
    data_note: DataNote,
) -> Figure:
    """Draw the sets that a detector loses most on: anchor and worst frame, and its detections.

    Args:
        frames: Of the dataset.
        manifest: Of the dataset.
        worst: Worst frame of each set, of each detector.
        detections: File of the detector's detections.
        detector: Name of the detector.
        targets: Classes that detections are scored among.
        data_note: What the data is.

    Raises:
        UserError: The files are not of the detector, or not of the same dataset.
    """
    # Frames were chosen at the first.
    iou = json.loads(worst.facts["config"])["iou"].partition(",")[0]
    rows = worst_sets(worst, detector, iou)
    lost = [row for row in rows if row["ap"] < row["ap_anchor"]]
    chosen = lost[:SETS]
    shown = [image_id for row in chosen for image_id in (row["anchor_id"], row["image_id"])]
    manifest.require(shown)
    found, label_space = read_detections(detections, detector, shown)
    target_of = target_of_classes(targets, label_space)
    names = target_names(targets)
    threshold = thresholds_of(iou)[0]
    boxes = {
        name: boxes_of(manifest.rows[name], found[name], target_of, threshold, names)
        for name in shown
    }
    title = describe(detector, iou, len(rows), len(lost))
    notes = [f"Data: {data_note}", reviewed(worst.facts["review"])]
    if chosen:
        notes.append(
            "White: annotated objects; green: true positives; red and dashed: false positives. "
            f"Drawn are boxes that score above {LEAST_SCORE}; average precision (AP), of the "
            "image alone, counts all. Classes that the detector or the targets lack are left "
            "out, as in scores."
        )
    return Figure(title, draw(title, chosen, boxes, manifest, frames.images(shown)), notes)


def read_detections(
    path: Path, detector: str, wanted: Collection[str]
) -> tuple[dict[str, Row], str]:
    """Return rows of DETECTIONS by ``image_id``, and the label space of the detector.

    Args:
        path: File of the detections.
        detector: Name of the detector that it must be of.
        wanted: ``image_id`` of each row.

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

    Args:
        worst: The ``worst_frames`` table.
        model: The detector.
        iou: Overlap, as in the table.

    Raises:
        UserError: The table does not know the detector.
    """
    wanted = (model, "detection", iou)
    rows = [row for row in worst.rows if (row["model"], row["task"], row["iou"]) == wanted]
    if not rows:
        known = ", ".join(sorted({row["model"] for row in worst.rows})) or "no detector"
        raise UserError(f"{worst.path}: no worst frames of {model} at {iou}; it knows {known}")
    return sorted(rows, key=lambda row: (row["ap"] - row["ap_anchor"], row["anchor_id"]))


def boxes_of(
    image: Row,
    detections: Row,
    target_of: Sequence[str | None],
    threshold: float,
    names: Mapping[str, str],
) -> list[Drawn]:
    """Return the boxes of a image: annotated objects, then what was found.

    What is scored is drawn, and hits are what scores take for hits: `scores.detection`.

    Args:
        image: Row of the manifest.
        detections: Row of DETECTIONS.
        target_of: Target (a wnid) of each class of the detector; None for none.
        threshold: Intersection over union that a hit needs.
        names: Names of targets by wnid.
    """
    covered = sorted({target for target in target_of if target})
    index_of = {target: index for index, target in enumerate(covered)}
    objects = objects_in(image, index_of)
    found = detections_in(detections, image, target_of, index_of)
    # Best first each box takes its object, so that what is not drawn takes none from what is.
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
    """Return the title: on how many sets a detector does worse than on their anchor."""
    if not lost:
        return f"Fig. 3: {model} loses average precision on none of {sets} sets (IoU {iou})"
    shown = "" if lost <= SETS else f"; the {SETS} largest losses"
    return f"Fig. 3: {model} loses average precision on {lost} of {sets} sets (IoU {iou}){shown}"


def draw(
    title: str,
    chosen: Sequence[Row],
    boxes: Mapping[str, Sequence[Drawn]],
    manifest: Manifest,
    images: Mapping[str, bytes],
) -> Any:
    """Return the drawing.

    Args:
        title: `describe`.
        chosen: Sets of `worst_sets`; without any, the title stands alone.
        boxes: `boxes_of` by ``image_id``.
        manifest: Of the dataset.
        images: Encoded images by ``image_id``.
    """
    figure, axes = pair_figure(title, len(chosen), across=1)
    for row, (left, right) in zip(chosen, axes, strict=True):
        anchor, worst = row["anchor_id"], row["image_id"]
        lines = [f"anchor, {origin(anchor, manifest)}", f"AP {row['ap_anchor']:.2f}"]
        _draw_boxes(left, images[anchor], lines, boxes[anchor])
        lines = [f"worst frame, {where(row['offset'])}", f"AP {row['ap']:.2f}"]
        _draw_boxes(right, images[worst], lines, boxes[worst])
    return figure


def places_of_names(boxes: Sequence[Drawn]) -> list[tuple[float, float]]:
    """Return where the names of boxes stand, as shares of the image.

    Names of objects stand below their boxes, of what was found above; all in the image. One that
    would hide an earlier one moves up or down, away from its box if it can.

    Returns:
        Top of each name and its left end, or its right end for a box that begins far to the right.
    """
    taken: list[tuple[float, float, float]] = []
    places = []
    for drawn in boxes:
        left, top, width, height = drawn.box
        across = _LETTER * len(drawn.text)
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

    image = show_image(axis, data, 1 / 2, lines)
    styles: dict[str, dict[str, Any]] = {
        # Wider than what is drawn over it, so that both can be seen.
        "object": {"edgecolor": "white", "linewidth": 3},
        "hit": {"edgecolor": _TRUE, "linewidth": 1.6},
        "miss": {"edgecolor": _FALSE, "linewidth": 1.6, "linestyle": "--"},
    }
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
            fontsize=6.5,
            color="black" if is_object else "white",
            bbox={
                "facecolor": styles[drawn.kind]["edgecolor"],
                "edgecolor": "none",
                "pad": 0.8,
                "alpha": 0.8,
            },
            clip_on=True,
        )
    # Boxes and names at the rim do not widen the image.
    axis.set(xlim=(-0.5, image.width - 0.5), ylim=(image.height - 0.5, -0.5))

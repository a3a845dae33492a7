"""Fig. 3: what a detector finds on anchors, and on the frames of their sets where it does worst."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wildframe.core.errors import UserError
from wildframe.core.tables import Row
from wildframe.exhibits.figure import add_notes, save
from wildframe.exhibits.robustness_table import reviewed
from wildframe.scores.average_precision import match
from wildframe.scores.detection import found_in, objects_in
from wildframe.studies.vid_robust.panels import origin, pair_figure, show_picture, where

SETS = 4
"""At most."""

LEAST_SCORE = 0.5
"""Boxes of a lower score are not drawn, in the paper as here."""

_TRUE, _FALSE = "#00c853", "#ff1744"

_NAME = 0.055
"""Height of a name, as a share of the picture."""

_LETTER = 0.0175
"""Width of a letter of a name, as a share of the picture: about."""

_RIM = 0.68
"""Names of boxes that begin further to the right end with their box."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A box to draw: left, top, width and height as shares of the picture."""

    box: tuple[float, float, float, float]
    kind: str
    """object, hit or miss."""
    text: str


def worst_sets(path: Path, worst: Sequence[Row], model: str, iou: str) -> list[Row]:
    """Return what a detector loses on each set, the largest loss first.

    Args:
        path: File of the worst frames, for messages.
        worst: Rows of WORST_FRAMES.
        model: The detector.
        iou: Overlap, as in the table.

    Raises:
        UserError: The table does not know the detector.
    """
    rows = [
        row for row in worst if (row["model"], row["task"], row["iou"]) == (model, "detection", iou)
    ]
    if not rows:
        known = ", ".join(sorted({row["model"] for row in worst})) or "no detector"
        raise UserError(f"{path}: no worst frames of {model} at {iou}; it knows {known}")
    return sorted(rows, key=lambda row: (row["ap"] - row["ap_anchor"], row["anchor_id"]))


def boxes_of(
    picture: Row,
    detections: Row,
    target_of: Sequence[str | None],
    threshold: float,
    names: Mapping[str, str],
) -> list[Drawn]:
    """Return the boxes of a picture: annotated objects, then what was found.

    What is scored is drawn, and hits are what scores take for hits: `scores.detection`.

    Args:
        picture: Row of the manifest.
        detections: Row of DETECTIONS.
        target_of: Target (a wnid) of each class of the detector; None for none.
        threshold: Intersection over union that a hit needs.
        names: Names of targets by wnid.
    """
    covered = sorted({target for target in target_of if target})
    index_of = {target: index for index, target in enumerate(covered)}
    objects = objects_in(picture, index_of)
    found = found_in(detections, picture, target_of, index_of)
    # Best first each box takes its object, so that what is not drawn takes none from what is.
    hits = match([objects], [found], len(covered), [threshold]).hits[0]
    width = picture["width"] or detections["width"]
    height = picture["height"] or detections["height"]

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


def plot(
    chosen: Sequence[Row],
    boxes: Mapping[str, Sequence[Drawn]],
    manifest: Mapping[str, Row],
    images: Mapping[str, bytes],
    title: str,
    review: str,
    about: str,
    outputs: Sequence[Path],
) -> None:
    """Draw each set: its anchor, and the frame that the detector does worst on.

    Args:
        chosen: Sets of `worst_sets`; without any, the title stands alone.
        boxes: `boxes_of` by ``image_id``.
        manifest: Rows of the manifest by ``image_id``.
        images: Encoded pictures by ``image_id``.
        title: `describe`.
        review: none, auto or human.
        about: What the data is.
        outputs: Files to write, .png or .svg.
    """
    figure, axes = pair_figure(len(chosen))
    for row, (left, right) in zip(chosen, axes, strict=True):
        anchor, worst = row["anchor_id"], row["image_id"]
        lines = [f"anchor, {origin(anchor, manifest)}", f"AP {row['ap_anchor']:.2f}"]
        _draw(left, images[anchor], lines, boxes[anchor])
        lines = [f"worst frame, {where(row['offset'])}", f"AP {row['ap']:.2f}"]
        _draw(right, images[worst], lines, boxes[worst])
    figure.suptitle(title, fontsize=12, parse_math=False)
    notes = [f"Data: {about}", reviewed(review)]
    if chosen:
        notes.append(
            "White: annotated objects; green: true positives; red and dashed: false positives. "
            f"Drawn are boxes that score above {LEAST_SCORE}; average precision (AP), of the "
            "picture alone, counts all. Classes that the detector or the targets lack are left "
            "out, as in scores."
        )
    add_notes(figure, notes)
    save(figure, outputs)


def places_of_names(boxes: Sequence[Drawn]) -> list[tuple[float, float]]:
    """Return where the names of boxes stand, as shares of the picture.

    Names of objects stand below their boxes, of what was found above; all in the picture. One that
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
        near = [y for at, y, length in taken if at < start + across and start < at + length]
        steps = (_NAME, -_NAME) if is_object else (-_NAME, _NAME)
        tries = [wanted, *(wanted + count * step for count in range(1, 5) for step in steps)]
        free = (
            y
            for y in tries
            if 0 <= y <= 1 - _NAME and all(abs(y - other) > 0.95 * _NAME for other in near)
        )
        y = next(free, wanted)
        taken.append((start, y, across))
        places.append((x, y))
    return places


def _draw(axis: Any, data: bytes, lines: Sequence[str], boxes: Sequence[Drawn]) -> None:
    from matplotlib.patches import Rectangle

    image = show_picture(axis, data, lines)
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
            parse_math=False,
        )
    # Boxes and names at the rim do not widen the picture.
    axis.set(xlim=(-0.5, image.width - 0.5), ylim=(image.height - 0.5, -0.5))

"""A set of five frames, one of them rejected; the model takes the third for a dog."""

import numpy as np
from frames_data import kept, write_frames

from wildframe.core.schemas import (
    DETECTIONS,
    IMAGE_RESULTS,
    MANIFEST,
    PREDICTIONS,
    REVIEWS,
    WORST_FRAMES,
)
from wildframe.core.tables import write_rows
from wildframe.frames.encode import encode
from wildframe.labels.spaces import class_wnids

CUP, DOG, REMOTE = "n03147509", "n02084071", "n04074963"
PLAIN = encode(np.full((50, 100, 3), 128, np.uint8), "png")


def scored(anchor, offset, correct=True, predicted=None, label=CUP, **values):
    """Return a row of IMAGE_RESULTS; images are named after their anchor and offset."""
    predicted = predicted or (label if correct else DOG)
    row = {
        "anchor_id": anchor,
        "image_id": anchor if offset == 0 else f"{anchor}{offset:+d}",
        "offset": offset,
        "view_key": "",
        "group_id": f"clip-{anchor}",
        "video_id": f"video-{anchor}",
        "role": None,
        "noun": None,
        "labels": [label],
        "kept_labels": [],
        "box_area": None,
        "top": [{"wnid": predicted, "probability": 0.5}],
        "predicted": predicted,
        "confidence": 0.5,
        "label_confidence": 0.5 if correct else 0.25,
        "sense_top1": None,
        "sense_top5": None,
    }
    flags = [f"{rule}_top{k}" for rule in ("correct", "tree") for k in (1, 5)]
    return row | dict.fromkeys(flags, correct) | values


def lost(anchor, ap, **values):
    row = {"model": "d", "task": "detection", "iou": "0.5", "anchor_id": anchor, "ap_anchor": 1.0}
    return row | {"image_id": f"{anchor}+1", "offset": 1, "ap": ap} | values


def side(x, y, width, height):
    return {"x": float(x), "y": float(y), "width": float(width), "height": float(height)}


def texts(drawing):
    """Return the title of a drawing and the texts of its axes."""
    found = [drawing.get_suptitle()]
    for axis in drawing.axes:
        found += [axis.get_title(loc="left"), *(text.get_text() for text in axis.texts)]
        if legend := axis.get_legend():
            found += [text.get_text() for text in legend.get_texts()]
    return [text for text in found if text]


def write_all(folder, blank, manifest_row):
    """Write the tables of the set; ``blank`` and ``image`` are the fixtures of these names."""
    names = ["a", "a-2", "a+2", "a+4", "a+6"]
    offsets = dict(zip(names, (0, -2, 2, 4, 6), strict=True))
    manifest = [
        manifest_row(name, video_id="the $video", frame=10 + offset)
        for name, offset in offsets.items()
    ]
    write_rows(folder / "manifest.parquet", MANIFEST, manifest)
    write_frames(folder, [kept(name, PLAIN) for name in names])
    reviews = [
        {"anchor_id": "a", "image_id": name, "offset": offset, "labels": [CUP]}
        | {"accepted": name != "a+4", "reason": "deformation" if name == "a+4" else None}
        | {"similar_votes": 1, "votes": 3}
        for name, offset in offsets.items()
    ]
    write_rows(folder / "reviews.parquet", REVIEWS, reviews, facts={"review": "human"})
    write_results(folder, incorrect={"a+2"})
    coco = class_wnids("coco80")
    scores = [[0.0] * 80 for _ in names]
    for row, dog in zip(scores, (0.125, 0.25, 0.75, 0.5, 0.375), strict=True):
        row[coco.index(DOG)] = np.log(dog / (1 - dog) * 79)
    predictions = [
        {"image_id": name, "view_key": "", "top": [], "scores": row}
        for name, row in zip(names, scores, strict=True)
    ]
    facts = {"label_space": "coco80", "model": "m"}
    write_rows(folder / "predictions.parquet", PREDICTIONS, predictions, facts=facts)
    found = [{"class_index": coco.index(CUP), "score": 0.75, "box": side(25, 10, 20, 20)}]
    detections = [
        {"image_id": name, "width": 100, "height": 50, "detections": found if name == "a" else []}
        for name in names
    ]
    facts = {"label_space": "coco80", "model": "d"}
    write_rows(folder / "d.detections.parquet", DETECTIONS, detections, facts=facts)
    write_worst(folder, ap=0.0)


def write_results(folder, incorrect=(), model="m"):
    rows = [
        scored("a", offset, correct=f"a{offset:+d}" not in incorrect) for offset in (-2, 0, 2, 6)
    ]
    restricted = {"restrict_to_label_space": "True"}
    facts = {"model": model, "targets": "coco80", "merge": "max"} | restricted
    facts |= {"review": "human", "predicted_from": "scores of all classes"}
    write_rows(folder / "results.parquet", IMAGE_RESULTS, rows, facts=facts)


def write_worst(folder, ap):
    row = lost("a", ap, image_id="a+2", offset=2) | {"ap_anchor": 1.0, "video": "v"}
    config = {"iou": "0.5,0.5:0.95"}
    write_rows(
        folder / "worst.parquet", WORST_FRAMES, [row], config=config, facts={"review": "human"}
    )

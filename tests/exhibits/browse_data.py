"""Writes the tables that a browsable page is made of, from few made-up values."""

import io
import json
from pathlib import Path

import numpy as np
from frames_data import kept, lost, write_frames
from PIL import Image

from wildframe.core.schemas import ATTRIBUTIONS, GRADCAMS, IMAGE_RESULTS, MANIFEST
from wildframe.core.tables import write_rows
from wildframe.exhibits.browse import EvaluatedModel, write_browser
from wildframe.frames.preprocessing import Preprocessing
from wildframe.frames.views.full import Full

PREPROCESSING = Preprocessing(32, 24, "bicubic", "center")
NAMES = {f"n{number}": f"class {number}" for number in range(9)}


def manifest_row(image_id, labels, noun="cup", box=(10, 20, 30, 5)):
    """Return a row of the manifest; boxes are given in a frame of 100 x 50 pixels."""
    return {
        "image_id": image_id,
        "dataset": "made-up",
        "split": "train",
        "record_id": f"record of {image_id}",
        "media": f"clips/{image_id}.mp4",
        "media_kind": "video",
        "frame": 24,
        "rate": "30",
        "width": 100,
        "height": 50,
        "labels": labels,
        "annotation_labels": [labels],
        "nouns": [noun],
        "words": [noun],
        "boxes": [dict(zip(("x", "y", "width", "height"), box, strict=True))],
        "group_id": f"clip of {image_id}",
        "video_id": None,
        "role": "pre",
        "origin": "made-up",
    }


def result(row, *top):
    """Return what a model made of an image: ``top`` pairs wnids and probabilities."""
    return {
        "anchor_id": row["image_id"],
        "image_id": row["image_id"],
        "offset": 0,
        "view_key": "",
        "group_id": row["group_id"],
        "video_id": None,
        "role": "pre",
        "noun": row["nouns"][0] if row["nouns"] else None,
        "labels": row["labels"],
        "kept_labels": row["labels"][:1],
        "box_area": 0.1,
        "top": [{"wnid": wnid, "probability": probability} for wnid, probability in top],
        "predicted": top[0][0],
        "confidence": top[0][1],
        "label_confidence": dict(top).get(row["labels"][0]),
        "correct_top1": top[0][0] in row["labels"],
        "correct_top5": any(wnid in row["labels"] for wnid, _ in top),
        "tree_top1": False,
        "tree_top5": False,
        "sense_top1": None,
        "sense_top5": None,
    }


def cam(row, target, values, target_is="label"):
    """Return a Grad-CAM map of 2 rows."""
    return {
        "image_id": row["image_id"],
        "view_key": "",
        "target_is": target_is,
        "target": target,
        "height": 2,
        "width": len(values) // 2,
        "map": values,
    }


def causes_of(model, image_id, *causes):
    """Return what explains that a model is incorrect on an image."""
    examined = ("framing", "doubtful_label", "motion")
    return {"model": model, "image_id": image_id, "group_id": "clip", "video_id": None} | {
        cause: cause in causes for cause in examined
    }


def encoded(width, height):
    """Return a grey JPEG."""
    buffer = io.BytesIO()
    Image.fromarray(np.full((height, width, 3), 127, np.uint8)).save(buffer, "JPEG")
    return buffer.getvalue()


def frame(row, size=(40, 30), status="ok"):
    """Return an image with its frame."""
    image_id = row["image_id"]
    return kept(image_id, encoded(*size)) if status == "ok" else lost(image_id, status)


def write_page(
    folder, rows, models, *, cams=None, causes=None, frames=None, output="page", **options
):
    """Write the tables under a folder and the page of them; return the page's folder.

    Args:
        folder: Where.
        rows: Rows of the manifest.
        models: Rows of results by name of the model.
        cams: Rows of Grad-CAM maps by name of the model.
        causes: Rows of attributions, of any of the models.
        frames: Images with their frames; each image grey, 40 x 30 pixels, if not given.
        output: Name of the page's folder.
        options: Of `write_browser`, in place of the usual.
    """
    write_rows(folder / "manifest.parquet", MANIFEST, rows)
    shards = [[frame(row) for row in rows]] if frames is None else [frames[::2], frames[1::2]]
    paths, statuses = write_frames(folder, *shards)
    attributions = None
    if causes:
        attributions = folder / "attributions.parquet"
        write_rows(attributions, ATTRIBUTIONS, causes)
    evaluated = []
    for name, results in models.items():
        write_rows(folder / f"{name}.parquet", IMAGE_RESULTS, results)
        maps = None
        if cams and name in cams:
            maps = folder / f"{name}.gradcam.parquet"
            write_rows(maps, GRADCAMS, cams[name], facts={"model": name})
        path = folder / f"{name}.parquet"
        evaluated.append(EvaluatedModel(name, path, PREPROCESSING, maps, attributions))
    usual = {"title": "Study", "data_note": "made-up", "class_names": NAMES, "view": Full()}
    usual |= {"models": evaluated, "frames": paths, "statuses": statuses}
    write_browser(folder / output, manifest=folder / "manifest.parquet", **usual | options)
    return folder / output


def read_part(page: Path, part: str):
    """Return what a script of data hands over."""
    text = (page / "data" / f"{part}.js").read_text(encoding="ascii")
    start = f'wildframe("{part}",'
    assert text.startswith(start)
    assert text.endswith(");\n")
    return json.loads(text[len(start) : -3])

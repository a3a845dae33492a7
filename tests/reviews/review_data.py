"""Small made-up sets, with images, for the tests of reviews."""

import io
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
from frames_data import kept, lost, write_frames
from PIL import Image, ImageDraw

from wildframe.core.schemas import CLASSES, MANIFEST, SETS
from wildframe.core.tables import write_rows
from wildframe.reviews.decisions import Decision
from wildframe.reviews.labels import ordered

ZEBRA, BEAR = "n02391049", "n02131653"
UNLABELLED = "round,annotator,anchor_id,image_id,tags,notes,time"
"""Header of decisions of other tools and of earlier versions."""
EVIL = '<img src=x onerror="window.hacked=1">'


def filled(contract, **values):
    """Return a row of a contract, empty but for the values given."""

    def nothing(field):
        if field.nullable:
            return None
        if pa.types.is_list(field.type):
            return []
        return "" if pa.types.is_string(field.type) else 0

    return {field.name: nothing(field) for field in contract.fields} | values


def set_rows(anchor, offsets, labels=(ZEBRA,)):
    """Return the rows of a set: ``a`` with offset 2 is image ``a+2``, the anchor ``a`` itself."""
    return [
        {
            "anchor_id": anchor,
            "image_id": f"{anchor}{offset:+d}" if offset else anchor,
            "offset": offset,
            "labels": list(labels),
        }
        for offset in sorted({0, *offsets})
    ]


def decided(number, annotator, anchor, image, tags="correct;similar"):
    """Return one decision as `read_decisions` does: its key and itself."""
    tags, pair = ordered(tags.split(";")), (anchor, image)
    where = f"d/{annotator}.csv: line 2"
    return (number, annotator, pair), Decision(number, annotator, pair, tags, where=where)


def encoded(value=127, size=(64, 48), text=""):
    """Return a PNG of one grey."""
    image = Image.fromarray(np.full((size[1], size[0], 3), value, np.uint8))
    if text:
        ImageDraw.Draw(image).text((size[0] / 4, size[1] / 3), text, fill="white", font_size=60)
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def write_dataset(folder: Path, sets, *, broken=(), images=None, names=None):
    """Write sets, manifest, classes, statuses and two shards of frames; return their paths.

    Args:
        folder: Where.
        sets: Rows of SETS.
        broken: Images that could not be read.
        images: Encoded image of each image, if it is not grey.
        names: Name of each class.
    """
    ids = list(dict.fromkeys(row["image_id"] for row in sets))
    offsets = {row["image_id"]: row["offset"] for row in sets}
    paths = SimpleNamespace(
        sets=folder / "d.sets.parquet",
        manifest=folder / "d.parquet",
        classes=folder / "classes.parquet",
        decisions=folder / "decisions",
    )
    write_rows(paths.sets, SETS, sets)
    manifest = [
        filled(
            MANIFEST,
            image_id=image,
            media=f"{image[0]}.mp4",
            media_kind="video",
            video_id=f"video-{image[0]}",
            frame=100 + offsets[image],
        )
        for image in ids
    ]
    write_rows(paths.manifest, MANIFEST, manifest)
    named = {ZEBRA: "zebra", BEAR: "bear"} | (names or {})
    classes = [filled(CLASSES, wnid=wnid, name=name) for wnid, name in named.items()]
    write_rows(paths.classes, CLASSES, classes)
    frames = [
        lost(image, "decode_failed", "is broken")
        if image in broken
        else kept(image, (images or {}).get(image, encoded()))
        for image in ids
    ]
    paths.shards, paths.statuses = write_frames(folder, frames[::2], frames[1::2])
    return paths

"""A dataset of clips made by hand: squares that move, in all the files that stations hand over."""

import io

import numpy as np
from PIL import Image

from wildframe.core.schemas import (
    CLIP_CLASSES,
    CLIP_PREDICTIONS,
    CLIPS,
    INTERACTIONS,
)
from wildframe.core.tables import write_rows
from wildframe.frames.kept import write_shard

FRAMES, STRIDE, SIDE = 8, 2, 36
CLASSES = {"action": ["left", "right"], "verb": ["go", "come", "stay"], "noun": ["square", "disc"]}


def clip_row(number, **changes):
    """Return the row of CLIPS of clip number so-and-so: c0, c1 ...; pairs are c0 and c1 ..."""
    moves = CLASSES["action"][number // 2 % 2]
    return {
        "dataset": "squares",
        "clip_id": f"c{number}",
        "video_id": f"v{number}",
        "split": "train",
        "media": f"v{number}.mp4",
        "media_kind": "video",
        "rate": None,
        "start": None,
        "stop": None,
        "actions": [{"class": moves, "start": None, "stop": None}],
        "verb": CLASSES["verb"][number % 3],
        "noun": CLASSES["noun"][number % 2],
        "viewpoint": ("ego", "exo")[number % 2],
        "pair_id": f"p{number // 2}",
        "participant_id": None,
    } | changes


def write_clips(folder, rows):
    """Write manifest.parquet and classes.parquet, and what teachers say of the clips.

    These are viewpoint.parquet and object.parquet, with embeddings of three numbers, and
    boxes.parquet.
    """
    write_rows(folder / "manifest.parquet", CLIPS, rows)
    write_rows(
        folder / "classes.parquet",
        CLIP_CLASSES,
        [
            {"head": head, "class_index": index, "class": name, "name": name}
            for head, names in CLASSES.items()
            for index, name in enumerate(names)
        ],
    )
    write_kept(folder / "kept.arrow", rows)
    rng = np.random.default_rng(0)
    for head, classes in (("viewpoint", 2), ("object", 5)):
        write_rows(
            folder / f"{head}.parquet",
            CLIP_PREDICTIONS,
            [
                {
                    "clip_id": row["clip_id"],
                    "head": head,
                    "views": 2,
                    "scores": rng.normal(size=classes).tolist(),
                    "embedding": rng.normal(size=3).tolist(),
                }
                for row in rows
            ],
        )
    write_rows(
        folder / "boxes.parquet",
        INTERACTIONS,
        [
            {
                "video_id": row["video_id"],
                "frame": STRIDE * frame,
                "kind": kind,
                "position": 0,
                "x1": 0.25,
                "y1": 0.25,
                "x2": 0.75,
                "y2": 0.75,
                "score": 0.9,
            }
            for row in rows
            for frame in range(FRAMES)
            for kind in ("hand", "object")
        ],
    )


def write_kept(path, rows):
    """Write the frames of clips: a square that moves to the left, or to the right."""
    kept = [
        {
            "clip_id": row["clip_id"],
            "status": "ok",
            "detail": "",
            "frames": [STRIDE * frame for frame in range(FRAMES)],
            "times": [frame / 10 for frame in range(FRAMES)],
            "width": SIDE,
            "height": SIDE,
            "images": [
                jpeg(frame, number, any(one["class"] == "left" for one in row["actions"][:1]))
                for frame in range(FRAMES)
            ],
        }
        for number, row in enumerate(rows)
    ]
    write_shard(path, kept, {"stride": STRIDE})


def jpeg(frame, number, goes_left):
    """Return a frame of a clip."""
    pixels = np.full((SIDE, SIDE, 3), 40 + 10 * number, np.uint8)
    at = 3 * (FRAMES - frame if goes_left else frame)
    pixels[number : number + 12, at : at + 10] = 230
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=95)
    return buffer.getvalue()

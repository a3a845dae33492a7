"""From an annotation file of the paper's size to the manifest: time and memory.

19,071 records of 457 videos, with hands, tools, duplicates and null nouns, all invented.
"""

import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RECORDS, VIDEOS = 19_071, 457
NOUNS = ["cup_(cup,_mug,_tumbler)", "hammer_(hammer,_mallet)", "scissors", "wood", "banana", None]


def box(rng: random.Random, kind: str, noun: str | None) -> dict[str, object]:
    """Return an annotated box somewhere in the frame."""
    sides = {side: round(rng.uniform(10, 700), 2) for side in ("x", "y", "width", "height")}
    return {"object_type": kind, "structured_noun": noun, "instance_number": 1, "bbox": sides}


def moment(rng: random.Random, frame: int) -> dict[str, object]:
    """Return an annotated moment with hands and one or two objects."""
    boxes = [box(rng, hand, None) for hand in ("left_hand", "right_hand")]
    boxes.append(box(rng, "object_of_change", rng.choice(NOUNS)))
    if rng.random() < 0.3:
        boxes.append(box(rng, "tool", rng.choice(NOUNS)))
    return {
        "frame_number": frame,
        "clip_frame_number": frame,
        "width": 1440,
        "height": 1080,
        "bbox": boxes,
    }


def record(rng: random.Random) -> dict[str, object]:
    """Return a record; about one in two hundred repeats another's frame."""
    video = rng.randrange(VIDEOS)
    frame = rng.randrange(4500)
    moments = {f"{role}_frame": moment(rng, frame) for role in ("pre", "pnr", "post")}
    return {"video_uid": f"video-{video}", "clip_id": "1", "clip_uid": f"clip-{video}", **moments}


def main() -> None:
    """Print the wall time of each command and the largest memory of any."""
    rng = random.Random(0)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        annotations = folder / "fho_scod_train.json"
        content = {"split": "train", "clips": [record(rng) for _ in range(RECORDS)]}
        annotations.write_text(json.dumps(content))
        print(f"{RECORDS} records, {annotations.stat().st_size / 2**20:.0f} MiB of JSON")
        records, objects, classes = (folder / f"{part}.parquet" for part in ("r", "o", "c"))
        commands = {
            "sources ego4d": f"--annotations {annotations} --split train --records {records}"
            f" --objects {objects}",
            "labels classes": f"--output {classes}",
            "manifests build": f"--records {records} --objects {objects} --classes {classes}"
            " --class-space in1k --dataset d --role pre --object-types object_of_change,tool"
            " --words first --synsets all --media clips --version v1 --rate 30"
            f" --manifest {folder / 'm.parquet'} --funnel {folder / 'f.parquet'}",
        }
        for command, options in commands.items():
            start = time.perf_counter()
            arguments = [*command.split(), *options.split()]
            subprocess.run([sys.executable, "-m", "wildframe", *arguments], check=True)
            print(f"{command:16} {time.perf_counter() - start:5.1f} s")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**10
    print(f"largest process {peak:.0f} MiB")


if __name__ == "__main__":
    main()

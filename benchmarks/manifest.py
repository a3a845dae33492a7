"""From annotation files of Ego4D's sizes to tables and manifest: time and memory.

19,071 records of 457 videos, as the paper's, with hands, tools, duplicates and null nouns; then
66,000 and 660,000 records without boxes, as the test split's. All are invented.
"""

import json
import random
import tempfile
from collections.abc import Iterable
from pathlib import Path

from commands import Cost, run

RECORDS, VIDEOS = 19_071, 457
WITHOUT_BOXES = (66_000, 660_000)
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


def without_boxes(full: dict[str, object]) -> dict[str, object]:
    """Return a record as the test split has it."""
    return {
        key: {name: part for name, part in value.items() if name != "bbox"}
        if isinstance(value, dict)
        else value
        for key, value in full.items()
    }


def write(path: Path, records: Iterable[dict[str, object]]) -> None:
    """Write an annotation file record by record."""
    with path.open("w") as file:
        file.write('{"split": "train", "clips": [')
        for number, entry in enumerate(records):
            file.write((", " if number else "") + json.dumps(entry))
        file.write("]}")


def read(path: Path) -> Cost:
    """Read an annotation file into tables beside it."""
    return run("sources ego4d", f"--annotations {path} --version v1 --split train {_tables(path)}")


def build(path: Path, classes: Path) -> Cost:
    """Build the manifest of an annotation file that has been read."""
    return run(
        "manifests build",
        f"{_tables(path)} --classes {classes} --dataset d"
        " --label-space in1k --roles pre --object-types object_of_change,tool --unit image"
        " --rule words --pick reading_order --synsets all"
        " --media clips --version v1 --rate 30"
        f" --manifest {path.with_name('m.parquet')} --funnel {path.with_name('f.parquet')}",
    )


def _tables(path: Path) -> str:
    return " ".join(f"--{part} {path.with_name(part)}.parquet" for part in ("records", "objects"))


def main() -> None:
    """Print what each command takes."""
    rng = random.Random(0)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        annotations = folder / "fho_scod_train.json"
        classes = folder / "classes.parquet"
        write(annotations, (record(rng) for _ in range(RECORDS)))
        print(f"{RECORDS} records, {annotations.stat().st_size / 2**20:.0f} MiB of JSON")
        read(annotations)
        run("labels classes", f"--output {classes}")
        build(annotations, classes)
        for number in WITHOUT_BOXES:
            write(annotations, (without_boxes(record(rng)) for _ in range(number)))
            print(f"{number} records without boxes, {annotations.stat().st_size / 2**20:.0f} MiB")
            read(annotations)


if __name__ == "__main__":
    main()

"""From sets of ImageNet-Vid-Robust's size and a file of predictions to pm-k: time and memory.

1,109 anchors with 19 frames near each, 22,180 in all, of which every twentieth has two labels; 30
scores a frame, then 1,000. All are invented.
"""

import json
import random
import tempfile
from pathlib import Path

from commands import run

ANCHORS, OFFSETS = 1_109, [*range(-9, 0), *range(1, 11)]


def frame(video: int, number: int) -> str:
    """Return the published name of a frame."""
    return f"val/ILSVRC2015_val_{video:08d}/{number:06d}.JPEG"


def main() -> None:
    """Print what each command takes."""
    rng = random.Random(0)
    sets = {frame(v, 50): [frame(v, 50 + offset) for offset in OFFSETS] for v in range(ANCHORS)}
    names = [name for anchor, neighbours in sets.items() for name in (anchor, *neighbours)]
    labels = {
        name: sorted(rng.sample(range(30), 2 if at % 20 == 0 else 1))
        for at, name in enumerate(names)
    }
    with tempfile.TemporaryDirectory() as folder:
        files = {
            name: Path(folder) / f"{name}.json" for name in ("pmsets", "labels", "predictions")
        }
        files["pmsets"].write_text(json.dumps(sets))
        files["labels"].write_text(json.dumps(labels))
        published = Path(folder) / "published.parquet"
        run("sources vid-published", f"{files['pmsets']} {files['labels']} --output {published}")
        tables = " ".join(f"--{part} {folder}/{part}.parquet" for part in ("sets", "funnel"))
        run(
            "manifests published",
            f"--published {published} --dataset d --label-space vid30 --label-source frame"
            f" --frames 10 --step 1 --manifest {folder}/manifest.parquet {tables}",
        )
        for width in (30, 1000):
            with files["predictions"].open("w") as file:
                for at, name in enumerate(names):
                    scores = json.dumps([round(rng.gauss(0, 1), 4) for _ in range(width)])
                    file.write(f'{"," if at else "{"}"{name}": {scores}')
                file.write("}")
            size = files["predictions"].stat().st_size / 2**20
            print(f"{len(names)} frames, {width} scores each, {size:.0f} MiB of JSON")
            run(
                "scores pm-k",
                f"{files['predictions']} --pmsets {files['pmsets']} --labels {files['labels']}",
            )


if __name__ == "__main__":
    main()

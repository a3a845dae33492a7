"""Peak memory of rules on images and videos of 3840 x 2160, as Snakemake's benchmark files have it.

40 images and two videos, all generated, are extracted, preprocessed, zoomed into and adapted to;
the videos are also kept as clips. By hand, in some minutes; tests/workflow/cluster/test_memory.py
holds the results against what rules ask for:

    python benchmarks/large.py
"""

import csv
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import frames
import numpy as np
import yaml
from PIL import Image
from zoom import scene

PROJECT = Path(__file__).parents[1]
WNID, MODELS = "n03481172", ["squeezenet1_1", "tf_efficientnet_lite2"]
CONFIG = {
    "extends": ["demo_cpu"],
    "sources": {
        "images": {"kind": "images", "root": "images", "data_note": "generated"},
        "videos": {
            "kind": "videos",
            "root": "videos",
            "labels": "labels.csv",
            "data_note": "generated",
        },
        "clips": {
            "kind": "clips",
            "root": "videos",
            "clips": "clips.csv",
            "data_note": "generated",
        },
    },
    "datasets": {
        "clips": {"kind": "clips", "source": "clips", "stride": 1, "size": 256},
        "images": {"kind": "images", "source": "images", "label_space": "in1k"},
        "videos": {
            "kind": "sets",
            "source": "videos",
            "anchors": 1,
            "seed": 0,
            "window": {"frames": 10},
            "step": 1,
            "label_space": "in1k",
        },
    },
    "views": {
        "zoom": {"kind": "zoom", "grid": [128, 224, 256, 512, 768]},
        "memo": {"kind": "full", "adapt": {"method": "memo", "augmentation": "rrc", "k": 4}},
    },
    "studies": {
        "imagenet_hard": {
            "benchmark": "images",
            "models": MODELS,
            "zoom": "zoom",
            "zoomed": {"Images": "images"},
            "zoomed_models": MODELS,
            "adaptations": {"MEMO": "memo"},
            "adapted": {"Images": "images"},
            "adapted_models": MODELS[:1],
        },
        # Frames are extracted of what a study uses.
        "vid_robust": {
            "datasets": ["videos"],
            "models": MODELS[:1],
            "model_types": [{"name": "Trained on ILSVRC", "model": MODELS[0]}],
            "per_class": MODELS[0],
            "gallery": MODELS[0],
        },
    },
}
TARGETS = [
    *(f"results/predictions/images/full/{model}.parquet" for model in MODELS),
    *(f"results/predictions/images/zoom/{model}.parquet" for model in MODELS),
    f"results/predictions/images/memo/{MODELS[0]}.parquet",
    "results/frames/videos.parquet",
    "results/frames/clips/clips/0-of-1.arrow",
]


def generate(folder: Path) -> None:
    """Write images, videos, and the config of a run over them."""
    rng = np.random.default_rng(0)
    (folder / "images" / WNID).mkdir(parents=True)
    for number in range(40):
        smooth = np.asarray(scene(3840, 2160, seed=number)).astype(int)
        noisy = np.clip(smooth + rng.integers(-12, 13, smooth.shape), 0, 255).astype(np.uint8)
        Image.fromarray(noisy).save(folder / "images" / WNID / f"{number}.jpg", quality=92)
    (folder / "videos").mkdir()
    frames.FRAMES, frames.WIDTH, frames.HEIGHT = 40, 3840, 2160
    for name in ("a.mp4", "b.mp4"):
        frames.write_clip(folder / "videos" / name, "libx264")
    labels = f"video,labels\na.mp4,{WNID}\nb.mp4,{WNID}\n"
    (folder / "labels.csv").write_text(labels)
    clips = "file,start,stop,labels,split\na.mp4,,,something,train\nb.mp4,,,something,train\n"
    (folder / "clips.csv").write_text(clips)
    (folder / "config.yaml").write_text(yaml.safe_dump(CONFIG))


def peaks(folder: Path) -> Iterator[tuple[str, float]]:
    """Yield each job's benchmark file and peak in MB; very short jobs are not seen."""
    for path in sorted(folder.rglob("*.tsv")):
        with path.open(newline="") as file:
            for row in csv.DictReader(file, delimiter="\t"):
                if row["max_rss"] not in ("NA", "-"):
                    yield str(path.relative_to(folder).with_suffix("")), float(row["max_rss"])


def main() -> None:
    """Run, and print the peaks."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        generate(folder)
        snakefile = f"--snakefile={PROJECT / 'Snakefile'}"
        subprocess.run(
            [sys.executable, "-m", "snakemake", "--cores=1", snakefile, *TARGETS],
            cwd=folder,
            check=True,
            env=os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
        )
        for job, peak in peaks(folder / "results/benchmarks"):
            print(f"{peak:6.0f} {job}")


if __name__ == "__main__":
    main()

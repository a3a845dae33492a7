"""Many models on one set of images: the workflow against the plain way, in CPU seconds.

    python benchmarks/models.py                       # five light models, 1,000 images of 1080p
    python benchmarks/models.py --models fifteen      # fifteen checkpoints in three preprocessings
    python benchmarks/models.py --without export      # one lever off: what it gains
    python benchmarks/models.py --set frames.resize=fast

The workflow is a whole run from a folder of images to the predictions of all models, Snakemake and
export included. The plain way is one run of `validate.py` a model. Weights are there for both. The
user's and the system's time of all processes is counted, so that a busy machine changes little.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from PIL import Image

from wildframe.core.schemas import PREDICTIONS
from wildframe.core.tables import iter_rows
from wildframe.models.settings import ModelSettings
from wildframe.models.weights import load, prepare
from wildframe.models.zoo import ZooEntry, zoo_entry

# What `keep_freed_memory` sets.
ALLOCATOR = {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": str(2**31 - 1)}
ROOT = Path(__file__).resolve().parents[1]
CLASSES = ["n03063599", "n04254680", "n02099601", "n03400231"]
FIVE = [
    "squeezenet1_1",
    "tf_efficientnet_lite0",
    "tf_efficientnet_lite0@160",
    "tf_efficientnet_lite1",
    "tf_efficientnet_lite2",
]
LEVERS: dict[str, dict[str, Any]] = {
    "export": {"predictions": {"backend": "torch"}},
    "one-decode": {"frames": {"keep_preprocessed": False}},
}
"""What is gained, and the settings that switch it off."""


def scenes(folder: Path, count: int) -> None:
    """Write images of 1920 x 1080: edges at many scales, and the noise of a sensor."""
    noise = np.random.default_rng(0).normal(0, 4, (1080, 1920, 3)).astype(np.float32)
    for seed in range(count):
        rng = np.random.default_rng(seed)
        image = np.roll(noise, 97 * seed, axis=1)
        for side in (16, 64, 256):
            blocks = rng.integers(0, 256, (1080 // side + 1, 1920 // side + 1, 3), dtype=np.uint8)
            scaled = Image.fromarray(blocks).resize((1920, 1080), Image.Resampling.BICUBIC)
            image += np.asarray(scaled, np.float32) / 3
        path = folder / CLASSES[seed % len(CLASSES)] / f"{seed:05d}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image.clip(0, 255).astype(np.uint8)).save(path, quality=90)


def five(folder: Path) -> dict[str, ZooEntry]:
    """Prepare the weights of the five models, and return these by name."""
    entries = {name: zoo_entry(name) for name in FIVE}
    for entry in entries.values():
        prepare(zoo_entry(entry.checkpoint), folder / entry.checkpoint / "weights.safetensors")
    return entries


def fifteen(folder: Path) -> dict[str, ZooEntry]:
    """Make five checkpoints of each of three architectures, and return the models by name."""
    import torch
    from safetensors.torch import save_file

    entries = {}
    for base in FIVE[1], FIVE[3], FIVE[4]:
        published = folder / base / "weights.safetensors"
        prepare(zoo_entry(base), published)
        state = load(zoo_entry(base), published).state_dict()
        for seed in range(5):
            torch.manual_seed(seed)
            name = f"{base.rpartition('_')[2]}-{seed}"
            changed = {
                key: value * (1 + 0.003 * torch.randn_like(value)) if value.ndim > 1 else value
                for key, value in state.items()
            }
            checkpoint = folder / name / "checkpoint.safetensors"
            checkpoint.parent.mkdir()
            save_file(changed, checkpoint)
            own = ModelSettings(architecture=f"timm/{base}", checkpoint=str(checkpoint))
            entries[name] = zoo_entry(name, {name: own})
            prepare(entries[name], folder / name / "weights.safetensors")
    return entries


def config(folder: Path, results: Path, entries: dict[str, ZooEntry]) -> dict[str, Any]:
    """Return the configuration of the run."""
    own = {
        name: {"architecture": f"timm/{entry.architecture}", "checkpoint": entry.weights_file}
        for name, entry in entries.items()
        if entry.weights_file
    }
    return {
        "extends": ["own_images"],
        "sources": {"own-images": {"root": str(folder)}},
        "models": own,
        "studies": {"ego4d": {"models": list(entries)}},
        "predictions": {"device": "cpu"},
        "pathvars": {"results": str(results)},
    }


def merged(config: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """Return settings with others over them, section by section."""
    return config | {key: {**config.get(key, {}), **section} for key, section in over.items()}


def cost(*command: object, **environment: str) -> tuple[float, float]:
    """Run a command; return CPU seconds of all its processes, and MiB of the largest of them."""
    process = subprocess.Popen(
        [*map(str, command)], cwd=ROOT, stdout=subprocess.DEVNULL, env=os.environ | environment
    )
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{' '.join(map(str, command))}: status {status}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 2**10


def predicted(path: Path) -> Iterator[tuple[str, int]]:
    """Yield the name of each image and its top-1 class in a table of predictions."""
    for row in iter_rows(path, PREDICTIONS, ["image_id", "top"]):
        yield row["image_id"].rpartition("_")[2], row["top"][0]["class_index"]


def main() -> None:
    """Print what both ways cost, and on how many images they agree."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=1000)
    parser.add_argument("--models", choices=["five", "fifteen"], default="five")
    parser.add_argument("--without", choices=LEVERS, action="append", default=[])
    parser.add_argument("--set", metavar="SECTION.KEY=VALUE", action="append", default=[])
    parser.add_argument("--no-plain", action="store_true", help="only the workflow")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        scenes(folder / "images", given.images)
        weights = folder / "results" / "models"
        entries = (five if given.models == "five" else fifteen)(weights)
        settings = config(folder / "images", folder / "results", entries)
        for lever in given.without:
            settings = merged(settings, LEVERS[lever])
        for text in given.set:
            name, _, value = text.partition("=")
            section, _, key = name.partition(".")
            settings = merged(settings, {section: {key: yaml.safe_load(value)}})
        (folder / "config.yaml").write_text(yaml.safe_dump(settings))
        places = {
            name: folder / f"results/predictions/own-images/full/{name}.parquet" for name in entries
        }
        ours, largest = cost(
            *("snakemake", "--cores", 2, "--configfile", folder / "config.yaml", "--"),
            *places.values(),
        )
        print(f"workflow {ours:.1f} CPU s, largest process {largest:.0f} MiB", flush=True)
        if given.no_plain:
            return
        theirs = 0.0
        for name, entry in entries.items():
            told = entry.model_dump_json()
            output = folder / "top1.json"
            files = weights / entry.checkpoint / "weights.safetensors", folder / "images", output
            validate = Path(__file__).with_name("validate.py")
            seconds, largest = cost(sys.executable, validate, told, *files, **ALLOCATOR)
            theirs += seconds
            top1 = json.loads(output.read_text())
            same = sum(top1[image] == index for image, index in predicted(places[name]))
            print(
                f"{name}: plain {seconds:.1f} CPU s, {largest:.0f} MiB; same top-1 on {same} of "
                f"{len(top1)}",
                flush=True,
            )
        print(f"plain {theirs:.1f} CPU s; ratio {ours / theirs:.2f}")


if __name__ == "__main__":
    main()

"""The zoom view: 81 crops of one image against each by itself, and memory over many images.

The images are in one Parquet file, 3840 x 2160 unless told otherwise. By hand:

    python benchmarks/zoom.py 100 400              # numbers of images
    python benchmarks/zoom.py 2000 20000 --side 256
    python benchmarks/zoom.py 20000 --figure docs/images/memory.png
"""

import argparse
import csv
import io
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from commands import call, run
from PIL import Image

from wildframe.core.schemas import MANIFEST
from wildframe.core.tables import iter_rows
from wildframe.frames.encode import Pixels
from wildframe.frames.preprocessing import Batch, Shown
from wildframe.frames.views.zoom import Zoom, zoom_crops
from wildframe.frames.wanted import COLUMNS, wanted_frames, write_wanted
from wildframe.models import zoo_entry
from wildframe.models.weights import load, prepare
from wildframe.predictions.zoom import Classes, predict_zoom

SIZES = [64, 128, 192, 224, 256, 384, 512, 640, 768]
MODEL = "squeezenet1_1"


def scene(width: int, height: int, seed: int = 0, block: int = 40) -> Image.Image:
    """Return an image of colours that change every so many pixels."""
    rng = np.random.default_rng(seed)
    blocks = rng.integers(0, 256, (height // block + 1, width // block + 1, 3), dtype=np.uint8)
    return Image.fromarray(blocks).resize((width, height), Image.Resampling.BILINEAR)


def each_by_itself(image: Image.Image) -> Iterator[Pixels]:
    """Yield the same crops, the image resized for each of them."""
    for crop in zoom_crops(*image.size, SIZES):
        size = crop.resized_width, crop.resized_height
        yield np.asarray(image.resize(size, Image.Resampling.BICUBIC).crop(crop.box))


def together(image: Image.Image) -> Iterator[Pixels]:
    """Yield the crops of the view."""
    return (np.asarray(crop) for _, crop in Zoom(grid=SIZES).crops(image, {}))


def cpu_seconds(make: Callable[[Image.Image], Iterator[Pixels]], image: Image.Image) -> float:
    """Return the least CPU time of three calls in seconds."""
    times = []
    for _ in range(3):
        start = time.process_time()
        count = sum(1 for _ in make(image))
        times.append(time.process_time() - start)
    assert count == 81
    return min(times)


def compare(folder: Path) -> None:
    """Print what 81 crops cost in both ways, and whether a model predicts the same on them."""
    import torch

    from wildframe.models.inputs import normalize

    prepare(zoo_entry(MODEL), folder / "weights.safetensors")
    model = load(zoo_entry(MODEL), folder / "weights.safetensors")
    for width, height in ((500, 375), (1920, 1080), (3840, 2160)):
        image = scene(width, height)
        ours, theirs = (cpu_seconds(make, image) for make in (together, each_by_itself))
        with torch.inference_mode():
            logits = [
                model(normalize(np.stack([*make(image)]), zoo_entry(MODEL), torch.device("cpu")))
                for make in (together, each_by_itself)
            ]
        same = "the same" if torch.equal(*logits) else "DIFFERENT"
        print(
            f"{width} x {height}: 81 crops {1000 * ours:5.0f} CPU ms, each by itself "
            f"{1000 * theirs:5.0f}, ratio {ours / theirs:.2f}, {same} logits"
        )


def write_shard(path: Path, count: int, width: int, height: int) -> None:
    """Write a Parquet file of so many images, of which 16 differ."""
    encoded = []
    for seed in range(16):
        buffer = io.BytesIO()
        scene(width, height, seed, block=480).save(buffer, "JPEG", quality=75)
        encoded.append({"bytes": buffer.getvalue(), "path": None})
    rows = {"image": encoded, "label": [[504, seed] for seed in range(16)]}
    table = pa.table(rows | {"origin": ["synthetic"] * 16})
    path.parent.mkdir(parents=True, exist_ok=True)
    with pq.ParquetWriter(path, table.schema, use_dictionary=False) as writer:
        for start in range(0, count, 160):
            repeated = pa.concat_tables([table] * 10).slice(0, count - start)
            writer.write_table(repeated, row_group_size=160)


Memory = tuple[int, float, float]
"""Crops shown so far; memory that the process has now, and its peak, in MiB."""


def memory() -> tuple[float, float]:
    """Return the memory of this process now, and its peak, in MiB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return pages * resource.getpagesize() / 2**20, peak / 2**10


class MeanColour:
    """Stands for a model that costs nothing: what is measured is what feeds it."""

    entry = zoo_entry(MODEL)
    batch_size = 32

    def __init__(self) -> None:
        self.facts = {"label_space": "in1k", "model": "mean colour"}
        self.weights = np.random.default_rng(0).normal(size=(3, 1000)).astype(np.float32)
        self.count = 0
        self.memory: list[Memory] = []

    def logits(self, batch: Batch) -> np.ndarray:
        """Return logits by the mean colour of each crop."""
        self.count += len(batch.image_ids)
        self.memory.append((self.count, *memory()))
        return batch.pixels[:, ::16, ::16].mean(axis=(1, 2)) @ self.weights / 100


def predict(folder: Path) -> None:
    """Predict under a grid of one size; print time and largest memory, and write it by image.

    At the height of 4K images nothing is resized, which is quickest and takes the most memory.
    """
    model = MeanColour()
    files = [folder / "frames.parquet"], folder / "statuses.parquet", folder / "manifest.parquet"
    shown = Shown(*files, Zoom(grid=[2160]))
    outputs = folder / "p.parquet", folder / "p.zoom.parquet"
    predict_zoom(model, shown, Classes.of(model.facts), *outputs, {})
    with (folder / "memory.csv").open("w", newline="") as file:
        rows = ((crops / shown.view.count, now, peak) for crops, now, peak in model.memory)
        csv.writer(file).writerows(rows)


def stream(folder: Path, count: int, width: int, height: int) -> None:
    """Print time and memory of each step from the Parquet file to zoom predictions."""
    root = folder / "root"
    call(write_shard, root / "validation-00000-of-00001.parquet", count, width, height)
    images, classes, manifest = (
        folder / f"{name}.parquet" for name in ("images", "classes", "manifest")
    )
    frames, statuses = folder / "frames.parquet", folder / "statuses.parquet"
    shown = folder / "statuses.sha256"
    run("labels classes", f"--output {classes}")
    run("sources shards", f"--root {root} --images {images}")
    run(
        "manifests images",
        f"--images {images} --classes {classes} --label-space in1k --dataset d "
        f"--manifest {manifest} --funnel {folder / 'funnel.parquet'}",
    )
    rows = wanted_frames(iter_rows(manifest, MANIFEST, COLUMNS), 1)["0-of-1"]
    write_wanted(folder / "wanted.csv", rows)
    run("frames extract", f"{folder / 'wanted.csv'} --root {root} --output {frames}")
    run("frames collect", f"{frames} --manifest {manifest} --output {statuses} --shown {shown}")
    call(predict, folder)


def draw(samples: Path, output: Path) -> None:
    """Draw the memory of a prediction by the number of images so far."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    images, now, peak = np.loadtxt(samples, delimiter=",", usecols=(0, 1, 2)).T
    figure, axes = plt.subplots(figsize=(6, 2.5), layout="constrained")
    axes.plot(images, peak, color="tab:orange", label="peak so far")
    axes.plot(images, now, linewidth=0.5, color="tab:blue", label="now")
    axes.set(xlabel="images predicted", ylabel="MiB of the process", xlim=(0, None))
    axes.set_ylim(0, 1.1 * peak.max())
    axes.legend(loc="lower right")
    figure.savefig(output, dpi=110)


def main() -> None:
    """Compare the two ways of cropping, then stream as many images as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("counts", nargs="*", type=int, default=[100, 400], help="of images")
    parser.add_argument("--side", type=int, default=2160, help="height; 16:9 (default: 4K)")
    parser.add_argument("--figure", type=Path, help="PNG of memory by image to write")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        call(compare, Path(folder))
    for count in given.counts:
        print(f"{count} images of {given.side * 16 // 9} x {given.side}", flush=True)
        with tempfile.TemporaryDirectory() as folder:
            stream(Path(folder), count, given.side * 16 // 9, given.side)
            if given.figure:
                draw(Path(folder) / "memory.csv", given.figure)


if __name__ == "__main__":
    main()

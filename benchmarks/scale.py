"""CPU time and peak memory of each step on 1, 10 and 100 times as many images, as Markdown.

    python benchmarks/scale.py 300             # images of the smallest run
    python benchmarks/scale.py --results 10000 # only scoring, of results that are made up
    python benchmarks/scale.py --records 500   # only annotations of Ego4D to tables and manifest
    python benchmarks/scale.py --crops 500     # only what reads 324 crops of each image, made up

Images are small, rows of one Parquet file, and the model costs nothing: what is measured is what
handles them. Each number has the start-up of a command; the times of one more do not.
"""

import argparse
import random
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import manifest as annotations
import numpy as np
import pyarrow as pa
from commands import Cost, call, run
from zoom import MeanColour, write_shard

from wildframe.core.schemas import (
    CLASSES,
    HARD_IMAGES,
    IMAGE_RESULTS,
    MANIFEST,
    PREDICTIONS,
    STATUSES,
    ZOOM_PREDICTIONS,
)
from wildframe.core.tables import Row, read_table, write_batches, write_rows
from wildframe.exhibits.browse import EvaluatedModel, write_browser
from wildframe.frames.preprocessing import Crop, PreprocessedStream, Preprocessing, batches
from wildframe.frames.views import parse_view
from wildframe.frames.views.zoom import Zoom
from wildframe.manifests.sets import blank_row
from wildframe.predictions.predict import predict
from wildframe.predictions.predicted import Predicted, top_classes
from wildframe.studies.imagenet_hard.strips import read_strips

PREPROCESSING = "resize256-crop224-bicubic-center"
VIEW = '{"kind":"full"}'
Steps = Iterator[tuple[str, Cost]]


class Inference(MeanColour):
    """The model on preprocessed images."""

    def predicted(self, crops: Iterable[Crop]) -> Iterator[Predicted]:
        """Yield what is predicted on each batch."""
        for batch in batches(crops, self.batch_size):
            logits = self.logits(batch)
            yield Predicted(batch.image_ids, batch.view_keys, logits, *top_classes(logits))


def predict_all(folder: Path) -> None:
    """Predict the classes of every image."""
    path = folder / f"{PREPROCESSING}.arrow"
    images = PreprocessedStream(path, Preprocessing.parse(PREPROCESSING))
    predict(Inference(), images, folder / "predictions.parquet", {})


def write_page(folder: Path) -> None:
    """Write the page to browse all images."""
    classes = read_table(folder / "classes.parquet", CLASSES, ["wnid", "name"]).to_pylist()
    write_browser(
        folder / "browse",
        title="Scale",
        data_note="generated",
        manifest=folder / "manifest.parquet",
        frames=[folder / "frames.parquet"],
        statuses=folder / "statuses.parquet",
        models=[
            EvaluatedModel("m", folder / "results.parquet", Preprocessing.parse(PREPROCESSING))
        ],
        class_names={row["wnid"]: row["name"] for row in classes},
        view=parse_view(VIEW),
    )


def of_images(folder: Path, count: int) -> Steps:
    """Yield what each step takes from a Parquet file of so many images to scores and page."""
    f = {
        name: folder / f"{name}.parquet"
        for name in (
            *("images", "manifest", "funnel", "frames", "statuses", "classes", "predictions"),
            *("results", "scores"),
        )
    }
    classes, frames, shown = f["classes"], f["frames"], f"--manifest {f['manifest']}"
    if not classes.exists():
        run("labels classes", f"--output {classes}")
    call(write_shard, folder / "root/validation-00000-of-00001.parquet", count, 64, 36)

    def step(command: str, options: str) -> tuple[str, Cost]:
        return command, run(command, options)

    yield step("sources shards", f"--root {folder}/root --images {f['images']}")
    yield step(
        "manifests images",
        f"--images {f['images']} --classes {classes} --label-space in1k --dataset d {shown} "
        f"--funnel {f['funnel']}",
    )
    yield step("frames wanted", f"{f['manifest']} --shards 1 --folder {folder}")
    yield step("frames extract", f"{folder}/0-of-1.csv --root {folder}/root --output {frames}")
    yield step(
        "frames collect", f"{frames} {shown} --output {f['statuses']} --shown {folder}/shown"
    )
    yield step(
        "frames preprocess",
        f"{folder}/{PREPROCESSING}.arrow --frames {frames} --statuses {f['statuses']} {shown} "
        f"--view {VIEW}",
    )
    yield "predictions, without the model", call(predict_all, folder)
    yield step(
        "scores image-results",
        f"{f['predictions']} {shown} --classes {classes} --statuses {f['statuses']} "
        f"--output {f['results']}",
    )
    yield step("scores accuracy", f"{f['results']} {SCORED} --output {f['scores']}")
    yield "exhibits, page to browse", call(write_page, folder)


WNID, OTHER = "n02123045", "n02123159"
SCORED = "--study s --dataset d --view full --high-confidence 0.9"


def write_results(path: Path, count: int) -> None:
    """Write the results of so many images of a thousand classes, ten images a video."""
    rng = random.Random(0)
    row: Row = dict.fromkeys(IMAGE_RESULTS.schema.names)
    row |= {"offset": 0, "view_key": "", "kept_labels": [], "predicted": "n00000000"}
    row |= {"noun": None, "confidence": 0.5, "label_confidence": 0.1}
    flags = [name for name in row if name.startswith(("correct", "tree"))]

    def rows() -> Iterator[Row]:
        for at in range(count):
            top = [{"wnid": f"n{rng.randrange(1000):08d}", "probability": 0.2} for _ in range(5)]
            yield (
                row
                | {name: rng.random() < 0.5 for name in flags}
                | {
                    "anchor_id": f"image-{at}",
                    "image_id": f"image-{at}",
                    "group_id": f"clip-{at // 10}",
                    "video_id": f"video-{at // 10}",
                    "labels": [f"n{rng.randrange(1000):08d}"],
                    "box_area": rng.random(),
                    "top": top,
                }
            )

    write_rows(path, IMAGE_RESULTS, rows())


def of_results(folder: Path, count: int) -> Steps:
    """Yield what scoring and comparing take of results of two models on so many images."""
    models = " ".join(str(folder / f"{name}.parquet") for name in "ab")
    for path in models.split():
        write_results(Path(path), count)
    yield (
        "scores accuracy, 2 models",
        run("scores accuracy", f"{models} {SCORED} --output {folder}/s.parquet"),
    )
    yield (
        "scores model-pairs, 2 models",
        run(
            "scores model-pairs",
            f"{models} --high-confidence 0.9 --seed 0 --output {folder}/p.parquet",
        ),
    )


def write_crops(folder: Path, count: int) -> None:
    """Write predictions on the 324 crops of so many images, and what is read beside them."""
    rng = np.random.default_rng(0)
    names = [f"ILSVRC2012_val_{at:08d}" for at in range(count)]
    keys = np.array([(size, at // 3, at % 3) for size in Zoom().sizes for at in range(9)])
    facts = {"model": "m", "label_space": "in1k"}
    row = blank_row("d") | {"media_kind": "image", "labels": [WNID]}
    of_images = (
        row | dict.fromkeys(("image_id", "record_id", "media", "group_id"), name) for name in names
    )
    write_rows(folder / "manifest.parquet", MANIFEST, of_images)
    row = dict.fromkeys(STATUSES.schema.names) | {"status": "ok", "detail": "", "route": "file"}
    sizes = rng.integers(200, 1000, (count, 2)).tolist()
    shown = (
        row | {"image_id": name, "media": name, "sha256": name, "width": width, "height": height}
        for name, (width, height) in zip(names, sizes, strict=True)
    )
    write_rows(folder / "statuses.parquet", STATUSES, shown)
    hard = ({"image_id": n, "solved_by": [], "hard": not at % 5} for at, n in enumerate(names))
    write_rows(folder / "hard.parquet", HARD_IMAGES, hard)

    def crops() -> Iterator[pa.RecordBatch]:
        for start in range(0, count, 100):
            of_images = np.repeat(names[start : start + 100], len(keys))
            rows = np.arange(len(of_images))
            correct = rng.random(len(rows)) < 0.4
            columns = [
                of_images,
                *keys[rows % len(keys)].T,
                rng.integers(0, 1000, len(rows)),
                np.where(correct, WNID, OTHER),
                rng.random(len(rows)),
                correct,
                pa.ListArray.from_arrays(np.arange(len(rows) + 1), np.zeros(len(rows), np.float32)),
            ]
            of_schema = zip(columns, ZOOM_PREDICTIONS.schema, strict=True)
            arrays = [pa.array(column).cast(field.type) for column, field in of_schema]
            yield pa.record_batch(arrays, schema=ZOOM_PREDICTIONS.schema)

    write_batches(folder / "m.zoom.parquet", ZOOM_PREDICTIONS, crops(), facts=facts)
    logits = (rng.random(1000, np.float32) for _ in names)
    predicted = (
        {"image_id": name, "view_key": "", "top": [], "scores": scores}
        for name, scores in zip(names, logits, strict=True)
    )
    write_rows(folder / "m.parquet", PREDICTIONS, predicted, facts=facts)


def of_crops(folder: Path, count: int) -> Steps:
    """Yield what scores, hard images, their neighbours and strips take of so many images."""
    call(write_crops, folder, count)
    crops = folder / "m.zoom.parquet"
    shown = f"--manifest {folder}/manifest.parquet"
    zoomed = f"{crops} {shown} --statuses {folder}/statuses.parquet --output {folder}/made.parquet"
    real = f"--real {folder}/manifest.parquet"
    yield (
        "scores zoom, labels of ReaL, too",
        run("scores zoom", f"{zoomed} {real} --dataset d --seed 0 --crops {folder}/c.parquet"),
    )
    yield "scores hard-images", run("scores hard-images", zoomed)
    alike = f"{folder}/hard.parquet --predictions {folder}/m.parquet {shown}"
    yield (
        "reviews candidates",
        run("reviews candidates", f"{alike} --output {folder}/sets.parquet"),
    )
    yield "strips", call(read_strips, crops)


def of_records(folder: Path, count: int) -> Steps:
    """Yield what annotations of so many records take to tables and manifest."""
    rng = random.Random(0)
    path, classes = folder / "fho_scod_train.json", folder / "classes.parquet"
    annotations.write(path, (annotations.record(rng) for _ in range(count)))
    if not classes.exists():
        run("labels classes", f"--output {classes}")
    yield "sources ego4d", annotations.read(path)
    yield "manifests build", annotations.build(path, classes)


def print_table(steps_of: Callable[[Path, int], Steps], counts: list[int]) -> None:
    """Print a row a step: CPU s and MiB of each count, and milliseconds of one more."""
    found: dict[str, list[Cost]] = {}
    with tempfile.TemporaryDirectory() as name:
        for count in counts:
            print(f"{count:,}", flush=True)
            for step, cost in steps_of(Path(name), count):
                found.setdefault(step, []).append(cost)
    numbers = " | ".join(f"{count:,}" for count in counts)
    steps = " | ".join(f"{b:,} on" for b in counts[:-1])
    print(f"| step | CPU s of {numbers} | ms of one more, from {steps} | MiB of {numbers} |")
    print(f"|---{'|--:' * (3 * len(counts) - 1)}|")
    for step, costs in found.items():
        more = [
            1000 * (costs[at + 1].cpu - costs[at].cpu) / (counts[at + 1] - counts[at])
            for at in range(len(counts) - 1)
        ]
        cells = [
            *(f"{cost.cpu:.1f}" for cost in costs),
            *(f"{value:.2f}" for value in more),
            *(f"{cost.peak:.0f}" for cost in costs),
        ]
        print(f"| {step} | {' | '.join(cells)} |")


def main() -> None:
    """Measure what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("images", nargs="?", type=int)
    parser.add_argument("--results", type=int)
    parser.add_argument("--records", type=int)
    parser.add_argument("--crops", type=int)
    given = parser.parse_args()
    for steps_of, least in (
        (of_images, given.images),
        (of_results, given.results),
        (of_records, given.records),
        (of_crops, given.crops),
    ):
        if least:
            print_table(steps_of, [least, 10 * least, 100 * least])


if __name__ == "__main__":
    main()

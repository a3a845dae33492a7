"""CPU time and peak memory of each step on 1, 10 and 100 times as many images, as Markdown.

    python benchmarks/scale.py 300             # images of the smallest run
    python benchmarks/scale.py --results 10000 # only scoring, of results that are made up
    python benchmarks/scale.py --records 500   # only annotations of Ego4D to tables and manifest

Images are small, rows of one Parquet file, and the model costs nothing: what is measured is what
handles them. Each number has the start-up of a command; the times of one more do not.
"""

import argparse
import random
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import manifest as annotations
from commands import Cost, call, run
from zoom import MeanColour, write_shard

from wildframe.core.schemas import CLASSES, IMAGE_RESULTS
from wildframe.core.tables import Row, read_table, write_rows
from wildframe.exhibits.browse import EvaluatedModel, write_browser
from wildframe.frames.preprocessing import Crop, PreprocessedStream, Preprocessing, batches
from wildframe.frames.views import parse_view
from wildframe.predictions.predict import predict
from wildframe.predictions.predicted import Predicted, top_classes

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
    given = parser.parse_args()
    for steps_of, least in (
        (of_images, given.images),
        (of_results, given.results),
        (of_records, given.records),
    ):
        if least:
            print_table(steps_of, [least, 10 * least, 100 * least])


if __name__ == "__main__":
    main()

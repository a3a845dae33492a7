"""``wildframe scores``: results and metrics on sets of frames."""

from pathlib import Path
from typing import Annotated

import typer

from wildframe.core.choices import Aggregate, LabelSource, Merge, Targets
from wildframe.core.display import Format, FormatOption
from wildframe.core.options import Manifest, Table

app = typer.Typer()

Results = Annotated[list[Path], typer.Argument(help="Results of each model.")]
Resamples = Annotated[int, typer.Option(help="Bootstrap resamples of videos.", min=100)]
Seed = Annotated[int, typer.Option(help="Seed of resamples and permutation tests.", min=0)]
MergeOption = Annotated[
    Merge,
    typer.Option(help="How scores of a model's classes are merged into one per coarse class."),
]
AggregateOption = Annotated[
    Aggregate | None,
    typer.Option(help="How predictions on several crops of an image become one of the image."),
]
LabelSpace = Annotated[Targets, typer.Option(help="Label space of the dataset.")]
Reviews = Annotated[Path, typer.Option(help="Reviews of the dataset.")]
Dataset = Annotated[str, typer.Option(help="Dataset of the config.")]
Restrict = Annotated[
    bool,
    typer.Option(
        "--restrict/--no-restrict",
        help="Predict classes of the label space only, with confidences among them; otherwise a "
        "model may predict any of its classes, and one outside the label space is incorrect.",
    ),
]


@app.command()
def robustness(results: Results, output: Table) -> None:
    """Score models on anchors and on all frames up to each distance, with intervals."""
    from wildframe.core.schemas import ROBUSTNESS
    from wildframe.core.tables import write_rows
    from wildframe.scores.robustness import read_set_results
    from wildframe.scores.robustness import robustness as score

    models, shared = read_set_results(results)
    named = {name: shared[name] for name in ("dataset", "review")}
    rows = (named | row for model in models for row in score(model))
    write_rows(output, ROBUSTNESS, rows, facts=shared)


@app.command()
def set_pairs(results: Results, seed: Seed, output: Table) -> None:
    """Compare each pair of models on the same sets, over videos."""
    from wildframe.core.schemas import PAIRS
    from wildframe.core.tables import write_rows
    from wildframe.scores.robustness import read_set_results
    from wildframe.scores.robustness import set_pairs as compare

    models, shared = read_set_results(results)
    write_rows(output, PAIRS, compare(models, seed), config={"seed": seed}, facts=shared)


@app.command()
def detection(
    detections: Annotated[
        list[Path], typer.Argument(help="Detections, named <detector>.detections.parquet.")
    ],
    manifest: Manifest,
    reviews: Reviews,
    dataset: Dataset,
    label_space: LabelSpace,
    resamples: Resamples,
    seed: Seed,
    output: Annotated[Path, typer.Option(help="Table to write: mAP.")],
    worst: Annotated[Path, typer.Option(help="Table to write: the worst frame of each set.")],
    pairs: Annotated[Path, typer.Option(help="Table to write: comparisons of detectors.")],
    iou: Annotated[
        str,
        typer.Option(
            help="Intersection over union of a hit, such as 0.5,0.5:0.95; the first selects the "
            "worst frames."
        ),
    ] = "0.5",
) -> None:
    """Score detectors by mAP on anchors, and on the worst frame of each set."""
    from wildframe.scores.detection_files import score_files

    score_files(
        detections,
        manifest,
        reviews,
        dataset,
        label_space,
        iou.split(","),
        resamples,
        seed,
        output,
        worst,
        pairs,
    )


@app.command()
def pm_k(
    predictions: Annotated[Path, typer.Argument(help="JSON: a list of scores for each frame.")],
    pmsets: Annotated[Path, typer.Option(help="JSON: the neighbours of each anchor.")],
    labels: Annotated[Path, typer.Option(help="JSON: the indices of each frame's labels.")],
    k: Annotated[int, typer.Option(help="Largest distance in frames.", min=0, max=1000)] = 10,
    label_space: LabelSpace = "vid30",
    label_source: Annotated[
        LabelSource | None,
        typer.Option(help="Labels of a frame: its own, or its anchor's (all that ytbb24 has)."),
    ] = None,
    merge: MergeOption = "max",
    restrict: Restrict = True,
    fmt: FormatOption = Format.table,
) -> None:
    """Show the accuracy on anchors with all frames up to k away, for each k.

    Files are those of ImageNet-Vid-Robust. Scores are 30 (or 24) a frame, or the 1,000 of
    ImageNet-1K. Intervals are exact (Clopper-Pearson, 95 %).
    """
    from wildframe.core.display import show
    from wildframe.scores.set_files import read_labels, read_predicted, read_sets
    from wildframe.scores.set_metrics import is_any_of, sets_of
    from wildframe.scores.set_metrics import pm_k as score

    frames = read_sets(pmsets, k)
    # In YTBB-Robust only anchors have labels.
    source = label_source or ("anchor" if label_space == "ytbb24" else "frame")
    correct_labels = read_labels(labels, frames, source, label_space)
    predicted = read_predicted(predictions, frames, label_space, merge, restrict)
    sets = sets_of(frames.anchors, frames.offsets)
    rows = score(is_any_of(predicted, correct_labels), sets, range(k + 1))
    shares = ("accuracy", "low", "high", "delta")
    shown = [row | {name: f"{row[name]:.6f}" for name in shares} for row in rows]
    show(shown, list(rows[0]), fmt)

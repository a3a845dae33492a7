"""``wildframe scores``: results and metrics on sets of frames."""

from pathlib import Path
from typing import Annotated

import typer

from wildframe.core.choices import Aggregate, LabelSource, Merge, Targets
from wildframe.core.display import Format, FormatOption
from wildframe.models.commands import Manifest

app = typer.Typer()

SetResults = Annotated[list[Path], typer.Argument(help="Results on sets, one file a model.")]
Resamples = Annotated[int, typer.Option(help="Draws of videos for intervals.", min=100)]
Seed = Annotated[int, typer.Option(help="Seed of the draws.", min=0)]
Table = Annotated[Path, typer.Option(help="Table to write.")]
MergeOption = Annotated[
    Merge, typer.Option(help="How scores of classes below one of the label space become one.")
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
        help="Predict classes of the label space only; otherwise a model may predict any of its "
        "classes, and one outside the label space is incorrect.",
    ),
]


@app.command()
def set_results(
    predictions: Annotated[Path, typer.Argument(help="Predictions or detections of one model.")],
    reviews: Reviews,
    manifest: Manifest,
    label_space: LabelSpace,
    output: Annotated[Path, typer.Option(help="Table to write: one row per frame of a set.")],
    merge: MergeOption = "max",
    restrict: Restrict = True,
    aggregate: AggregateOption = None,
) -> None:
    """Compare the prediction of each evaluated frame of each set with the frame's labels.

    A model without scores in its predictions (more than 1,000 classes) predicts from its 100 most
    probable classes. A detector predicts the class of its most confident box.
    """
    from wildframe.core.schemas import MANIFEST, REVIEWS, SET_RESULTS
    from wildframe.core.tables import read_facts, read_table, write_rows
    from wildframe.scores.predicted import open_predicted
    from wildframe.scores.set_results import dataset_and_videos, score_sets

    columns = ["image_id", "dataset", "video_id", "group_id"]
    images = read_table(manifest, MANIFEST, columns).to_pylist()
    dataset, videos = dataset_and_videos(manifest, images)
    accepted = [row for row in read_table(reviews, REVIEWS).to_pylist() if row["accepted"]]
    predicted, facts = open_predicted(predictions, label_space, merge, restrict, aggregate)
    rows = score_sets(predictions, predicted, accepted, videos, label_space)
    facts |= {"dataset": dataset, "review": read_facts(reviews, REVIEWS)["review"]}
    chosen = {"label_space": label_space, "merge": merge, "restrict_to_label_space": restrict}
    write_rows(output, SET_RESULTS, rows, config=chosen, facts=facts)


@app.command()
def robustness(
    results: SetResults,
    dataset: Dataset,
    resamples: Resamples,
    seed: Seed,
    output: Table,
) -> None:
    """Score models on anchors and on all frames up to each distance, with intervals."""
    from wildframe.core.errors import UserError
    from wildframe.core.schemas import ROBUSTNESS
    from wildframe.core.tables import write_rows
    from wildframe.scores.robustness import read_set_results
    from wildframe.scores.robustness import robustness as score

    models, shared = read_set_results(results)
    if shared["dataset"] != dataset:
        raise UserError(
            f"{results[0]}: is of dataset {shared['dataset']}, not of {dataset}; name its results"
        )
    named = {"dataset": dataset, "review": shared["review"]}
    rows = (named | row for model in models for row in score(model, resamples, seed))
    config = {"dataset": dataset, "resamples": resamples, "seed": seed}
    write_rows(output, ROBUSTNESS, rows, config=config, facts=shared)


@app.command()
def set_pairs(results: SetResults, resamples: Resamples, seed: Seed, output: Table) -> None:
    """Test each pair of models on the same sets: accuracies, and delta."""
    from wildframe.core.schemas import SET_PAIRS
    from wildframe.core.tables import write_rows
    from wildframe.scores.robustness import read_set_results
    from wildframe.scores.robustness import set_pairs as compare

    models, shared = read_set_results(results)
    config = {"resamples": resamples, "seed": seed}
    rows = compare(models, resamples, seed)
    write_rows(output, SET_PAIRS, rows, config=config, facts=shared)


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

    ious = iou.split(",")
    score_files(
        detections, manifest, reviews, dataset, label_space, ious, resamples, seed, output, worst
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
    from wildframe.scores.set_files import LABEL_SOURCE, read_labels, read_predicted, read_sets
    from wildframe.scores.set_metrics import is_any_of, sets_of
    from wildframe.scores.set_metrics import pm_k as score

    frames = read_sets(pmsets, k)
    source = label_source or LABEL_SOURCE[label_space]
    correct_labels = read_labels(labels, frames, source, label_space)
    predicted = read_predicted(predictions, frames, label_space, merge, restrict)
    sets = sets_of(frames.anchors, frames.offsets)
    rows = score(is_any_of(predicted, correct_labels), sets, range(k + 1))
    shares = ("accuracy", "low", "high", "delta")
    shown = [row | {name: f"{row[name]:.6f}" for name in shares} for row in rows]
    show(shown, list(rows[0]), fmt)

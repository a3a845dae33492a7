"""``wildframe scores``: results from predictions, and metrics from results."""

from pathlib import Path
from typing import Annotated

import typer

from wildframe.core.choices import PredictedSpace, Targets
from wildframe.core.options import Classes, Manifest, PredictableOption
from wildframe.scores.set_commands import (
    AggregateOption,
    MergeOption,
    Restrict,
    Results,
    Seed,
    Table,
)
from wildframe.scores.set_commands import app as sets
from wildframe.scores.zoom_commands import app as zoom

app = typer.Typer()


@app.command()
def image_results(
    predictions: Annotated[Path, typer.Argument(help="Predictions or detections of one model.")],
    manifest: Manifest,
    classes: Classes,
    output: Annotated[Path, typer.Option(help="Table to write: one row per evaluated image.")],
    statuses: Annotated[
        Path | None, typer.Option(help="Status of each image, to evaluate all that are readable.")
    ] = None,
    reviews: Annotated[
        Path | None, typer.Option(help="Reviews of the dataset, to evaluate sets of frames.")
    ] = None,
    senses: Annotated[str | None, typer.Option(help="Sense table: shipped, or a CSV file.")] = None,
    label_space: Annotated[
        Targets | None, typer.Option(help="Label space to score in; otherwise the model's own.")
    ] = None,
    merge: MergeOption = "max",
    restrict: Restrict = True,
    predictable: PredictableOption = "all",
    aggregate: AggregateOption = None,
) -> None:
    """Compare the predictions of a model with the labels of each evaluated image.

    In the label space of a dataset, a model without scores in its predictions (more than 1,000
    classes) predicts from its 100 most probable classes. A detector predicts the class of its most
    confident box.
    """
    from wildframe.core.schemas import CLASSES, IMAGE_RESULTS
    from wildframe.core.tables import read_table, write_rows
    from wildframe.manifests.predictable import predictable_wnids
    from wildframe.scores.evaluated import read_evaluated
    from wildframe.scores.image_results import relatives_of, score_images
    from wildframe.scores.predicted import open_predictions

    images = read_evaluated(manifest, statuses, reviews, senses, label_space)
    only = predictable_wnids(predictable, manifest)
    found, facts = open_predictions(predictions, label_space, merge, restrict, aggregate, only)
    known = read_table(classes, CLASSES, ["wnid", "ancestors"]).to_pylist()
    relatives = relatives_of(known, {wnid for row in images.rows for wnid in row["labels"]})
    rows = score_images(predictions, found, images.rows, images.known, relatives)
    chosen = {"senses": senses, "label_space": label_space, "predictable": predictable}
    write_rows(output, IMAGE_RESULTS, rows, config=chosen, facts=facts | images.facts)


@app.command()
def accuracy(
    results: Results,
    study: Annotated[str, typer.Option(help="Study of the config.")],
    dataset: Annotated[str, typer.Option(help="Dataset of the config.")],
    view: Annotated[str, typer.Option(help="View of the images.")],
    high_confidence: Annotated[
        float, typer.Option(help="Count incorrect predictions above it.", min=0, max=1)
    ],
    resamples: Annotated[int, typer.Option(help="Draws of clips for intervals.", min=100)],
    seed: Seed,
    output: Table,
    split: Annotated[
        Path | None, typer.Option(help="Split of the dataset: only held-out images count.")
    ] = None,
) -> None:
    """Score models by top-1 and top-5 accuracy, on the whole and on subsets, with intervals."""
    from wildframe.core.schemas import SCORES, SPLITS
    from wildframe.core.tables import read_table, write_rows
    from wildframe.scores import results_by_model
    from wildframe.scores.accuracy import held_out, score_model

    evaluated = results_by_model(results)
    if split:
        parts = {row["image_id"]: row["part"] for row in read_table(split, SPLITS).to_pylist()}
        evaluated = {model: held_out(model, rows, parts) for model, rows in evaluated.items()}
    named = {"study": study, "dataset": dataset, "view": view}
    scores = [
        named | row
        for model, rows in evaluated.items()
        for row in score_model(model, rows, high_confidence, resamples, seed)
    ]
    chosen = {"high_confidence": high_confidence, "resamples": resamples, "seed": seed}
    write_rows(output, SCORES, scores, config=named | chosen | {"held_out": split is not None})


@app.command()
def model_pairs(results: Results, output: Table) -> None:
    """Test each pair of models on the same images (McNemar, exact)."""
    from wildframe.core.schemas import MODEL_PAIRS
    from wildframe.core.tables import write_rows
    from wildframe.scores import results_by_model
    from wildframe.scores.pairs import compare

    columns = ["image_id", "view_key", "correct_top1", "correct_top5"]
    write_rows(output, MODEL_PAIRS, compare(results_by_model(results, columns)))


@app.command()
def confusions(results: Results, output: Table) -> None:
    """Count which class was confused with which."""
    from wildframe.core.schemas import CONFUSIONS
    from wildframe.core.tables import write_rows
    from wildframe.scores import results_by_model
    from wildframe.scores.confusions import confusions as count

    evaluated = results_by_model(results, ["labels", "top", "correct_top1"])
    rows = (row for model, rows in evaluated.items() for row in count(model, rows))
    write_rows(output, CONFUSIONS, rows)


@app.command()
def calibration(results: Results, output: Table) -> None:
    """Compare top-1 probability with top-1 accuracy, in bins."""
    from wildframe.core.schemas import CALIBRATION
    from wildframe.core.tables import write_rows
    from wildframe.scores import results_by_model
    from wildframe.scores.calibration import calibration as bin_up

    evaluated = results_by_model(results, ["top", "correct_top1"])
    rows = (row for model, rows in evaluated.items() for row in bin_up(model, rows))
    write_rows(output, CALIBRATION, rows)


@app.command()
def calibration_errors(
    results: Results,
    output: Table,
    legacy: Annotated[
        bool,
        typer.Option(
            "--legacy",
            help="RMS error as the published code computes it: without the most confident images.",
        ),
    ] = False,
) -> None:
    """Compute the expected and the RMS calibration error of models, and AURRA."""
    from wildframe.core.schemas import CALIBRATION_ERRORS
    from wildframe.core.tables import write_rows
    from wildframe.scores import results_by_model
    from wildframe.scores.calibration import calibration_errors as measure

    evaluated = results_by_model(results, ["top", "correct_top1"])
    rows = (row for model, rows in evaluated.items() for row in measure(model, rows, legacy))
    write_rows(output, CALIBRATION_ERRORS, rows, config={"legacy": legacy})


@app.command()
def separation(
    outside: Annotated[
        list[Path], typer.Option(help="Predictions of each model on images of no known class.")
    ],
    outside_manifest: Annotated[Path, typer.Option(help="Manifest of these images.")],
    inside: Annotated[
        list[Path], typer.Option(help="Those on images of known classes, in the same order.")
    ],
    inside_manifest: Annotated[Path, typer.Option(help="Manifest of those images.")],
    output: Table,
    label_space: Annotated[
        PredictedSpace,
        typer.Option(
            help="subset: only the classes that images outside are listed under can be predicted, "
            "as ImageNet-O is evaluated; full: all of the model's."
        ),
    ] = "subset",
) -> None:
    """Test how well confidence tells images of no known class: AUROC, AUPR and FPR95."""
    from wildframe.core.schemas import SEPARATIONS
    from wildframe.core.tables import write_rows
    from wildframe.scores.out_of_distribution import score_pairs

    rows = score_pairs(outside, outside_manifest, inside, inside_manifest, label_space)
    for row in rows:
        print(f"{row['model']}: label space {label_space}", flush=True)
    write_rows(output, SEPARATIONS, rows, config={"label_space": label_space})


app.add_typer(sets)
app.add_typer(zoom)

"""``wildframe scores``: results from predictions, and metrics from results."""

from pathlib import Path
from typing import Annotated

import typer

from wildframe.models.commands import Classes, Manifest
from wildframe.scores.set_commands import AggregateOption, Seed, Table
from wildframe.scores.set_commands import app as sets

app = typer.Typer()

Results = Annotated[list[Path], typer.Argument(help="Results of each model.")]


@app.command()
def image_results(
    predictions: Annotated[Path, typer.Argument(help="Predictions of one model.")],
    manifest: Manifest,
    statuses: Annotated[Path, typer.Option(help="Status of each frame.")],
    classes: Classes,
    senses: Annotated[str, typer.Option(help="Sense table: shipped, or a CSV file.")],
    output: Annotated[Path, typer.Option(help="Table to write: one row per image.")],
    aggregate: AggregateOption = None,
) -> None:
    """Compare each prediction of a model with the labels of its image."""
    from wildframe.core.schemas import CLASSES, IMAGE_RESULTS, MANIFEST, PREDICTIONS
    from wildframe.core.tables import read_facts, read_table, write_rows
    from wildframe.frames import read_statuses
    from wildframe.labels import read_classes
    from wildframe.labels.senses import read_senses
    from wildframe.predictions import own_wnids, read_top
    from wildframe.scores import model_of
    from wildframe.scores.image_results import doubtful_labels, relatives_of, score_images

    table = read_senses(senses)
    known = read_facts(predictions, PREDICTIONS)
    space = known["label_space"]
    rows = score_images(
        predictions,
        read_top(predictions, aggregate),
        [
            row | {"doubtful_labels": doubtful_labels(row, table)}
            for row in read_table(manifest, MANIFEST).to_pylist()
        ],
        {row["image_id"] for row in read_statuses(statuses) if row["status"] != "ok"},
        own_wnids(known) or [row["wnid"] for row in read_classes(classes, space)],
        relatives_of(read_table(classes, CLASSES, ["wnid", "ancestors"]).to_pylist()),
    )
    facts = {"model": model_of(predictions, PREDICTIONS), "label_space": space}
    facts |= {"aggregate": aggregate} if aggregate else {}
    write_rows(output, IMAGE_RESULTS, rows, config={"senses": senses}, facts=facts)


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


app.add_typer(sets)

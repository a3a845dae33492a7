"""``wildframe scores``: outcomes out of predictions, and metrics out of outcomes."""

from pathlib import Path
from typing import Annotated

import typer

from wildframe.scores.temporal_commands import Seed, Table
from wildframe.scores.temporal_commands import app as temporal

app = typer.Typer(help="Metrics out of predictions.", no_args_is_help=True)

Outcomes = Annotated[list[Path], typer.Argument(help="Outcomes, named <model>.parquet.")]


@app.command()
def outcomes(
    predictions: Annotated[Path, typer.Argument(help="Predictions of one model.")],
    manifest: Annotated[Path, typer.Option(help="Manifest of the dataset.")],
    statuses: Annotated[Path, typer.Option(help="What became of each frame.")],
    classes: Annotated[Path, typer.Option(help="Table of classes.")],
    senses: Annotated[str, typer.Option(help="Sense table: shipped, or a CSV file.")],
    output: Annotated[Path, typer.Option(help="Table to write: one row per picture.")],
) -> None:
    """Judge each prediction of a model by the labels of its picture."""
    from wildframe.core.schemas import CLASSES, MANIFEST, OUTCOMES
    from wildframe.core.tables import read_table, write_rows
    from wildframe.frames import read_statuses
    from wildframe.labels import read_classes
    from wildframe.labels.senses import read_senses
    from wildframe.predictions import class_space_of, read_top
    from wildframe.scores import model_of
    from wildframe.scores.outcomes import doubtful_labels, judge, relatives_of

    table = read_senses(senses)
    space = class_space_of(predictions)
    rows = judge(
        predictions,
        read_top(predictions),
        [
            row | {"doubtful_labels": doubtful_labels(row, table)}
            for row in read_table(manifest, MANIFEST).to_pylist()
        ],
        {row["image_id"] for row in read_statuses(statuses) if row["status"] != "ok"},
        [row["wnid"] for row in read_classes(classes, space)],
        relatives_of(read_table(classes, CLASSES, ["wnid", "ancestors"]).to_pylist()),
    )
    facts = {"model": model_of(predictions), "class_space": space}
    write_rows(output, OUTCOMES, rows, config={"senses": senses}, facts=facts)


@app.command()
def accuracy(
    outcomes: Outcomes,
    study: Annotated[str, typer.Option(help="Study of the config.")],
    dataset: Annotated[str, typer.Option(help="Dataset of the config.")],
    view: Annotated[str, typer.Option(help="How the pictures were shown.")],
    high_confidence: Annotated[
        float, typer.Option(help="Count wrong predictions above this probability.", min=0, max=1)
    ],
    resamples: Annotated[int, typer.Option(help="Draws of clips for intervals.", min=100)],
    seed: Seed,
    output: Table,
    split: Annotated[
        Path | None, typer.Option(help="Split of the dataset: held-out pictures alone count.")
    ] = None,
) -> None:
    """Score models by top-1 and top-5 accuracy, on the whole and on subsets, with intervals."""
    from wildframe.core.schemas import SCORES, SPLITS
    from wildframe.core.tables import read_table, write_rows
    from wildframe.scores import outcomes_by_model
    from wildframe.scores.accuracy import held_out, score_model

    examined = outcomes_by_model(outcomes)
    if split:
        parts = {row["image_id"]: row["part"] for row in read_table(split, SPLITS).to_pylist()}
        examined = {model: held_out(model, rows, parts) for model, rows in examined.items()}
    named = {"study": study, "dataset": dataset, "view": view}
    scores = [
        named | row
        for model, rows in examined.items()
        for row in score_model(model, rows, high_confidence, resamples, seed)
    ]
    chosen = {"high_confidence": high_confidence, "resamples": resamples, "seed": seed}
    write_rows(output, SCORES, scores, config=named | chosen | {"held_out": split is not None})


@app.command()
def model_pairs(outcomes: Outcomes, output: Table) -> None:
    """Test each pair of models on the same pictures (McNemar, exact)."""
    from wildframe.core.schemas import MODEL_PAIRS
    from wildframe.core.tables import write_rows
    from wildframe.scores import outcomes_by_model
    from wildframe.scores.pairs import compare

    columns = ["image_id", "view_key", "right_top1", "right_top5"]
    write_rows(output, MODEL_PAIRS, compare(outcomes_by_model(outcomes, columns)))


@app.command()
def confusions(outcomes: Outcomes, output: Table) -> None:
    """Count which class was taken for which."""
    from wildframe.core.schemas import CONFUSIONS
    from wildframe.core.tables import write_rows
    from wildframe.scores import outcomes_by_model
    from wildframe.scores.confusions import confusions as count

    examined = outcomes_by_model(outcomes, ["labels", "top", "right_top1"])
    rows = (row for model, rows in examined.items() for row in count(model, rows))
    write_rows(output, CONFUSIONS, rows)


@app.command()
def calibration(outcomes: Outcomes, output: Table) -> None:
    """Hold top-1 probability against top-1 accuracy, in bins."""
    from wildframe.core.schemas import CALIBRATION
    from wildframe.core.tables import write_rows
    from wildframe.scores import outcomes_by_model
    from wildframe.scores.calibration import calibration as bin_up

    examined = outcomes_by_model(outcomes, ["top", "right_top1"])
    rows = (row for model, rows in examined.items() for row in bin_up(model, rows))
    write_rows(output, CALIBRATION, rows)


app.add_typer(temporal)

"""Commands of the exhibits that look closer: labels, classes, confidence, size, moments, pairs."""

from pathlib import Path
from typing import Annotated

import typer

from wildframe.studies.ego4d.options import (
    About,
    Classes,
    CsvFile,
    Licensed,
    Models,
    Outputs,
    Png,
    Scores,
    Svg,
)

app = typer.Typer()


@app.command()
def label_senses(outputs: Outputs, scores: Scores, models: Models, about: About) -> None:
    """Label noise: accuracy before and after doubtful labels are left out."""
    from wildframe.exhibits.score_table import ScoreTable
    from wildframe.studies.ego4d.label_senses import label_senses as compare

    compare(ScoreTable.read(scores), models.split(","), about).write(outputs)


@app.command()
def high_confidence(
    outputs: Outputs, scores: Scores, models: Models, about: About, licensed: Licensed
) -> None:
    """High-confidence errors: how often models are sure and wrong."""
    from wildframe.exhibits.score_table import ScoreTable
    from wildframe.models import zoo_entry
    from wildframe.studies.ego4d.high_confidence import high_confidence as errors

    entries = [zoo_entry(name) for name in models.split(",")]
    errors(ScoreTable.read(scores), entries, about, licensed).write(outputs)


@app.command()
def per_class(
    outputs: Outputs, scores: Scores, models: Models, classes: Classes, about: About
) -> None:
    """Top-1 accuracy by class."""
    from wildframe.exhibits.score_table import ScoreTable
    from wildframe.labels import read_class_names
    from wildframe.studies.ego4d.per_class import per_class as by_class

    table, names = ScoreTable.read(scores), read_class_names(classes)
    by_class(table, models.split(","), names, about).write(outputs)


@app.command()
def confusions(
    outputs: Outputs,
    confusions: Annotated[Path, typer.Option(help="Confusions of the dataset.")],
    models: Models,
    classes: Classes,
    about: About,
) -> None:
    """Which class is taken for which."""
    from wildframe.core.schemas import CONFUSIONS
    from wildframe.core.tables import read_table
    from wildframe.labels import read_class_names
    from wildframe.studies.ego4d.confusions import confusions as most_frequent

    counted = read_table(confusions, CONFUSIONS).to_pylist()
    names = read_class_names(classes)
    most_frequent(counted, models.split(","), names, about).write(outputs)


@app.command()
def reliability(
    calibration: Annotated[Path, typer.Option(help="Calibration of the models.")],
    models: Models,
    about: About,
    png: Png,
    svg: Svg,
    csv: CsvFile,
) -> None:
    """Reliability diagrams: are models as often right as they are sure."""
    from wildframe.core.schemas import CALIBRATION
    from wildframe.core.tables import read_table
    from wildframe.studies.ego4d.reliability import bins_by_model, diagram, numbers

    bins = read_table(calibration, CALIBRATION).to_pylist()
    rows = bins_by_model(calibration, bins, models.split(","))
    diagram(rows, about, [png, svg])
    numbers(rows).write([csv])


@app.command()
def box_area(
    scores: Scores, models: Models, about: About, png: Png, svg: Svg, csv: CsvFile
) -> None:
    """Accuracy against how much of the picture the object takes up."""
    from wildframe.exhibits.score_table import ScoreTable
    from wildframe.studies.ego4d.box_area import accuracy_by_area, numbers, plot

    rows = accuracy_by_area(ScoreTable.read(scores), models.split(","))
    plot(rows, about, [png, svg])
    numbers(rows).write([csv])


@app.command()
def moments(outputs: Outputs, scores: Scores, models: Models, about: About) -> None:
    """Pre, PNR and Post frames: accuracy by moment."""
    from wildframe.exhibits.score_table import ScoreTable
    from wildframe.studies.ego4d.moments import moments as by_moment

    by_moment(ScoreTable.read(scores), models.split(","), about).write(outputs)


@app.command()
def box_view(
    outputs: Outputs,
    full: Annotated[Path, typer.Option(help="Scores of whole pictures.")],
    box: Annotated[Path, typer.Option(help="Scores of the objects cut out.")],
    models: Models,
    about: About,
) -> None:
    """Whole pictures against pictures cut to the annotated object."""
    from wildframe.exhibits.score_table import ScoreTable
    from wildframe.studies.ego4d.box_view import box_view as compare

    tables = ScoreTable.read(full), ScoreTable.read(box)
    compare(*tables, models.split(","), about).write(outputs)


@app.command()
def model_pairs(
    outputs: Outputs,
    pairs: Annotated[Path, typer.Option(help="Pairs of models.")],
    models: Models,
    about: About,
) -> None:
    """Each pair of models on the same pictures (McNemar)."""
    from wildframe.core.schemas import MODEL_PAIRS
    from wildframe.core.tables import read_table
    from wildframe.studies.ego4d.model_pairs import model_pairs as compare

    rows = read_table(pairs, MODEL_PAIRS).to_pylist()
    compare(pairs, rows, models.split(","), about).write(outputs)

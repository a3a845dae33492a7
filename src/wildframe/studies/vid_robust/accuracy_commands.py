"""Commands of Fig. 2, Tables 1 and 3, and accuracy by distance and by class."""

from typing import Annotated

import typer

from wildframe.studies.vid_robust.options import (
    About,
    CsvFile,
    Licensed,
    Models,
    Outputs,
    Png,
    Robustness,
    Svg,
    TargetClasses,
    TypeRows,
    rows_of,
)

app = typer.Typer()


@app.command()
def fig2_original_vs_perturbed(
    robustness: Robustness,
    models: Models,
    about: About,
    licensed: Licensed,
    png: Png,
    svg: Svg,
    csv: CsvFile,
) -> None:
    """Fig. 2: accuracy on anchors against accuracy on sets."""
    from wildframe.exhibits.robustness_table import RobustnessTable
    from wildframe.studies.vid_robust.fig2_original_vs_perturbed import numbers, plot, points

    table = RobustnessTable.read(robustness)
    rows = points(table, models.split(","))
    plot(rows, table, about, licensed, [png, svg])
    numbers(rows).write([csv])


@app.command()
def table1_model_types(
    outputs: Outputs,
    robustness: Robustness,
    rows: TypeRows,
    targets: TargetClasses,
    about: About,
    licensed: Licensed,
) -> None:
    """Table 1: accuracy by way to train."""
    from wildframe.exhibits.robustness_table import RobustnessTable
    from wildframe.studies.vid_robust.table1_model_types import model_types

    table = RobustnessTable.read(robustness)
    model_types(table, rows_of(rows), targets, about, licensed).write(outputs)


@app.command()
def table3_models(
    outputs: Outputs,
    robustness: Robustness,
    models: Models,
    targets: TargetClasses,
    about: About,
    licensed: Licensed,
) -> None:
    """Appendix Table 3: accuracy of all models."""
    from wildframe.exhibits.robustness_table import RobustnessTable
    from wildframe.studies.vid_robust.table3_models import all_models

    table = RobustnessTable.read(robustness)
    all_models(table, models.split(","), targets, about, licensed).write(outputs)


@app.command()
def appendix_fig2_by_k(
    robustness: Robustness, rows: TypeRows, about: About, png: Png, svg: Svg, csv: CsvFile
) -> None:
    """Appendix Fig. 2: accuracy against distance from the anchor."""
    from wildframe.exhibits.by_k import accuracy_by_k, numbers
    from wildframe.exhibits.robustness_table import RobustnessTable
    from wildframe.studies.vid_robust.appendix_fig2_by_k import plot

    table = RobustnessTable.read(robustness)
    found = accuracy_by_k(table, rows_of(rows))
    plot(found, table, about, [png, svg])
    numbers(found).write([csv])


@app.command()
def appendix_fig3_per_class(
    robustness: Robustness,
    model: Annotated[str, typer.Option(help="Model of the bars.")],
    targets: TargetClasses,
    about: About,
    png: Png,
    svg: Svg,
    csv: CsvFile,
) -> None:
    """Appendix Fig. 3: accuracy by class."""
    from wildframe.exhibits.robustness_table import RobustnessTable
    from wildframe.labels.hypernyms import read_targets
    from wildframe.studies.vid_robust.appendix_fig3_per_class import numbers, per_class, plot

    table = RobustnessTable.read(robustness)
    names = {target.wnid: target.name for target in read_targets(targets) if target.wnid}
    found = per_class(table, model, names)
    plot(found, table, targets, about, [png, svg])
    numbers(found).write([csv])

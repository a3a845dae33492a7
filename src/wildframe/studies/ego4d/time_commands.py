"""Command of robustness in time: accuracy near the Pre frame."""

import typer

from wildframe.studies.ego4d.options import About, CsvFile, Models, Png, Robustness, Svg

app = typer.Typer()


@app.command()
def robustness_in_time(
    robustness: Robustness, models: Models, about: About, png: Png, svg: Svg, csv: CsvFile
) -> None:
    """Robustness in time: accuracy against distance from the Pre frame."""
    from wildframe.exhibits.by_k import accuracy_by_k, numbers
    from wildframe.exhibits.robustness_table import RobustnessTable
    from wildframe.studies.ego4d.robustness_in_time import plot

    table = RobustnessTable.read(robustness)
    rows = accuracy_by_k(table, {model: model for model in models.split(",")})
    plot(rows, table, about, [png, svg])
    numbers(rows).write([csv])

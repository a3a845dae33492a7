"""Command of appendix Tables 1 and 2: how models were trained."""

from pathlib import Path
from typing import Annotated

import typer

from wildframe.studies.vid_robust.options import Outputs

app = typer.Typer()


@app.command()
def hyperparameters(
    outputs: Outputs,
    history: Annotated[
        list[Path], typer.Option(help="History of a training: <model>/<training>.parquet.")
    ],
    data: Annotated[
        list[str], typer.Option(help="What a training learns from: <training>=<text>.")
    ],
) -> None:
    """Appendix Tables 1 and 2: hyper-parameters of trainings."""
    from wildframe.studies.vid_robust.hyperparameters import data_of, read_training
    from wildframe.studies.vid_robust.hyperparameters import hyperparameters as table

    table([read_training(path) for path in history], data_of(data)).write(outputs)

"""``wildframe scores``: metrics out of predictions."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Metrics out of predictions.", no_args_is_help=True)


@app.callback()
def _station() -> None:
    """Keep the sub-command's name even while there is only one."""


@app.command()
def accuracy(
    predictions: Annotated[list[Path], typer.Argument(help="Predictions, named <model>.parquet.")],
    manifest: Annotated[Path, typer.Option(help="Manifest of the dataset.")],
    classes: Annotated[Path, typer.Option(help="Table of classes.")],
    statuses: Annotated[Path, typer.Option(help="What became of each frame.")],
    study: Annotated[str, typer.Option(help="Study of the config.")],
    dataset: Annotated[str, typer.Option(help="Dataset of the config.")],
    view: Annotated[str, typer.Option(help="How the pictures were shown.")],
    output: Annotated[Path, typer.Option(help="Table to write.")],
) -> None:
    """Score models by top-1 and top-5 accuracy with exact intervals."""
    from wildframe.core.schemas import MANIFEST, SCORES
    from wildframe.core.tables import read_table, write_rows
    from wildframe.frames import read_statuses
    from wildframe.labels import read_classes
    from wildframe.predictions import class_space_of, read_top
    from wildframe.scores.accuracy import score_model

    pictures = read_table(manifest, MANIFEST, ["image_id", "labels"]).to_pylist()
    labels = {row["image_id"]: row["labels"] for row in pictures}
    unreadable = {row["image_id"] for row in read_statuses(statuses) if row["status"] != "ok"}
    whole = {"study": study, "dataset": dataset, "subset": "all", "view": view}
    rows = []
    for path in predictions:
        space = read_classes(classes, class_space_of(path))
        index_of = {row["wnid"]: row["class_index"] for row in space}
        scores = score_model(path, read_top(path), labels, unreadable, index_of)
        rows += [whole | {"model": path.stem} | row for row in scores]
    write_rows(output, SCORES, rows, config={"study": study, "dataset": dataset, "view": view})

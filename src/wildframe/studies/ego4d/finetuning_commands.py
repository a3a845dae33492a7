"""Commands of Fig. 2, Fig. 11 and the leak: models after fine-tuning."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from wildframe.core.choices import Grouping
from wildframe.studies.ego4d.options import (
    About,
    Licensed,
    Manifest,
    Models,
    Outputs,
    Png,
    Scores,
    Statuses,
    Svg,
)

if TYPE_CHECKING:
    from wildframe.exhibits.table import Table

app = typer.Typer()

By = Annotated[
    Literal["clip", "video"], typer.Option(help="What lay in one part as a whole: clip or video.")
]
Splits = Annotated[Path, typer.Option(help="Split of the dataset.")]


@app.command()
def fig2_finetuning(
    scores: Scores,
    by: By,
    models: Models,
    about: About,
    licensed: Licensed,
    png: Png,
    svg: Svg,
) -> None:
    """Fig. 2: top-1 accuracy before and after fine-tuning."""
    from wildframe.studies.ego4d.fig2_finetuning import bars

    bars(_fig11(scores, by, models, about, licensed), by, about, [png, svg])


@app.command()
def fig11_finetuned(
    outputs: Outputs,
    scores: Scores,
    by: By,
    models: Models,
    about: About,
    licensed: Licensed,
) -> None:
    """Fig. 11: accuracy before and after fine-tuning."""
    _fig11(scores, by, models, about, licensed).write(outputs)


@app.command()
def leak(
    outputs: Outputs,
    scores: Scores,
    split: Splits,
    by: By,
    image_scores: Scores,
    image_split: Splits,
    manifest: Manifest,
    statuses: Statuses,
    models: Models,
    about: About,
    licensed: Licensed,
) -> None:
    """Leak: what a split by image pretends."""
    from wildframe.core.schemas import MANIFEST, SPLITS
    from wildframe.core.tables import read_table
    from wildframe.exhibits.score_table import ScoreTable
    from wildframe.frames import read_statuses
    from wildframe.models import zoo_entry
    from wildframe.studies.ego4d.leak import leak as compare
    from wildframe.studies.ego4d.leak import seen_in_training

    readable = {row["image_id"] for row in read_statuses(statuses) if row["status"] == "ok"}
    columns = ["image_id", "group_id", "video_id"]
    pictures = [
        row
        for row in read_table(manifest, MANIFEST, columns).to_pylist()
        if row["image_id"] in readable
    ]
    splits: dict[Grouping, Path] = {by: split, "image": image_split}
    tables: dict[Grouping, ScoreTable] = {by: ScoreTable.read(scores)}
    tables["image"] = ScoreTable.read(image_scores)
    seen = {}
    for grouping, path in splits.items():
        rows = read_table(path, SPLITS, ["image_id", "part"]).to_pylist()
        parts = {row["image_id"]: row["part"] for row in rows}
        seen[grouping] = seen_in_training(path, pictures, parts)
    entries = [zoo_entry(name) for name in models.split(",")]
    compare(tables, seen, entries, about, licensed).write(outputs)


def _fig11(scores: Path, by: Grouping, models: str, about: str, licensed: bool) -> "Table":
    from wildframe.exhibits.score_table import ScoreTable
    from wildframe.models import zoo_entry
    from wildframe.studies.ego4d.fig11_finetuned import finetuned

    entries = [zoo_entry(name) for name in models.split(",")]
    return finetuned(ScoreTable.read(scores), entries, by, about, licensed)

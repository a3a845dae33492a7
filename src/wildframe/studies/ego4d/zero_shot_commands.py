"""Commands of Fig. 7 to 10: accuracy of models as they are."""

from typing import TYPE_CHECKING, Annotated

import typer

from wildframe.studies.ego4d.options import About, Classes, Licensed, Models, Outputs, Scores

if TYPE_CHECKING:
    from wildframe.models import ZooEntry

app = typer.Typer()

Block = Annotated[
    list[str],
    typer.Option(help="Row of a block, ARCHITECTURE=MODEL; nothing behind = where there is none."),
]


@app.command()
def fig7_zero_shot_in1k(
    outputs: Outputs,
    scores: Scores,
    models: Models,
    classes: Classes,
    about: About,
    licensed: Licensed,
) -> None:
    """Fig. 7: zero-shot accuracy of ImageNet-1K models."""
    from wildframe.exhibits.score_table import ScoreTable
    from wildframe.labels import read_classes
    from wildframe.models import zoo_entry
    from wildframe.studies.ego4d.fig7_zero_shot_in1k import zero_shot

    table = ScoreTable.read(scores)
    entries = [zoo_entry(name) for name in models.split(",")]
    chance = 1 / len(read_classes(classes, "in1k"))
    zero_shot(table, entries, chance, about, licensed).write(outputs)


@app.command()
def fig8_resolution(
    outputs: Outputs, scores: Scores, models: Models, about: About, licensed: Licensed
) -> None:
    """Fig. 8: one architecture at several input sizes."""
    from wildframe.exhibits.score_table import ScoreTable
    from wildframe.models import zoo_entry
    from wildframe.studies.ego4d.fig8_resolution import resolutions

    table = ScoreTable.read(scores)
    entries = [zoo_entry(name) for name in models.split(",")]
    resolutions(table, entries, about, licensed).write(outputs)


@app.command()
def fig9_zero_shot_in21k(
    outputs: Outputs,
    scores: Scores,
    models: Models,
    classes: Classes,
    about: About,
    licensed: Licensed,
) -> None:
    """Fig. 9: zero-shot accuracy under ImageNet-21K."""
    from wildframe.exhibits.score_table import ScoreTable
    from wildframe.labels import read_classes
    from wildframe.models import zoo_entry
    from wildframe.studies.ego4d.fig9_zero_shot_in21k import zero_shot

    table = ScoreTable.read(scores)
    entries = [zoo_entry(name) for name in models.split(",")]
    spaces = {entry.class_space for entry in entries}
    sizes = {space: len(read_classes(classes, space)) for space in spaces}
    zero_shot(table, entries, sizes, about, licensed).write(outputs)


@app.command()
def fig10_pretraining(
    outputs: Outputs,
    scores: Scores,
    in1k: Block,
    in21k_in1k: Block,
    about: About,
    licensed: Licensed,
) -> None:
    """Fig. 10: trained on ImageNet-1K alone, against ImageNet-21K first."""
    from wildframe.exhibits.score_table import ScoreTable
    from wildframe.studies.ego4d.fig10_pretraining import pretraining

    blocks = _block(in1k), _block(in21k_in1k)
    pretraining(ScoreTable.read(scores), *blocks, about, licensed).write(outputs)


def _block(rows: list[str]) -> "dict[str, ZooEntry | None]":
    """Return the models of a block by architecture, in order.

    Raises:
        UserError: A row is not ARCHITECTURE=MODEL or stands twice, or there is no such model.
    """
    from wildframe.core.errors import UserError
    from wildframe.models import zoo_entry

    models: dict[str, ZooEntry | None] = {}
    for row in rows:
        # Models have no = in their names; what an architecture is called is the user's own.
        name, equals, model = row.rpartition("=")
        if not equals or not name:
            raise UserError(f"{row!r}: a row is ARCHITECTURE=MODEL, or ARCHITECTURE= without one")
        if name in models:
            raise UserError(f"{name!r}: two rows of this name; tell the architectures apart")
        models[name] = zoo_entry(model) if model else None
    return models

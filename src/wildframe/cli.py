"""The ``wildframe`` command: one sub-command per station, in their order.

Importing this module must stay cheap: each command imports what it needs when it runs.
"""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from wildframe import __version__
from wildframe.configuration.commands import app as config
from wildframe.core.errors import UserError
from wildframe.exhibits.commands import app as exhibits
from wildframe.frames.commands import app as frames
from wildframe.labels.commands import app as labels
from wildframe.manifests.commands import app as manifests
from wildframe.models.commands import app as models
from wildframe.predictions.commands import app as predictions
from wildframe.reviews.commands import app as reviews
from wildframe.scores.commands import app as scores
from wildframe.sources.commands import app as sources

app = typer.Typer(
    help="Natural test sets for image models, made from video and image collections.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(sources, name="sources")
app.add_typer(labels, name="labels")
app.add_typer(manifests, name="manifests")
app.add_typer(frames, name="frames")
app.add_typer(reviews, name="reviews")
app.add_typer(models, name="models")
app.add_typer(predictions, name="predictions")
app.add_typer(scores, name="scores")
app.add_typer(exhibits, name="exhibits")
app.add_typer(config, name="config")


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"wildframe {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show it.")
    ] = False,
) -> None:
    """Natural test sets for image models, made from video and image collections."""


@app.command()
def doctor(
    config: Annotated[
        list[Path], typer.Option(help="Configuration to check; several are merged in order.")
    ] = [Path("config.yaml")],  # noqa: B006
) -> None:
    """Check environment, devices and data; print what is missing and how to get it."""
    from wildframe.doctor import diagnose

    raise typer.Exit(diagnose(config))


def main() -> None:
    """Run the command; a problem that the user can fix is one sentence and exit status 2."""
    try:
        app()
    except (UserError, OSError) as error:
        if os.environ.get("WILDFRAME_DEBUG"):
            raise
        sentence = str(error)
        if isinstance(error, OSError) and error.filename:  # a full disk, a read-only folder
            sentence = f"{error.filename}: {error.strerror}"
        print(f"ERROR: {sentence}", file=sys.stderr)
        sys.exit(2)

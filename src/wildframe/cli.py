"""The ``wildframe`` command: one sub-command a station, in the order of the line.

Importing this module must stay cheap: each command imports what it needs when it runs.
"""

import os
import sys
from pathlib import Path
from typing import Annotated, NoReturn

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
for name, station in (
    ("sources", sources),
    ("labels", labels),
    ("manifests", manifests),
    ("frames", frames),
    ("reviews", reviews),
    ("models", models),
    ("predictions", predictions),
    ("scores", scores),
    ("exhibits", exhibits),
    ("config", config),
):
    app.add_typer(station, name=name)


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
        list[Path], typer.Option(help="Configuration to look at; several are merged in order.")
    ] = [Path("config.yaml")],  # noqa: B006
) -> None:
    """Look at the environment, the devices and the data; say what is missing and how to get it."""
    from wildframe.doctor import examine

    raise typer.Exit(examine(config))


def main() -> None:
    """Run the command; a problem that the user can mend is one sentence and exit status 2."""
    try:
        app()
    except UserError as error:
        if os.environ.get("WILDFRAME_DEBUG"):
            raise
        _fail(str(error))
    except OSError as error:
        # A full disk, a folder that may not be written: the system's own words are clear.
        if os.environ.get("WILDFRAME_DEBUG"):
            raise
        _fail(f"{error.filename}: {error.strerror}" if error.filename else str(error))


def _fail(sentence: str) -> NoReturn:
    print(f"ERROR: {sentence}", file=sys.stderr)
    sys.exit(2)

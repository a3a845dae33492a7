"""The ``wildframe`` command: one sub-command per station, in their order.

Importing this module must stay cheap: each command imports what it needs when it runs.
"""

import io
import os
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from typer.core import TyperGroup
from typer.main import get_command

from wildframe import __version__
from wildframe.core.allocator import collect_garbage_seldom
from wildframe.core.errors import UserError

_GROUPS = {
    "sources": "Read a publisher's files into tables.",
    "labels": "Label spaces and the map from nouns to classes.",
    "manifests": "Which images are evaluated, and why the others are not.",
    "frames": "Exact frames of videos.",
    "reviews": "Which neighbours look like their anchor.",
    "models": "The zoo, its weights, and training.",
    "predictions": "Run models on images.",
    "scores": "Metrics from predictions.",
    "exhibits": "The papers' tables and figures.",
    "config": "Check and show the configuration.",
}
"""What ``wildframe --help`` says of each group of commands."""

_PACKAGES = {"config": "configuration"}


class _Group(TyperGroup):
    """The commands of a station, imported when they are asked for."""

    def list_commands(self, ctx: Any) -> list[str]:
        if not self.commands:
            package = _PACKAGES.get(self.name or "", self.name)
            app = import_module(f"wildframe.{package}.commands").app
            self.commands = get_command(app).commands  # type: ignore[attr-defined]
        return super().list_commands(ctx)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        self.list_commands(ctx)
        return super().get_command(ctx, cmd_name)


class _Wildframe(TyperGroup):
    def __init__(self, *, commands: Any, **settings: Any) -> None:
        groups = {
            name: _Group(name=name, help=text, no_args_is_help=True)
            for name, text in _GROUPS.items()
        }
        super().__init__(commands=groups | commands, **settings)


app = typer.Typer(
    cls=_Wildframe,
    help="Natural test sets for image models, made from video and image collections.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


Results = Annotated[Path, typer.Option(help="Folder of the results of the run.")]


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
def init(
    folder: Annotated[Path, typer.Argument(help="Folder to make; new or empty.")],
    videos: Annotated[
        Path | None, typer.Option(help="Folder of your own videos, with any subfolders.")
    ] = None,
    images: Annotated[
        Path | None, typer.Option(help="Folder of your own images, a folder a class.")
    ] = None,
    preset: Annotated[
        str | None,
        typer.Option(
            help="Run of a paper, ego4d, ego_exo, imagenet_hard, imagenet_hard_clip or vid_robust; "
            "or own_images or own_videos, whose folder is named later."
        ),
    ] = None,
) -> None:
    """Make a folder for a run on your own data: settings, profiles, and how to go on."""
    from wildframe.run_folder import OWN_IMAGES, OWN_VIDEOS, make_run_folder

    named = [preset, OWN_VIDEOS if videos else None, OWN_IMAGES if images else None]
    chosen = [name for name in named if name]
    if len(chosen) != 1:
        raise UserError("name one of --videos FOLDER, --images FOLDER and --preset NAME")
    to_fill_in = make_run_folder(folder, chosen[0], videos or images)
    first = f"fill in the column labels of {to_fill_in}, then " if to_fill_in else ""
    print(f"{folder}: made; {first}go on as {folder / 'README.md'} says")


@app.command()
def doctor(
    config: Annotated[
        list[Path], typer.Option(help="Configuration to check; several are merged in order.")
    ] = [Path("config.yaml")],  # noqa: B006
    estimate: Annotated[
        bool,
        typer.Option(
            "--estimate",
            help="Tell how long the rest of the run takes and how much disk it needs, by what a "
            "frame of your videos and an image of each model cost on this machine.",
        ),
    ] = False,
) -> None:
    """Check environment, devices, data and models; print what is missing and how to get it."""
    from wildframe.doctor import diagnose

    raise typer.Exit(diagnose(config, with_estimate=estimate))


@app.command()
def certify(
    datasets: Annotated[list[str], typer.Argument(help="Datasets of the run.")],
    output: Annotated[Path, typer.Option(help="Certificate to write: a zip.")],
    results: Results = Path("results"),
) -> None:
    """Certify what a run evaluated: frames, labels and predictions, without images."""
    from wildframe.provenance.certificate import predictions_of, write_certificate

    predictions = {name: predictions_of(results, name) for name in datasets}
    sha256 = write_certificate(predictions, results, output)
    print(f"{output}: {output.stat().st_size / 1000:.0f} kB, SHA-256 {sha256}")


@app.command()
def verify(
    certificate: Annotated[Path, typer.Argument(help="Certificate of another run.")],
    results: Results = Path("results"),
    tolerance: Annotated[
        float, typer.Option(min=0, help="Largest difference of probabilities that counts as none.")
    ] = 1e-4,
) -> None:
    """Compare this run with a certificate: the first difference of each layer, and its cause.

    The exit status is 0 if all is the same, 1 if not.
    """
    from wildframe.provenance.certificate import open_certificate
    from wildframe.provenance.verification import verify as compare

    if not tolerance >= 0:  # NaN, which the option lets pass
        raise UserError(f"--tolerance {tolerance}: name a number, such as 0.0001")
    is_same = True
    with open_certificate(certificate) as (folder, made_with):
        for finding in compare(folder, made_with, results, tolerance):
            print(finding)
            is_same &= not finding.difference
    if not is_same:
        raise typer.Exit(1)
    print("same frames, same labels, same predictions")


@app.command()
def supplement(
    output: Annotated[Path, typer.Argument(help="Zip to write, in the folder of the results.")],
    names: Annotated[
        list[str], typer.Argument(help="Exhibits: <study>/[<view>/][<dataset>/]<name>.")
    ],
    config: Annotated[str, typer.Option(help="The configuration of the run, as JSON.")],
    funnels: Annotated[
        list[Path] | None, typer.Option("--funnel", help="Table <dataset>.funnel.parquet.")
    ] = None,
    statuses: Annotated[
        list[Path] | None,
        typer.Option(
            help="Statuses of single images, <dataset>.parquet, or kept clips, "
            "<dataset>/<shard>.arrow."
        ),
    ] = None,
    predictions: Annotated[
        list[Path] | None, typer.Option(help="Predictions to certify: a table of the results.")
    ] = None,
    kept: Annotated[
        list[str] | None,
        typer.Option(help="Exhibit whose images are shown; those of others are left out."),
    ] = None,
    blurred: Annotated[
        list[str] | None,
        typer.Option(help="Exhibit whose images are blurred outside of boxes."),
    ] = None,
    left_out: Annotated[
        list[str] | None, typer.Option(help="Exhibit whose images are left out: the default.")
    ] = None,
) -> None:
    """Write the supplement of a paper, as `snakemake supplement` does: one zip for its readers."""
    from wildframe.core.choices import Sharing
    from wildframe.provenance.supplement import Contents, write_supplement

    sharing: dict[str, Sharing] = dict.fromkeys(names, "left_out")
    sharing |= dict.fromkeys(kept or (), "kept")
    sharing |= dict.fromkeys(blurred or (), "blurred")
    sharing |= dict.fromkeys(left_out or (), "left_out")
    data = (funnels or [], statuses or [])
    write_supplement(output, Contents(names, *data, sharing, predictions or [], config))


@app.command()
def explain(
    path: Annotated[Path, typer.Argument(help="Table or figure under results/exhibits.")],
    row: Annotated[
        int | None, typer.Option(min=1, help="Row of the .csv; 1 is the first below the header.")
    ] = None,
    column: Annotated[
        str | None, typer.Option(help="Column of the .csv, as its header names it.")
    ] = None,
    fmt: Annotated[
        Literal["tree", "json"], typer.Option("--format", help="How to print.")
    ] = "tree",
) -> None:
    """Tell what is behind a table, figure or number: counts, files, models, choices, versions."""
    from wildframe.provenance.explanation import explain as explanation

    for line in explanation(path, row, column, fmt):
        print(line)


def main() -> None:
    """Run the command, or several joined by ``+`` one after the other.

    Whatever stops it is one sentence.
    The exit status is 2 for a problem that the user can fix, and 1 for a fault of the program.
    WILDFRAME_DEBUG in the environment shows the traceback instead.
    """
    for stream in (sys.stdout, sys.stderr):
        # What a terminal of another encoding cannot show is told all the same.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    collect_garbage_seldom()
    # Threads of OpenMP that wait spin for microseconds, not for milliseconds, which cost ten times
    # the work itself where other jobs run on the same cores. Read when torch is imported.
    os.environ.setdefault("GOMP_SPINCOUNT", "1000")
    # Jobs run side by side; none computes long in numpy, whose threads take a tenth of a second to
    # start.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        for command in _commands(sys.argv[1:]):
            # Tables say which command wrote them.
            sys.argv[1:] = command
            _run()
        sys.exit(0)
    except Exception as error:
        from wildframe.core.progress import close_bars

        close_bars()
        if os.environ.get("WILDFRAME_DEBUG"):
            raise
        sentence, status = _told(error)
        print(f"ERROR: {sentence}", file=sys.stderr)
        sys.exit(status)


def _commands(arguments: Sequence[str]) -> list[list[str]]:
    """Return the commands of a command line: ``a 1 + b 2`` has two."""
    commands: list[list[str]] = [[]]
    for argument in arguments:
        if argument == "+":
            commands.append([])
        else:
            commands[-1].append(argument)
    return commands


def _run() -> None:
    """Run a command, and leave if it does not end well."""
    try:
        app()
    except SystemExit as end:
        if end.code:
            raise


def _told(error: Exception) -> tuple[str, int]:
    if isinstance(error, OSError) and error.filename:  # a full disk, a read-only folder
        return f"{error.filename}: {error.strerror}", 2
    if isinstance(error, UserError | OSError):
        return str(error), 2
    if type(error).__name__ == "ValidationError":  # of pydantic, which takes time to import
        from wildframe.core.strict import message_of

        first = error.errors()[0]  # type: ignore[attr-defined]
        return f"{'.'.join(map(str, first['loc']))}: {message_of(first)}; correct the option", 2
    file, line = _place_of(error)
    return (
        f"{type(error).__name__}: {' '.join(str(error).split())} ({file}, line {line}); if that "
        "file is yours, correct it; if not, this is a fault of wildframe: please report it with "
        "the traceback that WILDFRAME_DEBUG=1 before the command shows"
    ), 1


def _place_of(error: Exception) -> tuple[str, int | None]:
    """Return file and line of an error: of wildframe or of the user's code, not of libraries."""
    if isinstance(error, SyntaxError) and error.filename:
        return error.filename, error.lineno
    from sysconfig import get_path

    frames = traceback.extract_tb(error.__traceback__)
    libraries = (get_path("stdlib"), get_path("purelib"), get_path("platlib"), "<")
    package = str(Path(__file__).parent)
    own = [
        frame
        for frame in frames
        if frame.filename.startswith(package) or not frame.filename.startswith(libraries)
    ]
    last = (own or frames)[-1]
    return last.filename, last.lineno

"""``wildframe exhibits``: the papers' tables and figures."""

from pathlib import Path
from typing import Annotated

import typer

from wildframe.core.display import Format
from wildframe.core.options import name_and_value

app = typer.Typer()


@app.command()
def make(
    study: Annotated[str, typer.Argument(help="Name of the study, as in the config.")],
    name: Annotated[str, typer.Argument(help="Name of the exhibit: that of its file.")],
    outputs: Annotated[
        list[Path], typer.Argument(help="Files to write; the suffix is the format.")
    ],
    inputs: Annotated[
        list[str] | None, typer.Option("--input", help="An input file: <parameter>=<path>.")
    ] = None,
    values: Annotated[
        list[str] | None, typer.Option("--set", help="A setting: <parameter>=<text or JSON>.")
    ] = None,
) -> None:
    """Make one table or figure, as its rule does, whose log has the command line.

    That line is what `wildframe explain` knows an exhibit by, and hashes of the files what a
    supplement does: text and images carry no metadata.
    """
    from wildframe.core.tables import this_command
    from wildframe.exhibits.lookup import load_exhibit
    from wildframe.exhibits.made import hashes

    print(this_command(), flush=True)
    files: dict[str, list[Path]] = {}
    for parameter, path in map(name_and_value, inputs or ()):
        files.setdefault(parameter, []).append(Path(path))
    load_exhibit(study, name).write(outputs, files, dict(map(name_and_value, values or ())))
    print(*hashes(outputs), sep="\n", flush=True)


@app.command()
def index(
    output: Annotated[Path, typer.Argument(help="Page to write, beside the studies' folders.")],
    names: Annotated[
        list[str], typer.Argument(help="Exhibits: <study>/[<view>/][<dataset>/]<name>.")
    ],
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
) -> None:
    """Write the index of a run: one page with its tables, figures and funnels."""
    from wildframe.exhibits.index import write_index

    write_index(output, names, funnels or [], statuses or [])


@app.command("list")
def list_exhibits(
    study: Annotated[
        str | None, typer.Argument(help="Name of the study, as in the config; all if left out.")
    ] = None,
    fmt: Annotated[Format, typer.Option("--format", help="How to print.")] = Format.table,
) -> None:
    """List the tables and figures of a study: target, name, subject and files."""
    from wildframe.core.display import show
    from wildframe.exhibits.listing import list_rows

    columns = ["target", "exhibit", "shows", "files"]
    show(list_rows(study), columns, fmt, verbatim=("target", "files"))


@app.command()
def comparisons(
    study: Annotated[
        str | None, typer.Argument(help="Name of the study, as in the config; all if left out.")
    ] = None,
    fmt: Annotated[Format, typer.Option("--format", help="How to print.")] = Format.table,
) -> None:
    """List what tables and figures invite to compare: over which unit, how tested, and where."""
    from wildframe.core.display import show
    from wildframe.exhibits.listing import comparison_rows

    columns = ["exhibit", "compares", "unit", "method", "shown in"]
    show(comparison_rows(study), columns, fmt, verbatim=("exhibit", "shown in"))

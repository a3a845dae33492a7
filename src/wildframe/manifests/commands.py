"""``wildframe manifests``: decide which pictures are examined."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from wildframe.core.choices import ClassSpace, Media, Pick, Role, Synsets
from wildframe.core.display import Format

app = typer.Typer(help="Which pictures are examined, and why not.", no_args_is_help=True)


@app.command()
def build(
    records: Annotated[Path, typer.Option(help="Table of records.")],
    objects: Annotated[Path, typer.Option(help="Table of boxes.")],
    classes: Annotated[Path, typer.Option(help="Table of classes.")],
    class_space: Annotated[ClassSpace, typer.Option(help="in1k, in21k or in22k.")],
    dataset: Annotated[str, typer.Option(help="Name of the dataset.")],
    role: Annotated[Role, typer.Option(help="pre, pnr or post.")],
    object_types: Annotated[str, typer.Option(help="Box types that name a picture, with commas.")],
    words: Annotated[Pick, typer.Option(help="first, all or paper.")],
    synsets: Annotated[Synsets, typer.Option(help="first or all.")],
    media: Annotated[Media, typer.Option(help="clips or full_scale.")],
    version: Annotated[str, typer.Option(help="Release of the source: v1.")],
    rate: Annotated[str, typer.Option(help="Nominal frame rate of the frame numbers.")],
    manifest: Annotated[Path, typer.Option(help="Table to write: one row per picture.")],
    funnel: Annotated[Path, typer.Option(help="Table to write: one row per record.")],
) -> None:
    """Write the manifest of a dataset and the funnel that led to it."""
    from wildframe.core.rates import rate_option
    from wildframe.core.schemas import FUNNEL, MANIFEST, OBJECTS, RECORDS
    from wildframe.core.tables import iter_rows, write_rows
    from wildframe.labels import read_classes
    from wildframe.labels.mapping import LabelMap
    from wildframe.manifests.build import Choices, build_manifest

    rate_option(rate)
    choices = Choices(dataset, role, object_types.split(","), words, synsets, media, version, rate)
    pictures, decisions = build_manifest(
        iter_rows(records, RECORDS),
        iter_rows(objects, OBJECTS),
        LabelMap(read_classes(classes, class_space)),
        choices,
    )
    config = asdict(choices) | {"class_space": class_space}
    write_rows(funnel, FUNNEL, decisions, config=config)
    write_rows(manifest, MANIFEST, pictures, config=config)


@app.command()
def show(
    funnel: Annotated[Path, typer.Argument(help="Table <dataset>.funnel.parquet.")],
    step: Annotated[
        str | None, typer.Option(help="List the records of this step instead of counts.")
    ] = None,
    fmt: Annotated[Format, typer.Option("--format", help="How to print.")] = Format.table,
) -> None:
    """Show a funnel: how many records each step dropped, or which."""
    from wildframe.core.display import show as print_rows
    from wildframe.core.errors import UserError
    from wildframe.core.schemas import FUNNEL
    from wildframe.core.tables import read_table
    from wildframe.manifests.build import KEPT, STEPS
    from wildframe.manifests.funnel import summarize

    if step not in (None, KEPT, *STEPS):
        raise UserError(f"{step}: no such step; choose from {', '.join((KEPT, *STEPS))}")
    rows = read_table(funnel, FUNNEL).to_pylist()
    if step is None:
        print_rows(summarize(rows), ["step", "meaning", "dropped", "left"], fmt)
    else:
        chosen = [row for row in rows if row["step"] == step]
        print_rows(chosen, ["record_id", "image_id", "detail"], fmt)

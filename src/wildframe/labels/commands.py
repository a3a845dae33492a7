"""``wildframe labels``: class spaces, and what a noun maps to."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from wildframe.core.choices import Rule, Targets
from wildframe.core.display import Format

app = typer.Typer(help="Class spaces and the map from nouns to classes.", no_args_is_help=True)


@app.command()
def classes(
    output: Annotated[Path, typer.Option(help="Table to write: one row per class.")],
) -> None:
    """Write the classes of every class space with their lemmas."""
    from wildframe.core.schemas import CLASSES
    from wildframe.core.tables import write_rows
    from wildframe.labels.spaces import FILES, iter_classes

    write_rows(output, CLASSES, (row for space in FILES for row in iter_classes(space)))


@app.command()
def lookup(
    nouns: Annotated[list[str], typer.Argument(metavar="NOUN...", help="Nouns as annotated.")],
    space: Annotated[str, typer.Option(help="in1k, in21k or in22k.")] = "in1k",
    rule: Annotated[Rule, typer.Option(help="words, head_synonyms or head.")] = "words",
    senses: Annotated[str, typer.Option(help="Sense table: shipped, or a CSV file.")] = "shipped",
    fmt: Annotated[Format, typer.Option("--format", help="How to print.")] = Format.table,
) -> None:
    """Show every class that the parts of some nouns name, and whether the sense table doubts it.

    A noun without any class has one empty row.
    """
    from wildframe.core.display import show
    from wildframe.labels.mapping import LabelMap
    from wildframe.labels.senses import read_senses
    from wildframe.labels.spaces import iter_classes

    label_map = LabelMap(iter_classes(space), rule, read_senses(senses))
    columns = ["noun", "word", "wnid", "class_index", "class_name", "sense"]
    rows = []
    for noun in nouns:
        matches = label_map.matches(noun)
        rows += [
            asdict(match) | {"noun": noun, "sense": "doubtful" if match.doubtful else "kept"}
            for match in matches
        ] or [dict.fromkeys(columns) | {"noun": noun}]
    show(rows, columns, fmt)


@app.command()
def hypernyms(
    targets: Annotated[Targets, typer.Option(help="vid30 or ytbb24.")],
    fmt: Annotated[Format, typer.Option("--format", help="How to print.")] = Format.table,
) -> None:
    """Show which classes of ImageNet-1K are a kind of each class of a video test set.

    The rows are in the order of the test set's indices.
    """
    from wildframe.core.display import show
    from wildframe.labels.hypernyms import members, read_targets

    rows = [
        {"target": target.name, "wnid": target.wnid, "class_indices": classes}
        for target, classes in zip(read_targets(targets), members(targets), strict=True)
    ]
    show(rows, ["target", "wnid", "class_indices"], fmt)

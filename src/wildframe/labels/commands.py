"""``wildframe labels``: label spaces, and the classes of nouns."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from wildframe.core.choices import ModelSpace, Rule, Targets
from wildframe.core.display import Format, FormatOption

app = typer.Typer()


@app.command()
def classes(
    output: Annotated[Path, typer.Option(help="Table to write: one row per class.")],
) -> None:
    """Write the classes of every label space with their lemmas."""
    from wildframe.core.schemas import CLASSES
    from wildframe.core.tables import write_rows
    from wildframe.labels.spaces import SPACES, iter_classes

    write_rows(output, CLASSES, (row for space in SPACES for row in iter_classes(space)))


@app.command()
def lookup(
    nouns: Annotated[list[str], typer.Argument(metavar="NOUN...", help="Nouns as annotated.")],
    space: Annotated[ModelSpace, typer.Option(help="Label space.")] = "in1k",
    rule: Annotated[Rule, typer.Option(help="words, head_synonyms or head.")] = "words",
    senses: Annotated[str, typer.Option(help="Sense table: shipped, or a CSV file.")] = "shipped",
    fmt: FormatOption = Format.table,
) -> None:
    """Show every class that parts of nouns match, and whether the sense table doubts it.

    A noun without a class has one empty row.
    """
    import sys

    from wildframe.core.display import show
    from wildframe.core.own_csv import classes_command
    from wildframe.labels.mapping import LabelMap
    from wildframe.labels.senses import read_senses
    from wildframe.labels.spaces import iter_classes

    label_map = LabelMap(iter_classes(space), rule, read_senses(senses))
    columns = ["noun", "word", "wnid", "class_index", "class_name", "sense"]
    rows = []
    for noun in nouns:
        matches = label_map.matches(noun)
        if not matches:
            whole = "`--rule head` looks up a name as a whole; " if rule == "words" else ""
            print(
                f"NOTE: {noun}: no part of it, by the rule {rule}, is a name of a class of "
                f"{space}; {whole}{classes_command(space)} lists classes that it has",
                file=sys.stderr,
            )
        rows += [
            asdict(match) | {"noun": noun, "sense": "doubtful" if match.doubtful else "kept"}
            for match in matches
        ] or [dict.fromkeys(columns) | {"noun": noun}]
    show(rows, columns, fmt)


@app.command()
def hypernyms(
    targets: Annotated[
        Targets, typer.Option("--label-space", help="vid30, ytbb24, coco80, in1k, or a CSV file.")
    ],
    space: Annotated[ModelSpace, typer.Option(help="Label space of the model.")] = "in1k",
    fmt: FormatOption = Format.table,
) -> None:
    """Show which classes of a model are subclasses of each class of a coarse label space.

    Rows are in the order of class indices. A class comprises the synset of its wnid and those
    under also, with all their hyponyms.
    """
    from wildframe.core.display import show
    from wildframe.labels.hypernyms import members, read_targets

    rows = [
        {"target": target.name, "wnid": target.wnid, "also": target.also, "class_indices": classes}
        for target, classes in zip(read_targets(targets), members(targets, space), strict=True)
    ]
    further = ["also"] if any(row["also"] for row in rows) else []
    show(rows, ["target", "wnid", *further, "class_indices"], fmt)

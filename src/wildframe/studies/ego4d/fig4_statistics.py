"""Fig. 4: how many records are listed, and where the others went."""

from collections.abc import Iterable, Mapping
from typing import Any

from wildframe.exhibits.paper import beside, data_notes, paper_column, paper_numbers
from wildframe.exhibits.table import Column, Table
from wildframe.manifests.funnel import summarize


def statistics(
    funnel: Iterable[Mapping[str, Any]], statuses: Iterable[str], about: str, licensed: bool
) -> Table:
    """Return the funnel of a dataset from its list of records to the pictures examined.

    Args:
        funnel: Rows of the ``funnel`` table.
        statuses: Status of each picture's frame.
        about: What the data is.
        licensed: Whether the paper's numbers compare.
    """
    paper = paper_numbers("ego4d", "fig4_statistics")
    rows = [
        row | {"paper_left": beside(paper.get(row["step"]), "left", licensed)}
        for row in summarize(funnel, statuses)
    ]
    columns = [
        Column("step", ""),
        Column("meaning", "Step", align="l"),
        Column("dropped", "Dropped"),
        Column("left", "Left"),
        paper_column("paper_left", "Left, paper", licensed),
    ]
    title = "Fig. 4: records from the list to the pictures examined, under ImageNet-1K"
    return Table(title, columns, rows, data_notes(about, licensed))

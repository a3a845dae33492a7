"""Fig. 4: the funnel from listed records to evaluated images."""

from collections.abc import Iterable
from typing import Annotated

from wildframe.core.tables import Row
from wildframe.exhibits.paper import beside, paper_column, paper_numbers
from wildframe.exhibits.registry import exhibit
from wildframe.exhibits.table import Column, Table
from wildframe.manifests.funnel import summarize
from wildframe.studies.ego4d.accuracy_table import data_notes
from wildframe.studies.ego4d.inputs import ComparePaper, DataNote, funnel, statuses


@exhibit(
    "Fig. 04",
    "statistics and funnel",
    "The funnel from listed records to evaluated images: how many records each step drops and "
    "leaves (paper: Fig. 4).",
    printed="fig4_statistics",
)
def fig4_statistics(
    funnel: Annotated[Iterable[Row], funnel("in1k")],
    statuses: Annotated[Iterable[Row], statuses("in1k")],
    data_note: DataNote,
    compare: ComparePaper,
) -> Table:
    """Return the funnel of a dataset, one row a step."""
    paper = paper_numbers("ego4d", "fig4_statistics")
    rows = [
        row | {"paper_left": beside(paper.get(row["step"]), "left", compare)}
        for row in summarize(funnel, [row["status"] for row in statuses])
    ]
    columns = [
        Column("step", ""),
        Column("meaning", "Step", align="l"),
        Column("dropped", "Dropped"),
        Column("left", "Left"),
        paper_column("paper_left", "Left, paper", compare),
    ]
    title = "Fig. 4: from listed records to evaluated images, under ImageNet-1K"
    return Table(title, columns, rows, data_notes(data_note, compare))

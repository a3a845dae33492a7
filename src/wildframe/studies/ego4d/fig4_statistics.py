"""Fig. 4: the funnel from listed records to evaluated images."""

from collections.abc import Iterable
from typing import Annotated

from wildframe.core.tables import Row
from wildframe.exhibits.comparisons import NOTHING
from wildframe.exhibits.paper import beside, paper_column, paper_numbers
from wildframe.exhibits.registry import exhibit
from wildframe.exhibits.table import Column, Table
from wildframe.manifests.funnel import summarize
from wildframe.studies.ego4d.accuracy_table import data_notes
from wildframe.studies.ego4d.inputs import ComparePaper, DataNote, funnel, statuses

PAPERS_TOTAL = (
    "The paper's numbers of this funnel do not add up: 19,071 - 107 - 120 = 18,844, which is 1,090 "
    "more than its total of 17,754. As many, 1,090, are in its Fig. 5 the images of more than one "
    "class of ImageNet-21K: its total may be without them, although Fig. 5 takes them off it again."
)

PAPERS_OBJECTS = (
    "The first rows are the paper's, of all of Hands and Objects, and of the Ego4D paper: they "
    "cannot be counted in the file of one split. The paper says of the 19,347 that it found "
    "slightly fewer in the file. Its Fig. 5 goes on from the total."
)


@exhibit(
    "Fig. 04",
    "statistics and funnel",
    "The funnel from listed records to evaluated images: how many records each step drops and "
    "leaves (paper: Fig. 4).",
    printed="fig4_statistics",
    compares=[NOTHING],
)
def fig4_statistics(
    funnel: Annotated[Iterable[Row], funnel("in1k")],
    statuses: Annotated[Iterable[Row], statuses("in1k")],
    data_note: DataNote,
    compare: ComparePaper,
) -> Table:
    """Return the funnel of a dataset, one row a step; above it what the paper says of Ego4D."""
    paper = paper_numbers("ego4d", "fig4_statistics")
    rows = summarize(funnel, [row["status"] for row in statuses])
    if compare:
        steps = {row["step"] for row in rows}
        of_ego4d = [row for step, row in paper.items() if step not in steps]
        unknown: Row = {"dropped": None, "left": None}
        rows = [
            {"step": row["step"], "meaning": row["meaning"]} | unknown for row in of_ego4d
        ] + rows
    for row in rows:
        printed = paper.get(row["step"])
        row |= {f"paper_{key}": beside(printed, key, compare) for key in ("dropped", "left")}
    columns = [
        Column("step", ""),
        Column("meaning", "Step", align="l"),
        Column("dropped", "Dropped", absent="N/A"),
        paper_column("paper_dropped", "Dropped, paper", compare),
        Column("left", "Left", absent="N/A"),
        paper_column("paper_left", "Left, paper", compare),
    ]
    title = "Fig. 4: from listed records to evaluated images, under ImageNet-1K"
    notes = [*data_notes(data_note, compare), *([PAPERS_TOTAL, PAPERS_OBJECTS] if compare else [])]
    return Table(title, columns, rows, notes)

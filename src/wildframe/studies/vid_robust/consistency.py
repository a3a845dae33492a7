"""Consistency of predictions on neighbours: worst, random and any change."""

from wildframe.core.tables import Row
from wildframe.exhibits.registry import exhibit
from wildframe.exhibits.robustness_table import INTERVALS, RobustnessTable
from wildframe.exhibits.table import Column, Table
from wildframe.studies.vid_robust.cells import share_cells, share_columns
from wildframe.studies.vid_robust.inputs import DataNote, Models, Robustness, datasets


@exhibit(
    "Supplement: consistency",
    "flip rate, random and worst neighbours",
    "Accuracy on the anchor, on a random neighbour and on the worst frame of the set, and how "
    "often predictions flip between them (not in the paper).",
    datasets=datasets,
)
def consistency(robustness: Robustness, models: Models, data_note: DataNote) -> Table:
    """Return one row a model."""
    rows = [_row(robustness, model) for model in models]
    columns = [
        Column("model", "Model", align="l"),
        *share_columns("anchor", "Anchor %"),
        *share_columns("neighbour", "Random neighbour %"),
        *share_columns("worst", f"Worst of the set (pm-{robustness.k}) %"),
        Column("flips", "Flip rate %", lambda row: f"{row['flips']:.1f}", absent="N/A"),
        Column("flips_successes", ""),
        Column("flips_n", "Pairs", lambda row: f"{row['flips_n']:,}", absent="N/A"),
    ]
    notes = [
        *robustness.notes(data_note, models[0]),
        "Random: one neighbour of each anchor, drawn by the seed "
        f"({rows[0]['neighbour_n'] or 0:,} anchors have any). Flip rate: the share of pairs with "
        "different predictions, correct or not; pairs of one set are not independent, so that it "
        "has no interval.",
        INTERVALS,
    ]
    return Table("Consistency on neighbours of anchors", columns, rows, notes)


def _row(table: RobustnessTable, model: str) -> Row:
    cells: Row = {"model": model}
    cells |= share_cells("anchor", table.require(model, 0))
    # Without any neighbour there is nothing to draw, nor to flip.
    cells |= share_cells("neighbour", table.find(model, table.k, "random_neighbour"))
    cells |= share_cells("worst", table.require(model, table.k))
    return cells | share_cells("flips", table.find(model, table.k, "flip_rate"))

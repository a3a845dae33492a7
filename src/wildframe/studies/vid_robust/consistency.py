"""Consistency of predictions on neighbours: worst, random and any change."""

from wildframe.core.tables import Row
from wildframe.exhibits.comparisons import VIDEOS, lettered, untested
from wildframe.exhibits.pairs import LETTERS, Case, few_clusters
from wildframe.exhibits.registry import exhibit
from wildframe.exhibits.robustness_table import INTERVALS, RobustnessTable
from wildframe.exhibits.shares import share_columns
from wildframe.exhibits.table import Column, Table
from wildframe.studies.vid_robust.cells import both_intervals, share_cells
from wildframe.studies.vid_robust.inputs import DataNote, Models, Pairs, Robustness, datasets


@exhibit(
    "Supplement: consistency",
    "flip rate, random and worst neighbours",
    "Accuracy on the anchor, on a random neighbour and on the worst frame of the set, and how "
    "often predictions flip between them (not in the paper).",
    datasets=datasets,
    compares=[
        lettered("each two models, by each measure", VIDEOS),
        untested("worst, random and anchor", "the worst of a set is at most its average"),
    ],
)
def consistency(robustness: Robustness, pairs: Pairs, models: Models, data_note: DataNote) -> Table:
    """Return one row a model."""
    rows = [_row(robustness, model) for model in models]
    for key, (metric, k) in _measures(robustness).items():
        letters = pairs.letters([*map(Case, models)], k, metric) if rows[0][key] is not None else {}
        for row in rows:
            row[f"{key}_group"] = letters.get(Case(row["model"]))
    worst = f"Worst of the set (pm-{robustness.k})"
    columns = [
        Column("model", "Model", align="l"),
        *both_intervals("anchor", "Anchor"),
        _group("anchor", "Anchor"),
        *share_columns("neighbour", "Random neighbour %", ".1f"),
        _group("neighbour", "Random neighbour"),
        *both_intervals("worst", worst),
        _group("worst", worst),
        *share_columns("flips", "Flip rate %", ".1f"),
        _group("flips", "Flip rate"),
    ]
    notes = [
        *robustness.notes(data_note, models[0]),
        "Random: expected accuracy on a neighbour of each anchor that is drawn at random "
        f"({rows[0]['neighbour_n'] or 0:,} anchors have any). Flip rate: the share of "
        f"{rows[0]['flips_n'] or 0:,} pairs with different predictions, correct or not. The "
        "only intervals of these two are those over videos.",
        INTERVALS,
        LETTERS,
        *few_clusters([robustness.require(models[0], robustness.k)], "videos"),
    ]
    return Table("Consistency on neighbours of anchors", columns, rows, notes)


def _group(key: str, title: str) -> Column:
    return Column(f"{key}_group", f"Group, {title.lower()}", align="l", absent="N/A")


def _measures(table: RobustnessTable) -> dict[str, tuple[str, int]]:
    """Return metric and k of each measure of a row, by its key."""
    return {
        "anchor": ("pm_k", 0),
        "neighbour": ("random_neighbour", table.k),
        "worst": ("pm_k", table.k),
        "flips": ("flip_rate", table.k),
    }


def _row(table: RobustnessTable, model: str) -> Row:
    cells: Row = {"model": model}
    for key, (metric, k) in _measures(table).items():
        # Without any neighbour there is nothing to draw, nor to flip.
        find = table.require if metric == "pm_k" else table.find
        cells |= share_cells(key, find(model, k, metric))
    return cells

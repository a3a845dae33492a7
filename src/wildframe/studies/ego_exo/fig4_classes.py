"""Fig. 4: the classes that gain and lose most by egocentric signals."""

from collections.abc import Sequence
from typing import Annotated, Any

from wildframe.core.tables import Row
from wildframe.exhibits.comparisons import untested
from wildframe.exhibits.figure import PAGE_WIDTH, Figure, new_figure
from wildframe.exhibits.panels import CORRECT, INCORRECT, shortened
from wildframe.exhibits.registry import Setting, exhibit
from wildframe.exhibits.table import Table
from wildframe.studies.ego_exo.classes import (
    ClassNames,
    ClassScores,
    differences,
    has_classes,
    training_of,
)
from wildframe.studies.ego_exo.inputs import counted_notes
from wildframe.studies.ego_exo.methods import BASELINE, OURS

SHOWN = 35
"""Classes at either end, at most half of all."""

_LETTERS = 26
"""Of a name that stands under a bar."""


@exhibit(
    "Fig. 04",
    "gain by class",
    "Average precision of Ego-Exo minus that of Third-only, of the classes that gain and that lose "
    "most (paper: Fig. 4).",
    when=has_classes(BASELINE, OURS),
    numbers=True,
    compares=[untested("classes", "a class has few clips; Table 1 tests their mean")],
)
def fig4_classes(
    scores: ClassScores,
    class_names: ClassNames,
    ours: Annotated[str, Setting(lambda run: training_of(run, OURS))],
    baseline: Annotated[str, Setting(lambda run: training_of(run, BASELINE))],
    data_notes: Annotated[Sequence[str], counted_notes("multi_label")],
) -> Figure:
    """Draw a bar a class, largest gain first."""
    rows = sorted_classes(differences(scores, ours, baseline), class_names)
    ends = both_ends(rows)
    better = sum(row["difference"] > 0 for row in rows)
    worse = sum(row["difference"] < 0 for row in rows)
    title = "Ego-Exo minus Third-only by class"
    notes = [
        *data_notes,
        f"Of {len(rows)} classes with a test clip {better} gain and {worse} lose; {len(ends)} are "
        "shown. Average precision over seeds, in points; a class has few clips, so that a bar by "
        "itself says little.",
    ]
    return Figure(title, draw(ends), notes, Table.of_numbers(_NUMBERS, rows))


_NUMBERS = ("class", "name", "difference")


def sorted_classes(found: dict[str, float], names: ClassNames) -> list[Row]:
    """Return classes with their differences in points, largest first."""
    ranked = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    return [
        {"class": name, "name": names.get(name, name), "difference": difference}
        for name, difference in ranked
    ]


def both_ends(rows: Sequence[Row], shown: int = SHOWN) -> list[Row]:
    """Return the first and last rows, so many of each at most."""
    if len(rows) <= 2 * shown:
        return [*rows]
    return [*rows[:shown], *rows[-shown:]]


def draw(rows: Sequence[Row]) -> Any:
    """Draw `sorted_classes`."""
    figure = new_figure(PAGE_WIDTH, 3.2)
    axis: Any = figure.subplots()
    heights = [row["difference"] for row in rows]
    colors = [CORRECT if height > 0 else INCORRECT for height in heights]
    axis.bar(range(len(rows)), heights, color=colors, width=0.8)
    axis.axhline(0, color="0.3", linewidth=0.6)
    names = [shortened(row["name"], _LETTERS) for row in rows]
    size = 7 if len(rows) <= SHOWN else 5
    axis.set_xticks(range(len(rows)), names, rotation=90, fontsize=size)
    axis.set(ylabel="Δ average precision (points)", xlim=(-0.8, len(rows) - 0.2))
    axis.grid(axis="y")
    return figure

"""Fig. S3: which classes each egocentric signal improves."""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Annotated, Any

from wildframe.core.tables import Row
from wildframe.exhibits.comparisons import untested
from wildframe.exhibits.figure import COLUMN_WIDTH, Figure, new_figure
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
from wildframe.studies.ego_exo.methods import BASELINE

SIGNALS: Mapping[str, str] = {
    "ego": "Ego-Score",
    "object": "Object-Score",
    "interaction": "Interaction-Map",
}

CENTRES = ((-0.5, 0.3), (0.5, 0.3), (0.0, -0.55))
_NAMES = ((-0.85, 1.35), (0.85, 1.35), (0.0, -1.65))
RADIUS = 0.85
_NUMBERS = ("class", "name", *SIGNALS)


@exhibit(
    "Fig. S3",
    "classes that signals improve",
    "Numbers of classes whose average precision each signal improves over Third-only, and how they "
    "overlap (paper: Fig. S3).",
    when=has_classes(BASELINE, *SIGNALS),
    numbers=True,
    compares=[untested("signals", "a class has few clips; Table 2 tests their mean")],
)
def fig_s3_venn(
    scores: ClassScores,
    class_names: ClassNames,
    trainings: Annotated[
        Mapping[str, str],
        Setting(
            lambda run: {method: training_of(run, method) for method in (BASELINE, *SIGNALS)},
            dict[str, str],
        ),
    ],
    data_notes: Annotated[Sequence[str], counted_notes("multi_label")],
) -> Figure:
    """Draw three circles, and in each region its number of classes."""
    improved = {
        signal: {
            name
            for name, gain in differences(scores, trainings[signal], trainings[BASELINE]).items()
            if gain > 0
        }
        for signal in SIGNALS
    }
    evaluated = sorted({row["class"] for row in scores})
    counts = region_counts([improved[signal] for signal in SIGNALS])
    rows: list[Row] = [
        {"class": name, "name": class_names.get(name, name)}
        | {signal: int(name in improved[signal]) for signal in SIGNALS}
        for name in evaluated
    ]
    title = "Classes improved over Third-only"
    outside = len(evaluated) - sum(counts.values())
    notes = [
        *data_notes,
        f"Classes whose average precision over seeds is higher than that of Third-only, of "
        f"{len(evaluated)} with a test clip; {outside} are improved by none. Some of these gains "
        "are chance: a class has few clips, and seeds alone move its average precision.",
    ]
    return Figure(title, draw(counts), notes, Table.of_numbers(_NUMBERS, rows))


def region_counts(sets: Sequence[set[str]]) -> dict[tuple[bool, ...], int]:
    """Return how many members lie in each region: whether they are in the first set, and so on."""
    members = set().union(*sets)
    counts = dict.fromkeys(product((True, False), repeat=len(sets)), 0)
    del counts[(False,) * len(sets)]
    for one in members:
        counts[tuple(one in found for found in sets)] += 1
    return counts


def draw(counts: Mapping[tuple[bool, ...], int]) -> Any:
    """Draw `region_counts` of three sets: circles show that they overlap, not how much."""
    from matplotlib.patches import Circle

    figure = new_figure(COLUMN_WIDTH, 3.2)
    axis: Any = figure.subplots()
    for place, (centre, name) in enumerate(zip(CENTRES, SIGNALS.values(), strict=True)):
        axis.add_patch(Circle(centre, RADIUS, color=f"C{place}", alpha=0.25, linewidth=0))
        axis.add_patch(Circle(centre, RADIUS, fill=False, edgecolor=f"C{place}"))
        total = sum(count for region, count in counts.items() if region[place])
        axis.text(*_NAMES[place], f"{name}\n({total})", ha="center", va="center")
    for region, count in counts.items():
        axis.text(*region_place(region), count, ha="center", va="center", fontweight="bold")
    axis.set(xlim=(-1.9, 1.9), ylim=(-1.9, 1.6), aspect="equal")
    axis.axis("off")
    return figure


def region_place(region: Sequence[bool]) -> tuple[float, float]:
    """Return a point within a region of three circles."""
    groups: dict[bool, list[tuple[float, float]]] = {True: [], False: []}
    for centre, is_in in zip(CENTRES, region, strict=True):
        groups[is_in].append(centre)
    if len(groups[False]) == 1:
        ((x, y),) = groups[False]
        return -1.1 * x, -1.1 * y
    if groups[False]:
        ((x, y),) = groups[True]
        return 1.5 * x, 1.5 * y
    return 0.0, 0.0

"""What the authors measured anew with their released code, on validation sets."""

from collections.abc import Mapping, Sequence
from typing import Annotated

from wildframe.exhibits.comparisons import VIDEOS, paired
from wildframe.exhibits.pairs import PairTable
from wildframe.exhibits.registry import exhibit
from wildframe.exhibits.table import Table
from wildframe.studies.ego_exo.cells import (
    ABLATION,
    BACKBONES,
    TOP5,
    Data,
    Line,
    Metric,
    comparison_table,
)
from wildframe.studies.ego_exo.inputs import (
    PART_TITLES,
    Scores,
    Trained,
    compare_parts,
    data_notes,
    has_backbones,
    pairs_of,
    scores_of,
    trained,
)

LABELS = {"backbone": "Backbone", "method": "Method"}

LINES = tuple(
    Line(f"{key} {backbone}", {"backbone": title, "method": method})
    for backbone, title in (
        ("Slow-R50", "Slow-only R50"),
        ("R50", "SlowFast R50"),
        ("R101", "SlowFast R101"),
    )
    for key, method in (
        ("third_only", "Third-only"),
        ("ego_exo", "Ego-Exo"),
        ("ego_exo+aux", "Ego-Exo*"),
    )
    if (key, backbone) != ("ego_exo+aux", "Slow-R50")
)

METRICS = ABLATION + tuple(
    Metric(
        f"100_{head}_top{k}",
        f"EPIC-100 {head}s top-{k}",
        "verb_noun_100",
        f"{head}_top{k}",
        is_tested=k == 1,
    )
    for head in ("verb", "noun")
    for k in (1, 5)
)


@exhibit(
    "Published re-runs",
    "networks that the authors ran again",
    "Networks of the final backbones on the validation sets, beside what the authors measured with "
    "their released code (its README).",
    printed="reruns",
    when=lambda run: any(has_backbones(part)(run) for part in PART_TITLES),
    compares=[
        paired("Ego-Exo against Third-only, with auxiliary losses (*) against without", VIDEOS),
        BACKBONES,
        TOP5,
    ],
)
def reruns(
    scores: Annotated[Scores, scores_of(*PART_TITLES)],
    pairs: Annotated[PairTable, pairs_of(*PART_TITLES)],
    trained: Annotated[Trained, trained([line.row for line in LINES], *PART_TITLES)],
    compare: Annotated[Mapping[str, bool], compare_parts(*PART_TITLES)],
    data_notes: Annotated[Sequence[str], data_notes(*PART_TITLES)],
) -> Table:
    """Return one row a network and method."""
    data = Data(scores, pairs, trained, compare, data_notes)
    return comparison_table("Published re-runs", "reruns", LABELS, LINES, METRICS, data)

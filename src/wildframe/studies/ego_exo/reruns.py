"""What the authors measured anew with their released code, on validation sets."""

from typing import Annotated

from wildframe.exhibits.comparisons import VIDEOS, paired
from wildframe.exhibits.registry import exhibit
from wildframe.exhibits.table import Table
from wildframe.studies.ego_exo.cells import (
    ABLATION,
    TOP5,
    Data,
    Line,
    Metric,
    comparison_table,
    data_of,
)
from wildframe.studies.ego_exo.inputs import PART_TITLES
from wildframe.studies.ego_exo.prior_work import BACKBONES

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
    when=lambda run: run.study.parts() and run.study.backbones,
    compares=[
        paired("Ego-Exo against Third-only, with auxiliary losses (*) against without", VIDEOS),
        BACKBONES,
        TOP5,
    ],
)
def reruns(data: Annotated[Data, data_of(LINES, *PART_TITLES)]) -> Table:
    """Return one row a network and method."""
    return comparison_table("Published re-runs", "reruns", LABELS, LINES, METRICS, data)

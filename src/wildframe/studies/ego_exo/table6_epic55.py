"""Table 6: prior work on EPIC-Kitchens."""

from typing import Annotated

from wildframe.exhibits.comparisons import VIDEOS, paired
from wildframe.exhibits.registry import exhibit
from wildframe.exhibits.table import Table
from wildframe.studies.ego_exo.cells import (
    BACKBONES,
    BLOCKS,
    EPIC_55,
    OTHERS,
    TOP5,
    Data,
    Line,
    comparison_table,
    data_of,
)
from wildframe.studies.ego_exo.inputs import has_backbones

LINES = tuple(
    Line(f"{subset} {key}", {"block": block, "method": method}, trained or key, subset)
    for subset, block in BLOCKS.items()
    for key, method, trained in (
        ("epic_fusion", "Epic-Fusion (audio)", "-"),
        ("avsf_r101", "AVSF-R101 (audio)", "-"),
        ("tsn_fusion", "TSN fusion", "-"),
        ("ru_lstm", "RU-LSTM", "-"),
        ("third_only R50", "SlowFast", ""),
        ("ego_exo R50", "Ego-Exo", ""),
        ("ego_exo+aux R50", "Ego-Exo*", ""),
        ("ego_exo+aux R101", "Ego-Exo*-R101", ""),
    )
)


@exhibit(
    "Table 6",
    "EPIC-Kitchens and prior work",
    "Networks of the final backbones on verbs, nouns and actions, of seen and unseen "
    "participants (paper: Table 6, on the test set of the challenge).",
    printed="epic_55",
    when=has_backbones("verb_noun"),
    compares=[
        paired("Ego-Exo against SlowFast, with auxiliary losses (*) against without", VIDEOS),
        OTHERS,
        BACKBONES,
        TOP5,
    ],
)
def table6_epic55(
    data: Annotated[Data, data_of(LINES, "verb_noun")],
) -> Table:
    """Return one row a method."""
    return comparison_table(
        "Table 6: prior work on EPIC-Kitchens",
        "epic_55",
        {"block": "Participants", "method": "Methods"},
        LINES,
        EPIC_55,
        data,
    )

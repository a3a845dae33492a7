"""Table 6: prior work on EPIC-Kitchens."""

from collections.abc import Mapping, Sequence
from typing import Annotated

from wildframe.exhibits.comparisons import VIDEOS, paired
from wildframe.exhibits.pairs import PairTable
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
)
from wildframe.studies.ego_exo.inputs import (
    Scores,
    Trained,
    compare_parts,
    data_notes,
    has_backbones,
    pairs_of,
    scores_of,
    trained,
)

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
    scores: Annotated[Scores, scores_of("verb_noun")],
    pairs: Annotated[PairTable, pairs_of("verb_noun")],
    trained: Annotated[Trained, trained([line.row for line in LINES], "verb_noun")],
    compare: Annotated[Mapping[str, bool], compare_parts("verb_noun")],
    data_notes: Annotated[Sequence[str], data_notes("verb_noun")],
) -> Table:
    """Return one row a method."""
    data = Data(scores, pairs, trained, compare, data_notes)
    return comparison_table(
        "Table 6: prior work on EPIC-Kitchens",
        "epic_55",
        {"block": "Participants", "method": "Methods"},
        LINES,
        EPIC_55,
        data,
    )

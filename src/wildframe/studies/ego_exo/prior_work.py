"""What tables of one data set beside the work of others have in common: Tables 4 to 6, S1, S2."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from wildframe.exhibits.comparisons import VIDEOS, paired, untested
from wildframe.exhibits.paper import paper_numbers
from wildframe.exhibits.registry import Context, Several
from wildframe.exhibits.table import Table
from wildframe.studies.ego_exo.cells import (
    SEEN,
    TOP5,
    UNSEEN,
    Data,
    Line,
    Metric,
    comparison_table,
    data_of,
)
from wildframe.studies.ego_exo.methods import METHODS, Part, split_row
from wildframe.studies.ego_exo.trainings import ENSEMBLE

OTHERS = untested("the work of others", "only their numbers are known")

BACKBONES = untested("backbones", "the paper compares methods within each")

FINAL_ROWS = ("third_only R50", "ego_exo R50", "ego_exo+aux R50", "ego_exo+aux R101")
"""Networks of the final backbones, as keys of ``printed``."""
FINAL_COMPARED = (
    paired("Ego-Exo against SlowFast, with auxiliary losses (*) against without", VIDEOS),
    OTHERS,
    BACKBONES,
)

BEST_SINGLE = "ego_exo+aux R101"
ENSEMBLE_ROWS = ("third_only R50", BEST_SINGLE, ENSEMBLE)
"""The ensemble and what it is compared with."""
ENSEMBLE_COMPARED = (
    paired("the ensemble against the best single network", VIDEOS),
    OTHERS,
    BACKBONES,
    TOP5,
)


@dataclass(frozen=True, slots=True)
class PriorWork:
    """The tables of one data set."""

    printed: str
    """File of the paper's numbers."""
    part: Part
    metrics: Sequence[Metric]
    blocks: Mapping[str, str] = field(default_factory=dict)
    """Titles of blocks of the same rows, by the subset of the clips; none: all clips."""
    remark: str = ""
    """What the paper's numbers are of, if not of the clips that ours are of."""

    def lines(self, *rows: str) -> tuple[Line, ...]:
        """Return the lines of rows, each in every block, titled as in ``printed``."""
        numbers = paper_numbers("ego_exo", self.printed)
        single = {BEST_SINGLE: "Ego-Exo (Single)"} if ENSEMBLE in rows else {}
        return tuple(
            Line(
                key := f"{subset} {row}".strip(),
                ({"block": block} if block else {})
                | {"method": single.get(row, numbers[key]["method"])},
                row if row == ENSEMBLE or split_row(row)[0] in METHODS else "-",
                subset,
            )
            for subset, block in (self.blocks or {"": ""}).items()
            for row in rows
        )

    def has_networks(self, run: Context) -> bool:
        """Tell whether networks of the final backbones are fine-tuned on the data set."""
        return bool(self.part in run.study.parts() and run.study.backbones)

    def data(self, lines: Sequence[Line]) -> Several:
        """Return what a table of these lines is made of."""
        return data_of(lines, self.part)

    def table(self, title: str, lines: Sequence[Line], data: Data) -> Table:
        """Return a table of these lines: see `comparison_table`."""
        labels = ({"block": "Participants"} if self.blocks else {}) | {"method": "Methods"}
        by_participant = {SEEN, UNSEEN} & {*self.blocks, *(one.subset for one in self.metrics)}
        scored = data.subsets(self.metrics)
        is_known = not scored or scored & {SEEN, UNSEEN}
        if self.blocks and not is_known:
            lines = _in_one_block(lines)
        table = comparison_table(title, self.printed, labels, lines, self.metrics, data)
        told = [_PARTICIPANTS if is_known else _UNKNOWN] if by_participant else []
        told += [self.remark] if self.remark and any(data.compare.values()) else []
        return replace(table, notes=[*table.notes, *told])


def _in_one_block(lines: Sequence[Line]) -> list[Line]:
    """Return the lines of our networks once, of all clips, which no number of the paper is of."""
    ours = {line.row: line for line in lines if line.trained != "-"}
    return [
        replace(line, key="", labels={**line.labels, "block": "all"}, subset="all")
        for line in ours.values()
    ]


_PARTICIPANTS = (
    "Seen participants have training clips, unseen ones have none. N/A stands, too, where no "
    "evaluated clip is of such a participant, or of a rare class (tail)."
)

_UNKNOWN = (
    "Who is seen in training clips is not known, since clips do not name their participants "
    "(participant_id)."
)


_TEST_SET = (
    "The paper's numbers are of the challenge's test set, whose labels are not public, and ours of "
    "the split that the config names: close at best."
)

CHARADES = PriorWork("charades_ego", "multi_label", (Metric("map", "mAP", "multi_label", "map"),))

EPIC_100 = PriorWork(
    "epic_100",
    "verb_noun_100",
    tuple(
        Metric(
            f"{prefix}{head}_top{k}",
            f"{title} {head} top-{k}",
            "verb_noun_100",
            f"{head}_top{k}",
            subset,
            is_tested=k == 1,
        )
        for subset, prefix, title, k in (
            ("all", "", "Overall", 1),
            ("all", "", "Overall", 5),
            (UNSEEN, "unseen_", "Unseen", 1),
            ("tail", "tail_", "Tail", 1),
        )
        for head in ("verb", "noun", "action")
    ),
    remark=_TEST_SET,
)

EPIC_55 = PriorWork(
    "epic_55",
    "verb_noun",
    tuple(
        Metric(
            f"{head}_top{k}",
            f"{head.title()}s top-{k}",
            "verb_noun",
            f"{head}_top{k}",
            is_tested=k == 1,
        )
        for head in ("verb", "noun", "action")
        for k in (1, 5)
    ),
    {SEEN: "S1 (seen)", UNSEEN: "S2 (unseen)"},
    _TEST_SET,
)

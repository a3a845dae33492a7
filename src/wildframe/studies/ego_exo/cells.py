"""The one shape of the study's tables: rows of trainings, columns of metrics of data sets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from wildframe.core.tables import Row
from wildframe.exhibits.comparisons import untested
from wildframe.exhibits.pairs import (
    PAIRED,
    Case,
    PairTable,
    corrected,
    difference_cells,
    difference_columns,
    few_clusters,
)
from wildframe.exhibits.paper import beside, paper_column, paper_numbers
from wildframe.exhibits.registry import Several
from wildframe.exhibits.table import Column, Table
from wildframe.scores.clips import OverSeeds
from wildframe.studies.ego_exo.inputs import (
    NOT_THE_PAPERS,
    OVER_SEEDS,
    Scores,
    Trained,
    compare_parts,
    counted,
    inputs_of_counted,
    pairs_of,
    scores_of,
    trained,
)
from wildframe.studies.ego_exo.methods import Part, row_compared_with, row_title
from wildframe.studies.ego_exo.trainings import ABLATED


@dataclass(frozen=True, slots=True)
class Metric:
    """A column: a metric on a subset of the clips of a part."""

    key: str
    title: str
    part: Part
    metric: str
    subset: str = "all"
    is_tested: bool = True
    """Whether differences are shown: see `TOP5`."""

    @property
    def k(self) -> int:
        """Its k as comparisons name it; 0 of mAP."""
        return int(self.metric.rpartition("_top")[2]) if "_top" in self.metric else 0


TOP5 = untested("top-5", "the same clips as top-1; more tests would only weaken the others")

ABLATION = (
    Metric("map", "C-Ego mAP", "multi_label", "map"),
    Metric("verb_top1", "EPIC verbs top-1", "verb_noun", "verb_top1"),
    Metric("verb_top5", "EPIC verbs top-5", "verb_noun", "verb_top5", is_tested=False),
    Metric("noun_top1", "EPIC nouns top-1", "verb_noun", "noun_top1"),
    Metric("noun_top5", "EPIC nouns top-5", "verb_noun", "noun_top5", is_tested=False),
)
"""The columns of the tables of ablations."""

SEEN, UNSEEN = "seen", "unseen"
"""Subsets of participants: of training clips, and others."""

ACTION_TOP5 = (
    "Top-5 of actions: verb and noun are each among the five most probable of their own. The "
    "challenge ranks pairs of verb and noun instead, which is stricter: ours are not "
    "comparable with the paper's."
)


@dataclass(frozen=True, slots=True)
class Line:
    """A row: its key in ``printed``, and what stands in its first columns."""

    key: str
    labels: Mapping[str, str]
    trained: str = ""
    """Key of its trainings, if it differs; ``-`` if only its authors have run it."""
    subset: str = ""
    """Subset of its clips, where not that of the column."""
    minus: str = ""
    """Row that is subtracted: a row of differences."""

    @property
    def row(self) -> str:
        """Key of its trainings."""
        return self.trained or self.key


@dataclass(frozen=True, slots=True)
class Data:
    """What a table is made of."""

    scores: Scores
    """Over seeds."""
    pairs: PairTable
    trained: Trained
    compare: Mapping[str, bool]
    """Whether the paper's numbers are shown, by part."""
    notes: Sequence[str]
    """What is said first."""

    def training(self, row: str | None, part: str) -> str | None:
        """Return the name of the training of a row; None if this run has none."""
        return self.trained.get(row or "", {}).get(part)

    def subsets(self, metrics: Sequence[Metric]) -> set[str]:
        """Return the subsets of clips that some metrics were scored on."""
        names = {metric.metric for metric in metrics}
        return {subset for _, subset, name in self.scores if name in names}


def data_of(lines: Sequence[Line], *among: Part) -> Several:
    """Return what a table of these rows is made of, on the data sets of parts."""
    return _of_trainings([line.row for line in lines], *among)


def _of_trainings(rows: Sequence[str], *among: Part) -> Several:
    told = inputs_of_counted(*among)

    def make(**given: Any) -> Data:
        notes = counted(**{name: given.pop(name) for name in told})
        return Data(**given, notes=notes)

    return Several(
        make,
        {
            "scores": scores_of(*among),
            "pairs": pairs_of(*among),
            "trained": trained(rows, *among),
            "compare": compare_parts(*among),
            **told,
        },
    )


Ablations = Annotated[Data, _of_trainings([*paper_numbers("ego_exo", "ablations")], *ABLATED)]
"""What the tables of ablations are made of."""


def ablation_table(
    title: str, labels: Mapping[str, str], lines: Sequence[Line], data: Data
) -> Table:
    """Return a table of ablations: see `comparison_table`."""
    return comparison_table(title, "ablations", labels, lines, ABLATION, data)


def comparison_table(
    title: str,
    printed: str,
    labels: Mapping[str, str],
    lines: Sequence[Line],
    metrics: Sequence[Metric],
    data: Data,
) -> Table:
    """Return a table of the paper: ours and the paper's numbers, and differences with their tests.

    Args:
        title: Title of the table.
        printed: File of the paper's numbers.
        labels: Titles of the first columns, by their key in lines.
        lines: Rows; those that only their authors have run stand where the paper's numbers do.
        metrics: Columns.
        data: Scores, comparisons and what is said of them.
    """
    compare = data.compare
    shown = [line for line in lines if line.trained != "-" or any(compare.values())]
    numbers = paper_numbers("ego_exo", printed)
    tests = {metric.key: _tests(shown, metric, data) for metric in metrics}
    titles = _titles(shown)
    rows = []
    for place, line in enumerate(shown):
        other = None if line.minus else row_compared_with(line.row)
        against = other and (titles.get(other) or row_title(other))
        row: Row = dict(line.labels) | {"against": against}
        for metric in metrics:
            row |= _cells(line, metric, data)
            row |= difference_cells(f"{metric.key}_difference", tests[metric.key].get(place))
            row[f"paper_{metric.key}"] = beside(
                numbers.get(line.key), metric.key, compare.get(metric.part, False)
            )
        rows.append(row)
    columns = [Column(key, name, align="l") for key, name in labels.items()]
    for metric in metrics:
        columns += _columns(metric, compare.get(metric.part, False))
    columns.append(Column("against", "Difference from", align="l", absent="-"))
    tested = [one for of_metric in tests.values() for one in of_metric.values()]
    told = [
        *data.notes,
        OVER_SEEDS,
        f"Differences are in points, from the row that the last column names. {PAIRED} Here, units "
        "are videos, and seeds are averaged first. Differences of top-5 are not tested.",
        *([ACTION_TOP5] if any(metric.metric == "action_top5" for metric in metrics) else []),
        *few_clusters(tested),
        *([] if any(compare.values()) else [NOT_THE_PAPERS]),
    ]
    return Table(title, columns, rows, told)


def _titles(lines: Sequence[Line]) -> dict[str, str]:
    """Return what this table calls rows, of titles that are of one row only."""
    rows: dict[str, set[str]] = {}
    for line in lines:
        rows.setdefault(line.labels.get("method", ""), set()).add(line.row)
    return {row: title for title, (row, *others) in rows.items() if title and not others}


def _tests(lines: Sequence[Line], metric: Metric, data: Data) -> dict[int, Row]:
    """Return the corrected comparisons of a column by the place of their row."""
    found = {}
    for place, line in enumerate(lines):
        other = None if line.minus else row_compared_with(line.row)
        ours = data.training(line.row, metric.part)
        theirs = data.training(other, metric.part)
        if ours and theirs and metric.is_tested:
            subset = line.subset or metric.subset
            sides = (Case(ours, subset), Case(theirs, subset))
            if row := data.pairs.find(*sides, metric.k, metric.metric):
                found[place] = row
    return dict(zip(found, corrected([*found.values()]), strict=True)) if found else {}


def _cells(line: Line, metric: Metric, data: Data) -> Row:
    training = data.training(line.row, metric.part)

    def score(row: str) -> OverSeeds | None:
        training = data.training(row, metric.part) or ""
        return data.scores.get((training, line.subset or metric.subset, metric.metric))

    found = score(line.row)
    ends = ("", "_sd", "_seeds", "_training")
    keys = [f"{metric.key}{end}" for end in ends]
    if found is None:
        return dict.fromkeys(keys)
    if line.minus:
        other = score(line.minus)
        difference = None if other is None else f"{100 * (found.mean - other.mean):+.2f}"
        return dict(zip(keys, (difference, None, found.seeds, None), strict=True))
    spread = None if found.deviation is None else f"{100 * found.deviation:.2f}"
    return dict(zip(keys, (f"{100 * found.mean:.2f}", spread, found.seeds, training), strict=True))


def _columns(metric: Metric, is_compared: bool) -> list[Column]:
    key, spread = metric.key, f"{metric.key}_sd"

    def text(row: Mapping[str, Any]) -> str:
        return f"{row[key]} ± {row[spread]}" if row[spread] else str(row[key])

    columns = [
        Column(key, metric.title, text, absent="N/A"),
        Column(spread, ""),
        Column(f"{key}_seeds", ""),
        Column(f"{key}_training", ""),
    ]
    if metric.is_tested:
        columns += difference_columns(f"{key}_difference", f"Δ {metric.title}")
    return [*columns, paper_column(f"paper_{key}", f"Paper, {metric.title}", is_compared)]

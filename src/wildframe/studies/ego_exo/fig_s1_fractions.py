"""Fig. S1: accuracy by the share of the training videos."""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Annotated, Any

from wildframe.core.display import interval
from wildframe.core.tables import Row
from wildframe.exhibits.comparisons import VIDEOS, paired, untested
from wildframe.exhibits.figure import PAGE_WIDTH, Figure, new_figure
from wildframe.exhibits.pairs import PAIRED, Case, PairTable, corrected, few_clusters
from wildframe.exhibits.registry import Context, Setting, exhibit
from wildframe.exhibits.table import Table
from wildframe.studies.ego_exo.inputs import Scores, counted_notes, pairs_of, scores_of
from wildframe.studies.ego_exo.methods import BASELINE, OURS, FineTuning
from wildframe.studies.ego_exo.trainings import percents

HEADS = ("verb", "noun")

ALL = 100
"""Percent."""

TITLES = {BASELINE: "Third-only", OURS: "Ego-Exo"}

_STYLES = (
    {"marker": "o", "markersize": 7},
    {"marker": "s", "markersize": 3.5, "linestyle": "--"},
)
"""Of methods: a line that lies over another hides nothing of it."""

_HEADROOM = 1.08
"""Of the axis, over the highest point with its spread."""

_SPREAD = "Whiskers: standard deviation (n - 1) over the seeds of fine-tuning."

_NUMBERS = (
    *("head", "percent", "method", "value", "sd", "seeds"),
    *("difference", "low", "high", "p_holm"),
)

Trainings = Mapping[str, Mapping[str, str]]
"""Names by share in percent, then by method."""


def _trainings(run: Context) -> dict[str, dict[str, str]]:
    def name(method: str, percent: int) -> str:
        one = FineTuning(method, "verb_noun_100", run.study.network, percent=percent)
        found: str = run.study.finetunings[one]
        return found

    return {
        str(percent): {method: name(method, percent) for method in TITLES}
        for percent in percents(run.study)
    }


def _when(run: Context) -> bool:
    found = {
        one.method
        for one in run.study.finetunings
        if one.part == "verb_noun_100" and one.percent < ALL
    }
    return found >= {*TITLES}


@exhibit(
    "Fig. S1",
    "share of the training videos",
    "Top-1 accuracy of verbs and nouns by the share of first-person videos with whose clips "
    "networks are fine-tuned (paper: Fig. S1).",
    when=_when,
    numbers=True,
    compares=[
        paired("Ego-Exo against Third-only at each share", VIDEOS),
        untested("shares of one method", "more videos are better; how much is what is drawn"),
    ],
)
def fig_s1_fractions(
    scores: Annotated[Scores, scores_of("verb_noun_100")],
    pairs: Annotated[PairTable, pairs_of("verb_noun_100")],
    trainings: Annotated[Trainings, Setting(_trainings, dict[str, dict[str, str]])],
    data_notes: Annotated[Sequence[str], counted_notes("verb_noun_100")],
) -> Figure:
    """Draw a panel a head, with a line a method and the difference between them."""
    tests = corrected(
        [
            pairs.require(Case(names[OURS]), Case(names[BASELINE]), 1, f"{head}_top1")
            for head in HEADS
            for names in trainings.values()
        ]
    )
    rows = fraction_rows(scores, tests, trainings)
    told = [
        f"{row['head']}s, {row['percent']} %: {row['difference']:+.2f} "
        f"[{interval(row['low'], row['high'], '+.2f')}], p = {row['p_holm']:.2g}"
        for row in rows
        if row["difference"] is not None
    ]
    title = "Accuracy by the share of training videos"
    notes = [
        *data_notes,
        f"Ego-Exo minus Third-only in points: {'; '.join(told)}. {PAIRED} Units are "
        "videos, and the correction is for all comparisons of the figure.",
        *([_SPREAD] if any(row["sd"] for row in rows) else []),
        *few_clusters(tests),
    ]
    return Figure(title, draw(rows), notes, Table.of_numbers(_NUMBERS, rows))


def fraction_rows(scores: Scores, tests: Sequence[Row], trainings: Trainings) -> list[Row]:
    """Return a row a head, share and method; those of Ego-Exo have the difference and its test.

    Args:
        scores: Over seeds.
        tests: `corrected` comparisons by head, then by share.
        trainings: Names of the trainings.
    """
    rows = []
    cells = product(HEADS, trainings.items())
    for test, (head, (percent, names)) in zip(tests, cells, strict=True):
        for method, name in names.items():
            found = scores[name, "all", f"{head}_top1"]
            shown: Row = test if method == OURS else dict.fromkeys(test)
            ends = ("difference", "low", "high")
            points = {key: None if shown[key] is None else 100 * shown[key] for key in ends}
            spread = None if found.deviation is None else 100 * found.deviation
            rows.append(
                {"head": head, "percent": int(percent), "method": TITLES[method]}
                | {"value": 100 * found.mean, "sd": spread, "seeds": found.seeds}
                | {**points, "p_holm": shown["p_holm"]}
            )
    return rows


def draw(rows: Sequence[Row]) -> Any:
    """Draw `fraction_rows`."""
    figure = new_figure(PAGE_WIDTH, 2.8)
    axes: Any = figure.subplots(1, len(HEADS), sharex=True)
    for axis, head in zip(axes, HEADS, strict=True):
        of_head = [row for row in rows if row["head"] == head]
        for method, style in zip(TITLES.values(), _STYLES, strict=True):
            line = [row for row in of_head if row["method"] == method]
            x, y = ([row[key] for row in line] for key in ("percent", "value"))
            spread = [row["sd"] or 0 for row in line]
            # Not even the legend has whiskers where there is one seed.
            axis.errorbar(x, y, yerr=spread if any(spread) else None, label=method, **style)
        axis.set(title=f"{head}s", xlabel="share of training videos (%)", ylabel="top-1 (%)")
        highest = max(row["value"] + (row["sd"] or 0) for row in of_head)
        axis.set_ylim(0, _HEADROOM * highest or 1)
        axis.grid(axis="y")
    axes[0].legend()
    return figure

"""Before, at and after the state change: the same models on Pre, PNR and Post frames."""

from typing import Annotated, get_args

from wildframe.core.choices import Role
from wildframe.core.tables import Row
from wildframe.exhibits.comparisons import lettered, paired
from wildframe.exhibits.pairs import Case, PairTable
from wildframe.exhibits.registry import exhibit
from wildframe.exhibits.score_table import ScoreTable
from wildframe.exhibits.shares import INTERVALS
from wildframe.exhibits.table import Column, Table
from wildframe.studies.ego4d.accuracy_table import (
    KS,
    MODEL,
    accuracies,
    group_column,
    short_lists,
    top_columns,
    with_differences,
)
from wildframe.studies.ego4d.inputs import SecondaryModels, data_note, pairs, scores

_NAMES = {"pre": "Pre", "pnr": "PNR", "post": "Post"}


@exhibit(
    "Supplement: moments",
    "Pre, PNR and Post",
    "Top-1 and top-5 accuracy before, at and after the state change (not in the paper).",
    when=lambda run: run.study.moments,
    compares=[
        paired("PNR and Post frames against Pre frames"),
        lettered("each two moments of a model"),
        lettered("each two models, at each moment"),
    ],
)
def moments(
    scores: Annotated[ScoreTable, scores("moments")],
    pairs: Annotated[PairTable, pairs("moments")],
    models: SecondaryModels,
    data_note: Annotated[str, data_note("moments")],
) -> Table:
    """Return one row a model and moment with top-1 and top-5 accuracy."""
    found = [role for role in get_args(Role) if role in scores.values("role")]
    # A dataset of one moment has no such subsets.
    subsets = {_NAMES[role]: f"role={role}" for role in found} or {"all": "all"}
    rows: list[Row] = []
    minus_first: dict[int, list[Row | None]] = {k: [] for k in KS}
    for model in models:
        first, *_ = cases = [Case(model, subset) for subset in subsets.values()]
        for k in KS:
            # The pairs that letters are of, each later moment minus an earlier one.
            is_known = scores.find(model, k, subset=first.subset)
            found = pairs.all_pairs(cases[::-1], k) if is_known else []
            sides = {(row["subset_a"], row["subset_b"]): row for row in found}
            minus_first[k] += [sides.get((case.subset, first.subset)) for case in cases]
        for moment, case in zip(subsets, cases, strict=True):
            row: Row = {"model": model, "moment": moment}
            for k in KS:
                of_models = [Case(other, case.subset) for other in models]
                for of, others in (("", cases), ("_models", of_models)):
                    known = [one for one in others if scores.find(one.model, k, subset=one.subset)]
                    row[f"top{k}{of}_group"] = pairs.letters(known, k).get(case)
            rows.append(row | accuracies(scores, model, subset=case.subset))
    columns = [
        MODEL,
        Column("moment", "Moment", align="l"),
        *top_columns(1),
        group_column("top1", "top-1, moments"),
        group_column("top1_models", "top-1, models"),
        *top_columns(5),
        group_column("top5", "top-5, moments"),
        group_column("top5_models", "top-5, models"),
        Column("n", "Images"),
    ]
    notes = [
        f"Data: {data_note}",
        "Pre is before the state of the object changes, PNR at the point of no return, Post after "
        "it. A moment without a usable box or class has no image, so that the three need not be of "
        "the same actions.",
        INTERVALS,
        "Group: moments of one model, or models at one moment, that share a letter do not differ "
        "significantly (p of at least 0.05, with Holm's correction for the pairs of these moments "
        "or models).",
        *short_lists(scores, models, next(iter(subsets.values()))),
    ]
    title = "Pre, PNR and Post frames: zero-shot accuracy by moment"
    table = Table(title, columns, rows, notes)
    of_model = "the pairs of a model's moments, as that of groups"
    return with_differences(table, minus_first, f"minus {next(iter(subsets))}", of_model)

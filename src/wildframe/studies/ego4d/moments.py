"""Before, at and after the state change: the same models on Pre, PNR and Post frames."""

from typing import Annotated, get_args

from wildframe.core.choices import Role
from wildframe.exhibits.registry import exhibit
from wildframe.exhibits.score_table import ScoreTable
from wildframe.exhibits.table import Column, Table
from wildframe.studies.ego4d.accuracy_table import INTERVALS, MODEL, accuracies, top_columns
from wildframe.studies.ego4d.inputs import SecondaryModels, data_note, scores

_NAMES = {"pre": "Pre", "pnr": "PNR", "post": "Post"}


@exhibit(
    "Supplement: moments",
    "Pre, PNR and Post",
    "Top-1 and top-5 accuracy before, at and after the state change (not in the paper).",
    when=lambda run: run.study.moments,
)
def moments(
    scores: Annotated[ScoreTable, scores("moments")],
    models: SecondaryModels,
    data_note: Annotated[str, data_note("moments")],
) -> Table:
    """Return one row a model and moment with top-1 and top-5 accuracy."""
    found = [role for role in get_args(Role) if role in scores.values("role")]
    # A dataset of one moment has no such subsets.
    subsets = {_NAMES[role]: f"role={role}" for role in found} or {"all": "all"}
    rows = [
        {"model": model, "moment": moment} | accuracies(scores, model, subset=subset)
        for model in models
        for moment, subset in subsets.items()
    ]
    columns = [
        MODEL,
        Column("moment", "Moment", align="l"),
        *top_columns(1),
        *top_columns(5),
        Column("n", "Images"),
    ]
    notes = [
        f"Data: {data_note}",
        "Pre is before the state of the object changes, PNR at the point of no return, Post after "
        "it. A moment without a usable box or class has no image, so that the three need not be of "
        "the same actions.",
        INTERVALS,
    ]
    title = "Pre, PNR and Post frames: zero-shot accuracy by moment"
    return Table(title, columns, rows, notes)

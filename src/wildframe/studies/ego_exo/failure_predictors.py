"""Supplement: whether egocentricity predicts the failures of image models."""

from collections.abc import Sequence
from typing import Annotated

from wildframe.core.schemas import FAILURE_PREDICTORS
from wildframe.core.statistics import holm
from wildframe.core.tables import Row
from wildframe.exhibits.comparisons import VIDEOS, Comparison
from wildframe.exhibits.inputs import rows_of
from wildframe.exhibits.pairs import few_clusters, p_column
from wildframe.exhibits.registry import Context, File, Setting, exhibit
from wildframe.exhibits.shares import interval_columns
from wildframe.exhibits.table import Column, Table


def _notes(run: Context) -> list[str]:
    predicting = run.study.failure_predictors
    return [
        f"Clips: {run.config.describe(predicting.clips)}",
        f"Images: {run.config.describe(predicting.images)}",
    ]


@exhibit(
    "Supplement: failure predictors",
    "egocentricity and failures of image models",
    "How the accuracy of image models changes with the Ego-Score, Object-Score and interaction map "
    "of the clip that an image is of.",
    when=lambda run: run.study.failure_predictors,
    compares=[
        Comparison(
            "accuracy by each signal",
            VIDEOS,
            "linear probability model; 95 % interval and test robust to clusters (Student's t), "
            "Holm",
        )
    ],
)
def failure_predictors(
    effects: Annotated[
        Sequence[Row],
        File(
            "scores_failure_predictors",
            rows_of(FAILURE_PREDICTORS),
            lambda run: {"study": "ego_exo", "dataset": run.study.failure_predictors.images},
        ),
    ],
    data_notes: Annotated[Sequence[str], Setting(_notes, list[str])],
) -> Table:
    """Return one row a model and signal."""
    title = "Egocentricity and failures of image models"
    notes = [*data_notes, _NOTE, *few_clusters(effects, has_flips=False)]
    return Table(title, _COLUMNS, effect_rows(effects), notes)


_SIGNALS = {
    "ego_score": "Ego-Score",
    "object_score": "Object-Score",
    "interaction_coverage": "Interaction map (share covered)",
}

_COLUMNS = (
    Column("model", "Model", align="l"),
    Column("predictor", "Signal of the clip", lambda row: _SIGNALS[row["predictor"]], align="l"),
    Column("adjusted", "Others in the model", lambda row: "yes" if row["adjusted"] else "no"),
    *interval_columns("effect", "Change of top-1 per SD [95 % CI]", "+.2f"),
    p_column("p_holm", "p"),
    Column("mean", "Mean", lambda row: f"{row['mean']:.3f}"),
    Column("deviation", "SD", lambda row: f"{row['deviation']:.3f}"),
    Column("accuracy", "Top-1 %", lambda row: f"{row['accuracy']:.2f}"),
    Column("n", "Images", lambda row: f"{row['n']} of {row['images']}"),
    Column("images", ""),
    Column("clips", "Clips"),
    Column("clusters", "Videos"),
)

_NOTE = (
    "Change of top-1 accuracy, in points, where the signal is one standard deviation higher: a "
    "linear regression of correct (0 or 1) on the signal, alone or together with the others. "
    "Intervals and tests are robust to the correlation of images of one video; p values have "
    "Holm's correction for the table. It is an association: clips differ in more than these "
    "signals. Images: those whose clip has every signal, of all that the model was evaluated on."
)


def effect_rows(effects: Sequence[Row]) -> list[Row]:
    """Return the rows in points, with corrected p values."""
    tested = [row for row in effects if row["p_value"] is not None]
    corrected = iter(holm([row["p_value"] for row in tested]).tolist())
    return [
        {
            **row,
            "accuracy": 100 * row["accuracy"],
            "effect": 100 * row["effect"],
            "effect_low": None if row["low"] is None else 100 * row["low"],
            "effect_high": None if row["high"] is None else 100 * row["high"],
            "p_holm": None if row["p_value"] is None else next(corrected),
        }
        for row in effects
    ]

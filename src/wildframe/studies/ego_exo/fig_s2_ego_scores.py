"""Fig. S2: how the Ego-Score is distributed over third-person clips."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import numpy.typing as npt

from wildframe.core.schemas import CLIP_SCORES
from wildframe.core.tables import Row, read_table
from wildframe.exhibits.comparisons import NOTHING
from wildframe.exhibits.figure import COLUMN_WIDTH, Figure, new_figure
from wildframe.exhibits.registry import Context, File, Setting, exhibit
from wildframe.exhibits.table import Table
from wildframe.studies.ego_exo.inputs import PretrainingNote
from wildframe.studies.ego_exo.teachers import EgoScores, has_ego_scores
from wildframe.studies.ego_exo.trainings import classifier_name

BINS = 20

_NUMBERS = ("low", "high", "clips")


def read_accuracies(paths: Sequence[Path]) -> dict[str, Row]:
    """Read the accuracy of classifiers of viewpoints, by training; errors as in `read_table`."""
    rows = [row for path in paths for row in read_table(path, CLIP_SCORES).to_pylist()]
    of_all = ("viewpoint_top1", "all")
    return {row["training"]: row for row in rows if (row["metric"], row["subset"]) == of_all}


def _tested(run: Context) -> list[dict[str, str]]:
    dataset = run.study.viewpoints
    is_tested = run.config.datasets[dataset].test is not None
    return [{"study": "ego_exo", "dataset": dataset}] if is_tested else []


@exhibit(
    "Fig. S2",
    "distribution of the Ego-Score",
    "How egocentric third-person clips look to the classifier of viewpoints (paper: Fig. S2).",
    when=has_ego_scores,
    numbers=True,
    compares=[NOTHING],
)
def fig_s2_ego_scores(
    ego_scores: EgoScores,
    accuracies: Annotated[
        Mapping[str, Row], File("scores_clips.scores", read_accuracies, _tested, many=True)
    ],
    classifier: Annotated[str, Setting(lambda run: classifier_name(run.study))],
    data_note: PretrainingNote,
) -> Figure:
    """Draw the histogram of the probability of ego."""
    rows = histogram(np.array([*ego_scores.values()]))
    above = sum(score > 0.5 for score in ego_scores.values())
    title = "Ego-Score of third-person clips"
    notes = [
        f"Data: {data_note}",
        f"Probability of ego, of the mean logits over clips of the video; {above} of "
        f"{len(ego_scores)} are above 0.5.",
        *([_told_apart(accuracies[classifier])] if classifier in accuracies else []),
    ]
    return Figure(title, draw(rows), notes, Table.of_numbers(_NUMBERS, rows))


def _told_apart(accuracy: Row) -> str:
    correct, clips = accuracy["successes"], accuracy["n"]
    interval = ""
    if accuracy["low"] is not None:
        low, high = (100 * accuracy[end] for end in ("low", "high"))
        interval = f" (95 % interval over videos: {low:.1f} to {high:.1f} %)"
    return (
        f"The classifier tells {correct} of {clips} test clips of both viewpoints apart{interval}."
    )


def histogram(scores: npt.NDArray[np.float64]) -> list[Row]:
    """Return the number of clips by the range of their probability."""
    counts, edges = np.histogram(scores, bins=BINS, range=(0, 1))
    return [
        {"low": low, "high": high, "clips": count}
        for low, high, count in zip(
            edges[:-1].tolist(), edges[1:].tolist(), counts.tolist(), strict=True
        )
    ]


def draw(rows: Sequence[Row]) -> Any:
    """Draw `histogram`; the axis of counts is logarithmic, since nearly all clips are at an end."""
    figure = new_figure(COLUMN_WIDTH, 2.4)
    axis: Any = figure.subplots()
    axis.bar(
        [row["low"] for row in rows],
        [row["clips"] for row in rows],
        width=1 / BINS,
        align="edge",
        edgecolor="white",
    )
    axis.set_yscale("symlog", linthresh=1)
    axis.yaxis.set_major_formatter("{x:.0f}")
    axis.set(xlim=(0, 1), xlabel="Ego-Score", ylabel="clips", ylim=(0, None))
    return figure

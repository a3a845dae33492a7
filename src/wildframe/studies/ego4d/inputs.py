"""What the exhibits of the study are made of, as annotated types."""

from collections.abc import Sequence
from typing import Annotated, Any

from wildframe.core.choices import View
from wildframe.core.schemas import CALIBRATION
from wildframe.core.tables import Row
from wildframe.exhibits.inputs import entries, flag, models, rows_of
from wildframe.exhibits.registry import Context, File, Setting
from wildframe.exhibits.robustness_table import RobustnessTable
from wildframe.exhibits.score_table import ScoreTable
from wildframe.models import ZooEntry


def _scored(dataset: str, view: View | None = None) -> Any:
    """Return what finds scores: of a dataset by the setting that names it."""

    def where(run: Context) -> dict[str, str]:
        named = getattr(run.study, dataset)
        return {"study": "ego4d", "dataset": named, "view": view or run.study.view}

    return where


def data_note(*datasets: str) -> Setting:
    """Return the data note of datasets, by the settings that name them."""
    return Setting(
        lambda run: run.config.describe(
            *(getattr(run.study, name) for name in datasets), view=run.study.view
        )
    )


def scores(dataset: str, view: View | None = None) -> File:
    """Return the scores of a dataset, by the setting that names it."""
    return File("scores_accuracy", ScoreTable.read, _scored(dataset, view))


Scores = Annotated[ScoreTable, scores("in1k")]
Calibration = Annotated[
    list[Row], File("scores_calibration", rows_of(CALIBRATION), _scored("in1k"))
]
Robustness = Annotated[
    RobustnessTable, File("scores_robustness", RobustnessTable.read, _scored("near"))
]
"""Of the secondary models on the sets around Pre frames."""

Models = Annotated[Sequence[str], models(lambda run: run.study.models)]
"""Of Fig. 7."""
Entries = Annotated[Sequence[ZooEntry], entries(lambda run: run.study.models)]
"""Of Fig. 7, with what the zoo says of them."""
SecondaryModels = Annotated[Sequence[str], models(lambda run: run.study.beyond)]
"""Of the exhibits that the paper has not."""

DataNote = Annotated[str, data_note("in1k")]
NearDataNote = Annotated[str, data_note("near")]
ComparePaper = Annotated[
    bool, flag(lambda run: run.study.is_papers(run.config, run.study.in1k, run.study.view))
]
"""Whether the paper's numbers stand beside ours."""

"""Fig. 5: third-person clips that egocentric signals rank highest and lowest."""

from wildframe.exhibits.comparisons import NOTHING
from wildframe.exhibits.figure import Figure
from wildframe.exhibits.registry import exhibit
from wildframe.studies.ego_exo.inputs import PretrainingNote
from wildframe.studies.ego_exo.sorted_clips import SortedFigure
from wildframe.studies.ego_exo.teachers import has_ego_scores

SHOWN = 3
"""Clips at either end."""


@exhibit(
    "Fig. 05",
    "clips sorted by egocentric signals",
    "Third-person clips whose signals of viewpoint, objects and interaction are highest and lowest "
    "(paper: Fig. 5).",
    when=has_ego_scores,
    compares=[NOTHING],
)
def fig5_sorted_clips(draw: SortedFigure, data_note: PretrainingNote) -> Figure:
    """Draw the clips at both ends, as strips of frames."""
    return draw(data_note=data_note, shown=SHOWN)

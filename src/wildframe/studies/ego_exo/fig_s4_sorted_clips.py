"""Fig. S4: more third-person clips by egocentric signals."""

from wildframe.exhibits.comparisons import NOTHING
from wildframe.exhibits.figure import Figure
from wildframe.exhibits.registry import exhibit
from wildframe.studies.ego_exo.inputs import PretrainingNote
from wildframe.studies.ego_exo.sorted_clips import SortedFigure
from wildframe.studies.ego_exo.teachers import has_ego_scores

SHOWN = 6
"""Clips at either end."""


@exhibit(
    "Fig. S4",
    "more sorted clips",
    "More third-person clips whose signals of viewpoint, objects and interaction are highest and "
    "lowest (paper: Fig. S4).",
    when=has_ego_scores,
    compares=[NOTHING],
)
def fig_s4_sorted_clips(draw: SortedFigure, data_note: PretrainingNote) -> Figure:
    """Draw the clips at both ends, as strips of frames."""
    return draw(data_note=data_note, shown=SHOWN)

"""Attention: where in clips the evidence for the prediction of Ego-Exo lies."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import numpy as np

from wildframe.core.schemas import CLIP_GRADCAMS
from wildframe.core.tables import Row
from wildframe.exhibits.comparisons import NOTHING
from wildframe.exhibits.figure import PAGE_WIDTH, Figure
from wildframe.exhibits.inputs import rows_of
from wildframe.exhibits.panels import COLORMAP, strip_figure, write_above
from wildframe.exhibits.registry import Context, File, exhibit
from wildframe.frames.kept import KeptClips
from wildframe.studies.ego_exo.classes import ClassNames, has_classes, training_of
from wildframe.studies.ego_exo.inputs import data_notes, dataset_of, kept_clips
from wildframe.studies.ego_exo.methods import OURS
from wildframe.studies.ego_exo.strips import FRAMES, positions

_ACROSS = 2
"""Clips beside each other."""


def _maps(run: Context) -> Mapping[str, str]:
    return {
        "dataset": dataset_of(run, "multi_label"),
        "clip_training": training_of(run, OURS),
        "seed": str(run.study.seeds[0]),
    }


@exhibit(
    "Figure: attention",
    "where the evidence for a prediction lies",
    "Grad-CAM of Ego-Exo's prediction over first-person test clips.",
    when=has_classes(OURS),
    compares=[NOTHING],
)
def attention(
    maps: Annotated[Sequence[Row], File("predictions_clip_gradcam", rows_of(CLIP_GRADCAMS), _maps)],
    clips: Annotated[KeptClips, kept_clips(lambda run: dataset_of(run, "multi_label"))],
    class_names: ClassNames,
    data_notes: Annotated[Sequence[str], data_notes("multi_label")],
) -> Figure:
    """Draw frames of each clip with the map over them."""
    title = "Where Ego-Exo finds the evidence for its prediction"
    notes = [
        *data_notes,
        "Grad-CAM of the most probable action, at the resolution of the features; brighter is "
        "more, within each clip. The network is shown the part of the frames that the map covers.",
    ]
    return Figure(title, draw(maps, clips, class_names), notes)


def draw(maps: Sequence[Row], clips: Mapping[str, Any], class_names: Mapping[str, str]) -> Any:
    """Draw two clips beside each other, each as frames with their maps."""
    figure, places = strip_figure(len(maps), _ACROSS, [1] * FRAMES, 1.2)
    for row, place in zip(maps, places, strict=True):
        clip, steps = clips[row["clip_id"]], steps_of(row)
        for axis, at in zip(place, positions(len(row["positions"])), strict=True):
            _show(axis, clip.image(row["positions"][at]), row, steps[at])
        name = class_names.get(row["class"], row["class"])
        write_above(place[FRAMES // 2], [f"predicted: {name}"], PAGE_WIDTH / _ACROSS)
    return figure


def steps_of(row: Mapping[str, Any]) -> list[Any]:
    """Return the map of each shown frame, from 0 to 1 over the clip: (height, width)."""
    found = np.reshape(row["map"], (row["length"], row["height"], row["width"]))
    scaled = found / max(found.max(), np.finfo(float).tiny)
    shown = len(row["positions"])
    return [scaled[at * row["length"] // shown] for at in range(shown)]


def _show(axis: Any, image: Any, row: Mapping[str, Any], found: Any) -> None:
    axis.imshow(image)
    across = [row[side] * image.width - 0.5 for side in ("left", "right")]
    down = [row[side] * image.height - 0.5 for side in ("bottom", "top")]
    style = {"cmap": COLORMAP, "vmin": 0, "vmax": 1, "alpha": 0.5, "interpolation": "bilinear"}
    axis.imshow(found, extent=(*across, *down), **style)
    axis.set(xlim=(-0.5, image.width - 0.5), ylim=(image.height - 0.5, -0.5))

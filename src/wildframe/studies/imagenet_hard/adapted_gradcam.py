"""Figure: Grad-CAM before and after test-time adaptation, where it changes the predicted class."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from wildframe.core.errors import UserError
from wildframe.core.schemas import GRADCAMS
from wildframe.core.tables import Row
from wildframe.exhibits.attention import (
    OWN_SCALE,
    Attention,
    attention_of,
    draw_attention,
    read_shown,
)
from wildframe.exhibits.comparisons import NOTHING
from wildframe.exhibits.figure import PAGE_WIDTH, Figure
from wildframe.exhibits.inputs import ClassNames, TableFile, table_of
from wildframe.exhibits.panels import names_of, strip_figure, write_above
from wildframe.exhibits.registry import Context, File, Setting, exhibit
from wildframe.frames.preprocessing import Preprocessed
from wildframe.scores import read_image_results
from wildframe.studies.imagenet_hard.inputs import noted

STRIPS = 6
"""Images that are shown, at most."""

_WIDTH = PAGE_WIDTH / 6.4
"""Of a panel, in inches: two strips of three beside each other."""


@dataclass(frozen=True, slots=True)
class Strip:
    """An image, what a model looks at in it, and what once it is adapted to it."""

    labels: Sequence[str]
    before: Attention
    after: Attention


def _explainable(run: Context) -> list[str]:
    """Return the adapted models with a layer that Grad-CAM is known to explain."""
    return [name for name in run.study.adapted_models if run.models[name].gradcam_layer]


def _model(run: Context) -> str:
    return _explainable(run)[0]


def _adaptation(run: Context) -> tuple[str, str]:
    """Return the row of Table 2 that is shown, and its view."""
    found: tuple[str, str] = next(iter(run.study.adaptations.items()))
    return found


def _in_view(run: Context, view: str) -> dict[str, Any]:
    names = dict.fromkeys(("model", "evaluated"), _model(run))
    return {"dataset": run.dataset, "view": view, **names}


def _adapted(run: Context) -> dict[str, Any]:
    return _in_view(run, _adaptation(run)[1])


def _itself(run: Context) -> dict[str, Any]:
    return _in_view(run, run.study.views[0])


def _preprocessed(run: Context) -> dict[str, Any]:
    return {**_itself(run), "preprocessing": str(run.models[_model(run)].preprocessing)}


@exhibit(
    "Figure: attention after adaptation",
    "Grad-CAM before and after adaptation",
    "Grad-CAM maps of the class that the first adapted model predicts, before and after MEMO, of "
    "images whose predicted class that changes; the raw maps are in the tables `gradcams` of the "
    "predictions.",
    datasets=lambda run: list(dict.fromkeys(run.study.adapted.values())),
    when=_explainable,
    compares=[NOTHING],
)
def adapted_gradcam(
    gradcams: Annotated[
        TableFile, File("predictions_gradcam_adapted", table_of(GRADCAMS), _adapted)
    ],
    before: Annotated[Sequence[Row], File("scores_image_results", read_image_results, _itself)],
    after: Annotated[Sequence[Row], File("scores_image_results", read_image_results, _adapted)],
    images: Annotated[Preprocessed, File("frames_preprocess.images", read_shown, _preprocessed)],
    class_names: ClassNames,
    model: Annotated[str, Setting(_model)],
    adaptation: Annotated[str, Setting(lambda run: _adaptation(run)[0])],
    data_note: Annotated[str, noted(lambda run: run.dataset, lambda run: _adaptation(run)[1])],
) -> Figure:
    """Draw images with the map of the class predicted by the model itself, and once adapted."""
    chosen = choose(before, after)
    shown = strips_of(gradcams, images, chosen[:STRIPS])
    title = f"Grad-CAM before and after {adaptation}: {model}"
    # Of several labels, one that is correct may give way to another.
    gained = sum(after["correct_top1"] > before["correct_top1"] for before, after in chosen)
    lost = sum(after["correct_top1"] < before["correct_top1"] for before, after in chosen)
    notes = [
        f"Data: {data_note}",
        f"Adaptation changes the predicted class of {len(chosen)} of {len(after)} images: "
        f"{gained} become correct, {lost} incorrect. {len(shown)} are shown, those that become "
        "correct first, then those that become incorrect.",
        f"Grad-CAM of the class that is predicted before and after. {OWN_SCALE}",
    ]
    return Figure(title, draw(shown, class_names), notes)


def choose(before: Sequence[Row], after: Sequence[Row]) -> list[tuple[Row, Row]]:
    """Return the results of the images whose predicted class changes, before and after.

    Those that become correct come first, then those that become incorrect; ties go to the higher
    confidence.

    Args:
        before: Rows of ``image_results`` of the model itself.
        after: Those of the adapted model on the same images.
    """
    first = {row["image_id"]: row for row in before}
    changed = [
        (first[row["image_id"]], row)
        for row in after
        if row["predicted"] != first[row["image_id"]]["predicted"]
    ]

    def rank(pair: tuple[Row, Row]) -> tuple[int, int, float, str]:
        one, other = pair
        gain = other["correct_top1"] - one["correct_top1"]
        return abs(gain), gain, other["confidence"] or 0, one["image_id"]

    return sorted(changed, key=rank, reverse=True)


def strips_of(
    gradcams: TableFile, images: Preprocessed, chosen: Sequence[tuple[Row, Row]]
) -> list[Strip]:
    """Return strips of images by their results before and after.

    Raises:
        UserError: Maps of one are missing, or of another class than the predicted.
    """
    model = gradcams.facts["model"]
    pixels = dict(zip(images.image_ids, images.pixels, strict=True))
    maps = {(row["image_id"], row["target_is"]): row for row in gradcams.rows}
    strips = []
    for results in chosen:
        image_id = results[0]["image_id"]
        if (image_id, "before") not in maps:
            raise UserError(f"{gradcams.path}: has no map of image {image_id}; delete it and rerun")
        before, after = (
            attention_of(model, pixels[image_id], maps[image_id, side], result)
            for side, result in zip(("before", "after"), results, strict=True)
        )
        strips.append(Strip(results[0]["labels"], before, after))
    return strips


def draw(strips: Sequence[Strip], class_names: Mapping[str, str]) -> Any:
    """Draw strips, two beside each other: the image, the map before, the map after."""
    figure, places = strip_figure(len(strips), 2, (1, 1, 1), _WIDTH + 0.45)
    for strip, (image, before, after) in zip(strips, places, strict=True):
        image.imshow(strip.before.shown, interpolation="antialiased")
        write_above(image, [f"label: {names_of(strip.labels, class_names)}"], _WIDTH)
        draw_attention(before, strip.before, class_names, _WIDTH)
        draw_attention(after, strip.after, class_names, _WIDTH)
    return figure

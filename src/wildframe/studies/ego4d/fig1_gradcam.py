"""Fig. 1: Grad-CAM maps of several models, each of the class that it predicts."""

from collections.abc import Collection, Mapping, Sequence
from operator import attrgetter
from pathlib import Path
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
from wildframe.exhibits.figure import PAGE_WIDTH, Figure, new_figure
from wildframe.exhibits.inputs import ClassNames, TableFile, each, table_of
from wildframe.exhibits.panels import TEXT_SIZE, names_of, write_above
from wildframe.exhibits.registry import Context, File, exhibit
from wildframe.frames.preprocessing import Preprocessed
from wildframe.scores import results_by_model
from wildframe.studies.ego4d.fig3_gallery import choose_examples
from wildframe.studies.ego4d.inputs import DataNote, Images, Manifest, images_of, viewed
from wildframe.studies.ego4d.panels import show_boxes

IMAGES = 4
"""As many as the paper shows."""


_ANNOTATED = 1.35
"""Width of the first column relative to the others: a whole image is wider than a crop."""


_models = attrgetter("study.gradcam")


def _preprocessed(run: Context) -> dict[str, Any]:
    found = {str(run.models[model].preprocessing) for model in _models(run)}
    return {**viewed("in1k")(run), "preprocessing": sorted(found)}


def _read_preprocessed(paths: Sequence[Path]) -> dict[str, Preprocessed]:
    return {path.stem: read_shown(path) for path in paths}


@exhibit(
    "Fig. 01",
    "Grad-CAM",
    "Grad-CAM maps of several models, of the class that each predicts, over the preprocessed "
    "image; the raw maps are in the tables `gradcams` of the predictions (paper: Fig. 1).",
    when=lambda run: run.study.gradcam,
    compares=[NOTHING],
)
def fig1_gradcam(
    frames: Images,
    gradcams: Annotated[
        Sequence[TableFile],
        File("predictions_gradcam", each(table_of(GRADCAMS)), viewed("in1k", _models), many=True),
    ],
    results: Annotated[
        Mapping[str, Sequence[Row]],
        File("scores_image_results", results_by_model, viewed("in1k", _models), many=True),
    ],
    preprocessed: Annotated[
        Mapping[str, Preprocessed],
        File("frames_preprocess.images", _read_preprocessed, _preprocessed, many=True),
    ],
    manifest: Manifest,
    class_names: ClassNames,
    data_note: DataNote,
) -> Figure:
    """Draw each model's map of the class that it predicts over the image that it was shown."""
    evaluated = {row["image_id"] for row in next(iter(results.values()))}
    examples = choose_examples(images_of(manifest, evaluated), IMAGES)
    wanted = [example["image_id"] for example in examples]
    attentions = {
        maps.facts["model"]: attentions_of(maps, results, preprocessed, wanted) for maps in gradcams
    }
    title = "Fig. 1: Grad-CAM of the class that each model predicts"
    drawing = draw(examples, frames.images(wanted), attentions, class_names)
    notes = [
        f"Data: {data_note}",
        f"Grad-CAM of the predicted class over the preprocessed image. {OWN_SCALE}",
    ]
    return Figure(title, drawing, notes)


def attentions_of(
    gradcams: TableFile,
    results: Mapping[str, Sequence[Row]],
    preprocessed: Mapping[str, Preprocessed],
    wanted: Sequence[str],
) -> dict[str, Attention]:
    """Return a model's predictions and maps of the wanted images, by ``image_id``.

    Of a view with several crops of one image, the first is taken.

    Raises:
        UserError: Results, pixels or maps of the model are missing, or do not belong together.
    """
    model = gradcams.facts["model"]
    preprocessing = gradcams.facts["preprocessing"]
    if model not in results:
        raise UserError(f"{gradcams.path}: is of {model}, of which no results are given; name them")
    if preprocessing not in preprocessed:
        raise UserError(f"{gradcams.path}: name its images, .../{preprocessing}.arrow")
    maps = _maps_of_predictions(gradcams, wanted)
    scored = {(row["image_id"], row["view_key"]): row for row in results[model]}
    shown = preprocessed[preprocessing]
    keys = zip(shown.image_ids, shown.view_keys, strict=True)
    pixels = dict(zip(keys, shown.pixels, strict=True))
    return {
        image_id: attention_of(model, pixels[key], maps[image_id], scored[key])
        for image_id in wanted
        if (key := (image_id, maps[image_id]["view_key"]))
    }


def _maps_of_predictions(gradcams: TableFile, wanted: Collection[str]) -> dict[str, Row]:
    maps: dict[str, Row] = {}
    for row in gradcams.rows:
        if row["target_is"] == "predicted" and row["image_id"] in wanted:
            maps.setdefault(row["image_id"], row)
    if missing := set(wanted) - maps.keys():
        raise UserError(f"{gradcams.path}: has no map of image {min(missing)}; delete it and rerun")
    return maps


def draw(
    examples: Sequence[Mapping[str, Any]],
    images: Mapping[str, bytes],
    attentions: Mapping[str, Mapping[str, Attention]],
    class_names: Mapping[str, str],
) -> Any:
    """Draw a row an image: the image with its boxes, then each model's map over what it saw."""
    widths = [_ANNOTATED] + [1.0] * len(attentions)
    # Few columns would make a figure of several pages.
    width = min(1.6, PAGE_WIDTH / sum(widths))
    figure = new_figure(PAGE_WIDTH, 0.8 + (width + 0.35) * len(examples))
    axes = figure.subplots(
        len(examples) + 1,
        len(widths),
        width_ratios=widths,
        height_ratios=[0.1] + [1] * len(examples),
        squeeze=False,
    )
    for axis, head in zip(axes[0], ["annotated", *attentions], strict=True):
        axis.axis("off")
        style = {"fontsize": TEXT_SIZE, "weight": "bold"}
        axis.text(0.5, 0.5, head, ha="center", va="center", **style)
    for row, image in zip(axes[1:], examples, strict=True):
        show_boxes(row[0], image, images[image["image_id"]])
        label = f"label: {names_of(image['labels'], class_names)}"
        write_above(row[0], [label], _ANNOTATED * width)
        for axis, by_image in zip(row[1:], attentions.values(), strict=True):
            draw_attention(axis, by_image[image["image_id"]], class_names, width)
    return figure

"""Commands of Fig. 1 and 6: what models looked at, and what they were wrongly sure of."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wildframe.core.choices import View
from wildframe.studies.ego4d.options import (
    About,
    Classes,
    Frames,
    Manifest,
    OutcomeFiles,
    Png,
    Svg,
)

if TYPE_CHECKING:
    from wildframe.core.tables import Row
    from wildframe.studies.ego4d.fig1_gradcam import Attention

app = typer.Typer()


@app.command()
def fig1_gradcam(
    frames: Frames,
    gradcams: Annotated[list[Path], typer.Option(help="Grad-CAM maps of a model.")],
    outcomes: OutcomeFiles,
    pixels: Annotated[list[Path], typer.Option(help="Pixels, <preprocessing>.arrow.")],
    manifest: Manifest,
    classes: Classes,
    about: About,
    png: Png,
    svg: Svg,
) -> None:
    """Fig. 1: where several models look, by Grad-CAM."""
    from wildframe.frames import read_images
    from wildframe.labels import read_class_names
    from wildframe.scores import outcomes_by_model
    from wildframe.studies.ego4d.fig1_gradcam import PICTURES, side_by_side
    from wildframe.studies.ego4d.fig3_gallery import choose_examples

    by_model = outcomes_by_model(outcomes)
    examples = choose_examples(_examined(manifest, next(iter(by_model.values()))), PICTURES)
    wanted = [picture["image_id"] for picture in examples]
    by_preprocessing = {path.stem: path for path in pixels}
    attentions = dict(_attentions(path, by_model, by_preprocessing, wanted) for path in gradcams)
    names = read_class_names(classes)
    side_by_side(examples, read_images(frames, wanted), attentions, names, about, [png, svg])


@app.command()
def fig6_high_confidence(
    frames: Frames,
    outcomes: Annotated[Path, typer.Option(help="Of the study's first model, <model>.parquet.")],
    manifest: Manifest,
    classes: Classes,
    high_confidence: Annotated[float, typer.Option(help="Errors above this probability count.")],
    view: Annotated[View, typer.Option(help="How pictures were shown to the model.")],
    about: About,
    png: Png,
    svg: Svg,
) -> None:
    """Fig. 6: errors that a model is sure of."""
    from wildframe.frames import read_images
    from wildframe.labels import read_class_names
    from wildframe.scores import model_of, read_outcomes
    from wildframe.studies.ego4d.fig6_high_confidence import (
        COLUMNS,
        ROWS,
        choose_errors,
        describe,
        gallery,
        notes_under,
        wrong_predictions,
    )

    judged = read_outcomes(outcomes)
    errors = wrong_predictions(judged)
    chosen = choose_errors(errors, high_confidence, COLUMNS * ROWS)
    pictures = {picture["image_id"]: picture for picture in _examined(manifest, judged)}
    images = read_images(frames, [error["image_id"] for error in chosen])
    title = f"Fig. 6: {model_of(outcomes)}: {describe(errors, len(judged), high_confidence)}"
    notes = notes_under(about, chosen, view)
    gallery(chosen, pictures, images, read_class_names(classes), title, notes, [png, svg])


def _attentions(
    gradcams: Path,
    outcomes: "dict[str, list[Row]]",
    pixels: dict[str, Path],
    wanted: Sequence[str],
) -> "tuple[str, dict[str, Attention]]":
    """Return the model of a file of maps, and what it made of the wanted pictures.

    Of a view with several pictures of one frame, the first is taken.
    """
    from wildframe.core.errors import UserError
    from wildframe.core.schemas import GRADCAMS
    from wildframe.core.tables import iter_rows, read_facts
    from wildframe.frames.pixels import read_pixels
    from wildframe.models import zoo_entry
    from wildframe.studies.ego4d.fig1_gradcam import attention_of

    model = read_facts(gradcams, GRADCAMS)["model"]
    preprocessing = zoo_entry(model).preprocessing
    if model not in outcomes:
        raise UserError(f"{gradcams}: is of {model}, of which no --outcomes are given; name them")
    if str(preprocessing) not in pixels:
        raise UserError(f"{gradcams}: name its pictures, --pixels .../{preprocessing}.arrow")
    maps: dict[str, Row] = {}
    for row in iter_rows(gradcams, GRADCAMS):
        if row["target_is"] == "predicted" and row["image_id"] in wanted:
            maps.setdefault(row["image_id"], row)
    if missing := set(wanted) - maps.keys():
        raise UserError(f"{gradcams}: has no map of picture {min(missing)}; delete it and rerun")
    judged = {(row["image_id"], row["view_key"]): row for row in outcomes[model]}
    pictures = read_pixels(pixels[str(preprocessing)], preprocessing)
    keys = zip(pictures.image_ids, pictures.view_keys, strict=True)
    position = {key: place for place, key in enumerate(keys)}
    return model, {
        image_id: attention_of(model, pictures.pixels[position[key]], maps[image_id], judged[key])
        for image_id in wanted
        if (key := (image_id, maps[image_id]["view_key"]))
    }


def _examined(manifest: Path, outcomes: "list[Row]") -> "list[Row]":
    """Return the pictures of a manifest that a model was shown."""
    from wildframe.core.schemas import MANIFEST
    from wildframe.core.tables import read_table

    shown = {row["image_id"] for row in outcomes}
    rows: list[Row] = read_table(manifest, MANIFEST).to_pylist()
    return [picture for picture in rows if picture["image_id"] in shown]

"""``wildframe scores``: results on crops of a zoom view, and what explains incorrect ones."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wildframe.core.choices import RealEmpty
from wildframe.core.options import Manifest, Statuses, Table
from wildframe.scores.set_commands import Dataset, Results, Seed

if TYPE_CHECKING:
    from wildframe.core.arrays import Bools
    from wildframe.core.tables import Row

app = typer.Typer()

ZoomPredictions = Annotated[
    list[Path], typer.Argument(help="Predictions of each model on the crops of the view.")
]
Real = Annotated[
    Path | None,
    typer.Option(help="Manifest of the same images with ImageNet-ReaL's labels, which also count."),
]
Boxes = Annotated[
    list[Path] | None, typer.Option(help="Results of the models on the cropped objects.")
]
RealEmptyOption = Annotated[
    RealEmpty,
    typer.Option(help="in: an image without ReaL label keeps its own; drop: it is left out."),
]


@app.command()
def zoom(
    predictions: ZoomPredictions,
    manifest: Manifest,
    statuses: Statuses,
    dataset: Dataset,
    seed: Seed,
    output: Table,
    crops: Annotated[Path, typer.Option(help="Table to write: one row per model and crop.")],
    real: Real = None,
    real_empty: RealEmptyOption = "in",
) -> None:
    """Score models on one crop, on the best of several, and by where crops are.

    Upper bounds are an oracle's: it chooses the crop knowing the label. The bound of random
    guessing stands beside them, and crops chosen on the other half of the videos.
    """
    from wildframe.core.schemas import ZOOM_CROPS, ZOOM_SCORES
    from wildframe.core.tables import write_rows
    from wildframe.scores.zoom import score_crops, score_zoom
    from wildframe.scores.zoom_files import ZoomFiles

    scores: list[Row] = []
    of_crops: list[Row] = []
    for one in ZoomFiles(predictions, manifest, statuses, real, real_empty):
        print(
            f"{one.model}: label space {one.label_space} ({one.classes} classes), "
            f"{len(one.image_ids)} images, {len(one.crops)} crops each",
            flush=True,
        )
        scores += ({"dataset": dataset} | row for row in score_zoom(one, seed))
        of_crops += score_crops(one)
    config = {"seed": seed, "real": real, "real_empty": real_empty}
    write_rows(output, ZOOM_SCORES, scores, config=config)
    write_rows(crops, ZOOM_CROPS, of_crops, config=config)


@app.command()
def hard_images(
    predictions: ZoomPredictions,
    manifest: Manifest,
    statuses: Statuses,
    output: Table,
    real: Real = None,
    real_empty: RealEmptyOption = "in",
) -> None:
    """Find the images that no model is correct on, on any crop."""
    from wildframe.core.errors import UserError
    from wildframe.core.schemas import HARD_IMAGES
    from wildframe.core.tables import write_rows
    from wildframe.scores.zoom import any_correct
    from wildframe.scores.zoom import hard_images as remaining
    from wildframe.scores.zoom_files import ZoomFiles

    solved: dict[str, Bools] = {}
    image_ids: Sequence[str] = ()
    zoomed = ZoomFiles(predictions, manifest, statuses, real, real_empty)
    for path, one in zip(predictions, zoomed, strict=True):
        if solved and one.image_ids != image_ids:
            raise UserError(
                f"{path}: its images are not those of {predictions[0]}; name predictions of one "
                "dataset"
            )
        image_ids = one.image_ids
        solved[one.model] = any_correct(one.correct)
    rows = remaining(image_ids, solved)
    config = {"models": [*solved], "real": real, "real_empty": real_empty}
    write_rows(output, HARD_IMAGES, rows, config=config)
    print(f"{sum(row['hard'] for row in rows)} of {len(rows)} images are hard", flush=True)


@app.command()
def framing(
    results: Results,
    zoom: Annotated[
        list[Path], typer.Option(help="Predictions of the models on crops of a zoom view.")
    ],
    manifest: Manifest,
    statuses: Statuses,
    seed: Seed,
    output: Table,
    box: Boxes = None,
) -> None:
    """Compare models on whole images, on the cropped objects, and on zoomed crops.

    Zoomed: on the crop that is best on the other half of the videos, and by an oracle on any crop.
    """
    from wildframe.core.schemas import FRAMINGS
    from wildframe.core.tables import write_rows
    from wildframe.scores.framing import read_framings
    from wildframe.scores.zoom_files import ZoomFiles

    rows = read_framings(results, box or [], ZoomFiles(zoom, manifest, statuses), seed)
    write_rows(output, FRAMINGS, rows, config={"seed": seed})


@app.command()
def attribution(
    results: Results,
    seed: Seed,
    output: Table,
    shares: Annotated[Path, typer.Option(help="Table to write: one row per model and cause.")],
    box: Boxes = None,
    zoom: Annotated[
        list[Path] | None, typer.Option(help="Predictions of the models on crops of a zoom view.")
    ] = None,
    manifest: Annotated[Path | None, typer.Option(help="Manifest of the zoomed images.")] = None,
    statuses: Annotated[Path | None, typer.Option(help="Statuses of the zoomed images.")] = None,
    neighbours: Annotated[
        list[Path] | None,
        typer.Option(help="Results of the models on sets whose anchors are these images."),
    ] = None,
) -> None:
    """Tell of each incorrect image what may explain it: framing, a doubtful label, or motion.

    Framing: the model is correct on the box, or on the zoomed crop that was best on the other half
    of the videos. Motion: it is correct on a neighbouring frame of the set.
    """
    from wildframe.core.errors import UserError
    from wildframe.core.schemas import ATTRIBUTION_SHARES, ATTRIBUTIONS
    from wildframe.core.tables import write_rows
    from wildframe.scores.attribution import read_attributions, share_causes
    from wildframe.scores.zoom_files import ZoomFiles

    if len({bool(given) for given in (zoom, manifest, statuses)}) > 1:
        raise UserError("--zoom, --manifest and --statuses belong together: give all or none")
    crops = ZoomFiles(zoom, manifest, statuses) if zoom and manifest and statuses else None
    models = read_attributions(results, box or [], crops, neighbours or [], seed).values()
    config = {"seed": seed}
    write_rows(output, ATTRIBUTIONS, (row for rows in models for row in rows), config=config)
    of_causes = (row for rows in models for row in share_causes(rows))
    write_rows(shares, ATTRIBUTION_SHARES, of_causes, config=config)

"""Commands of Fig. 1 and appendix Fig. 1: pairs of frames to look at."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from wildframe.studies.vid_robust.options import (
    About,
    Frames,
    Manifest,
    Png,
    Reviews,
    Svg,
    TargetClasses,
)

if TYPE_CHECKING:
    from wildframe.core.choices import Merge, Outputs

app = typer.Typer()

Seed = Annotated[int, typer.Option(help="Of the draw.", min=0)]


@app.command()
def fig1_gallery(
    frames: Frames,
    manifest: Manifest,
    outcomes: Annotated[Path, typer.Option(help="Outcomes of the model on the sets.")],
    predictions: Annotated[
        Path, typer.Option(help="Predictions or detections that the outcomes were made of.")
    ],
    model: Annotated[str, typer.Option(help="Model whose failures are shown.")],
    targets: TargetClasses,
    seed: Seed,
    about: About,
    png: Png,
    svg: Svg,
) -> None:
    """Fig. 1: sets whose anchor a model gets right, and another frame wrong."""
    from wildframe.core.errors import UserError
    from wildframe.core.schemas import SET_OUTCOMES
    from wildframe.core.tables import read_facts, read_table
    from wildframe.frames import read_images
    from wildframe.labels.hypernyms import read_targets
    from wildframe.scores.answers import open_answers
    from wildframe.studies.vid_robust.fig1_gallery import (
        SETS,
        choose,
        confidences_of,
        describe,
        failures,
        gallery,
        grid_of,
        notes_under,
    )
    from wildframe.studies.vid_robust.panels import (
        read_pictures,
        require_images,
        require_pictures,
    )

    rows = read_table(outcomes, SET_OUTCOMES).to_pylist()
    facts = read_facts(outcomes, SET_OUTCOMES)
    if (facts["model"], facts["targets"]) != (model, targets):
        raise UserError(
            f"{outcomes}: is of {facts['model']} under {facts['targets']}, not of {model} under "
            f"{targets}; name the outcomes of this model"
        )
    found = failures(rows)
    chosen = choose(found, SETS, seed)
    answers, _ = open_answers(
        predictions, targets, cast("Merge", facts["merge"]), cast("Outputs", facts["outputs"])
    )
    known = read_targets(targets)
    index_of = {target.wnid: index for index, target in enumerate(known) if target.wnid}
    confidences = confidences_of(predictions, answers, chosen, index_of) if chosen else {}
    shown = [row["image_id"] for one in chosen for row in (one.anchor, one.wrong)]
    pictures = read_pictures(manifest)
    require_pictures(shown, manifest, pictures)
    sets = len({row["anchor_id"] for row in rows})
    gallery(
        chosen,
        grid_of(rows),
        confidences,
        pictures,
        require_images(read_images(frames, set(shown)), shown),
        {target.wnid: target.name for target in known if target.wnid},
        describe(model, sets, len(found), len(chosen)),
        notes_under(about, facts, chosen),
        [png, svg],
    )


@app.command()
def appendix_fig1_dissimilar(
    frames: Frames,
    manifest: Manifest,
    reviews: Reviews,
    targets: TargetClasses,
    seed: Seed,
    about: About,
    png: Png,
    svg: Svg,
) -> None:
    """Appendix Fig. 1: pairs that a review did not let in."""
    from wildframe.core.schemas import REVIEWS
    from wildframe.core.tables import read_facts, read_table
    from wildframe.frames import read_images
    from wildframe.labels.hypernyms import read_targets
    from wildframe.studies.vid_robust.appendix_fig1_dissimilar import (
        PAIRS,
        choose,
        describe,
        plot,
        rejected_pairs,
    )
    from wildframe.studies.vid_robust.panels import (
        read_pictures,
        require_images,
        require_pictures,
    )

    rows = read_table(reviews, REVIEWS).to_pylist()
    rejected = rejected_pairs(rows)
    chosen = choose(rejected, PAIRS, seed)
    shown = [image_id for row in chosen for image_id in (row["anchor_id"], row["image_id"])]
    pictures = read_pictures(manifest)
    require_pictures(shown, manifest, pictures)
    pairs = sum(row["image_id"] != row["anchor_id"] for row in rows)
    plot(
        chosen,
        {row["anchor_id"]: row["labels"] for row in rows if row["image_id"] == row["anchor_id"]},
        pictures,
        require_images(read_images(frames, set(shown)), shown),
        {target.wnid: target.name for target in read_targets(targets) if target.wnid},
        read_facts(reviews, REVIEWS)["review"],
        describe(pairs, len(rejected), len(chosen)),
        about,
        [png, svg],
    )

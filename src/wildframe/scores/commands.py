"""``wildframe scores``: results from predictions, and metrics from results."""

from itertools import chain, starmap
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wildframe.core.choices import PredictedSpace, Targets
from wildframe.core.display import Format, FormatOption
from wildframe.core.options import Classes, Manifest, PredictableOption, Table, name_and_value
from wildframe.scores.clip_commands import app as clips
from wildframe.scores.set_commands import (
    AggregateOption,
    MergeOption,
    Restrict,
    Results,
    Seed,
)
from wildframe.scores.set_commands import app as sets
from wildframe.scores.zoom_commands import app as zoom

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from wildframe.core.tables import Row

app = typer.Typer()

HighConfidence = Annotated[
    float, typer.Option(help="Probability above which errors are counted.", min=0, max=1)
]
Statuses = Annotated[
    Path | None, typer.Option(help="Status of each image, to evaluate all that are readable.")
]
Reviews = Annotated[
    Path | None, typer.Option(help="Reviews of the dataset, to evaluate sets of frames.")
]
Senses = Annotated[str | None, typer.Option(help="Sense table: shipped, or a CSV file.")]
LabelSpaceOption = Annotated[
    Targets | None, typer.Option(help="Label space to score in; otherwise the model's own.")
]
Split = Annotated[
    Path | None, typer.Option(help="Split of the dataset: only held-out images count.")
]


@app.command()
def image_results(
    predictions: Annotated[Path, typer.Argument(help="Predictions or detections of one model.")],
    manifest: Manifest,
    classes: Classes,
    output: Annotated[Path, typer.Option(help="Table to write: one row per evaluated image.")],
    statuses: Statuses = None,
    reviews: Reviews = None,
    senses: Senses = None,
    label_space: LabelSpaceOption = None,
    merge: MergeOption = "max",
    restrict: Restrict = True,
    predictable: PredictableOption = "all",
    aggregate: AggregateOption = None,
) -> None:
    """Compare the predictions of a model with the labels of each evaluated image.

    In the label space of a dataset, a model without scores in its predictions (more than 1,000
    classes) predicts from its 100 most probable classes. A detector predicts the class of its most
    confident box.
    """
    from wildframe.core.schemas import CLASSES, IMAGE_RESULTS
    from wildframe.core.tables import read_table, write_rows
    from wildframe.manifests.predictable import predictable_wnids
    from wildframe.scores.evaluated import read_evaluated
    from wildframe.scores.image_results import relatives_of, require_first, score_images
    from wildframe.scores.predicted import Protocol, open_predictions

    images = read_evaluated(manifest, statuses, reviews, senses, label_space)
    protocol = Protocol(label_space, merge, restrict, predictable, aggregate)
    found, facts = open_predictions(predictions, protocol, predictable_wnids(predictable, manifest))
    known = read_table(classes, CLASSES, ["wnid", "ancestors"]).to_pylist()
    relatives = relatives_of(known, {wnid for row in images.rows for wnid in row["labels"]})
    rows = score_images(predictions, found, images.rows, images.known, relatives)
    chosen = {"senses": senses, "label_space": label_space, "predictable": predictable}
    known_rows = require_first(predictions, rows)
    write_rows(output, IMAGE_RESULTS, known_rows, config=chosen, facts=facts | images.facts)


@app.command()
def accuracy(
    results: Results,
    study: Annotated[str, typer.Option(help="Study of the config.")],
    dataset: Annotated[str, typer.Option(help="Dataset of the config.")],
    view: Annotated[str, typer.Option(help="View of the images.")],
    high_confidence: HighConfidence,
    output: Table,
    split: Split = None,
) -> None:
    """Score models by top-1 and top-5 accuracy, on the whole and on subsets, with intervals."""
    from wildframe.core.schemas import SCORES
    from wildframe.core.tables import write_rows
    from wildframe.scores.accuracy import COLUMNS, score_model

    named = {"study": study, "dataset": dataset, "view": view}

    def score(model: str, rows: "list[Row]") -> "list[Row]":
        return [named | row for row in score_model(model, rows, high_confidence)]

    # By `starmap`, so that no variable holds a model's results while the next one's are read.
    scores = chain.from_iterable(starmap(score, _evaluated(results, split, COLUMNS)))
    chosen = {"high_confidence": high_confidence, "held_out": split is not None}
    write_rows(output, SCORES, scores, config=named | chosen)


def _evaluated(
    results: "Sequence[Path]", split: Path | None, columns: "Sequence[str]"
) -> "Iterator[tuple[str, list[Row]]]":
    """Return each model and its results, of held-out images only if there is a split."""
    from wildframe.core.schemas import SPLITS
    from wildframe.core.tables import read_table
    from wildframe.scores import iter_results
    from wildframe.scores.accuracy import held_out

    found = iter_results(results, columns, guesses=1)
    if split is None:
        return found
    parts = {row["image_id"]: row["part"] for row in read_table(split, SPLITS).to_pylist()}
    return starmap(lambda model, rows: (model, held_out(model, rows, parts)), found)


@app.command()
def model_pairs(
    results: Results,
    high_confidence: HighConfidence,
    seed: Seed,
    output: Table,
    split: Split = None,
) -> None:
    """Compare each pair of models on the same images, and of moments of a model.

    Clips (or videos, where one has several clips) are the units of intervals and tests.
    """
    from wildframe.core.schemas import PAIRS
    from wildframe.core.tables import write_rows
    from wildframe.scores.accuracy import PAIR_COLUMNS
    from wildframe.scores.pairs import compare_models

    rows = compare_models(dict(_evaluated(results, split, PAIR_COLUMNS)), high_confidence, seed)
    chosen = {"high_confidence": high_confidence, "seed": seed, "held_out": split is not None}
    write_rows(output, PAIRS, rows, config=chosen)


@app.command()
def view_pairs(
    results: Annotated[
        list[str], typer.Argument(help="Results of a model in a view: <view>=<path>.")
    ],
    high_confidence: HighConfidence,
    seed: Seed,
    output: Table,
) -> None:
    """Compare each pair of views of the same images by model, and of models by view."""
    from wildframe.core.schemas import PAIRS
    from wildframe.core.tables import write_rows
    from wildframe.scores import results_by_model
    from wildframe.scores.accuracy import PAIR_COLUMNS
    from wildframe.scores.pairs import compare_views

    paths: dict[str, list[Path]] = {}
    for view, path in map(name_and_value, results):
        paths.setdefault(view, []).append(Path(path))
    views = {view: results_by_model(of_view, PAIR_COLUMNS) for view, of_view in paths.items()}
    rows = compare_views(views, high_confidence, seed)
    write_rows(output, PAIRS, rows, config={"high_confidence": high_confidence, "seed": seed})


@app.command()
def protocol(
    predictions: Annotated[
        list[Path], typer.Argument(help="Predictions or detections of each model.")
    ],
    manifest: Manifest,
    seed: Seed,
    output: Table,
    statuses: Statuses = None,
    reviews: Reviews = None,
    senses: Senses = None,
    label_space: LabelSpaceOption = None,
    merge: MergeOption = "max",
    restrict: Restrict = True,
    predictable: PredictableOption = "all",
    aggregate: AggregateOption = None,
    crops: Annotated[
        list[Path] | None,
        typer.Option(help="Predictions on zoomed crops, to compare crop fractions, too."),
    ] = None,
) -> None:
    """Compare how a dataset is scored with other choices, one at a time, of each model.

    Options as those of image-results say how it is scored. The other choices: the first label
    alone, without doubtful labels, the full or a restricted label space, and other ways to merge
    the scores of classes.
    """
    from dataclasses import asdict

    from wildframe.core.errors import UserError
    from wildframe.core.schemas import PAIRS
    from wildframe.core.tables import write_rows
    from wildframe.scores.evaluated import read_evaluated
    from wildframe.scores.predicted import Protocol
    from wildframe.scores.protocol import compare_crops, score_protocols
    from wildframe.scores.zoom_files import ZoomFiles

    if crops and not statuses:
        raise UserError("--crops: crops are of single images; name their --statuses, too")
    zoomed = ZoomFiles(crops, manifest, statuses) if crops and statuses else ()
    images = read_evaluated(manifest, statuses, reviews, senses, label_space)
    own = Protocol(label_space, merge, restrict, predictable, aggregate)
    scored = score_protocols(predictions, own, images, manifest, seed)
    rows = chain(scored, *(compare_crops(one, seed) for one in zoomed))
    write_rows(
        output,
        PAIRS,
        rows,
        config={"protocol": asdict(own), "senses": senses, "seed": seed},
        facts=images.facts,
    )


@app.command()
def confusions(results: Results, output: Table) -> None:
    """Count which class was confused with which."""
    from wildframe.core.schemas import CONFUSIONS
    from wildframe.core.tables import write_rows
    from wildframe.scores import iter_results
    from wildframe.scores.confusions import confusions as count

    evaluated = iter_results(results, ["labels", "top", "correct_top1"])
    write_rows(output, CONFUSIONS, chain.from_iterable(starmap(count, evaluated)))


@app.command()
def calibration(results: Results, output: Table) -> None:
    """Compare top-1 probability with top-1 accuracy, in bins."""
    from wildframe.core.schemas import CALIBRATION
    from wildframe.core.tables import write_rows
    from wildframe.scores import iter_results
    from wildframe.scores.calibration import COLUMNS
    from wildframe.scores.calibration import calibration as bin_up

    evaluated = iter_results(results, COLUMNS, guesses=1)
    write_rows(output, CALIBRATION, chain.from_iterable(starmap(bin_up, evaluated)))


@app.command()
def plan(
    results: Annotated[
        list[Path] | None,
        typer.Argument(help="Results of two models, which the rest is estimated from."),
    ] = None,
    clips: Annotated[
        int | None, typer.Option(help="Clips, or videos where one has several.", min=2)
    ] = None,
    images: Annotated[
        int | None, typer.Option(help="Images (or sets) in all clips.", min=2)
    ] = None,
    icc: Annotated[
        float | None, typer.Option(help="Correlation within clips of the difference.", min=0, max=1)
    ] = None,
    discordant: Annotated[
        float | None,
        typer.Option(help="Share of images on which one model alone is correct.", min=0, max=1),
    ] = None,
    difference: Annotated[
        float | None, typer.Option(help="A difference to detect, in points.", min=0)
    ] = None,
    comparisons: Annotated[
        int, typer.Option(help="Comparisons that Holm's method corrects for.", min=1)
    ] = 1,
    power: Annotated[
        float, typer.Option(help="Probability to detect it.", min=0.5, max=0.999)
    ] = 0.8,
    level: Annotated[float, typer.Option(help="Level of the test.", min=0.0001, max=0.5)] = 0.05,
    fmt: FormatOption = Format.table,
) -> None:
    """Say how small a difference of two models can be detected, or how many clips that needs.

    Clips, images, ICC and discordant share are estimated from results, unless they are given.
    """
    from wildframe.core.display import show
    from wildframe.scores.plan import plan_rows, planned

    given = {"clips": clips, "images": images, "icc": icc, "discordant": discordant}
    design = planned(results or [], {name: one for name, one in given.items() if one is not None})
    rows = plan_rows(design, difference and difference / 100, power, level / comparisons)
    show(rows, ["quantity", "value"], fmt)


@app.command()
def calibration_errors(
    results: Results,
    output: Table,
    legacy: Annotated[
        bool,
        typer.Option(
            "--legacy",
            help="RMS error as the published code computes it: without the most confident images.",
        ),
    ] = False,
) -> None:
    """Compute the expected and the RMS calibration error of models, and AURRA."""
    from wildframe.core.schemas import CALIBRATION_ERRORS
    from wildframe.core.tables import write_rows
    from wildframe.scores import iter_results
    from wildframe.scores.calibration import COLUMNS
    from wildframe.scores.calibration import calibration_errors as measure

    evaluated = iter_results(results, COLUMNS, guesses=1)
    rows = (row for model, rows in evaluated for row in measure(model, rows, legacy))
    write_rows(output, CALIBRATION_ERRORS, rows, config={"legacy": legacy})


@app.command()
def separation(
    outside: Annotated[
        list[Path], typer.Option(help="Predictions of each model on images of no known class.")
    ],
    outside_manifest: Annotated[Path, typer.Option(help="Manifest of these images.")],
    inside: Annotated[
        list[Path], typer.Option(help="Those on images of known classes, in the same order.")
    ],
    inside_manifest: Annotated[Path, typer.Option(help="Manifest of those images.")],
    output: Table,
    label_space: Annotated[
        PredictedSpace,
        typer.Option(
            help="subset: only the classes that images outside are listed under can be predicted, "
            "as ImageNet-O is evaluated; full: all of the model's."
        ),
    ] = "subset",
) -> None:
    """Test how well confidence tells images of no known class: AUROC, AUPR and FPR95."""
    from wildframe.core.schemas import SEPARATIONS
    from wildframe.core.tables import write_rows
    from wildframe.scores.out_of_distribution import score_pairs

    rows = score_pairs(outside, outside_manifest, inside, inside_manifest, label_space)
    for row in rows:
        print(f"{row['model']}: label space {label_space}", flush=True)
    write_rows(output, SEPARATIONS, rows, config={"label_space": label_space})


app.add_typer(clips)
app.add_typer(sets)
app.add_typer(zoom)

"""``wildframe scores``: metrics of models of clips, and what clips say of models of images."""

from pathlib import Path
from typing import Annotated

import typer

from wildframe.core.options import Manifest, Table, name_and_value
from wildframe.scores.set_commands import Results, Seed

app = typer.Typer()

Predictions = Annotated[
    list[Path],
    typer.Argument(help="Predictions of each training and seed: <training>.seed-<seed>.parquet."),
]


@app.command()
def clips(
    predictions: Predictions,
    manifest: Manifest,
    classes: Annotated[Path, typer.Option(help="Classes of the dataset.")],
    seed: Seed,
    output: Annotated[Path, typer.Option(help="Table to write: metrics.")],
    class_scores: Annotated[
        Path, typer.Option(help="Table to write: average precision of classes.")
    ],
    pairs: Annotated[Path, typer.Option(help="Table to write: comparisons of trainings.")],
    multi_label: Annotated[
        bool,
        typer.Option(
            "--multi-label", help="Actions are predicted as several labels a clip: score mAP."
        ),
    ] = False,
    split: Annotated[str, typer.Option(help="Split of the clips that are scored.")] = "test",
    ensemble: Annotated[
        list[str] | None,
        typer.Option(
            help="Trainings whose probabilities are averaged: <name>=<training>,<training>."
        ),
    ] = None,
    pair: Annotated[
        list[str] | None,
        typer.Option(help="Trainings or ensembles to compare, over seeds: <name>=<baseline>."),
    ] = None,
    unseen_participants: Annotated[
        Path | None,
        typer.Option(
            help="CSV of participants that are in no training clip, where clips do not name theirs."
        ),
    ] = None,
    tail_verbs: Annotated[Path | None, typer.Option(help="CSV of rare classes of verbs.")] = None,
    tail_nouns: Annotated[Path | None, typer.Option(help="CSV of rare classes of nouns.")] = None,
) -> None:
    """Score models of clips: mAP, or top-1 and top-5 of verbs, nouns and actions, over videos.

    An action is correct if its verb and its noun are each among the k most probable.
    """
    from wildframe.core.schemas import CLIP_CLASS_SCORES, CLIP_SCORES, PAIRS
    from wildframe.core.tables import write_rows
    from wildframe.scores.clip_files import Subsets, read_ensembles, read_labels, read_results
    from wildframe.scores.clip_pairs import clip_pairs
    from wildframe.scores.clips import class_rows, score_rows

    subsets = Subsets(unseen_participants, tail_verbs, tail_nouns)
    labels = read_labels(predictions, manifest, classes, split, subsets, multi_label)
    ensembles = {name: one.split(",") for name, one in map(name_and_value, ensemble or [])}
    results = [read_results(path, labels) for path in predictions]
    results += read_ensembles(ensembles, predictions, labels)
    compared = clip_pairs(results, [*map(name_and_value, pair or [])], labels, seed)
    config = {"split": split, "multi_label": multi_label, "ensembles": ensembles, "seed": seed}
    scores = (row for one in results for row in score_rows(one, labels))
    of_classes = (row for one in results for row in class_rows(one, labels))
    write_rows(output, CLIP_SCORES, scores, config=config)
    write_rows(class_scores, CLIP_CLASS_SCORES, of_classes, config=config)
    write_rows(pairs, PAIRS, compared, config=config)


@app.command()
def failure_predictors(
    results: Results,
    output: Table,
    ego_scores: Annotated[
        Path | None, typer.Option(help="Predictions of the classifier of viewpoints.")
    ] = None,
    object_scores: Annotated[
        Path | None, typer.Option(help="Predictions of a model of images on the same clips.")
    ] = None,
    interactions: Annotated[
        Path | None, typer.Option(help="Boxes of hands and objects in these clips.")
    ] = None,
    clips: Annotated[
        list[Path] | None, typer.Option(help="Shards of the kept clips, to name their frames.")
    ] = None,
    manifest: Annotated[Path | None, typer.Option(help="Manifest of these clips.")] = None,
) -> None:
    """Regress the correctness of models of images on what teachers say of the images' clips.

    Videos are the clusters of intervals and tests.
    """
    from wildframe.core.errors import UserError
    from wildframe.core.schemas import FAILURE_PREDICTORS
    from wildframe.core.tables import write_rows
    from wildframe.scores import iter_results
    from wildframe.scores.egocentricity import BoxFiles, failure_rows, read_predictors

    boxes = None
    if interactions and clips and manifest:
        boxes = BoxFiles(interactions, clips, manifest)
    elif interactions or clips or manifest:
        raise UserError("name --interactions, --clips and --manifest together, or none of them")
    predictors = read_predictors(ego_scores, object_scores, boxes)
    columns = ["group_id", "video_id", "correct_top1"]
    rows = (
        row
        for model, of_model in iter_results(results, columns)
        for row in failure_rows(model, of_model, predictors)
    )
    write_rows(output, FAILURE_PREDICTORS, rows)

"""``wildframe manifests``: which images are evaluated."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, get_args

import typer

from wildframe.core.choices import (
    Grouping,
    ImageGrouping,
    LabelSource,
    LabelSpace,
    Media,
    ObjectType,
    Pick,
    Role,
    Rule,
    Synsets,
    Targets,
    Unit,
    Version,
    Viewpoint,
)
from wildframe.core.display import Format, FormatOption

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from wildframe.core.tables import Row
    from wildframe.manifests.sets import Part, SetChoices

app = typer.Typer()

Dataset = Annotated[str, typer.Option(help="Name of the dataset.")]
TargetsOption = Annotated[
    Targets, typer.Option("--label-space", help="vid30, ytbb24, coco80, in1k, or a CSV file.")
]
LabelSourceOption = Annotated[
    LabelSource,
    typer.Option("--label-source", help="Labels of a neighbour: its own (frame) or its anchor's."),
]
FramesOption = Annotated[
    int | None, typer.Option("--frames", min=0, help="Largest distance from the anchor, in frames.")
]
SecondsOption = Annotated[
    float | None, typer.Option("--seconds", min=0, help="The same in seconds.")
]
Step = Annotated[int, typer.Option(min=1, help="Use every n-th frame of the window.")]
Manifest = Annotated[Path, typer.Option(help="Table to write: one row per image.")]
SetsOption = Annotated[
    Path, typer.Option("--sets", help="Table to write: one row per frame of a set.")
]
FunnelOption = Annotated[
    Path, typer.Option("--funnel", help="Table to write: one row per anchor or dropped video.")
]


@app.command()
def build(
    records: Annotated[Path, typer.Option(help="Table of records.")],
    objects: Annotated[Path, typer.Option(help="Table of boxes.")],
    classes: Annotated[Path, typer.Option(help="Table of classes.")],
    label_space: Annotated[LabelSpace, typer.Option(help="in1k, in21k or in22k.")],
    dataset: Dataset,
    roles: Annotated[str, typer.Option(help="Moments to evaluate, with commas: pre,pnr,post.")],
    object_types: Annotated[str, typer.Option(help="Types of boxes to use, with commas.")],
    unit: Annotated[Unit, typer.Option(help="image or object.")],
    rule: Annotated[Rule, typer.Option(help="words, head_synonyms or head.")],
    pick: Annotated[Pick, typer.Option(help="reading_order, all or paper.")],
    synsets: Annotated[Synsets, typer.Option(help="first or all.")],
    media: Annotated[Media, typer.Option(help="clips, full_scale, clips_540ss or video_540ss.")],
    version: Annotated[Version, typer.Option(help="Release of the source: v1 or v2.")],
    rate: Annotated[str, typer.Option(help="Nominal frame rate that frame numbers refer to.")],
    manifest: Manifest,
    funnel: Annotated[Path, typer.Option(help="Table to write: one row per moment or object.")],
    senses: Annotated[str, typer.Option(help="Sense table: shipped, or a CSV file.")] = "shipped",
) -> None:
    """Write the manifest of a dataset and its funnel."""
    from wildframe.core.choices import several_of
    from wildframe.core.rates import rate_option
    from wildframe.core.schemas import FUNNEL, MANIFEST, OBJECTS, RECORDS
    from wildframe.core.tables import iter_rows, write_rows
    from wildframe.labels import read_classes
    from wildframe.labels.mapping import LabelMap
    from wildframe.labels.senses import read_senses
    from wildframe.manifests.build import Choices, build_manifest

    rate_option(rate)
    chosen = several_of(get_args(Role), roles), several_of(get_args(ObjectType), object_types)
    choices = Choices(dataset, *chosen, unit, rule, pick, synsets, media, version, rate)
    images: list[Row] = []

    def decisions() -> "Iterator[Row]":
        label_map = LabelMap(read_classes(classes, label_space), rule, read_senses(senses))
        rows = (iter_rows(records, RECORDS), iter_rows(objects, OBJECTS))
        for image, decision in build_manifest(*rows, label_map, choices):
            if image:
                images.append(image)
            yield decision

    # Not the sense table: where an edit of it changes no label, the files keep their bytes, and
    # nothing that is made of them is made anew.
    config = asdict(choices) | {"label_space": label_space}
    write_rows(funnel, FUNNEL, decisions(), config=config)
    images.sort(key=lambda row: str(row["image_id"]))
    write_rows(manifest, MANIFEST, images, config=config)


@app.command()
def images(
    images: Annotated[Path, typer.Option(help="Table of images.")],
    classes: Annotated[Path, typer.Option(help="Table of classes.")],
    label_space: Annotated[
        str, typer.Option(help="in1k, in21k, in22k, or a CSV file of your own.")
    ],
    dataset: Dataset,
    manifest: Manifest,
    funnel: Annotated[Path, typer.Option(help="Table to write: one row per image of the source.")],
    group_by: Annotated[
        ImageGrouping, typer.Option(help="Unit that is independent: file or folder.")
    ] = "file",
    split: Annotated[str | None, typer.Option(help="Split of the source; all by default.")] = None,
) -> None:
    """Write the manifest of a dataset of single images and its funnel."""
    from wildframe.core.schemas import FUNNEL, IMAGES, MANIFEST
    from wildframe.core.tables import iter_rows, table_writer
    from wildframe.labels import labeller_of
    from wildframe.manifests.ids import require_own_ids
    from wildframe.manifests.images import ImageChoices, choose_images

    require_own_ids(images, IMAGES, "image_id", "record_id")
    choices = ImageChoices(dataset, split, group_by)
    labels_of = labeller_of(classes, label_space)
    config = asdict(choices) | {"label_space": label_space}
    with (
        table_writer(manifest, MANIFEST, config=config) as add_image,
        table_writer(funnel, FUNNEL, config=config) as add_decision,
    ):
        for image, decision in choose_images(iter_rows(images, IMAGES), labels_of, choices):
            if image:
                add_image(image)
            add_decision(decision)


@app.command()
def clips(
    records: Annotated[Path, typer.Option(help="Clips of the source.")],
    of_source: Annotated[Path, typer.Option(help="Classes of the source.")],
    dataset: Dataset,
    manifest: Annotated[Path, typer.Option(help="Table to write: one row per clip.")],
    learnt: Annotated[Path, typer.Option(help="Hash to write of the clips to learn from.")],
    shown: Annotated[Path, typer.Option(help="Hash to write of all clips without labels.")],
    classes: Annotated[Path, typer.Option(help="Table to write: one row per class.")],
    funnel: Annotated[Path, typer.Option(help="Table to write: one row per clip of the source.")],
    train: Annotated[str | None, typer.Option(help="Split of the source to learn from.")] = None,
    test: Annotated[str | None, typer.Option(help="Split of the source to test on.")] = None,
    viewpoint: Annotated[
        Viewpoint | None, typer.Option(help="Only clips of this viewpoint.")
    ] = None,
    needs: Annotated[
        list[str] | None,
        typer.Option(help="What the run needs: train, or test=verb,noun for labels of either."),
    ] = None,
) -> None:
    """Write the clips of a dataset, its classes and its funnel."""
    from functools import partial

    from wildframe.core.files import write_text
    from wildframe.core.schemas import CLIP_CLASSES, CLIP_RECORDS, CLIPS, FUNNEL
    from wildframe.core.tables import iter_rows, merge_tables, table_writer
    from wildframe.manifests.clips import (
        ClipChoices,
        Need,
        choose_clips,
        learnt_sha256,
        lists_of,
        shown_sha256,
    )
    from wildframe.manifests.ids import require_own_ids

    require_own_ids(records, CLIP_RECORDS, "clip_id", "media")
    choices = ClipChoices(dataset, train, test, viewpoint)
    config = asdict(choices)
    chosen = choose_clips(
        iter_rows(records, CLIP_RECORDS),
        choices,
        [Need.parse(text) for text in needs or []],
        lists_of(records),
        tell=partial(typer.echo, err=True),
    )
    with (
        table_writer(manifest, CLIPS, config=config) as add_clip,
        table_writer(funnel, FUNNEL, config=config) as add_decision,
    ):
        for clip, decision in chosen:
            if clip:
                add_clip(clip)
            add_decision(decision)
    write_text(learnt, f"{learnt_sha256(manifest)}\n")
    write_text(shown, f"{shown_sha256(manifest)}\n")
    # All of them: datasets of one source number classes alike.
    merge_tables([of_source], classes, CLIP_CLASSES, config=config)


@app.command()
def sample(
    videos: Annotated[Path, typer.Option(help="Table of videos.")],
    boxes: Annotated[Path, typer.Option(help="Table of boxes of their frames.")],
    dataset: Dataset,
    targets: TargetsOption,
    anchors: Annotated[int, typer.Option(min=1, help="Frames to draw from each video.")],
    manifest: Manifest,
    sets: SetsOption,
    funnel: FunnelOption,
    frames: FramesOption = None,
    seconds: SecondsOption = None,
    step: Step = 1,
    label_source: LabelSourceOption = "frame",
    seed: Annotated[int, typer.Option(min=0, help="Seed of the draw.")] = 0,
    split: Annotated[str | None, typer.Option(help="Split of the source; all by default.")] = None,
) -> None:
    """Draw anchors from videos, each with its neighbouring frames."""
    from wildframe.core.schemas import BOXES, VIDEOS
    from wildframe.core.tables import iter_rows, read_table
    from wildframe.manifests.ids import require_own_ids
    from wildframe.manifests.sample import Boxes, sample_sets

    require_own_ids(videos, VIDEOS, "video_id", "media")
    choices = _choices(dataset, targets, label_source, frames, seconds, step)
    annotated = Boxes(read_table(boxes, BOXES))
    parts = sample_sets(iter_rows(videos, VIDEOS), annotated, choices, anchors, seed, split)
    drawn: dict[str, object] = {"anchors": anchors, "seed": seed, "split": split}
    rates = [
        video["rate"]
        for video in iter_rows(videos, VIDEOS, ["split", "problem", "rate"])
        if not video["problem"] and split in (None, video["split"])
    ]
    _write_sets(parts, choices, "videos", (manifest, sets, funnel), drawn, rates)


@app.command()
def published(
    published: Annotated[Path, typer.Option(help="Table of published sets.")],
    dataset: Dataset,
    targets: TargetsOption,
    manifest: Manifest,
    sets: SetsOption,
    funnel: FunnelOption,
    boxes: Annotated[Path | None, typer.Option(help="Table of boxes of their frames.")] = None,
    frames: FramesOption = None,
    seconds: SecondsOption = None,
    step: Step = 1,
    label_source: LabelSourceOption = "frame",
) -> None:
    """Make sets of those that a publisher chose and reviewed."""
    from wildframe.core.schemas import BOXES, PUBLISHED
    from wildframe.core.tables import iter_rows, read_table
    from wildframe.manifests.published import published_sets
    from wildframe.manifests.sample import Boxes

    choices = _choices(dataset, targets, label_source, frames, seconds, step)
    annotated = Boxes(read_table(boxes, BOXES)) if boxes else None
    parts = published_sets(published, iter_rows(published, PUBLISHED), annotated, choices)
    _write_sets(parts, choices, "published sets", (manifest, sets, funnel), {})


@app.command()
def neighbours(
    images: Annotated[Path, typer.Option(help="Manifest whose images are the anchors.")],
    dataset: Dataset,
    targets: TargetsOption,
    manifest: Manifest,
    sets: SetsOption,
    funnel: FunnelOption,
    frames: FramesOption = None,
    seconds: SecondsOption = None,
    step: Step = 1,
    label_source: LabelSourceOption = "anchor",
) -> None:
    """Make sets of the images of another dataset and their neighbouring frames."""
    from fractions import Fraction

    from wildframe.core.schemas import MANIFEST
    from wildframe.core.tables import read_table
    from wildframe.manifests.neighbours import sets_of_neighbours

    choices = _choices(dataset, targets, label_source, frames, seconds, step)
    anchors = read_table(images, MANIFEST).to_pylist()
    parts = sets_of_neighbours(images, anchors, choices)
    rates = [row["rate"] and float(Fraction(row["rate"])) for row in anchors]
    _write_sets(parts, choices, "images", (manifest, sets, funnel), {}, rates)


def _choices(
    dataset: str,
    targets: Targets,
    label_source: LabelSource,
    frames: int | None,
    seconds: float | None,
    step: int,
) -> "SetChoices":
    from math import isfinite

    from wildframe.core.errors import UserError
    from wildframe.manifests.sets import SetChoices

    if (frames is None) == (seconds is None):
        raise UserError("give --frames or --seconds: the largest distance from the anchor")
    if seconds is not None and not isfinite(seconds):
        raise UserError(f"--seconds {seconds}: give a number of seconds such as 0.33")
    return SetChoices(dataset, targets, label_source, frames, seconds, step)


def _write_sets(
    parts: "Iterable[Part]",
    choices: "SetChoices",
    listed: str,
    outputs: tuple[Path, Path, Path],
    drawn: dict[str, object],
    rates: "Iterable[float | None]" = (),
) -> None:
    """Write manifest, sets and funnel: all of them, or none."""
    from contextlib import ExitStack

    from wildframe.core.schemas import FUNNEL, MANIFEST, SETS
    from wildframe.core.tables import table_writer
    from wildframe.manifests.sets import frame_rate, require_sets

    config = asdict(choices) | drawn
    with ExitStack() as stack:
        add_image, add_frame, add_decision = (
            stack.enter_context(table_writer(path, contract, config=config, facts=known))
            for path, contract, known in (
                (outputs[0], MANIFEST, frame_rate(rates)),
                (outputs[1], SETS, {}),
                (outputs[2], FUNNEL, {}),
            )
        )
        for part in require_sets(parts, choices.dataset, listed):
            for _, image in sorted(part.images.items()):
                add_image(image)
            for frame in part.sets:
                add_frame(frame)
            for decision in part.decisions:
                add_decision(decision)


@app.command()
def show(
    funnel: Annotated[Path, typer.Argument(help="Table <dataset>.funnel.parquet.")],
    step: Annotated[
        str | None, typer.Option(help="List the records of this step instead of counts.")
    ] = None,
    fmt: FormatOption = Format.table,
) -> None:
    """Show a funnel: the number of records that each step dropped, or a step's records."""
    from wildframe.core.display import show as print_rows
    from wildframe.core.errors import UserError
    from wildframe.core.schemas import FUNNEL
    from wildframe.core.tables import read_table
    from wildframe.manifests.decisions import KEPT
    from wildframe.manifests.funnel import ALL_STEPS, summarize

    steps = dict.fromkeys((KEPT, *ALL_STEPS))
    if step not in (None, *steps):
        raise UserError(f"{step}: no such step; choose from {', '.join(steps)}")
    rows = read_table(funnel, FUNNEL).to_pylist()
    if step is None:
        print_rows(summarize(rows), ["step", "meaning", "dropped", "left"], fmt)
    else:
        chosen = [row for row in rows if row["step"] == step]
        print_rows(chosen, ["record_id", "role", "position", "image_id", "detail"], fmt)


@app.command()
def split(
    manifest: Annotated[Path, typer.Argument(help="Manifest of the dataset.")],
    by: Annotated[Grouping, typer.Option(help="Unit kept within one part: clip, video or image.")],
    output: Annotated[Path, typer.Option(help="Table to write: one row per image.")],
    train_fraction: Annotated[float, typer.Option(help="Fraction of images to train on.")] = 0.5,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the order of groups.")] = 0,
) -> None:
    """Split a dataset into images to train on and held-out images."""
    from wildframe.core.errors import UserError
    from wildframe.core.schemas import MANIFEST, SPLITS
    from wildframe.core.tables import read_table, write_rows
    from wildframe.manifests.split import split_images

    if not 0 < train_fraction < 1:
        raise UserError(f"--train-fraction {train_fraction}: choose a fraction between 0 and 1")
    columns = ["image_id", "group_id", "video_id", "media", "media_kind", "rate", "frame"]
    images = read_table(manifest, MANIFEST, columns).to_pylist()
    rows = split_images(manifest, images, by, seed, train_fraction)
    config = {"by": by, "train_fraction": train_fraction, "seed": seed}
    write_rows(output, SPLITS, rows, config=config)

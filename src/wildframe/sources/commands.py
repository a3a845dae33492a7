"""``wildframe sources``: read a publisher's files."""

from pathlib import Path
from typing import Annotated, Any

import typer

from wildframe.core.choices import Layout, Media, ScoreSpace, Split, Version

app = typer.Typer()

Release = Annotated[Version, typer.Option(help="Release of the annotations: v1 or v2.")]
Videos = Annotated[Path, typer.Option(help="Table to write: one row per video.")]
Boxes = Annotated[Path, typer.Option(help="Table to write: one row per box of a frame.")]
NamesOption = Annotated[
    ScoreSpace | None,
    typer.Option(
        "--label-space", help="Label space whose class names may stand in place of wnids."
    ),
]
Published = Annotated[Path, typer.Option(help="Table to write: one row per frame of a set.")]
Clips = Annotated[Path, typer.Option(help="Table to write: one row per clip.")]
ClipClasses = Annotated[Path, typer.Option(help="Table to write: one row per class.")]
Root = Annotated[Path, typer.Option(help="Folder of the videos, or of folders of frames.")]
Train = Annotated[Path | None, typer.Option(help="List of the clips to learn from.")]
Val = Annotated[Path | None, typer.Option(help="List of the clips to validate on.")]
Test = Annotated[Path | None, typer.Option(help="List of the clips to test on.")]
MediaOption = Annotated[
    str, typer.Option(help="Video, or folder of frames: a path with {video_id}.")
]
Rate = Annotated[float, typer.Option(help="Frame rate of folders of frames.")]


@app.command()
def ego4d(
    annotations: Annotated[
        Path, typer.Option(help="fho_scod_<split>.json of v1, or fho_main.json of v2.")
    ],
    version: Release,
    split: Annotated[str, typer.Option(help="Split to read; of v1, that of the file.")],
    records: Annotated[Path, typer.Option(help="Table to write: one row per moment.")],
    objects: Annotated[Path, typer.Option(help="Table to write: one row per box.")],
    split_files: Annotated[
        list[Path] | None,
        typer.Option(help="v2: fho_lta_<split>.json, fho_oscc-pnr_<split>.json or both."),
    ] = None,
) -> None:
    """Read Ego4D's state-change annotations."""
    from wildframe.sources.ego4d import write_tables

    write_tables(annotations, split_files or [], version, split, records, objects)


@app.command()
def vid(
    root: Annotated[Path, typer.Option(help="Folder that holds Data/VID.")],
    annotations: Annotated[Path, typer.Option(help="Folder Annotations/VID/<split>.")],
    split: Annotated[Split, typer.Option(help="Split to read: train or val.")],
    videos: Videos,
    boxes: Boxes,
) -> None:
    """Read the annotations of an ILSVRC VID tree."""
    from wildframe.sources.vid import write_tables

    write_tables(root, annotations, split, videos, boxes)


@app.command()
def vid_published(
    pmsets: Annotated[Path, typer.Argument(help="JSON: the neighbours of each anchor.")],
    labels: Annotated[Path, typer.Argument(help="JSON: the indices of each frame's labels.")],
    output: Published,
) -> None:
    """Read the published sets of ImageNet-Vid-Robust."""
    from wildframe.sources.vid import write_published

    write_published(pmsets, labels, output)


@app.command()
def ytbb_published(
    anchors: Annotated[Path, typer.Argument(help="CSV: ytid,time_ms,label of each anchor.")],
    anchor_labels: Annotated[Path, typer.Argument(help="JSON: the reviews of anchors.")],
    pair_labels: Annotated[Path, typer.Argument(help="JSON: the reviews of pairs.")],
    output: Published,
) -> None:
    """Read the published sets of YTBB-Robust."""
    from wildframe.sources.ytbb import write_published

    write_published(anchors, anchor_labels, pair_labels, output)


@app.command()
def videos(
    root: Annotated[Path, typer.Option(help="Folder of the videos.")],
    labels: Annotated[Path, typer.Option(help="CSV: video,labels[,split].")],
    videos: Videos,
    boxes: Boxes,
    from_boxes: Annotated[
        Path | None, typer.Option(help="CSV: video,frame,wnid,x,y,width,height.")
    ] = None,
    label_space: NamesOption = None,
) -> None:
    """Read any folder of videos, with CSV files of labels and boxes."""
    from wildframe.sources.videos import VideosSource, write_tables

    settings = _settings(root=root, labels=labels, boxes=from_boxes, label_space=label_space)
    write_tables(VideosSource(kind="videos", **settings), videos, boxes)


@app.command()
def images(
    root: Annotated[Path, typer.Option(help="Folder of the images.")],
    images: Annotated[Path, typer.Option(help="Table to write: one row per image.")],
    labels: Annotated[
        Path | None, typer.Option(help="CSV: file,labels[,split]; without it, folders are classes.")
    ] = None,
    classes: Annotated[
        Path | None, typer.Option(help="CSV: folder,wnid of folders not named by their wnid.")
    ] = None,
    layout: Annotated[
        Layout | None, typer.Option(help="Published set that is laid out in its own way.")
    ] = None,
    label_space: NamesOption = None,
) -> None:
    """Read any folder of images, with a folder a class or a CSV file of labels."""
    from wildframe.sources.images import ImagesSource, write_table

    settings = _settings(
        root=root, labels=labels, classes=classes, layout=layout, label_space=label_space
    )
    write_table(ImagesSource(kind="images", **settings), images)


@app.command()
def kinetics(
    root: Root,
    clips: Clips,
    classes: ClipClasses,
    train: Train = None,
    val: Val = None,
    test: Test = None,
    class_names: Annotated[Path | None, typer.Option(help="CSV: id,name of the classes.")] = None,
    separator: Annotated[str, typer.Option(help="What separates path and label.")] = " ",
) -> None:
    """Read lists of videos of one action each, as Kinetics has."""
    from wildframe.sources.clip_lists import write_tables
    from wildframe.sources.kinetics import KineticsSource

    settings = _settings(
        root=root, train=train, val=val, test=test, class_names=class_names, separator=separator
    )
    write_tables(KineticsSource(kind="kinetics", **settings), clips, classes)


@app.command()
def charades_ego(
    root: Root,
    media: MediaOption,
    rate: Rate,
    clips: Clips,
    classes: ClipClasses,
    train: Train = None,
    val: Val = None,
    test: Test = None,
    class_names: Annotated[Path | None, typer.Option(help="Text: lines of class and name.")] = None,
) -> None:
    """Read the CSV files of Charades-Ego's version 1, or lists of its frames."""
    from wildframe.sources.charades_ego import CharadesEgoSource
    from wildframe.sources.clip_lists import write_tables

    settings = _settings(
        root=root, train=train, val=val, test=test, class_names=class_names, media=media, rate=rate
    )
    write_tables(CharadesEgoSource(kind="charades_ego", **settings), clips, classes)


@app.command()
def epic_kitchens(
    root: Root,
    media: MediaOption,
    rate: Rate,
    clips: Clips,
    classes: ClipClasses,
    train: Train = None,
    val: Val = None,
    test: Test = None,
    verb_classes: Annotated[Path | None, typer.Option(help="CSV of the verbs.")] = None,
    noun_classes: Annotated[Path | None, typer.Option(help="CSV of the nouns.")] = None,
) -> None:
    """Read the actions of EPIC-Kitchens-55 or -100: CSV files or pickled data frames."""
    from wildframe.sources.clip_lists import write_tables
    from wildframe.sources.epic_kitchens import EpicKitchensSource

    settings = _settings(
        root=root,
        train=train,
        val=val,
        test=test,
        verb_classes=verb_classes,
        noun_classes=noun_classes,
        media=media,
        rate=rate,
    )
    write_tables(EpicKitchensSource(kind="epic_kitchens", **settings), clips, classes)


@app.command()
def clips(
    root: Root,
    table: Annotated[Path, typer.Option(help="CSV: file[,start,stop,labels,...].")],
    clips: Clips,
    classes: ClipClasses,
    class_names: Annotated[Path | None, typer.Option(help="CSV: head,class,name.")] = None,
) -> None:
    """Read any folder of clips, with a CSV file of their labels."""
    from wildframe.sources.clip_lists import write_tables
    from wildframe.sources.clips_csv import ClipsCsvSource

    settings = _settings(root=root, clips=table, class_names=class_names)
    write_tables(ClipsCsvSource(kind="clips", **settings), clips, classes)


def _settings(**options: Path | str | float | None) -> dict[str, Any]:
    """Return options as settings of a source."""
    given = {
        name: str(value) if isinstance(value, Path) else value
        for name, value in options.items()
        if value is not None
    }
    return given | {"data_note": ""}


@app.command()
def shards(
    root: Annotated[Path, typer.Option(help="Folder of the Parquet files.")],
    images: Annotated[Path, typer.Option(help="Table to write: one row per image.")],
) -> None:
    """Read Parquet files whose rows hold images, as the Hugging Face hub keeps data sets."""
    from wildframe.sources.shards import write_table

    write_table(root, images)


@app.command()
def download_shards(
    root: Annotated[Path, typer.Option(help="Folder to fetch the files to, created if absent.")],
    repository: Annotated[str, typer.Option(help="Data set of the hub: owner/name.")],
    output: Annotated[Path, typer.Option(help="CSV file to write: the size of each file.")],
) -> None:
    """Fetch the Parquet files of a data set of the Hugging Face hub."""
    from wildframe.sources.hub import download as fetch

    print(fetch(repository, root, output))


@app.command()
def download(
    root: Annotated[Path, typer.Option(help="Folder of the publisher's files, created if absent.")],
    version: Release,
    split: Annotated[Split, typer.Option(help="Split whose videos are fetched: train or val.")],
    media: Annotated[Media, typer.Option(help="Which copies of the videos: clips, full_scale ...")],
    output: Annotated[Path, typer.Option(help="CSV file to write: the status of each video.")],
) -> None:
    """Fetch Ego4D's annotations and annotated videos with the publisher's own command."""
    from wildframe.sources.download import download as fetch
    from wildframe.sources.ego4d import Ego4dSource

    source = Ego4dSource(
        root=str(root), version=version, split=split, media=media, data_note="fetched"
    )
    print(fetch(source, output))


@app.command()
def demo(
    recipe: Annotated[Path, typer.Option(help="Folder that holds the recipe.")],
    python: Annotated[Path, typer.Option(help="Python of the recipe's own environment.")],
    hand: Annotated[Path, typer.Option(help="Model of the hand: right.glb.")],
    output: Annotated[Path, typer.Option(help="Folder to write the set into.")],
) -> None:
    """Render the demo set anew."""
    from wildframe.sources.demo import render

    render(recipe, python, hand, output)

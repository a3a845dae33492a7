"""``wildframe frames``: exact frames of videos."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from wildframe.core.choices import Encoding, ExportFormat, Resize
from wildframe.core.display import Format, FormatOption
from wildframe.core.options import Configs, Manifest, Shards, Statuses

app = typer.Typer()

Border = Annotated[int, typer.Option(min=0, help="Pixels to cut off each side of images in files.")]


@app.command()
def wanted(
    manifests: Annotated[list[Path], typer.Argument(help="Manifests of datasets of one source.")],
    shards: Annotated[int, typer.Option(min=1, help="Number of lists; a video is in one of them.")],
    folder: Annotated[Path, typer.Option(help="Folder to write <i>-of-<n>.csv to.")],
) -> None:
    """List the distinct frames of some datasets, by shard."""
    from wildframe.core.schemas import MANIFEST
    from wildframe.core.tables import iter_rows
    from wildframe.frames.wanted import COLUMNS, wanted_frames, write_wanted

    images = (row for path in manifests for row in iter_rows(path, MANIFEST, COLUMNS))
    for shard, frames in wanted_frames(images, shards).items():
        write_wanted(folder / f"{shard}.csv", frames)


@app.command()
def wanted_clips(
    manifest: Annotated[Path, typer.Argument(help="Clips of a dataset.")],
    shards: Annotated[int, typer.Option(min=1, help="Number of lists; a video is in one of them.")],
    folder: Annotated[Path, typer.Option(help="Folder to write <i>-of-<n>.csv to.")],
) -> None:
    """List where the clips of a dataset start and stop, by shard."""
    from wildframe.core.schemas import CLIPS
    from wildframe.core.tables import iter_rows
    from wildframe.frames.wanted import CLIP_COLUMNS, wanted_clips, write_wanted

    for shard, clips in wanted_clips(iter_rows(manifest, CLIPS, CLIP_COLUMNS), shards).items():
        write_wanted(folder / f"{shard}.csv", clips, CLIP_COLUMNS)


@app.command()
def extract(
    wanted: Annotated[Path, typer.Argument(help="List of the frames of one shard.")],
    root: Annotated[Path, typer.Option(help="Folder of the source, which media are relative to.")],
    output: Annotated[Path, typer.Option(help="Table to write: one row per frame.")],
    encoding: Annotated[Encoding, typer.Option(help="Encoding to write.")] = "jpeg",
    border: Border = 0,
) -> None:
    """Read the frames of one shard."""
    from wildframe.core.allocator import keep_freed_memory
    from wildframe.core.files import require_folder
    from wildframe.core.schemas import FRAMES
    from wildframe.core.tables import write_rows
    from wildframe.frames.extract import extract_frames
    from wildframe.frames.wanted import read_wanted

    require_folder(root, "correct sources.<name>.root in the config")
    keep_freed_memory()
    # An image of 4K has up to 10 MB: what holds a row group later has few of these.
    rows = extract_frames(read_wanted(wanted), root, encoding, border)
    config = {"root": root, "encoding": encoding, "border": border}
    write_rows(output, FRAMES, rows, config=config, batch_size=4)


@app.command()
def state(
    code: Annotated[str, typer.Option(help="Hash of the code that extracts.")],
    root: Annotated[str, typer.Option(help="Folder of the source.")],
    media: Annotated[str, typer.Option(help="Hash of names, sizes and times of its files.")],
    encoding: Annotated[Encoding, typer.Option(help="Encoding of the frames.")],
    output: Annotated[Path, typer.Option(help="JSON to write.")],
    border: Border = 0,
) -> None:
    """Record what decides how the frames of a source come out: collecting depends on it."""
    import json

    from wildframe.core.files import write_text

    found = {"code": code, "root": root, "media": media, "encoding": encoding, "border": border}
    write_text(output, json.dumps(found, indent=2, ensure_ascii=False) + "\n")


@app.command()
def collect(
    frames: Shards,
    manifest: Manifest,
    output: Annotated[Path, typer.Option(help="Table to write: one row per image.")],
    shown: Annotated[Path, typer.Option(help="Hash to write of what models are shown of them.")],
) -> None:
    """Write the frame of each image of a dataset and its status, without the images."""
    from wildframe.core.files import write_text
    from wildframe.core.schemas import STATUSES
    from wildframe.core.tables import write_rows
    from wildframe.frames.statuses import collect_statuses, shown_sha256, tell_other_shapes

    rows = collect_statuses(frames, manifest)
    write_rows(output, STATUSES, rows, config={"shards": [str(path) for path in frames]})
    write_text(shown, f"{shown_sha256(output, manifest)}\n")
    tell_other_shapes(output, manifest)


@app.command()
def show(
    statuses: Annotated[Path, typer.Argument(help="Table results/frames/<dataset>.parquet.")],
    everything: Annotated[
        bool, typer.Option("--all", help="Also list the images that could be read.")
    ] = False,
    fmt: FormatOption = Format.table,
) -> None:
    """List the images whose frames could not be read, and why."""
    from wildframe.core.display import show as print_rows
    from wildframe.frames import read_statuses

    rows = [row for row in read_statuses(statuses) if everything or row["status"] != "ok"]
    print_rows(rows, ["image_id", "status", "route", "pts", "detail"], fmt)


@app.command()
def clips(
    wanted: Annotated[Path, typer.Argument(help="List of the clips of one shard.")],
    root: Annotated[Path, typer.Option(help="Folder of the source, which media are relative to.")],
    stride: Annotated[int, typer.Option(min=1, help="Keep every n-th frame.")],
    size: Annotated[int, typer.Option(min=1, help="Shorter side of the kept frames, in pixels.")],
    output: Annotated[Path, typer.Option(help="Arrow file to write: one row per clip.")],
) -> None:
    """Decode the clips of one shard, and keep their frames at the size of training."""
    from wildframe.frames.clips import write_kept
    from wildframe.frames.wanted import read_wanted_clips

    write_kept([*read_wanted_clips(wanted)], root, stride, size, output)


@app.command()
def show_clips(
    shards: Annotated[
        list[Path], typer.Argument(help="Kept clips: frames/clips/<dataset>/*.arrow")
    ],
    everything: Annotated[
        bool, typer.Option("--all", help="Also list the clips that could be read.")
    ] = False,
    fmt: FormatOption = Format.table,
) -> None:
    """List the clips that could not be read, and why."""
    from wildframe.core.display import show as print_rows
    from wildframe.frames.kept import clip_statuses

    rows = [row for row in clip_statuses(shards) if everything or row["status"] != "ok"]
    print_rows(rows, ["clip_id", "status", "frames", "detail"], fmt)


@app.command()
def preprocess(
    outputs: Annotated[
        list[Path],
        typer.Argument(
            help="Arrow files to write, each named by its preprocessing: "
            "resize256-crop224-bicubic-center.arrow."
        ),
    ],
    frames: Annotated[list[Path], typer.Option(help="All shards of the source's frames.")],
    statuses: Statuses,
    manifest: Manifest,
    view: Annotated[str, typer.Option(help='View as JSON: {"kind": "box", "margin": 0.1}.')],
    resize: Annotated[
        Resize,
        typer.Option(help="exact: as PIL and timm; fast: some values differ by 1 or 2 of 255."),
    ] = "exact",
) -> None:
    """Preprocess all images once, for all models that share a preprocessing.

    Each image is decoded once for all files. The first 16 are also in a file beside each of them,
    <name>.sample.arrow.
    """
    from wildframe.frames.preprocessing import Preprocessing, Shown, write_preprocessed
    from wildframe.frames.views import parse_view

    shown = Shown(frames, statuses, manifest, parse_view(view))
    made = {Preprocessing.parse(path.stem): path for path in outputs}
    write_preprocessed(shown, made, resize)


@app.command()
def export(
    dataset: Annotated[str, typer.Argument(help="Dataset of the config.")],
    fmt: Annotated[ExportFormat, typer.Option("--format", help="Layout of the folder.")],
    output: Annotated[Path, typer.Option(help="Folder to write.")],
    config: Configs = None,
    with_images: Annotated[
        bool,
        typer.Option(
            " /--no-images",
            help="Leave the images out: ids, labels, boxes and hashes remain.",
            show_default=False,
        ),
    ] = True,
    limit: Annotated[
        int | None,
        typer.Option(min=1, help="Images at most, of different clips as far as there are such."),
    ] = None,
    hard: Annotated[
        Path | None, typer.Option(help="Only the images that are hard by this table.")
    ] = None,
    reviews: Annotated[
        Path | None,
        typer.Option(
            help="Only the images that this review accepted; by default the run's, of sets. Of "
            "hard images, without those that each was reviewed beside."
        ),
    ] = None,
    split: Annotated[
        Path | None, typer.Option(help="Split of the dataset: parts train and val, not test.")
    ] = None,
    preprocessing: Annotated[
        str | None,
        typer.Option(
            help="Images as models are shown them, without boxes: the preprocessing that "
            "`wildframe models show` prints, such as resize256-crop224-bicubic-center."
        ),
    ] = None,
    view: Annotated[
        str | None,
        typer.Option(
            help='With it, the view as JSON: {"kind": "box", "margin": 0.1}; else whole images.'
        ),
    ] = None,
    frames: Annotated[
        list[Path] | None, typer.Option(help="Shards of its frames; by default the run's.")
    ] = None,
    statuses: Annotated[
        Path | None, typer.Option(help="Statuses of its images; by default the run's.")
    ] = None,
    manifest: Annotated[Path | None, typer.Option(help="Its manifest; by default the run's.")] = (
        None
    ),
    classes: Annotated[
        Path | None, typer.Option(help="Table of classes; by default the run's.")
    ] = None,
    data_note: Annotated[
        str | None, typer.Option(help="What the data card says about the data; else the config's.")
    ] = None,
) -> None:
    """Write a dataset as a folder that others read: images, labels, boxes, provenance and a card.

    imagefolder: a folder a class. hf: Parquet files of the Hugging Face hub, which sources of kind
    shards read. webdataset: tar files. coco: COCO's JSON. fiftyone: written by FiftyOne.
    """
    from wildframe.core.errors import UserError
    from wildframe.core.run import DatasetRun
    from wildframe.frames.export import ExportFiles, ShownTo, export_dataset, has_sets, shards_of
    from wildframe.frames.preprocessing import Preprocessing
    from wildframe.frames.views import parse_view

    if view and not preprocessing:
        raise UserError("--view: images are exported as models see them by --preprocessing; add it")
    run = DatasetRun(dataset, config or [])
    statuses = statuses or run.file(f"frames/{dataset}.parquet")
    manifest = manifest or run.file(f"manifests/{dataset}.parquet")
    if reviews is None and has_sets(manifest):
        reviews = run.file(f"reviews/{dataset}.parquet")
    files = ExportFiles(
        manifest,
        statuses,
        frames or shards_of(statuses),
        classes or run.file("labels/classes.parquet"),
        hard,
        reviews,
        split,
    )
    shown = None
    if preprocessing:
        seen = parse_view(view or '{"kind": "full"}')
        # What is cut from the frames whenever a model runs is resized exactly.
        resize: Resize = "exact" if seen.streams else run.resize
        shown = ShownTo(seen, Preprocessing.parse(preprocessing), resize)
    count = export_dataset(
        files,
        fmt,
        data_note or run.data_note,
        output,
        limit=limit,
        shown=shown,
        with_images=with_images,
    )
    print(f"{output}: {count} images")


@app.command()
def crops(
    width: Annotated[int, typer.Argument(min=1, help="Width of an image in pixels.")],
    height: Annotated[int, typer.Argument(min=1, help="Its height.")],
    view: Annotated[Literal["zoom"], typer.Option(help="Kind of the view: zoom.")] = "zoom",
    grid: Annotated[
        str, typer.Option(help="Sizes: paper, small, or numbers such as 224,256.")
    ] = "paper",
    fmt: FormatOption = Format.table,
) -> None:
    """List the crops that a view shows of an image: where each is in the resized image.

    Left and top are in pixels of the resized image, negative where a crop juts out of it.
    """
    from dataclasses import asdict, fields

    from wildframe.core.display import show as print_rows
    from wildframe.frames.views.zoom import ZoomCrop, parse_grid, zoom_crops

    columns = [field.name for field in fields(ZoomCrop)]
    rows = [asdict(crop) for crop in zoom_crops(width, height, parse_grid(grid).sizes)]
    print_rows(rows, columns, fmt)


@app.command()
def get(
    video: Annotated[Path, typer.Argument(help="Video file.")],
    numbers: Annotated[list[int], typer.Argument(metavar="N...", help="Frame numbers, 0-based.")],
    output: Annotated[Path, typer.Option(help="Folder to write <N>.png to.")],
    rate: Annotated[
        str | None,
        typer.Option(
            help="Number frames on the time grid of this rate from the stream's start (Ego4D: "
            "30), instead of counting frames."
        ),
    ] = None,
) -> None:
    """Write exact frames of a video as PNG files."""
    from wildframe.core.errors import UserError
    from wildframe.core.files import atomic_path
    from wildframe.core.rates import rate_option
    from wildframe.frames.decode import iter_frames
    from wildframe.frames.png import encode_png

    grid = None if rate is None else rate_option(rate)
    failed = []
    for frame in iter_frames(video, sorted(set(numbers)), rate=grid):
        if frame.image is None:
            failed.append(f"{frame.number}: {frame.detail}")
            continue
        path = output / f"{frame.number}.png"
        with atomic_path(path) as temporary:
            temporary.write_bytes(encode_png(frame.image))
        print(path)
    if failed:
        raise UserError(f"{video}: some frames are missing ({'; '.join(failed)})")


@app.command()
def audit(
    folder: Annotated[Path, typer.Argument(help="Folder of videos, searched with all in it.")],
    numbers: Annotated[
        Path | None,
        typer.Option("--csv", help="Numbers of frames to check: a CSV file video,frame."),
    ] = None,
    fmt: FormatOption = Format.table,
) -> None:
    """List what is odd about videos, and about numbers of their frames; decodes all of them."""
    from wildframe.core.display import show as print_rows
    from wildframe.frames.audit import audit as audit_videos

    print_rows(audit_videos(folder, numbers), ["video", "oddity", "detail"], fmt)

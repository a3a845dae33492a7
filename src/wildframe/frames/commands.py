"""``wildframe frames``: exact frames of videos."""

import re
from pathlib import Path
from typing import Annotated

import typer

from wildframe.core.choices import Encoding
from wildframe.core.display import Format, FormatOption

app = typer.Typer()

Shards = Annotated[list[Path], typer.Argument(help="Shards of the frames table.")]
Manifest = Annotated[Path, typer.Option(help="Manifest of the dataset.")]
Table = Annotated[Path, typer.Option(help="Table to write: one row per image.")]


@app.command()
def extract(
    manifest: Manifest,
    root: Annotated[Path, typer.Option(help="Folder of the source, which media are relative to.")],
    shard: Annotated[str, typer.Option(help="Part of the manifest: <i>-of-<n>.")],
    output: Table,
    encoding: Annotated[Encoding, typer.Option(help="Encoding to write.")] = "jpeg",
) -> None:
    """Read the frames of one shard of a manifest."""
    from wildframe.core.errors import UserError
    from wildframe.core.schemas import FRAMES, MANIFEST
    from wildframe.core.tables import iter_rows, write_rows
    from wildframe.frames.extract import extract_shard

    match = re.fullmatch(r"(0|[1-9][0-9]{0,3})-of-([1-9][0-9]{0,3})", shard)
    if match is None or int(match[1]) >= int(match[2]):
        raise UserError(f"{shard}: a shard is named <i>-of-<n> with i below n, such as 0-of-4")
    if not root.is_dir():
        raise UserError(f"{root}: no such folder; correct sources.<name>.root in the config")
    rows = extract_shard(iter_rows(manifest, MANIFEST), root, shard, int(match[2]), encoding)
    # A decoded image is large: few rows are held at a time.
    config = {"root": root, "shard": shard, "encoding": encoding}
    write_rows(output, FRAMES, rows, config=config, batch_size=32)


@app.command()
def collect(frames: Shards, output: Table) -> None:
    """Write the status of each image of a dataset, without the images."""
    from wildframe.core.schemas import FRAMES, STATUSES
    from wildframe.core.tables import read_table, write_rows

    columns = STATUSES.schema.names
    rows = [row for path in frames for row in read_table(path, FRAMES, columns).to_pylist()]
    write_rows(output, STATUSES, sorted(rows, key=lambda row: row["image_id"]))


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
def preprocess(
    frames: Shards,
    manifest: Manifest,
    view: Annotated[str, typer.Option(help='View as JSON: {"kind": "box", "margin": 0.1}.')],
    preprocessing: Annotated[str, typer.Option(help="Such as resize256-crop224-bicubic-center.")],
    output: Annotated[Path, typer.Option(help="Arrow file to write.")],
) -> None:
    """Preprocess all images once, for all models of one preprocessing."""
    from wildframe.frames.preprocessing import Preprocessing, write_preprocessed
    from wildframe.frames.views import parse_view

    shown = parse_view(view), Preprocessing.parse(preprocessing)
    write_preprocessed(frames, manifest, *shown, output)


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
    from wildframe.frames.decode import read_frames
    from wildframe.frames.encode import encode
    from wildframe.frames.extract import AT_A_TIME

    grid = None if rate is None else rate_option(rate)
    wanted = sorted(set(numbers))
    failed = []
    for start in range(0, len(wanted), AT_A_TIME):
        for frame in read_frames(video, wanted[start : start + AT_A_TIME], rate=grid):
            if frame.image is None:
                failed.append(f"{frame.number}: {frame.detail}")
                continue
            path = output / f"{frame.number}.png"
            with atomic_path(path) as temporary:
                temporary.write_bytes(encode(frame.image, "png"))
            print(path)
    if failed:
        raise UserError(f"{video}: some frames are missing ({'; '.join(failed)})")

"""``wildframe reviews``: which frames near an anchor show the same."""

from pathlib import Path
from typing import Annotated

import typer

from wildframe.core.choices import Review, Targets, Unreadable
from wildframe.core.display import Format, FormatOption

app = typer.Typer(help="Which frames near an anchor show the same.", no_args_is_help=True)

Sets = Annotated[Path, typer.Option(help="Sets of the dataset.")]
Shards = Annotated[list[Path], typer.Argument(help="Shards of the frames table.")]


@app.command()
def serve(
    frames: Shards,
    sets: Sets,
    manifest: Annotated[Path, typer.Option(help="Manifest of the dataset.")],
    classes: Annotated[Path, typer.Option(help="Classes, which name the labels.")],
    decisions: Annotated[Path, typer.Option(help="Folder of the reviewers' files; kept.")],
    annotator: Annotated[str, typer.Option(help="Your name; <name>.csv is your file.")],
    round_: Annotated[
        int,
        typer.Option("--round", min=1, max=2, help="2: what round 1 did not accept, by everybody."),
    ] = 1,
    part: Annotated[
        str, typer.Option(help="Your part of round 1: <i>-of-<n>, such as 1-of-4.")
    ] = "1-of-1",
    targets: Annotated[
        Targets | None,
        typer.Option("--label-space", help="Name labels as these classes are named."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Decides the order of pairs.")] = 0,
    host: Annotated[str, typer.Option(help="Only this machine itself.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: any that is free.")] = 0,
    browser: Annotated[bool, typer.Option(help="Open the page in a browser.")] = True,
) -> None:
    """Review pairs of an anchor and a frame near it, one at a time, in a browser.

    Every decision is on the disk before the page goes on. Stop with Ctrl-C and start again as you
    like: the page goes on where you stopped.
    """
    import os
    import sys
    import webbrowser

    from wildframe.core.errors import UserError
    from wildframe.reviews import counted
    from wildframe.reviews.server import make_app, make_local_server
    from wildframe.reviews.serving import open_review

    if round_ == 2 and part != "1-of-1":
        raise UserError(f"--part {part}: everybody judges all pairs of round 2; leave it out")
    with open_review(
        frames, sets, manifest, classes, decisions, annotator, round_, part, targets, seed
    ) as review:
        server = make_local_server(make_app(review), host, port)
        address = f"http://{host}:{server.server_port}/"
        left = len(review.pairs) - len(review.decided)
        print(f"Left: {left} of {counted(len(review.pairs))}. Your decisions: {review.file.path}")
        print(f"The page: {address} (Ctrl-C stops it)")
        sys.stdout.flush()
        # Without a display a text browser would take the terminal.
        has_display = sys.platform == "darwin" or {"DISPLAY", "WAYLAND_DISPLAY"} & os.environ.keys()
        if browser and has_display:
            webbrowser.open(address)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print()
        finally:
            server.server_close()


@app.command()
def similarity(
    frames: Shards,
    sets: Sets,
    output: Annotated[Path, typer.Option(help="Table to write: one row per candidate.")],
) -> None:
    """Measure how similar each candidate looks to its anchor, for review without people."""
    from wildframe.core.schemas import SIMILARITIES
    from wildframe.core.tables import write_rows
    from wildframe.reviews.consensus import read_sets
    from wildframe.reviews.similarity import iter_similarities

    write_rows(output, SIMILARITIES, iter_similarities(frames, read_sets(sets)))


@app.command()
def consensus(
    sets: Sets,
    statuses: Annotated[Path, typer.Option(help="What became of each image.")],
    review: Annotated[
        Review,
        typer.Option(
            help="Who decides: none (all are in), auto (by similarity) or human (by decisions; "
            "without --decisions the sets are as their publisher reviewed them)."
        ),
    ],
    output: Annotated[Path, typer.Option(help="Table to write: one row per frame of a set.")],
    unreadable: Annotated[
        Unreadable,
        typer.Option(help="Frames that cannot be read: refuse, drop_frames or drop_sets."),
    ] = "refuse",
    decisions: Annotated[
        Path | None, typer.Option(help="Folder of the reviewers' files, for human.")
    ] = None,
    similarities: Annotated[
        Path | None, typer.Option("--similarities", help="Table of similarities, for auto.")
    ] = None,
    threshold: Annotated[
        float | None, typer.Option(min=0, max=1, help="Least similarity, for auto.")
    ] = None,
) -> None:
    """Decide which frames of sets are examined, and say why the others are not."""
    from wildframe.core.schemas import REVIEWS
    from wildframe.core.tables import write_rows
    from wildframe.reviews.deciding import decide

    rows = decide(sets, statuses, review, unreadable, decisions, similarities, threshold)
    choices = {"review": review, "unreadable": unreadable, "threshold": threshold}
    write_rows(output, REVIEWS, rows, config=choices, facts={"review": review})
    anchors = [row for row in rows if row["anchor_id"] == row["image_id"]]
    kept = sum(row["accepted"] for row in anchors)
    candidates = sum(row["accepted"] for row in rows) - kept
    print(
        f"{kept} of {len(anchors)} sets, {candidates} of {len(rows) - len(anchors)} candidates "
        f"are in (review: {review})"
    )


@app.command()
def export(
    reviews: Annotated[Path, typer.Argument(help="Reviews of the dataset.")],
    manifest: Annotated[Path, typer.Option(help="Manifest of the dataset.")],
    targets: Annotated[Targets, typer.Option("--label-space", help="What labels are indices of.")],
    pmsets: Annotated[Path, typer.Option(help="JSON to write: the frames near each anchor.")],
    labels: Annotated[Path, typer.Option(help="JSON to write: the labels of each frame.")],
) -> None:
    """Write the sets that are examined as ImageNet-Vid-Robust is published."""
    from wildframe.reviews.export import write_published

    write_published(reviews, manifest, targets, pmsets, labels)


@app.command()
def summary(
    reviews: Annotated[Path, typer.Argument(help="Reviews of the dataset.")],
    decisions: Annotated[
        Path | None, typer.Option(help="Folder of the reviewers' files, where there is one.")
    ] = None,
    fmt: FormatOption = Format.table,
) -> None:
    """Show what a review came to: what is in, why not, who judged, and how far they agree."""
    from wildframe.core.display import show
    from wildframe.core.schemas import REVIEWS
    from wildframe.core.tables import read_table
    from wildframe.reviews.agreement import review_summary
    from wildframe.reviews.deciding import read_folder

    found = {} if decisions is None else read_folder(decisions)
    rows = review_summary(read_table(reviews, REVIEWS).to_pylist(), found)
    show([dict(zip(("item", "value"), row, strict=True)) for row in rows], ["item", "value"], fmt)

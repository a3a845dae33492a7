"""``wildframe reviews``: which neighbours look like their anchor."""

from pathlib import Path
from typing import Annotated

import typer

from wildframe.core.choices import Review, Targets, Unreadable
from wildframe.core.display import Format, FormatOption
from wildframe.core.options import Shards, Statuses

app = typer.Typer()

Sets = Annotated[Path, typer.Option(help="Sets of the dataset.")]


@app.command()
def serve(
    frames: Shards,
    statuses: Statuses,
    sets: Sets,
    manifest: Annotated[Path, typer.Option(help="Manifest of the dataset.")],
    classes: Annotated[Path, typer.Option(help="Classes, which name the labels.")],
    decisions: Annotated[
        Path, typer.Option(help="Folder of the reviewers' files, which are appended to.")
    ],
    annotator: Annotated[str, typer.Option(help="Your name; <name>.csv is your file.")],
    round_: Annotated[
        int,
        typer.Option(
            "--round", min=1, max=2, help="2: all reviewers, on pairs that round 1 did not accept."
        ),
    ] = 1,
    part: Annotated[
        str, typer.Option(help="Your part of round 1: <i>-of-<n>, such as 1-of-4.")
    ] = "1-of-1",
    targets: Annotated[
        Targets | None,
        typer.Option("--label-space", help="Label space to name labels by."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of the order of pairs.")] = 0,
    host: Annotated[
        str, typer.Option(help="Address; only this machine's own is allowed.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0: any that is free.")] = 0,
    browser: Annotated[bool, typer.Option(help="Open the page in a browser.")] = True,
) -> None:
    """Review pairs of an anchor and a neighbour, one at a time, in a browser.

    Every decision is on disk before the page goes on. Stop with Ctrl-C and start again at any
    time: the page continues where you stopped.
    """
    import os
    import sys
    import webbrowser

    from wildframe.core.errors import UserError
    from wildframe.reviews import counted
    from wildframe.reviews.server import make_app, make_local_server
    from wildframe.reviews.serving import open_review

    if round_ == 2 and part != "1-of-1":
        raise UserError(f"--part {part}: everybody reviews all pairs of round 2; drop it")
    with open_review(
        *(frames, statuses, sets, manifest, classes, decisions),
        *(annotator, round_, part, targets, seed),
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
def candidates(
    hard: Annotated[Path, typer.Argument(help="Table of hard images.")],
    predictions: Annotated[
        Path,
        typer.Option(
            help="Predictions on whole images of the model whose logits say what is alike."
        ),
    ],
    manifest: Annotated[Path, typer.Option(help="Manifest of the dataset.")],
    output: Annotated[Path, typer.Option(help="Sets to write: hard images with neighbours.")],
    neighbours: Annotated[int, typer.Option(min=1, help="Neighbours of each hard image.")] = 1,
) -> None:
    """List hard images for review, each with the images of the dataset that are most like it."""
    from wildframe.core.schemas import NEAREST, PREDICTIONS, SETS
    from wildframe.core.tables import model_of, write_rows
    from wildframe.reviews.curation import candidate_sets

    rows = candidate_sets(hard, predictions, manifest, neighbours)
    facts = {NEAREST: model_of(predictions, PREDICTIONS)}
    write_rows(output, SETS, rows, config={"neighbours": neighbours}, facts=facts)
    print(f"{sum(row['offset'] == 0 for row in rows)} hard images are listed")


@app.command()
def similarity(
    frames: Shards,
    statuses: Statuses,
    sets: Sets,
    output: Annotated[Path, typer.Option(help="Table to write: one row per candidate.")],
) -> None:
    """Measure how similar each candidate looks to its anchor, for review without people."""
    from wildframe.core.schemas import SIMILARITIES
    from wildframe.core.tables import write_rows
    from wildframe.reviews.consensus import read_sets
    from wildframe.reviews.similarity import iter_similarities

    write_rows(output, SIMILARITIES, iter_similarities(frames, statuses, read_sets(sets)))


@app.command()
def consensus(
    sets: Sets,
    statuses: Statuses,
    manifest: Annotated[
        Path, typer.Option(help="Manifest of the dataset, which tells the videos of files.")
    ],
    review: Annotated[
        Review,
        typer.Option(
            help="How neighbours are excluded: none (all are kept), auto (by similarity), human "
            "(by decisions; without --decisions by the publisher's own review) or script (by "
            "decisions that a program made)."
        ),
    ],
    output: Annotated[Path, typer.Option(help="Table to write: one row per frame of a set.")],
    unreadable: Annotated[
        Unreadable,
        typer.Option(help="What to do about unreadable frames: refuse, drop_frames or drop_sets."),
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
    rounds: Annotated[
        int,
        typer.Option(min=1, max=2, help="Rounds; with 1, what round 1 rejects stays rejected."),
    ] = 2,
) -> None:
    """Decide which frames of sets are evaluated, and why the others are not."""
    import json

    from wildframe.core.schemas import COPIES, MANIFEST, NEAREST, REVIEWS, SETS
    from wildframe.core.tables import read_facts, read_table, write_rows
    from wildframe.frames.copies import read_copies
    from wildframe.reviews.deciding import decide

    rows = decide(
        sets,
        statuses,
        review,
        unreadable,
        decisions,
        similarities,
        threshold,
        rounds,
    )
    choices = {"review": review, "unreadable": unreadable, "threshold": threshold}
    facts = {name: by for name, by in read_facts(sets, SETS).items() if name == NEAREST}
    images = read_table(manifest, MANIFEST, ["image_id", "video_id"]).to_pylist()
    if copies := read_copies(statuses, images):
        facts[COPIES] = json.dumps(copies)
    write_rows(output, REVIEWS, rows, config=choices, facts={"review": review, **facts})
    anchors = [row for row in rows if row["anchor_id"] == row["image_id"]]
    kept = sum(row["accepted"] for row in anchors)
    candidates = sum(row["accepted"] for row in rows) - kept
    print(
        f"{kept} of {len(anchors)} sets, {candidates} of {len(rows) - len(anchors)} candidates "
        f"are accepted (review: {review})"
    )


@app.command("next")
def next_step(
    sets: Annotated[list[Path], typer.Option(help="Sets of each dataset.")] = [],  # noqa: B006
    statuses: Annotated[list[Path], typer.Option(help="Statuses of its images.")] = [],  # noqa: B006
    decisions: Annotated[list[Path], typer.Option(help="Folder of its reviewers' files.")] = [],  # noqa: B006
    rounds: Annotated[list[int], typer.Option(min=1, max=2, help="Its rounds of review.")] = [],  # noqa: B006
    output: Annotated[Path | None, typer.Option(help="File to write instead of printing.")] = None,
) -> None:
    """Say which pairs of datasets wait for whom, and the command to review them with."""
    from wildframe.core.errors import UserError
    from wildframe.core.files import write_text
    from wildframe.reviews import deciding

    if not sets:
        raise UserError(
            "no dataset of the run is reviewed by people; in the config, give one of kind sets "
            "`review: human` and a folder of `decisions`"
        )
    if len({len(given) for given in (sets, statuses, decisions, rounds)}) > 1:
        raise UserError("give --sets, --statuses, --decisions and --rounds once for each dataset")
    files = zip(sets, statuses, decisions, rounds, strict=True)
    said = "".join(f"{of_one[0]}: {deciding.next_step(*of_one)}\n" for of_one in files)
    if output:
        write_text(output, said)
    else:
        print(said, end="")


@app.command()
def export(
    reviews: Annotated[Path, typer.Argument(help="Reviews of the dataset.")],
    manifest: Annotated[Path, typer.Option(help="Manifest of the dataset.")],
    targets: Annotated[Targets, typer.Option("--label-space", help="Label space of the indices.")],
    pmsets: Annotated[Path, typer.Option(help="JSON to write: the neighbours of each anchor.")],
    labels: Annotated[Path, typer.Option(help="JSON to write: the labels of each frame.")],
) -> None:
    """Write the accepted sets in the format of ImageNet-Vid-Robust."""
    from wildframe.reviews.export import write_published

    write_published(reviews, manifest, targets, pmsets, labels)


@app.command()
def summary(
    reviews: Annotated[Path, typer.Argument(help="Reviews of the dataset.")],
    decisions: Annotated[
        Path | None, typer.Option(help="Folder of the reviewers' files, if any.")
    ] = None,
    fmt: FormatOption = Format.table,
) -> None:
    """Summarise a review: accepted sets and pairs, reasons, reviewers and their agreement."""
    from wildframe.core.display import show
    from wildframe.core.files import require_folder
    from wildframe.core.schemas import REVIEWS
    from wildframe.core.tables import read_facts, read_table
    from wildframe.reviews.agreement import review_summary
    from wildframe.reviews.deciding import read_folder

    reviewed = read_table(reviews, REVIEWS).to_pylist()
    remedy = "name the folder of the reviewers' files"
    found = read_folder(require_folder(decisions, remedy), reviewed) if decisions else {}
    rows = review_summary(reviewed, found, read_facts(reviews, REVIEWS)["review"])
    show([dict(zip(("item", "value"), row, strict=True)) for row in rows], ["item", "value"], fmt)

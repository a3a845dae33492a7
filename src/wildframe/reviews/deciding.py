"""From the files of a review to its rows."""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from shlex import quote

from wildframe.core.choices import DECIDED, Review, Unreadable
from wildframe.core.errors import UserError
from wildframe.core.schemas import SETS, SIMILARITIES, STATUSES
from wildframe.core.tables import Row, read_facts, read_table
from wildframe.frames import read_statuses
from wildframe.reviews import decision_files, pair_of
from wildframe.reviews.consensus import (
    ACCEPTED,
    by_people,
    by_similarity,
    counting,
    read_sets,
    review_rows,
    unreadable_rows,
)
from wildframe.reviews.decisions import Decisions, Pair, read_decisions

_TOLD = 20
"""Unreadable images that are named one by one."""


def read_folder(folder: Path, sets: Sequence[Row]) -> Decisions:
    """Read the decisions of a folder, which may not exist, that count.

    Incomplete lines, and decisions under other labels, are printed as notes.

    Args:
        folder: Folder of the reviewers' files.
        sets: Rows of SETS, or of REVIEWS.

    Raises:
        UserError: A file of the folder is invalid, or decisions are on other sets.
    """
    found, notes = read_decisions(decision_files(folder))
    decisions, old = counting(found, sets)
    for note in (*notes, *old):
        print(f"NOTE: {note}", file=sys.stderr)
    return decisions


def decide(
    sets: Path,
    statuses: Path,
    review: Review,
    unreadable: Unreadable,
    decisions: Path | None,
    similarities: Path | None,
    threshold: float | None,
    rounds: int = 2,
) -> list[Row]:
    """Return the rows of REVIEWS.

    Args:
        sets: SETS of the dataset.
        statuses: STATUSES of the dataset.
        review: How neighbours are excluded.
        unreadable: What to do with unreadable frames.
        decisions: Folder of the reviewers' files, for ``human`` and ``script``; None for published
            sets.
        similarities: SIMILARITIES of the sets, for ``auto``.
        threshold: Least similarity, for ``auto``.
        rounds: How often pairs that were not accepted are reviewed.

    Raises:
        UserError: Options or tables do not fit together, pairs are still to be reviewed, frames
            are unreadable and that is refused, or no set is left.
    """
    _require_options(review, decisions, similarities, threshold)
    rows = read_sets(sets)
    status = {row["image_id"]: _status(row) for row in read_statuses(statuses)}
    out = unreadable_rows(rows, status, unreadable)
    _tell(out, status)
    if decisions is not None:
        found = read_folder(decisions, rows)
        decide_pair, bad = by_people(
            _left(rows, out), found, _serve(sets, statuses, decisions), rounds
        )
        return review_rows(rows, out, decide_pair, bad)
    if similarities is not None and threshold is not None:
        measured = _read_similarities(similarities)
        return review_rows(rows, out, by_similarity(measured, threshold))
    return review_rows(rows, out, lambda _pair: ACCEPTED)


def next_step(sets: Path, statuses: Path, decisions: Path, rounds: int) -> str:
    """Return what is to be done next in a review, in words; a command names how.

    Args:
        sets: SETS of the dataset.
        statuses: STATUSES of the dataset.
        decisions: Folder of the reviewers' files.
        rounds: How often pairs that were not accepted are reviewed.

    Raises:
        UserError: A file is absent or invalid, or decisions are on other sets.
    """
    rows = read_sets(sets)
    status = {row["image_id"]: _status(row) for row in read_statuses(statuses)}
    # What cannot be shown is not waited for, whatever the dataset makes of it.
    left = _left(rows, unreadable_rows(rows, status, "drop_frames"))
    found = read_folder(decisions, rows)
    try:
        by_people(left, found, _serve(sets, statuses, decisions), rounds)
    except UserError as error:
        return str(error)
    return "all pairs are decided; run snakemake as before"


def _left(rows: Sequence[Row], unreadable: Mapping[Pair, str]) -> list[Row]:
    return [row for row in rows if pair_of(row) not in unreadable]


def _serve(sets: Path, statuses: Path, decisions: Path) -> str:
    """Return the command that reviews sets, up to the reviewer's name.

    The other files lie around these if the workflow made them; else the user has to fill them in.
    """
    # Hard images are sets beside their reviews, but of the manifest of a dataset.
    results = statuses.parent.parent
    others = {
        "manifest": results / "manifests" / statuses.name,
        "classes": results / "labels" / "classes.parquet",
    }
    words = [_shards(statuses), f"--statuses {quote(str(statuses))}", f"--sets {quote(str(sets))}"]
    for name, path in others.items():
        words.append(f"--{name} {quote(str(path)) if path.is_file() else name.upper()}")
    targets = json.loads(read_facts(sets, SETS)["config"]).get("targets")
    words += [f"--label-space {quote(targets)}"] if targets else []
    words.append(f"--decisions {quote(str(decisions))} --annotator")
    return f"wildframe reviews serve {' '.join(words)}"


def _shards(statuses: Path) -> str:
    """Return the shards that statuses are of, for a shell, if they are still there."""
    shards = json.loads(read_facts(statuses, STATUSES)["config"]).get("shards", [])
    folders = {Path(path).parent for path in shards}
    if len(folders) != 1 or not all(Path(path).is_file() for path in shards):
        return "FRAMES..."
    # The shell expands the star, which must not be quoted.
    return f"{quote(str(folders.pop()))}/*.parquet"


def _status(row: Row) -> str:
    """Return an image's status with its detail."""
    return f"{row['status']} ({row['detail']})" if row["detail"] else str(row["status"])


def _tell(out: Mapping[Pair, str], status: Mapping[str, str]) -> None:
    """Name the unreadable images on standard error."""
    broken = sorted({image for (_, image), reason in out.items() if reason == "unreadable"})
    for image in broken[:_TOLD]:
        print(f"{image} is dropped: {status[image]}", file=sys.stderr)
    if len(broken) > _TOLD:
        print(f"{len(broken)} images in total are unreadable", file=sys.stderr)


def _require_options(
    review: Review, decisions: Path | None, similarities: Path | None, threshold: float | None
) -> None:
    if decisions is not None and review not in DECIDED:
        raise UserError(
            f"--decisions is for --review {' or '.join(DECIDED)}, not {review}; drop it"
        )
    if decisions is None and review == "script":
        raise UserError("--review script needs --decisions, the folder that the program wrote")
    given = {"--similarities": similarities, "--threshold": threshold}
    for option, value in given.items():
        if (value is not None) != (review == "auto"):
            verb = "needs" if review == "auto" else "has no use for"
            raise UserError(f"--review {review} {verb} {option}")


def _read_similarities(path: Path) -> Mapping[Pair, float]:
    rows = read_table(path, SIMILARITIES).to_pylist()
    return {pair_of(row): row["similarity"] for row in rows}

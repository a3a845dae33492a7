"""From the files of a review to its rows: what belongs together is read and held together."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from shlex import quote

from wildframe.core.choices import Review, Unreadable
from wildframe.core.errors import UserError
from wildframe.core.schemas import SETS, SIMILARITIES
from wildframe.core.tables import Row, read_facts, read_table
from wildframe.frames import read_statuses
from wildframe.reviews import decision_files
from wildframe.reviews.consensus import (
    ACCEPTED,
    by_people,
    by_similarity,
    read_sets,
    require_known,
    review_rows,
    unreadable_rows,
)
from wildframe.reviews.decisions import Decision, Key, Pair, read_decisions

_TOLD = 20
"""Images that cannot be read that are named one by one."""


def read_folder(folder: Path) -> dict[Key, Decision]:
    """Read the decisions of a folder, which may not be there yet.

    Lines that broke off are told on standard error.

    Raises:
        UserError: A file of the folder is something else.
    """
    decisions, told = read_decisions(decision_files(folder))
    for sentence in told:
        print(f"NOTE: {sentence}", file=sys.stderr)
    return decisions


def decide(
    sets: Path,
    statuses: Path,
    review: Review,
    unreadable: Unreadable,
    decisions: Path | None,
    similarities: Path | None,
    threshold: float | None,
) -> list[Row]:
    """Return the rows of REVIEWS.

    Args:
        sets: SETS of the dataset.
        statuses: STATUSES of the dataset.
        review: Who decides.
        unreadable: What becomes of frames that cannot be read.
        decisions: Folder of the reviewers' files, for ``human``; None if the sets are as their
            publisher reviewed them.
        similarities: SIMILARITIES of the sets, for ``auto``.
        threshold: Least similarity, for ``auto``.

    Raises:
        UserError: The options do not fit, tables do not belong together, pairs are still to be
            reviewed, frames cannot be read and that is refused, or no set is left.
    """
    _require_options(review, decisions, similarities, threshold)
    rows = read_sets(sets)
    status = {row["image_id"]: _described(row) for row in read_statuses(statuses)}
    out = unreadable_rows(rows, status, unreadable)
    _tell(out, status)
    left = [row for row in rows if (row["anchor_id"], row["image_id"]) not in out]
    if decisions is not None:
        found = read_folder(decisions)
        require_known(found, rows)
        judge, bad = by_people(left, found, _serve(sets, statuses, decisions))
        return review_rows(rows, out, judge, bad)
    if similarities is not None and threshold is not None:
        measured = _read_similarities(similarities)
        return review_rows(rows, out, by_similarity(measured, threshold))
    return review_rows(rows, out, lambda _pair: ACCEPTED)


def _serve(sets: Path, statuses: Path, decisions: Path) -> str:
    """Return the command that reviews sets, up to the reviewer's name.

    The other files lie beside these as the workflow puts them; one that is not there is left to be
    filled in.
    """
    shards = statuses.with_suffix("")
    others = {
        "manifest": sets.with_name(f"{sets.name.removesuffix('.sets.parquet')}.parquet"),
        "classes": sets.parent.parent / "labels" / "classes.parquet",
    }
    # The shell fills in the names of shards: the star stays outside of the quotes.
    words = [f"{quote(str(shards))}/*.parquet" if shards.is_dir() else "FRAMES..."]
    words.append(f"--sets {quote(str(sets))}")
    for name, path in others.items():
        known = path != sets and path.is_file()
        words.append(f"--{name} {quote(str(path)) if known else name.upper()}")
    targets = json.loads(read_facts(sets, SETS)["config"]).get("targets")
    words += [f"--label-space {targets}"] if targets else []
    words.append(f"--decisions {quote(str(decisions))} --annotator")
    return f"wildframe reviews serve {' '.join(words)}"


def _described(row: Row) -> str:
    """Return a image's status and, where it cannot be read, why."""
    is_told = row["status"] != "ok" and row["detail"]
    return f"{row['status']} ({row['detail']})" if is_told else str(row["status"])


def _tell(out: Mapping[Pair, str], status: Mapping[str, str]) -> None:
    """Name the images that are left out since they cannot be read on standard error."""
    broken = sorted({image for (_, image), reason in out.items() if reason == "unreadable"})
    for image in broken[:_TOLD]:
        print(f"{image} is left out: {status[image]}", file=sys.stderr)
    if len(broken) > _TOLD:
        print(f"{len(broken)} images are left out so in all", file=sys.stderr)


def _require_options(
    review: Review, decisions: Path | None, similarities: Path | None, threshold: float | None
) -> None:
    if decisions is not None and review != "human":
        raise UserError(f"--decisions belong to --review human, not {review}; drop them")
    given = {"--similarities": similarities, "--threshold": threshold}
    for option, value in given.items():
        if (value is not None) != (review == "auto"):
            verb = "needs" if review == "auto" else "has no use for"
            raise UserError(f"--review {review} {verb} {option}")


def _read_similarities(path: Path) -> Mapping[Pair, float]:
    return {
        (row["anchor_id"], row["image_id"]): row["similarity"]
        for row in read_table(path, SIMILARITIES).to_pylist()
    }

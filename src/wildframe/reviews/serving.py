"""From the files of a dataset to the review of one reviewer."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from wildframe.core.choices import Targets
from wildframe.core.errors import UserError
from wildframe.core.schemas import CLASSES, MANIFEST, NEAREST, SETS
from wildframe.core.tables import Row, iter_rows, read_facts
from wildframe.labels.hypernyms import read_targets
from wildframe.reviews import counted, decision_files
from wildframe.reviews.consensus import counting, pairs_of, read_sets
from wildframe.reviews.decisions import Decision, DecisionFile, Pair, read_decisions
from wildframe.reviews.pairs import Images, Part, first_round, pair_facts, second_round, shuffled
from wildframe.reviews.server import Review


@contextmanager
def open_review(
    frames: Sequence[Path],
    statuses: Path,
    sets: Path,
    manifest: Path,
    classes: Path,
    decisions: Path,
    annotator: str,
    number: int,
    part: str,
    targets: Targets | None,
    seed: int,
) -> Iterator[Review]:
    """Open a reviewer's file and gather the pairs; notes on skipped ones go to standard error.

    Args:
        frames: All shards of the source.
        statuses: STATUSES of the dataset.
        sets: SETS of the dataset.
        manifest: MANIFEST of the dataset.
        classes: CLASSES, for names.
        decisions: Folder of the reviewers' files.
        annotator: Name of the reviewer.
        number: Round, 1 or 2.
        part: Part of round 1.
        targets: Label space whose names are preferred to those of ``classes``.
        seed: Seed of the order of pairs.

    Raises:
        UserError: Tables are not of one dataset, the file cannot be used, or there is no pair to
            review.
    """
    wanted = Part.parse(part)
    rows = read_sets(sets)
    ids = {row["image_id"] for row in rows}
    images = Images(frames, statuses, ids)
    facts = {
        row["image_id"]: row for row in iter_rows(manifest, MANIFEST) if row["image_id"] in ids
    }
    names = _names(rows, classes, targets)
    file = DecisionFile(decisions, annotator)
    try:
        everything, notes = read_decisions(decision_files(decisions))
        found, old = counting(everything, rows)
        earlier: dict[Pair, list[Decision]] = {}
        if number == 1:
            pairs = first_round(rows, images.readable, wanted)
        else:
            pairs, earlier = second_round(rows, images.readable, found)
        for note in filter(None, (file.note, *notes, *old, _unshown(rows, images))):
            print(f"NOTE: {note}", file=sys.stderr)
        if not pairs:
            reasons = {
                1: f"part {part} has no readable candidates",
                2: "round 1 accepted all pairs that it reviewed",
            }
            raise UserError(f"{sets}: there is no pair to review: {reasons[number]}")
        pairs = shuffled(pairs, seed)
        mine = {
            decision.pair: decision
            for decision in found.values()
            if (decision.round, decision.annotator) == (number, annotator)
        }
        shown = {pair: mine[pair] for pair in pairs if pair in mine}
        are_ranked = NEAREST in read_facts(sets, SETS)
        shown_facts = pair_facts(pairs, rows, facts, names, images, are_ranked=are_ranked)
        title = sets.name.removesuffix(".parquet").removesuffix(".sets")
        yield Review(title, number, pairs, shown_facts, images, file, shown, earlier)
    finally:
        file.close()


def _names(sets: Sequence[Row], classes: Path, targets: Targets | None) -> dict[str, str]:
    wnids = {wnid for row in sets for wnid in row["labels"]}
    names = {
        row["wnid"]: row["name"] for row in iter_rows(classes, CLASSES) if row["wnid"] in wnids
    }
    if targets is not None:
        names |= {target.wnid: target.name for target in read_targets(targets) if target.wnid}
    return names


def _unshown(sets: Sequence[Row], images: Images) -> str:
    broken = [pair for pair in pairs_of(sets) if not set(pair) <= set(images.readable)]
    if not broken:
        return ""
    (anchor, image), count = broken[0], counted(len(broken))
    return (
        f"not shown, since images are unreadable: {count}, the first of anchor {anchor} and "
        f"image {image}"
    )

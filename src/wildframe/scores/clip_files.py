"""Labels and predictions of clips, read for scoring."""

import csv
import re
import sys
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow.compute as pc

from wildframe.core.arrays import Bools
from wildframe.core.errors import UserError
from wildframe.core.files import require_file
from wildframe.core.schemas import CLIP_CLASSES, CLIP_PREDICTIONS, CLIPS
from wildframe.core.tables import Row, read_table
from wildframe.models.clips.tasks import VIEWPOINTS, require_classes
from wildframe.scores.clips import ClipLabels, ClipResults, Floats, ensemble_of, results_of

_NAME = re.compile(r"(?P<training>.+)\.seed-(?P<seed>\d+)\.parquet")


@dataclass(frozen=True)
class Subsets:
    """Lists that a dataset's publisher gives, each a CSV file of one column with a header."""

    unseen: Path | None = None
    """Participants that are in no training clip, where the clips do not say whose they are."""
    tail_verbs: Path | None = None
    """Classes of rare verbs."""
    tail_nouns: Path | None = None
    """Classes of rare nouns."""


def read_labels(
    predictions: Sequence[Path],
    manifest: Path,
    classes: Path,
    split: str,
    subsets: Subsets,
    multi_label: bool,
) -> ClipLabels:
    """Read the labels of the clips of a split that any file predicts: of all that are readable.

    Raises:
        UserError: No clip of the split is predicted, or a label is no class of the dataset.
    """
    tables = (read_table(path, CLIP_PREDICTIONS, ["clip_id"]) for path in predictions)
    predicted = set[str]().union(*(table["clip_id"].unique().to_pylist() for table in tables))
    clips = read_table(manifest, CLIPS).to_pylist()
    of_split = [row for row in clips if row["split"] == split]
    rows = [row for row in of_split if row["clip_id"] in predicted]
    if not rows:
        raise UserError(
            f"{predictions[0]}: no clip of split {split} of {manifest} is predicted, out of "
            f"{len(of_split)}; `wildframe frames show-clips` says which could not be read and why; "
            "if they could, name the manifest of the same dataset, and one of its splits"
        )
    rows.sort(key=lambda row: row["clip_id"])
    learnt = {row["participant_id"] for row in clips if row["split"] == "train"}
    return labels_of(rows, learnt, read_classes(classes), subsets, multi_label, manifest)


def labels_of(
    rows: Sequence[Row],
    learnt: AbstractSet[str | None],
    classes: Mapping[str, Sequence[str]],
    subsets: Subsets,
    multi_label: bool,
    place: Path,
) -> ClipLabels:
    """Return the labels of rows of ``CLIPS``.

    Args:
        rows: At least one.
        learnt: Participants of the training clips; None among them if one is not known.
        classes: The classes of each head, in the order of indices.
        subsets: The publisher's lists.
        multi_label: Whether actions are predicted as several labels a clip.
        place: Where the rows are from, for messages.

    Raises:
        UserError: A label is no class of the dataset, or a list names none of its rare classes or
            participants, or others than those who are in no training clip.
    """
    index = {head: {name: at for at, name in enumerate(of)} for head, of in classes.items()}
    require_classes(rows, index, place)
    actions = np.zeros((len(rows), len(classes.get("action", ()))), np.bool_)
    for at, row in enumerate(rows):
        for action in row["actions"]:
            actions[at, index["action"][action["class"]]] = True
    indices = {
        head: np.array([index[head].get(row[head], -1) for row in rows])
        for head in ("verb", "noun", "viewpoint")
        if head in classes
    }
    if "action" in classes:
        indices["action"] = np.where(actions.sum(axis=1) == 1, actions.argmax(axis=1), -1)
    return ClipLabels(
        [row["clip_id"] for row in rows],
        [row["video_id"] for row in rows],
        indices,
        classes,
        actions,
        _by_participant(rows, learnt, subsets.unseen, place),
        _tail(rows, classes, {"verb": subsets.tail_verbs, "noun": subsets.tail_nouns}),
        multi_label,
    )


def _by_participant(
    rows: Sequence[Row], learnt: AbstractSet[str | None], path: Path | None, place: Path
) -> dict[str, Bools]:
    """Return which clips are of participants that are seen in training clips, and unseen.

    A list says it only where the training clips do not; elsewhere it has to agree with them.
    """
    listed = _listed(path)
    scored = [row["participant_id"] for row in rows]
    known = {one for one in scored if one is not None}
    if both := sorted(listed & learnt):
        raise UserError(
            f"{path}: {both[0]} is the participant of training clips of {place} ({len(both)} "
            "such); list those who are in no training clip, or leave it out"
        )
    if listed and listed.isdisjoint(known):
        such = f" such as {min(known)}" if known else ""
        raise UserError(
            f"{path}: none of the {len(listed)} values is the participant of a scored clip; list "
            f"participants as the dataset names them{such}, or leave it out"
        )
    unseen: AbstractSet[str] = listed
    if learnt and None not in learnt:
        unseen = known - learnt
        if path and (others := sorted(unseen - listed)):
            raise UserError(
                f"{path}: {others[0]} is in no training clip of {place} either ({len(others)} "
                "such); list all of those, or leave it out"
            )
    elif not listed:
        return {}
    if unknown := scored.count(None):
        print(
            f"{place}: {unknown} of {len(rows)} scored clips have no participant_id, and are "
            "neither of seen participants nor of unseen ones",
            file=sys.stderr,
        )
    return {
        "seen": np.array([one in known - unseen for one in scored]),
        "unseen": np.array([one in unseen for one in scored]),
    }


def _tail(
    rows: Sequence[Row], classes: Mapping[str, Sequence[str]], files: Mapping[str, Path | None]
) -> dict[str, Bools]:
    """Return which clips are of a rare class, by head; of an action, of a rare verb or noun."""
    found = {}
    for head, path in files.items():
        if not (rare := _listed(path)):
            continue
        known = classes.get(head, ())
        if rare.isdisjoint(known):
            such = f" such as {known[0]}" if known else ""
            raise UserError(
                f"{path}: none of the {len(rare)} values is a class of the head {head}; list "
                f"classes as the dataset names them{such}"
            )
        found[head] = np.array([row[head] in rare for row in rows])
    if found:
        found["action"] = np.logical_or.reduce([*found.values()])
    return found


def _listed(path: Path | None) -> frozenset[str]:
    """Return what a CSV file of one column lists."""
    if path is None:
        return frozenset()
    require_file(path, "correct the path, or leave it out")
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            header, *lines = [line for line in csv.reader(file, strict=True) if line] or [[]]
    except (csv.Error, UnicodeDecodeError) as error:
        raise UserError(f"{path}: not a CSV file in UTF-8 ({error}); save it as one") from error
    if any(len(line) != 1 for line in (header, *lines)):
        raise UserError(f"{path}: a header and one value a line are expected; delete the others")
    return frozenset(value for (value,) in lines)


def read_classes(path: Path) -> dict[str, list[str]]:
    """Return the classes of each head, in the order of indices."""
    rows = read_table(path, CLIP_CLASSES, ["head", "class_index", "class"]).to_pylist()
    classes: dict[str, list[str]] = {}
    for row in sorted(rows, key=lambda row: row["class_index"]):
        classes.setdefault(row["head"], []).append(row["class"])
    return classes | {"viewpoint": list(VIEWPOINTS)}


def name_of(path: Path) -> tuple[str, int]:
    """Return training and seed of a file of predictions: ``<training>.seed-<seed>.parquet``."""
    if not (match := _NAME.fullmatch(path.name)):
        raise UserError(f"{path}: predictions are named <training>.seed-<seed>.parquet; rename it")
    return match["training"], int(match["seed"])


def read_results(path: Path, labels: ClipLabels) -> ClipResults:
    """Return what the model of a file of predictions got right.

    Raises:
        UserError: The file does not say of what it is, or has other clips or classes, or no clip
            has a label that it predicts.
    """
    scores = _read_scores(path, labels)
    found = results_of(*name_of(path), scores, labels)
    # A classifier of viewpoints is a teacher first: its clips need no label.
    if not found.shares and found.mean_precision is None and "viewpoint" not in scores:
        raise UserError(
            f"{path}: none of the {len(labels.clip_ids)} clips that are scored has a label of "
            f"{' or '.join(scores)}; add some in the source's list, for clips that can be read "
            "(`wildframe frames show-clips` says which cannot)"
        )
    return found


def read_ensembles(
    ensembles: Mapping[str, Sequence[str]], paths: Sequence[Path], labels: ClipLabels
) -> list[ClipResults]:
    """Return what the mean probabilities of several trainings got right, seed by seed.

    Args:
        ensembles: Trainings by name of the ensemble.
        paths: Predictions of all trainings.
        labels: Of the clips.

    Raises:
        UserError: As in `read_results`, or a training is missing or of another task.
    """
    by_name = {name_of(path): path for path in paths}
    found = []
    for name, members in ensembles.items():
        seeds = sorted({seed for training, seed in by_name if training in members})
        for seed in seeds or [0]:
            if missing := [one for one in members if (one, seed) not in by_name]:
                raise UserError(
                    f"ensemble {name}: {missing[0]} has no predictions of seed {seed}; name them, "
                    "or leave the training out"
                )
            of_seed = [by_name[one, seed] for one in members]
            found.append(_ensemble(name, seed, of_seed, labels))
    return found


def _ensemble(name: str, seed: int, paths: Sequence[Path], labels: ClipLabels) -> ClipResults:
    scores = [_read_scores(path, labels) for path in paths]
    if len({frozenset(one) for one in scores}) > 1:
        raise UserError(f"ensemble {name}: its trainings have different heads; name those of one")
    return results_of(name, seed, ensemble_of(scores, labels), labels)


def _read_scores(path: Path, labels: ClipLabels) -> dict[str, Floats]:
    """Return the scores of the labelled clips by head, each of shape (clips, classes)."""
    scores = {}
    for head, (clip_ids, rows) in read_heads(path).items():
        expected = len(labels.names.get(head, ()))
        if rows.shape[1] != expected:
            raise UserError(
                f"{path}: head {head} has {rows.shape[1]} scores a clip, and the dataset has "
                f"{expected} classes; name the classes of the same dataset"
            )
        at = {clip_id: row for row, clip_id in enumerate(clip_ids)}
        if missing := [clip_id for clip_id in labels.clip_ids if clip_id not in at]:
            raise UserError(
                f"{path}: clip {missing[0]} has no prediction ({len(missing)} such), but another "
                "model has; predict the same clips"
            )
        scores[head] = rows[[at[clip_id] for clip_id in labels.clip_ids]]
    return scores


def read_heads(path: Path) -> dict[str, tuple[list[str], Floats]]:
    """Read ``CLIP_PREDICTIONS``: clips and scores, of shape (clips, classes), by head.

    Raises:
        UserError: The file is none, clips have scores of several lengths, or one is NaN or
            infinite; names the clip.
    """
    table = read_table(path, CLIP_PREDICTIONS, ["clip_id", "head", "scores"])
    found = {}
    for head in table["head"].unique().to_pylist():
        of_head = table.filter(pc.equal(table["head"], head))
        widths = pc.list_value_length(of_head["scores"]).unique().to_pylist()
        if len(widths) > 1:
            raise UserError(f"{path}: head {head} has scores of several lengths; delete and rerun")
        scores = pc.list_flatten(of_head["scores"]).to_numpy().reshape(-1, *widths)
        clip_ids = of_head["clip_id"].to_pylist()
        # No class would stand before the labelled one: all would be correct.
        sound = np.isfinite(scores).all(axis=1)
        if not sound.all():
            raise UserError(
                f"{path}: clip {clip_ids[int(sound.argmin())]}: a score of the head {head} is NaN "
                "or infinite; train the model again, with a lower learning rate or in fp32"
            )
        found[head] = clip_ids, scores
    return found

"""Datasets of clips: which of a source are learnt from and which are tested on."""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, Self

from wildframe.core.choices import Viewpoint
from wildframe.core.errors import UserError
from wildframe.core.schemas import CLIP_RECORDS, CLIPS
from wildframe.core.tables import Row, iter_rows, read_facts
from wildframe.manifests.decisions import KEPT, Reasons, decision
from wildframe.sources.clip_lists import HEADS, labels_of

CLIP = "clip"
"""Role of rows of the funnel that are about clips."""

# Steps that drop a clip, in the order of the funnel.
CLIP_STEPS = {
    "bad_clip": "Record that cannot be used",
    "split": "In no split that the dataset uses",
    "viewpoint": "Not of the dataset's viewpoint",
}


_SHOWN = ("clip_id", "video_id", "split", "media", "media_kind", "rate", "start", "stop")
"""Columns of CLIPS that are no label, and are read to show a clip."""

_COLUMNS = {"action": "labels"}
"""Columns of a source of kind clips, by head, where they have another name."""


@dataclass(frozen=True, slots=True)
class ClipChoices:
    """The settings of a dataset of clips, as in the config."""

    dataset: str
    train: str | None
    """Split of the source to learn from; None for no clips."""
    test: str | None
    """Split of the source to test on; None for no clips."""
    viewpoint: Viewpoint | None
    """Only clips of this viewpoint; None for all."""

    @property
    def parts(self) -> dict[str, str]:
        """The part of the dataset that each of its splits is: ``train`` or ``test``."""
        named = {self.test: "test", self.train: "train"}
        return {split: part for split, part in named.items() if split is not None}


@dataclass(frozen=True, slots=True)
class Need:
    """A part of a dataset that a training learns from, or is evaluated on."""

    part: str
    """``train`` or ``test``."""
    heads: tuple[str, ...] = ()
    """Heads of which labels are read: some clip has one of any of them. None: any clip does."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the need of a text such as ``train`` or ``test=verb,noun``.

        Raises:
            UserError: It names no part, or what is no head.
        """
        part, _, named = text.partition("=")
        heads = tuple(filter(None, named.split(",")))
        if part not in ("train", "test") or not {*heads} <= {*HEADS, "viewpoint"}:
            raise UserError(f"{text}: write train or test, with heads as in test=verb,noun")
        return cls(part, heads)

    def __str__(self) -> str:
        return f"{self.part}={','.join(self.heads)}" if self.heads else self.part


def choose_clips(
    records: Iterable[Mapping[str, Any]],
    choices: ClipChoices,
    needs: Sequence[Need],
    lists: str,
    tell: Callable[[str], None],
) -> Iterator[tuple[Row | None, Row]]:
    """Keep or drop every clip of a source.

    Args:
        records: Rows of CLIP_RECORDS.
        choices: The dataset's settings.
        needs: What the trainings of the run need.
        lists: The source's files, for messages.
        tell: Called at the end with a sentence on each split without clips that nothing needs, and
            on test clips of videos that have training clips, too.

    Yields:
        A row of CLIPS, whose split is ``train`` or ``test``, None if the clip was dropped, and its
        row of the funnel.

    Raises:
        UserError: At the end, if none was kept, or none that is needed; gives the reasons.
    """
    parts, name = choices.parts, choices.dataset
    reasons = Reasons(CLIP_STEPS)
    of_split = {split: Reasons(CLIP_STEPS) for split in parts}
    splits: Counter[str] = Counter()
    met: set[Need] = set()
    videos: list[tuple[str, str]] = []
    for record in records:
        step, detail = _decide(record, parts, choices.viewpoint)
        kept = None
        if step == KEPT:
            known = {name: record[name] for name in CLIPS.schema.names if name != "dataset"}
            kept = {**known, "dataset": choices.dataset, "split": parts[record["split"]]}
        image_id = record["clip_id"] if kept else None
        row = decision(record["clip_id"], CLIP, step, detail, image_id)
        reasons.add(row)
        splits[record["split"]] += 1
        if record["split"] in of_split:
            of_split[record["split"]].add(row)
        if kept:
            videos.append((kept["split"], kept["video_id"]))
            met.update(need for need in needs if _meets(kept, need))
        yield kept, row
    reasons.require_kept(f"{name}: no clip is left")
    there = ", ".join(f"{split} ({count})" for split, count in sorted(splits.items()))
    for split, part in parts.items():
        none = f"{name}: no clip is of split {split!r}, there are {there}"
        unmet = [need for need in needs if need.part == part and need not in met]
        if split not in splits and unmet:
            raise UserError(
                f"{none}; name the {part} clips in {lists} (column split of a source of kind "
                f"clips: {split}), or correct datasets.{name}.{part}"
            )
        if split not in splits:
            tell(f"{none}; correct datasets.{name}.{part} if the run is to use it")
        if unmet:
            of_split[split].require_kept(f"{name}: no clip of split {split!r} is left")
            heads = " or ".join(unmet[0].heads)
            columns = " or ".join(_COLUMNS.get(head, head) for head in unmet[0].heads)
            raise UserError(
                f"{name}: no clip of split {split!r} has a label of {heads}; add labels in {lists} "
                f"(column {columns} of a source of kind clips)"
            )
    if shared := of_learnt_videos(videos):
        of = sum(part == "test" for part, _ in videos)
        tell(
            f"{name}: {shared} of {of} test clips are of videos that have training clips, too; "
            f"give all clips of a video one split in {lists}, or expect scores that are too good"
        )


def lists_of(records: Path) -> str:
    """Return the names of the files that CLIP_RECORDS were made of."""
    named = json.loads(read_facts(records, CLIP_RECORDS)["config"])
    return " and ".join(chain.from_iterable(named.values()))


def of_learnt_videos(clips: Sequence[tuple[str, str]]) -> int:
    """Return how many test clips are of videos that have training clips, too.

    Args:
        clips: Split of CLIPS and ``video_id`` of each.
    """
    learnt = {video for split, video in clips if split == "train"}
    return sum(split == "test" and video in learnt for split, video in clips)


def learnt_sha256(manifest: Path) -> str:
    """Return a hash of the clips to learn from, with their labels, out of CLIPS."""
    return _sha256(row for row in iter_rows(manifest, CLIPS) if row["split"] == "train")


def shown_sha256(manifest: Path) -> str:
    """Return a hash of which clips there are, without their labels, out of CLIPS."""
    return _sha256(iter_rows(manifest, CLIPS, _SHOWN))


def _sha256(rows: Iterable[Row]) -> str:
    digest = hashlib.sha256()
    for row in rows:
        digest.update(json.dumps(row).encode())
    return digest.hexdigest()


def _meets(clip: Row, need: Need) -> bool:
    """Tell whether a row of CLIPS is of the part that is needed, with a label if one is."""
    has_label = not need.heads or any(labels_of(clip, head) for head in need.heads)
    return clip["split"] == need.part and has_label


def _decide(
    record: Mapping[str, Any], parts: Mapping[str, str], viewpoint: str | None
) -> tuple[str, str]:
    """Return the step that drops a clip, or ``kept``, with the detail."""
    if record["problem"]:
        return "bad_clip", record["problem"]
    if record["split"] not in parts:
        return "split", f"it is in split {record['split']}"
    if viewpoint not in (None, record["viewpoint"]):
        return "viewpoint", f"its viewpoint is {record['viewpoint'] or 'not known'}"
    return KEPT, parts[record["split"]]

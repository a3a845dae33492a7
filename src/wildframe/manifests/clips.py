"""Datasets of clips: which of a source are learnt from and which are tested on."""

import hashlib
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wildframe.core.choices import Viewpoint
from wildframe.core.schemas import CLIPS
from wildframe.core.tables import Row, iter_rows
from wildframe.manifests.decisions import KEPT, Reasons, decision

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


def choose_clips(
    records: Iterable[Mapping[str, Any]], choices: ClipChoices
) -> Iterator[tuple[Row | None, Row]]:
    """Keep or drop every clip of a source; tell of a split that has no clip.

    Args:
        records: Rows of CLIP_RECORDS.
        choices: The dataset's settings.

    Yields:
        A row of CLIPS, whose split is ``train`` or ``test``, None if the clip was dropped, and its
        row of the funnel.

    Raises:
        UserError: At the end, if none was kept; gives the reasons.
    """
    parts = {choices.test: "test", choices.train: "train"}
    parts.pop(None, None)
    reasons = Reasons(CLIP_STEPS)
    splits: Counter[str] = Counter()
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
        yield kept, row
    reasons.require_kept(f"{choices.dataset}: no clip is left")
    there = ", ".join(f"{split} ({count})" for split, count in sorted(splits.items()))
    for split, part in parts.items():
        if split not in splits:
            print(
                f"{choices.dataset}: no clip is of split {split!r}, there are {there}; correct "
                f"datasets.{choices.dataset}.{part} if the run is to use it",
                file=sys.stderr,
            )


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


def _decide(
    record: Mapping[str, Any], parts: Mapping[str | None, str], viewpoint: str | None
) -> tuple[str, str]:
    """Return the step that drops a clip, or ``kept``, with the detail."""
    if record["problem"]:
        return "bad_clip", record["problem"]
    if record["split"] not in parts:
        return "split", f"it is in split {record['split']}"
    if viewpoint not in (None, record["viewpoint"]):
        return "viewpoint", f"its viewpoint is {record['viewpoint'] or 'not known'}"
    return KEPT, parts[record["split"]]

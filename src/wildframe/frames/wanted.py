"""Which frames are wanted: each of a source once, whichever datasets want it; those of clips.

Lists say nothing else of images and clips, so that an edit of labels leaves them as they are.
"""

import csv
import hashlib
import io
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import itemgetter
from pathlib import Path
from typing import Any

from wildframe.core.display import to_csv
from wildframe.core.errors import UserError
from wildframe.core.files import require_file, write_text
from wildframe.core.seals import sealed, unsealed_json
from wildframe.core.tables import Row
from wildframe.frames import media_of, shard_names, shard_of

COLUMNS = ("media", "media_kind", "rate", "frame")
"""Of the list of a shard: columns of the manifest."""

CLIP_COLUMNS = ("clip_id", "media", "media_kind", "rate", "start", "stop")
"""Of the list of a shard of clips: columns of CLIPS."""

_LISTED = "listed_sha256"


def wanted_frames(images: Iterable[Mapping[str, Any]], shards: int) -> dict[str, list[Row]]:
    """Return the distinct frames of images by shard, in the order in which they are kept.

    That is the order of media, then of rates, then of frames; it says nothing of who wants them.

    Args:
        images: Rows of manifests, of which ``COLUMNS`` are read; consumed once.
        shards: Number of shards, each of which is in the result.
    """
    frames: dict[tuple[str, str, str, str], set[int | None]] = defaultdict(set)
    for row in images:
        video = media_of(row)
        frames[video, row["rate"] or "", row["media_kind"], row["media"]].add(row["frame"])
    found: dict[str, list[Row]] = {name: [] for name in shard_names(shards)}
    for (video, rate, kind, media), numbers in sorted(frames.items()):
        rows = found[shard_of(video, shards)]
        rows += [
            {"media": media, "media_kind": kind, "rate": rate or None, "frame": number}
            for number in sorted(numbers, key=lambda number: -1 if number is None else number)
        ]
    return found


def wanted_clips(clips: Iterable[Mapping[str, Any]], shards: int) -> dict[str, list[Row]]:
    """Return which stretches of media clips are, by shard, in the order of ids.

    Args:
        clips: Rows of CLIPS, of which ``CLIP_COLUMNS`` are read.
        shards: Number of shards, each of which is in the result.
    """
    found: dict[str, list[Row]] = {name: [] for name in shard_names(shards)}
    for row in sorted(clips, key=itemgetter("clip_id")):
        found[shard_of(row["media"], shards)].append({name: row[name] for name in CLIP_COLUMNS})
    return found


def write_wanted(
    path: Path, rows: Iterable[Mapping[str, Any]], columns: Sequence[str] = COLUMNS
) -> None:
    """Write the list of a shard as CSV; its last line is a sealed hash of the others."""
    cells = [["" if row[name] is None else str(row[name]) for name in columns] for row in rows]
    listed = to_csv(columns, cells)
    seal = json.dumps(sealed(path, {_LISTED: _sha256(listed.encode())}), sort_keys=True)
    write_text(path, f"{listed}{seal}\n")


def read_wanted(path: Path) -> Iterator[Row]:
    """Yield the frames of a list, as `wanted_frames` returns them.

    Raises:
        UserError: The file is absent or damaged, or another list.
    """
    for media, kind, rate, frame in _read(path, COLUMNS, "frames_wanted"):
        number = int(frame) if frame else None
        yield {"media": media, "media_kind": kind, "rate": rate or None, "frame": number}


def read_wanted_clips(path: Path) -> Iterator[Row]:
    """Yield the clips of a list, as `wanted_clips` returns them; errors as of `read_wanted`."""
    for row in _read(path, CLIP_COLUMNS, "frames_wanted_clips"):
        numbers = [float(text) if text else None for text in row[3:]]
        yield dict(zip(CLIP_COLUMNS, [*row[:3], *numbers], strict=True))


def _read(path: Path, columns: Sequence[str], rule: str) -> Iterator[list[str]]:
    content = require_file(path, f"make it with the rule {rule}").read_bytes()
    listed, newline, seal = content.removesuffix(b"\n").rpartition(b"\n")
    problem = UserError(f"{path}: is damaged, or another list; delete it and rerun the rule {rule}")
    if unsealed_json(path, seal) != {_LISTED: _sha256(listed + newline)}:
        raise problem
    rows = csv.reader(io.StringIO(listed.decode(), newline=""))
    if next(rows) != [*columns]:
        raise problem
    yield from rows


def _sha256(listed: bytes) -> str:
    return hashlib.sha256(listed).hexdigest()

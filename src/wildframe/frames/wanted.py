"""Which frames of a source are wanted: each once, whichever datasets want it."""

import csv
import hashlib
import io
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from wildframe.core.display import to_csv
from wildframe.core.errors import UserError
from wildframe.core.files import require_file
from wildframe.core.tables import Row
from wildframe.frames import media_of, shard_names, shard_of

COLUMNS = ("media", "media_kind", "rate", "frame")
"""Of the list of a shard: columns of the manifest."""

_SEAL = 65
"""Bytes of the last line."""

_REMEDY = "delete it and rerun the rule frames_wanted"


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


def wanted_csv(frames: Iterable[Mapping[str, Any]]) -> str:
    """Return the list of a shard's frames as CSV; its last line is a hash of the others."""
    cells = [["" if row[name] is None else str(row[name]) for name in COLUMNS] for row in frames]
    listed = to_csv(COLUMNS, cells)
    return f"{listed}{_sha256(listed.encode())}\n"


def read_wanted(path: Path) -> Iterator[Row]:
    """Yield the frames of a list, as `wanted_frames` returns them.

    Raises:
        UserError: The file is absent or damaged.
    """
    content = require_file(path, "make it with the rule frames_wanted").read_bytes()
    listed, seal = content[:-_SEAL], content[-_SEAL:]
    if seal != f"{_sha256(listed)}\n".encode():
        raise UserError(f"{path}: is damaged, or no list of frames; {_REMEDY}")
    _, *rows = csv.reader(io.StringIO(listed.decode(), newline=""))
    for media, kind, rate, frame in rows:
        number = int(frame) if frame else None
        yield {"media": media, "media_kind": kind, "rate": rate or None, "frame": number}


def _sha256(listed: bytes) -> str:
    return hashlib.sha256(listed).hexdigest()

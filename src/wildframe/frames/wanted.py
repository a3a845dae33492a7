"""Which frames of a source are wanted: each once, whichever datasets want it."""

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from wildframe.core.display import to_csv
from wildframe.core.errors import UserError
from wildframe.core.files import require_file
from wildframe.core.tables import Row
from wildframe.frames import media_of, shard_names, shard_of

_NUMBERED = {"video": True, "shard": True, "image": False}
"""Whether what is wanted of a kind of media has a number."""

COLUMNS = ("media", "media_kind", "rate", "frame")
"""Of the list of a shard: columns of the manifest."""

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
    """Return the list of a shard's frames as CSV."""
    cells = [["" if row[name] is None else str(row[name]) for name in COLUMNS] for row in frames]
    return to_csv(COLUMNS, cells)


def read_wanted(path: Path) -> Iterator[Row]:
    """Yield the frames of a list, as `wanted_frames` returns them.

    Raises:
        UserError: The file is absent or damaged.
    """
    require_file(path, "make it with the rule frames_wanted")
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file, strict=True)
        try:
            if tuple(next(rows, ())) != COLUMNS:
                raise UserError(f"{path}: the columns are not {', '.join(COLUMNS)}; {_REMEDY}")
            for media, kind, rate, frame in rows:
                if kind not in _NUMBERED or _NUMBERED[kind] != bool(frame):
                    raise ValueError(kind)
                number = int(frame) if frame else None
                yield {"media": media, "media_kind": kind, "rate": rate or None, "frame": number}
        except (ValueError, csv.Error) as error:
            raise UserError(f"{path}: line {rows.line_num} is damaged; {_REMEDY}") from error

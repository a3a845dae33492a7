"""The funnel: from the records of a source to the evaluated images, each drop with its reason.

Rows are about moments of records, anchors of sets, single images or clips, each with its own steps.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import chain, islice
from typing import Any

from wildframe.core.tables import Row
from wildframe.manifests.build import STEPS
from wildframe.manifests.clips import CLIP, CLIP_STEPS
from wildframe.manifests.decisions import KEPT
from wildframe.manifests.images import IMAGE, IMAGE_STEPS
from wildframe.manifests.sets import ANCHOR, SET_STEPS

ALL_STEPS = (*STEPS, *SET_STEPS, *IMAGE_STEPS, *CLIP_STEPS)
"""Steps of every kind of funnel; some have one name in several."""

# By the role of rows; what is listed, and the steps.
_OF_ROLE = {
    ANCHOR: ("Anchors, and videos without", SET_STEPS),
    IMAGE: ("Images listed", IMAGE_STEPS),
    CLIP: ("Clips listed", CLIP_STEPS),
}
_OF_MOMENTS = ("Records listed", STEPS)

# Why an image of the manifest could not be evaluated (statuses of the frames station).
FRAME_STEPS = {
    "media_missing": "File missing",
    "media_unreadable": "File unreadable",
    "frame_missing": "Frame not in the video",
    "decode_failed": "Frame could not be decoded",
}
# The same of a clip.
KEPT_STEPS = {
    "media_missing": "Video or folder missing",
    "media_unreadable": "Video or folder unreadable",
    "decode_failed": "Frames could not be decoded",
}


def summarize(
    funnel: Iterable[Mapping[str, Any]], frame_statuses: Iterable[str] | None = None
) -> list[Row]:
    """Count a funnel.

    Args:
        funnel: Rows of the ``funnel`` table, of which role and step are read; consumed once.
        frame_statuses: Status of each image or clip of the manifest, if frames have been read.

    Returns:
        Rows of ``step``, ``meaning``, ``dropped`` and ``left``; the first is all records.

    Raises:
        ValueError: A step is unknown, or the statuses are not those of the kept images.
    """
    rows = iter(funnel)
    first = list(islice(rows, 1))
    role = first[0].get("role", "") if first else ""
    # Those of moments have the moment's role.
    listed, of_role = _OF_ROLE.get(role, _OF_MOMENTS)
    steps = Counter(row["step"] for row in chain(first, rows))
    meanings = dict(of_role)
    kept = steps.pop(KEPT, 0)
    if frame_statuses is not None:
        statuses = Counter(frame_statuses)
        if statuses.total() != kept:
            raise ValueError(f"{kept} records kept, but {statuses.total()} frames accounted for")
        meanings |= KEPT_STEPS if role == CLIP else FRAME_STEPS
        steps += statuses
        kept = steps.pop("ok", 0)
    if unknown := steps.keys() - meanings.keys():
        raise ValueError(f"unknown steps {sorted(unknown)}")
    left = steps.total() + kept
    counted: list[Row] = [{"step": "listed", "meaning": listed, "dropped": 0, "left": left}]
    for step, meaning in meanings.items():
        left -= steps[step]
        counted.append({"step": step, "meaning": meaning, "dropped": steps[step], "left": left})
    return counted

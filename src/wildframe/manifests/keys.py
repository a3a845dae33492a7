"""The name by which the files of ImageNet-Vid-Robust call a picture."""

from collections.abc import Mapping
from typing import Any

_TREES = ("Data/VID/", "ytbb_videos/")
"""What the publishers' own names leave out of the path under the root."""


def frame_key(row: Mapping[str, Any]) -> str:
    """Return the name of a picture in ``pmsets.json``, ``labels.json`` and prediction files.

    Names end with the number of the frame, and those of one video begin alike. A picture that lies
    as a file is called by its path, as the publishers do; a frame of a video as in an ILSVRC tree.

    Args:
        row: Row of the manifest: ``media``, ``media_kind``, ``frame``, ``video_id``, ``group_id``.
    """
    media: str = row["media"]
    if row["media_kind"] == "image":
        return next((media.partition(tree)[2] for tree in _TREES if tree in media), media)
    return f"{row['video_id'] or row['group_id']}/{row['frame']:06d}.JPEG"

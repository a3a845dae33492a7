"""The names by which the files of ImageNet-Vid-Robust call pictures.

A name ends with the frame's number in the video, and all frames of a video share the rest: the path
below ``Data/VID/`` in an ILSVRC tree, the path under the root of other pictures, and
``<video_id>/<number>.JPEG`` for pictures out of videos.
"""

from collections import defaultdict
from collections.abc import Iterable
from pathlib import PurePosixPath

from wildframe.core.errors import UserError
from wildframe.core.tables import Row

_TREE = "Data/VID/"

COLUMNS = ("image_id", "media", "media_kind", "frame", "video_id")
"""Columns of the manifest that names are made of."""


def frame_names(pictures: Iterable[Row]) -> dict[str, str]:
    """Return the name of each picture in ``pmsets.json``, ``labels.json`` and prediction files.

    Args:
        pictures: All rows of a manifest: the name of one may hang on the others.

    Raises:
        UserError: A picture is neither a file nor a frame of a video.
    """
    pictures = list(pictures)
    files = defaultdict(set)
    for row in pictures:
        files[row["video_id"]].add(row["media"])
    names = {}
    for row in pictures:
        media = row["media"]
        if row["media_kind"] == "image":
            _, tree, below = media.rpartition(_TREE)
            names[row["image_id"]] = below if tree else media
            continue
        if row["frame"] is None:
            raise UserError(
                f"picture {row['image_id']} of {media} has no frame number; only pictures out of "
                "videos, or that lie as files, have a published name"
            )
        # Frames are counted by file: clips of one video must not share names.
        is_whole = row["video_id"] is not None and len(files[row["video_id"]]) == 1
        folder = row["video_id"] if is_whole else str(PurePosixPath(media).with_suffix(""))
        names[row["image_id"]] = f"{folder}/{row['frame']:06d}.JPEG"
    return names

"""The names of images in the files of ImageNet-Vid-Robust.

A name ends with the frame's number in the video, and all frames of a video share the rest: the path
below ``Data/VID/`` in an ILSVRC tree, the path below the root for other images, and
``<video_id>/<number>.JPEG`` for frames of videos.
"""

from collections import defaultdict
from collections.abc import Iterable
from pathlib import PurePosixPath

from wildframe.core.errors import UserError
from wildframe.core.tables import Row

_TREE = "Data/VID/"

COLUMNS = ("image_id", "media", "media_kind", "frame", "video_id")
"""Columns of the manifest that names depend on."""


def frame_names(images: Iterable[Row]) -> dict[str, str]:
    """Return the name of each image in ``pmsets.json``, ``labels.json`` and prediction files.

    Args:
        images: All rows of a manifest: a name may depend on other rows.

    Raises:
        UserError: An image is neither a file nor a frame of a video.
    """
    images = list(images)
    files = defaultdict(set)
    for row in images:
        files[row["video_id"]].add(row["media"])
    names = {}
    for row in images:
        media = row["media"]
        if row["media_kind"] == "image":
            _, tree, below = media.rpartition(_TREE)
            names[row["image_id"]] = below if tree else media
            continue
        if row["frame"] is None:
            raise UserError(
                f"image {row['image_id']} of {media} has no frame number; only image files and "
                "frames of videos have a published name"
            )
        # Frames are numbered within a file: clips of one video must not share names.
        is_whole = row["video_id"] is not None and len(files[row["video_id"]]) == 1
        folder = row["video_id"] if is_whole else str(PurePosixPath(media).with_suffix(""))
        names[row["image_id"]] = f"{folder}/{row['frame']:06d}.JPEG"
    return names

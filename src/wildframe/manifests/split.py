"""Splits of a dataset: images to train on, and held-out images."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from fractions import Fraction
from operator import itemgetter
from pathlib import Path
from typing import Any

from wildframe.core.choices import Grouping
from wildframe.core.errors import UserError
from wildframe.core.tables import Row

_COLUMNS = {"clip": "group_id", "video": "video_id"}


def split_images(
    path: Path, images: Iterable[Mapping[str, Any]], by: Grouping, seed: int, train_fraction: float
) -> list[Row]:
    """Split images, each group within one part.

    Groups, in an order that only depends on the seed and their names, are used for training until
    its fraction of the images is reached. Images of one clip show one activity in one place, so a
    split by image is optimistic (*Egocentric Data as Natural Adversarial Examples*, D).

    Args:
        path: Manifest, for messages.
        images: Its rows, in any order.
        by: Unit kept within one part; of images of a video frame, the frame.
        seed: Seed of the order of groups.
        train_fraction: Fraction of images to train on, in (0, 1); reached with a whole group.

    Returns:
        Rows of the ``splits`` table, sorted by image. Neither part is empty.

    Raises:
        UserError: An image has no such group, or there are fewer than two groups.
    """
    group_of = _by_image(images) if by == "image" else _by_column(path, images, _COLUMNS[by])
    sizes = Counter(group_of.values())
    if len(sizes) < 2:
        raise UserError(
            f"{path}: {len(sizes)} {by}s cannot be split by {by}, at least two are needed; choose "
            "a dataset with more images"
        )
    order = sorted(sizes, key=lambda group: hashlib.sha256(f"{seed} {group}".encode()).digest())
    # As it is written: 0.07 x 100 is 7, and of floats a little more.
    wanted = Fraction(str(train_fraction)) * len(group_of)
    train: set[str] = set()
    images_to_train = 0
    # The last group is always held out.
    for group in order[:-1]:
        if images_to_train >= wanted:
            break
        train.add(group)
        images_to_train += sizes[group]
    return [
        {"image_id": image_id, "part": "train" if group in train else "val", "group": group}
        for image_id, group in sorted(group_of.items())
    ]


def _by_column(path: Path, images: Iterable[Mapping[str, Any]], column: str) -> dict[str, str]:
    found = {image["image_id"]: image[column] for image in images}
    for image_id, group in found.items():
        if group is None:
            raise UserError(f"{path}: image {image_id} has no {column}; split by clip")
    return found


def _by_image(images: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return the first image of the frame that each image is of: there is one for each object."""
    place_of = {
        image["image_id"]: (image["media"], image["rate"], image["frame"])
        if image["media_kind"] == "video"
        else image["image_id"]
        for image in images
    }
    first: dict[Any, str] = {}
    for image_id, place in sorted(place_of.items(), key=itemgetter(0)):
        first.setdefault(place, image_id)
    return {image_id: first[place] for image_id, place in place_of.items()}

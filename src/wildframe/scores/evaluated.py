"""Which images are evaluated, by which labels: sets of frames, or single images as sets of one."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wildframe.core.choices import Targets
from wildframe.core.errors import UserError
from wildframe.core.schemas import COPIES, MANIFEST, REVIEWS
from wildframe.core.tables import Row, read_facts, read_table
from wildframe.frames import read_readable
from wildframe.frames.copies import join_groups, read_copies
from wildframe.labels.senses import SenseTable, read_senses
from wildframe.labels.spaces import class_ids

_COLUMNS = (
    *("image_id", "dataset", "labels", "group_id", "video_id", "role"),
    *("nouns", "words", "boxes", "width", "height"),
)
"""Columns of manifests that results depend on."""


@dataclass(frozen=True, slots=True)
class Evaluated:
    """The images of a dataset that models are evaluated on."""

    rows: list[Row]
    """The columns of ``IMAGE_RESULTS`` that do not depend on the model."""
    known: Collection[str]
    """Images that predictions may be of, also if they are not evaluated."""
    facts: dict[str, str]
    """Metadata of results: ``dataset``; of sets ``review``, and ``copies`` if there are any."""


def read_evaluated(
    manifest: Path,
    statuses: Path | None,
    reviews: Path | None,
    senses: str | None,
    label_space: Targets | None,
) -> Evaluated:
    """Read the images of a dataset that models are evaluated on; units of copies are one.

    Args:
        manifest: Manifest of the dataset.
        statuses: Status of each image, to evaluate all that could be read as single images.
        reviews: Reviews instead, to evaluate sets of frames.
        senses: Sense table, if any: shipped, or a CSV file.
        label_space: Label space that labels must be of; None for any.

    Raises:
        UserError: Not one of statuses and reviews is given, a file is absent or something else,
            there is no image to evaluate, or as `evaluated`.
    """
    images: list[Row] = read_table(manifest, MANIFEST, _COLUMNS).to_pylist()
    if not images:
        raise UserError(f"{manifest}: no image is in it; `wildframe manifests show` says why")
    facts = {"dataset": images[0]["dataset"]}
    if reviews and not statuses:
        known = {row["image_id"] for row in images}
        sets = [row for row in read_table(reviews, REVIEWS).to_pylist() if row["accepted"]]
        facts |= {"review": read_facts(reviews, REVIEWS)["review"]}
        copies = copies_in(reviews)
        if count := len(copies.keys() & {row["image_id"] for row in sets}):
            facts[COPIES] = str(count)
        images = join_groups(images, copies)
    elif statuses and not reviews:
        known = read_readable(statuses)
        images = join_groups(images, read_copies(statuses, images))
        sets = single_images(images, known)
    else:
        raise UserError("name either the --statuses of single images, or the --reviews of sets")
    if not sets:
        raise UserError(
            f"{reviews or statuses}: no image can be evaluated; `wildframe doctor` checks the data"
        )
    space = frozenset(class_ids(label_space)) if label_space else None
    table = read_senses(senses) if senses else None
    return Evaluated(evaluated(sets, images, table, space), known, facts)


def copies_in(reviews: Path) -> dict[str, str]:
    """Return which images of reviewed sets are copies of which; errors as in `read_facts`."""
    copies: dict[str, str] = json.loads(read_facts(reviews, REVIEWS).get(COPIES, "{}"))
    return copies


def kept_labels(
    image: Mapping[str, Any], labels: Iterable[str], senses: SenseTable | None
) -> list[str]:
    """Return those labels of an image that are no wrong sense of its noun in a sense table.

    The table is applied here and not in the manifest, so that editing it decodes no frame again.

    Args:
        image: Row of the manifest.
        labels: Labels to choose from.
        senses: Keeps all labels of an image without a noun; None keeps no label of any.
    """
    if senses is None:
        return []
    nouns = image["nouns"][:1]
    doubtful = {
        wnid
        # Sets have no words: labels of neighbouring frames come from no noun.
        for wnid, word in zip(image["labels"], image["words"], strict=False)
        if any(senses.drops(noun, word, wnid) for noun in nouns)
    }
    return [wnid for wnid in labels if wnid not in doubtful]


def single_images(manifest: Iterable[Row], readable: Collection[str]) -> list[Row]:
    """Return single images as sets of one: rows of ``REVIEWS``, as far as `evaluated` reads them.

    Args:
        manifest: Rows of the manifest.
        readable: Images whose frame could be read; others are not evaluated.

    Raises:
        UserError: An image has no label.
    """
    images = [row for row in manifest if row["image_id"] in readable]
    for row in images:
        if not row["labels"]:
            raise UserError(
                f"image {row['image_id']} of the manifest has no label; an evaluated image needs "
                "one"
            )
    return [
        dict.fromkeys(("anchor_id", "image_id"), row["image_id"])
        | {"offset": 0, "labels": row["labels"]}
        for row in images
    ]


def evaluated(
    sets: Iterable[Row],
    manifest: Iterable[Row],
    senses: SenseTable | None,
    label_space: Collection[str | None] | None,
) -> list[Row]:
    """Return the columns of ``IMAGE_RESULTS`` that do not depend on the model.

    Args:
        sets: Accepted rows of ``REVIEWS``, or `single_images`.
        manifest: Rows of the manifest.
        senses: Sense table, if any.
        label_space: Classes that labels must be of; None for any.

    Raises:
        UserError: A frame is not in the manifest, or a label not in the label space; names the
            image.
    """
    images = {row["image_id"]: row for row in manifest}
    rows = []
    for frame in sets:
        image_id, labels = frame["image_id"], frame["labels"]
        if image_id not in images:
            raise UserError(
                f"image {image_id} of the reviews is not in the manifest; name the manifest of the "
                "same dataset"
            )
        unknown = [wnid for wnid in labels if label_space and wnid not in label_space]
        if unknown:
            raise UserError(
                f"image {image_id}: its label {unknown[0]} is not in the label space that is "
                "scored in; name the label space that the dataset was made with"
            )
        image = images[image_id]
        rows.append(
            {
                **{name: frame[name] for name in ("anchor_id", "image_id", "offset", "labels")},
                **{name: image[name] for name in ("group_id", "video_id", "role")},
                "noun": image["nouns"][0] if image["nouns"] else None,
                "kept_labels": kept_labels(image, labels, senses),
                "box_area": first_box_area(image),
            }
        )
    return rows


def first_box_area(image: Mapping[str, Any]) -> float | None:
    """Return the share of an image, 0 to 1, that its first box covers; None without box or size.

    Args:
        image: Row of the manifest: boxes in pixels of a frame of width x height.
    """
    width, height = image["width"], image["height"]
    if not image["boxes"] or not width or not height:
        return None
    box = image["boxes"][0]
    across = min(box["x"] + box["width"], width) - max(box["x"], 0)
    down = min(box["y"] + box["height"], height) - max(box["y"], 0)
    return float(max(across, 0) * max(down, 0) / (width * height))

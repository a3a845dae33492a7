"""Export of sets in the format of ImageNet-Vid-Robust: ``pmsets.json`` and ``labels.json``."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from wildframe.core.choices import Targets
from wildframe.core.errors import UserError
from wildframe.core.files import write_text
from wildframe.core.schemas import MANIFEST, REVIEWS
from wildframe.core.tables import Row, read_table
from wildframe.labels.hypernyms import read_targets
from wildframe.manifests.keys import COLUMNS, frame_names
from wildframe.manifests.labels import agreed_labels


def write_published(
    reviews: Path, manifest: Path, targets: Targets, pmsets: Path, labels: Path
) -> None:
    """Write the accepted sets.

    Args:
        reviews: REVIEWS of the dataset.
        manifest: MANIFEST of the dataset.
        targets: Label space of the indices.
        pmsets: JSON to write: neighbours of each anchor, by number, without the anchor itself.
        labels: JSON to write: indices of each frame's labels, ascending.

    Raises:
        UserError: An image is not in the manifest, or a label is not in the label space.
    """
    rows = [row for row in read_table(reviews, REVIEWS).to_pylist() if row["accepted"]]
    wanted = {row["image_id"] for row in rows}
    names = frame_names(read_table(manifest, MANIFEST, COLUMNS).to_pylist())
    if missing := sorted(wanted - names.keys()):
        raise UserError(
            f"{manifest}: lacks image {missing[0]} of {reviews} ({len(missing)} such); give both "
            "of one dataset"
        )
    _write(pmsets, published_sets(rows, names))
    _write(labels, published_labels(rows, names, targets))


def published_sets(rows: Sequence[Row], names: Mapping[str, str]) -> dict[str, list[str]]:
    """Return the names of each anchor's neighbours, from accepted rows of REVIEWS."""
    neighbours: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for row in rows:
        frames = neighbours[names[row["anchor_id"]]]
        if row["anchor_id"] != row["image_id"]:
            frames.append((row["offset"], names[row["image_id"]]))
    return {
        anchor: [name for _, name in sorted(frames)]
        for anchor, frames in sorted(neighbours.items())
    }


def published_labels(
    rows: Sequence[Row], names: Mapping[str, str], targets: Targets
) -> dict[str, list[int]]:
    """Return the indices of each frame's labels, of `agreed_labels`.

    Args:
        rows: Accepted rows of REVIEWS.
        names: Name of each image.
        targets: Label space of the indices.

    Raises:
        UserError: A label is not in the label space.
    """
    places = {target.wnid: index for index, target in enumerate(read_targets(targets))}
    for row in rows:
        # YouTube-BB's `none` has an index, but is no class.
        if any(wnid not in places for wnid in row["labels"] or [None]):
            raise UserError(
                f"image {row['image_id']}: its labels {row['labels']} are not all among "
                f"{targets}, or there is none; choose the label space of the dataset"
            )
    labels = {names[image_id]: of_image for image_id, of_image in agreed_labels(rows).items()}
    return {
        name: sorted(places[wnid] for wnid in of_image) or [places[None]]
        for name, of_image in sorted(labels.items())
    }


def _write(path: Path, content: Mapping[str, object]) -> None:
    write_text(path, json.dumps(content, indent=1, ensure_ascii=False) + "\n")

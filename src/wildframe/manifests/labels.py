"""The labels of a dataset's images."""

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from wildframe.core.schemas import MANIFEST
from wildframe.core.tables import Row, read_table


def read_labels(manifest: Path) -> dict[str, list[str]]:
    """Read the labels of each image; errors as in `wildframe.core.tables.read_table`."""
    rows = read_table(manifest, MANIFEST, ["image_id", "labels"]).to_pylist()
    return {row["image_id"]: row["labels"] for row in rows}


def agreed_labels(rows: Iterable[Row]) -> dict[str, list[str]]:
    """Return the labels of each image of sets: its own as an anchor, else those of all its sets.

    An image that is no anchor, with different labels in two sets, is left out: it can only be
    scored by its anchors' labels.

    Args:
        rows: Of SETS or REVIEWS.
    """
    found: dict[str, list[list[str]]] = defaultdict(list)
    own = {}
    for row in rows:
        found[row["image_id"]].append(row["labels"])
        if row["anchor_id"] == row["image_id"]:
            own[row["image_id"]] = row["labels"]
    agreed = {
        image_id: first
        for image_id, (first, *others) in found.items()
        if all(set(labels) == set(first) for labels in others)
    }
    return agreed | own

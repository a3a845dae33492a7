"""Appendix H: the classes that occur in the pictures, and the nouns that named them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from wildframe.exhibits.table import Column, Table


def classes_found(
    manifest: Iterable[Mapping[str, Any]],
    classes: Sequence[Mapping[str, Any]],
    about: str,
) -> Table:
    """Return one row a class, in alphabetical order of the words that named it.

    Args:
        manifest: Rows of the manifest.
        classes: Rows of the class space.
        about: What the data is.
    """
    by_wnid = {row["wnid"]: row for row in classes}
    found: dict[str, list[Mapping[str, Any]]] = {}
    for picture in manifest:
        for wnid in picture["labels"]:
            found.setdefault(wnid, []).append(picture)
    rows = [
        {
            "words": " ".join(sorted({word for picture in pictures for word in picture["words"]})),
            "class_name": by_wnid[wnid]["name"],
            "class_index": by_wnid[wnid]["class_index"],
            "wnid": wnid,
            "nouns": " ".join(sorted({noun for picture in pictures for noun in picture["nouns"]})),
            "pictures": len(pictures),
        }
        for wnid, pictures in found.items()
    ]
    rows.sort(key=lambda row: (row["words"], row["class_index"]))
    columns = [
        Column("words", "Words", align="l"),
        Column("class_name", "Class", align="l"),
        Column("class_index", "Index"),
        Column("wnid", "wnid", align="l"),
        Column("nouns", "Annotated as", align="l", verbatim=True),
        Column("pictures", "Pictures"),
    ]
    title = f"Appendix H: the {len(rows)} ImageNet-1K classes of the test set"
    return Table(title, columns, rows, [f"Data: {about}"])

"""Appendix H: the classes that occur in the pictures, and the nouns that named them."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Annotated, Any

from wildframe.exhibits.registry import File, exhibit
from wildframe.exhibits.table import Column, Table
from wildframe.labels import read_classes
from wildframe.studies.ego4d.inputs import DataNote, Manifest, Readable, images_of


@exhibit(
    "Appendix H",
    "classes",
    "The classes of the test set, the words that named them and the nouns as annotated (paper: "
    "Appendix H).",
)
def appendix_h_classes(
    manifest: Manifest,
    readable: Readable,
    classes: Annotated[
        Sequence[Mapping[str, Any]],
        File("labels_classes", partial(read_classes, class_space="in1k")),
    ],
    data_note: DataNote,
) -> Table:
    """Return one row a class, in alphabetical order of the words that named it.

    Args:
        manifest: Rows of the manifest.
        readable: The images that were evaluated.
        classes: Rows of the class space.
        data_note: What the data is.
    """
    by_wnid = {row["wnid"]: row for row in classes}
    found: dict[str, list[Mapping[str, Any]]] = {}
    for picture in images_of(manifest, readable):
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
    return Table(title, columns, rows, [f"Data: {data_note}"])

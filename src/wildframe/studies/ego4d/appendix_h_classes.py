"""Appendix H: the classes that occur in the images, and the nouns that named them."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Annotated, Any

from wildframe.exhibits.registry import File, exhibit
from wildframe.exhibits.table import Column, Table
from wildframe.labels import read_classes
from wildframe.studies.ego4d.inputs import DataNote, Manifest, Readable, images_of, names_objects


@exhibit(
    "Appendix H",
    "classes",
    "The classes of the test set, with the words and the annotated nouns that name them (paper: "
    "Appendix H).",
    when=names_objects,
)
def appendix_h_classes(
    manifest: Manifest,
    readable: Readable,
    classes: Annotated[
        Sequence[Mapping[str, Any]],
        File("labels_classes", partial(read_classes, label_space="in1k")),
    ],
    data_note: DataNote,
) -> Table:
    """Return one row a class, in alphabetical order of the words that named it."""
    by_wnid = {row["wnid"]: row for row in classes}
    found: dict[str, list[Mapping[str, Any]]] = {}
    for image in images_of(manifest, readable):
        for wnid in image["labels"]:
            found.setdefault(wnid, []).append(image)
    rows = [
        {
            "words": " ".join(sorted({word for image in images for word in image["words"]})),
            "class_name": by_wnid[wnid]["name"],
            "class_index": by_wnid[wnid]["class_index"],
            "wnid": wnid,
            "nouns": " ".join(sorted({noun for image in images for noun in image["nouns"]})),
            "images": len(images),
        }
        for wnid, images in found.items()
    ]
    rows.sort(key=lambda row: (row["words"], row["class_index"]))
    columns = [
        Column("words", "Words", align="l"),
        Column("class_name", "Class", align="l"),
        Column("class_index", "Index"),
        Column("wnid", "wnid", align="l"),
        Column("nouns", "Annotated as", align="l", verbatim=True),
        Column("images", "Images"),
    ]
    title = f"Appendix H: the {len(rows)} ImageNet-1K classes of the test set"
    return Table(title, columns, rows, [f"Data: {data_note}"])

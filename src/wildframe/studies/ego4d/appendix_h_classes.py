"""Appendix H: the classes that occur in the images, and the nouns that named them."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Annotated, Any

from wildframe.exhibits.comparisons import NOTHING
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
    compares=[NOTHING],
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
    found: dict[str, list[tuple[str, Mapping[str, Any]]]] = {}
    for image in images_of(manifest, readable):
        for wnid, word in zip(image["labels"], image["words"], strict=True):
            found.setdefault(wnid, []).append((word, image))
    rows = [
        {
            "words": " ".join(sorted({word for word, _ in named})),
            "class_name": by_wnid[wnid]["name"],
            "class_index": by_wnid[wnid]["class_index"],
            "wnid": wnid,
            "nouns": " ".join(sorted({noun for _, image in named for noun in image["nouns"]})),
            "images": len(named),
            "first": sum(image["labels"][0] == wnid for _, image in named),
        }
        for wnid, named in found.items()
    ]
    rows.sort(key=lambda row: (row["words"], row["class_index"]))
    columns = [
        Column("words", "Words", align="l"),
        Column("class_name", "Class", align="l"),
        Column("class_index", "Index"),
        Column("wnid", "wnid", align="l"),
        Column("nouns", "Annotated as", align="l", verbatim=True),
        Column("images", "Images"),
        Column("first", "Learnt and listed"),
    ]
    notes = [
        f"Data: {data_note}",
        "Images: those that have the class among their labels, any of which is correct. Learnt and "
        "listed: those that are training examples of this class, and that tables and pages list "
        "under it. Of several labels that is the first which the sense table does not doubt, in "
        "the order of the words and then of WordNet's senses of a word.",
    ]
    title = f"Appendix H: the {len(rows)} ImageNet-1K classes of the test set"
    return Table(title, columns, rows, notes)

"""Fig. 5: the same pictures under ImageNet-1K and ImageNet-21K."""

from collections.abc import Mapping, Sequence
from typing import Any

from wildframe.exhibits.paper import beside, data_notes, paper_column, paper_numbers
from wildframe.exhibits.table import Column, Table
from wildframe.manifests.build import KEPT
from wildframe.manifests.funnel import summarize

_STATISTICS = {
    "parsed": "Pictures with an object box",
    "with_class": "Pictures with ≥ 1 class",
    "several_in_one_annotation": "... of them with several classes in one annotation",
    "several_classes": "Pictures with > 1 class",
    "invalid": "Invalid pictures",
    "one_class": "Pictures examined",
    "space_classes": "Classes of the space",
    "first_classes": "Classes found, first of an annotation",
    "all_classes": "Classes found, all of an annotation",
}


def statistics(
    funnel: Sequence[Mapping[str, Any]],
    statuses: Sequence[str],
    manifest: Sequence[Mapping[str, Any]],
    space_classes: int,
) -> dict[str, int]:
    """Count one class space; the keys are those of the paper's numbers.

    Args:
        funnel: Rows of the ``funnel`` table.
        statuses: Status of each picture's frame.
        manifest: Rows of the manifest.
        space_classes: Number of classes of the space.
    """
    steps = summarize(funnel, statuses)
    left = {row["step"]: row["left"] for row in steps}
    dropped = {row["step"]: row["dropped"] for row in steps}
    examined = steps[-1]["left"]
    labels = [row["labels"] for row in manifest]
    with_class = [row for row in funnel if row["step"] in (KEPT, "several_classes")]
    return {
        "parsed": left["no_object_box"],
        "with_class": len(with_class),
        "several_in_one_annotation": sum(
            any(len(wnids) > 1 for wnids in row["annotation_labels"]) for row in with_class
        ),
        "several_classes": dropped["several_classes"],
        "invalid": left["several_classes"] - examined,
        "one_class": examined,
        "space_classes": space_classes,
        "first_classes": len({wnids[0] for wnids in labels}),
        "all_classes": len({wnid for wnids in labels for wnid in wnids}),
    }


def comparison(
    in1k: Mapping[str, int], in21k: Mapping[str, int], about: str, licensed: bool
) -> Table:
    """Return the two spaces side by side.

    Args:
        in1k: `statistics` under ImageNet-1K.
        in21k: `statistics` under ImageNet-21K.
        about: What the data is.
        licensed: Whether the paper's numbers compare.
    """
    paper = paper_numbers("ego4d", "fig5_in1k_vs_in21k")
    rows = [
        {
            "statistic": key,
            "meaning": meaning,
            "in1k": in1k[key],
            "in21k": in21k[key],
            "paper_in1k": beside(paper[key], "in1k", licensed),
            "paper_in21k": beside(paper[key], "in21k", licensed),
        }
        for key, meaning in _STATISTICS.items()
    ]
    columns = [
        Column("statistic", ""),
        Column("meaning", "Statistic", align="l"),
        Column("in1k", "IN-1K"),
        Column("in21k", "IN-21K"),
        paper_column("paper_in1k", "IN-1K, paper", licensed),
        paper_column("paper_in21k", "IN-21K, paper", licensed),
    ]
    notes = [
        *data_notes(about, licensed),
        "The paper counts an invalid picture among those examined; here it is taken off.",
    ]
    return Table("Fig. 5: ImageNet-1K against ImageNet-21K", columns, rows, notes)

"""Fig. 5: the same images under ImageNet-1K and ImageNet-21K."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from wildframe.core.schemas import RECORDS
from wildframe.core.tables import Row
from wildframe.exhibits.comparisons import paired, untested
from wildframe.exhibits.inputs import Seed, rows_of
from wildframe.exhibits.pairs import with_differences
from wildframe.exhibits.paper import beside, paper_column, paper_numbers
from wildframe.exhibits.registry import Context, File, Setting, exhibit
from wildframe.exhibits.table import Column, Table
from wildframe.manifests.decisions import KEPT
from wildframe.manifests.funnel import summarize
from wildframe.studies.ego4d.accuracy_table import data_notes
from wildframe.studies.ego4d.inputs import (
    ClassCounts,
    compare,
    funnel,
    images_of,
    manifest,
    names_objects,
    statuses,
)
from wildframe.studies.ego4d.label_space_pairs import compare_spaces

_STATISTICS = {
    "parsed": "Images with an object box",
    "with_class": "Images with ≥ 1 class",
    "several_in_one_annotation": "... of them with several classes in one annotation",
    "several_classes": "Images with > 1 class",
    "invalid": "Invalid images",
    "one_class": "Images evaluated",
    "space_classes": "Classes of the label space",
    "first_classes": "Classes of the labels, first of each annotation",
    "all_classes": "Classes of the labels, all of each annotation",
}

PAPERS_COUNTS = (
    "The paper's figures print 21,483 classes of ImageNet-21K; its text says 21,843, which is what "
    "the list has.",
    "The paper prints one number of its ImageNet-1K classes, 69, and 68 names of them: one name, "
    "cardigan, is of two classes.",
    "Its total of 17,754 is 1,090 below what its Fig. 4 leaves (see there).",
)


def _source(run: Context) -> dict[str, str]:
    return {"source": run.config.datasets[run.study.in1k].source}


def _data_note(run: Context) -> str:
    # The view does not matter: no model looks at the images.
    return run.config.describe(run.study.in1k, run.study.in21k)


@exhibit(
    "Fig. 05",
    "labels under ImageNet-1K and ImageNet-21K",
    "The same images under ImageNet-1K and ImageNet-21K: how many name a class, several classes, "
    "or none (paper: Fig. 5).",
    printed="fig5_in1k_vs_in21k",
    when=lambda run: run.study.in21k and names_objects(run),
    compares=[
        paired("images with a class, with several and with one, under both label spaces"),
        untested("numbers of classes", "they count what there is, and estimate nothing"),
    ],
)
def fig5_in1k_vs_in21k(
    in1k_funnel: Annotated[Sequence[Row], funnel("in1k")],
    in1k_manifest: Annotated[Sequence[Row], manifest("in1k")],
    in1k_statuses: Annotated[Sequence[Row], statuses("in1k")],
    in21k_funnel: Annotated[Sequence[Row], funnel("in21k")],
    in21k_manifest: Annotated[Sequence[Row], manifest("in21k")],
    in21k_statuses: Annotated[Sequence[Row], statuses("in21k")],
    records: Annotated[Sequence[Row], File("sources_ego4d.records", rows_of(RECORDS), _source)],
    class_counts: ClassCounts,
    seed: Seed,
    data_note: Annotated[str, Setting(_data_note)],
    compare: Annotated[bool, compare("in1k", "in21k")],
) -> Table:
    """Return the two label spaces side by side."""
    in1k = statistics(in1k_funnel, in1k_manifest, in1k_statuses, class_counts["in1k"])
    in21k = statistics(in21k_funnel, in21k_manifest, in21k_statuses, class_counts["in21k"])
    paper = paper_numbers("ego4d", "fig5_in1k_vs_in21k")
    found = compare_spaces(in1k_funnel, in21k_funnel, records, seed)
    rows = [
        {
            "statistic": key,
            "meaning": meaning,
            "in1k": in1k[key],
            "in21k": in21k[key],
            "paper_in1k": beside(paper[key], "in1k", compare),
            "paper_in21k": beside(paper[key], "in21k", compare),
        }
        for key, meaning in _STATISTICS.items()
    ]
    columns = [
        Column("statistic", ""),
        Column("meaning", "Statistic", align="l"),
        Column("in1k", "IN-1K"),
        Column("in21k", "IN-21K"),
        paper_column("paper_in1k", "IN-1K, paper", compare),
        paper_column("paper_in21k", "IN-21K, paper", compare),
    ]
    notes = [
        *data_notes(data_note, compare),
        "The paper counts an invalid image among those evaluated; here it does not count.",
        *(PAPERS_COUNTS if compare else ()),
        "An image that cannot be read counts in the difference.",
    ]
    table = Table("Fig. 5: ImageNet-1K against ImageNet-21K", columns, rows, notes)
    title = "IN-1K - IN-21K, points of images with an object box"
    return with_differences(table, {"difference": (title, [*map(found.get, _STATISTICS)])})


def statistics(
    funnel: Sequence[Mapping[str, Any]],
    manifest: Sequence[Row],
    statuses: Sequence[Mapping[str, Any]],
    space_classes: int,
) -> dict[str, int]:
    """Count one label space; the keys are those of the paper's numbers."""
    steps = summarize(funnel, [row["status"] for row in statuses])
    left = {row["step"]: row["left"] for row in steps}
    dropped = {row["step"]: row["dropped"] for row in steps}
    evaluated = steps[-1]["left"]
    readable = {row["image_id"] for row in statuses if row["status"] == "ok"}
    labels = [row["labels"] for row in images_of(manifest, readable)]
    with_class = [row for row in funnel if row["step"] in (KEPT, "several_classes")]
    return {
        "parsed": left["no_object_box"],
        "with_class": len(with_class),
        "several_in_one_annotation": sum(
            any(len(wnids) > 1 for wnids in row["annotation_labels"]) for row in with_class
        ),
        "several_classes": dropped["several_classes"],
        "invalid": left["several_classes"] - evaluated,
        "one_class": evaluated,
        "space_classes": space_classes,
        "first_classes": len({wnids[0] for wnids in labels}),
        "all_classes": len({wnid for wnids in labels for wnid in wnids}),
    }

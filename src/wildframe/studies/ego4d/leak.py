"""Why all images of a clip must be in one part of a split: a split by image leaks.

The paper measured 72 % with it, and 12.81 % with a split by clip, which it then used (D).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Annotated, Any

from wildframe.core.choices import Grouping
from wildframe.core.errors import UserError
from wildframe.core.tables import Row
from wildframe.exhibits.comparisons import paired, untested
from wildframe.exhibits.inputs import TableFile
from wildframe.exhibits.pairs import Case, PairTable
from wildframe.exhibits.paper import beside, paper_column, paper_numbers
from wildframe.exhibits.registry import exhibit
from wildframe.exhibits.score_table import ScoreTable
from wildframe.exhibits.shares import INTERVALS, cluster_columns, share_columns
from wildframe.exhibits.table import Column, Table
from wildframe.studies.ego4d.accuracy_table import (
    data_notes,
    paper_row,
    share_cells,
    with_differences,
)
from wildframe.studies.ego4d.fig11_finetuned import EARLY_STOPPING
from wildframe.studies.ego4d.inputs import (
    CompareFineTuning,
    FineTuned,
    FineTuningNote,
    HeldOutPairs,
    HeldOutScores,
    HeldOutSplit,
    SplitBy,
    held_out,
    images_of,
    manifest,
    readable,
)

_SEEN = {"clip_seen": "group_id", "video_seen": "video_id"}

_BY_IMAGE_SCORES, _BY_IMAGE_PAIRS, _BY_IMAGE_SPLIT = held_out(lambda run: "by-image")


@exhibit(
    "Supplement: leak",
    "leakage of a split by image",
    "Apparent accuracy after fine-tuning when images of one clip are in both training and held-out "
    "parts (paper: D).",
    printed="leak",
    when=lambda run: run.study.finetuning,
    compares=[
        paired("after against before fine-tuning, of each split"),
        untested("a split by image against one by clip", "their held-out images are others"),
    ],
)
def leak(
    scores: HeldOutScores,
    pairs: HeldOutPairs,
    split: HeldOutSplit,
    by: SplitBy,
    image_scores: Annotated[ScoreTable, _BY_IMAGE_SCORES],
    image_pairs: Annotated[PairTable, _BY_IMAGE_PAIRS],
    image_split: Annotated[TableFile, _BY_IMAGE_SPLIT],
    manifest: Annotated[Sequence[Row], manifest("finetuning.dataset")],
    readable: Annotated[Collection[str], readable("finetuning.dataset")],
    models: FineTuned,
    data_note: FineTuningNote,
    compare: CompareFineTuning,
) -> Table:
    """Return one row a model and split: top-1 accuracy before and after fine-tuning."""
    images = images_of(manifest, readable)
    splits: dict[Grouping, tuple[ScoreTable, PairTable, dict[str, int]]] = {
        by: (scores, pairs, seen_in_training(split, images)),
        "image": (image_scores, image_pairs, seen_in_training(image_split, images)),
    }
    paper = paper_numbers("ego4d", "leak")
    rows = []
    gains: list[Row | None] = []
    for entry in models:
        for grouping, (table, compared, seen) in splits.items():
            trained = f"{entry.name}+by-{grouping}"
            before, after = table.require(entry.name), table.require(trained)
            gains.append(compared.require(Case(trained), Case(entry.name)))
            rows.append(
                {
                    "model_a": trained,
                    "model_b": entry.name,
                    "split_by": grouping,
                    **share_cells("before", before),
                    **share_cells("after", after),
                    "paper_after": beside(paper.get(paper_row(entry)), grouping, compare),
                    "n": after["n"],
                    **seen,
                }
            )
    columns = [
        Column("model_a", ""),
        Column("model_b", "Model", align="l"),
        Column("split_by", "Split by", align="l"),
        *share_columns("before", "Top-1 % before", counts=["successes"]),
        *share_columns("after", "Top-1 % after", counts=["successes"]),
        *cluster_columns("before", "Before"),
        *cluster_columns("after", "After"),
        paper_column("paper_after", "Top-1 % after, paper", compare),
        Column("n", "Held-out images"),
        Column("clip_seen", "Clip also in training"),
        Column("video_seen", "Video also in training"),
    ]
    notes = [
        *data_notes(data_note, compare),
        "Where images of one clip are in both parts, a fine-tuned model is evaluated on near "
        "copies of its training images: the split by image is a warning, and used nowhere else.",
        EARLY_STOPPING,
        INTERVALS,
    ]
    title = "Leak: fine-tuning when images of a clip are split"
    return with_differences(Table(title, columns, rows, notes), {1: gains}, "after - before")


def seen_in_training(split: TableFile, images: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Count held-out images whose clip, or whose video, has images in training.

    Raises:
        UserError: An image is in no part.
    """
    parts = {row["image_id"]: row["part"] for row in split.rows}
    found: dict[str, list[Mapping[str, Any]]] = {"train": [], "val": []}
    for image in images:
        if image["image_id"] not in parts:
            raise UserError(
                f"{split.path}: image {image['image_id']} is in no part; name the split of the "
                "same dataset"
            )
        found[parts[image["image_id"]]].append(image)
    counts = {}
    for key, column in _SEEN.items():
        seen = {image[column] for image in found["train"]} - {None}
        counts[key] = sum(image[column] in seen for image in found["val"])
    return counts

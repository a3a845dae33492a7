"""Why pictures of one clip must lie in one part: fine-tuning on a split by image leaks.

The paper saw 72 % where a split by clip gave 12.81 %, and then split by clip (D).
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from wildframe.core.choices import Grouping
from wildframe.core.errors import UserError
from wildframe.exhibits.paper import beside, data_notes, paper_column, paper_numbers
from wildframe.exhibits.score_table import ScoreTable
from wildframe.exhibits.table import Column, Table
from wildframe.models.zoo import ZooEntry
from wildframe.studies.ego4d.accuracy_table import (
    INTERVALS,
    MODEL,
    clips_columns,
    paper_row,
    share_cells,
    share_columns,
)
from wildframe.studies.ego4d.fig11_finetuned import EARLY_STOPPING

_SEEN = {"clip_seen": "group_id", "video_seen": "video_id"}


def seen_in_training(
    path: Path, pictures: Iterable[Mapping[str, Any]], parts: Mapping[str, str]
) -> dict[str, int]:
    """Count held-out pictures whose clip, or whose video, has pictures in training, too.

    Args:
        path: Split, for messages.
        pictures: Rows of the manifest that were examined.
        parts: Part of each picture: train or val.

    Raises:
        UserError: A picture is in no part.
    """
    found: dict[str, list[Mapping[str, Any]]] = {"train": [], "val": []}
    for picture in pictures:
        if picture["image_id"] not in parts:
            raise UserError(
                f"{path}: picture {picture['image_id']} is in no part; name the split of the same "
                "dataset"
            )
        found[parts[picture["image_id"]]].append(picture)
    counts = {}
    for key, column in _SEEN.items():
        learnt = {picture[column] for picture in found["train"]} - {None}
        counts[key] = sum(picture[column] in learnt for picture in found["val"])
    return counts


def leak(
    tables: Mapping[Grouping, ScoreTable],
    seen: Mapping[Grouping, Mapping[str, int]],
    models: Sequence[ZooEntry],
    about: str,
    licensed: bool,
) -> Table:
    """Return one row a model and split: top-1 accuracy before and after fine-tuning.

    Args:
        tables: Scores on the held-out pictures of each split, in the order of the rows.
        seen: `seen_in_training` of each split.
        models: Models that training started from, in the order of the rows.
        about: What the data is.
        licensed: Whether the paper's numbers compare.

    Raises:
        UserError: A model was not scored, before or after training.
    """
    paper = paper_numbers("ego4d", "leak")
    rows = []
    for entry in models:
        for by, table in tables.items():
            before = table.require(entry.name)
            after = table.require(f"{entry.name}+by-{by}")
            rows.append(
                {
                    "model": entry.name,
                    "split_by": by,
                    **share_cells("before", before),
                    **share_cells("after", after),
                    "paper_after": beside(paper.get(paper_row(entry) or ""), by, licensed),
                    "n": after["n"],
                    **seen[by],
                }
            )
    columns = [
        MODEL,
        Column("split_by", "Split by", align="l"),
        *share_columns("before", "Top-1 % before"),
        *share_columns("after", "Top-1 % after"),
        *clips_columns("before", "Before"),
        *clips_columns("after", "After"),
        paper_column("paper_after", "Top-1 % after, paper", licensed),
        Column("n", "Held-out pictures"),
        Column("clip_seen", "Of a clip in training"),
        Column("video_seen", "Of a video in training"),
    ]
    notes = [
        *data_notes(about, licensed),
        "Where pictures of one clip lie in both parts, fine-tuning is examined on near copies of "
        "what it learnt: a split by image is shown as a warning, and nowhere else.",
        EARLY_STOPPING,
        INTERVALS,
    ]
    title = "Leak: fine-tuning when pictures of a clip are split"
    return Table(title, columns, rows, notes)

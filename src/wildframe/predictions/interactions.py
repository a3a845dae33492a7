"""Boxes of hands and of the objects in them, as users and detectors write them.

A CSV or Parquet file has the columns ``video_id``, ``frame`` (of the media, from 0), ``kind``
(hand or object), ``x1``, ``y1``, ``x2``, ``y2`` (shares of the frame) and ``score``.
"""

from collections.abc import Collection
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from wildframe.core.errors import UserError
from wildframe.core.files import require_file
from wildframe.core.parquet import CheckedParquet
from wildframe.core.schemas import CLIPS, INTERACTIONS
from wildframe.core.tables import read_table, write_rows

KINDS = ("hand", "object")
SIDES = ("x1", "y1", "x2", "y2")
COLUMNS = pa.schema(
    [
        ("video_id", pa.string()),
        ("frame", pa.int64()),
        ("kind", pa.string()),
        *((side, pa.float64()) for side in SIDES),
        ("score", pa.float64()),
    ]
)

_FAR = 1.0
"""Boxes reach over the edge of a frame by no more; further out are pixels."""


def import_boxes(boxes: Path, manifest: Path, min_score: float, output: Path) -> None:
    """Import boxes from a file, and print what became of them.

    Args:
        boxes: CSV or Parquet file.
        manifest: Clips of the dataset.
        min_score: Smallest confidence of boxes that are imported.
        output: INTERACTIONS to write.

    Raises:
        UserError: The file is absent or something else, or a value is invalid; names the row.
    """
    videos = read_table(manifest, CLIPS, ["video_id"])["video_id"].unique().to_pylist()
    write_boxes(read_boxes(boxes), str(boxes), videos, min_score, output)


def read_boxes(path: Path) -> pa.Table:
    """Read a CSV or Parquet file of boxes; errors as in `import_boxes`."""
    require_file(path, "write boxes there, or correct the path")
    names = COLUMNS.names
    try:
        if path.suffix == ".csv":
            options = pa_csv.ConvertOptions(
                column_types=COLUMNS, include_columns=names, strings_can_be_null=False
            )
            return pa_csv.read_csv(path, convert_options=options)
        with CheckedParquet(path) as file:
            table = file.read().select(names).cast(COLUMNS).combine_chunks()
        table.validate(full=True)  # that text is text
        return table
    except (pa.ArrowException, KeyError, OSError, UnicodeDecodeError) as error:
        raise UserError(
            f"{path}: not a .csv or .parquet file of boxes with the columns {', '.join(names)} "
            f"({error}); write it again"
        ) from error


def write_boxes(
    boxes: pa.Table, place: str, videos: Collection[str], min_score: float, output: Path
) -> None:
    """Write boxes as INTERACTIONS, cut at the edges of frames; print what became of them.

    Args:
        boxes: Of `COLUMNS`.
        place: Where they are from, for messages.
        videos: Videos of the dataset; boxes of others are left out.
        min_score: Smallest confidence of boxes that are written.
        output: Table to write.

    Raises:
        UserError: A value is none, names the row; or no box is of the dataset, or left.
    """
    _require_values(boxes, place)
    of_dataset = pc.is_in(boxes["video_id"], value_set=pa.array(videos, pa.string()))
    chosen = boxes.filter(of_dataset)
    if boxes.num_rows and not chosen.num_rows:
        raise UserError(
            f"{place}: no box is of a video of the dataset, but of {boxes['video_id'][0]} and "
            "others; write video_id as the manifest has it"
        )
    for side in SIDES:
        at, inside = chosen.column_names.index(side), np.clip(chosen[side].to_numpy(), 0, 1)
        chosen = chosen.set_column(at, side, pa.array(inside))
    visible = pc.and_(pc.less(chosen["x1"], chosen["x2"]), pc.less(chosen["y1"], chosen["y2"]))
    confident = pc.greater_equal(chosen["score"], min_score)
    kept = chosen.filter(pc.and_(visible, confident))
    unsure, empty = (
        pc.sum(mask, min_count=0).as_py()
        for mask in (pc.invert(confident), pc.and_(confident, pc.invert(visible)))
    )
    told = (
        f"{place}: {kept.num_rows} of {boxes.num_rows} boxes; left out are "
        f"{boxes.num_rows - chosen.num_rows} of other videos, {unsure} below {min_score:g} and "
        f"{empty} without area"
    )
    if not kept.num_rows:
        raise UserError(f"{told}; write boxes there, or lower the smallest confidence")
    print(told, flush=True)
    facts = {"min_score": f"{min_score:g}"}
    rows = (row for batch in _numbered(kept).to_batches() for row in batch.to_pylist())
    write_rows(output, INTERACTIONS, rows, facts=facts)


def _require_values(boxes: pa.Table, place: str) -> None:
    """Raise a `UserError` that names the first row with a value that is none."""
    sides = np.stack([boxes[side].to_numpy() for side in SIDES], axis=1)
    scores = boxes["score"].to_numpy()
    frames = boxes["frame"].to_numpy()
    nulls = [boxes[name].is_null().to_numpy() for name in ("video_id", "frame", "kind")]
    is_kind = pc.is_in(boxes["kind"], value_set=pa.array(KINDS)).to_numpy()
    with np.errstate(invalid="ignore"):
        checks = {
            "video_id, frame or kind is missing": np.stack(nulls).any(axis=0),
            "kind is neither hand nor object": ~is_kind,
            "frame is negative": ~(frames >= 0),
            "a side is no share of the frame; divide pixels by its width or height": ~(
                (sides >= -_FAR) & (sides <= 1 + _FAR)
            ).all(axis=1),
            "score is not from 0 to 1": ~((scores >= 0) & (scores <= 1)),
        }
    for problem, faulty in checks.items():
        if faulty.any():
            row = int(faulty.argmax())
            raise UserError(
                f"{place}: box {row + 1}: {problem}; correct it ({int(faulty.sum())} such)"
            )


def _numbered(boxes: pa.Table) -> pa.Table:
    """Return boxes in the order of the table, the most confident of a frame and kind first."""
    keys = ("video_id", "frame", "kind")
    ordered = boxes.sort_by([*((key, "ascending") for key in keys), ("score", "descending")])
    columns = [ordered[key].dictionary_encode().combine_chunks().indices.to_numpy() for key in keys]
    changes = np.logical_or.reduce([np.diff(column, prepend=-1) != 0 for column in columns])
    rows = np.arange(len(ordered))
    starts = np.maximum.accumulate(np.where(changes, rows, 0))
    return ordered.append_column("position", pa.array(rows - starts, pa.int32()))

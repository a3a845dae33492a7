"""A file that names every image of a dataset, to be filled in with external predictions."""

import csv
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from wildframe.core.errors import UserError
from wildframe.core.files import atomic_path, write_text
from wildframe.core.schemas import MANIFEST
from wildframe.core.tables import Row, read_table
from wildframe.predictions.external_files import IMAGE_ID

TOP = 5
"""Classes of an image that CSV has columns for: as many as metrics look at."""

_PLACE = ("media", "frame", "rate")
"""Columns that say where an image is."""

_SCHEMA = pa.schema(
    [
        (IMAGE_ID, pa.string()),
        ("media", pa.string()),
        ("frame", pa.int64()),
        ("rate", pa.string()),
        ("top", pa.list_(pa.struct([("wnid", pa.string()), ("probability", pa.float64())]))),
    ]
)


def choose_output(dataset: str, suffix: str | None, output: Path | None) -> Path:
    """Return the file to write: never one that is there, which people may have filled in.

    Raises:
        UserError: It is there, or is not of the format.
    """
    path = output or Path(f"{dataset}.predictions.{suffix or 'csv'}")
    if path.suffix.removeprefix(".") not in ([suffix] if suffix else _WRITERS):
        wanted = suffix or ", ".join(_WRITERS)
        raise UserError(f"{path}: the suffix is not that of the format ({wanted}); change one")
    if path.exists():
        raise UserError(f"{path}: exists, and may be filled in; choose another --output")
    return path


def write_template(manifest: Path, output: Path) -> str:
    """Write a template in the format of the suffix; return how to fill it in.

    Raises:
        UserError: The manifest is absent, something else, or has no image.
    """
    rows = read_table(manifest, MANIFEST, [IMAGE_ID, *_PLACE, "labels"]).to_pylist()
    if not rows:
        raise UserError(f"{manifest}: no image is in it; `wildframe manifests show` says why")
    suffix = output.suffix.removeprefix(".")
    _WRITERS[suffix](output, rows)
    return _explain(suffix, rows)


def _write_csv(path: Path, rows: Sequence[Row]) -> None:
    ranks = range(1, TOP + 1)
    empty = [f"{key}{rank}" for key in ("top", "probability") for rank in ranks]
    with atomic_path(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(
            file, [IMAGE_ID, *_PLACE, *empty], extrasaction="ignore", lineterminator="\n"
        )
        writer.writeheader()
        writer.writerows(rows)


def _write_parquet(path: Path, rows: Sequence[Row]) -> None:
    table = pa.Table.from_pylist(list(rows), schema=_SCHEMA)
    with atomic_path(path) as temporary:
        pq.write_table(table, temporary)


def _write_json(path: Path, rows: Sequence[Row]) -> None:
    records = {row[IMAGE_ID]: {name: row[name] for name in _PLACE} | {"top": []} for row in rows}
    write_text(path, json.dumps(records, ensure_ascii=False, indent=1) + "\n")


_WRITERS: dict[str, Callable[[Path, Sequence[Row]], None]] = {
    "csv": _write_csv,
    "parquet": _write_parquet,
    "json": _write_json,
}


def _explain(suffix: str, rows: Sequence[Row]) -> str:
    """Return how a template of a format is filled in, with an example of its first image."""
    first = rows[0]
    wnids = list(dict.fromkeys(wnid for row in rows for wnid in row["labels"]))[:2]
    top: list[Any] = [
        {"wnid": wnid, "probability": share} for wnid, share in zip(wnids, (0.6, 0.3), strict=False)
    ]
    lists = (
        "Fill in the most probable classes of each image, best first, as the list top. Or put the "
        "scores of all classes, in the order of indices, in its place: the list scores."
    )
    ways = {
        "csv": (
            "Fill in the most probable classes of each image, best first, as wnids or class "
            "indices, in top1, top2, ..., and if known their probabilities. Or put the scores of "
            "all classes in their place: a column a class, named by wnid, or by index 0, 1, ...",
            ", ".join(f"top{rank}={wnid}" for rank, wnid in enumerate(wnids, 1)),
        ),
        "parquet": (lists, f"top={json.dumps(top)}"),
        "json": (lists, json.dumps({"top": top})),
    }
    way, example = ways[suffix]
    return (
        f"{way}\nFor example, image {first[IMAGE_ID]}: {example}\n"
        "media is a file below the root of the source, and frame the frame in it: the n-th that is "
        "shown, from 0, or on a time grid of that rate a second if there is one (`wildframe frames "
        "get VIDEO FRAME --rate RATE`); of a Parquet file, its row. None of them is imported."
    )

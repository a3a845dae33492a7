"""Export of a dataset as Parquet shards, as the Hugging Face hub keeps data sets of images.

Sources of kind ``shards`` read them, and so does ``datasets.load_dataset``.
"""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pyarrow as pa

from wildframe.core.display import markdown_text
from wildframe.core.errors import UserError
from wildframe.core.files import atomic_directory
from wildframe.core.schemas import HARD_IMAGES, MANIFEST
from wildframe.core.tables import Row, parquet_writer, read_table
from wildframe.core.timm_lists import IN1K, timm_list
from wildframe.frames import iter_images, read_readable

CARD = "README.md"
"""The data card, which every exported folder has."""

_SHARD = 1000
"""Images of a file."""

_ROW_GROUP = 16
"""Images of a row group: readers hold one in memory."""

_FEATURES = {
    "image": {"_type": "Image"},
    "label": {"feature": {"dtype": "int64", "_type": "Value"}, "_type": "Sequence"},
    "origin": {"dtype": "string", "_type": "Value"},
    "english_label": {"feature": {"dtype": "string", "_type": "Value"}, "_type": "Sequence"},
}
_SCHEMA = pa.schema(
    [
        ("image", pa.struct([("bytes", pa.binary()), ("path", pa.string())])),
        ("label", pa.list_(pa.int64())),
        ("origin", pa.string()),
        ("english_label", pa.list_(pa.string())),
    ],
    metadata={"huggingface": json.dumps({"info": {"features": _FEATURES}})},
)


@dataclass(frozen=True, slots=True)
class ExportFiles:
    """What a dataset is exported from."""

    manifest: Path
    statuses: Path
    shards: Sequence[Path]
    """All shards of its source."""
    hard: Path | None = None
    """HARD_IMAGES: only those that are hard are exported; all if None."""


def export_shards(
    files: ExportFiles, names: Mapping[str, str], data_note: str, limit: int | None, folder: Path
) -> int:
    """Write the readable images of a dataset with their labels, and a data card.

    Args:
        files: The dataset.
        names: Class name of each wnid of ImageNet-1K.
        data_note: What the data card says about the data.
        limit: Images at most, chosen by `spread`; all if None.
        folder: Folder to write; an earlier export is replaced.

    Returns:
        Number of images.

    Raises:
        UserError: No image is left, or one has a label that is not of ImageNet-1K.
    """
    rows = _chosen(files, limit)
    indices = {wnid: at for at, wnid in enumerate(timm_list(IN1K).decode().split())}
    records = {row["image_id"]: _record(row, indices, names) for row in rows}
    images = iter_images(files.shards, files.statuses, records.keys(), label="export")
    encoded = (
        records[status["image_id"]]
        | {"image": {"bytes": image, "path": f"{status['image_id']}.{status['encoding']}"}}
        for status, image in images
    )
    with atomic_directory(folder, CARD) as new:
        _write_shards(encoded, len(rows), new)
        card = data_card(records.values(), data_note)
        (new / CARD).write_text(card, encoding="utf-8", newline="\n")
    return len(rows)


def _chosen(files: ExportFiles, limit: int | None) -> list[Row]:
    """Return the rows of the manifest to export, by ``image_id``; errors as in `export_shards`."""
    columns = ["image_id", "dataset", "role", "group_id", "labels", "origin"]
    kept = read_readable(files.statuses)
    if files.hard:
        hard = read_table(files.hard, HARD_IMAGES, ["image_id", "hard"]).to_pylist()
        kept &= {row["image_id"] for row in hard if row["hard"]}
    listed = read_table(files.manifest, MANIFEST, columns).to_pylist()
    rows = [row for row in listed if row["image_id"] in kept]
    if not rows:
        raise UserError(
            f"{files.hard or files.statuses}: no image of {files.manifest} is left to export; name "
            "the files of one dataset"
        )
    return sorted(spread(rows)[:limit], key=lambda row: str(row["image_id"]))


def spread(rows: Iterable[Row]) -> list[Row]:
    """Return images in an order in which the first are of different clips, by a hash of their id.

    Args:
        rows: Each with ``image_id`` and ``group_id``.
    """
    of_group: dict[str, list[tuple[str, Row]]] = defaultdict(list)
    for row in rows:
        digest = hashlib.sha256(row["image_id"].encode()).hexdigest()
        of_group[row["group_id"]].append((digest, row))
    ranked = [
        (rank, digest, row)
        for found in of_group.values()
        for rank, (digest, row) in enumerate(sorted(found, key=lambda one: one[0]))
    ]
    return [row for *_, row in sorted(ranked, key=lambda one: one[:2])]


def _record(row: Row, indices: Mapping[str, int], names: Mapping[str, str]) -> Row:
    """Return all of an exported row but the image."""
    if unknown := [wnid for wnid in row["labels"] if wnid not in indices]:
        raise UserError(
            f"image {row['image_id']}: its label {unknown[0]} is no class of ImageNet-1K; export a "
            "dataset with label_space in1k"
        )
    return {
        "label": [indices[wnid] for wnid in row["labels"]],
        # Frames of a video are told apart by the moment that they show.
        "origin": " ".join(filter(None, (row["origin"] or row["dataset"], row["role"]))),
        "english_label": [names[wnid] for wnid in row["labels"]],
    }


def _write_shards(rows: Iterator[Row], count: int, folder: Path) -> None:
    """Write rows to files that are named as the hub names them; few rows are held at a time."""
    shards = -(-count // _SHARD)
    for shard in range(shards):
        path = folder / f"test-{shard:05}-of-{shards:05}.parquet"
        with parquet_writer(path, _SCHEMA) as writer:
            of_file = islice(rows, _SHARD)
            while group := list(islice(of_file, _ROW_GROUP)):
                writer.write_table(pa.Table.from_pylist(group, _SCHEMA))


def data_card(rows: Collection[Row], data_note: str) -> str:
    """Return the data card: what the rows hold, how many there are of each origin, and of what."""
    origins = Counter(row["origin"] for row in rows)
    by_origin = "".join(f"| {name} | {count} |\n" for name, count in sorted(origins.items()))
    classes = {index for row in rows for index in row["label"]}
    return (
        "---\n"
        "task_categories:\n- image-classification\n"
        'configs:\n- config_name: default\n  data_files:\n  - split: test\n    path: "*.parquet"\n'
        "---\n\n"
        f"# {len(rows)} images of {len(classes)} classes of ImageNet-1K\n\n"
        f"{markdown_text(data_note)}\n\n"
        "| Column | Content |\n|---|---|\n"
        "| `image` | the encoded image |\n"
        "| `label` | indices of ImageNet-1K: a prediction of any of them is correct |\n"
        "| `origin` | where the image comes from |\n"
        "| `english_label` | names of the labels |\n\n"
        f"| Origin | Images |\n|---|---|\n{by_origin}"
    )

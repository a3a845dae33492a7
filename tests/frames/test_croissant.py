"""Croissant metadata of shards; the library of the standard reads them if it is installed."""

import hashlib
import io
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from wildframe.frames.croissant import CROISSANT, describe_shards

IMAGE = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
COLUMNS = {
    "image": IMAGE,
    "label": pa.list_(pa.int64()),
    "image_id": pa.string(),
    "boxes": pa.list_(pa.list_(pa.float64())),
    "frame": pa.int64(),
}


@pytest.fixture
def folder(tmp_path):
    """Two shards of one image each, and what describes them."""
    for number in range(2):
        file = io.BytesIO()
        Image.new("RGB", (3, 2), (number,) * 3).save(file, "PNG")
        row = {"image": {"bytes": file.getvalue(), "path": f"{number}.png"}, "label": [7, number]}
        row |= {"image_id": f"id{number}", "boxes": [[0.0, 1.0, 2.0, 3.0]], "frame": number}
        table = pa.Table.from_pylist([row], pa.schema(COLUMNS.items()))
        pq.write_table(table, tmp_path / f"test-{number:05}-of-00002.parquet")
    described = describe_shards("toys", "All toys.", "1.0.0", sorted(tmp_path.glob("*.parquet")))
    (tmp_path / CROISSANT).write_text(json.dumps(described))
    return tmp_path


def test_files_are_named_with_their_hashes_and_columns_with_their_types(folder):
    described = json.loads((folder / CROISSANT).read_text())
    *files, together = described["distribution"]
    paths = sorted(folder.glob("*.parquet"))
    assert {file["contentUrl"]: file["sha256"] for file in files} == {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths
    }
    assert together["includes"] == [path.name for path in paths]
    (records,) = described["recordSet"]
    fields = {field["name"]: field for field in records["field"]}
    assert {name: field["dataType"] for name, field in fields.items()} == {
        "image": "sc:ImageObject",
        "label": "sc:Integer",
        "image_id": "sc:Text",
        "boxes": "sc:Float",
        "frame": "sc:Integer",
    }
    arrays = {name: field["arrayShape"] for name, field in fields.items() if "isArray" in field}
    assert arrays == {"label": "-1", "boxes": "-1,-1"}
    assert fields["image"]["source"]["transform"] == {"jsonPath": "bytes"}


def test_the_standard_s_own_library_reads_every_record(folder):
    mlcroissant = pytest.importorskip("mlcroissant")
    dataset = mlcroissant.Dataset(jsonld=folder / CROISSANT)
    assert not dataset.metadata.ctx.issues.errors
    records = list(dataset.records("images"))
    assert sorted(record["images/image_id"] for record in records) == [b"id0", b"id1"]
    first = min(records, key=lambda record: record["images/frame"])
    assert list(first["images/label"]) == [7, 0]
    assert first["images/image"].size == (3, 2)

"""Images in the rows of Parquet files: each wanted row is an image or a reason."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from parquet_data import lose_rows

from wildframe.frames.embedded import iter_embedded
from wildframe.frames.encode import encode
from wildframe.frames.extract import extract_frames


@pytest.fixture
def shard(tmp_path):
    """Twenty rows in three row groups; an image says its row by its grey."""
    images = [
        {"bytes": encode(np.full((6, 8, 3), 10 * row, np.uint8), "png"), "path": f"{row}.png"}
        for row in range(20)
    ]
    images[3] = {"bytes": b"no image", "path": None}
    images[4] = None
    images[5] = {"bytes": None, "path": "beside/5.png"}
    images[6] = {"bytes": None, "path": "../6.png"}
    images[7] = {"bytes": None, "path": "gone.png"}
    images[9] = {"bytes": None, "path": f"{'x' * 300}.png"}
    images[10] = {"bytes": None, "path": "zero\0.png"}
    images[11] = {"bytes": None, "path": "loop/11.png"}
    (tmp_path / "data/beside").mkdir(parents=True)
    beside = encode(np.full((6, 8, 3), 50, np.uint8), "png")
    (tmp_path / "data/beside/5.png").write_bytes(beside)
    (tmp_path / "6.png").write_bytes(beside)
    (tmp_path / "data/loop").symlink_to("loop")
    path = tmp_path / "data/a.parquet"
    pq.write_table(pa.table({"image": images, "label": list(range(20))}), path, row_group_size=8)
    return path


def wanted(*rows, media="data/a.parquet"):
    return [{"media": media, "media_kind": "shard", "rate": None, "frame": row} for row in rows]


def test_each_row_is_an_image_or_a_reason(shard, tmp_path):
    rows = [0, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 19, 20]
    found = list(extract_frames(wanted(*rows), tmp_path, "jpeg", border=0))
    assert [row["frame"] for row in found] == rows
    read = {row["frame"]: row for row in found if row["status"] == "ok"}
    assert read.keys() == {0, 5, 8, 12, 19}
    for number, row in read.items():
        assert (row["width"], row["height"], row["encoding"], row["route"]) == (8, 6, "png", "row")
        expected = encode(np.full((6, 8, 3), 10 * number, np.uint8), "png")
        assert row["image"] == expected  # byte by byte
    failed = {row["frame"]: row["detail"] for row in found if row["status"] == "media_unreadable"}
    for number, name in ((9, "'xxxx"), (10, r"'zero\x00.png' "), (11, "'loop/11.png' ")):
        detail = failed.pop(number)
        assert f"its path {name}" in detail
        assert "cannot be read (" in detail
    assert {number: detail.partition(": ")[2] for number, detail in failed.items()} == {
        3: "it is not an image of a supported format; save it as JPEG or PNG",
        4: "there is no image in row 4",
        6: "its path '../6.png' is outside the folder of the Parquet file",
        7: "there is no file gone.png beside it",
        20: "the file ends before it",
    }


def test_an_absent_file_and_a_damaged_one_fail_row_by_row(shard, tmp_path):
    data = bytearray(shard.read_bytes())
    at = data.index(b"IDAT", len(data) // 3)
    data[at - 2000 : at] = bytes(2000)  # pages of a row group in the middle
    shard.write_bytes(data)
    found = list(extract_frames(wanted(0, 9, 15), tmp_path, "png", border=0))
    assert [row["frame"] for row in found] == [0, 9, 15]
    assert {row["status"] for row in found} <= {"ok", "media_unreadable"}
    assert "media_unreadable" in {row["status"] for row in found}
    shard.write_bytes(b"no Parquet file")
    (row,) = extract_frames(wanted(0), tmp_path, "png", border=0)
    assert "a.parquet is damaged" in row["detail"]
    (row,) = extract_frames(wanted(0, media="gone.parquet"), tmp_path, "png", border=0)
    assert (row["status"], row["frame"]) == ("media_missing", 0)


def test_rows_that_a_damaged_footer_hides_do_not_shift_the_others(shard):
    lose_rows(shard)
    assert all("a.parquet is damaged (it has" in image for image in iter_embedded(shard, [8, 15]))


def test_a_path_that_is_no_text_is_the_matter_of_its_row_alone(tmp_path):
    image = encode(np.zeros((6, 8, 3), np.uint8), "png")
    paths = pa.array([b"a\xe9.png", b"a\xe9.png", b"a.png"]).view(pa.string())
    images = pa.StructArray.from_arrays([pa.array([image, None, image]), paths], ["bytes", "path"])
    pq.write_table(pa.table({"image": images}), tmp_path / "a.parquet")
    rows = extract_frames(wanted(0, 1, 2, media="a.parquet"), tmp_path, "png", border=0)
    details = [row["detail"] for row in rows]
    assert (details[0], details[2]) == ("", "")
    assert "row 1 of a.parquet cannot be read as an image: its path is not text" in details[1]


def test_only_the_row_groups_of_wanted_rows_are_read(shard, monkeypatch):
    groups = []
    iter_batches = pq.ParquetFile.iter_batches

    def spy(file, *rest, **options):
        groups.extend(options["row_groups"])
        return iter_batches(file, *rest, **options)

    monkeypatch.setattr(pq.ParquetFile, "iter_batches", spy)
    assert len(list(iter_embedded(shard, [1, 17]))) == 2
    assert groups == [0, 2]


def test_memory_holds_a_row_group_whatever_the_size_of_the_file(tmp_path):
    """ImageNet-Hard in 4K has 66 GB, in row groups of some hundred images."""
    random = np.random.default_rng(0)
    table = pa.table({"image": [{"bytes": random.bytes(2**20), "path": None} for _ in range(5)]})
    path = tmp_path / "a.parquet"
    with pq.ParquetWriter(path, table.schema, use_dictionary=False) as writer:
        for _ in range(20):
            writer.write_table(table)
    before = pa.total_allocated_bytes()
    most = max(pa.total_allocated_bytes() - before for _ in iter_embedded(path, range(100)))
    assert 5 * 2**20 < most < 20 * 2**20

"""Parquet files of images, as the Hugging Face hub keeps them: every row is used or explained."""

import json
import os

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from parquet_data import lose_rows

from wildframe.core.errors import UserError
from wildframe.core.schemas import IMAGES
from wildframe.core.tables import read_table
from wildframe.core.timm_lists import IN1K, timm_list
from wildframe.sources.shards import ShardsSource, write_table

TENCH, GOLDFISH, TISSUE = "n01440764", "n01443537", "n15075141"  # 0, 1 and 999 of ImageNet-1K
FILE = "data/validation-00000-of-00001.parquet"


@pytest.fixture
def write(tmp_path):
    """Write a file of rows: labels, and maybe more columns."""

    def run(name, labels, **columns):
        path = tmp_path / "root" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        images = [{"bytes": b"image", "path": None}] * len(labels)
        table = pa.table({"image": images, "label": labels} | columns)
        pq.write_table(table, path, row_group_size=2)
        return path

    return run


def read(tmp_path):
    write_table(tmp_path / "root", tmp_path / "images.parquet")
    return read_table(tmp_path / "images.parquet", IMAGES).to_pylist()


def test_rows_become_images(write, tmp_path):
    write(FILE, [[0, 999], [1], [1, -1, 1]], origin=["a", None, "b"], english_label=[["x"]] * 3)
    write("test.parquet", [0])
    first, *others, last = read(tmp_path)
    assert first == {
        "record_id": f"{FILE}:0",
        "image_id": "data_validation-00000-of-00001_000000",
        "split": "validation",
        "media": FILE,
        "media_kind": "shard",
        "frame": 0,
        "labels": [TENCH, TISSUE],
        "origin": "a",
        "group_id": None,
        "problem": None,
    }
    found = [(row["frame"], row["labels"], row["origin"]) for row in others]
    assert found == [(1, [GOLDFISH], None), (2, [GOLDFISH], "b")]
    assert (last["image_id"], last["split"], last["labels"]) == ("test_000000", "", [TENCH])


def test_a_group_is_read_back(write, tmp_path):
    write(FILE, [[0], [1]], group_id=["clip", None])
    assert [row["group_id"] for row in read(tmp_path)] == ["clip", None]


def test_integers_beside_gaps_are_those_that_pandas_wrote_as_decimals(write, tmp_path):
    write("a.parquet", [0, 1], group_id=[5, 6], origin=[7, 8])
    gap = float("nan")
    write("b.parquet", [999.0, gap, -1.0, 0.5], group_id=[5.0, gap, 6.5, None], origin=[gap] * 4)
    write("c.parquet", [[1.0, gap, 0.0]])
    *whole, first, second, third, fourth, listed = read(tmp_path)
    assert [(row["group_id"], row["origin"]) for row in whole] == [("5", "7"), ("6", "8")]
    rows = (first, second, third, fourth)
    assert [row["group_id"] for row in rows] == ["5", None, "6.5", None]
    assert [row["labels"] for row in rows] == [[TISSUE], [], [], []]
    assert [row["origin"] for row in rows] == [None] * 4
    assert [row["problem"] is None for row in rows] == [True, True, True, False]
    assert listed["labels"] == [GOLDFISH, TENCH]


def test_a_file_whose_name_is_no_text_keeps_a_row(write, tmp_path):
    path = write("a.parquet", [0])
    os.rename(path, os.fsencode(path.parent) + b"/caf\xe9-0.parquet")  # noqa: PTH104
    write("b.parquet", [1])
    used, unusable = read(tmp_path)
    assert used["labels"] == [GOLDFISH]
    assert (unusable["record_id"], unusable["image_id"]) == ("caf\\xe9-0.parquet", None)
    assert unusable["problem"] == "its name is not UTF-8; rename it"
    source = ShardsSource(kind="shards", root=str(tmp_path / "root"), data_note="d")
    assert source.list_media() == ["b.parquet"]
    told = "caf\\xe9-0.parquet: its name is not UTF-8; rename it"
    assert source.summary() == ("1 images in 2 Parquet files", [told])


def test_a_root_is_needed_unless_the_run_writes_the_files():
    known = {"kind": "shards", "data_note": "n"}
    with pytest.raises(ValueError, match="root: missing; name the folder of the Parquet files"):
        ShardsSource(**known)
    assert ShardsSource(**known, exported={"dataset": "d"}).root == ""


def test_a_label_that_is_no_class_is_a_row_with_its_reason(write, tmp_path):
    write(FILE, [[0], [1000], [-2], [], [-1], None])
    rows = read(tmp_path)
    assert [row["problem"] and row["problem"].split(" is")[0] for row in rows] == [
        *(None, "label 1000", "label -2", None, None, None)
    ]
    assert "not an index of ImageNet-1K, 0 to 999" in rows[1]["problem"]
    assert [row["labels"] for row in rows[3:]] == [[], [], []]  # the funnel's step no_label


@pytest.mark.parametrize(
    "labels",
    [[True, False], [[True], [False]], [[[1]], [[2, 3]]], [{"a": 1}, {"a": 0}], ["1", "0"]],
)
def test_a_label_of_another_type_is_no_index(write, tmp_path, labels):
    write(FILE, labels)
    rows = read(tmp_path)
    assert [row["labels"] for row in rows] == [[], []]
    assert all("is not an index of ImageNet-1K" in row["problem"] for row in rows)


@pytest.mark.parametrize("column", ["label", "origin", "group_id"])
def test_a_text_with_a_bad_byte_is_a_row_with_its_reason(write, tmp_path, column):
    texts = pa.array([b"a", b"a\xe9"]).view(pa.string())
    write(FILE, **({"labels": [0, 1]} | {"labels" if column == "label" else column: texts}))
    first, second = read(tmp_path)
    assert (first["image_id"] is None) == (column == "label")  # text is no index
    assert (second["record_id"], second["image_id"]) == (f"{FILE}:1", None)
    assert f"its {column} is not text in UTF-8" in second["problem"]


@pytest.mark.parametrize(
    ("name", "split"),
    [
        ("test-clean-00000-of-00001", "test-clean"),
        ("train-00000-of-00001-0123456789abcdef", "train"),
        ("train_00000-of-00001", "train"),
        ("00000-of-00001", ""),
        ("validation-3", "validation"),
        ("imagenet-a", ""),
        ("test", ""),
    ],
)
def test_the_split_is_what_is_before_the_number(write, tmp_path, name, split):
    write(f"{name}.parquet", [0])
    assert [row["split"] for row in read(tmp_path)] == [split]


def test_a_damaged_file_is_a_row_and_others_are_used(write, tmp_path):
    path = write(FILE, [[0]] * 5)
    path.write_bytes(path.read_bytes()[:-20])
    write("data/validation.parquet", [[1]])
    damaged, sound = read(tmp_path)
    assert (damaged["record_id"], damaged["image_id"]) == (FILE, None)
    assert "rows from 0 on cannot be read" in damaged["problem"]
    assert sound["labels"] == [GOLDFISH]


def test_a_file_that_the_names_of_others_count_is_a_row_if_it_is_absent(write, tmp_path, capsys):
    for name in (
        "data/validation-00001-of-00003",
        "data/test-00000-of-00001",
        "other/validation-00000-of-00002",
        "old/train-00000-of-00002-0123456789abcdef",
        "whole/train-00000-of-00002-0123456789abcdef",
        "whole/train-00001-of-00002-fedcba9876543210",
        "mine/part-1-of-2",  # from 1
        "mine/part-2-of-2",
        "mine/train-3",
        "disk1/val-00000-of-00002",  # one set in two folders
        "disk2/val-00001-of-00002",
        "train/00000-of-00002",
    ):
        write(f"{name}.parquet", [0])
    absent = {
        "data/validation-00000-of-00003.parquet": ("validation", 3),
        "data/validation-00002-of-00003.parquet": ("validation", 3),
        "old/train-00001-of-00002.parquet": ("train", 2),
        "other/validation-00001-of-00002.parquet": ("validation", 2),
        "train/00001-of-00002.parquet": ("", 2),
    }
    told = "it is not there, though the names of others count {} from 0 on; fetch it"
    rows = read(tmp_path)
    assert len(rows) == 12 + 5
    found = {row["media"]: row for row in rows if row["problem"]}
    assert {
        name: (row["split"], row["problem"], row["record_id"], row["image_id"], row["frame"])
        for name, row in found.items()
    } == {name: (split, told.format(of), name, None, None) for name, (split, of) in absent.items()}
    assert "5 of 17 cannot be used, the first of them data/validation-" in capsys.readouterr().err
    source = ShardsSource(kind="shards", root=str(tmp_path / "root"), data_note="d")
    assert len(source.list_media()) == 12
    assert source.wanted_media() == sorted({*source.list_media(), *absent})


def test_rows_that_a_damaged_footer_hides_are_not_lost_in_silence(write, tmp_path):
    lose_rows(write(FILE, [0, 1]))
    (damaged,) = read(tmp_path)
    assert "rows from 0 on cannot be read (it has " in damaged["problem"]


def test_files_of_other_columns_are_refused_by_name(tmp_path):
    path = tmp_path / "root/a.parquet"
    path.parent.mkdir()
    for columns, message in (
        ({"label": [0]}, r"a\.parquet: has no column image with bytes; give files with"),
        ({"image": [b"x"], "label": [0]}, r"a\.parquet: has no column image with bytes"),
        ({"image": [{"bytes": b""}]}, r"a\.parquet: has no column label; give files with"),
    ):
        pq.write_table(pa.table(columns), path)
        source = ShardsSource(kind="shards", root=str(path.parent), data_note="d")
        for use in (lambda: read(tmp_path), source.summary):
            with pytest.raises(UserError, match=message):
                use()


@pytest.mark.parametrize("is_list", [False, True])
def test_labels_of_other_classes_than_imagenets_are_refused(write, tmp_path, is_list):
    """Index 0 of a data set of its own classes, as the hub lists them, is no tench."""

    def listed(names):
        label = {"names": names, "_type": "ClassLabel"}
        features = {"label": {"feature": label, "_type": "Sequence"} if is_list else label}
        path = write(FILE, [[0]] if is_list else [0])
        told = {"huggingface": json.dumps({"info": {"features": features}})}
        pq.write_table(pq.read_table(path).replace_schema_metadata(told), path)

    words = [f"class {index}" for index in range(1000)]
    wnids = timm_list(IN1K).decode().split()
    # An export of a set names its wnids, of which there may be less.
    for names in (words, wnids, wnids[:3]):
        listed(names)
        assert read(tmp_path)[0]["labels"] == [TENCH]
    listed(wnids[::-1])
    with pytest.raises(UserError, match=r"1000 classes of its own \(n15075141, "):
        read(tmp_path)
    listed(words[:10])
    message = (
        r"00001\.parquet: its labels are indices of 10 classes of its own \(class 0, class 1, "
        r"class 2, \.\.\.\), not of ImageNet-1K"
    )
    with pytest.raises(UserError, match=message):
        read(tmp_path)


@pytest.mark.parametrize("told", ["", "[]", '{"info": {"features": {"label": []}}}'])
def test_other_metadata_say_nothing_of_labels(write, tmp_path, told):
    path = write(FILE, [0])
    pq.write_table(pq.read_table(path).replace_schema_metadata({"huggingface": told}), path)
    assert read(tmp_path)[0]["labels"] == [TENCH]


def test_a_source_says_what_it_has(write, tmp_path):
    given = {"kind": "shards", "root": str(tmp_path / "root"), "data_note": "d"}
    source = ShardsSource(**given)
    with pytest.raises(UserError, match=r"root: no such folder; correct the source's root"):
        source.list_media()
    (tmp_path / "root").mkdir()
    with pytest.raises(UserError, match=r"root: has no Parquet file; correct the source's root"):
        source.list_media()
    write("b-1.parquet", [0, 1])
    write(FILE, [0])
    assert source.list_media() == ["b-1.parquet", FILE]
    assert source.summary() == ("3 images in 2 Parquet files", [])
    (tmp_path / "root/cut.parquet").write_bytes(b"")
    lose_rows(write("lost.parquet", [0, 1]))
    unnamed = write("unnamed.parquet", [0])
    unnamed.write_bytes(unnamed.read_bytes().replace(b"label", b"\xffabel"))
    found, (cut, lost, not_text) = source.summary()
    assert found == "3 images in 5 Parquet files"
    assert "unnamed.parquet: rows from 0 on cannot be read ('utf-8' codec" in not_text
    assert cut.startswith("cut.parquet: rows from 0 on cannot be read (Parquet file size is 0 ")
    assert lost.startswith("lost.parquet: rows from 0 on cannot be read (it has ")
    assert source.has_single_images
    assert not source.is_fetched
    fetched = ShardsSource(**given, repository="owner/name")
    assert fetched.fetch_options()[0] == "download-shards"
    assert fetched.fetch_options()[2] == "--repository=owner/name"


def test_images_are_not_read(write, tmp_path, monkeypatch):
    """Only labels and origins of 66 GB are."""
    columns = []
    iter_batches = pq.ParquetFile.iter_batches
    monkeypatch.setattr(
        pq.ParquetFile,
        "iter_batches",
        lambda file, **options: columns.append(options["columns"]) or iter_batches(file, **options),
    )
    write(FILE, [0], origin=["a"])
    assert len(read(tmp_path)) == 1
    assert columns == [["label", "origin"]]


def test_the_hub_fetches_only_parquet_files(tmp_path, monkeypatch, wildframe):
    import huggingface_hub

    asked = []

    def fetch(repository, *, local_dir, **options):
        asked.append((repository, options))
        path = local_dir / FILE
        path.parent.mkdir(parents=True)
        path.write_bytes(b"12345")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", fetch)
    output = tmp_path / "download.csv"
    command = ("sources", "download-shards", "--repository", "owner/name", "--output", output)
    said = wildframe(*command, "--root", tmp_path / "root").output
    assert asked == [("owner/name", {"repo_type": "dataset", "allow_patterns": ["*.parquet"]})]
    assert "1 files, 0.0 GiB, are in" in said
    assert output.read_text() == f"file,bytes\n{FILE},5\n"


def test_without_network_it_is_one_sentence(tmp_path, wildframe):
    """Tests are offline (HF_HUB_OFFLINE)."""
    command = ("sources", "download-shards", "--repository", "owner/name")
    with pytest.raises(UserError, match=r"owner/name: could not be fetched \(.*set HF_TOKEN, or"):
        wildframe(*command, "--output", tmp_path / "d.csv", "--root", tmp_path / "root")


def test_files_that_the_run_writes_need_not_be_there_when_it_is_planned():
    made = {"dataset": "d", "images": 3}
    source = ShardsSource(kind="shards", root="not/there", data_note="n", exported=made)
    assert source.made_of == "d"
    assert source.input_files() == {}
    assert source.list_media() == []
    assert source.summary().found == "made by the run, of d"

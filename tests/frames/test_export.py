"""Export as shards: what the source of that kind reads back, row by row."""

import io
import json

import pyarrow.parquet as pq
import pytest
from frames_data import kept, lost, write_frames
from PIL import Image

from wildframe.core.errors import UserError
from wildframe.core.schemas import HARD_IMAGES, IMAGES, MANIFEST
from wildframe.core.tables import read_table, write_rows
from wildframe.frames import export
from wildframe.frames.embedded import iter_embedded
from wildframe.frames.export import ExportFiles, data_card, export_shards, spread
from wildframe.sources.shards import write_table

TENCH, GOLDFISH = "n01440764", "n01443537"  # 0 and 1 of ImageNet-1K
NAMES = {TENCH: "tench", GOLDFISH: "goldfish"}


def png(grey):
    file = io.BytesIO()
    Image.new("RGB", (4, 3), (grey,) * 3).save(file, "png")
    return file.getvalue()


@pytest.fixture
def files(tmp_path, manifest_row):
    """Three readable images, of two labels, of an origin and without, and one that is lost."""

    def write(labels=(TENCH, GOLDFISH)):
        rows = [
            manifest_row("a", labels=list(labels), dataset="d", role="pre", origin=None),
            manifest_row("b", labels=[TENCH], origin="zoo", dataset="d", role=None),
            manifest_row("c", labels=[GOLDFISH], dataset="d", role="pre", origin=None),
            manifest_row("lost", labels=[TENCH], dataset="d"),
        ]
        write_rows(tmp_path / "manifest.parquet", MANIFEST, rows)
        images = [kept(name, png(grey)) for name, grey in (("a", 10), ("b", 20), ("c", 30))]
        shards, statuses = write_frames(tmp_path, images, [lost("lost")])
        return ExportFiles(tmp_path / "manifest.parquet", statuses, shards)

    return write


def test_the_source_reads_what_was_exported(files, tmp_path, monkeypatch):
    monkeypatch.setattr(export, "_SHARD", 2)
    folder = tmp_path / "out"
    assert export_shards(files(), NAMES, "ours", None, folder) == 3
    assert sorted(path.name for path in folder.iterdir()) == [
        "README.md",
        "test-00000-of-00002.parquet",
        "test-00001-of-00002.parquet",
    ]
    write_table(folder, tmp_path / "images.parquet")
    found = read_table(tmp_path / "images.parquet", IMAGES).to_pylist()
    assert [(row["split"], row["labels"], row["origin"]) for row in found] == [
        ("test", [TENCH, GOLDFISH], "d pre"),
        ("test", [TENCH], "zoo"),
        ("test", [GOLDFISH], "d pre"),
    ]
    first = pq.read_table(folder / "test-00000-of-00002.parquet")
    assert first["image"].to_pylist()[0] == {"bytes": png(10), "path": "a.png"}
    assert first["english_label"].to_pylist() == [["tench", "goldfish"], ["tench"]]
    features = json.loads(first.schema.metadata[b"huggingface"])["info"]["features"]
    assert list(features) == first.column_names
    card = (folder / "README.md").read_text()
    assert "# 3 images of 2 classes of ImageNet-1K\n\nours\n" in card
    assert "| d pre | 2 |\n| zoo | 1 |\n" in card


def test_only_hard_images_are_exported_if_a_table_says_which(files, tmp_path):
    hard = tmp_path / "hard.parquet"
    rows = [{"image_id": name, "solved_by": [], "hard": name == "b"} for name in "abc"]
    write_rows(hard, HARD_IMAGES, rows)
    given = files()
    chosen = ExportFiles(given.manifest, given.statuses, given.shards, hard)
    assert export_shards(chosen, NAMES, "ours", None, tmp_path / "out") == 1
    write_rows(hard, HARD_IMAGES, [row | {"hard": False} for row in rows])
    with pytest.raises(UserError, match=r"hard.parquet: no image of .* is left to export"):
        export_shards(chosen, NAMES, "ours", None, tmp_path / "out")


def test_a_label_of_another_space_is_named(files, tmp_path):
    with pytest.raises(UserError, match=r"image a: its label n00007846 is no class of ImageNet-1K"):
        export_shards(files(["n00007846"]), NAMES, "ours", None, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_the_first_images_are_of_different_clips():
    rows = [{"image_id": f"{clip}{at}", "group_id": clip} for clip in "xyz" for at in range(3)]
    ordered = spread(rows)
    assert spread(reversed(rows)) == ordered
    assert sorted(row["image_id"] for row in ordered) == [row["image_id"] for row in rows]
    for start in (0, 3, 6):
        assert {row["group_id"] for row in ordered[start : start + 3]} == set("xyz")


def test_a_note_with_tags_is_text_on_the_card():
    card = data_card([{"origin": "o", "label": [1]}], 'ours <img src=x onerror="alert(1)">')
    assert "\n\nours &lt;img src=x" in card


def test_a_damaged_shard_is_noticed(files, tmp_path):
    folder = tmp_path / "out"
    export_shards(files(), NAMES, "ours", None, folder)
    (shard,) = folder.glob("*.parquet")
    images = pq.read_metadata(shard).row_group(0).column(0)
    content = bytearray(shard.read_bytes())
    content[images.data_page_offset - 9] ^= 1  # within the last image, which has a page before
    shard.write_bytes(content)
    assert all(isinstance(image, str) for image in iter_embedded(shard, [0, 1, 2]))


def test_a_card_has_front_matter_that_the_hub_reads():
    card = data_card([{"origin": "o", "label": [1]}], "note")
    front = card.split("---\n")[1]
    assert "split: test" in front
    assert "image-classification" in front

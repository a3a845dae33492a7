"""Export: each format is read back by its own library, or by the source that reads it."""

import io
import json
import sys
import tarfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from frames_data import kept, lost, write_frames
from PIL import Image
from pycocotools.coco import COCO
from typer.testing import CliRunner

from wildframe.cli import app
from wildframe.core.errors import UserError
from wildframe.core.schemas import CLASSES, HARD_IMAGES, IMAGES, MANIFEST, NEAREST, REVIEWS, SPLITS
from wildframe.core.tables import read_table, write_rows
from wildframe.frames import export_formats
from wildframe.frames.embedded import iter_embedded
from wildframe.frames.encode import encode
from wildframe.frames.export import (
    ExportFiles,
    ShownTo,
    data_card,
    export_dataset,
    read_records,
    shards_of,
    spread,
)
from wildframe.frames.preprocessing import (
    Preprocessing,
    Shown,
    read_preprocessed,
    write_preprocessed,
)
from wildframe.frames.views.full import Full
from wildframe.frames.views.zoom import Zoom
from wildframe.labels import LabelSpace, read_label_space
from wildframe.sources.shards import write_table

TENCH, GOLDFISH, SHARK = "n01440764", "n01443537", "n01484850"  # 0 to 2 of ImageNet-1K
NAMES = {TENCH: "tench", GOLDFISH: "goldfish", SHARK: "great white shark"}
LABELS = {"a": [TENCH, GOLDFISH], "b": [TENCH], "c.d": [GOLDFISH]}
SIZE = (60, 40)
HALF = Preprocessing(24, 20, "bicubic", "center")


def noise(seed):
    return np.random.default_rng(seed).integers(0, 256, (*SIZE[::-1], 3), np.uint8)


IMAGES_OF = {name: encode(noise(seed), "jpeg") for seed, name in enumerate(LABELS)}
NO_BOX = {"boxes": [], "annotation_labels": [], "nouns": [], "words": []}


@pytest.fixture
def files(tmp_path, manifest_row):
    """Three readable images, one of two labels and with a box, and one that is lost."""

    def write(**labels):
        labels = LABELS | labels
        # Half of the size that its box is given in.
        box = {"x": 20, "y": 10, "width": 40, "height": 60}
        boxed = {"width": 120, "height": 80, "boxes": [box]}
        boxed |= {"annotation_labels": [[GOLDFISH, TENCH]], "words": ["fish"], "origin": None}
        common = {"dataset": "d", "split": "published"}
        rows = [
            manifest_row("a", labels=labels["a"], role="pre", **common, **boxed),
            manifest_row("b", labels=labels["b"], role=None, origin="zoo", **common, **NO_BOX),
            manifest_row("c.d", labels=labels["c.d"], role="pre", origin=None, **common, **NO_BOX),
            manifest_row("lost", labels=[TENCH], **common, **NO_BOX),
        ]
        chosen = {"label_space": "in1k"}
        rows = [row | {"group_id": f"clip of {row['image_id']}", "video_id": None} for row in rows]
        rows[1]["video_id"] = "video"
        write_rows(tmp_path / "manifest.parquet", MANIFEST, rows, config=chosen)
        images = [kept(name, image) for name, image in IMAGES_OF.items()]
        shards, statuses = write_frames(tmp_path, images, [lost("lost")])
        classes = [
            {"label_space": "in1k", "class_index": index, "wnid": wnid, "name": name, "lemmas": []}
            | {"senses": [], "definition": "", "ancestors": []}
            for index, (wnid, name) in enumerate(NAMES.items())
        ]
        write_rows(tmp_path / "classes.parquet", CLASSES, classes)
        return ExportFiles(
            tmp_path / "manifest.parquet", statuses, shards, tmp_path / "classes.parquet"
        )

    return write


@pytest.fixture
def exported(files, tmp_path):
    """Return a function that exports the three images in a format, and returns the folder."""

    def write(form, **options):
        folder = tmp_path / "out"
        assert export_dataset(files(), form, "ours", folder, **options) == 3
        return folder

    return write


def read_imagefolder(folder):
    """Yield the id, the image and the class of each sample, as the format's own library reads it.

    So do the readers of the other formats.
    """
    read = pytest.importorskip("torchvision.datasets").ImageFolder(folder / "test")
    for (path, _), (image, index) in zip(read.samples, read, strict=True):
        yield Path(path).stem, image, read.classes[index]


def read_hf(folder):
    datasets = pytest.importorskip("datasets")
    rows = datasets.load_dataset(str(folder), split="test", cache_dir=str(folder.parent / "cache"))
    for row in rows:
        yield row["image_id"], row["image"], list(NAMES)[row["label"][0]]


def read_webdataset(folder):
    webdataset = pytest.importorskip("webdataset")
    shards = [str(path) for path in sorted(folder.glob("*.tar"))]
    for one in webdataset.WebDataset(shards, shardshuffle=False).decode("pil"):
        yield one["json"]["image_id"], one["jpg"], list(NAMES)[one["cls"]]


def read_coco(folder):
    coco = COCO(folder / "annotations/instances_test.json")
    for one in coco.loadImgs(coco.getImgIds()):
        yield one["image_id"], Image.open(folder / "test" / one["file_name"]), one["wnids"][0]


def read_fiftyone(folder):
    fiftyone = pytest.importorskip("fiftyone")
    kind = fiftyone.types.FiftyOneDataset
    read = fiftyone.Dataset.from_dir(dataset_dir=str(folder / "test"), dataset_type=kind)
    wnids = {name: wnid for wnid, name in NAMES.items()}
    try:
        (box,) = read.match({"image_id": "a"}).first().objects.detections
        assert box.label == NAMES[GOLDFISH]
        assert box.bounding_box == pytest.approx([1 / 6, 1 / 8, 1 / 3, 3 / 4])
        for one in read:
            yield one["image_id"], Image.open(one.filepath), wnids[one.ground_truth.label]
    finally:
        read.delete()


READERS = {
    "imagefolder": read_imagefolder,
    "hf": read_hf,
    "webdataset": read_webdataset,
    "coco": read_coco,
    "fiftyone": read_fiftyone,
}


@pytest.mark.parametrize("form", READERS)
def test_its_own_library_reads_the_same_labels_and_a_model_predicts_the_same(
    form, exported, files, monkeypatch, tmp_path
):
    monkeypatch.setenv("HF_HOME", str(tmp_path / "cache"))
    if form == "fiftyone":
        pytest.importorskip("fiftyone")
    read = {
        name: (image.convert("RGB"), wnid) for name, image, wnid in READERS[form](exported(form))
    }
    assert {name: wnid for name, (_, wnid) in read.items()} == {
        name: labels[0] for name, labels in LABELS.items()
    }
    given = files()
    shown = Shown(given.shards, given.statuses, given.manifest, Full())
    top1 = {name: stand_in(pixels) for name, _, pixels in shown.crops(HALF)}
    assert {name: stand_in(HALF(image)) for name, (image, _) in read.items()} == top1
    assert len(set(top1.values())) > 1


def stand_in(pixels):
    """Return the class that a model of random weights predicts."""
    weights = np.random.default_rng(0).normal(size=(10, pixels.size))
    return int(np.argmax(weights @ (pixels.ravel() / 255 - 0.5)))


def test_the_metadata_of_imagefolder_has_labels_boxes_and_provenance(exported):
    path = exported("imagefolder") / "test/metadata.parquet"
    first, *others = pq.read_table(path).to_pylist()
    assert [record["file_name"] for record in others] == [
        f"{TENCH}/b.jpg",
        f"{GOLDFISH}/c.d.jpg",
    ]
    expected = kept("a", IMAGES_OF["a"])
    assert first == {
        "file_name": f"{TENCH}/a.jpg",
        "image_id": "a",
        "wnids": [TENCH, GOLDFISH],
        "label": [0, 1],
        "english_label": ["tench", "goldfish"],
        "origin": "d pre",
        "boxes": [[10, 5, 20, 30]],
        "box_wnids": [GOLDFISH],
        "split": "published",
        "group_id": "clip of a",
        "clip": "clip of a",
        **{name: first[name] for name in ("video_id", "media", "frame", "rate")},
        "pts": None,
        "width": 60,
        "height": 40,
        **{name: expected[name] for name in ("sha256", "image_sha256")},
    }


def test_datasets_read_parts_of_which_one_has_no_box(files, tmp_path, monkeypatch):
    datasets = pytest.importorskip("datasets")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "cache"))
    parts = {"a": "train", "b": "val", "c.d": "val"}
    rows = [{"image_id": name, "part": part, "group": name} for name, part in parts.items()]
    write_rows(tmp_path / "split.parquet", SPLITS, rows)
    given = replace(files(), split=tmp_path / "split.parquet")
    export_dataset(given, "imagefolder", "ours", tmp_path / "out")
    read = datasets.load_dataset(str(tmp_path / "out"), cache_dir=str(tmp_path / "cache"))
    assert {part: [row["image_id"] for row in rows] for part, rows in read.items()} == {
        "train": ["a"],
        "validation": ["b", "c.d"],
    }
    (first,) = read["train"]
    assert (first["label"], first["boxes"]) == ([0, 1], [[10, 5, 20, 30]])
    assert first["image"].size == SIZE


def test_coco_is_read_by_its_library(exported):
    folder = exported("coco")
    coco = COCO(folder / "annotations/instances_test.json")
    images = coco.loadImgs(coco.getImgIds())
    assert {image["file_name"]: image["wnids"] for image in images} == {
        "a.jpg": LABELS["a"],
        "b.jpg": LABELS["b"],
        "c.d.jpg": LABELS["c.d"],
    }
    assert all(
        (folder / "test" / image["file_name"]).read_bytes() == IMAGES_OF[image["image_id"]]
        for image in images
    )
    (box,) = coco.loadAnns(coco.getAnnIds())
    (category,) = coco.loadCats(box["category_id"])
    (boxed,) = coco.loadImgs(box["image_id"])
    assert (boxed["image_id"], box["bbox"], box["area"]) == ("a", [10, 5, 20, 30], 600)
    assert category == {"id": 2, "name": "goldfish", "supercategory": "", "wnid": GOLDFISH}


def test_a_tar_file_has_image_class_and_record_of_each_number(exported):
    with tarfile.open(exported("webdataset") / "test-000000.tar") as tar:
        content = {member.name: tar.extractfile(member).read() for member in tar}
    suffixes = ("jpg", "cls", "json")
    assert list(content) == [f"{n:09}.{suffix}" for n in range(3) for suffix in suffixes]
    assert content["000000002.jpg"] == IMAGES_OF["c.d"]
    assert content["000000002.cls"] == b"1"
    assert json.loads(content["000000002.json"])["image_id"] == "c.d"


def test_the_source_reads_what_was_exported(exported, tmp_path, monkeypatch):
    monkeypatch.setattr(export_formats, "_SHARD", 2)
    folder = exported("hf")
    assert sorted(path.name for path in folder.iterdir()) == [
        "README.md",
        "croissant.json",
        "test-00000-of-00002.parquet",
        "test-00001-of-00002.parquet",
        "wildframe.json",
    ]
    # The classes that stand for ImageNet-1K here.
    monkeypatch.setattr("wildframe.sources.shards.timm_list", lambda _: "\n".join(NAMES).encode())
    write_table(folder, tmp_path / "images.parquet")
    found = read_table(tmp_path / "images.parquet", IMAGES).to_pylist()
    assert [(row["split"], row["labels"], row["origin"]) for row in found] == [
        ("test", [TENCH, GOLDFISH], "d pre"),
        ("test", [TENCH], "zoo"),
        ("test", [GOLDFISH], "d pre"),
    ]
    assert [row["group_id"] for row in found] == ["clip of a", "video", "clip of c.d"]
    first = pq.read_table(folder / "test-00000-of-00002.parquet")
    assert first["image"].to_pylist()[0] == {"bytes": IMAGES_OF["a"], "path": "a.jpg"}
    assert first["english_label"].to_pylist() == [["tench", "goldfish"], ["tench"]]
    features = json.loads(first.schema.metadata[b"huggingface"])["info"]["features"]
    assert list(features) == first.column_names


def test_fiftyone_is_asked_for(exported, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "fiftyone", None)
    with pytest.raises(UserError, match=r"fiftyone is not installed.*`pip install fiftyone`"):
        exported("fiftyone")
    assert not (tmp_path / "out").exists()


def test_labels_of_fiftyone_are_names_and_its_boxes_shares():
    space = LabelSpace("in1k", list(NAMES), NAMES)
    record = {"width": 60, "height": 40, "boxes": [[15, 10, 30, 20], [0, 0, 1, 1]]}
    record |= {"box_wnids": [SHARK, None], "english_label": ["tench", "goldfish"]}
    assert export_formats._fiftyone_labels(record, space) == (
        "tench",
        [("great white shark", [0.25, 0.25, 0.5, 0.5])],
    )
    bare = record | {"boxes": [], "box_wnids": [], "english_label": []}
    assert export_formats._fiftyone_labels(bare, space) == (None, [])


@pytest.mark.parametrize("form", ["imagefolder", "hf", "webdataset", "coco"])
def test_without_images_records_remain(exported, form):
    folder = exported(form, with_images=False)
    files = [path for path in folder.rglob("*") if path.is_file()]
    content = b"".join(path.read_bytes() for path in files)
    assert not any(path.suffix in (".jpg", ".png") for path in files)
    assert b"\xff\xd8\xff" not in content  # how a JPEG begins
    if form in ("hf", "imagefolder"):
        (path,) = folder.rglob("*.parquet")
        rows = pq.read_table(path).to_pylist()
        assert "image" not in rows[0]
        assert [row["image_id"] for row in rows] == list(LABELS)
    else:
        hashes = [kept(name, image)["image_sha256"] for name, image in IMAGES_OF.items()]
        assert all(digest.encode() in content for digest in hashes)


@pytest.mark.parametrize("form", ["imagefolder", "coco"])
def test_names_of_files_differ_where_case_is_ignored(files, tmp_path, form):
    made = files()
    rows = read_table(made.manifest, MANIFEST).to_pylist()
    rows[1]["image_id"] = "A"
    write_rows(made.manifest, MANIFEST, rows, config={"label_space": "in1k"})
    images = [kept("A" if name == "b" else name, image) for name, image in IMAGES_OF.items()]
    write_frames(tmp_path, images, [lost("lost")])
    export_dataset(made, form, "ours", tmp_path / "out")
    names = {path.name: path.read_bytes() for path in (tmp_path / "out").rglob("*.jpg")}
    # The first 8 digits of the SHA-256 of "a" and "A".
    assert names == {
        "a-ca978112.jpg": IMAGES_OF["a"],
        "A-559aead0.jpg": IMAGES_OF["b"],
        "c.d.jpg": IMAGES_OF["c.d"],
    }


def test_what_models_were_shown_is_exported_losslessly(exported, files):
    folder = exported("imagefolder", shown=ShownTo(Full(), HALF, "exact"))
    with Image.open(folder / f"test/{TENCH}/a.png") as image:
        pixels = np.asarray(image)
    assert np.array_equal(pixels, HALF(Image.open(io.BytesIO(IMAGES_OF["a"]))))
    record = pq.read_table(folder / "test/metadata.parquet").to_pylist()[0]
    assert (record["width"], record["height"], record["boxes"]) == (20, 20, [])
    facts = json.loads((folder / "wildframe.json").read_text())
    assert facts["shown"]["preprocessing"] == "resize24-crop20-bicubic-center"
    with pytest.raises(UserError, match="view zoom: it shows many crops"):
        export_dataset(files(), "coco", "ours", folder, shown=ShownTo(Zoom(), HALF, "exact"))


@pytest.mark.parametrize(
    ("view", "resize"), [({}, "fast"), ({"adapt": "memo"}, "exact")], ids=["kept", "streamed"]
)
def test_what_models_were_shown_is_resized_as_they_were(view, resize, files, tmp_path, wildframe):
    """By the run's setting where images are kept so, else exactly."""
    enlarged = Preprocessing(100, 64, "bicubic", "center")  # where both ways differ
    given, read = files(), {}
    shown = Shown(given.shards, given.statuses, given.manifest, Full())
    for way in ("exact", "fast"):
        write_preprocessed(shown, {enlarged: tmp_path / f"{way}.arrow"}, way)
        read[way] = read_preprocessed(tmp_path / f"{way}.arrow", enlarged).pixels[0]
    assert not np.array_equal(read["exact"], read["fast"])
    config, folder = tmp_path / "mine.yaml", tmp_path / "out"
    config.write_text("extends: []\nframes: {resize: fast}\ndatasets: {d: {source: s}}\n")
    named = ("--statuses", given.statuses, "--manifest", given.manifest)
    named += ("--classes", given.classes, "--data-note", "ours", "--config", config)
    named += tuple(f"--frames={shard}" for shard in given.shards)
    named += ("--view", json.dumps({"kind": "full"} | view), "--preprocessing", enlarged)
    wildframe("frames", "export", "d", "--format", "imagefolder", "--output", folder, *named)
    with Image.open(folder / f"test/{TENCH}/a.png") as image:
        assert np.array_equal(np.asarray(image), read[resize])
    assert json.loads((folder / "wildframe.json").read_text())["shown"]["resize"] == resize


def test_a_view_without_a_preprocessing_is_refused(tmp_path, wildframe):
    named = ("--format", "hf", "--output", tmp_path / "out", "--view", '{"kind": "full"}')
    with pytest.raises(UserError, match=r"^--view: .* by --preprocessing; add it"):
        wildframe("frames", "export", "d", *named)


def test_parts_are_those_of_a_split(files, tmp_path):
    split = tmp_path / "split.parquet"
    parts = {"a": "train", "b": "val", "lost": "val"}
    rows = [{"image_id": name, "part": part, "group": name} for name, part in parts.items()]
    write_rows(split, SPLITS, rows)
    given = files()
    chosen = ExportFiles(given.manifest, given.statuses, given.shards, given.classes, split=split)
    assert export_dataset(chosen, "imagefolder", "ours", tmp_path / "out") == 2
    assert [path.parts[-3:] for path in sorted((tmp_path / "out").rglob("*.jpg"))] == [
        ("train", TENCH, "a.jpg"),
        ("val", TENCH, "b.jpg"),
    ]


def test_only_hard_images_are_exported_if_a_table_says_which(files, tmp_path):
    hard = tmp_path / "hard.parquet"
    rows = [{"image_id": name, "solved_by": [], "hard": name == "b"} for name in LABELS]
    write_rows(hard, HARD_IMAGES, rows)
    given = files()
    chosen = ExportFiles(given.manifest, given.statuses, given.shards, given.classes, hard)
    assert export_dataset(chosen, "hf", "ours", tmp_path / "out") == 1


@pytest.mark.parametrize(
    ("chosen_by", "images", "told"),
    [
        ("hard", {"b": False}, r"hard.parquet: models solve every image on some crop, .*; zoom "),
        ("reviews", {"b": False}, r"reviews.parquet: the review accepts no image; review again"),
        ("split", {}, r"split.parquet: no image is in a part; split the dataset anew"),
        ("hard", {"z": True}, r"hard.parquet: chooses none .* that \S+statuses.parquet leaves; "),
        ("reviews", {"z": True}, r"reviews.parquet: chooses none of the images that \S+ leaves; "),
    ],
)
def test_if_no_image_is_left_the_file_that_leaves_none_is_named(
    files, tmp_path, chosen_by, images, told
):
    contract, make = {
        "hard": (HARD_IMAGES, lambda name, yes: {"solved_by": [], "hard": yes}),
        "reviews": (
            REVIEWS,
            lambda name, yes: (
                {"anchor_id": name, "offset": 0, "accepted": yes}
                | {"labels": [TENCH], "reason": None, "similar_votes": None, "votes": None}
            ),
        ),
        "split": (SPLITS, lambda name, yes: {"part": "train", "group": name}),
    }[chosen_by]
    path = tmp_path / f"{chosen_by}.parquet"
    rows = [{"image_id": name} | make(name, yes) for name, yes in images.items()]
    write_rows(path, contract, rows)
    with pytest.raises(UserError, match=told):
        export_dataset(replace(files(), **{chosen_by: path}), "hf", "ours", tmp_path / "out")


def test_if_no_image_could_be_read_this_is_told(files, tmp_path):
    given = files()
    _, statuses = write_frames(tmp_path, [lost("lost")])
    with pytest.raises(UserError, match=r"parquet: no image could be read; .*frames show"):
        export_dataset(replace(given, statuses=statuses), "hf", "ours", tmp_path / "out")


def test_a_label_of_another_space_is_named(files, tmp_path):
    with pytest.raises(UserError, match=r"image a: its label n00007846 is no class of in1k"):
        export_dataset(files(a=["n00007846"]), "hf", "ours", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_folder_of_something_else_is_left_alone(files, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out/README.md").write_text("My project")
    with pytest.raises(UserError, match=r"holds something else \(no wildframe\.json\)"):
        export_dataset(files(), "coco", "ours", tmp_path / "out")


def test_the_first_images_are_of_different_clips():
    rows = [{"image_id": f"{clip}{at}", "group_id": clip} for clip in "xyz" for at in range(3)]
    ordered = spread(rows)
    assert spread(reversed(rows)) == ordered
    assert sorted(row["image_id"] for row in ordered) == [row["image_id"] for row in rows]
    for start in (0, 3, 6):
        assert {row["group_id"] for row in ordered[start : start + 3]} == set("xyz")


def test_a_card_says_what_the_folder_holds(exported):
    card = (exported("coco") / "README.md").read_text()
    assert card.startswith("# 3 images of 2 classes of ImageNet-1K\n\nours\n\nThe images stay")
    assert "| d pre | 2 |\n| zoo | 1 |\n" in card
    assert "EXIF data, such as the GPS position" in card
    assert "EXIF" not in (exported("coco", with_images=False) / "README.md").read_text()


def test_a_damaged_shard_is_noticed(exported):
    (shard,) = exported("hf").glob("*.parquet")
    images = pq.read_metadata(shard).row_group(0).column(0)
    content = bytearray(shard.read_bytes())
    content[images.data_page_offset - 9] ^= 1  # within the last image, which has a page before
    shard.write_bytes(content)
    assert all(isinstance(image, str) for image in iter_embedded(shard, [0, 1, 2]))


def test_a_card_has_front_matter_that_the_hub_reads():
    records = [{"origin": "a|<b>", "label": [1], "part": part} for part in ("val", "train")]
    card = data_card(records, LabelSpace("in1k", [], {}), "our <note>", "hf", "terms")
    assert "\n\nour &lt;note>\n\n" in card
    front = card.split("---\n")[1]
    assert '- split: train\n    path: "train-*.parquet"\n  - split: val\n' in front
    assert "image-classification" in front
    assert "| a\\|&lt;b> | 2 |\n" in card


def test_the_command_finds_the_files_of_the_run(files, tmp_path, monkeypatch):
    given = files()
    results = tmp_path / "results"
    for old, new in {
        given.manifest: "manifests/d.parquet",
        given.statuses: "frames/d.parquet",
        given.classes: "labels/classes.parquet",
        given.shards[0]: f"frames/{given.shards[0].parent.name}/{given.shards[0].name}",
        given.shards[1]: f"frames/{given.shards[1].parent.name}/{given.shards[1].name}",
    }.items():
        (results / new).parent.mkdir(parents=True, exist_ok=True)
        old.rename(results / new)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.yaml").write_text(
        "extends: []\nsources: {s: {data_note: from the config}}\ndatasets: {d: {source: s}}\n"
    )
    command = ["frames", "export", "d", "--format", "coco", "--output", "out"]
    found = CliRunner().invoke(app, command, catch_exceptions=False)
    assert found.stdout == "out: 3 images\n"
    assert "from the config" in (tmp_path / "out/README.md").read_text()


@pytest.mark.parametrize(
    ("chosen", "facts", "ids"),
    [
        ({"label_source": "frame"}, {}, ["a", "b"]),
        ({"label_source": "frame"}, {NEAREST: "m"}, ["a"]),
        ({"label_space": "in1k"}, {}, ["a"]),
    ],
)
def test_of_sets_the_accepted_images_are_exported_of_others_the_accepted_anchors(
    files, tmp_path, chosen, facts, ids
):
    """As is evaluated; of hard images, neighbours only help to judge the label."""
    given = files()
    rows = read_table(given.manifest, MANIFEST).to_pylist()
    write_rows(given.manifest, MANIFEST, rows, config={"targets": "in1k"} | chosen)
    reviews = [
        {"anchor_id": "a", "image_id": image, "offset": offset, "accepted": accepted}
        | {"labels": LABELS[image], "reason": None, "similar_votes": None, "votes": None}
        for offset, (image, accepted) in enumerate({"a": True, "b": True, "c.d": False}.items())
    ]
    write_rows(tmp_path / "reviews.parquet", REVIEWS, reviews, facts=facts)
    reviewed = replace(given, reviews=tmp_path / "reviews.parquet")
    assert export_dataset(reviewed, "coco", "ours", tmp_path / "out") == len(ids)
    assert sorted(one for one, _, _ in read_coco(tmp_path / "out")) == ids


def test_an_image_of_several_sets_has_the_labels_of_those_that_accept_it(files, tmp_path):
    """Of the manifest's, of all its sets: one that two accepted sets label differently is none."""
    given = files(b=[TENCH, GOLDFISH, SHARK])
    rows = read_table(given.manifest, MANIFEST).to_pylist()
    write_rows(given.manifest, MANIFEST, rows, config={"targets": "in1k", "label_source": "anchor"})

    def exported(*sets):
        reviews = [
            {"anchor_id": anchor, "image_id": image, "offset": 0, "accepted": accepted}
            | {"labels": labels, "reason": None, "similar_votes": None, "votes": None}
            for anchor, image, accepted, labels in sets
        ]
        write_rows(tmp_path / "reviews.parquet", REVIEWS, reviews, facts={"review": "script"})
        reviewed = replace(given, reviews=tmp_path / "reviews.parquet")
        space = read_label_space(given.manifest, given.classes)
        return {one["image_id"]: one["wnids"] for one in read_records(reviewed, space, None)}

    of_a, rejected = ("a", "b", True, [TENCH]), ("c.d", "b", False, [GOLDFISH])
    anchor = "a", "a", True, [TENCH]
    assert exported(anchor, of_a, rejected) == {"a": [TENCH], "b": [TENCH]}
    assert exported(anchor, of_a, ("c.d", "b", True, [GOLDFISH])) == {"a": [TENCH]}
    own = "b", "b", True, [SHARK]
    assert exported(anchor, of_a, own) == {"a": [TENCH], "b": [SHARK]}


def test_of_sets_the_command_takes_the_review_of_the_run(files, tmp_path, monkeypatch):
    given = files()
    rows = read_table(given.manifest, MANIFEST).to_pylist()
    write_rows(given.manifest, MANIFEST, rows, config={"targets": "in1k", "label_source": "frame"})
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.yaml").write_text("extends: []\ndatasets: {d: {kind: sets}}\n")
    command = ["frames", "export", "d", "--format", "coco", "--output", "out"]
    command += [f"--statuses={given.statuses}", f"--manifest={given.manifest}"]
    found = CliRunner().invoke(app, command)
    assert "results/reviews/d.parquet: no such file" in str(found.exception)


def test_shards_are_looked_for_beside_the_statuses(tmp_path):
    _, statuses = write_frames(tmp_path, [kept("a", IMAGES_OF["a"])])
    assert shards_of(statuses) == [tmp_path / tmp_path.name / "0-of-1.parquet"]

"""ILSVRC VID trees, written by hand, and ImageNet-Vid-Robust's published sets."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from wildframe.core.errors import UserError
from wildframe.core.schemas import BOXES, PUBLISHED, VIDEOS
from wildframe.core.tables import read_table
from wildframe.sources.vid import METADATA, VidSource

OFFICIAL = Path(__file__).parents[3] / "shared/reference/vid_robust/official"

DOG, CAR = "n02084071", "n02958343"
OBJECT = """<object><trackid>0</trackid><name>{}</name><bndbox><xmax>{}</xmax><xmin>{}</xmin>
<ymax>{}</ymax><ymin>{}</ymin></bndbox><occluded>0</occluded><generated>0</generated></object>"""


def xml(*objects, size=(1280, 720)):
    """Write an annotation; an object is wnid, xmax, xmin, ymax, ymin."""
    found = "".join(OBJECT.format(*item) for item in objects)
    return (
        f"<annotation><folder>x</folder><filename>000000</filename><size><width>{size[0]}</width>"
        f"<height>{size[1]}</height></size>{found}</annotation>"
    )


@pytest.fixture
def read(tmp_path, wildframe):
    """Write videos, each a mapping of frames to XML, and return the rows of both tables."""

    def run(videos, split="val", *, without_images=()):
        for name, frames in videos.items():
            folder = tmp_path / f"Annotations/VID/{split}/{name}"
            folder.mkdir(parents=True)
            for frame, text in frames.items():
                (folder / f"{frame:06d}.xml").write_text(text)
            if name not in without_images:
                images = tmp_path / f"Data/VID/{split}/{name}"
                images.mkdir(parents=True)
                (images / "000000.JPEG").touch()
        paths = tmp_path / "videos.parquet", tmp_path / "boxes.parquet"
        options = "--root", tmp_path, "--annotations", tmp_path / f"Annotations/VID/{split}"
        options += "--split", split, "--videos", paths[0], "--boxes", paths[1]
        result = wildframe("sources", "vid", *options)
        tables = zip(paths, (VIDEOS, BOXES), strict=True)
        return *(read_table(path, contract).to_pylist() for path, contract in tables), result

    return run


def test_a_video_is_its_frames_and_their_boxes(read):
    videos, boxes, _ = read(
        {
            "ILSVRC2017_val_00000002": {0: xml()},
            "ILSVRC2015_val_00000001": {
                1: xml((CAR, 9, 9, 7, 0)),
                0: xml((DOG, 831, 533, 523, 300), (CAR, 31, 3, 23, -1)),
            },
        }
    )
    assert videos == [
        {
            "video_id": "ILSVRC2015_val_00000001",
            "split": "val",
            "media": "Data/VID/val/ILSVRC2015_val_00000001/%06d.JPEG",
            "media_kind": "image",
            "frames": 2,
            "rate": None,
            "width": 1280,
            "height": 720,
            "labels": [],
            "problem": None,
        },
        videos[1],
    ]
    assert (videos[1]["video_id"], videos[1]["frames"]) == ("ILSVRC2017_val_00000002", 1)
    # Both corners are pixels of the object: 533 to 831 are 299.
    found = [(b["frame"], b["position"], b["wnid"], *b["box"].values()) for b in boxes]
    assert found == [
        (0, 0, DOG, 533, 300, 299, 224),
        (0, 1, CAR, 3, -1, 29, 25),
        (1, 0, CAR, 9, 0, 1, 8),
    ]


def test_videos_of_train_lie_one_folder_deeper(read, tmp_path):
    name = "ILSVRC2015_VID_train_0000/ILSVRC2015_train_00000000"
    (video,), (box,), _ = read({name: {0: xml((DOG, 1, 0, 1, 0))}}, "train")
    assert video["video_id"] == box["video_id"] == name.replace("/", "_")
    assert video["media"] == f"Data/VID/train/{name}/%06d.JPEG"
    source = VidSource(kind="vid", root=str(tmp_path), split="train", data_note="a test")
    assert source.list_media() == [f"Data/VID/train/{name}"]
    assert source.wanted_media() == [f"Data/VID/train/{name}"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no element found"),
        ("<annotation>", "no element found"),
        (xml().replace("1280", ""), "size/width is '', not a whole number"),
        (xml((DOG, "1.5", 0, 1, 0)), r"bndbox/xmax is '1\.5', not a whole number"),
        (xml((DOG, 0, 1, 1, 0)), f"a box of {DOG} ends before it begins"),
        (xml(("dog", 1, 0, 1, 0)), "an object's name is 'dog', not a wnid"),
        (
            '<!DOCTYPE a [<!ENTITY b "cccc">]><annotation>&b;</annotation>',
            "has a document type declaration",
        ),
    ],
)
def test_a_broken_annotation_costs_its_frame_alone(read, text, why):
    sound = xml((DOG, 1, 0, 1, 0))
    (video,), boxes, result = read({"a": {0: text, 1: sound, 2: sound}})
    assert (video["frames"], video["problem"]) == (3, None)
    assert (video["width"], video["height"]) == (1280, 720)
    assert [box["frame"] for box in boxes] == [1, 2]
    (line,) = [line for line in result.stderr.splitlines() if ".xml: " in line]
    assert re.search(f"a/000000.xml: {why}", line)
    assert re.search(why, line)
    assert line.endswith(
        "; the frame has no boxes: unpack it again or correct it, then `touch` its folder"
    )


def test_many_broken_annotations_are_counted(read):
    (video,), _, result = read({"a": dict.fromkeys(range(30), "<") | {30: xml()}})
    assert (video["frames"], video["problem"]) == (31, None)
    assert result.stderr.count(".xml: ") == 20
    assert "30 annotations in total could not be read" in result.stderr


def test_images_without_an_annotation_are_frames_and_told(read, tmp_path):
    images = tmp_path / "Data/VID/val/a"
    images.mkdir(parents=True)
    for name in ("000000.JPEG", "000001.JPEG", "000002.JPEG", "000004.JPEG", "000009.txt"):
        (images / name).touch()
    annotations = {"a": {0: xml(), 2: xml()}, "b": {0: xml()}, "c": {0: xml(), 7: xml()}}
    videos, _, result = read(annotations, without_images=["a", "c"])
    assert [video["frames"] for video in videos] == [5, 1, 8]
    assert (
        f"{tmp_path}/Annotations/VID/val: 2 of 5 images have no annotation, and so no label "
        "(unpack Annotations/VID again), the first of them a/000001.JPEG\n"
    ) in result.stderr


def test_what_cannot_be_used_is_a_row_with_a_problem(read, tmp_path):
    (tmp_path / "Data/VID/val/d").mkdir(parents=True)
    (tmp_path / "Data/VID/val/.DS_Store").touch()
    videos, boxes, _ = read(
        {"a": {0: "", 1: "<a"}, "b": {0: xml((DOG, 1, 0, 1, 0))}, "c": {}}, without_images=["b"]
    )
    problems = {video["video_id"]: video["problem"] for video in videos}
    assert problems == {
        "a": f"none of its annotations can be read: {tmp_path}/Annotations/VID/val/a/000000.xml",
        "b": "its images are not in Data/VID/val/b",
        "c": "it has no annotations",
        "d": "it has no annotations",
    }
    assert [box["video_id"] for box in boxes] == ["b"]


def test_a_tree_without_annotations_is_refused(tmp_path, wildframe):
    source = VidSource(kind="vid", root=str(tmp_path), split="val", data_note="a test")
    assert source.list_media() == []
    with pytest.raises(UserError, match=r"Annotations/VID/val: no such folder; unpack"):
        source.require_annotations()
    options = "--root", tmp_path, "--annotations", tmp_path / "Annotations/VID/val"
    options += "--split", "val", "--videos", tmp_path / "v", "--boxes", tmp_path / "b"
    with pytest.raises(UserError, match="has no annotations of videos"):
        wildframe("sources", "vid", *options)
    assert not list(tmp_path.iterdir())
    (tmp_path / "Annotations/VID/val/x").mkdir(parents=True)
    assert source.require_annotations() == str(tmp_path / "Annotations/VID/val")


A = "val/ILSVRC2015_val_00000001/000010.JPEG"
A1, A2 = A.replace("10.", "11."), A.replace("10.", "08.")
B = "val/ILSVRC2017_val_00000002/000044.JPEG"


@pytest.fixture
def publish(tmp_path, wildframe):
    """Write both files of metadata and return the rows of the table."""

    def run(pmsets, labels):
        for name, content in (("pmsets", pmsets), ("labels", labels)):
            (tmp_path / f"{name}.json").write_text(json.dumps(content))
        source = VidSource(
            kind="vid", root=str(tmp_path), metadata=str(tmp_path), data_note="a test"
        )
        files, output = source.published_files(), tmp_path / "published.parquet"
        wildframe("sources", "vid-published", *files, "--output", output)
        return read_table(output, PUBLISHED).to_pylist(), source

    return run


def test_published_sets_are_rows_in_the_order_of_the_file(publish):
    rows, source = publish({A: [A1, A2], B: []}, {A: [6, 8], A1: [6, 8], A2: [6], B: [29]})
    assert rows[0] == {
        "anchor": f"Data/VID/{A}",
        "media": f"Data/VID/{A}",
        "video_id": "ILSVRC2015_val_00000001",
        "frame": 10,
        "offset": 0,
        "labels": [CAR, DOG],
    }
    assert [(r["anchor"], r["media"], r["offset"], r["labels"]) for r in rows[1:]] == [
        (f"Data/VID/{A}", f"Data/VID/{A1}", 1, [CAR, DOG]),
        (f"Data/VID/{A}", f"Data/VID/{A2}", -2, [CAR]),
        # The anchor without neighbours is a set.
        (f"Data/VID/{B}", f"Data/VID/{B}", 0, ["n02391049"]),
    ]
    assert source.wanted_media() == [
        "Data/VID/val/ILSVRC2015_val_00000001",
        "Data/VID/val/ILSVRC2017_val_00000002",
    ]


@pytest.mark.parametrize("name", ["a/000001.JPEG", "val/../000001.JPEG", "/val/a/1.JPEG", "val/1"])
def test_names_that_lead_elsewhere_are_refused(publish, name):
    with pytest.raises(UserError, match="the name is not <split>/<video>/<frame>"):
        publish({name: []}, {name: [0]})


def test_metadata_that_is_no_metadata_is_refused(publish, tmp_path):
    with pytest.raises(UserError, match=r"pmsets\.json: has no sets"):
        publish({}, {})
    with pytest.raises(UserError, match=rf"labels\.json: frame {A} has no label \(1 such\)"):
        publish({A: []}, {})
    (tmp_path / "labels.json").unlink()
    source = VidSource(kind="vid", root="x", metadata=str(tmp_path), data_note="a test")
    with pytest.raises(UserError, match=r"labels\.json: no such file; it is in ImageNet-Vid"):
        source.published_files()
    with pytest.raises(UserError, match="x: the source has no metadata"):
        source.model_copy(update={"metadata": None}).published_files()


# How many anchors show each class, in the order of vid30; by the publisher's own metadata.
ANCHORS = [
    *(84, 17, 40, 38, 121, 32, 88, 32, 117, 83, 38, 16, 14, 28, 50),
    *(13, 25, 36, 34, 20, 7, 15, 19, 28, 18, 87, 38, 30, 9, 14),
]


def test_the_official_sets(tmp_path, wildframe, project):
    if not OFFICIAL.is_dir():
        pytest.skip("the metadata of ImageNet-Vid-Robust does not lie beside the project")
    output = tmp_path / "published.parquet"
    files = [OFFICIAL / name for name in METADATA]
    wildframe("sources", "vid-published", *files, "--output", output)
    rows = read_table(output, PUBLISHED).to_pylist()
    anchors = {row["anchor"]: row for row in rows if row["offset"] == 0}
    assert (len(anchors), len(rows) - len(anchors)) == (1109, 21_070)
    assert len({row["media"] for row in rows}) == 22_179
    assert len({row["video_id"] for row in rows}) == 1109
    assert max(abs(row["offset"]) for row in rows) == 10
    assert sum(row["labels"] != anchors[row["anchor"]]["labels"] for row in rows) == 11
    count = Counter(wnid for row in anchors.values() for wnid in row["labels"])
    classes = (project / "src/wildframe/data/vid30.csv").read_text().split()[1:]
    assert [count[line.split(",")[2]] for line in classes] == ANCHORS

"""Sets as ImageNet-Vid-Robust publishes them."""

import json
import re
from pathlib import Path

import pytest
from review_data import BEAR, ZEBRA, encoded, filled, set_rows, write_dataset

from wildframe.core.errors import UserError
from wildframe.core.schemas import MANIFEST, REVIEWS
from wildframe.core.tables import write_rows
from wildframe.labels.hypernyms import read_targets
from wildframe.reviews.export import (
    frame_names,
    published_labels,
    published_sets,
    write_published,
)

OFFICIAL = Path(__file__).parents[3] / "shared" / "reference" / "vid_robust" / "official"
JSON = ("pmsets", "labels")

VID_ZEBRA, VID_BEAR = 29, 2  # indices of ImageNet-Vid-Robust


def manifest_row(image_id, media, frame=None, kind="image", video="v"):
    values = {"media": media, "media_kind": kind, "frame": frame, "video_id": video}
    return filled(MANIFEST, image_id=image_id, **values)


def test_images_are_named_as_published():
    names = frame_names(
        [
            manifest_row("a", "Data/VID/val/ILSVRC2015_val_00000000/000442.JPEG"),
            manifest_row("b", "ILSVRC/Data/VID/val/ILSVRC2017_val_00000000/000001.JPEG"),
            manifest_row("c", "ytbb_videos/x_301000/frame-7525.jpg"),
            manifest_row("d", "clips/d.mp4", 7, "video", "walk"),
        ]
    )
    assert names == {
        "a": "val/ILSVRC2015_val_00000000/000442.JPEG",
        "b": "val/ILSVRC2017_val_00000000/000001.JPEG",
        "c": "ytbb_videos/x_301000/frame-7525.jpg",
        "d": "walk/000007.JPEG",
    }


def test_the_images_are_got_out_as_the_docs_say(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    sets = set_rows("a", [-2, 2])
    shots = {"a": encoded(10), "a+2": encoded(20)}
    paths = write_dataset(tmp_path, sets, broken=["a-2"], images=shots)
    frames = Path("results/frames/demo-videos")
    (frames / "full").mkdir(parents=True)
    paths.statuses.rename("results/frames/demo-videos.parquet")
    for shard in paths.shards:
        shard.rename(frames / shard.name)
    Path("results/manifests").mkdir()
    manifest = paths.manifest.rename("results/manifests/demo-videos.parquet")
    text = (Path(__file__).parents[2] / "docs/review.md").read_text()
    exec(re.search(r"```python\n(.*?)```", text, re.DOTALL)[1], {})
    found = {str(path): path.read_bytes() for path in Path("images").rglob("*.JPEG")}
    assert found == {
        "images/video-a/000100.JPEG": shots["a"],
        "images/video-a/000102.JPEG": shots["a+2"],
    }
    reviewed = [row | {"accepted": row["image_id"] in shots, "reason": None} for row in sets]
    write_rows(Path("reviews.parquet"), REVIEWS, [filled(REVIEWS, **row) for row in reviewed])
    write_published(Path("reviews.parquet"), manifest, "coco80", Path("p.json"), Path("l.json"))
    labels = json.loads(Path("l.json").read_text())
    assert [f"images/{name}" for name in labels] == sorted(found)


def test_clips_of_one_video_do_not_share_names():
    names = frame_names(
        [
            manifest_row("a", "v1/clips/one.mp4", 7, "video", "film"),
            manifest_row("b", "v1/clips/two.mp4", 7, "video", "film"),
            manifest_row("c", "v1/clips/three.mp4", 7, "video", None),
        ]
    )
    assert names == {
        "a": "v1/clips/one/000007.JPEG",
        "b": "v1/clips/two/000007.JPEG",
        "c": "v1/clips/three/000007.JPEG",
    }


def test_images_of_no_video_have_no_name():
    with pytest.raises(UserError, match=r"image a of x\.tar has no frame number"):
        frame_names([manifest_row("a", "x.tar", None, "shard")])


def test_frames_stand_in_the_order_of_the_video():
    rows = set_rows("b", [2]) + set_rows("a", [-10, -9, 10, 1, -1]) + set_rows("c", [])
    rows.reverse()
    names = {row["image_id"]: row["image_id"] for row in rows}
    assert published_sets(rows, names) == {
        "a": ["a-10", "a-9", "a-1", "a+1", "a+10"],
        "b": ["b+2"],
        "c": [],
    }
    assert list(published_sets(rows, names)) == ["a", "b", "c"]


def test_labels_are_indices_in_order():
    rows = set_rows("a", [1], [ZEBRA, BEAR])
    names = {"a": "v/1", "a+1": "v/2"}
    both = [VID_BEAR, VID_ZEBRA]
    assert published_labels(rows, names, "vid30") == {"v/1": both, "v/2": both}


def test_an_anchor_that_shows_nothing_has_youtube_bbs_index_for_it():
    rows = set_rows("a", [], [])
    assert published_labels(rows, {"a": "A"}, "ytbb24") == {"A": [22]}
    with pytest.raises(UserError, match="image a"):
        published_labels(rows, {"a": "A"}, "vid30")


@pytest.mark.parametrize("labels", [["n00000000"], []])
def test_labels_that_are_no_targets_are_refused(labels):
    with pytest.raises(UserError, match=r"image a: its labels .* not all among vid30"):
        published_labels(set_rows("a", [], labels), {"a": "v/1"}, "vid30")


def test_a_frame_near_two_anchors():
    zebras, bears = set_rows("a", [1], [ZEBRA]), set_rows("b", [], [BEAR])
    # Both are near the other, judged by the other's label; x is near both.
    neighbours = [
        zebras[0] | {"image_id": "b"},
        bears[0] | {"image_id": "a"},
        zebras[0] | {"image_id": "x"},
        bears[0] | {"image_id": "x"},
    ]
    names = {"a": "a", "b": "b", "a+1": "a+1", "x": "x"}
    labels = published_labels([*neighbours, *zebras, *bears], names, "vid30")
    assert labels == {"a": [VID_ZEBRA], "a+1": [VID_ZEBRA], "b": [VID_BEAR]}


@pytest.fixture
def files(tmp_path):
    """Reviews and manifest of two sets; two frames and a third set are not accepted."""
    sets = set_rows("a", [-2, 2, 4]) + set_rows("b", [2], [BEAR]) + set_rows("c", [2])
    out = {"a+4", "b+2", "c", "c+2"}
    reviews = [filled(REVIEWS, **row, accepted=row["image_id"] not in out) for row in sets]
    write_rows(tmp_path / "reviews.parquet", REVIEWS, reviews)
    images = []
    for row in sets:
        media, video = f"{row['anchor_id']}.mp4", f"video-{row['anchor_id']}"
        images.append(manifest_row(row["image_id"], media, 100 + row["offset"], "video", video))
    write_rows(tmp_path / "manifest.parquet", MANIFEST, images)
    return tmp_path


@pytest.fixture
def export(tmp_path, wildframe):
    """Return a function that exports the sets of the test's folder."""

    def write():
        options = ["--manifest", tmp_path / "manifest.parquet", "--label-space", "vid30"]
        options += ["--pmsets", tmp_path / "pmsets.json", "--labels", tmp_path / "labels.json"]
        wildframe("reviews", "export", tmp_path / "reviews.parquet", *options)

    return write


def test_what_is_written_can_be_scored(files, export, wildframe):
    export()
    sets, labels = (
        json.loads((files / name).read_text()) for name in ("pmsets.json", "labels.json")
    )
    assert sets == {
        "video-a/000100.JPEG": ["video-a/000098.JPEG", "video-a/000102.JPEG"],
        "video-b/000100.JPEG": [],
    }
    assert labels == {
        "video-a/000098.JPEG": [VID_ZEBRA],
        "video-a/000100.JPEG": [VID_ZEBRA],
        "video-a/000102.JPEG": [VID_ZEBRA],
        "video-b/000100.JPEG": [VID_BEAR],
    }
    # Right everywhere but two frames after a.
    said = {
        name: [float(index == label[0]) for index in range(30)] for name, label in labels.items()
    }
    said["video-a/000102.JPEG"].reverse()
    (files / "predictions.json").write_text(json.dumps(said))
    options = ["--k", 2, "--format", "csv"]
    options += ["--pmsets", files / "pmsets.json", "--labels", files / "labels.json"]
    result = wildframe("scores", "pm-k", files / "predictions.json", *options)
    header, *rows = (line.split(",") for line in result.stdout.splitlines())
    accuracy = [float(row[header.index("accuracy")]) for row in rows]
    assert accuracy == [1.0, 1.0, 0.5]


def test_sets_of_one_video_in_several_folders_can_be_scored(tmp_path, export, wildframe):
    """YTBB-Robust has a folder for each anchor; a frame of two sets is named by the first."""
    near, far = (f"ytbb_videos/x-bcdefgh_k_{time}" for time in (1000, 1500))
    names = {"a": f"{near}/frame-30.jpg", "n": f"{near}/frame-38.jpg", "b": f"{far}/frame-45.jpg"}
    images = [manifest_row(image_id, name) for image_id, name in names.items()]
    write_rows(tmp_path / "manifest.parquet", MANIFEST, images)
    reviews = [
        filled(REVIEWS, anchor_id=anchor, image_id=image, offset=offset, labels=[BEAR])
        | {"accepted": True}
        for anchor, image, offset in [("a", "a", 0), ("a", "n", 8), ("b", "b", 0), ("b", "n", -7)]
    ]
    write_rows(tmp_path / "reviews.parquet", REVIEWS, reviews)
    export()
    scores = {name: [float(index == VID_BEAR) for index in range(30)] for name in names.values()}
    scores[names["a"]].reverse()
    (tmp_path / "predictions.json").write_text(json.dumps(scores))
    options = ["--pmsets", tmp_path / "pmsets.json", "--labels", tmp_path / "labels.json"]
    command = ("scores", "pm-k", tmp_path / "predictions.json", *options, "--format", "csv")
    *_, last = wildframe(*command).stdout.splitlines()
    assert last.startswith("10,2,2,1,0.5")


def test_tables_that_do_not_belong_together(files, export):
    write_rows(files / "manifest.parquet", MANIFEST, [manifest_row("a", "a.mp4", 100, "video")])
    with pytest.raises(UserError, match=r"lacks image a\+2 of .* \(3 such\)"):
        export()


def test_the_official_sets_come_back(tmp_path, export):
    """The publisher's metadata is no part of the project; it is read where it lies beside it."""
    if not OFFICIAL.is_dir():
        pytest.skip("the metadata of ImageNet-Vid-Robust does not lie beside the project")
    sets, labels = (json.loads((OFFICIAL / f"{name}.json").read_text()) for name in JSON)
    wnids = [target.wnid for target in read_targets("vid30")]
    reviews = []
    for anchor, neighbours in sets.items():
        for name in (anchor, *neighbours):
            offset = int(name[-11:-5]) - int(anchor[-11:-5])
            key = {"anchor_id": anchor, "image_id": name, "offset": offset}
            own = [wnids[index] for index in labels[name]]
            reviews.append(filled(REVIEWS, **key, labels=own, accepted=True))
    reviews.reverse()
    write_rows(tmp_path / "reviews.parquet", REVIEWS, reviews)
    images = [manifest_row(name, f"Data/VID/{name}") for name in labels]
    write_rows(tmp_path / "manifest.parquet", MANIFEST, images)
    export()
    for name in JSON:
        official, ours = ((at / f"{name}.json").read_text() for at in (OFFICIAL, tmp_path))
        assert ours.rstrip() == official.rstrip()

"""From statuses and shards to the images of a dataset."""

import numpy as np
import pyarrow.parquet as pq
import pytest
from frames_data import kept, lost, write_frames

from wildframe.core.errors import UserError
from wildframe.core.schemas import FRAMES, MANIFEST, STATUSES
from wildframe.core.tables import read_table, write_rows
from wildframe.frames import iter_images, locate_images, select_images
from wildframe.frames.encode import encode
from wildframe.frames.statuses import collect_statuses, shown_sha256, tell_other_shapes


def grey(value):
    return encode(np.full((4, 6, 3), value, np.uint8), "png")


GREYS = {name: grey(10 * number) for number, name in enumerate("abcd")}


@pytest.fixture
def shards(tmp_path):
    """Two shards of a source: frames of the videos c and a, then of d, and b, which is gone."""
    rows = [kept("c", GREYS["c"]), kept("a", GREYS["a"])], [kept("d", GREYS["d"]), lost("b")]
    paths, _ = write_frames(tmp_path, *rows)
    return paths


@pytest.fixture
def dataset(tmp_path, manifest_row, shards, wildframe):
    """Return a function that writes the statuses of a dataset, of the media of its images."""

    def write(name="d", **media):
        rows = [
            manifest_row(image, media=f"v1/clips/{one}.mp4", dataset=name)
            for image, one in media.items()
        ]
        write_rows(tmp_path / f"{name}.manifest.parquet", MANIFEST, rows)
        output = tmp_path / f"{name}.parquet"
        options = ["--manifest", tmp_path / f"{name}.manifest.parquet", "--output", output]
        options += ["--shown", tmp_path / f"{name}.sha256"]
        wildframe("frames", "collect", *shards, *options)
        return output

    return write


def test_statuses_map_images_to_their_frames(dataset):
    rows = read_table(dataset(z="a", y="b", x="a"), STATUSES).to_pylist()
    assert [(row["image_id"], row["media"], row["status"]) for row in rows] == [
        ("x", "v1/clips/a.mp4", "ok"),
        ("y", "v1/clips/b.mp4", "media_missing"),
        ("z", "v1/clips/a.mp4", "ok"),
    ]
    assert rows[0] == rows[2] | {"image_id": "x"}
    assert (rows[0]["width"], rows[0]["height"], rows[0]["encoding"]) == (6, 4, "png")
    assert rows[1]["detail"] == "gone"
    assert rows[1]["image_sha256"] is None


def test_statuses_do_not_change_when_other_frames_do(dataset, shards):
    """What hangs on the images of a dataset is rerun when the bytes of its statuses change."""
    path = dataset(x="a", y="b")
    before = path.read_bytes()
    rows = read_table(shards[0], FRAMES).to_pylist()
    added = {"media": "v1/clips/aa.mp4", "frame": 7}
    changed = {"sha256": "0", "image_sha256": "0"}
    write_rows(shards[0], FRAMES, [rows[0] | changed, rows[0] | added, rows[1]])
    assert dataset(x="a", y="b").read_bytes() == before


@pytest.mark.parametrize(
    "changed",
    [
        {"sha256": "0"},
        {"encoding": "jpeg"},
        # The same encoding of the same pixels, by another encoder.
        {"image_sha256": "0"},
        {"status": "media_missing", "detail": "gone"},
    ],
)
def test_statuses_change_when_an_image_does(dataset, shards, changed):
    path = dataset(x="a", y="b")
    before = path.read_bytes()
    rows = read_table(shards[0], FRAMES).to_pylist()
    write_rows(shards[0], FRAMES, [rows[0], rows[1] | changed])
    assert dataset(x="a", y="b").read_bytes() != before


@pytest.mark.parametrize(
    ("changed", "shown_alike"),
    [
        ({"labels": ["n02084071"], "nouns": ["dog"], "words": ["dog"]}, True),
        ({"group_id": "another", "video_id": "another"}, True),
        ({"boxes": [{"x": 50.0, "y": 20.0, "width": 40.0, "height": 41.0}]}, False),
        ({"width": 201}, False),
        ({"media": "v1/clips/d.mp4"}, False),
        ({"image_id": "y"}, False),
    ],
)
def test_labels_are_not_among_what_models_are_shown(
    dataset, tmp_path, manifest_row, changed, shown_alike
):
    statuses, manifest = dataset(x="a"), tmp_path / "d.manifest.parquet"
    before = shown_sha256(statuses, manifest)
    assert (tmp_path / "d.sha256").read_text() == f"{before}\n"
    row = manifest_row("x", media="v1/clips/a.mp4") | changed
    write_rows(manifest, MANIFEST, [row])
    write_rows(statuses, STATUSES, collect_statuses(sorted(tmp_path.glob("?-of-2.*")), manifest))
    assert (shown_sha256(statuses, manifest) == before) == shown_alike


@pytest.mark.parametrize(
    ("annotated", "told"),
    [
        # Images of 6 x 4 pixels.
        ((1920, 1280), ""),
        ((None, None), ""),
        # Within 2 %, as of sides that are rounded.
        ((1950, 1280), ""),
        ((1970, 1280), "x: 6 x 4 pixels, annotated in 1970 x 1280"),
        # One eye of a stereo video, and a video on its side.
        ((1920, 640), "x: 6 x 4 pixels, annotated in 1920 x 640"),
        ((4, 6), "x: 6 x 4 pixels, annotated in 4 x 6"),
    ],
)
def test_images_of_another_shape_than_their_annotations_are_told(
    dataset, tmp_path, manifest_row, capsys, annotated, told
):
    statuses, manifest = dataset(x="a", y="b", z="c"), tmp_path / "d.manifest.parquet"
    sizes = {"x": annotated, "y": (9, 1), "z": (3, 2)}
    rows = [
        manifest_row(name, width=width, height=height) for name, (width, height) in sizes.items()
    ]
    write_rows(manifest, MANIFEST, rows)
    tell_other_shapes(statuses, manifest)
    said = capsys.readouterr().err
    assert bool(said) == bool(told)
    if told:
        # The lost image has no shape.
        assert "1 of 2 images have another aspect than" in said
        assert said.endswith(f"the first of them {told}\n")


def test_a_frame_that_nobody_extracted_is_named(shards, tmp_path, manifest_row):
    manifest = tmp_path / "manifest.parquet"
    write_rows(manifest, MANIFEST, [manifest_row("x", media="v1/clips/a.mp4", rate="25")])
    told = r"manifest\.parquet: image x of v1/clips/a\.mp4 is in none of the shards"
    with pytest.raises(UserError, match=told):
        list(collect_statuses(shards, manifest))


def test_images_come_in_the_order_of_their_frames(dataset, shards):
    """Several images of one frame in the order of their ids; unreadable ones not at all."""
    statuses = dataset(p="a", q="d", s="b", r="c", o="a")
    found = [(row["image_id"], image) for row, image in iter_images(shards, statuses)]
    assert found == [
        ("r", GREYS["c"]),
        ("o", GREYS["a"]),
        ("p", GREYS["a"]),
        ("q", GREYS["d"]),
    ]
    wanted = [row["image_id"] for row, _ in iter_images(shards, statuses, {"q", "s", "p"})]
    assert wanted == ["p", "q"]


def test_images_are_found_in_every_row_group(dataset, shards):
    rows = pq.read_table(shards[0])
    pq.write_table(rows, shards[0], row_group_size=1)
    statuses = dataset(p="a", q="c")
    located = locate_images(select_images(statuses), shards)
    assert [(row["image_id"], place.row_group, place.row) for row, place in located] == [
        ("q", 0, 0),
        ("p", 1, 0),
    ]
    assert [image for _, image in iter_images(shards, statuses)] == [GREYS["c"], GREYS["a"]]


def test_files_that_do_not_belong_together_are_named(dataset, shards):
    statuses = dataset(p="a", q="d")
    with pytest.raises(UserError, match=r"image z is not in .*d\.parquet \(1 such\)"):
        select_images(statuses, {"z"})
    with pytest.raises(UserError, match=r"image q of v1/clips/d\.mp4 is in none of the shards"):
        list(iter_images(shards[:1], statuses))
    rows = read_table(shards[0], FRAMES).to_pylist()
    write_rows(shards[0], FRAMES, [rows[0], rows[1] | {"image_sha256": "0"}])
    told = r"0-of-2\.parquet: image p differs from what its status says; rerun .* frames_collect"
    with pytest.raises(UserError, match=told):
        list(iter_images(shards, statuses))


def test_a_torn_shard_is_refused_by_name(dataset, shards):
    statuses = dataset(p="a")
    shards[0].write_bytes(shards[0].read_bytes()[:-100])
    with pytest.raises(UserError, match=r"0-of-2\.parquet: not a sound Parquet file"):
        list(iter_images(shards, statuses))

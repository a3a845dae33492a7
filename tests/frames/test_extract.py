"""A shard of frames: every image of the manifest gets its row, whatever became of it."""

import os
from fractions import Fraction

import av
import numpy as np
import pytest

from wildframe.frames import media_state, shard_names, shard_of
from wildframe.frames.decode import read_frames
from wildframe.frames.encode import decode, encode
from wildframe.frames.extract import extract_shard


@pytest.fixture
def root(tmp_path):
    """Two clips of ten frames, each frame of one grey: clip a from 0, clip b from 100."""
    for name, base in (("a", 0), ("b", 100)):
        with av.open(tmp_path / f"{name}.mp4", "w") as container:
            stream = container.add_stream("libx264", rate=30, options={"qp": "0"})
            stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv444p"
            for number in range(10):
                grey = np.full((48, 64, 3), base + 10 * number, np.uint8)
                frame = av.VideoFrame.from_ndarray(grey, "rgb24")
                frame.pts, frame.time_base = number, Fraction(1, 30)
                container.mux(stream.encode(frame))
            container.mux(stream.encode())
    (tmp_path / "broken.mp4").write_bytes(b"not a video")
    return tmp_path


def manifest_row(clip, frame, rate="30"):
    return {
        "image_id": f"{clip}_{frame}",
        "media": f"{clip}.mp4",
        "media_kind": "video",
        "frame": frame,
        "rate": rate,
        "group_id": "several clips may be cut from one file",
    }


def test_each_image_has_its_row_and_its_reason(root):
    manifest = [
        manifest_row("b", 3),
        manifest_row("a", 7),
        manifest_row("gone", 0),
        manifest_row("a", 2),
        manifest_row("broken", 1),
        manifest_row("a", 10),
        manifest_row("x" * 300, 0),
    ]
    rows = {row["image_id"]: row for row in extract_shard(manifest, root, "0-of-1", 1, "png")}
    assert {image: row["status"] for image, row in rows.items()} == {
        "a_2": "ok",
        "a_7": "ok",
        "a_10": "frame_missing",
        "b_3": "ok",
        "broken_1": "media_unreadable",
        "gone_0": "media_missing",
        f"{'x' * 300}_0": "media_unreadable",
    }
    for image, grey in (("a_2", 20), ("a_7", 70), ("b_3", 130)):
        pixels = np.asarray(decode(rows[image]["image"]))
        assert pixels.shape == (48, 64, 3)
        assert abs(pixels.astype(int) - grey).max() <= 2
        assert (rows[image]["width"], rows[image]["height"]) == (64, 48)
    assert rows["a_10"]["detail"]
    assert "gone.mp4" in rows["gone_0"]["detail"]
    assert "broken.mp4" in rows["broken_1"]["detail"]
    # No path of this machine gets into a table.
    assert not any(str(root) in row["detail"] for row in rows.values())


def test_shards_share_the_images_out_by_file():
    files = [f"v1/clips/{number}.mp4" for number in range(200)]
    shards = [shard_of(file, 4) for file in files]
    assert set(shards) == set(shard_names(4)) == {"0-of-4", "1-of-4", "2-of-4", "3-of-4"}
    assert shards == [shard_of(file, 4) for file in files]
    assert min(shards.count(name) for name in shard_names(4)) > 20


def test_a_file_is_read_by_one_shard_only(root, monkeypatch):
    read = []

    def spy(path, numbers, *, rate=None):
        read.append((path.name, list(numbers)))
        return read_frames(path, numbers, rate=rate)

    monkeypatch.setattr("wildframe.frames.extract.read_frames", spy)
    monkeypatch.setattr("wildframe.frames.extract.AT_A_TIME", 4)
    manifest = [manifest_row("a", frame) for frame in (5, 0, 3, 1, 4, 2)]
    rows = [
        row for shard in shard_names(4) for row in extract_shard(manifest, root, shard, 4, "png")
    ]
    assert read == [("a.mp4", [0, 1, 2, 3]), ("a.mp4", [4, 5])]
    assert [row["image_id"] for row in rows] == [f"a_{frame}" for frame in range(6)]


def test_a_video_that_arrives_later_or_changes_changes_the_state_of_its_shard_alone(tmp_path):
    media = [f"v1/clips/{name}.mp4" for name in "abcdefgh"]

    def states():
        return [media_state(tmp_path, media, shard, 4) for shard in shard_names(4)]

    absent = states()
    assert len(set(absent)) == 1
    file = tmp_path / "v1/clips/a.mp4"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"1")
    (file.parent / "not-annotated.mp4").write_bytes(b"1")
    first = states()
    pairs = zip(shard_names(4), absent, first, strict=True)
    assert [shard for shard, old, new in pairs if old != new] == [shard_of(media[0], 4)]
    os.utime(file, ns=(1, 1))  # another file of the same size
    assert states() != first


def test_the_state_without_a_shard_is_that_of_all_videos(tmp_path):
    media = [f"{name}.mp4" for name in "abc"]
    before = media_state(tmp_path, media)
    for name in media:
        (tmp_path / name).write_bytes(b"1")
        assert media_state(tmp_path, media) != before
        before = media_state(tmp_path, media)


def test_a_folder_of_images_has_a_state_too(tmp_path):
    folder = tmp_path / "val/x"
    folder.mkdir(parents=True)
    (folder / "000000.JPEG").write_bytes(b"1")
    os.utime(folder, ns=(1, 1))
    before = media_state(tmp_path, ["val/x"])
    (folder / "000001.JPEG").write_bytes(b"1")
    assert media_state(tmp_path, ["val/x"]) != before


def test_every_shard_together_is_the_manifest(root):
    manifest = [manifest_row(clip, frame) for clip in ("a", "b", "gone") for frame in range(3)]
    found = [
        row["image_id"]
        for shard in shard_names(3)
        for row in extract_shard(manifest, root, shard, 3, "jpeg")
    ]
    assert sorted(found) == sorted(row["image_id"] for row in manifest)


def test_jpeg_keeps_full_chroma_and_png_every_bit():
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (16, 16, 3), dtype=np.uint8)
    assert np.array_equal(np.asarray(decode(encode(pixels, "png"))), pixels)
    red_blue = np.zeros((16, 16, 3), np.uint8)
    red_blue[:, ::2, 0] = red_blue[:, 1::2, 2] = 255
    kept = np.asarray(decode(encode(red_blue, "jpeg"))).astype(int)
    assert abs(kept - red_blue).max() < 40

"""A shard of frames: every wanted frame gets its row, whatever became of it."""

import hashlib
import os
import re
from fractions import Fraction

import av
import numpy as np
import pytest

from wildframe.frames import media_states, shard_names, shard_of
from wildframe.frames.encode import decode, encode
from wildframe.frames.extract import extract_frames


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


def wanted(clip, frame, rate="30"):
    return {"media": f"{clip}.mp4", "media_kind": "video", "frame": frame, "rate": rate}


def test_each_frame_has_its_row_and_its_reason(root):
    frames = [
        wanted("a", 2),
        wanted("a", 7),
        wanted("a", 10),
        wanted("b", 3),
        wanted("broken", 1),
        wanted("gone", 0),
        wanted("x" * 300, 0),
    ]
    found = list(extract_frames(frames, root, "png", border=0))
    assert [(row["media"], row["rate"], row["frame"], row["status"]) for row in found] == [
        ("a.mp4", "30", 2, "ok"),
        ("a.mp4", "30", 7, "ok"),
        ("a.mp4", "30", 10, "frame_missing"),
        ("b.mp4", "30", 3, "ok"),
        ("broken.mp4", "30", 1, "media_unreadable"),
        ("gone.mp4", "30", 0, "media_missing"),
        (f"{'x' * 300}.mp4", "30", 0, "media_unreadable"),
    ]
    rows = {(row["media"], row["frame"]): row for row in found}
    for key, grey in ((("a.mp4", 2), 20), (("a.mp4", 7), 70), (("b.mp4", 3), 130)):
        row = rows[key]
        pixels = np.asarray(decode(row["image"]))
        assert pixels.shape == (48, 64, 3)
        assert abs(pixels.astype(int) - grey).max() <= 2
        assert (row["width"], row["height"]) == (64, 48)
        assert row["sha256"] == hashlib.sha256(pixels.tobytes()).hexdigest()
        assert row["image_sha256"] == hashlib.sha256(row["image"]).hexdigest()
    assert rows["a.mp4", 10]["detail"]
    assert "gone.mp4" in rows["gone.mp4", 0]["detail"]
    assert "broken.mp4" in rows["broken.mp4", 1]["detail"]
    # No path of this machine gets into a table.
    assert not any(str(root) in row["detail"] for row in found)


def test_images_are_counted_not_their_videos_or_folders(root, capsys):
    images = [{**wanted("a", 0), "media": f"c/{n}.jpg", "media_kind": "image"} for n in range(2)]
    assert (
        len(list(extract_frames([wanted("a", 2), wanted("a", 7), *images], root, "png", border=0)))
        == 4
    )
    assert re.search(r"frames: 100%.* 4/4 .*image/s\]", capsys.readouterr().err)


def test_shards_share_the_images_out_by_file():
    files = [f"v1/clips/{number}.mp4" for number in range(200)]
    shards = [shard_of(file, 4) for file in files]
    assert set(shards) == set(shard_names(4)) == {"0-of-4", "1-of-4", "2-of-4", "3-of-4"}
    assert shards == [shard_of(file, 4) for file in files]
    assert min(shards.count(name) for name in shard_names(4)) > 20


def test_a_frame_is_kept_of_each_rate_it_is_wanted_at(root):
    """On the grid of 15 Hz it is the second frame; by order, and at 30 Hz, it is the third."""
    frames = [wanted("a", 2, None), wanted("a", 1, "15"), wanted("a", 2, "30")]
    rows = list(extract_frames(frames, root, "png", border=0))
    assert [(row["rate"], row["frame"]) for row in rows] == [(None, 2), ("15", 1), ("30", 2)]
    assert len({row["sha256"] for row in rows}) == 1
    assert rows[0]["sha256"] is not None


@pytest.mark.parametrize("size", [4 * 64 * 48 * 3, 64 * 48])
def test_few_bytes_of_frames_of_a_file_are_in_memory_at_a_time(root, monkeypatch, size):
    """`test_pieces` counts them."""
    frames = [wanted("a", frame) for frame in range(6)]
    whole = list(extract_frames(frames, root, "png", border=0))
    monkeypatch.setattr("wildframe.frames.decode.BYTES_AT_A_TIME", size)
    assert list(extract_frames(frames, root, "png", border=0)) == whole
    assert [(row["frame"], row["status"]) for row in whole] == [(n, "ok") for n in range(6)]


def test_a_video_that_arrives_later_or_changes_changes_the_state_of_its_shard_and_of_all(tmp_path):
    media = [f"v1/clips/{name}.mp4" for name in "abcdefgh"]
    absent = media_states(tmp_path, media, 4)
    assert len(set(absent.values())) == 1
    file = tmp_path / "v1/clips/a.mp4"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"1")
    (file.parent / "not-annotated.mp4").write_bytes(b"1")
    first = media_states(tmp_path, media, 4)
    assert {shard for shard in first if first[shard] != absent[shard]} == {
        None,
        shard_of(media[0], 4),
    }
    os.utime(file, ns=(1, 1))  # another file of the same size
    assert media_states(tmp_path, media, 4) != first


def test_the_state_of_all_videos_does_not_depend_on_shards_or_order(tmp_path):
    for name in "ab":
        (tmp_path / name).write_bytes(b"1")
    assert media_states(tmp_path, "ab", 1)[None] == media_states(tmp_path, "ba", 7)[None]


def test_a_folder_of_images_has_a_state_too(tmp_path):
    folder = tmp_path / "val/x"
    folder.mkdir(parents=True)
    (folder / "000000.JPEG").write_bytes(b"1")
    os.utime(folder, ns=(1, 1))
    before = media_states(tmp_path, ["val/x"], 1)
    (folder / "000001.JPEG").write_bytes(b"1")
    assert media_states(tmp_path, ["val/x"], 1) != before


def test_jpeg_keeps_full_chroma_and_png_every_bit():
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (16, 16, 3), dtype=np.uint8)
    assert np.array_equal(np.asarray(decode(encode(pixels, "png"))), pixels)
    red_blue = np.zeros((16, 16, 3), np.uint8)
    red_blue[:, ::2, 0] = red_blue[:, 1::2, 2] = 255
    kept = np.asarray(decode(encode(red_blue, "jpeg"))).astype(int)
    assert abs(kept - red_blue).max() < 40

"""Frames of clips: exactly those of the decoder, once, at the size of training."""

import io
import os
from fractions import Fraction

import av
import numpy as np
import pytest
from PIL import Image
from videos import write

from wildframe.core.errors import UserError
from wildframe.core.schemas import CLIPS
from wildframe.core.tables import write_rows
from wildframe.frames import shard_names, shard_of
from wildframe.frames.clips import keep_clips, shrink, write_kept
from wildframe.frames.decode import MediaError, frame_times, iter_frames, read_frames
from wildframe.frames.encode import decode, encode
from wildframe.frames.kept import KeptClips, clip_statuses


@pytest.fixture
def row(blank):
    """Make a row of CLIPS."""

    def make(clip_id, media, start=None, stop=None, rate=None):
        named = {"clip_id": clip_id, "video_id": media, "split": "train", "dataset": "d"}
        placed = {"media": media, "start": start, "stop": stop, "rate": rate}
        kind = {"media_kind": "frames" if rate else "video", "actions": []}
        return blank(CLIPS) | named | placed | kind

    return make


@pytest.fixture
def root(tmp_path):
    """A film of twenty frames at ten a second, and the same as a folder of images from 1 on."""
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "notes.txt").write_text("no image")
    rng = np.random.default_rng(0)
    with av.open(tmp_path / "film.mp4", "w") as container:
        stream = container.add_stream("libx264", rate=10, options={"qp": "0"})
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv444p"
        for number in range(20):
            pixels = rng.integers(0, 256, (64, 96, 3), np.uint8)
            Image.fromarray(pixels).save(folder / f"v-{number + 1:04d}.png")
            frame = av.VideoFrame.from_ndarray(pixels, "rgb24")
            frame.pts, frame.time_base = number, Fraction(1, 10)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    (tmp_path / "broken.mp4").write_bytes(b"no video")
    return tmp_path


def test_kept_frames_are_those_of_the_decoder(root, row):
    (kept,) = keep_clips([row("a", "film.mp4", 0.5, 1.2)], root, 3, 32)
    assert (kept["status"], kept["frames"]) == ("ok", [5, 8, 11])
    assert kept["times"] == pytest.approx([0.5, 0.8, 1.1])
    assert (kept["width"], kept["height"]) == (48, 32)
    for frame, jpeg in zip(read_frames(root / "film.mp4", [5, 8, 11]), kept["images"], strict=True):
        scaled = Image.fromarray(frame.image).resize((48, 32), Image.Resampling.BILINEAR)
        assert jpeg == encode(np.asarray(scaled), "jpeg")


@pytest.mark.parametrize("gone", [0, 4])
def test_a_folder_of_frames_counts_from_image_1(root, row, gone):
    """Also where the first images are not there, so that frames are those that boxes are of."""
    for number in range(gone):
        (root / f"folder/v-{number + 1:04d}.png").unlink()
    (kept,) = keep_clips([row("a", "folder", 0.5, 1.2, rate=10)], root, 3, 64)
    assert kept["frames"] == [5, 8, 11]
    assert kept["times"] == pytest.approx([0.5, 0.8, 1.1])
    for number, jpeg in zip(kept["frames"], kept["images"], strict=True):
        source = Image.open(root / f"folder/v-{number + 1:04d}.png")
        assert jpeg == encode(np.asarray(source), "jpeg")


def test_a_folder_with_an_image_0_counts_from_it(root, row):
    (root / "folder/v-0000.png").write_bytes((root / "folder/v-0001.png").read_bytes())
    (kept,) = keep_clips([row("a", "folder", 0.1, 0.3, rate=10)], root, 1, 64)
    assert kept["frames"] == [1, 2]
    assert kept["images"] == [
        encode(np.asarray(Image.open(root / f"folder/v-{number:04d}.png")), "jpeg")
        for number in (1, 2)
    ]


def test_images_that_are_not_there_from_the_start_are_missed_and_a_whole_folder_is_read(root, row):
    """Images 501 to 520, at ten a second: frames 500 to 519, shown from 50 s."""
    for path in (root / "folder").glob("v-*.png"):
        path.rename(path.with_name(f"v-0{500 + int(path.stem[2:])}.png"))
    spans = {"whole": (None, None), "head": (None, 50.2), "early": (0, 0.3), "stop": (None, 1.0)}
    clips = [row(name, "folder", *span, 10.0) for name, span in spans.items()]
    kept = {clip["clip_id"]: clip for clip in keep_clips(clips, root, 8, 64)}
    assert kept["whole"]["frames"] == [500, 508, 516]
    assert kept["whole"]["times"] == pytest.approx([50, 50.8, 51.6])
    assert kept["head"]["frames"] == [500]
    assert kept["early"]["detail"] == "there is no image of frame 0; the first is of frame 500"
    assert kept["stop"]["detail"] == (
        "no frame is shown from 0 s until 1.0 s: those of the media are from 50.000 s to 51.900 s"
    )


def test_a_number_has_one_image_and_hidden_files_are_none(root, row):
    (root / "folder/._v-0002.png").write_bytes(b"what macOS adds")
    clip = row("a", "folder", 0, 0.2, rate=10)
    assert [kept["status"] for kept in keep_clips([clip], root, 1, 64)] == ["ok"]
    (root / "folder/v-02.png").write_bytes(b"no image")
    (kept,) = keep_clips([clip], root, 1, 64)
    assert kept["status"] == "media_unreadable"
    assert kept["detail"] == "folder: v-0002.png and v-02.png have one number; leave one"


def test_a_folder_with_a_number_that_is_none_of_a_frame_names_the_image(root, row):
    (root / "folder/IMG_20240101123456.jpg").write_bytes(b"no frame")
    (kept,) = keep_clips([row("a", "folder", 0, 0.2, rate=10)], root, 1, 64)
    assert kept["status"] == "media_unreadable"
    assert kept["detail"] == (
        "folder: the number of IMG_20240101123456.jpg is none of a frame of a video; remove it, or "
        "number the images from 1"
    )


def test_a_clip_whose_frames_differ_in_size_is_none(root, row):
    Image.new("RGB", (64, 96)).save(root / "folder/v-0003.png")
    spans = {"before": (0, 0.2), "mixed": (0, 0.5), "after": (0.3, 0.5)}
    clips = [row(name, "folder", *span, 10.0) for name, span in spans.items()]
    kept = {clip["clip_id"]: clip for clip in keep_clips(clips, root, 1, 32)}
    assert [kept[name]["status"] for name in spans] == ["ok", "decode_failed", "ok"]
    assert kept["mixed"]["detail"] == (
        "its frames have different sizes: 48 x 32 and 32 x 48 as kept"
    )


@pytest.mark.parametrize(("media", "rate"), [("film.mp4", None), ("folder", 10.0)])
def test_clips_of_one_video_share_its_frames(root, row, media, rate, monkeypatch):
    read = []
    monkeypatch.setattr(
        "wildframe.frames.clips.encode", lambda pixels, _: read.append(pixels.shape) or b"jpeg"
    )
    spans = {"whole": (None, None), "head": (None, 1.0), "tail": (1.5, None), "one": (0.3, 0.35)}
    clips = [row(name, media, *span, rate) for name, span in spans.items()]
    kept = {clip["clip_id"]: clip["frames"] for clip in keep_clips(clips, root, 1, 64)}
    assert kept == {
        "whole": list(range(20)),
        "head": list(range(10)),
        "tail": list(range(15, 20)),
        "one": [3],
    }
    assert len(read) == 20


def test_frames_at_the_edges_are_inside_from_start_to_before_stop(root, row):
    """Times that a container rounds do not lose the frame they are of."""
    spans = [(0.5, 0.7), (0.5006, 0.7006), (0.502, 0.702), (0.41, 0.59)]
    clips = [row(str(number), "film.mp4", *span) for number, span in enumerate(spans)]
    kept = {clip["clip_id"]: clip["frames"] for clip in keep_clips(clips, root, 1, 64)}
    assert kept == {"0": [5, 6], "1": [5, 6], "2": [6, 7], "3": [5]}


def test_times_may_be_rounded_twice(root, row):
    """Frames at 30 a second from the third on: 67, 100, 133, 167 ms, of which 133 is early."""
    with av.open(root / "late.mkv", "w") as container:
        stream = container.add_stream("ffv1", rate=1000)
        stream.width, stream.height, stream.pix_fmt = 32, 32, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 1000)
        for pts in (67, 100, 133, 167):
            frame = av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8), "rgb24")
            frame.pts, frame.time_base = pts, Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    times, _ = frame_times(root / "late.mkv")
    assert times == pytest.approx([0, 0.033, 0.066, 0.1])
    (kept,) = keep_clips([row("a", "late.mkv", 2 / 30, 3 / 30)], root, 1, 32)
    assert kept["frames"] == [2]


def test_what_cannot_be_read_has_a_reason_and_stops_nothing(root, row):
    (root / "folder/v-0003.png").write_bytes(b"no image")
    (root / "folder/v-0009.png").unlink()
    (root / "empty").mkdir()
    os.mkfifo(root / "pipe.mp4")  # opening it would wait forever
    clips = [
        row("gone", "gone.mp4"),
        row("pipe", "pipe.mp4"),
        row("broken", "broken.mp4"),
        row("late", "film.mp4", 5.0, 6.0),
        row("film", "film.mp4"),
        row("bad", "folder", 0, 0.5, 10.0),
        row("hole", "folder", 0.5, 1, 10.0),
        row("good", "folder", 1, 2, 10.0),
        row("empty", "empty", rate=10.0),
        row("rated", "film.mp4", rate=10.0),
        row("unrated", "folder"),
        row("slashed", "folder\\v-0001.png"),
    ]
    kept = {clip["clip_id"]: clip for clip in keep_clips(clips, root, 1, 64)}
    assert {name: clip["status"] for name, clip in kept.items()} == {
        "gone": "media_missing",
        "pipe": "media_missing",
        "broken": "media_unreadable",
        "late": "decode_failed",
        "film": "ok",
        "bad": "decode_failed",
        "hole": "decode_failed",
        "good": "ok",
        "empty": "media_unreadable",
        "rated": "media_missing",
        "unrated": "media_missing",
        "slashed": "media_missing",
    }
    for name, part in {
        "gone": "there is no video gone.mp4",
        "broken": "broken.mp4: it cannot be read as video",
        "late": "from 5 s until 6.0 s: those of the media are from 0.000 s to 1.9",
        "bad": "v-0003.png cannot be read as an image",
        "hole": "there is no image of frame 8",
        "empty": "it has no image whose name ends with a number",
        "rated": "film.mp4 is a file, not a folder of images: in a CSV file of your own, leave its",
        "unrated": "folder is a folder of images, not a video: in a CSV file of your own, give its",
        "slashed": "; folder/v-0001.png is: write / for \\",
    }.items():
        assert part in kept[name]["detail"]


@pytest.mark.parametrize("name", ["film.mp4", "film.mkv", "film.avi", "film.mpg"])
def test_a_clip_that_reaches_past_a_break_is_failed_whatever_is_left(tmp_path, row, name):
    mux = {"movflags": "faststart"} if name == "film.mp4" else {}
    codec = "mpeg2video" if name == "film.mpg" else "libx264"
    path = write(tmp_path / name, range(48), codec=codec, mux=mux)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 7 // 10])
    good = [frame.number for frame in read_frames(path, range(48)) if frame.status == "ok"]
    last = good[-1] / 30
    assert 0.5 < last < 1.3
    spans = {
        "before": (0, last),
        "across": (last - 0.3, last + 0.1),
        "behind": (1.4, 1.6),
        "open": (0, None),
    }
    clips = [row(key, name, *span) for key, span in spans.items()]
    kept = {clip["clip_id"]: clip for clip in keep_clips(clips, tmp_path, 6, 64)}
    assert kept.pop("before")["frames"] == list(range(0, good[-1], 6))
    for clip in kept.values():
        assert clip["status"] == "decode_failed"
        assert f"frames after {last:.3f} s are lost: " in clip["detail"]


@pytest.mark.parametrize(
    ("shape", "expected"), [((64, 96), (32, 48)), ((96, 64), (48, 32)), ((20, 90), (20, 90))]
)
def test_only_the_shorter_side_decides_and_nothing_is_enlarged(shape, expected):
    assert shrink(np.zeros((*shape, 3), np.uint8), 32).shape == (*expected, 3)


@pytest.mark.parametrize(
    "name", ["pyramid.mp4", "late.mkv", "dropped.mp4", "h264.avi", "refresh-cut.mp4"]
)
def test_times_and_frames_are_of_the_same_frames(clip, name):
    """Whatever way a file is read: as many times as frames, and past the end there is none."""
    times, lost = frame_times(clip(name))
    assert lost == ""
    assert times[0] == 0
    assert times == sorted(set(times))
    numbers = list(range(len(times)))
    frames = list(iter_frames(clip(name), [*numbers, len(times)]))
    assert [frame.status for frame in frames] == ["ok"] * len(times) + ["frame_missing"]
    for one, other in zip(read_frames(clip(name), numbers), frames, strict=False):
        np.testing.assert_array_equal(one.image, other.image)


@pytest.mark.parametrize("stamps", [[0, None, 9], [0, 0, 9], [1, 0, 9]])
def test_frames_without_usable_times_are_as_far_apart_as_the_rate_says(clip, monkeypatch, stamps):
    monkeypatch.setattr("wildframe.frames.decode._stamps", lambda clip: (stamps, ""))
    assert frame_times(clip("pyramid.mp4")) == ([0, 1 / 30, 2 / 30], "")


def test_dropped_frames_leave_a_gap_in_times(clip):
    steps = np.diff(frame_times(clip("dropped.mp4"))[0])
    assert steps.max() == pytest.approx(2 * steps.min(), rel=0.5)
    with pytest.raises(MediaError, match="it cannot be read as video"):
        frame_times(clip("dropped.mp4").with_name("gone.mp4"))


def test_shards_are_written_by_video_and_read_as_one(root, row, tmp_path, wildframe):
    names = [f"{name}.mp4" for name in "abcdef"]
    for name in names:
        (root / name).write_bytes((root / "film.mp4").read_bytes())
    clips = [row(f"{name}-{n}", name, n, n + 1) for name in names for n in range(2)]
    manifest = tmp_path / "manifest.parquet"
    write_rows(manifest, CLIPS, [*clips, row("gone.mp4", "gone.mp4")])
    wildframe("frames", "wanted-clips", manifest, "--shards", 2, "--folder", tmp_path)
    shards = []
    for shard in shard_names(2):
        shards.append(tmp_path / f"{shard}.arrow")
        options = ("--root", root, "--stride", 2, "--size", 32, "--output", shards[-1])
        wildframe("frames", "clips", tmp_path / f"{shard}.csv", *options)
        written = {row["clip_id"].partition("-")[0] for row in clip_statuses(shards[-1:])}
        assert written == {name for name in (*names, "gone.mp4") if shard_of(name, 2) == shard}
    kept = KeptClips(shards)
    assert set(kept) == {clip["clip_id"] for clip in clips}
    assert kept.stride == 2
    clip = kept["c.mp4-1"]
    assert (len(clip), list(clip.frames)) == (5, [10, 12, 14, 16, 18])
    ((frame,), image) = read_frames(root / "c.mp4", [14]), clip.image(2)
    assert image.size == (clip.width, clip.height) == (48, 32)
    expected = decode(encode(shrink(frame.image, 32), "jpeg"))
    np.testing.assert_array_equal(np.asarray(image), np.asarray(expected))
    listed = wildframe("frames", "show-clips", *shards, "--format", "csv").output
    assert "gone.mp4,media_missing,0,there is no video gone.mp4" in listed
    assert "c.mp4-1" not in listed


def test_clips_that_cannot_be_read_are_told(root, row, tmp_path, capsys):
    names = ("a", "film.mp4"), ("b", "gone.mp4"), ("c", "lost.mp4")
    path = tmp_path / "shard.arrow"
    write_kept([row(*name) for name in names], root, 10, 32, path)
    assert (
        f"{path}: 2 of 3 clips could not be read (`wildframe frames show-clips {path}` lists "
        "them), the first of them b: there is no video gone.mp4\n"
    ) in capsys.readouterr().err
    write_kept([row("a", "film.mp4")], root, 10, 32, path)
    assert "could not" not in capsys.readouterr().err


def test_shards_of_other_datasets_or_none_are_refused(root, row, tmp_path):
    paths = [tmp_path / f"{name}.arrow" for name in ("two", "three", "gone", "text")]
    for path, stride in zip(paths, (2, 3), strict=False):
        write_kept([row("a", "film.mp4")], root, stride, 32, path)
    with pytest.raises(UserError, match="kept at strides of 2 and 3; name shards of one dataset"):
        KeptClips(paths[:2])
    with pytest.raises(UserError, match=r"gone\.arrow: no such file"):
        KeptClips(paths[2:3])
    paths[3].write_text("text")
    with pytest.raises(UserError, match=r"text\.arrow: not a sound Arrow file"):
        KeptClips(paths[3:])
    write_kept([row("a", "gone.mp4")], root, 2, 32, paths[0])
    with pytest.raises(UserError, match=r"two\.arrow: no clip could be read"):
        KeptClips(paths[:1])
    with pytest.raises(UserError, match="no such folder"):
        write_kept([], root / "gone", 2, 32, paths[0])


def test_a_damaged_image_is_named(root, row, tmp_path):
    path = tmp_path / "a.arrow"
    write_kept([row("a", "film.mp4")], root, 10, 32, path)
    jpeg = KeptClips([path])["a"].jpegs[1].as_py()
    data = path.read_bytes()
    path.write_bytes(data.replace(jpeg, b"\0" * len(jpeg)))
    with pytest.raises(UserError, match=r"a\.arrow: .*clip .a. differs from what was written"):
        KeptClips([path])["a"]
    assert Image.open(io.BytesIO(jpeg)).size == (48, 32)

"""More frames than fit into memory: the same ones, out of at most two decodes of a clip."""

import weakref
from fractions import Fraction
from itertools import islice

import av
import numpy as np
import pytest
from test_damage import ruin
from videos import RATE, SIZE, read, write

from wildframe.frames import decode, routes
from wildframe.frames.decode import MediaError, iter_frames

IMAGE = 3 * SIZE[0] * SIZE[1]
CODECS = {
    "mjpeg.avi": ("mjpeg", "yuvj420p"),
    "mpeg2.ts": ("mpeg2video", "yuv420p"),
    "prores.mov": ("prores_ks", "yuv422p10le"),
    "ffv1.mkv": ("ffv1", "yuv420p"),
}


@pytest.fixture
def decoded(monkeypatch):
    """Count the frames that are decoded."""
    frames = []

    def feed(stream, packets, damage, original=routes.feed):
        for frame in original(stream, packets, damage):
            frames.append(frame.pts)
            yield frame

    monkeypatch.setattr(routes, "feed", feed)
    return frames


@pytest.fixture
def limit(monkeypatch):
    """Let so many images into memory."""
    return lambda count: monkeypatch.setattr(decode, "BYTES_AT_A_TIME", count * IMAGE)


def assert_same(path, limit, numbers=range(50), rate=None):
    """Compare frames of pieces of each size to those of one piece; return their statuses."""
    limit(50)
    whole = list(iter_frames(path, numbers, rate=rate))
    for count in (1, 3, 10):
        limit(count)
        pieces = list(iter_frames(path, numbers, rate=rate))
        for one, other in zip(whole, pieces, strict=True):
            assert (one.number, one.status, one.pts) == (other.number, other.status, other.pts)
            assert one.detail == other.detail
            np.testing.assert_array_equal(one.image, other.image)
    return [frame.status for frame in whole]


@pytest.fixture
def make(clip, tmp_path):
    """Return a clip of 48 frames by its name."""

    def call(name):
        if name not in CODECS:
            return clip(name)
        codec, pixels = CODECS[name]
        return write(tmp_path / name, range(48), codec=codec, pixels=pixels)

    return call


@pytest.mark.parametrize("rate", [None, RATE])
@pytest.mark.parametrize(
    "name",
    [
        *CODECS,
        *("h264.avi", "mpeg4.avi", "stream.ts", "dropped.ts", "joined.ts", "interlaced.mp4"),
        *(
            "vp8-hidden.webm",
            "pyramid.mp4",
            "long.mp4",
            "short-open.mp4",
            "edit.mp4",
            "dropped.mkv",
        ),
    ],
)
def test_frames_in_pieces_are_those_of_one_piece(make, limit, name, rate):
    assert "ok" in assert_same(make(name), limit, rate=rate) or (name, rate) == ("h264.avi", RATE)


@pytest.mark.parametrize(
    ("name", "extra"),
    [
        *((name, 0) for name in (*CODECS, "h264.avi", "mpeg4.avi", "stream.ts")),
        ("interlaced.mp4", 2),  # one tells that others may be
        *(("pyramid.mp4", 0), ("long.mp4", 0)),
        ("open.mp4", 3),  # frames displayed before a key frame are decoded from two
    ],
)
def test_a_clip_is_decoded_at_most_twice_however_many_frames_are_wanted(
    make, limit, decoded, name, extra
):
    path = make(name)
    for count in (1, 10, 12):
        limit(count)
        decoded.clear()
        assert len({frame.number for frame in iter_frames(path, range(48))}) == 48
        assert len(decoded) <= 2 * 48 + extra
    limit(48)
    decoded.clear()
    assert len(list(iter_frames(path, range(48)))) == 48
    assert len(decoded) <= 48 + extra


@pytest.mark.parametrize("rate", [None, RATE])
@pytest.mark.parametrize("name", ["pyramid.mp4", "open.mp4", "stream.ts", "mpeg4.avi"])
def test_what_is_damaged_is_so_in_pieces_too(clip, tmp_path, limit, name, rate):
    source = clip(name)
    path = tmp_path / f"ruined{source.suffix}"
    if source.suffix == ".ts":
        data = source.read_bytes()
        middle = len(data) // 376 * 188
        path.write_bytes(data[:middle] + data[middle + 5 * 188 :])
    else:
        ruin(source, path, 13)
    assert {"ok", "decode_failed"} <= {*assert_same(path, limit, rate=rate)}
    if source.suffix != ".mp4":  # whose index is at its end
        path.write_bytes(source.read_bytes()[: source.stat().st_size // 2])
        assert_same(path, limit, rate=rate)


def test_one_piece_in_doubt_leaves_the_others_sparse(clip, tmp_path, limit, decoded):
    """Frames 12 to 23 have a key frame in common, and the packet behind it is damaged."""
    ruin(clip("pyramid.mp4"), path := tmp_path / "ruined.mp4", 13)
    limit(12)
    frames = list(iter_frames(path, range(48)))
    ways = [frame.route for frame in frames]
    assert ways == ["sparse"] * 12 + ["sequential"] * 12 + ["sparse"] * 24
    # Some of the twelve, until one fails, and then what can be decoded from the start to them.
    assert len(decoded) <= 48 + 12 + 12


def test_a_second_piece_in_doubt_leaves_the_rest_to_one_decode(clip, tmp_path, limit, decoded):
    ruin(clip("pyramid.mp4"), once := tmp_path / "once.mp4", 13)
    ruin(once, path := tmp_path / "twice.mp4", 25)
    limit(12)
    frames = list(iter_frames(path, range(48)))
    ways = [frame.route for frame in frames]
    assert ways == ["sparse"] * 12 + ["sequential"] * 36
    # The first twelve; of both others some, until one fails, and what is before the second; then
    # what can be decoded of all, twice.
    assert len(decoded) <= 12 + 12 + 24 + 12 + 2 * 48


@pytest.mark.parametrize("name", ["stream.ts", "mpeg4.avi", "long.mp4", "pyramid.mp4"])
def test_few_images_are_in_memory(clip, monkeypatch, limit, name):
    alive = weakref.WeakSet()
    most = []

    class Image(np.ndarray):
        __hash__ = object.__hash__

    def displayed(frame, crop, original=decode.displayed):
        image = original(frame, crop).view(Image)
        alive.add(image)
        most.append(len(alive))
        return image

    monkeypatch.setattr(decode, "displayed", displayed)
    monkeypatch.setattr(routes, "displayed", displayed)
    limit(3)
    for _ in iter_frames(clip(name), range(48)):
        pass
    assert len(most) == 48
    assert max(most) <= 4  # with the one that was handed out


def test_frames_that_are_output_far_from_the_order_of_their_times_are_found(tmp_path, limit):
    """All but the first are shown backwards."""
    plain = write(tmp_path / "plain.ts", range(48), gop=1, options={"x264-params": "bframes=0"})
    path = tmp_path / "backwards.ts"
    with av.open(str(plain)) as inlet, av.open(str(path), "w") as outlet:
        copy = outlet.add_stream_from_template(inlet.streams.video[0])
        packets = [packet for packet in inlet.demux(video=0) if packet.size]
        times = [packet.pts for packet in packets]
        for number, packet in enumerate(packets):
            packet.pts, packet.stream = times[-number] + 180_000, copy
            outlet.mux(packet)
    assert assert_same(path, limit, range(48)) == ["ok"] * 48


@pytest.mark.parametrize(
    ("name", "first", "last"), [("mpeg4.avi", 0, 24), ("stream.ts", 1, None)], ids=["end", "start"]
)
def test_a_clip_that_changes_while_it_is_read_is_refused(
    clip, monkeypatch, limit, name, first, last
):
    def decode_less(clip, count, damage, original=routes._decode):
        passes.append(count)
        frames = original(clip, count, damage)
        return frames if len(passes) == 1 else islice(frames, first, last)

    passes, given = [], []
    monkeypatch.setattr(routes, "_decode", decode_less)
    limit(10)
    frames = iter_frames(clip(name), range(48))
    with pytest.raises(MediaError, match=f"{name}: it was changed while it was read"):
        given.extend(read(frame.image) for frame in frames)
    assert given == list(range(len(given)))


def test_the_rate_of_a_clip_may_be_a_fraction_of_the_grid(clip, limit):
    assert assert_same(clip("stream.ts"), limit, range(100), Fraction(60))[:4] == [
        *("ok", "frame_missing", "ok", "frame_missing")
    ]

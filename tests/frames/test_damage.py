"""Broken files: a reason for each frame that is lost, true pixels for the others."""

from types import SimpleNamespace

import av
import numpy as np
import pytest
from clips import ALL, GRID
from videos import RATE, read, silence, write

from wildframe.core.errors import UserError
from wildframe.core.video.timeline import Tally
from wildframe.frames import routes
from wildframe.frames.decode import MediaError, frame_times, read_frames

BEYOND = 60


def ruin(source, target, packet):
    """Overwrite the n-th packet (decoding order) with what no decoder takes for a frame."""
    data = bytearray(source.read_bytes())
    with av.open(str(source)) as container:
        content = [bytes(item) for item in container.demux(video=0) if item.size][packet]
    position = data.index(content)
    data[position : position + len(content)] = b"\xff" * len(content)
    target.write_bytes(data)


def cut_before(packet, source, target):
    """Keep what is before the n-th packet (decoding order)."""
    with av.open(str(source)) as container:
        position = next(p.pos for i, p in enumerate(container.demux(video=0)) if i == packet)
    target.write_bytes(source.read_bytes()[:position])


def assert_true_or_failed(path, clean, numbers=ALL, **options):
    """Compare with the clean clip; give the numbers that were read."""
    truth = {frame.number: frame for frame in read_frames(clean, numbers, **options)}
    frames = read_frames(path, numbers, **options)
    for frame in frames:
        if frame.status == "ok":
            np.testing.assert_array_equal(frame.image, truth[frame.number].image)
        else:
            assert frame.image is None
            assert frame.pts is None
            assert frame.detail
    assert {frame.status for frame in frames} <= {"ok", "decode_failed"}
    return [frame.number for frame in frames if frame.status == "ok"]


def test_what_depends_on_a_ruined_frame_fails_up_to_the_next_key_frame(clip, tmp_path):
    ruin(clip("pyramid.mp4"), path := tmp_path / "ruined.mp4", 13)
    good = assert_true_or_failed(path, clip("pyramid.mp4"))
    assert good == [*range(13), *range(24, 48)]


def test_a_clip_ruined_elsewhere_is_still_read_sparsely(clip, tmp_path):
    ruin(clip("pyramid.mp4"), path := tmp_path / "ruined.mp4", 13)
    frames = read_frames(path, [3, 30])
    assert [(frame.route, read(frame.image)) for frame in frames] == [("sparse", 3), ("sparse", 30)]


def test_in_a_damaged_clip_what_depends_on_a_frame_that_is_not_output_fails(
    clip, tmp_path, monkeypatch
):
    """The decoder complains of packet 1, and swallows the key frame of frames 24 to 35."""

    def feed(stream, packets, damage, original=routes.feed):
        frames = original(stream, packets, damage)
        return (frame for frame in frames if frame.pts != 24 * GRID)

    ruin(clip("pyramid.mp4"), path := tmp_path / "ruined.mp4", 1)
    monkeypatch.setattr(routes, "feed", feed)
    found = [read(frame.image) for frame in read_frames(path, range(12, 48))]
    assert found == [*range(12, 24), *[None] * 12, *range(36, 48)]


def test_a_frame_that_the_decoder_calls_corrupt_fails_up_to_the_next_key_frame(clip, monkeypatch):
    corrupt = SimpleNamespace(pts=13 * GRID, is_corrupt=True, interlaced_frame=False, pict_type=0)

    def feed(*packets, original=routes.feed):
        return (corrupt if frame.pts == corrupt.pts else frame for frame in original(*packets))

    monkeypatch.setattr(routes, "feed", feed)
    found = read_frames(clip("pyramid.mp4"), ALL)
    failed = [frame.number for frame in found if frame.status == "decode_failed"]
    # 14 and 16 are decoded before 13.
    assert failed == [13, 15, *range(17, 24)]
    assert {frame.route for frame in found} == {"sequential"}


@pytest.mark.parametrize("rate", [None, RATE])
@pytest.mark.parametrize("name", ["pyramid.mp4", "open.mp4", "matroska.mkv", "vp9.mp4"])
def test_a_ruined_first_frame_moves_no_number(clip, tmp_path, name, rate):
    source = clip(name)
    ruin(source, path := tmp_path / f"ruined{source.suffix}", 0)
    good = assert_true_or_failed(path, source, rate=rate)
    assert good
    assert 0 not in good


@pytest.mark.parametrize("name", ["h264.avi", "mpeg4.avi", "interlaced.mp4"])
def test_where_packets_do_not_tell_the_frames_nothing_after_damage_is_given(clip, tmp_path, name):
    source = clip(name)
    ruin(source, path := tmp_path / f"ruined{source.suffix}", 26)
    good = assert_true_or_failed(path, source)
    assert good == list(range(len(good)))
    assert 12 <= len(good) <= 26


def test_a_corrupt_frame_that_is_counted_is_a_doubt_from_its_key_frame_on(monkeypatch):
    frames = [SimpleNamespace(pts=n, key_frame=n in (0, 3), is_corrupt=n == 4) for n in range(6)]
    monkeypatch.setattr(routes, "_decode", lambda *_: frames)
    tally = Tally(1 / RATE)
    clip = SimpleNamespace(packets=(), broken="", start=0)
    assert [number for number, _ in routes.tallied(clip, tally)] == [*range(6)]
    assert tally.certain == 3


def test_a_ruined_last_frame_is_not_a_frame_that_there_never_was(tmp_path):
    clean = write(tmp_path / "clean.avi", ALL, codec="mjpeg", pixels="yuvj420p")
    ruin(clean, path := tmp_path / "ruined.avi", 47)
    assert assert_true_or_failed(path, clean) == [*range(47)]
    (frame,) = read_frames(path, [-1])
    assert frame.status == "frame_missing"
    times, lost = frame_times(path)
    assert (len(times), lost) == (47, "frame 47 is damaged, or is decoded from one that is")


def test_what_a_file_lacks_whose_packets_do_not_tell_the_frames_is_lost(clip, tmp_path):
    # Of packets 0 to 29 the tenth is hidden.
    cut_before(30, clip("vp8-hidden.webm"), path := tmp_path / "truncated.webm")
    statuses = [frame.status for frame in read_frames(path, [0, 28, 29, -1])]
    assert statuses == ["ok", "ok", "decode_failed", "frame_missing"]
    times, lost = frame_times(path)
    assert (len(times), lost) == (29, "the file breaks off after 30 packets")


CODECS = {"mp4": "libx264", "mkv": "libx264", "webm": "libvpx-vp9"}


def write_whole(folder, suffix):
    """Write a clip with its index at the start, where the format has one of all packets."""
    mux = {"movflags": "faststart"} if suffix == "mp4" else {}
    return write(folder / f"clean.{suffix}", ALL, codec=CODECS[suffix], mux=mux)


@pytest.mark.parametrize("rate", [None, RATE])
@pytest.mark.parametrize("suffix", CODECS)
def test_a_file_that_breaks_off_gives_what_is_there(tmp_path, suffix, rate):
    clean = write_whole(tmp_path, suffix)
    path = tmp_path / f"truncated.{suffix}"
    data = clean.read_bytes()
    for length in (len(data) * 6 // 10, len(data) * 8 // 10):
        path.write_bytes(data[:length])
        good = assert_true_or_failed(path, clean, range(BEYOND), rate=rate)
        assert good[:20] == list(range(20))
        assert len(good) < 44
        lost = read_frames(path, [47, -1], rate=rate)
        assert [frame.status for frame in lost] == ["decode_failed", "frame_missing"]
        assert "after" in lost[0].detail


# Packet 29 is of frame 32 and decoded at the time of 27: what is lost may be displayed from 28 on.
# VP9 is displayed as it is coded.
@pytest.mark.parametrize(
    ("suffix", "rate", "good"),
    [
        *((suffix, None, [*range(28)]) for suffix in ("mp4", "mkv")),
        *((suffix, RATE, [*range(29), 32]) for suffix in ("mp4", "mkv")),
        *(("webm", rate, [*range(30)]) for rate in (None, RATE)),
    ],
)
def test_a_file_cut_between_two_packets_breaks_off_too(tmp_path, suffix, rate, good):
    clean = write_whole(tmp_path, suffix)
    cut_before(30, clean, path := tmp_path / f"truncated.{suffix}")
    assert assert_true_or_failed(path, clean, rate=rate) == good


def test_lost_packets_of_a_transport_stream_leave_no_wrong_order(clip, tmp_path):
    source = clip("stream.ts")
    data = bytearray(source.read_bytes())
    middle = len(data) // 2 // 188 * 188
    path = tmp_path / "gap.ts"
    path.write_bytes(data[:middle] + data[middle + 37 * 188 :])
    good = assert_true_or_failed(path, source)
    assert 10 <= len(good) < 40


def test_a_file_cut_before_its_index_cannot_be_opened(clip, tmp_path):
    path = tmp_path / "no index.mp4"
    path.write_bytes(clip("pyramid.mp4").read_bytes()[:4000])
    with pytest.raises(MediaError, match=r"no index\.mp4: it cannot be read as video"):
        read_frames(path, [0])


@pytest.mark.parametrize("content", [b"", b"This is not a video.\n" * 50])
def test_no_video_at_all_cannot_be_opened(tmp_path, content):
    path = tmp_path / "text.mp4"
    path.write_bytes(content)
    with pytest.raises(MediaError, match=r"text\.mp4: it cannot be read as video"):
        read_frames(path, [0])


def test_a_missing_file_cannot_be_opened(tmp_path):
    with pytest.raises(MediaError, match=r"none\.mp4: it cannot be read as video \(No such file"):
        read_frames(tmp_path / "none.mp4", [0])


def test_sound_alone_is_no_video(tmp_path):
    path = tmp_path / "sound.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=48000, layout="mono")
        for number in range(10):
            container.mux(stream.encode(silence(number)))
        container.mux(stream.encode(None))
    with pytest.raises(MediaError, match=r"sound\.mp4: it has no video stream"):
        read_frames(path, [0])


def test_the_trouble_is_the_users():
    assert issubclass(MediaError, UserError)

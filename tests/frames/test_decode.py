"""Every frame of every kind of clip is the one asked for, by order of presentation."""

import random

import av
import numpy as np
import pytest
from clips import ALL, DROPPED, SHOWN, UNEVEN
from videos import decode_all, read

from wildframe.core.video import media
from wildframe.frames import decode, routes
from wildframe.frames.decode import read_frames

# What a full decode shows (None: wherever it starts), and how the clip is read (None: either way).
EXPECTED = {
    "pyramid.mp4": (ALL, "sparse"),
    "long.mp4": (ALL, "sparse"),
    "intra.mp4": (ALL, "sparse"),
    "open.mp4": (ALL, "sparse"),
    "short-open.mp4": (ALL, None),
    "hevc-open.mp4": (ALL, "sparse"),
    "hevc-cut.mkv": (range(10, 48), "sparse"),
    "cut.mp4": (None, "sparse"),
    "cut.mkv": (None, "sparse"),
    "refresh.mp4": (ALL, None),
    "refresh-cut.mp4": (None, None),
    "interlaced.mp4": (ALL, "sequential"),
    "edit.mp4": (range(17, 48), "sparse"),
    "late.mp4": (ALL, "sparse"),
    "late.mkv": (ALL, "sparse"),
    "dropped.mp4": (DROPPED, "sparse"),
    "dropped.mkv": (DROPPED, "sparse"),
    "dropped.ts": (DROPPED, "sequential"),
    "uneven.mp4": (UNEVEN, "sparse"),
    "ntsc.mkv": (ALL, "sparse"),
    "sound.mov": (ALL, "sparse"),
    "fragmented.mp4": (ALL, "sparse"),
    "matroska.mkv": (ALL, "sparse"),
    "odd.mp4": (ALL, "sparse"),
    "vp9.mp4": (ALL, "sparse"),
    "vp9-late.mp4": (ALL, "sparse"),
    "vp9-odd.webm": (ALL, "sparse"),
    "vp8-hidden.webm": (SHOWN, "sequential"),
    "av1.mkv": (ALL, "sparse"),
    "stream.ts": (ALL, "sequential"),
    "joined.ts": (None, "sequential"),
    "joined-mpeg2.ts": (None, "sequential"),
    "h264.avi": (ALL, "sequential"),
    "mpeg4.avi": (ALL, "sequential"),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_every_frame_is_the_one_a_full_decode_shows(clip, name):
    if name == "av1.mkv" and "libsvtav1" not in av.codecs_available:
        pytest.skip("this build of PyAV has no AV1 encoder")
    path = clip(name)
    shown, route = EXPECTED[name]
    truth = decode_all(path)
    drawn = [read(image) for _, image in truth]
    assert drawn == list(shown or range(48 - len(truth), 48))

    last = len(truth) - 1
    requests = [[n] for n in (*range(0, last, 5), last)]
    requests.append(random.Random(name).choices(range(len(truth)), k=20))
    requests.append(list(range(len(truth))))
    for numbers in requests:
        frames = read_frames(path, numbers)
        assert [frame.number for frame in frames] == numbers
        for frame in frames:
            pts, image = truth[frame.number]
            assert (frame.status, frame.detail) == ("ok", "")
            assert frame.pts == pts
            assert read(frame.image) == drawn[frame.number]
            np.testing.assert_array_equal(frame.image, image)
            assert route is None or frame.route == route


def test_short_open_groups_are_read_either_way_but_rightly_at_least_once_sparsely(clip):
    routes = {read_frames(clip("short-open.mp4"), [n])[0].route for n in (0, 4, 8, 22)}
    assert "sparse" in routes


def test_the_edit_list_of_the_test_clip_hides_packets(clip):
    with av.open(str(clip("edit.mp4"))) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
    assert any(packet.is_discard for packet in packets)


def test_the_open_group_of_the_test_clip_shows_frames_before_its_key_frame(clip):
    with av.open(str(clip("open.mp4"))) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
    keys = [i for i, packet in enumerate(packets) if packet.is_keyframe]
    assert len(keys) > 3
    assert all(packets[i + 1].pts < packets[i].pts for i in keys[1:])


def test_frames_come_in_the_order_asked_with_duplicates(clip):
    numbers = [30, 2, 2, 47, 0, 30]
    frames = read_frames(clip("pyramid.mp4"), numbers)
    assert [frame.number for frame in frames] == numbers
    assert [read(frame.image) for frame in frames] == numbers


def test_one_number_that_does_not_exist_shifts_no_other(clip):
    frames = read_frames(clip("pyramid.mp4"), [5, 48, 6, -1, 1000])
    assert [frame.status for frame in frames] == [
        "ok",
        "frame_missing",
        "ok",
        "frame_missing",
        "frame_missing",
    ]
    assert [read(frame.image) for frame in frames] == [5, None, 6, None, None]
    assert all("48 frames" in frame.detail for frame in frames if frame.status != "ok")
    assert all(frame.pts is None for frame in frames if frame.status != "ok")


@pytest.mark.parametrize("name", ["pyramid.mp4", "stream.ts", "h264.avi"])
def test_a_clip_without_any_frame_asked_for_says_so(clip, name):
    (frame,) = read_frames(clip(name), [48])
    assert (frame.status, frame.image) == ("frame_missing", None)
    assert "48 frames" in frame.detail


def test_nothing_asked_nothing_read(tmp_path):
    assert read_frames(tmp_path / "no such file.mp4", []) == []


def test_sparse_reading_decodes_only_the_groups_it_needs(clip, monkeypatch):
    fed = []

    def feed(stream, packets, damage, original=routes.feed):
        return original(stream, (fed.append(packet.pts) or packet for packet in packets), damage)

    monkeypatch.setattr(routes, "feed", feed)
    assert read_frames(clip("pyramid.mp4"), [24])[0].route == "sparse"
    assert len(fed) == 1


def test_doubt_about_sparse_reading_leads_to_a_full_decode(clip, monkeypatch):
    def doubt(*args):
        raise routes._MisfitError

    monkeypatch.setattr(routes, "_read_group", doubt)
    frames = read_frames(clip("pyramid.mp4"), [7, 40])
    assert [(frame.route, read(frame.image)) for frame in frames] == [
        ("sequential", 7),
        ("sequential", 40),
    ]


@pytest.mark.parametrize(("name", "lost"), [("pyramid.mp4", 24), ("vp9.mp4", 25)])
def test_a_reference_that_gives_no_frame_is_a_doubt(clip, monkeypatch, name, lost):
    """Any frame before it of VP9; of H.264 the key frame, as others may have been left out."""
    with av.open(str(clip(name))) as container:
        time = sorted(packet.pts for packet in container.demux(video=0) if packet.size)[lost]

    def feed(stream, packets, damage, original=routes.feed):
        frames = original(stream, packets, damage)
        return (frame for frame in frames if frame.pts != time)

    monkeypatch.setattr(routes, "feed", feed)
    (frame,) = read_frames(clip(name), [26])
    # The clip is sound: no frame was lost.
    assert (frame.route, read(frame.image)) == ("sequential", 27)


def test_damage_of_the_one_packet_that_is_read_is_a_doubt(clip, monkeypatch):
    """Frame 24 is a key frame; its packet is damaged, though a frame comes of it."""

    def feed(stream, packets, damage, original=routes.feed):
        damage.append(0)
        return original(stream, packets, damage)

    monkeypatch.setattr(routes, "feed", feed)
    (frame,) = read_frames(clip("pyramid.mp4"), [24])
    # In a decode from the start it is the first packet that is damaged.
    assert (frame.route, read(frame.image)) == ("sequential", 24)


def test_landing_on_other_packets_than_those_listed_leads_to_a_full_decode(clip, monkeypatch):
    def skip_one(container, stream, original=routes.list_packets):
        packets = enumerate(original(container, stream))
        return (packet for at, packet in packets if at != 1 or container is not opened[0])

    def survey(path, container, stream, original=decode.survey):
        opened.append(container)
        return original(path, container, stream)

    opened = []
    monkeypatch.setattr(decode, "survey", survey)
    monkeypatch.setattr(routes, "list_packets", skip_one)
    (frame,) = read_frames(clip("pyramid.mp4"), [8])
    assert (frame.route, read(frame.image)) == ("sequential", 8)


def test_packets_that_give_no_frame_though_sound_are_not_counted(clip, monkeypatch):
    def feed(stream, packets, damage, original=routes.feed):
        frames = enumerate(original(stream, packets, damage))
        return (frame for at, frame in frames if at != 10)

    monkeypatch.setattr(routes, "feed", feed)
    for numbers, drawn in (([9, 10, 46], [9, 11, 47]), ([10], [11])):
        frames = read_frames(clip("stream.ts"), numbers)
        assert [read(frame.image) for frame in frames] == drawn


@pytest.mark.parametrize("name", ["joined.ts", "joined-mpeg2.ts"])
def test_failures_before_a_stream_joined_late_can_be_decoded_are_no_damage(clip, monkeypatch, name):
    def feed(stream, packets, damage, original=routes.feed):
        damage.append(0)
        return original(stream, packets, damage)

    monkeypatch.setattr(media, "feed", feed)
    monkeypatch.setattr(routes, "feed", feed)
    frames = read_frames(clip(name), [0, 20])
    assert [read(frame.image) for frame in frames] == [16, 36]

    def swallow(stream, packets, damage):
        return (frame for at, frame in enumerate(feed(stream, packets, damage)) if at != 10)

    # Nor do they explain a later packet that gives no frame.
    monkeypatch.setattr(routes, "feed", swallow)
    frames = read_frames(clip(name), [9, 10])
    assert [read(frame.image) for frame in frames] == [25, 27]


def test_a_colon_in_a_file_name_is_no_protocol(clip, tmp_path):
    path = tmp_path / "http:clip.mp4"
    path.write_bytes(clip("pyramid.mp4").read_bytes())
    assert read(read_frames(path, [3])[0].image) == 3

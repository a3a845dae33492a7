"""Streams whose packets are not what those of one recording are: joined, or with hidden frames."""

import av
import numpy as np
import pytest
from mp4 import Sample, description, write_mp4
from streams import header_of, sets_of
from videos import RATE, SIZE, decode_all, read, write

from wildframe.frames.decode import read_frames
from wildframe.sources.probe import probe

PART = 24


def assert_every_frame_is_decoded_as_it_is(path, route):
    """Ask for frames alone and together; compare them with a full decode."""
    truth = decode_all(path)
    numbers = range(len(truth))
    for request in [*([number] for number in numbers), numbers]:
        for frame in read_frames(path, request):
            assert (frame.status, frame.route) == ("ok", route)
            np.testing.assert_array_equal(frame.image, truth[frame.number][1])
    assert probe(path).frames == len(truth)
    return [read(image) for _, image in truth]


def recording(folder, codec, number, qp):
    """Write a recording; give its file as bytes and its packets."""
    # Both qualities are in the picture parameter set of H.264, the latter in that of HEVC.
    chroma = {"libx264": "chroma-qp-offset", "libx265": "log-level=none:cbqpoffs"}[codec]
    options = {f"{codec[3:]}-params": f"bframes=0:qp={qp}:{chroma}={(qp - 20) // 3}"}
    path = write(
        folder / f"{number}.mp4",
        range(PART * number, PART * (number + 1)),
        codec=codec,
        gop=6,
        options=options,
    )
    with av.open(str(path)) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
        return path.read_bytes(), [(bytes(packet), packet.is_keyframe) for packet in packets]


def join(folder, path, codec, qualities):
    """Join recordings; the first packet of each carries its parameter sets."""
    parts = [recording(folder, codec, number, qp) for number, qp in enumerate(qualities)]
    with (
        av.open(str(folder / "0.mp4")) as source,
        av.open(str(path), "w") as container,
    ):
        stream = container.add_stream_from_template(source.streams.video[0])
        for part, (file, packets) in enumerate(parts):
            for number, (data, key) in enumerate(packets):
                sets = b"" if number else sets_of(codec, header_of(file))
                packet = av.Packet(sets + data)
                packet.pts = packet.dts = PART * part + number
                packet.time_base, packet.is_keyframe, packet.stream = 1 / RATE, key, stream
                container.mux(packet)
    return path


@pytest.mark.parametrize("codec", ["libx264", "libx265"])
@pytest.mark.parametrize("suffix", ["mp4", "mkv"])
def test_parameter_sets_that_change_once_are_never_mixed_up(tmp_path, codec, suffix):
    path = join(tmp_path, tmp_path / f"joined.{suffix}", codec, (20, 38))
    drawn = assert_every_frame_is_decoded_as_it_is(path, "sequential")
    assert drawn == list(range(2 * PART))


@pytest.mark.parametrize("codec", ["libx264", "libx265"])
def test_parameter_sets_that_are_repeated_are_no_change(tmp_path, codec):
    path = join(tmp_path, tmp_path / "joined.mkv", codec, (20, 20))
    assert_every_frame_is_decoded_as_it_is(path, "sparse")


def test_an_mp4_file_of_two_descriptions_is_decoded_by_both(tmp_path):
    parts = [recording(tmp_path, "libx264", number, qp) for number, qp in enumerate((20, 38))]
    samples = [
        Sample(data, 512 * (PART * part + n), 512 * (PART * part + n), key, part)
        for part, (_, packets) in enumerate(parts)
        for n, (data, key) in enumerate(packets)
    ]
    described = [description("avc1", SIZE, header_of(file)) for file, _ in parts]
    path = write_mp4(tmp_path / "joined.mp4", samples, described)
    drawn = assert_every_frame_is_decoded_as_it_is(path, "sequential")
    assert drawn == list(range(2 * PART))


def test_hidden_frames_of_vp9_are_not_counted(clip, tmp_path):
    """Clear the "show" bit of a key frame: what refers to it is shown, it itself is not."""
    data = bytearray(clip("vp9.mp4").read_bytes())
    with av.open(str(clip("vp9.mp4"))) as container:
        packets = [bytes(packet) for packet in container.demux(video=0) if packet.size]
    data[data.index(packets[24])] &= ~2
    path = tmp_path / "hidden.mp4"
    path.write_bytes(data)
    drawn = assert_every_frame_is_decoded_as_it_is(path, "sequential")
    assert drawn == [number for number in range(48) if number != 24]


def test_a_key_frame_that_only_the_container_calls_so_is_no_start(clip, tmp_path):
    path = tmp_path / "keys.mkv"
    with av.open(str(clip("long.mp4"))) as inlet, av.open(str(path), "w") as outlet:
        copy = outlet.add_stream_from_template(inlet.streams.video[0])
        for packet in inlet.demux(video=0):
            if packet.size:
                packet.is_keyframe, packet.stream = True, copy
                outlet.mux(packet)
    assert assert_every_frame_is_decoded_as_it_is(path, "sparse") == list(range(48))


def test_a_lost_frame_is_damage_of_what_refers_to_it(clip, tmp_path):
    with av.open(str(clip("pyramid.mp4"))) as inlet:
        packets = [packet for packet in inlet.demux(video=0) if packet.size]
        lost = next(n for n in range(12, 24) if packets[n].pts > packets[n + 1].pts)
        path = tmp_path / "lost.mp4"
        with av.open(str(path), "w") as outlet:
            copy = outlet.add_stream_from_template(inlet.streams.video[0])
            for packet in packets[:lost] + packets[lost + 1 :]:
                packet.stream = copy
                outlet.mux(packet)
    alone = [read_frames(path, [number])[0] for number in range(47)]
    together = read_frames(path, range(47))
    assert [frame.status for frame in alone] == [frame.status for frame in together]
    assert {frame.status for frame in alone} == {"ok", "decode_failed"}
    assert [read(frame.image) for frame in alone if frame.status == "ok"][-24:] == list(
        range(24, 48)
    )
    assert all("damaged" in frame.detail for frame in alone if frame.status != "ok")

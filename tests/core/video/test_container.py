"""Crops that a container states, in headers written by hand."""

import struct

import pytest

from wildframe.core.video.container import Crop, breaks_off, is_whole_mp4, read_crops

UNCROPPED = {Crop()}


def box(kind, *parts):
    content = b"".join(parts)
    return struct.pack(">I4s", 8 + len(content), kind) + content


def clap(width, height, right, down):
    return box(b"clap", struct.pack(">8i", width, 1, height, 1, *right, *down))


def track(*apertures, handler=b"vide"):
    looks = struct.pack(">24xHH50x", 192, 128)
    samples = [box(b"avc1", looks, aperture) for aperture in apertures]
    stsd = box(b"stsd", bytes(8), *samples)
    hdlr = box(b"hdlr", bytes(8), handler)
    return box(b"trak", box(b"mdia", hdlr, box(b"minf", box(b"stbl", stsd))))


def mp4(*tracks, before=()):
    return b"".join([box(b"ftyp", b"isom"), *before, box(b"moov", box(b"mvhd"), *tracks)])


@pytest.mark.parametrize(
    ("aperture", "crop"),
    [
        (b"", Crop()),
        (clap(192, 128, (0, 1), (0, 1)), Crop()),
        (clap(180, 100, (6, 1), (-14, 1)), Crop(12, 0, 0, 28)),
        (clap(191, 128, (1, 2), (0, 1)), Crop(1, 0, 0, 0)),
        (clap(191, 128, (-1, 2), (0, 1)), Crop(0, 0, 1, 0)),
    ],
)
def test_a_clean_aperture_is_placed_by_its_centre(tmp_path, aperture, crop):
    path = tmp_path / "a.mp4"
    path.write_bytes(mp4(track(aperture)))
    assert read_crops(path, 0) == {crop}


def test_tracks_of_video_are_counted_and_parts_may_differ(tmp_path):
    cropped = clap(180, 128, (0, 1), (0, 1))
    large = struct.pack(">I4sQ", 1, b"mdat", 16 + 5) + b"moov."
    path = tmp_path / "a.mov"
    path.write_bytes(
        mp4(track(handler=b"soun"), track(cropped), track(b"", cropped), before=[large])
    )
    assert read_crops(path, 0) == {Crop(6, 0, 6, 0)}
    assert read_crops(path, 1) == {Crop(), Crop(6, 0, 6, 0)}
    assert read_crops(path, 2) == UNCROPPED


def test_a_box_may_go_to_the_end_of_the_file(tmp_path):
    content = mp4(track(clap(180, 128, (0, 1), (0, 1))))
    at = content.index(b"moov") - 4
    path = tmp_path / "a.mp4"
    path.write_bytes(content[:at] + bytes(4) + content[at + 4 :])
    assert read_crops(path, 0) == {Crop(6, 0, 6, 0)}


def element(number, *parts):
    content = b"".join(parts)
    size = (1 << 28 | len(content)).to_bytes(4)
    return number.to_bytes(-(-number.bit_length() // 8)) + size + content


# The size of a segment that does not state it, as of a stream.
UNKNOWN = b"\x01" + b"\xff" * 7


def matroska(*sides, behind=True, size=UNKNOWN):
    video = element(0xE0, *(element(side, bytes([size])) for side, size in sides))
    sound = element(0xAE, element(0x83, b"\2"))
    tracks = element(0x1654AE6B, sound, element(0xAE, element(0x83, b"\1"), video))
    cluster = element(0x1F43B675, b"images")
    parts = [cluster, tracks] if behind else [tracks, cluster]
    return element(0x1A45DFA3, b"head") + b"\x18\x53\x80\x67" + size + b"".join(parts)


@pytest.mark.parametrize("behind", [False, True])
def test_pixels_that_matroska_crops_wherever_tracks_are(tmp_path, behind):
    path = tmp_path / "a.mkv"
    path.write_bytes(matroska((0x54AA, 28), (0x54CC, 12), (0x54BB, 3), (0x54DD, 1), behind=behind))
    assert read_crops(path, 0) == {Crop(left=12, top=3, right=1, bottom=28)}
    path.write_bytes(matroska())
    assert read_crops(path, 0) == UNCROPPED


def test_a_matroska_breaks_off_before_the_end_that_its_segment_states(tmp_path):
    path = tmp_path / "a.mkv"
    for size, cut, expected in [
        (b"\xb1", 0, False),  # 49 bytes
        (b"\xb1", 1, True),
        (b"\xb2", 0, True),
        (b"\x01" + (49).to_bytes(7), 1, True),
        (b"\x01" + (127).to_bytes(7), 0, True),
        (b"\xff", 1, False),  # unknown, in one byte
        (UNKNOWN, 1, False),
    ]:
        content = matroska(size=size)
        path.write_bytes(content[: len(content) - cut])
        assert breaks_off(path) is expected
    path.write_bytes(mp4())
    assert not breaks_off(path)


# Without a container; it starts like a box that has its size in eight further bytes.
BARE_H264 = bytes.fromhex("000000016742c01eda0280f6") + bytes(20)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"RIFF....AVI LIST",
        mp4()[:-3],
        mp4(box(b"trak")),
        struct.pack(">I4s", 5, b"moov"),
        mp4(track(clap(0, 0, (0, 0), (0, 0)))),
        matroska((0x54AA, 28))[:60],
        b"\x1a\x45\xdf\xa3\0",
        BARE_H264,
        struct.pack(">I4sQ", 1, b"mdat", 2**64 - 1),
    ],
)
def test_where_no_crop_can_be_read_there_is_none(tmp_path, content):
    path = tmp_path / "a"
    path.write_bytes(content)
    assert read_crops(path, 0) == UNCROPPED


LARGE = struct.pack(">I4sQ", 1, b"mdat", 20) + bytes(4)


@pytest.mark.parametrize("content", [mp4(track()), mp4(before=[LARGE]), mp4() + bytes(9)])
def test_an_mp4_is_whole_where_all_of_its_boxes_are(content, tmp_path):
    path = tmp_path / "a.mp4"
    path.write_bytes(content)
    assert is_whole_mp4(path)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        mp4(track())[:-1],
        mp4() + LARGE[:-1],
        mp4()[:12],
        box(b"ftyp", b"isom") + LARGE,
        b"<Error>AccessDenied</Error>",
        BARE_H264,
        box(b"ftyp", b"isom") + box(b"moov") + struct.pack(">I4sQ", 1, b"mdat", 2**64 - 1),
    ],
)
def test_a_download_that_was_stopped_is_no_whole_mp4(content, tmp_path):
    assert not is_whole_mp4(tmp_path / "absent.mp4")
    assert not is_whole_mp4(tmp_path)
    path = tmp_path / "a.mp4"
    path.write_bytes(content)
    assert not is_whole_mp4(path)

"""Heads of coded data, written by hand bit by bit."""

import pytest

from wildframe.core.video.bitstream import Coded, Gap, inspector


def bits(text):
    """Make bytes of zeros and ones, filled up with the stop bit of a NAL unit."""
    digits = text.replace(" ", "") + "1"
    return int(digits.ljust(-(-len(digits) // 8) * 8, "0"), 2).to_bytes(-(-len(digits) // 8))


def boxed(*units):
    """Put each NAL unit after its length in four bytes."""
    return b"".join(len(unit).to_bytes(4) + unit for unit in units)


# Baseline: set 0, four bits of frame_num, order by another count, 1 reference, no gaps.
SPS = b"\x67\x42\x00\x0a" + bits("1 1 011 010 0")
GAPPY = b"\x67\x42\x00\x0a" + bits("1 1 011 010 1")
PPS, OTHER_PPS = b"\x68" + bits("1 1 0 0"), b"\x68" + bits("1 1 1 0")
RECOVERY = b"\x06\x06\x01" + bits("1 1 0 00")


def avcc(sps=(SPS,), pps=(PPS,)):
    header = b"\x01" + sps[0][1:4] + b"\xff"
    for count, sets in ((0xE0 | len(sps), sps), (len(pps), pps)):
        header += bytes([count]) + b"".join(len(unit).to_bytes(2) + unit for unit in sets)
    return header


def slice_of(frame_num, kind=1, reference=True, first="1"):
    """Make a slice: its first macroblock, type 0, set 0, and its four bits of frame_num."""
    return bytes([96 * reference | kind]) + bits(f"{first} 1 1 {frame_num:04b} 0")


IDR = slice_of(0, kind=5)


def h264(*packets, header=None):
    inspect = inspector("h264", avcc() if header is None else header)
    return [inspect(boxed(*packet)) for packet in packets]


def test_a_picture_of_h264_is_shown_and_starts_if_it_needs_no_other():
    sliced = [slice_of(3), slice_of(3, first="010")]
    found = h264([IDR], [slice_of(1)], [RECOVERY, slice_of(2)], sliced)
    assert [(coded.shown, coded.starts) for coded in found] == [
        (1, True),
        (1, False),
        (1, True),
        (1, False),
    ]


def test_a_recovery_that_takes_frames_is_no_start():
    gradual = b"\x06\x06\x01" + bits("010 1 0 00")
    inexact = b"\x06\x06\x01" + bits("1 0 0 00")
    found = h264([gradual, slice_of(1)], [inexact, slice_of(2)])
    assert not any(coded.starts for coded in found)


def test_a_packet_without_a_picture_or_with_two_is_told():
    assert [coded.shown for coded in h264([SPS], [IDR, slice_of(1)])] == [0, 2]


@pytest.mark.parametrize(
    ("header", "sets", "alters"),
    [
        (avcc(), [SPS, PPS], False),
        (avcc(), [SPS, PPS + b"\0\0"], False),
        (avcc(), [OTHER_PPS], True),
        (avcc(), [GAPPY], True),
        (avcc(pps=(PPS, OTHER_PPS)), [], False),
        # Which of the two counts depends on what was read before.
        (avcc(pps=(PPS, OTHER_PPS)), [PPS], True),
        (b"", [SPS, PPS], True),
    ],
)
def test_parameter_sets_unlike_those_of_the_header_may_alter(header, sets, alters):
    inspect = inspector("h264", header)
    prefix = boxed if header else lambda *units: b"".join(b"\0\0\1" + unit for unit in units)
    assert inspect(prefix(*sets, IDR)).alters == alters


def test_start_codes_are_read_as_lengths_are():
    header = b"\0\0\0\1" + SPS + b"\0\0\0\1" + PPS
    inspect = inspector("h264", header)
    assert inspect(b"\0\0\1" + SPS + b"\0\0\1" + PPS + b"\0\0\1" + IDR) == Coded(1, True, False)


@pytest.mark.parametrize(
    ("numbers", "gaps"),
    [
        ((1, 2, 3), "none none none"),
        ((1, 3, 4), "none certain none"),
        ((14, 15, 0, 1), "certain none none none"),
        # A picture may set the count back.
        ((1, 2, 1), "none none possible"),
    ],
)
def test_a_missing_reference_is_told_by_the_count(numbers, gaps):
    found = h264([IDR], *([slice_of(number)] for number in numbers))
    assert " ".join(coded.gap.value for coded in found[1:]) == gaps


def test_pictures_that_none_refers_to_may_be_missing():
    found = h264(
        [IDR], [slice_of(1, reference=False)], [slice_of(1)], [slice_of(2, reference=False)]
    )
    assert {coded.gap for coded in found} == {Gap.NONE}


def test_gaps_that_are_allowed_are_none():
    found = h264([IDR], [slice_of(5)], header=avcc(sps=(GAPPY,)))
    assert {coded.gap for coded in found} == {Gap.NONE}


@pytest.mark.parametrize(
    ("codec", "header"),
    [("h264", avcc()), ("hevc", b"\x01" + bytes(20) + b"\xff\0"), ("vp9", None), ("av1", None)],
)
def test_of_data_that_makes_no_sense_the_container_is_believed(codec, header):
    assert inspector(codec, header)(b"\xff" * 40) == Coded()


def hevc_unit(kind, payload, layer=0):
    return bytes([kind << 1 | layer >> 5, (layer & 31) << 3 | 1]) + payload


HEVC_PPS = hevc_unit(34, bits("1 1 0 0"))
HIDING_PPS = hevc_unit(34, bits("1 1 0 1"))


def hevc(*units, sets=(HEVC_PPS,)):
    header = b"\x01" + bytes(20) + b"\xff" + bytes([len(sets)])
    for unit in sets:
        header += bytes([unit[0] >> 1]) + b"\0\1" + len(unit).to_bytes(2) + unit
    return inspector("hevc", header)(boxed(*units))


@pytest.mark.parametrize(
    ("kind", "payload", "shown", "starts"),
    [
        (1, "1", 1, False),
        (1, "0", 0, False),
        (19, "10", 1, True),
        (21, "10", 1, True),
        (8, "1", 1, False),
        # Of a broken link, and of a picture that drops others, not all is displayed.
        (16, "10", None, True),
        (19, "11", None, True),
    ],
)
def test_a_picture_of_hevc(kind, payload, shown, starts):
    assert hevc(hevc_unit(kind, bits(payload))) == Coded(shown, starts)


def test_where_leading_pictures_of_hevc_may_be_left_out():
    picture = hevc_unit(1, bits("1"))
    assert hevc(picture, hevc_unit(36, b"")).shown is None
    assert hevc(picture, sets=(HIDING_PPS,)).shown is None
    assert hevc(picture, hevc_unit(1, bits("1"), layer=1)).shown == 1
    assert hevc(picture, HEVC_PPS) == Coded(1, False, alters=False)
    assert hevc(picture, hevc_unit(34, bits("1 1 1 0"))).alters


def vp9(frame_type, show, profile="00"):
    return bits(f"10 {profile} 0 {frame_type} {show} 0")


def superframe(*frames):
    marker = bytes([0xC0 | len(frames) - 1])
    return b"".join(frames) + marker + bytes(map(len, frames)) + marker


@pytest.mark.parametrize(
    ("data", "shown", "starts"),
    [
        (vp9(0, 1), 1, True),
        (vp9(1, 1), 1, False),
        (vp9(1, 0), 0, False),
        (vp9(0, 1, "11 0"), 1, True),
        (bits("10 00 1 000"), 1, False),
        (superframe(vp9(1, 0), vp9(1, 1)), 1, False),
        (superframe(vp9(0, 0), vp9(1, 1)), 1, True),
        (superframe(vp9(0, 1), vp9(1, 1)), 2, True),
    ],
)
def test_a_packet_of_vp9(data, shown, starts):
    assert inspector("vp9", None)(data) == Coded(shown, starts)


def obu(kind, payload):
    return bytes([kind << 3 | 2, len(payload)]) + payload


SEQUENCE = obu(1, bits("000 0 0"))


@pytest.mark.parametrize(
    ("data", "shown", "starts"),
    [
        (obu(2, b"") + SEQUENCE + obu(6, bits("0 00 1")), 1, True),
        (obu(6, bits("0 00 1")), 1, False),
        (SEQUENCE + obu(6, bits("0 00 0")), 0, False),
        (SEQUENCE + obu(6, bits("0 01 0")) + obu(3, bits("0 01 1")), 1, False),
        (obu(3, bits("1 000")), 1, False),
        (SEQUENCE + obu(6, bits("0 00 1")) + obu(6, bits("0 01 1")), 2, True),
        (obu(1, bits("000 1 1")) + obu(6, b"\0"), None, True),
    ],
)
def test_a_packet_of_av1(data, shown, starts):
    assert inspector("av1", None)(data) == Coded(shown, starts)


def test_other_codecs_are_not_inspected():
    assert inspector("vp8", None) is None


@pytest.mark.parametrize("header", [avcc()[:7], b"\x01\x42"])
def test_a_header_that_breaks_off_says_nothing(header):
    assert inspector("h264", header) is None

"""What the coded data of a packet says: how many frames it shows, whether decoding can start there.

Containers claim both, and are wrong about streams that were cut, joined or split. Only the heads of
NAL units (H.264, HEVC), of frames (VP9) and of OBUs (AV1) are read: some microseconds a packet.
"""

from collections.abc import Callable, Collection, Generator, Iterator
from enum import Enum
from typing import NamedTuple


class Gap(Enum):
    """Whether references are missing."""

    NONE = "none"
    POSSIBLE = "possible"
    CERTAIN = "certain"


class Coded(NamedTuple):
    """What a packet says; by default, of data that makes no sense, what its container claims."""

    shown: int | None = 1
    """Number of frames that it shows, None if decoders may leave out one that is coded."""
    starts: bool = True
    """Whether no frame displayed from its own on refers to an earlier one."""
    alters: bool = False
    """Whether it may bring parameter sets that differ from those in the stream's header."""
    gap: Gap = Gap.NONE
    """Whether a frame that it may refer to is missing before it."""


Inspector = Callable[[bytes], Coded]


class _DamagedError(Exception):
    """Data that breaks the syntax of its codec."""


def inspector(codec: str, header: bytes | None) -> Inspector | None:
    """Return the function that inspects all packets of a stream in turn.

    Args:
        codec: FFmpeg's canonical name.
        header: The stream's parameter sets in its container (``extradata``), None without.

    Returns:
        None for other codecs, and for a header that makes no sense.
    """
    if codec not in _MAKERS:
        return None
    try:
        inspect = _MAKERS[codec](header or b"")
    except (_DamagedError, IndexError):
        return None

    def inspect_safely(data: bytes) -> Coded:
        try:
            return inspect(data)
        except (_DamagedError, IndexError):
            return Coded()

    return inspect_safely


def _h264_inspector(header: bytes) -> Inspector:
    """Inspect H.264 by ITU-T H.264, 7.3.1 to 7.3.3, and its header by ISO/IEC 14496-15, 5.3.3."""
    boxed = header[:1] == b"\1"
    prefix = header[4] % 4 + 1 if boxed and len(header) > 4 else 0
    own = set(_sets_of_avcc(header) if boxed else _nal_units(header, 0))
    own = {unit for unit in own if unit[0] & 31 in _H264_SETS}
    repeats = len({unit[0] & 31 for unit in own}) < len(own)
    count = _H264Count(own)

    def inspect(data: bytes) -> Coded:
        shown, starts, alters, gap = 0, False, False, Gap.NONE
        for unit in _nal_units(data, prefix):
            kind = unit[0] & 31
            if kind in (1, 2, 5):  # slices
                is_first = unit[1] >> 7  # of a picture or field: macroblock 0
                shown += is_first
                starts |= kind == 5
                gap = count.gap_before(unit) if is_first else gap
            elif kind == 6:  # a recovery point, exact and at once
                starts |= unit[1] == 6 and unit[3] >> 6 == 3
            elif kind in _H264_SETS:
                # Of two sets of one kind, either may have been the last that was read.
                alters |= repeats or unit not in own
        return Coded(shown, starts, alters, gap)

    return inspect


class _H264Count:
    """The numbers of the pictures of a stream, by which missing references are told (7.4.3)."""

    def __init__(self, sets: Collection[bytes]) -> None:
        self._width = _width_of_frame_num(sets)
        self._before: int | None = None

    def gap_before(self, unit: bytes) -> Gap:
        """Count the picture that a slice begins."""
        if not self._width:
            return Gap.NONE
        bits = _Bits(unit[1:12].replace(b"\0\0\3", b"\0\0"))
        for _ in ("first_mb_in_slice", "slice_type", "pic_parameter_set_id"):
            bits.exp_golomb()
        number = bits.take(self._width)
        is_idr, is_reference = unit[0] & 31 == 5, unit[0] & 96
        due = self._before is None or is_idr or (self._before + 1) % (1 << self._width) == number
        if is_reference or not due:
            self._before = number if is_reference else (number - 1) % (1 << self._width)
        if due:
            return Gap.NONE
        # A picture may also have set the count back to 0.
        return Gap.CERTAIN if number > 1 else Gap.POSSIBLE


def _width_of_frame_num(sets: Collection[bytes]) -> int:
    """Return the bits of ``frame_num``; 0 where gaps are allowed or the sets do not tell simply."""
    sequences = [unit for unit in sets if unit[0] & 31 == 7]
    if len(sequences) != 1:
        return 0
    bits = _Bits(sequences[0][4:].replace(b"\0\0\3", b"\0\0"))
    bits.exp_golomb()  # number of the set
    if sequences[0][1] in _H264_HIGH:
        is_444 = bits.exp_golomb() == 3
        has_planes = is_444 and bits.take(1)
        bits.exp_golomb()  # depth of luma
        bits.exp_golomb()  # depth of chroma
        bits.take(1)
        if has_planes or bits.take(1):  # scaling lists
            return 0
    width = bits.exp_golomb() + 4
    order = bits.exp_golomb()
    if order == 0:
        bits.exp_golomb()
    elif order == 1:
        bits.take(1)
        bits.exp_golomb()
        bits.exp_golomb()
        for _ in range(bits.exp_golomb()):
            bits.exp_golomb()
    bits.exp_golomb()  # number of references
    return 0 if bits.take(1) else width


_H264_HIGH = {100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135}

# Sequence and picture parameter sets, extensions of the former, subsets of other layers.
_H264_SETS = {7, 8, 13, 15}


def _sets_of_avcc(header: bytes) -> Iterator[bytes]:
    at = 5
    for mask in (31, 255):
        at = yield from _sets(header, at + 1, header[at] & mask)


def _sets(header: bytes, at: int, count: int) -> Generator[bytes, None, int]:
    """Yield parameter sets, each behind its length; return where they end."""
    for _ in range(count):
        length = int.from_bytes(header[at : at + 2])
        yield _trimmed(header[at + 2 : at + 2 + length])
        at += 2 + length
    return at


def _hevc_inspector(header: bytes) -> Inspector:
    """Inspect HEVC by ITU-T H.265, 7.3.1 to 7.3.6, and its header by ISO/IEC 14496-15, 8.3.3."""
    boxed = header[:1] == b"\1"
    prefix = header[21] % 4 + 1 if boxed and len(header) > 21 else 0
    own = set(_sets_of_hvcc(header) if boxed else _nal_units(header, 0))
    own = {unit for unit in own if unit[0] >> 1 & 63 in _HEVC_SETS}
    repeats = len({unit[0] >> 1 & 63 for unit in own}) < len(own)
    hides = any(map(_may_hide, own))

    def inspect(data: bytes) -> Coded:
        shown, sure, starts, alters = 0, not hides, False, False
        for unit in _nal_units(data, prefix):
            kind = unit[0] >> 1 & 63
            if (unit[0] & 1) << 5 | unit[1] >> 3:
                continue  # another layer
            if kind < 32:  # slices
                shown += unit[2] >> 7  # the first of a picture
                starts |= 16 <= kind <= 21
                # Of a broken link, or a picture that drops those not yet displayed.
                sure &= kind not in (16, 17, 18) and not (16 <= kind <= 23 and unit[2] & 64)
            elif kind in _HEVC_SETS:
                alters |= repeats or unit not in own
                sure &= not _may_hide(unit)
            elif kind in (36, 37):  # an end, after which leading pictures are not displayed
                sure = False
        return Coded(shown if sure else None, starts, alters)

    return inspect


# Video, sequence and picture parameter sets.
_HEVC_SETS = {32, 33, 34}


def _sets_of_hvcc(header: bytes) -> Iterator[bytes]:
    at = 23
    for _ in range(header[22]):
        at = yield from _sets(header, at + 3, int.from_bytes(header[at + 1 : at + 3]))


def _may_hide(unit: bytes) -> bool:
    """Tell whether a NAL unit of HEVC lets pictures say that they are not displayed."""
    if unit[0] >> 1 & 63 != 34:
        return False
    bits = _Bits(unit[2:32])
    bits.exp_golomb()  # number of the set
    bits.exp_golomb()  # number of the sequence's set
    bits.take(1)
    return bits.take(1) == 1


def _nal_units(data: bytes, prefix: int) -> Iterator[bytes]:
    """Yield NAL units, each after its length in ``prefix`` bytes or, if 0, after a start code.

    Raises:
        _DamagedError: A unit is longer than the data.
    """
    if not prefix:
        for unit in data.split(b"\0\0\1")[1:]:
            if trimmed := _trimmed(unit):
                yield trimmed
        return
    at = 0
    while at + prefix <= len(data):
        start = at + prefix
        at = start + int.from_bytes(data[at:start])
        if at > len(data):
            raise _DamagedError
        if at > start:
            yield _trimmed(data[start:at])


def _trimmed(unit: bytes) -> bytes:
    # Zeros may be added behind a unit, which never ends with one.
    return unit.rstrip(b"\0")


def _inspect_vp9(data: bytes) -> Coded:
    """Inspect VP9 by its bitstream specification: 6.2 (frame header) and Annex B (superframes)."""
    shown, starts = 0, False
    for number, frame in enumerate(_frames_of_superframe(data)):
        bits = _Bits(frame[:2])
        if bits.take(2) != 2:
            raise _DamagedError
        low, high = bits.take(1), bits.take(1)
        if low and high:
            bits.take(1)  # reserved
        if bits.take(1):  # shows a frame decoded earlier
            shown += 1
            continue
        is_inter, is_shown = bits.take(1), bits.take(1)
        shown += is_shown
        starts |= number == 0 and not is_inter
    return Coded(shown, starts)


def _frames_of_superframe(data: bytes) -> Iterator[bytes]:
    last = data[-1]
    count, width = (last & 7) + 1, (last >> 3 & 3) + 1
    index = data[-2 - count * width :]
    if last >> 5 != 6 or index[0] != last:
        yield data
        return
    at = 0
    for number in range(count):
        size = int.from_bytes(index[1 + number * width : 1 + (number + 1) * width], "little")
        if size:
            yield data[at : at + size]
        at += size


def _inspect_av1(data: bytes) -> Coded:
    """Inspect AV1 by its bitstream specification: 5.3 (OBUs), 5.5.1 and 5.9.2 (headers)."""
    shown, starts, has_header = 0, False, False
    for kind, payload in _obus(data):
        bits = _Bits(payload[:2])
        if kind == 1:  # sequence
            has_header = True
            bits.take(4)
            if bits.take(1):  # a still image, whose frames have other headers
                return Coded(None)
        elif kind in (3, 6):  # frame header, frame
            if bits.take(1):  # shows a frame decoded earlier
                shown += 1
                continue
            is_key, is_shown = bits.take(2) == 0, bits.take(1)
            starts |= has_header and is_key and bool(is_shown) and not shown
            shown += is_shown
    return Coded(shown, starts)


def _obus(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield type and payload of each OBU; one without a size is the last."""
    at = 0
    while at < len(data):
        head = data[at]
        if head & 0x81:  # bits that are always 0
            raise _DamagedError
        at += 2 if head & 4 else 1
        size = len(data) - at
        if head & 2:
            size = shift = 0
            more = True
            while more:
                size |= (data[at] & 127) << shift
                more, shift, at = data[at] > 127, shift + 7, at + 1
        if at + size > len(data):
            raise _DamagedError
        yield head >> 3 & 15, data[at : at + size]
        at += size


class _Bits:
    """The bits of some bytes, the highest first."""

    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data)
        self._left = 8 * len(data)

    def take(self, count: int) -> int:
        """Return an unsigned number of so many bits.

        Raises:
            _DamagedError: There are fewer.
        """
        self._left -= count
        if self._left < 0:
            raise _DamagedError
        return self._value >> self._left & (1 << count) - 1

    def exp_golomb(self) -> int:
        """Return an unsigned number in Exp-Golomb code; errors as in `take`."""
        rest = self._value & (1 << self._left) - 1
        zeros = self._left - rest.bit_length()
        self._left -= zeros
        return self.take(zeros + 1) - 1


_MAKERS: dict[str, Callable[[bytes], Inspector]] = {
    "h264": _h264_inspector,
    "hevc": _hevc_inspector,
    "vp9": lambda header: _inspect_vp9,
    "av1": lambda header: _inspect_av1,
}

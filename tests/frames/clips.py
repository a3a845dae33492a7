"""The clips the tests read, each with one thing that readers get wrong."""

from collections.abc import Callable
from fractions import Fraction
from functools import partial
from pathlib import Path

import av
from videos import remux, write

ALL = range(48)
GRID = 512  # ticks of a thirtieth of a second in these MP4 files
DROPPED = [number for number in ALL if number != 20]
UNEVEN = [number for number in ALL if number % 7 != 3 and not 26 < number < 33]
SHOWN = [number for number in ALL if number not in (10, 30)]
OPEN = {"x264-params": "open-gop=1"}
FRAGMENTED = {"movflags": "frag_keyframe+empty_moov+default_base_moof"}
Recipe = Callable[[Path], Path]


def _cut_open_gop(path: Path) -> Path:
    """Cut an open group of images at its key frame: the frames shown before it are lost."""
    whole = write(path.with_name(f"whole-{path.stem}.mp4"), ALL, options=OPEN)
    with av.open(str(whole)) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
    second = [i for i, packet in enumerate(packets) if packet.is_keyframe][1]
    key, following = packets[second].pts, packets[second + 1].pts
    assert key is not None
    assert following is not None
    assert following < key
    return remux(whole, path, first=second)


def _cut_refresh(path: Path) -> Path:
    """Cut where the image is renewed bit by bit instead of by a key frame, before a key frame."""
    options = {"x264-params": "intra-refresh=1", "forced-idr": "1"}
    whole = write(path.with_name("whole-refresh.mp4"), ALL, options=options, fresh=[26])
    with av.open(str(whole)) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
    second = [i for i, packet in enumerate(packets) if packet.is_keyframe][1]
    return remux(whole, path, first=second)


def _cut_closed_hevc(path: Path) -> Path:
    """Cut at a key frame before which two frames are displayed that are decoded from it alone."""
    whole = write(
        path.with_name("whole-hevc.mp4"), ALL, codec="libx265", options=_x265("open-gop=0:radl=2")
    )
    # Packets are of frame 0, those of 1 to 8, of 9, then of the key frame 12.
    return remux(whole, path, first=10)


def _x265(more: str) -> dict[str, str]:
    common = "log-level=none:pools=none:frame-threads=1:scenecut=0:bframes=3:b-adapt=0"
    return {"preset": "ultrafast", "x265-params": f"{common}:keyint=12:min-keyint=12:{more}"}


def _edit_list(path: Path) -> Path:
    """Hide what comes before frame 17, as a cut without encoding does."""
    whole = write(path.with_name("whole-edit.mp4"), ALL)
    return remux(whole, path, shift=17 * GRID)


def _hidden_frames(path: Path) -> Path:
    """Clear the "show" bit of two VP8 frames, as encoders do for alternative references."""
    write(path, ALL, codec="libvpx", gop=48)
    data = bytearray(path.read_bytes())
    with av.open(str(path)) as container:
        packets = [bytes(packet) for packet in container.demux(video=0) if packet.size]
    for number in set(ALL) - set(SHOWN):
        data[data.index(packets[number])] &= ~0x10
    path.write_bytes(data)
    return path


def _join_late(path: Path, codec: str) -> Path:
    """Drop the first fifth of a transport stream, in the middle of a group of images."""
    whole = write(path.with_name(f"whole-{path.name}"), ALL, codec=codec, gop=16)
    data = whole.read_bytes()
    path.write_bytes(data[len(data) // 5 // 188 * 188 :])
    return path


RECIPES: dict[str, Recipe] = {
    "pyramid.mp4": partial(write, numbers=ALL),
    "long.mp4": partial(write, numbers=ALL, gop=250),
    "intra.mp4": partial(write, numbers=ALL, gop=1),
    "open.mp4": partial(write, numbers=ALL, options=OPEN),
    "short-open.mp4": partial(write, numbers=ALL, gop=3, options=OPEN),
    "hevc-open.mp4": partial(write, numbers=ALL, codec="libx265", options=_x265("open-gop=1")),
    "hevc-cut.mkv": _cut_closed_hevc,
    "cut.mp4": _cut_open_gop,
    "cut.mkv": _cut_open_gop,
    "refresh.mp4": partial(write, numbers=ALL, options={"x264-params": "intra-refresh=1"}),
    "refresh-cut.mp4": _cut_refresh,
    "interlaced.mp4": partial(write, numbers=ALL, options={"x264-params": "interlaced=1"}),
    "edit.mp4": _edit_list,
    "late.mp4": partial(write, numbers=ALL, time=lambda number: number + 42),
    "late.mkv": partial(write, numbers=ALL, time=lambda number: number + 42),
    "dropped.mp4": partial(write, numbers=DROPPED),
    "dropped.mkv": partial(write, numbers=DROPPED),
    "dropped.ts": partial(write, numbers=DROPPED),
    "uneven.mp4": partial(write, numbers=UNEVEN),
    "ntsc.mkv": partial(write, numbers=ALL, time_base=Fraction(1001, 30000)),
    "sound.mov": partial(write, numbers=ALL, audio=True),
    "fragmented.mp4": partial(write, numbers=ALL, mux=FRAGMENTED),
    "matroska.mkv": partial(write, numbers=ALL),
    "odd.mp4": partial(write, numbers=ALL, size=(163, 97), pixels="yuv444p"),
    "vp9.mp4": partial(write, numbers=ALL, codec="libvpx-vp9"),
    "vp9-late.mp4": partial(write, numbers=ALL, codec="libvpx-vp9", time=lambda number: number + 1),
    "vp9-odd.webm": partial(write, numbers=ALL, codec="libvpx-vp9", size=(163, 97)),
    "vp8-hidden.webm": _hidden_frames,
    "av1.mkv": partial(
        write, numbers=ALL, codec="libsvtav1", options={"preset": "10", "crf": "20"}
    ),
    "stream.ts": partial(write, numbers=ALL),
    "joined.ts": partial(_join_late, codec="libx264"),
    "joined-mpeg2.ts": partial(_join_late, codec="mpeg2video"),
    "h264.avi": partial(write, numbers=ALL),
    "mpeg4.avi": partial(write, numbers=ALL, codec="mpeg4", options={"bf": "2"}),
}

"""What in videos, or in lists of their frame numbers, leads readers to other frames than meant."""

import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from av.video.stream import VideoStream

from wildframe.core.errors import UserError
from wildframe.core.files import require_folder
from wildframe.core.own_csv import iter_records
from wildframe.core.progress import progress
from wildframe.core.tables import Row
from wildframe.core.video.media import (
    INDEXED,
    Clip,
    UnusableError,
    displayed,
    feed,
    list_packets,
    open_video,
    survey,
)
from wildframe.sources.folders import VIDEO_SUFFIXES, is_file, list_files, same_files

# Within which times are even, beside the rounding to ticks, and rates the same.
_OF_STEP = 0.05
_OF_RATE = 0.005


_COUNT_TAG = "NUMBER_OF_FRAMES"
"""Of Matroska, with or without a language behind it."""


class Oddity(NamedTuple):
    """A kind of oddity, and what it is about in one sentence."""

    oddity: str
    detail: str


@dataclass(frozen=True, slots=True)
class Examined:
    """A video as its container describes it, and as it is decoded from end to end."""

    stated_frames: int = 0
    """Number of frames that the container states, 0 if none."""
    stated_rate: Fraction | None = None
    time_base: Fraction = Fraction(1)
    """Seconds in a tick."""
    packets: int = 0
    """Number of packets, hidden ones included."""
    hidden: int = 0
    """Packets that an edit list hides."""
    undecodable: int = 0
    """Frames at the start that cannot be decoded, since the file was cut out of a longer one."""
    frames: int = 0
    """Number of frames that have numbers, damaged ones included."""
    shown: tuple[int | None, ...] = ()
    """Time in ticks of each decoded frame, in the order of output."""
    sizes: tuple[tuple[int, int], ...] = ()
    """Distinct widths and heights in pixels, in the order of output."""
    starts_at_zero: bool = True
    """Whether files of this format start at time 0."""
    alters: bool = False
    """Whether parameter sets change."""
    damage: str = ""


def audit(folder: Path, numbers: Path | None) -> list[Row]:
    """Return a row for each oddity of the videos of a folder; all are decoded from end to end.

    Args:
        folder: Searched with all folders in it for files whose suffix is that of a video.
        numbers: CSV file ``video,frame``, or one of boxes: paths below the folder, 0-based numbers
            of frames by order. None to look at videos alone.

    Raises:
        UserError: There is no such folder or no video in it, or the CSV file is invalid.
    """
    require_folder(folder, "name the folder of the videos")
    named = _read_numbers(numbers) if numbers else {}
    videos = sorted({*list_files(folder, VIDEO_SUFFIXES), *named})
    if not videos:
        suffixes = ", ".join(VIDEO_SUFFIXES)
        raise UserError(f"{folder}: no video in it ({suffixes}); name another folder")
    same = same_files(folder, videos)
    return [
        {"video": video, **oddity._asdict()}
        for video in progress(videos, total=len(videos), unit="video", label="audit")
        for oddity in _oddities_of_file(folder / video, same.get(video), named.get(video, {}))
    ]


def _read_numbers(path: Path) -> dict[str, dict[int, int]]:
    """Return, for each video of a CSV file, its numbers of frames and the first line of each."""
    named: dict[str, dict[int, int]] = {}
    for line, row in iter_records(path, ("video", "frame"), ("wnid", "x", "y", "width", "height")):
        try:
            number = int(row["frame"])
        except ValueError as error:
            raise UserError(
                f"{path}: line {line}: frame {row['frame']!r} is not a number; count frames from 0"
            ) from error
        named.setdefault(row["video"], {}).setdefault(number, line)
    return named


def _oddities_of_file(path: Path, same: str | None, lines: Mapping[int, int]) -> Iterator[Oddity]:
    if same:
        yield Oddity("same file", f"its content is that of {same}: they are one video, not two")
    if not is_file(path):
        named = f"line {min(lines.values())} names it, but there is no such file" if lines else ""
        yield Oddity("missing", named or "it is a link to a file that is not there")
        return
    try:
        examined = examine(path)
    except UnusableError as error:
        yield Oddity("unreadable", str(error))
        return
    yield from oddities(examined)
    yield from oddities_of_numbers(lines, examined.frames)


def examine(path: Path) -> Examined:
    """Read and decode a video from end to end.

    Raises:
        UnusableError: It cannot be read as video, none of it can be decoded, or it is HDR, or WebM
            with an alpha channel.
    """
    with open_video(path) as (container, stream):
        clip = survey(path, container, stream)
        damaged: list[int] = []
        shown: list[int | None] = []
        sizes: list[tuple[int, int]] = []
        corrupt = 0
        with open_video(path) as (again, decoded):
            for frame in feed(decoded, list_packets(again, decoded), damaged):
                if not shown:
                    displayed(frame, clip.crop)
                shown.append(frame.pts)
                sizes.append((frame.width, frame.height))
                corrupt += frame.is_corrupt
        if not shown:
            raise UnusableError("none of its frames can be decoded")
        hidden = sum(packet.discard for packet in clip.packets)
        # Of MP4, packets behind the last edit are not even listed.
        is_counted = "mp4" in container.format.name and not clip.broken
        behind = max(0, stream.frames - len(clip.packets)) if is_counted else 0
        return Examined(
            stated_frames=_stated_frames(stream),
            stated_rate=stream.average_rate,
            time_base=stream.time_base or Fraction(1),
            packets=len(clip.packets) + behind,
            hidden=hidden + behind,
            undecodable=len(clip.packets) - hidden - len(clip.timeline.pts) if clip.timeline else 0,
            frames=len(clip.timeline.pts) if clip.timeline else len(shown),
            shown=tuple(shown),
            sizes=tuple(dict.fromkeys(sizes)),
            starts_at_zero=container.format.name in INDEXED,
            alters=clip.alters,
            damage=_damage(clip, damaged, corrupt),
        )


def _stated_frames(stream: VideoStream) -> int:
    """Return the number of frames that a container states, Matroska by a tag; 0 if it does not."""
    tags = (value for name, value in stream.metadata.items() if name.startswith(_COUNT_TAG))
    tag = next(tags, "")
    return stream.frames or (int(tag) if tag.isascii() and tag.isdigit() else 0)


def _damage(clip: Clip, failed: Sequence[int], corrupt: int) -> str:
    if clip.broken:
        return clip.broken
    count = len({position for position in failed if _is_due(clip, position)})
    if count or corrupt:
        return f"{max(count, corrupt)} of its frames cannot be decoded without errors"
    if clip.losses:
        return f"frames that others refer to are missing at {len(clip.losses)} places"
    return ""


def _is_due(clip: Clip, position: int) -> bool:
    """Tell whether the packet at a position should show a frame that can be decoded."""
    if clip.timeline is None or position >= len(clip.packets):
        return position >= clip.start
    return clip.packets[position].pts in clip.timeline.spans


def oddities(video: Examined) -> Iterator[Oddity]:
    """Yield what is odd about a video that can be decoded."""
    if video.damage:
        yield Oddity("damage", video.damage)
    if video.undecodable:
        yield Oddity(
            "cut",
            f"its first {video.undecodable} frames cannot be decoded: it was cut out of a longer "
            "one",
        )
    if video.hidden:
        yield Oddity("edit list", f"it hides {video.hidden} of {video.packets} frames")
    if video.alters:
        yield Oddity(
            "parameter sets",
            "they change within the file, as in joined recordings: readers that seek may use the "
            "wrong ones",
        )
    if len(video.sizes) > 1:
        named = ", ".join(f"{width} x {height}" for width, height in video.sizes)
        yield Oddity("sizes", f"its frames have {len(video.sizes)} sizes: {named}")
    expected = video.packets - video.hidden - video.undecodable
    if len(video.shown) != expected and not video.damage:
        yield Oddity("frame count", f"{expected} packets, {len(video.shown)} frames are shown")
    elif video.stated_frames not in (0, video.packets) and not video.damage:
        detail = f"{video.stated_frames} frames are stated, {len(video.shown)} are shown"
        yield Oddity("frame count", detail)
    if not video.damage:  # of which uneven times follow
        yield from _oddities_of_time(video)


def _oddities_of_time(video: Examined) -> Iterator[Oddity]:
    """Yield what is odd about the times and the rate of frames."""
    times = [pts for pts in video.shown if pts is not None]
    steps = [after - before for before, after in pairwise(times)]
    if len(times) < len(video.shown) or min(steps, default=1) <= 0:
        yield Oddity("time stamps", "its frames have none, or not in their order")
        return
    start = float(times[0] * video.time_base)
    if not steps:
        return
    step = statistics.median(steps)
    if video.starts_at_zero and abs(times[0]) > step / 2:
        yield Oddity("late start", f"its first frame is shown at {start:.3f} s")
    # In steps of an even rate; Matroska rounds times to milliseconds.
    taken = [max(round(ticks / step), 1) for ticks in steps]
    if any(
        abs(ticks - count * step) > 1 + step * _OF_STEP
        for ticks, count in zip(steps, taken, strict=True)
    ):
        least, most = (1000 * float(ticks * video.time_base) for ticks in (min(steps), max(steps)))
        yield Oddity("variable rate", f"frames are shown for {least:.1f} to {most:.1f} ms")
        return
    seconds = (times[-1] - times[0]) * video.time_base
    rate, mean = float(sum(taken) / seconds), float(len(steps) / seconds)
    if missing := sum(taken) - len(steps):
        yield Oddity("gaps", f"{missing} missing at {rate:.4g} frames a second")
    if not video.stated_rate:
        yield Oddity("no rate", f"the container states none; it has {rate:.4g} frames a second")
    elif not (rate > video.stated_rate > mean) and abs(video.stated_rate / rate - 1) > _OF_RATE:
        yield Oddity(
            "wrong rate",
            f"the container states {float(video.stated_rate):.4g} frames a second, it has "
            f"{rate:.4g}",
        )


def oddities_of_numbers(lines: Mapping[int, int], frames: int) -> Iterator[Oddity]:
    """Yield what is odd about the numbers that a list gives to frames of a video.

    Args:
        lines: The line of each number.
        frames: Number of frames that the video shows.
    """
    if not lines:
        return
    outside = [number for number in sorted(lines) if not 0 <= number < frames]
    if outside == [frames] and 0 not in lines:
        yield Oddity(
            "counted from 1?",
            f"line {lines[frames]} names frame {frames} of {frames}, and none names frame 0",
        )
    elif outside:
        more = f" ({len(outside)} such numbers)" if len(outside) > 1 else ""
        yield Oddity(
            "no such frame",
            f"line {lines[outside[0]]} names frame {outside[0]}, but there are frames 0 to "
            f"{frames - 1}{more}",
        )
    elif min(lines) == 1 and len(lines) > 1:
        yield Oddity("counted from 1?", "frame 1 is the first that is named")

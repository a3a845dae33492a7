"""Which frame of a clip is meant by a number: the pure part of exact reading.

A clip's claims about itself (rate, frame count, duration) are not used. The truth is the time
stamps of its packets, here put in order of presentation. Times are in ticks of the stream's
*time base* unless said otherwise.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import NamedTuple


class Packet(NamedTuple):
    """What the demuxer says of one coded frame.

    Attributes:
        pts: When it is shown; None when the container does not say.
        dts: When it is decoded; None when the container does not say.
        key: Whether decoding can start here.
        discard: Whether an edit list hides it: to be decoded, not shown.
    """

    pts: int | None
    dts: int | None
    key: bool = False
    discard: bool = False


class Span(NamedTuple):
    """The packets one frame is decoded from, as positions in decoding order, both included."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Grid:
    """The frame times of a nominal rate: frame n is due n / rate seconds after the start.

    A frame belongs to a grid point when it is at most a quarter of a step away. Where the steps
    are no whole number of ticks, containers round both the start and the frame, which may add up
    to one tick more (1 ms in Matroska).

    Attributes:
        start: Time of frame 0.
        time_base: Seconds in a tick.
        rate: Frames a second.
    """

    start: int
    time_base: Fraction
    rate: Fraction

    @property
    def step(self) -> Fraction:
        """Ticks from one grid point to the next."""
        return 1 / (self.rate * self.time_base)

    @property
    def tolerance(self) -> Fraction:
        """How many ticks a frame may be away from its grid point."""
        return self.step / 4 + (0 if self.step.denominator == 1 else 1)

    @property
    def is_ambiguous(self) -> bool:
        """Whether the time base is too coarse to tell two grid points apart."""
        return self.tolerance * 2 >= self.step

    def due(self, number: int) -> Fraction:
        """Give the exact time, in ticks, of a grid point."""
        return self.start + number * self.step

    def number(self, pts: int) -> int | None:
        """Give the grid point a time belongs to, None when it belongs to none."""
        nearest = round((pts - self.start) / self.step)
        neighbours = abs(pts - self.due(nearest)) <= self.tolerance
        return nearest if neighbours and not self.is_ambiguous else None


@dataclass(frozen=True, slots=True)
class Timeline:
    """The frames of a clip in order of presentation.

    Attributes:
        time_base: Seconds in a tick.
        stamps: Times of all packets in decoding order, those an edit list hides among them.
        key_pts: Times of the packets that decoding can start from, in decoding order.
        pts: Times of the frames that are shown, ascending, no two the same.
        spans: For each time in ``pts``, the packets from its key packet to its own.
    """

    time_base: Fraction
    stamps: tuple[int, ...]
    key_pts: tuple[int, ...]
    pts: tuple[int, ...]
    spans: Mapping[int, Span]

    @classmethod
    def from_packets(cls, packets: Sequence[Packet], time_base: Fraction) -> Timeline | None:
        """Build the timeline from every packet of a stream, in decoding order.

        Args:
            packets: All packets of the stream, hidden ones too.
            time_base: Seconds in a tick.

        Returns:
            The timeline, or None when the stamps do not tell the frames apart: a missing or
            repeated pts, a dts that runs backwards, no key packet.
        """
        stamps = [packet.pts for packet in packets if packet.pts is not None]
        dts = [packet.dts for packet in packets if packet.dts is not None]
        if len(set(stamps)) < len(packets) or dts != sorted(dts):
            return None
        keys: list[tuple[int, int]] = []
        spans: dict[int, Span] = {}
        for position, (packet, pts) in enumerate(zip(packets, stamps, strict=True)):
            if packet.key:
                keys.append((position, pts))
            if not packet.discard:
                # A frame shown before the key packet that precedes it leans on an earlier one.
                reached = (first for first, key in reversed(keys) if key <= pts)
                spans[pts] = Span(next(reached, keys[0][0] if keys else 0), position)
        if not keys:
            return None
        key_pts = tuple(key for _, key in keys)
        return cls(time_base, tuple(stamps), key_pts, tuple(sorted(spans)), spans)

    @property
    def leading(self) -> tuple[int, ...]:
        """Times of the frames decoded or shown before the first key frame.

        They may lack what they refer to, in a clip that was cut out of a longer one.
        """
        key = self.key_pts[0]
        start = self.stamps.index(key)
        return tuple(pts for pts in self.pts if pts < key or self.spans[pts].last < start)

    def without(self, lost: Collection[int]) -> Timeline:
        """Give the timeline that lacks the frames with these times."""
        kept = tuple(pts for pts in self.pts if pts not in lost)
        return replace(self, pts=kept, spans={pts: self.spans[pts] for pts in kept})

    def leans_on(self, pts: int, positions: Iterable[int]) -> bool:
        """Tell whether a frame may be decoded from any of these packets.

        Args:
            pts: Time of a frame that is shown.
            positions: Packets, as positions in decoding order.
        """
        first, last = self.spans[pts]
        key = self.stamps[first]
        # What is shown before a key frame is no reference for what is shown after it.
        return any(
            first <= position <= last and (pts < key or self.stamps[position] >= key)
            for position in positions
        )

    def grid(self, rate: Fraction) -> Grid:
        """Lay the grid of a nominal rate (frames a second) from the first frame shown."""
        return Grid(self.pts[0], self.time_base, rate)

    def by_order(self, number: int) -> int | None:
        """Give the time of the n-th frame shown (0-based), None when there is no such frame."""
        return self.pts[number] if 0 <= number < len(self.pts) else None

    def on_grid(self, number: int, rate: Fraction) -> int | None:
        """Give the time of the frame at grid point n, None when no frame is there.

        Args:
            number: Grid point, 0 for the first frame shown.
            rate: Nominal frames a second.

        Returns:
            The time of the nearest frame within the grid's tolerance. A neighbour is never given
            in place of a frame that is not there.
        """
        if number < 0 or not self.pts:
            return None
        grid = self.grid(rate)
        due = grid.due(number)
        after = bisect_left(self.pts, due)
        nearest = min(self.pts[max(after - 1, 0) : after + 1], key=lambda pts: abs(pts - due))
        return nearest if grid.number(nearest) == number else None


@dataclass(slots=True)
class Tally:
    """Numbers frames as they come out of a decoder, for streams whose packets do not tell.

    Attributes:
        time_base: Seconds in a tick.
        rate: Nominal frames a second, None to number by order.
        count: Frames so far.
        certain: How many of them are beyond doubt.
        stamped: Whether all had time stamps, one later than the other.
    """

    time_base: Fraction
    rate: Fraction | None = None
    count: int = 0
    certain: float = math.inf
    stamped: bool = True
    _grid: Grid | None = None
    _previous: int | None = None
    _last_key: int = 0
    _found: dict[int, tuple[Fraction, int]] = field(default_factory=dict)

    def take(self, pts: int | None, *, key: bool = False, corrupt: bool = False) -> int | None:
        """Count a frame.

        Returns:
            Its number, None when it has none or an earlier frame is nearer to that grid point.
        """
        position, self.count = self.count, self.count + 1
        self._last_key = position if key else self._last_key
        if corrupt:
            # Frames refer to later ones too, but not across a key frame.
            self.doubt(self._last_key)
        if self.rate is None:
            self._found[position] = Fraction(0), position
            return position
        if pts is None or (self._previous is not None and pts <= self._previous):
            self.stamped = False
            return None
        self._previous = pts
        self._grid = self._grid or Grid(pts, self.time_base, self.rate)
        number = self._grid.number(pts)
        if number is None:
            return None
        found = abs(pts - self._grid.due(number)), position
        if number in self._found and self._found[number] <= found:
            return None
        self._found[number] = found
        return number

    def doubt(self, position: int) -> None:
        """Take frames from this position in the order of output on as uncertain."""
        self.certain = min(self.certain, position)

    def is_certain(self, number: int) -> bool:
        """Tell whether a frame of this number came out and is beyond doubt."""
        return number in self._found and self._found[number][1] < self.certain

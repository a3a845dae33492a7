"""Which frame of a clip has a number: the pure part of exact reading.

A clip's own claims (rate, frame count, duration) are not used, only the time stamps of its packets,
put in order of presentation. Times are in ticks of the stream's *time base* unless noted.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import NamedTuple


class Packet(NamedTuple):
    """The demuxer's properties of one coded frame."""

    pts: int | None
    """Presentation time; None if unknown."""
    dts: int | None
    """Decoding time; None if unknown."""
    key: bool = False
    """Whether decoding can start here."""
    discard: bool = False
    """Whether an edit list hides it: to be decoded, not displayed."""


class Span(NamedTuple):
    """The packets that a frame is decoded from: first and last position in decoding order."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Grid:
    """The frame times of a nominal rate: frame n is due n / rate seconds after the start.

    A frame belongs to a grid point if it is at most a quarter of a step away. If a step is not a
    whole number of ticks, containers round both the start and the frame, by up to one more tick in
    sum (1 ms in Matroska).
    """

    start: int
    """Time of frame 0."""
    time_base: Fraction
    """Seconds in a tick."""
    rate: Fraction
    """Frames a second."""

    @property
    def step(self) -> Fraction:
        """Ticks from one grid point to the next."""
        return 1 / (self.rate * self.time_base)

    @property
    def tolerance(self) -> Fraction:
        """Largest distance of a frame from its grid point in ticks."""
        return self.step / 4 + (0 if self.step.denominator == 1 else 1)

    @property
    def is_ambiguous(self) -> bool:
        """Whether the time base is too coarse to tell two grid points apart."""
        return self.tolerance * 2 >= self.step

    def due(self, number: int) -> Fraction:
        """Return the exact time, in ticks, of a grid point."""
        return self.start + number * self.step

    def number(self, pts: int) -> int | None:
        """Return the grid point that a time belongs to, None if none."""
        nearest = round((pts - self.start) / self.step)
        is_close = abs(pts - self.due(nearest)) <= self.tolerance
        return nearest if is_close and not self.is_ambiguous else None


@dataclass(frozen=True, slots=True)
class Timeline:
    """The frames of a clip in order of presentation."""

    time_base: Fraction
    """Seconds in a tick."""
    stamps: tuple[int, ...]
    """Times of all packets in decoding order, hidden ones included."""
    key_pts: tuple[int, ...]
    """Times of the packets that decoding can start from, in decoding order."""
    pts: tuple[int, ...]
    """Distinct times of the displayed frames, ascending."""
    spans: Mapping[int, Span]
    """For each time in ``pts``, the packets from its key packet to its own."""

    @classmethod
    def from_packets(cls, packets: Sequence[Packet], time_base: Fraction) -> Timeline | None:
        """Build the timeline from all packets of a stream, in decoding order, hidden ones included.

        Returns:
            The timeline, or None if the time stamps do not distinguish the frames: a missing or
            repeated pts, a decreasing dts, no key packet.
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
                # A frame displayed before its preceding key packet depends on an earlier one.
                reached = (first for first, key in reversed(keys) if key <= pts)
                spans[pts] = Span(next(reached, keys[0][0] if keys else 0), position)
        if not keys:
            return None
        key_pts = tuple(key for _, key in keys)
        return cls(time_base, tuple(stamps), key_pts, tuple(sorted(spans)), spans)

    @property
    def leading(self) -> tuple[int, ...]:
        """Times of the frames decoded or displayed before the first key frame.

        They may lack their references in a clip that was cut out of a longer one.
        """
        key = self.key_pts[0]
        start = self.stamps.index(key)
        return tuple(pts for pts in self.pts if pts < key or self.spans[pts].last < start)

    def without(self, lost: Collection[int]) -> Timeline:
        """Return the timeline without the frames of these times."""
        kept = tuple(pts for pts in self.pts if pts not in lost)
        return replace(self, pts=kept, spans={pts: self.spans[pts] for pts in kept})

    def depends_on(self, pts: int, positions: Sequence[int]) -> bool:
        """Tell whether the frame at a time may be decoded from any packet of these positions.

        They are ascending.
        """
        first, last = self.spans[pts]
        key = self.stamps[first]
        within = positions[bisect_left(positions, first) : bisect_right(positions, last)]
        # Frames displayed before a key frame are no references for those displayed after it.
        return any(pts < key or self.stamps[position] >= key for position in within)

    def grid(self, rate: Fraction) -> Grid:
        """Return the grid of a nominal rate (frames a second) from the first displayed frame."""
        return Grid(self.pts[0], self.time_base, rate)

    def by_order(self, number: int) -> int | None:
        """Return the time of the n-th displayed frame (0-based), None if there is no such frame."""
        return self.pts[number] if 0 <= number < len(self.pts) else None

    def on_grid(self, number: int, rate: Fraction) -> int | None:
        """Return the time of the frame at grid point n of a rate (frames a second).

        None if no frame is within the grid's tolerance: a neighbouring frame is never returned.
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
    """Numbers frames in the order of output, for streams without usable packets."""

    time_base: Fraction
    """Seconds in a tick."""
    rate: Fraction | None = None
    """Nominal frames a second, None to number by order."""
    count: int = 0
    """Frames so far."""
    certain: float = math.inf
    """Number of frames without doubt."""
    stamped: bool = True
    """Whether all had increasing time stamps."""
    _grid: Grid | None = None
    _previous: int | None = None
    _last_key: int = 0
    _found: dict[int, tuple[Fraction, int]] = field(default_factory=dict)

    def take(self, pts: int | None, *, key: bool = False, corrupt: bool = False) -> int | None:
        """Count a frame; return its number, None without or if an earlier frame is closer to it."""
        position, self.count = self.count, self.count + 1
        self._last_key = position if key else self._last_key
        if corrupt:
            # Frames may refer to later ones, but not across a key frame.
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
        """Mark frames from this position in the order of output on as uncertain."""
        self.certain = min(self.certain, position)

    def is_certain(self, number: int) -> bool:
        """Tell whether a frame of this number was output and is certain."""
        return number in self._found and self._found[number][1] < self.certain

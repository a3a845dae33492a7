"""Numbers and times of frames, without video."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wildframe.core.video.timeline import Grid, Packet, Tally, Timeline

THIRTY = Fraction(30)
# MP4 (exact), MPEG-TS (exact), Matroska (rounded), a rounded one, one tick a frame.
TIME_BASES = [Fraction(1, n) for n in (15360, 90000, 1000, 600, 30)]
RATES = [Fraction(30), Fraction(30000, 1001), Fraction(25), Fraction(60)]
numbers = st.sets(st.integers(1, 400), max_size=60).map(lambda chosen: sorted({0, *chosen}))


def line(stamps, time_base=Fraction(1, 1000), keys=(0,), discard=()):
    """Build the timeline of packets with these stamps, in decoding order."""
    packets = [
        Packet(pts, None, position in keys, position in discard)
        for position, pts in enumerate(stamps)
    ]
    return Timeline.from_packets(packets, time_base)


@given(
    numbers, st.sampled_from(TIME_BASES[:4]), st.sampled_from(RATES), st.integers(-(10**6), 10**6)
)
def test_grid_gives_exactly_the_frame_or_none(kept, time_base, rate, start):
    stamps = {n: start + round(n / rate / time_base) for n in kept}
    timeline = line(stamps.values(), time_base)
    for number in range(-1, 403):
        assert timeline.on_grid(number, rate) == stamps.get(number)


@given(numbers, st.sampled_from(RATES), st.fractions(0, 1))
def test_rounding_of_the_start_moves_no_frame(kept, rate, phase):
    """A clip that starts between two ticks has its start and its frames rounded apart."""
    time_base = Fraction(1, 1000)
    stamps = {n: round(phase + n / rate / time_base) for n in kept}
    timeline = line(stamps.values(), time_base)
    assert all(timeline.on_grid(n, rate) == stamps.get(n) for n in range(403))


@given(st.sets(st.integers(-500, 10**6), min_size=1, max_size=80), st.randoms())
def test_order_is_a_bijection_whatever_the_decoding_order(stamps, shuffle):
    decoding = list(stamps)
    shuffle.shuffle(decoding)
    timeline = line(decoding)
    assert [timeline.by_order(n) for n in range(len(stamps))] == sorted(stamps)
    assert timeline.by_order(-1) is None
    assert timeline.by_order(len(stamps)) is None


@given(st.lists(st.integers(0, 10**5), min_size=1, max_size=60, unique=True), st.randoms())
def test_a_frame_is_decoded_from_a_key_packet_not_after_it(stamps, shuffle):
    keys = {0, *(p for p in range(len(stamps)) if shuffle.random() < 0.2)}
    timeline = line(stamps, keys=keys)
    for pts, span in timeline.spans.items():
        assert timeline.stamps[span.last] == pts
        assert span.first in keys
        assert timeline.stamps[span.first] <= pts or pts in timeline.leading
        between = [k for k in keys if span.first < k <= span.last]
        assert all(timeline.stamps[k] > pts for k in between) or pts in timeline.leading


@given(st.integers(0, 10**6), st.integers(1, 240), st.integers(10**3, 10**5))
def test_a_time_belongs_to_one_grid_point_at_most(pts, rate, scale):
    grid = Grid(0, Fraction(1, scale), Fraction(rate))
    number = grid.number(pts)
    others = [n for n in range(-1, 3) if abs(pts - grid.due((number or 0) + n)) <= grid.tolerance]
    assert grid.is_ambiguous or number is None or others == [0]


@given(numbers, st.sampled_from(RATES))
def test_counting_output_numbers_the_grid_as_packets_do(kept, rate):
    time_base = Fraction(1, 1000)
    stamps = [7 + round(n / rate / time_base) for n in kept]
    tally = Tally(time_base, rate)
    assert [tally.take(pts) for pts in stamps] == kept
    assert all(tally.is_certain(n) for n in kept)


def test_a_neighbour_is_never_given():
    timeline = line([0, 33, 100, 133])
    assert timeline.on_grid(2, THIRTY) is None
    assert [timeline.on_grid(n, THIRTY) for n in (0, 1, 3, 4)] == [0, 33, 100, 133]


def test_half_a_step_away_is_nobodys_frame():
    timeline = line([0, 33, 50, 67])
    assert [timeline.on_grid(n, THIRTY) for n in range(4)] == [0, 33, 67, None]


def test_a_quarter_of_a_step_away_belongs_to_it():
    # A step is of 40 ticks.
    timeline = line([0, 50, 91], Fraction(1, 1200))
    assert [timeline.on_grid(n, THIRTY) for n in (1, 2)] == [50, None]


def test_of_two_frames_at_a_grid_point_the_nearer_is_meant():
    assert line([0, 30, 34, 67]).on_grid(1, THIRTY) == 34


def test_one_tick_a_frame_is_exact_and_a_coarser_time_base_is_refused():
    assert line([5, 6, 8], Fraction(1, 30)).on_grid(3, THIRTY) == 8
    assert line([5, 6, 8], Fraction(1, 30)).on_grid(2, THIRTY) is None
    coarse = line([0, 1, 2, 3], Fraction(1, 50))
    assert coarse.grid(THIRTY).is_ambiguous
    assert coarse.on_grid(0, THIRTY) is None


def test_hidden_packets_have_no_number_but_decoding_starts_from_them():
    timeline = line([-2, -1, 0, 1], discard={0, 1})
    assert timeline.pts == (0, 1)
    assert timeline.spans[1] == (0, 3)


def test_frames_shown_before_a_key_frame_lean_on_the_one_before():
    #                 key          key  shown before it
    timeline = line([0, 3, 1, 2, 6, 4, 5, 7], keys={0, 4})
    assert timeline.spans[5] == (0, 6)
    assert timeline.spans[7] == (4, 7)
    assert timeline.leading == ()
    assert timeline.depends_on(5, [1])
    assert not timeline.depends_on(7, [1, 5, 6])
    assert timeline.depends_on(7, [4])


def test_frames_shown_before_the_first_key_frame_are_told():
    timeline = line([6, 4, 5, 7])
    assert timeline.leading == (4, 5)
    assert timeline.without({4, 5}).pts == (6, 7)


def test_packets_before_the_first_key_packet_are_told_too():
    timeline = line([0, 1, 2, 3], keys={2})
    assert timeline.leading == (0, 1)
    assert timeline.pts == (0, 1, 2, 3)
    # Also one that is shown after the key frame.
    assert line([9, 1, 2], keys={1}).leading == (9,)


@pytest.mark.parametrize(
    "packets",
    [
        [],
        [Packet(0, 0), Packet(1, 1)],
        [Packet(0, 0, key=True), Packet(None, 1)],
        [Packet(0, 0, key=True), Packet(0, 1)],
        [Packet(0, 5, key=True), Packet(9, 1)],
    ],
    ids=["nothing", "no key", "no stamp", "stamp twice", "dts runs backwards"],
)
def test_stamps_that_tell_nothing_give_no_timeline(packets):
    assert Timeline.from_packets(packets, Fraction(1, 1000)) is None


def test_counting_takes_frames_from_the_last_key_frame_on_as_doubtful():
    tally = Tally(Fraction(1, 1000))
    for position in range(8):
        tally.take(None, key=position in (0, 4), corrupt=position == 6)
    assert [tally.is_certain(n) for n in range(9)] == [True] * 4 + [False] * 5


@pytest.mark.parametrize("stamps", [[0, None], [0, 33, 33], [0, 67, 33]])
def test_counting_refuses_a_grid_without_ascending_stamps(stamps):
    tally = Tally(Fraction(1, 1000), THIRTY)
    for pts in stamps:
        tally.take(pts)
    assert not tally.stamped

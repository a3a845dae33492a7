"""Numbers on the grid of a nominal rate: what goes wrong in published readers of Ego4D."""

from fractions import Fraction

import av
import pytest
from clips import ALL, DROPPED, UNEVEN
from videos import RATE, read, write

from wildframe.frames.decode import read_frames


def read_back(path, numbers, rate=RATE):
    """Read on the grid; give the numbers in the images."""
    return [read(frame.image) for frame in read_frames(path, numbers, rate=rate)]


@pytest.mark.parametrize("name", ["dropped.mp4", "dropped.mkv", "dropped.ts"])
def test_a_dropped_frame_is_missing_and_its_neighbours_are_themselves(clip, name):
    frames = read_frames(clip(name), [19, 20, 21], rate=RATE)
    assert [frame.status for frame in frames] == ["ok", "frame_missing", "ok"]
    assert [read(frame.image) for frame in frames] == [19, None, 21]
    assert "0.6667 s" in frames[1].detail
    assert "47 frames" in frames[1].detail
    assert read_back(clip(name), ALL) == [n if n in DROPPED else None for n in ALL]


def test_frames_at_uneven_times_are_found_by_their_times(clip):
    assert read_back(clip("uneven.mp4"), ALL) == [n if n in UNEVEN else None for n in ALL]


@pytest.mark.parametrize("name", ["late.mp4", "late.mkv", "vp9-late.mp4", "stream.ts"])
def test_the_grid_starts_where_the_stream_starts(clip, name):
    with av.open(str(clip(name))) as container:
        assert container.streams.video[0].start_time > 0
    assert read_back(clip(name), ALL) == list(ALL)


def test_the_grid_starts_behind_what_an_edit_list_hides(clip):
    assert read_back(clip("edit.mp4"), range(31)) == list(range(17, 48))


def test_the_average_rate_is_not_the_rate(clip):
    """One dropped frame makes it a rate whose frame step is no whole number of ticks."""
    with av.open(str(clip("dropped.mp4"))) as container:
        stream = container.streams.video[0]
        step = 1 / (stream.average_rate * stream.time_base)
    assert step.denominator != 1
    assert read_back(clip("dropped.mp4"), [46, 47]) == [46, 47]


def test_images_are_told_by_time_not_by_position_in_the_answer(clip):
    """Unsorted, repeated, and one missing: readers that zip label the rest wrongly."""
    numbers = [40, 20, 3, 3, 41, 0]
    frames = read_frames(clip("dropped.mp4"), numbers, rate=RATE)
    assert [frame.number for frame in frames] == numbers
    assert [read(frame.image) for frame in frames] == [40, None, 3, 3, 41, 0]


@pytest.mark.parametrize("name", ["pyramid.mp4", "stream.ts", "mpeg4.avi"])
def test_numbers_outside_the_clip_are_missing_and_its_length_is_told(clip, name):
    """As when numbers of the full video are asked of a clip."""
    frames = read_frames(clip(name), [48, 8759, -1, 47], rate=RATE)
    assert [frame.status for frame in frames] == [*["frame_missing"] * 3, "ok"]
    assert all("48 frames" in frame.detail for frame in frames[:3])


def test_no_frame_is_off_by_one_for_any_remainder(clip):
    """Times written in milliseconds miss one frame in three."""
    assert read_back(clip("matroska.mkv"), ALL) == list(ALL)
    assert read_back(clip("ntsc.mkv"), ALL, Fraction(30000, 1001)) == list(ALL)


def test_another_rate_means_other_frames(clip):
    assert read_back(clip("pyramid.mp4"), range(24), Fraction(15)) == list(range(0, 48, 2))
    assert read_back(clip("pyramid.mp4"), range(5), Fraction(60)) == [0, None, 1, None, 2]


def test_codecs_whose_packets_do_not_tell_are_read_on_the_grid_too(clip):
    numbers = [30, 0, 47, 31]
    assert read_back(clip("vp8-hidden.webm"), numbers) == [None, 0, 47, 31]
    assert [read(frame.image) for frame in read_frames(clip("vp8-hidden.webm"), [30])] == [32]


def test_without_usable_time_stamps_the_grid_is_refused(clip):
    frames = read_frames(clip("h264.avi"), [0, 5], rate=RATE)
    assert {frame.status for frame in frames} == {"frame_missing"}
    assert all("time stamps" in frame.detail for frame in frames)


def test_a_time_base_too_coarse_for_the_rate_is_refused(tmp_path):
    path = write(tmp_path / "coarse.mkv", range(4))
    (frame,) = read_frames(path, [1], rate=Fraction(400))
    assert frame.status == "frame_missing"
    assert "too coarse" in frame.detail


@pytest.mark.parametrize("rate", [Fraction(0), Fraction(-30)])
def test_a_rate_is_positive(clip, rate):
    with pytest.raises(ValueError, match="rate must be positive"):
        read_frames(clip("pyramid.mp4"), [0], rate=rate)

"""What neighbours and time stamps tell of a frame that is another."""

import pytest
from provenance.tiny_run import pixels

from wildframe.provenance.shifts import find_shift, frame_cause


def frame(number, shown=None, pts=None, media="a.mp4", **others):
    """Return a row of STATUSES that shows the content of a frame, by default its own."""
    shown = number if shown is None else shown
    return {
        "media": media,
        "rate": None,
        "frame": number,
        "status": "ok",
        "detail": "",
        "pts": 100 * shown if pts is None else pts,
        "width": 64,
        "height": 48,
        "sha256": pixels(str(shown)),
    } | others


@pytest.mark.parametrize("late", [1, -2])
def test_a_certified_neighbour_with_these_pixels_tells(late):
    certified, here = frame(10), frame(10, shown=10 + late)
    assert find_shift(certified, here, [certified, frame(10 + late)], [here]) == late


@pytest.mark.parametrize("late", [1, -2])
def test_a_neighbour_here_with_the_certified_pixels_tells(late):
    certified, here = frame(10), frame(10, shown=10 + late)
    other = frame(10 - late, shown=10)
    assert find_shift(certified, here, [certified], [here, other]) == late


def test_time_stamps_tell_where_no_neighbour_does():
    certified, here = frame(10, pts=1500), frame(10, shown=13, pts=1800)
    assert find_shift(certified, here, [certified, frame(50, pts=5500)], [here]) == 3


def test_a_frame_alone_counts_from_the_first():
    certified, here = frame(10), frame(10, shown=13)
    assert find_shift(certified, here, [certified], [here]) == 3
    assert find_shift(certified, here | {"pts": 1150}, [certified], []) == 0  # no whole frame
    assert find_shift(frame(0), frame(0, shown=1), [frame(0)], []) == 0  # there is no telling


def test_frames_of_other_media_and_images_tell_nothing():
    certified, here = frame(10), frame(10, shown=11)
    certified, here = certified | {"pts": None}, here | {"pts": None}
    others = [frame(11, media="b.mp4"), frame(11, rate="30"), frame(11, status="decode_failed")]
    assert find_shift(certified, here, others, others) == 0
    photo, changed = (frame(None, shown=one, pts=1) for one in (1, 2))
    assert find_shift(photo, changed, [frame(11, shown=2)], []) == 0


def test_causes_without_a_shift():
    certified = frame(10)

    def cause(**others):
        here = certified | others
        return frame_cause(
            certified, here, [certified], [here], {"av": "av is 2 here, 1 certified"}
        )

    assert cause(width=32) == "another copy of a.mp4: 32x48 px here, 64x48 px certified"
    assert cause(pts=1050, sha256=pixels("else")) == (
        "another moment: time stamp 1050 here, 1000 certified: another copy of a.mp4"
    )
    assert cause(pts=7) == "the same pixels at another time stamp: another container of a.mp4"
    assert cause(sha256=pixels("else")) == (
        "other pixels at the same time: another copy of a.mp4, or another decoder "
        "(av is 2 here, 1 certified)"
    )


def test_a_frame_that_only_this_run_could_read():
    certified, here = frame(10, status="decode_failed"), frame(10)
    assert frame_cause(certified, here, [certified], [here], {}) == (
        "frame missing where it was certified: decode_failed"
    )

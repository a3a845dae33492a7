"""Where names of boxes stand in Fig. 3."""

import pytest
from wildframe.exhibits.vid_robust.fig3_detections import Drawn, places_of_names

BOX = (0.25, 0.25, 0.5, 0.5)


def test_names_of_objects_stand_below_and_of_detections_above():
    places = places_of_names([Drawn(BOX, "object", "cup"), Drawn(BOX, "hit", "cup 0.90")])
    assert places == [(0.25, 0.75), (0.25, pytest.approx(0.25 - 0.055))]


def test_a_name_moves_away_from_one_that_it_would_hide():
    boxes = [Drawn(BOX, "hit", "cup 0.90"), Drawn(BOX, "miss", "jar 0.60")]
    (_, first), (_, second) = places_of_names(boxes)
    assert second == pytest.approx(first - 0.055)
    # Far enough to the side nothing is hidden.
    aside = Drawn((0.5, 0.25, 0.1, 0.5), "miss", "jar 0.60")
    assert places_of_names([boxes[0], aside])[1] == (0.5, first)


def test_names_stay_in_the_picture():
    rim = [Drawn((0.75, 0.0, 0.5, 1.0), kind, "cup") for kind in ("object", "object", "hit", "hit")]
    places = places_of_names(rim)
    assert [x for x, _ in places] == [1, 1, 1, 1]
    heights = [y for _, y in places]
    assert heights == [pytest.approx(y) for y in (1 - 0.055, 1 - 2 * 0.055, 0, 0.055)]

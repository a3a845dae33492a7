"""Targets of interaction maps: the published example, mirrors, and boxes at the edge."""

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from wildframe.models.clips.sampling import HAND, OBJECT, ClipBoxes
from wildframe.models.clips.targets import at_times, interaction_maps


def maps(rows, shape):
    """Return maps of rows of (kind, time, box, score)."""
    kinds, positions, sides, scores = zip(*rows, strict=True) if rows else ([], [], [], [])
    boxes = ClipBoxes(
        np.array(sides, np.float32).reshape(-1, 4),
        np.array(kinds, np.int64),
        np.array(scores, np.float32),
        np.array(positions, np.int64),
    )
    return interaction_maps(boxes, shape)


TWO = [
    (HAND, 0, (0.10, 0.20, 0.45, 0.50), 0.9),
    (HAND, 0, (0.40, 0.40, 0.60, 0.60), 0.6),
]


def test_cells_have_the_largest_score_of_the_boxes_that_overlap_them():
    wanted = torch.zeros(7, 7)
    wanted[1:4, 0:4] = 0.9
    wanted[2:4, 4] = 0.6
    wanted[4, 2:5] = 0.6
    found = maps(TWO, (1, 7, 7))
    assert torch.equal(found[HAND, 0], wanted)
    assert not found[OBJECT].any()


def test_boxes_are_of_their_kind_and_time():
    found = maps([(OBJECT, 2, (0.0, 0.0, 0.4, 0.9), 0.5)], (3, 2, 2))
    wanted = torch.zeros(2, 3, 2, 2)
    wanted[OBJECT, 2, :, 0] = 0.5
    assert torch.equal(found, wanted)


def test_a_box_of_the_whole_frame_fills_all_cells():
    assert maps([(HAND, 0, (0.0, 0.0, 1.0, 1.0), 0.7)], (1, 7, 7))[HAND].eq(0.7).all()


def test_without_boxes_all_is_zero():
    assert torch.equal(maps([], (3, 2, 2)), torch.zeros(2, 3, 2, 2))


def test_a_box_outside_the_crop_lights_no_cell_and_one_across_its_edge_those_inside():
    outside = [
        (HAND, 0, (1.0, 0.1, 1.4, 0.9), 0.8),
        (HAND, 0, (-0.5, 0.1, 0.0, 0.9), 0.8),
        (HAND, 0, (0.1, 1.2, 0.9, 1.5), 0.8),
    ]
    assert not maps(outside, (1, 4, 4)).any()
    across = maps([(HAND, 0, (0.8, 0.8, 1.6, 1.6), 0.8)], (1, 4, 4))
    assert across[HAND, 0].nonzero().tolist() == [[3, 3]]


# Multiples of 1/64 are mirrored exactly.
_SHARE = st.integers(-32, 96).map(lambda number: number / 64)
_BOX = st.tuples(_SHARE, _SHARE, _SHARE, _SHARE).map(
    lambda sides: (min(sides[::2]), min(sides[1::2]), max(sides[::2]), max(sides[1::2]))
)
_ROWS = st.lists(
    st.tuples(st.integers(0, 1), st.integers(0, 1), _BOX, st.floats(0, 1, width=32)), max_size=5
)


@given(_ROWS, st.integers(1, 7), st.integers(1, 7))
def test_mirrored_boxes_give_mirrored_maps(rows, height, width):
    mirrored = [
        (kind, time, (1 - x2, y1, 1 - x1, y2), score)
        for kind, time, (x1, y1, x2, y2), score in rows
    ]
    shape = 2, height, width
    assert torch.equal(maps(mirrored, shape), maps(rows, shape).flip(-1))


@given(_ROWS, st.integers(1, 7), st.integers(1, 7))
def test_each_cell_is_the_largest_score_or_zero(rows, height, width):
    found = maps(rows, (2, height, width))
    for kind in (HAND, OBJECT):
        for time in (0, 1):
            scores = [row[3] for row in rows if row[:2] == (kind, time)]
            cells = set(found[kind, time].flatten().tolist())
            assert cells <= {0.0, *scores}
            assert maps([row for row in rows if row[:2] == (kind, time)], (2, height, width))[
                kind, time
            ].equal(found[kind, time])


def test_maps_at_fewer_times_are_of_the_frames_that_a_slow_pathway_sees():
    numbered = torch.arange(32.0)[:, None, None].expand(2, 32, 1, 1)
    assert at_times(numbered, 8)[0].flatten().tolist() == [0, 4, 8, 13, 17, 22, 26, 31]
    assert at_times(numbered[:, :8], 8)[1].flatten().tolist() == list(range(8))

"""Which frames and which part of them are shown, and where boxes lie in it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from wildframe.core.errors import UserError
from wildframe.models.clips.sampling import (
    HAND,
    OBJECT,
    ClipBoxes,
    Region,
    Sampling,
    random_positions,
    random_region,
    view_positions,
    view_regions,
)

SAMPLING = Sampling(8, 8, 224)


def boxes(*sides):
    count = len(sides)
    return ClipBoxes(
        np.array(sides, np.float32).reshape(-1, 4),
        np.arange(count) % 2,
        np.linspace(0.5, 1, count, dtype=np.float32),
        np.arange(count),
    )


def test_the_papers_short_sides():
    assert SAMPLING.short_sides == (256, 320)
    assert Sampling(4, 2, 28).short_sides == (32, 40)


def test_strides_are_multiples_of_the_kept_one():
    assert SAMPLING.step(8) == 1
    assert SAMPLING.step(2) == 4
    with pytest.raises(UserError, match="stride 8: frames are kept at a stride of 3"):
        SAMPLING.step(3)


@given(st.integers(1, 200), st.integers(1, 16), st.integers(1, 8), st.integers(0, 2**32))
def test_random_positions_are_in_the_clip_and_in_steps(length, frames, step, seed):
    positions = random_positions(np.random.default_rng(seed), length, frames, step)
    assert len(positions) == frames
    assert positions.min() >= 0
    assert positions.max() < length
    inner = np.diff(positions)
    if (frames - 1) * step < length:
        assert (inner == step).all()
    else:  # held to the first and the last frame
        assert (inner >= 0).all()
        assert positions[0] == 0 or positions[-1] == length - 1


def test_random_positions_start_everywhere():
    rng = np.random.default_rng(0)
    starts = {int(random_positions(rng, 10, 3, 2)[0]) for _ in range(200)}
    assert starts == set(range(6))


@pytest.mark.parametrize(
    ("length", "clips", "starts"),
    [
        # Charades-Ego and EPIC-Kitchens: from the first to the last possible start, 85.
        (100, 10, [0, 9, 19, 28, 38, 47, 57, 66, 76, 85]),
        (100, 2, [0, 85]),
        (100, 1, [42]),
        (10, 2, [0, 0]),
    ],
)
def test_where_the_clips_of_a_test_start(length, clips, starts):
    found = view_positions(length, 8, 2, clips)
    assert [positions[0] for positions in found] == starts
    assert [positions[-1] for positions in found] == [min(s + 14, length - 1) for s in starts]


def test_views_are_the_left_the_central_and_the_right_square():
    assert view_regions(160, 80, 3) == [
        Region(0, 0, 0.5, 1),
        Region(0.25, 0, 0.75, 1),
        Region(0.5, 0, 1, 1),
    ]
    assert view_regions(80, 160, 3)[2] == Region(0, 0.5, 1, 1)
    assert view_regions(160, 80, 1) == [Region(0.25, 0, 0.75, 1)]


@given(st.integers(60, 400), st.integers(60, 400), st.integers(0, 2**32))
def test_random_regions_are_squares_of_the_papers_scales(width, height, seed):
    sampling = Sampling(4, 2, 56)
    region = random_region(np.random.default_rng(seed), width, height, sampling)
    assert 0 <= region.left < region.right <= 1
    assert 0 <= region.top < region.bottom <= 1
    short = 56 / (region.bottom - region.top if height <= width else region.right - region.left)
    assert 64 - 1e-6 <= short <= 80 + 1e-6
    pixels = (region.right - region.left) * width, (region.bottom - region.top) * height
    # The longer side is rounded down to whole pixels when it is scaled.
    assert pixels[0] == pytest.approx(pixels[1], rel=1 / 64)


def test_boxes_follow_crop_and_mirroring():
    """Worked by hand: the region is the right half, from a quarter to three quarters of height."""
    found = boxes((0.5, 0.25, 0.75, 0.5), (0.0, 0.0, 0.625, 1.0), (0.0, 0.3, 0.5, 0.4))
    shown = Region(0.5, 0.25, 1, 0.75).boxes(found)
    np.testing.assert_allclose(shown.sides, [(0, 0, 0.5, 0.5), (0, 0, 0.25, 1)])
    mirrored = Region(0.5, 0.25, 1, 0.75, mirrored=True).boxes(found)
    np.testing.assert_allclose(mirrored.sides, [(0.5, 0, 1, 0.5), (0.75, 0, 1, 1)])
    # The third only touches the region: it has no visible area.
    for kept in (shown, mirrored):
        assert kept.kinds.tolist() == [HAND, OBJECT]
        assert kept.positions.tolist() == [0, 1]
        np.testing.assert_allclose(kept.scores, [0.5, 0.75])


sides = st.tuples(*[st.integers(0, 24)] * 4).map(
    lambda s: (min(s[0], s[1]), min(s[2], s[3]), max(s[0], s[1]) + 1, max(s[2], s[3]) + 1)
)


@given(sides, st.integers(0, 2**32))
def test_a_box_frames_the_same_pixels_in_what_is_shown(side, seed):
    """What is inside of a box of the image is inside of the box of the region."""
    image = np.zeros((50, 100), np.uint8)
    left, top, right, bottom = side[0] * 4, side[1] * 2, side[2] * 4, side[3] * 2
    image[top:bottom, left:right] = 255
    sampling = Sampling(1, 1, 40)
    region = random_region(np.random.default_rng(seed), 100, 50, sampling)
    pixels = region.show(Image.fromarray(image).convert("RGB"), sampling.crop)
    shown = region.boxes(boxes((left / 100, top / 50, right / 100, bottom / 50)))
    assert pixels.shape == (40, 40, 3)
    rows, columns = np.nonzero(pixels[..., 0] > 127)
    if not len(shown):
        # At most the last pixel of the border is lit, by interpolation.
        assert len(np.unique(columns)) <= 1 or len(np.unique(rows)) <= 1
        return
    (box,) = shown.sides * 40
    inside = np.zeros((40, 40), bool)
    x1, y1, x2, y2 = np.rint(box).astype(int)
    inside[y1:y2, x1:x2] = True
    differ = inside != (pixels[..., 0] > 127)
    # Only along the sides, by rounding to whole pixels.
    eroded = np.zeros((40, 40), bool)
    eroded[y1 + 1 : max(y2 - 1, 0), x1 + 1 : max(x2 - 1, 0)] = True
    assert not (differ & eroded).any()
    grown = np.zeros((40, 40), bool)
    grown[max(y1 - 1, 0) : y2 + 1, max(x1 - 1, 0) : x2 + 1] = True
    assert not (differ & ~grown).any()


@given(st.lists(sides, max_size=4), st.integers(0, 2**32))
def test_mirrored_regions_have_mirrored_boxes(many, seed):
    found = boxes(*(np.array(side) / 25 for side in many))
    region = random_region(np.random.default_rng(seed), 100, 60, SAMPLING)
    place = region.left, region.top, region.right, region.bottom
    plain, mirrored = (Region(*place, mirrored=flag).boxes(found) for flag in (False, True))
    np.testing.assert_allclose(mirrored.sides[:, 0], 1 - plain.sides[:, 2], atol=1e-6)
    np.testing.assert_allclose(mirrored.sides[:, 2], 1 - plain.sides[:, 0], atol=1e-6)
    np.testing.assert_array_equal(mirrored.sides[:, 1::2], plain.sides[:, 1::2])
    assert ((plain.sides >= 0) & (plain.sides <= 1)).all()


def test_a_mirrored_region_shows_mirrored_pixels():
    image = Image.fromarray(np.random.default_rng(0).integers(0, 256, (50, 80, 3), np.uint8))
    plain, mirrored = (Region(0.2, 0.1, 0.7, 0.9, mirrored=flag) for flag in (False, True))
    np.testing.assert_array_equal(plain.show(image, 30)[:, ::-1], mirrored.show(image, 30))

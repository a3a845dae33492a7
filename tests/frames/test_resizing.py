"""Parts of resized images are Pillow's, pixel for pixel, however they are made."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image

from wildframe.frames import resizing
from wildframe.frames.resizing import ExactResizer, Part, resize_parts

SMALL = Part((46, 26), "bicubic", (12, 3, 34, 25))


def noise(width, height, values=256, seed=0):
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, values, (height, width, 3)) * (255 // (values - 1))
    return Image.fromarray(pixels.astype(np.uint8))


@st.composite
def parts(draw):
    width, height = draw(st.integers(1, 200)), draw(st.integers(1, 200))
    left, top = draw(st.integers(0, width - 1)), draw(st.integers(0, height - 1))
    right, bottom = draw(st.integers(left + 1, width)), draw(st.integers(top + 1, height))
    interpolation = draw(st.sampled_from(["bilinear", "bicubic"]))
    return Part((width, height), interpolation, (left, top, right, bottom))


# Of two values, sums are often beyond 0 and 255. One pixel may be the same in either order.
@example(2, 4, [Part((1, 1), "bilinear", (0, 0, 1, 1))], 2)
@given(
    st.integers(1, 200),
    st.integers(1, 200),
    st.lists(parts(), min_size=1, max_size=3),
    st.sampled_from([2, 256]),
)
def test_each_image_of_a_size_is_resized_as_pillow_does(width, height, wanted, values):
    resize = ExactResizer()
    for seed in range(3):
        image = noise(width, height, values, seed)
        for part, pixels in resize(image, wanted).items():
            filters = {"bilinear": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC}
            whole = image.resize(part.size, filters[part.interpolation])
            assert np.array_equal(pixels, np.asarray(whole.crop(part.box)))


def test_from_the_second_in_a_row_of_a_size_on_pillow_is_not_needed(monkeypatch):
    resize = ExactResizer()
    expected = resizing.whole(noise(192, 108), SMALL)
    for _ in range(2):
        resize(noise(192, 108, seed=1), [SMALL])
    resize(noise(108, 192), [SMALL])
    monkeypatch.delattr(Image.Image, "resize")
    pixels = resize(noise(192, 108), [SMALL])[SMALL]
    assert np.array_equal(pixels, expected)
    with pytest.raises(AttributeError):
        resize(noise(50, 50), [SMALL])


def test_a_pillow_that_resizes_otherwise_is_what_resizes(monkeypatch):
    def columns_first(image, part):
        lower = resizing.fit(image, (image.width, part.size[1]), part.interpolation)
        return np.asarray(resizing.fit(lower, part.size, part.interpolation).crop(part.box))

    image = noise(192, 108)
    lines_first = resizing.whole(image, SMALL)
    monkeypatch.setattr(resizing, "whole", columns_first)
    resize = ExactResizer()
    for _ in range(3):
        pixels = resize(image, [SMALL])[SMALL]
        assert np.array_equal(pixels, columns_first(image, SMALL))
    assert not np.array_equal(pixels, lines_first)


def test_parts_of_one_size_are_resized_once():
    image = noise(192, 108)
    other = replace(SMALL, box=(0, 5, 20, 26))
    apart = replace(SMALL, interpolation="bilinear")
    asked = []

    def resizer(image, parts):
        asked.extend(parts)
        return {part: resizing.whole(image, part) for part in parts}

    found = resize_parts(image, [SMALL, apart, other], resizer)
    assert asked == [replace(SMALL, box=(0, 3, 34, 26)), apart]
    for part, pixels in zip([SMALL, apart, other], found, strict=True):
        assert np.array_equal(pixels, resizing.whole(image, part))


def test_weights_are_those_that_pillow_computes():
    positions, weights = resizing._weights(4, 2, "bilinear")
    found = [
        {int(at): int(weight) for at, weight in zip(*column, strict=True) if weight}
        for column in zip(positions.T, weights.T, strict=True)
    ]
    # 3/7 and 1/7 of 2^22.
    assert found == [{0: 1797559, 1: 1797559, 2: 599186}, {1: 599186, 2: 1797559, 3: 1797559}]


def test_the_sizes_used_last_are_kept():
    resize = ExactResizer()
    for width in range(20, 40):
        for height in (width, width, 20, 20):
            resize(noise(20, height), [SMALL])
    assert len(resize._plans) == 16
    assert (20, 20) in {size for size, _ in resize._plans}

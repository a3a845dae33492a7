"""Display rotation, and that the test clips are what they are meant to be."""

import struct

import numpy as np
import pytest
from videos import draw, read

from wildframe.core.video.media import upright
from wildframe.frames.decode import read_frames

# a, b, c, d of ISO/IEC 14496-12, y downwards, and what a player makes of it.
TURNS = {
    "none": ((1, 0, 0, 1), lambda image: image),
    "clockwise": ((0, 1, -1, 0), lambda image: np.rot90(image, -1)),
    "half": ((-1, 0, 0, -1), lambda image: np.rot90(image, 2)),
    "counterclockwise": ((0, -1, 1, 0), lambda image: np.rot90(image, 1)),
    "mirrored": ((-1, 0, 0, 1), lambda image: image[:, ::-1]),
    "upside down": ((1, 0, 0, -1), lambda image: image[::-1]),
    "transposed": ((0, 1, 1, 0), lambda image: image.swapaxes(0, 1)),
}


@pytest.mark.parametrize("name", TURNS)
def test_an_image_is_turned_as_its_matrix_says(name):
    (a, b, c, d), turned = TURNS[name]
    image = draw(77)
    result = upright(image, [term << 16 for term in (a, b, 0, c, d, 0, 0, 0, 1 << 14)])
    np.testing.assert_array_equal(result, turned(image))
    assert result.flags.c_contiguous


@pytest.mark.parametrize("name", TURNS)
@pytest.mark.parametrize("source", ["pyramid.mp4", "vp9.mp4"])
def test_a_clip_with_a_display_matrix_is_read_upright(clip, tmp_path, source, name):
    (a, b, c, d), turned = TURNS[name]
    plain = clip(source)
    data = bytearray(plain.read_bytes())
    matrix = data.index(b"tkhd") + 44  # behind version, times, track, layer and volume
    terms = (a, b, 0, c, d, 0, 0, 0)
    struct.pack_into(">8i", data, matrix, *(term << 16 for term in terms))
    path = tmp_path / "turned.mp4"
    path.write_bytes(data)
    frame, straight = read_frames(path, [29])[0], read_frames(plain, [29])[0]
    np.testing.assert_array_equal(frame.image, turned(straight.image))
    assert frame.route == "sparse"


def test_bar_codes_are_read_only_where_they_are():
    assert [read(draw(number)) for number in (0, 1, 47, 4095)] == [0, 1, 47, 4095]
    assert read(None) is None
    blend = (draw(21).astype(np.uint16) + draw(22)) // 2
    assert read(blend.astype(np.uint8)) not in (21, 22)

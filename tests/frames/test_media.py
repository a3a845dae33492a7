"""Display rotation, and that the test clips are what they are meant to be."""

import gc
import struct
from fractions import Fraction
from io import BytesIO

import av
import numpy as np
import pytest
from av.video.frame import VideoFrame
from mp4 import Sample, description, write_mp4
from PIL import ExifTags, Image
from videos import SIZE, draw, read, remux, write

from wildframe.core.video.media import displayed, upright
from wildframe.frames.decode import MediaError, read_frames
from wildframe.sources.probe import UnusableError, probe

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

EXIF_ORIENTATIONS = {
    "none": 1,
    "mirrored": 2,
    "half": 3,
    "upside down": 4,
    "transposed": 5,
    "clockwise": 6,
    "counterclockwise": 8,
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


@pytest.mark.parametrize("name", TURNS)
def test_side_data_that_pyav_cannot_name_lose_neither_frame_nor_display_matrix(tmp_path, name):
    """FFmpeg hands over the EXIF data of a JPEG as a type that PyAV 18 does not know."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = EXIF_ORIENTATIONS[name]
    file = BytesIO()
    Image.fromarray(draw(77)).save(file, "JPEG", exif=exif, quality=95)
    path = tmp_path / "timelapse.avi"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mjpeg", rate=25)
        (stream.width, stream.height), stream.pix_fmt = SIZE, "yuvj420p"
        packet = av.Packet(file.getvalue())
        packet.stream, packet.time_base, packet.pts, packet.dts = stream, Fraction(1, 25), 0, 0
        container.mux(packet)
    (frame,) = read_frames(path, [0])
    shown = np.asarray(Image.open(file), float)
    assert probe(path)
    assert np.abs(frame.image - TURNS[name][1](shown)).mean() < 2


def test_bar_codes_are_read_only_where_they_are():
    assert [read(draw(number)) for number in (0, 1, 47, 4095)] == [0, 1, 47, 4095]
    assert read(None) is None
    blend = (draw(21).astype(np.uint16) + draw(22)) // 2
    assert read(blend.astype(np.uint8)) not in (21, 22)


def test_what_a_clean_aperture_leaves_out_is_not_displayed(clip, tmp_path):
    with av.open(str(clip("intra.mp4"))) as container:
        stream = container.streams.video[0]
        packets = [(bytes(packet), packet.is_keyframe) for packet in container.demux(stream)]
        header = stream.codec_context.extradata
    samples = [Sample(data, 512 * n, 512 * n, key) for n, (data, key) in enumerate(packets) if data]
    plain = write_mp4(tmp_path / "plain.mp4", samples, [description("avc1", SIZE, header)])
    # 140 x 80 of 160 x 96 pixels, to the right and up.
    aperture = (140, 1, 80, 1, 6, 1, -8, 1)
    looks = [description("avc1", SIZE, header, clap) for clap in (aperture, None)]
    path = write_mp4(tmp_path / "cropped.mp4", samples, looks[:1])
    (frame,), (whole,) = read_frames(path, [7]), read_frames(plain, [7])
    assert frame.route == "sparse"
    np.testing.assert_array_equal(frame.image, whole.image[:80, 16:156])
    found = probe(path)
    assert (found.width, found.height) == (140, 80)
    parts = [sample._replace(description=n > 20) for n, sample in enumerate(samples)]
    with pytest.raises(MediaError, match="its parts are cropped differently"):
        read_frames(write_mp4(tmp_path / "parts.mp4", parts, looks), [7])


@pytest.mark.parametrize(("transfer", "name"), [(16, "PQ"), (18, "HLG")])
def test_hdr_is_refused_by_name(tmp_path, transfer, name):
    options = {"x264-params": f"transfer={'smpte2084' if transfer == 16 else 'arib-std-b67'}"}
    path = write(tmp_path / "hdr.mp4", range(3), options=options)
    with pytest.raises(MediaError, match=rf"hdr\.mp4: its images are HDR \({name}\)"):
        read_frames(path, [1])
    with pytest.raises(UnusableError, match=rf"its images are HDR \({name}\)"):
        probe(path)


@pytest.mark.parametrize("codec", ["libvpx", "libvpx-vp9"])
def test_webm_with_alpha_is_refused(tmp_path, codec):
    options = {"auto-alt-ref": "0"}
    path = write(tmp_path / "a.webm", range(3), codec=codec, pixels="yuva420p", options=options)
    with pytest.raises(MediaError, match=r"a\.webm: its images have an alpha channel"):
        read_frames(path, [1])
    with pytest.raises(UnusableError, match="its images have an alpha channel"):
        probe(path)


def test_webm_that_states_an_alpha_channel_without_having_one_is_read(clip, tmp_path):
    path = remux(clip("vp8-hidden.webm"), tmp_path / "a.webm", tags={"alpha_mode": "1"})
    assert b"\x53\xc0\x81\1" in path.read_bytes()  # AlphaMode of RFC 9559
    assert read(read_frames(path, [3])[0].image) == 3


def test_an_image_with_an_alpha_channel_is_seen_in_front_of_white(tmp_path):
    path = tmp_path / "alpha.mov"
    image = np.zeros((16, 16, 4), np.uint8)
    image[..., :3], image[:8, :, 3], image[8:, 8:, 3] = (10, 120, 250), 255, 51
    with av.open(str(path), "w") as container:
        stream = container.add_stream("qtrle", rate=25)
        stream.width = stream.height = 16
        stream.pix_fmt = "argb"
        frame = av.VideoFrame.from_ndarray(image, "rgba").reformat(format="argb")
        container.mux([*stream.encode(frame), *stream.encode(None)])
    (frame,) = read_frames(path, [0])
    assert frame.image[0, 0].tolist() == [10, 120, 250]
    assert frame.image[15, 0].tolist() == [255, 255, 255]
    assert frame.image[15, 15].tolist() == [206, 228, 254]


LEVELS = {0: 0, 0.25: 64, 0.5: 128, 0.75: 191, 1: 255}


def levels(path, codec, pixels, bits, full=False):
    """Encode a grey image of each level; return those that are read, all pixels of an image one."""
    options = {"crf": "1", "x265-params": "log-level=none"} if codec == "libx265" else {}
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=25, options=options)
        stream.width, stream.height, stream.pix_fmt = 66, 50, pixels
        stream.codec_context.color_range = 2 if full else 1
        for level in LEVELS:
            frame = av.VideoFrame(66, 50, pixels)
            frame.color_range = 2 if full else 1
            luma = (2**bits - 1) * level if full else (16 + 219 * level) * 2 ** (bits - 8)
            for plane, value in zip(frame.planes, [luma, *[2 ** (bits - 1)] * 2], strict=False):
                kind = np.uint8 if bits == 8 else np.uint16
                size = plane.buffer_size // kind().nbytes
                plane.update(np.full(size, round(value), kind).tobytes())
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    images = [frame.image for frame in read_frames(path, range(len(LEVELS)))]
    assert all((image == image[20, 20]).all() for image in images)
    return [image[20, 20].tolist() for image in images]


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize(
    ("codec", "pixels", "bits"),
    [
        ("libx265", "gray", 8),
        ("libx265", "gray10le", 10),
        ("ffv1", "gray12le", 12),
        ("libx265", "yuv420p", 8),
        ("libx265", "yuv420p10le", 10),
        ("ffv1", "yuv422p10le", 10),
        ("ffv1", "yuv420p12le", 12),
    ],
)
def test_levels_of_grey_are_those_of_eight_bits_and_colours(tmp_path, codec, pixels, bits, full):
    found = levels(tmp_path / "grey.mkv", codec, pixels, bits, full)
    off = 0 if bits > 8 and not full and "yuv" in pixels else 1
    np.testing.assert_allclose(found, [[level] * 3 for level in LEVELS.values()], atol=off)
    assert (found[0], found[-1]) == ([0] * 3, [255] * 3)


def test_grey_beyond_its_range_is_black_or_white_and_its_alpha_is_none():
    frame = av.VideoFrame(66, 50, "ya8")
    frame.color_range = 1
    pairs = [10, 255, 250, 255, 126, 255, 16, 51]
    frame.planes[0].update(bytes(pairs * (frame.planes[0].buffer_size // len(pairs))))
    assert displayed(frame, (0, 0, 0, 0))[0, :4, 0].tolist() == [0, 255, 128, 204]


def test_no_frame_waits_for_the_collection_of_garbage(clip):
    """It would hold the decoded image: commands collect garbage seldom."""
    gc.collect()
    gc.disable()
    try:
        assert len(read_frames(clip("pyramid.mp4"), range(5))) == 5
        left = [item for item in gc.get_objects() if isinstance(item, VideoFrame)]
    finally:
        gc.enable()
    assert left == []

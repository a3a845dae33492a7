"""Images that lie as files are taken in as they are."""

import hashlib
import io
import struct

import numpy as np
import pytest
from PIL import ExifTags, Image, ImageOps

from wildframe.core.schemas import FRAMES
from wildframe.core.tables import write_rows
from wildframe.frames.encode import decode, import_image
from wildframe.frames.extract import extract_frames


def noise(height=12, width=20, seed=0):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (height, width, 3), dtype=np.uint8)


def as_file(pixels, form, **options):
    buffer = io.BytesIO()
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(pixels)
    image.save(buffer, form, **options)
    return buffer.getvalue()


def row(media, kind="image"):
    return {"media": media, "media_kind": kind, "frame": None, "rate": None}


@pytest.fixture
def root(tmp_path):
    (tmp_path / "val/x").mkdir(parents=True)
    (tmp_path / "val/x/000001.JPEG").write_bytes(as_file(noise(), "JPEG", quality=50))
    (tmp_path / "val/x/000002.PNG").write_bytes(as_file(noise(), "PNG"))
    whole = as_file(noise(200, 200), "JPEG")
    (tmp_path / "val/x/000003.JPEG").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "val/x/000004.JPEG").write_bytes(b"no image")
    (tmp_path / "val/x/000005.JPEG").write_bytes(b"")
    (tmp_path / "val/x/000006.PNG").write_bytes(as_file(noise(200, 200), "PNG")[:5000])
    (tmp_path / "val/x/000007.JPEG").mkdir()
    return tmp_path


def test_each_file_has_its_row_and_its_reason(root, tmp_path):
    names = [f"val/x/00000{n}.{'PNG' if n in (2, 6) else 'JPEG'}" for n in range(8)]
    rows = list(extract_frames(map(row, names), root, "jpeg", border=0))
    assert [found["media"] for found in rows] == names
    assert [found["status"] for found in rows] == [
        "media_missing",
        "ok",
        "ok",
        *["media_unreadable"] * 4,
        "media_missing",
    ]
    for found, encoding in ((rows[1], "jpeg"), (rows[2], "png")):
        file = (root / found["media"]).read_bytes()
        assert found["image"] == file
        assert (found["encoding"], found["route"], found["pts"]) == (encoding, "file", None)
        assert (found["width"], found["height"]) == (20, 12)
        pixels = np.asarray(decode(file))
        assert found["sha256"] == hashlib.sha256(pixels.tobytes()).hexdigest()
        assert found["image_sha256"] == hashlib.sha256(file).hexdigest()
    assert rows[0]["detail"] == "000000.JPEG: no such file in x"
    assert "000003.JPEG cannot be read as an image: its end is missing; fetch" in rows[3]["detail"]
    assert "image of a supported format; save it as JPEG or PNG; after" in rows[4]["detail"]
    assert rows[5]["detail"] == (
        "000005.JPEG cannot be read as an image: it is empty; after a repair under its name, "
        "`touch` its folder"
    )
    assert not any(str(root) in found["detail"] or "0x" in found["detail"] for found in rows)
    write_rows(tmp_path / "frames.parquet", FRAMES, rows)


@pytest.mark.parametrize(
    ("form", "options"),
    [("JPEG", {}), ("JPEG", {"progressive": True}), ("PNG", {}), ("PNG", {"compress_level": 0})],
)
def test_a_file_whose_rest_is_zeros_is_refused(form, options):
    # As a thumbnail has: the mark of an end within a segment of a JPEG.
    whole = as_file(noise(200, 200), form, comment=b"\xff\xd9", **options)
    assert import_image(whole, "png").data == whole
    assert import_image(whole + bytes(999), "png").data == whole + bytes(999)
    for kept in (len(whole) // 2, len(whole) - 99, len(whole) - 8):
        with pytest.raises(ValueError, match="its end is missing; fetch it again"):
            import_image(whole[:kept] + bytes(len(whole)), "png")


def test_a_image_that_is_to_be_turned_is_turned_for_all():
    pixels = noise()
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6  # a quarter turn clockwise shows it upright
    taken = import_image(as_file(pixels, "PNG", exif=exif), "png")
    assert np.array_equal(taken.pixels, np.rot90(pixels, -1))
    assert np.array_equal(np.asarray(decode(taken.data)), taken.pixels)
    with Image.open(io.BytesIO(taken.data)) as kept:
        assert kept.getexif().get(ExifTags.Base.Orientation, 1) == 1


def test_an_image_is_turned_whatever_else_a_camera_wrote_of_it():
    entries = [(0x112, 3, 1, 6), (0x11A, 2, 3, 0x3237)]  # a quarter turn; the resolution as text
    directory = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    exif = b"Exif\0\0II*\0" + struct.pack("<IH", 8, len(entries)) + directory + bytes(4)
    pixels = noise()
    taken = import_image(as_file(pixels, "PNG", exif=exif), "png")
    assert np.array_equal(taken.pixels, np.rot90(pixels, -1))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_images_are_turned_as_pillow_turns_them(orientation):
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    for form in ("PNG", "TIFF"):
        data = as_file(noise(), form, exif=exif)
        upright = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(data))))
        assert np.array_equal(import_image(data, "png").pixels, upright)


@pytest.mark.parametrize("fault", [RuntimeError, TypeError, NotImplementedError, IndexError])
def test_whatever_a_decoder_raises_stops_its_own_image_only(monkeypatch, root, fault):
    def fail(*_):
        raise fault("Failed to decode image")

    monkeypatch.setattr("wildframe.frames.encode._pixels", fail)
    (found,) = extract_frames([row("val/x/000001.JPEG")], root, "jpeg", border=0)
    assert found["status"] == "media_unreadable"
    assert "000001.JPEG cannot be read as an image: Failed to decode" in found["detail"]


def test_too_little_memory_is_no_fault_of_an_image(monkeypatch):
    def fail(*_):
        raise MemoryError

    monkeypatch.setattr("wildframe.frames.encode._pixels", fail)
    with pytest.raises(MemoryError):
        import_image(as_file(noise(), "PNG"), "png")


@pytest.mark.parametrize("orientation", [0, 1, 9, 99])
def test_an_image_that_is_not_to_be_turned_is_kept(orientation):
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    data = as_file(noise(), "JPEG", exif=exif)
    assert import_image(data, "png").data == data


@pytest.mark.parametrize("form", ["BMP", "WEBP", "TIFF"])
@pytest.mark.parametrize("encoding", ["jpeg", "png"])
def test_other_formats_are_encoded_anew(form, encoding):
    options = {"lossless": True} if form == "WEBP" else {}
    taken = import_image(as_file(noise(), form, **options), encoding)
    assert taken.encoding == encoding
    assert np.array_equal(taken.pixels, noise())
    assert Image.open(io.BytesIO(taken.data)).format == encoding.upper()


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "1", "LA"])
def test_images_of_other_modes_become_rgb(mode):
    image = Image.fromarray(noise()).convert(mode)
    taken = import_image(as_file(image, "PNG"), "jpeg")
    assert taken.encoding == "png"
    assert taken.pixels.shape == (12, 20, 3)
    assert np.array_equal(taken.pixels, np.asarray(decode(taken.data)))


DEEP = np.array([[0, 128, 129, 257, 32768, 65535]], np.uint16)
GREY = [0, 0, 1, 1, 128, 255]


@pytest.mark.parametrize(("form", "mode"), [("PNG", "I;16"), ("TIFF", "I;16"), ("TIFF", "I;16B")])
def test_grey_of_16_bits_is_scaled_to_8(form, mode):
    pixels = DEEP.astype(">u2" if mode == "I;16B" else "<u2")
    image = Image.frombytes(mode, (6, 1), pixels.tobytes())
    taken = import_image(as_file(image, form), "png")
    assert taken.pixels[0, :, 0].tolist() == GREY
    assert np.array_equal(np.asarray(decode(taken.data)), taken.pixels)


def tiff(data, width, bits, photometric):
    """Make a TIFF of a row of grey values, which Pillow does not write."""
    tags = {256: width, 257: 1, 258: bits, 259: 1, 262: photometric, 273: 8, 279: len(data)}
    entries = b"".join(struct.pack("<HHII", tag, 3, 1, value) for tag, value in tags.items())
    directory = struct.pack("<H", len(tags)) + entries + bytes(4)
    return b"II*\0" + struct.pack("<I", 8 + len(data)) + data + directory


@pytest.mark.parametrize(
    ("data", "grey"),
    [
        # 0, 9, 2048 and 4095, two in three bytes: 9 / 4095 is 0.56 / 255, 2048 / 4095 127.5.
        (tiff(bytes.fromhex("000009800fff"), 4, 12, 1), [0, 1, 128, 255]),
        (tiff(DEEP.astype("<u2").tobytes(), 6, 16, 1), GREY),
        (tiff(DEEP.astype("<u2").tobytes(), 6, 16, 0), [255, 255, 254, 254, 127, 0]),
        (b"P5 6 1 65535\n" + DEEP.astype(">u2").tobytes(), GREY),
        (b"P5 3 1 1023\n" + bytes.fromhex("0000020003ff"), [0, 128, 255]),
    ],
    ids=["12 bits", "black is zero", "white is zero", "PGM", "PGM to 1023"],
)
def test_white_of_grey_is_that_of_the_file(data, grey):
    assert import_image(data, "png").pixels[0, :, 0].tolist() == grey


def test_a_transparent_value_of_16_bits_is_white():
    image = Image.frombytes("I;16", (6, 1), DEEP.tobytes())
    taken = import_image(as_file(image, "PNG", transparency=257), "png")
    assert taken.pixels[0, :, 0].tolist() == [0, 0, 1, 255, 128, 255]


@pytest.mark.parametrize("mode", ["I", "F"])
def test_values_without_a_stated_white_are_refused(mode):
    with pytest.raises(ValueError, match="32-bit numbers, whose white is not stated; save it as P"):
        import_image(as_file(Image.new(mode, (4, 4)), "TIFF"), "png")


def transparent(mode):
    """Make a green image, its first half transparent and hiding red."""
    rgba = np.full((4, 8, 4), (0, 200, 0, 255), np.uint8)
    rgba[:, :4] = 255, 0, 0, 0
    image = Image.fromarray(rgba)
    if mode == "RGBA":
        return as_file(image, "PNG")
    if mode == "P":
        colours = image.convert("RGB").quantize(2)
        return as_file(colours, "PNG", transparency=colours.getpixel((0, 0)))
    if mode == "RGB":  # one colour is transparent
        return as_file(image.convert("RGB"), "PNG", transparency=(255, 0, 0))
    return as_file(image.convert("LA"), "PNG")


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "RGB"])
def test_what_is_transparent_is_white_for_all(mode):
    taken = import_image(transparent(mode), "png")
    assert (taken.pixels[:, :4] == 255).all()
    assert (taken.pixels[:, 4:, 1] < 201).all()
    assert np.array_equal(np.asarray(decode(taken.data)), taken.pixels)


def test_what_is_half_transparent_is_mixed_with_white():
    pixels = np.full((2, 2, 4), (0, 100, 255, 102), np.uint8)
    taken = import_image(as_file(pixels, "PNG"), "png")
    assert taken.pixels[0, 0].tolist() == [153, 193, 255]


def test_an_opaque_alpha_channel_changes_nothing():
    data = as_file(np.full((2, 2, 4), 255, np.uint8), "PNG")
    assert import_image(data, "jpeg").data == data


@pytest.mark.parametrize("size", [(1, 101), (101, 1), (5, 60_000)])
def test_an_image_that_could_not_be_resized_is_refused(size):
    with pytest.raises(ValueError, match="pixels differ more than 100 times"):
        import_image(as_file(Image.new("RGB", size), "PNG"), "png")
    import_image(as_file(Image.new("RGB", (2, 200)), "PNG"), "png")


@pytest.mark.parametrize("form", ["GIF", "WEBP", "PNG", "TIFF"])
def test_a_file_of_several_images_is_refused(form):
    first, second = (Image.fromarray(noise(seed=seed)) for seed in (0, 1))
    with pytest.raises(ValueError, match=r"^it has 2 frames; save the one you mean, as JPEG or "):
        import_image(as_file(first, form, save_all=True, append_images=[second]), "jpeg")
    assert import_image(as_file(first, form, save_all=True), "jpeg").pixels.shape == (12, 20, 3)


def test_of_the_images_of_a_camera_the_first_is_meant():
    first, second = (Image.fromarray(noise(seed=seed)) for seed in (0, 1))
    data = as_file(first, "MPO", save_all=True, append_images=[second])
    assert import_image(data, "png").data == data


def test_a_border_is_cut_off_each_side_and_nothing_else_is_lost():
    pixels = noise()
    cut = import_image(as_file(pixels, "PNG"), "jpeg", border=2)
    assert cut.encoding == "png"
    inner = np.asarray(pixels)[2:-2, 2:-2]
    np.testing.assert_array_equal(cut.pixels, inner)
    np.testing.assert_array_equal(np.asarray(decode(cut.data)), inner)
    with pytest.raises(ValueError, match="nothing is left within its border of 99 pixels"):
        import_image(as_file(pixels, "PNG"), "jpeg", border=99)

"""Images that lie as files are taken in as they are."""

import hashlib
import io

import numpy as np
import pytest
from PIL import ExifTags, Image

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
    rows = list(extract_frames(map(row, names), root, "jpeg"))
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
    assert "000003.JPEG cannot be read as an image: image file is truncated" in rows[3]["detail"]
    assert "000004.JPEG" in rows[4]["detail"]
    assert not any(str(root) in found["detail"] or "0x" in found["detail"] for found in rows)
    write_rows(tmp_path / "frames.parquet", FRAMES, rows)


def test_a_image_that_is_to_be_turned_is_turned_for_all():
    pixels = noise()
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6  # a quarter turn clockwise shows it upright
    taken = import_image(as_file(pixels, "PNG", exif=exif), "png")
    assert np.array_equal(taken.pixels, np.rot90(pixels, -1))
    assert np.array_equal(np.asarray(decode(taken.data)), taken.pixels)
    with Image.open(io.BytesIO(taken.data)) as kept:
        assert kept.getexif().get(ExifTags.Base.Orientation, 1) == 1


def test_a_image_that_says_it_is_upright_is_kept():
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 1
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

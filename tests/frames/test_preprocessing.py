"""Resizing is timm's evaluation transform, pixel for pixel."""

import numpy as np
import pytest
from frames_data import kept, lost, write_frames
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from wildframe.core.errors import UserError
from wildframe.core.schemas import MANIFEST
from wildframe.core.tables import write_rows
from wildframe.frames.encode import encode
from wildframe.frames.preprocessing import (
    SAMPLE,
    PreprocessedStream,
    Preprocessing,
    Shown,
    batches,
    read_preprocessed,
    write_preprocessed,
)
from wildframe.frames.resizing import resize_parts, resizer
from wildframe.frames.views.box import Box
from wildframe.frames.views.full import Full


def noise(width, height, seed=0):
    rng = np.random.default_rng(seed)
    return Image.fromarray(rng.integers(0, 256, (height, width, 3), dtype=np.uint8))


@pytest.fixture(scope="module")
def timms():
    """Return a function that gives timm's pixels, uint8 of shape (size, size, 3)."""
    import torch
    from timm.data import create_transform

    def run(manifest_row, size, crop_pct, interpolation, crop_mode):
        transform = create_transform(
            (3, size, size),
            interpolation=interpolation,
            mean=(0, 0, 0),
            std=(1, 1, 1),
            crop_pct=crop_pct,
            crop_mode=crop_mode,
        )
        scaled = transform(manifest_row).mul(255).round().to(torch.uint8)
        return scaled.permute(1, 2, 0).numpy()

    return run


@given(
    st.integers(40, 300),
    st.integers(40, 300),
    st.sampled_from(
        [
            (224, 0.875, "bicubic", "center"),
            (240, 0.882, "bicubic", "center"),
            (260, 0.890, "bicubic", "center"),
            (227, 227 / 256, "bicubic", "center"),
            (224, 0.875, "bilinear", "center"),
            (64, 1.0, "bicubic", "squash"),
            (64, 0.9, "bicubic", "center"),
        ]
    ),
)
def test_pixels_are_timms(timms, width, height, config):
    size, crop_pct, interpolation, crop_mode = config
    image = noise(width, height)
    preprocessing = Preprocessing(int(size / crop_pct), size, interpolation, crop_mode)
    expected = timms(image, *config)
    assert np.array_equal(preprocessing(image), expected)
    exact = resizer("exact")
    for _ in range(2):  # the second is resized in another way
        (pixels,) = resize_parts(image, [preprocessing.part(image.size)], exact)
        assert np.array_equal(pixels, expected)


@given(st.integers(1, 999), st.integers(0, 99), st.sampled_from(["bilinear", "bicubic"]))
def test_names_say_everything(crop, margin, interpolation):
    for mode in ("center", "squash"):
        preprocessing = Preprocessing(crop + margin, crop, interpolation, mode)
        assert Preprocessing.parse(str(preprocessing)) == preprocessing


@pytest.mark.parametrize(
    "name",
    [
        "",
        "resize256",
        "resize224-crop256-bicubic-center",
        "resize256-crop224-nearest-center",
        "resize256-crop224-bicubic-center/../x",
    ],
)
def test_other_names_are_refused(name):
    with pytest.raises(UserError, match="a preprocessing reads like"):
        Preprocessing.parse(name)


@pytest.fixture
def manifest(tmp_path, manifest_row):
    path = tmp_path / "manifest.parquet"
    write_rows(path, MANIFEST, [manifest_row(name, width=70, height=50) for name in "abc"])
    return path


def test_a_file_holds_the_readable_images_of_all_shards(tmp_path, manifest):
    images = {"a": noise(70, 50, 1), "b": noise(50, 70, 2), "c": noise(60, 60, 3)}
    rows = [kept(name, encode(np.asarray(image), "png")) for name, image in images.items()]
    frames = write_frames(tmp_path, [rows[0], lost("gone")], rows[1:])
    preprocessing = Preprocessing(48, 40, "bicubic", "center")
    shown = Shown(*frames, manifest, Full())
    write_preprocessed(shown, {preprocessing: tmp_path / "pixels.arrow"})
    read = read_preprocessed(tmp_path / "pixels.arrow", preprocessing)
    assert read.image_ids == ["a", "b", "c"]
    assert read.view_keys == ["", "", ""]
    first = read.pixels[:2]
    assert [np.array_equal(*pair) for pair in zip(first, list(read.pixels)[:2], strict=True)] == [
        True,
        True,
    ]
    stream = PreprocessedStream(tmp_path / "pixels.arrow", preprocessing)
    assert len(stream) == 3
    made = list(batches(stream, 2))
    assert np.array_equal(np.concatenate([batch.pixels for batch in made]), read.pixels[:])
    assert [image.shape for image in read.pixels[1:]] == [(40, 40, 3)] * 2
    assert [batch.image_ids for batch in made] == [["a", "b"], ["c"]]
    assert [batch.view_keys for batch in made] == [["", ""], [""]]
    assert [batch.pixels.shape for batch in made] == [(2, 40, 40, 3), (1, 40, 40, 3)]
    assert np.array_equal(made[1].pixels[0], preprocessing(images["c"]))


def test_the_first_images_are_in_a_file_of_their_own(tmp_path, manifest_row):
    names = [f"{number:02}" for number in range(SAMPLE + 1)]
    write_rows(tmp_path / "manifest.parquet", MANIFEST, [manifest_row(name) for name in names])
    image = encode(np.asarray(noise(50, 50)), "jpeg")
    frames = write_frames(tmp_path, [kept(name, image) for name in names])
    preprocessing = Preprocessing(48, 40, "bicubic", "center")
    output = tmp_path / "pixels.arrow"
    shown = Shown(*frames, tmp_path / "manifest.parquet", Full())
    write_preprocessed(shown, {preprocessing: output})
    whole = read_preprocessed(output, preprocessing)
    sample = read_preprocessed(tmp_path / "pixels.sample.arrow", preprocessing)
    assert whole.image_ids == names
    assert sample.image_ids == names[:SAMPLE]
    assert np.array_equal(sample.pixels[:], whole.pixels[:SAMPLE])


def test_the_box_view_reads_boxes_of_the_manifest(tmp_path, manifest_row):
    whole = noise(200, 100)
    frames = write_frames(tmp_path, [kept("a", encode(np.asarray(whole), "png"))])
    write_rows(tmp_path / "manifest.parquet", MANIFEST, [manifest_row("a")])
    preprocessing = Preprocessing(40, 40, "bicubic", "center")
    output = tmp_path / "pixels.arrow"
    manifest = tmp_path / "manifest.parquet"
    write_preprocessed(Shown(*frames, manifest, Box(margin=0)), {preprocessing: output})
    # Its box is 40 x 40 at (50, 20): cut, and no longer resized.
    expected = np.asarray(whole)[20:60, 50:90]
    assert np.array_equal(read_preprocessed(output, preprocessing).pixels[0], expected)


def test_no_readable_image_makes_an_empty_file(tmp_path, manifest):
    frames = write_frames(tmp_path, [lost("gone")])
    preprocessing = Preprocessing(48, 40, "bicubic", "center")
    output = tmp_path / "pixels.arrow"
    write_preprocessed(Shown(*frames, manifest, Full()), {preprocessing: output})
    assert list(batches(PreprocessedStream(output, preprocessing), 2)) == []
    assert read_preprocessed(output, preprocessing).image_ids == []


def test_several_files_are_those_of_each_by_itself(tmp_path, manifest, wildframe):
    images = {"a": noise(70, 50, 1), "b": noise(50, 70, 2)}
    rows = [kept(name, encode(np.asarray(image), "png")) for name, image in images.items()]
    shards, statuses = write_frames(tmp_path, rows)
    names = ["resize48-crop40-bicubic-center", "resize60-crop56-bilinear-squash"]
    paths = [tmp_path / f"{name}.arrow" for name in names]
    shown = ("--statuses", statuses, "--manifest", manifest, "--view", '{"kind": "full"}')
    frames = [f"--frames={shard}" for shard in shards]
    wildframe("frames", "preprocess", *paths, *frames, *shown)
    for name, path in zip(names, paths, strict=True):
        preprocessing = Preprocessing.parse(name)
        read = read_preprocessed(path, preprocessing)
        assert (read.image_ids, read.resize) == (["a", "b"], "exact")
        for image, pixels in zip(images.values(), read.pixels, strict=True):
            assert np.array_equal(pixels, preprocessing(image))


@pytest.mark.parametrize(
    "name",
    [
        "resize256-crop224-bicubic-center",
        "resize64-crop64-bilinear-squash",
        "resize400-crop384-bicubic-center",
    ],
)
def test_the_fast_resize_differs_by_two_at_most(tmp_path, manifest, name):
    preprocessing = Preprocessing.parse(name)
    image = noise(500, 375)
    frames = write_frames(tmp_path, [kept("a", encode(np.asarray(image), "png"))])
    output = {preprocessing: tmp_path / "pixels.arrow"}
    write_preprocessed(Shown(*frames, manifest, Full()), output, "fast")
    read = read_preprocessed(tmp_path / "pixels.arrow", preprocessing)
    difference = np.abs(read.pixels[0].astype(int) - preprocessing(image))
    assert read.resize == "fast"
    assert difference.max() <= 2
    assert 0 < (difference > 0).mean() < 0.02


@pytest.mark.parametrize("read", [read_preprocessed, PreprocessedStream])
def test_an_absent_file_names_its_rule(read, tmp_path):
    with pytest.raises(UserError, match="make it with the rule frames_preprocess"):
        read(tmp_path / "pixels.arrow", Preprocessing(48, 40, "bicubic", "center"))


@pytest.mark.parametrize("read", [read_preprocessed, PreprocessedStream])
def test_a_file_of_another_preprocessing_is_refused(read, tmp_path, manifest):
    frames = write_frames(tmp_path, [kept("a", encode(np.asarray(noise(70, 50)), "png"))])
    made, other = (Preprocessing(48, crop, "bicubic", "center") for crop in (40, 44))
    shown = Shown(*frames, manifest, Full())
    write_preprocessed(shown, {made: tmp_path / "pixels.arrow"})
    with pytest.raises(UserError, match=r"pixels.arrow: column 'pixels' should be"):
        read(tmp_path / "pixels.arrow", other)

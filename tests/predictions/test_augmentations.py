import numpy as np
import pytest
from PIL import Image

from wildframe.core.adaptation import Adaptation
from wildframe.frames.preprocessing import Preprocessing
from wildframe.frames.views.zoom import Zoom
from wildframe.predictions.augmentations import augment, random_box

SMALL = Preprocessing(80, 64, "bicubic", "center")
PAPER = Preprocessing(256, 224, "bicubic", "center")


@pytest.fixture
def image():
    rng = np.random.default_rng(0)
    return Image.fromarray(rng.integers(0, 256, (90, 150, 3), dtype=np.uint8))


@pytest.mark.parametrize("augmentation", ["augmix", "rrc", "zoomgrid"])
def test_copies_differ_and_depend_on_name_and_seed_alone(image, augmentation):
    settings = Adaptation(augmentation=augmentation, k=5)
    copies = augment(image, "a", settings, SMALL)
    assert (copies.shape, copies.dtype) == ((5, 64, 64, 3), np.float32)
    assert copies.min() >= 0
    assert copies.max() <= 255
    assert all((copies[a] != copies[b]).any() for a in range(5) for b in range(a))
    assert (augment(image, "a", settings, SMALL) == copies).all()
    assert (augment(image, "b", settings, SMALL) != copies).any()
    other = settings.model_copy(update={"seed": 1})
    assert (augment(image, "a", other, SMALL) != copies).any()


def test_copies_of_the_zoom_grid_are_crops_of_it(image):
    copies = augment(image, "a", Adaptation(augmentation="zoomgrid", k=6), PAPER)
    grid = {np.asarray(crop).tobytes() for _, crop in Zoom().crops(image, {})}
    found = {copy.astype(np.uint8).tobytes() for copy in copies}
    assert len(found) == 6
    assert found <= grid


def test_a_grid_has_no_more_copies_than_crops(image):
    few = Adaptation(augmentation="zoomgrid", k=1000)
    assert len(augment(image.resize((30, 20)), "a", few, SMALL)) == 324


def test_random_boxes_are_in_the_image_and_of_the_shares_and_ratios_asked_for():
    rng = np.random.default_rng(0)
    boxes = np.array([random_box(300, 200, rng) for _ in range(2000)])
    left, top, width, height = boxes.T
    assert (left >= 0).all()
    assert (top >= 0).all()
    assert (left + width <= 300).all()
    assert (top + height <= 200).all()
    shares, ratios = width * height / 60_000, width / height
    assert 0.075 < shares.min() < 0.1
    # At a ratio of 4:3 the image has room for 8/9 of its area.
    assert 0.85 < shares.max() <= 8 / 9
    assert 0.74 < ratios.min() < 0.77
    assert 1.30 < ratios.max() < 1.35


@pytest.mark.parametrize(
    ("size", "expected"),
    [((1000, 3), (498, 0, 4, 3)), ((3, 1000), (0, 498, 3, 4)), ((1, 1), (0, 0, 1, 1))],
)
def test_of_an_image_that_no_box_fits_the_middle_is_taken(size, expected):
    boxes = {random_box(*size, np.random.default_rng(seed)) for seed in range(40)}
    assert expected in boxes
    assert all(0 < width <= size[0] and 0 < height <= size[1] for _, _, width, height in boxes)


def test_mixing_a_plain_image_leaves_its_middle_alone():
    """Chains move, shear and rotate by a few pixels, and stretch contrast; none adds noise."""
    plain = Image.new("RGB", (100, 100), (128, 128, 128))
    copies = augment(plain, "a", Adaptation(augmentation="augmix", k=8), SMALL)
    middle = copies[:, 20:44, 20:44]
    assert np.ptp(middle, axis=(1, 2)).max() < 1e-3

"""Corruptions of training images, worked out by hand or held against SciPy."""

import io
from typing import get_args

import numpy as np
import pytest
import torch
from PIL import Image
from scipy.ndimage import gaussian_filter

from wildframe.core.choices import Noise
from wildframe.models import noise
from wildframe.models.noise import CORRUPTIONS, SEVERITIES, corrupt


def flat(value, side=64):
    return torch.full((3, side, side), value, dtype=torch.uint8)


def photo(side=64):
    """Soft blotches of colour with a bright square: something that JPEG and blur change."""
    rng = np.random.default_rng(0)
    image = gaussian_filter(rng.normal(size=(3, side, side)), (0, 2, 2))
    image = (40 + 160 * (image - image.min()) / np.ptp(image)).astype(np.uint8)
    image[:, 8:16, 8:16] = 255
    return torch.from_numpy(image)


def seeded(kind, image, level):
    torch.manual_seed(0)
    return CORRUPTIONS[kind](image, SEVERITIES[kind][level])


def test_each_noise_of_the_config_is_there():
    assert CORRUPTIONS.keys() == SEVERITIES.keys() == set(get_args(Noise))


@pytest.mark.parametrize("kind", get_args(Noise))
def test_images_stay_images_and_each_level_is_stronger(kind):
    image = photo()
    before = image.clone()
    distances = []
    for level in range(5):
        changed = seeded(kind, image, level)
        assert (changed.dtype, changed.shape) == (torch.uint8, image.shape)
        distances.append((changed.float() - image.float()).pow(2).mean().item())
    assert torch.equal(image, before)
    assert distances[0] > 0
    assert distances == sorted(set(distances))


def test_contrast_draws_each_channel_to_its_mean():
    image = torch.zeros((3, 2, 2), dtype=torch.uint8)
    image[0] = torch.tensor([[100, 200], [100, 200]])
    image[1] = 50
    changed = noise.contrast(image, 0.4)
    # Mean 150: 150 -+ 0.4 * 50.
    assert changed[0].tolist() == [[130, 170], [130, 170]]
    assert changed[1].unique().tolist() == [50]
    assert changed[2].unique().tolist() == [0]


@pytest.mark.parametrize("kind", ["gaussian_blur", "contrast", "jpeg_compression"])
def test_images_of_a_batch_are_changed_as_each_alone(kind):
    images = torch.stack([photo(), photo().flip(-1) // 2])
    changed = seeded(kind, images, 4)
    assert torch.equal(changed, torch.stack([seeded(kind, image, 4) for image in images]))


def test_gaussian_noise_has_the_standard_deviation():
    changed = seeded("gaussian_noise", flat(128), 0).float() - 128
    # 12,288 values: the standard deviation 0.08 * 255 = 20.4 is known to about 0.13.
    assert changed.std().item() == pytest.approx(20.4, abs=0.5)
    assert changed.mean().item() == pytest.approx(0, abs=0.7)
    black = seeded("gaussian_noise", flat(0), 4)
    assert 0.45 < (black == 0).float().mean().item() < 0.55


def test_shot_noise_counts_photons():
    changed = seeded("shot_noise", flat(51), 4).float()
    # Of 3 photons for white, 0.6 for this grey: counts of 0, 1, 2, and 3 or more, which are white.
    assert changed.unique().tolist() == [0, 85, 170, 255]
    shares = [(changed == value).float().mean().item() for value in (0, 85, 170)]
    assert shares == pytest.approx(
        [np.exp(-0.6), 0.6 * np.exp(-0.6), 0.18 * np.exp(-0.6)], abs=0.02
    )
    assert seeded("shot_noise", flat(0), 4).max() == 0


@pytest.mark.parametrize(("level", "photons"), [*enumerate([60, 25, 12, 5, 3])])
def test_shot_noise_has_the_published_photons_at_each_level(level, photons):
    # White is a mean of so many, and dark grey of few: one of them is a step.
    assert seeded("shot_noise", flat(10), level).unique()[1] == round(255 / photons)


@pytest.mark.parametrize(("level", "amount"), [*enumerate([0.03, 0.06, 0.09, 0.17, 0.27])])
def test_impulse_noise_has_the_published_amount_at_each_level(level, amount):
    # Of 786,432 values: the share is known to about 0.0005.
    changed = seeded("impulse_noise", flat(128, 512), level)
    assert (changed != 128).float().mean().item() == pytest.approx(amount, abs=0.002)


@pytest.mark.parametrize(("level", "quality"), [*enumerate([25, 18, 15, 10, 7])])
def test_jpeg_has_the_published_quality_at_each_level(level, quality):
    file = io.BytesIO()
    Image.fromarray(photo().permute(1, 2, 0).numpy()).save(file, "JPEG", quality=quality)
    expected = torch.from_numpy(np.array(Image.open(file))).permute(2, 0, 1)
    assert torch.equal(seeded("jpeg_compression", photo(), level), expected)


def test_impulse_noise_sets_values_of_single_channels_to_the_ends():
    changed = seeded("impulse_noise", flat(128), 4)
    assert changed.unique().tolist() == [0, 128, 255]
    for end in (0, 255):
        assert (changed == end).float().mean().item() == pytest.approx(0.135, abs=0.015)
    assert not torch.equal(changed[0], changed[1])


@pytest.mark.parametrize("level", range(5))
def test_blur_is_scipys(level):
    image, sigma = photo(), SEVERITIES["gaussian_blur"][level]
    expected = [
        gaussian_filter(channel.numpy().astype(float), sigma, mode="nearest") for channel in image
    ]
    changed = noise.gaussian_blur(image, sigma)
    assert np.abs(changed.numpy() - np.stack(expected)).max() < 0.51
    assert torch.equal(noise.gaussian_blur(flat(77, 8), sigma), flat(77, 8))


def test_jpeg_keeps_a_plain_image_and_hurts_edges():
    assert (noise.jpeg_compression(flat(128), 7).int() - 128).abs().max() <= 2
    # Written and read as RGB: red stays red.
    red = torch.zeros((3, 16, 16), dtype=torch.uint8)
    red[0] = 200
    changed = noise.jpeg_compression(red, 25).float().mean((1, 2))
    assert changed[0] > 180
    assert changed[1:].max() < 20


def test_half_of_the_images_are_corrupted_at_any_level(monkeypatch):
    seen = []

    def record(images, amount):
        seen.extend([amount] * len(images))
        return images + 1

    monkeypatch.setitem(CORRUPTIONS, "contrast", record)
    images = torch.zeros((1000, 3, 1, 1), dtype=torch.uint8)
    torch.manual_seed(0)
    changed = corrupt(images, "contrast")
    # Three standard deviations: 47 of 1,000 images, 27 of 100 a level.
    assert 453 <= changed[:, 0].sum() == len(seen) <= 547
    assert all(70 <= seen.count(amount) <= 130 for amount in SEVERITIES["contrast"])
    torch.manual_seed(0)
    assert torch.equal(corrupt(images, "contrast"), changed)
    assert images.max() == 0

"""Jitter of a batch against torchvision's functions, image by image."""

import pytest
import torch
from torchvision.transforms import functional

from wildframe.models.jitter import adjusted, jitter

BY_TORCHVISION = (
    functional.adjust_brightness,
    functional.adjust_contrast,
    functional.adjust_saturation,
)
ORDERS = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]]


def noise(count):
    generator = torch.Generator().manual_seed(0)
    return torch.randint(256, (count, 3, 9, 7), generator=generator, dtype=torch.uint8)


def test_a_batch_is_adjusted_as_torchvision_adjusts_each_image():
    images = noise(6)
    before = images.clone()
    factors = torch.tensor([[0.6, 1.4, 1.0, 0.8, 1.2, 0.9], [1.3] * 6, [0.7] * 6])
    found = adjusted(images, factors, torch.tensor(ORDERS))
    for position, order in enumerate(ORDERS):
        expected = images[position]
        for adjustment in order:
            factor = factors[adjustment, position].item()
            expected = BY_TORCHVISION[adjustment](expected, factor)
        assert (found[position].int() - expected.int()).abs().max() <= 1  # sums in other orders
        assert (found[position] == expected).float().mean() > 0.99
    assert torch.equal(images, before)


@pytest.mark.parametrize("position", [0, 1, 2])
def test_a_factor_of_one_changes_nothing(position):
    images = noise(4)
    factors = torch.ones(3, 4)
    orders = torch.tensor([[0, 1, 2]] * 4)
    assert torch.equal(adjusted(images, factors, orders), images)
    factors[position] = 0.5
    assert not torch.equal(adjusted(images, factors, orders), images)


def test_each_image_has_factors_and_an_order_of_its_own():
    torch.manual_seed(0)
    images = noise(1).expand(50, -1, -1, -1)
    changed = jitter(images, 0.4)
    assert len({tuple(image.flatten().tolist()) for image in changed}) == 50
    torch.manual_seed(0)
    assert torch.equal(jitter(images, 0.4), changed)

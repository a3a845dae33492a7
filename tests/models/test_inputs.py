import numpy as np
import pytest
import torch
from PIL import Image

from wildframe.models import zoo_entry
from wildframe.models.inputs import normalize

CPU = torch.device("cpu")


def test_normalization_is_torchvisions():
    from torchvision.transforms import functional

    entry = zoo_entry("resnet50.a1_in1k")
    image = np.random.default_rng(0).integers(0, 256, (1, 8, 8, 3), dtype=np.uint8)
    expected = functional.normalize(
        functional.to_tensor(Image.fromarray(image[0])), entry.mean, entry.std
    )
    assert torch.equal(normalize(image, entry, CPU)[0], expected)


def test_caffe_models_see_bgr_from_0_to_255_minus_their_mean():
    entry = zoo_entry("squeezenet1_1")
    image = np.array([[[[10, 20, 30]]]], np.uint8)
    blue, green, red = normalize(image, entry, CPU)[0, :, 0, 0].tolist()
    assert blue == pytest.approx(30 - 104.006, abs=0.01)
    assert green == pytest.approx(20 - 116.669, abs=0.01)
    assert red == pytest.approx(10 - 122.679, abs=0.01)

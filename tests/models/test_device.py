import pytest
import torch

from wildframe.core.errors import UserError
from wildframe.models.device import choose_device

CPU = torch.device("cpu")


def test_auto_takes_what_is_there():
    there = torch.cuda.is_available() or torch.backends.mps.is_available()
    assert (choose_device("auto") == CPU) is not there
    assert choose_device("cpu") == CPU


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has the device")
def test_a_device_that_is_not_there_is_named():
    with pytest.raises(UserError, match="device 'cuda' is not available here"):
        choose_device("cuda")
    with pytest.raises(UserError, match="device 'gpu' is not available here"):
        choose_device("gpu")

"""The device that a model runs on, and the set-up of the process for it."""

from typing import TYPE_CHECKING

from wildframe.core.choices import InferencePrecision
from wildframe.core.errors import UserError
from wildframe.models.gpus import take_gpus

if TYPE_CHECKING:
    import torch


def set_up_torch(
    device_name: str, threads: int, precision: InferencePrecision = "fp32"
) -> "torch.device":
    """Set the CPU threads of this process, the precision of GPUs, and cuDNN to determinism.

    Of several GPUs the process takes one for itself, unless the name has its index.

    Returns:
        The device; errors as in `choose_device`.
    """
    if device_name in ("auto", "cuda"):
        take_gpus()
    import torch

    torch.set_num_threads(threads)
    torch.backends.cudnn.allow_tf32 = precision == "tf32"
    torch.backends.cuda.matmul.allow_tf32 = precision == "tf32"
    torch.backends.cudnn.deterministic = True
    return choose_device(device_name)


def choose_device(name: str) -> "torch.device":
    """Return a torch device; ``auto`` takes the first available of cuda, mps and cpu.

    Raises:
        UserError: The device is not available.
    """
    import torch

    if name == "auto":
        if torch.cuda.is_available():
            name = "cuda"
        else:
            name = "mps" if torch.backends.mps.is_available() else "cpu"
    try:
        device = torch.device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        raise UserError(
            f"device {name!r} is not available here ({str(error).splitlines()[0]}); "
            "set predictions.device to auto or cpu"
        ) from error
    return device

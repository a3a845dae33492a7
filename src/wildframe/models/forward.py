"""A model's forward pass on a device: its precision, and what happens where memory ends."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

import torch

from wildframe.core.choices import InferencePrecision

Output = TypeVar("Output")


class InParts(Generic[Output]):
    """A function of batches, which go through in smaller parts once a GPU does not hold them."""

    def __init__(self, run: Callable[[Any], Output], name: str) -> None:
        """Take a function of a tensor or a list of images, and the model's name for the log."""
        self._run, self._name = run, name
        self._largest: int | None = None

    def __call__(self, images: Any) -> list[Output]:
        """Return the outputs of the parts of a batch, in order.

        Raises:
            torch.cuda.OutOfMemoryError: The memory does not even hold one image.
        """
        while True:
            size = self._largest or len(images)
            try:
                return [self._run(images[at : at + size]) for at in range(0, len(images), size)]
            except torch.cuda.OutOfMemoryError:
                if size == 1:
                    raise
            # Outside of the handler: what it refers to would stay in memory.
            torch.cuda.empty_cache()
            self._largest = size // 2
            print(
                f"{self._name}: {size} images do not fit into the memory of the GPU; it is given "
                f"{self._largest} at a time",
                flush=True,
            )


class Forward:
    """Maps inputs of a model, shape (n, 3, height, width), to its outputs, float32."""

    def __init__(
        self,
        model: Callable[[torch.Tensor], torch.Tensor],
        name: str,
        precision: InferencePrecision,
    ) -> None:
        """Take a model in evaluation mode, and its name for the log."""
        self._model, self._mixed = model, precision == "bf16"
        self._in_parts = InParts(self._outputs, name)

    def __call__(self, images: torch.Tensor) -> torch.Tensor:
        """Return the outputs, shape (n, classes); errors as those of `InParts`."""
        return torch.cat(self._in_parts(images))

    def _outputs(self, images: torch.Tensor) -> torch.Tensor:
        with (
            torch.inference_mode(),
            torch.autocast(images.device.type, torch.bfloat16, enabled=self._mixed),
        ):
            return self._model(images).float()

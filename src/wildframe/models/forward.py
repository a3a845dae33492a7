"""A model's forward pass on a device: its precision, and what happens where memory ends."""

from collections.abc import Callable

import torch

from wildframe.core.choices import InferencePrecision


class Forward:
    """Maps inputs of a model, shape (n, 3, height, width), to its outputs, float32.

    Once the memory of a GPU does not hold a batch, batches go through in smaller parts.
    """

    def __init__(
        self,
        model: Callable[[torch.Tensor], torch.Tensor],
        name: str,
        precision: InferencePrecision,
    ) -> None:
        """Take a model in evaluation mode, and its name for the log."""
        self._model, self._name = model, name
        self._mixed = precision == "bf16"
        self._largest: int | None = None

    def __call__(self, images: torch.Tensor) -> torch.Tensor:
        """Return the outputs, shape (n, classes).

        Raises:
            torch.cuda.OutOfMemoryError: The memory does not even hold one image.
        """
        while True:
            size = self._largest or len(images)
            try:
                with (
                    torch.inference_mode(),
                    torch.autocast(images.device.type, torch.bfloat16, enabled=self._mixed),
                ):
                    parts = images.split(size)  # type: ignore[no-untyped-call]
                    return torch.cat([self._model(part).float() for part in parts])
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

"""A model that predicts preprocessed images, batch by batch: in torch, or exported."""

from collections.abc import Callable, Iterable, Iterator, Sized
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Self, TypeVar

from wildframe.core.allocator import keep_freed_memory
from wildframe.core.arrays import Floats32
from wildframe.core.choices import InferencePrecision
from wildframe.core.progress import progress
from wildframe.frames.encode import Pixels
from wildframe.frames.preprocessing import Batch, Crop, batches
from wildframe.models.device import set_up_torch
from wildframe.models.exported import open_exported, torch_facts
from wildframe.models.inputs import normalize, standardize
from wildframe.models.weights import as_trained, load, own_classes
from wildframe.models.zoo import ZooEntry
from wildframe.predictions.predicted import TOP, Predicted, top_classes

if TYPE_CHECKING:
    import torch

    from wildframe.models.forward import Forward

_DTYPES: dict[InferencePrecision, str] = {"fp32": "float32", "tf32": "tf32", "bf16": "bfloat16"}
"""Metadata ``dtype`` by precision."""

Item = TypeVar("Item")


@dataclass(frozen=True)
class Inference:
    """One model; its images are in its own preprocessing."""

    entry: ZooEntry
    """The model, with the label space of its weights."""
    model: "torch.nn.Module"
    """In evaluation mode, on ``device``."""
    device: "torch.device"
    batch_size: int
    facts: dict[str, str]
    """What determines predictions, for the metadata of tables."""
    precision: InferencePrecision = "fp32"

    @classmethod
    def open(
        cls,
        entry: ZooEntry,
        weights: Path,
        device_name: str,
        batch_size: int,
        threads: int,
        precision: InferencePrecision = "fp32",
    ) -> Self:
        """Load a model.

        Raises:
            UserError: The weights are absent or another model's, or the device is not available.
        """
        keep_freed_memory()
        import torch

        device = set_up_torch(device_name, threads, precision)
        model = load(entry, weights)
        entry = as_trained(entry, weights)
        facts = torch_facts(model, entry) | own_classes(weights)
        facts |= {"device": str(device), "backend": "torch", "dtype": _DTYPES[precision]}
        # On a CPU, convolutions are 1.3 to 2.3 times faster in this memory format.
        model = model.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        return cls(entry, model, device, batch_size, facts, precision)

    def batches(
        self, crops: Iterable[Crop]
    ) -> "Iterator[tuple[list[str], list[str], torch.Tensor]]":
        """Yield ``image_id`` and ``view_key`` of the images of a batch, and the model's input."""
        for batch in _batches(self.entry, crops, self.batch_size):
            images = normalize(batch.pixels, self.entry, self.device)
            yield batch.image_ids, batch.view_keys, images

    def predicted(self, crops: Iterable[Crop]) -> Iterator[Predicted]:
        """Yield what is predicted on each batch.

        A GPU computes the next batch while the caller has this one, and a thread reads ahead.
        """
        inputs: Iterable[tuple[Batch, torch.Tensor]] = map(
            self._to_device, _batches(self.entry, crops, self.batch_size)
        )
        if self._is_gpu:
            inputs = ahead(inputs)
        started = (self._start(batch, pixels) for batch, pixels in inputs)
        # The next is started before this one is waited for.
        for finish, _ in pairwise(chain(started, [None])):
            assert finish is not None  # noqa: S101
            yield finish()

    @property
    def _is_gpu(self) -> bool:
        return self.device.type == "cuda"

    @cached_property
    def _forward(self) -> "Forward":
        from wildframe.models.forward import Forward

        return Forward(self.model, self.entry.name, self.precision)

    def _to_device(self, batch: Batch) -> "tuple[Batch, torch.Tensor]":
        """Return a batch, and its pixels on the device; CUDA copies them when it comes to it."""
        import torch

        pixels = torch.from_numpy(batch.pixels)
        if self._is_gpu:
            pixels = pixels.pin_memory()
        return batch, pixels.to(self.device, non_blocking=self._is_gpu)

    def _start(self, batch: Batch, pixels: "torch.Tensor") -> Callable[[], Predicted]:
        """Start the forward pass of a batch, and return the function that waits for its end."""
        import torch

        logits = self._forward(standardize(pixels.permute(0, 3, 1, 2), self.entry))
        if not self._is_gpu:
            logits = logits.cpu()  # others have no float64
        order, probabilities = top_of_tensor(logits)
        found = [
            part.to("cpu", non_blocking=self._is_gpu) for part in (logits, order, probabilities)
        ]
        copied = torch.cuda.current_stream(self.device).record_event() if self._is_gpu else None

        def finish() -> Predicted:
            if copied:
                copied.synchronize()
            return Predicted(batch.image_ids, batch.view_keys, *(part.numpy() for part in found))

        return finish

    def predictions(self, crops: Iterable[Crop]) -> Iterator[tuple[list[str], list[str], Floats32]]:
        """Yield ``image_id`` and ``view_key`` of the images of a batch, and logits (n, classes)."""
        for batch in _batches(self.entry, crops, self.batch_size):
            yield batch.image_ids, batch.view_keys, self.logits(batch)

    def logits(self, batch: Batch) -> Floats32:
        """Return the logits of a batch, shape (n, classes)."""
        images = normalize(batch.pixels, self.entry, self.device)
        logits: Floats32 = self._forward(images).cpu().numpy()
        return logits


@dataclass(frozen=True)
class ExportedInference:
    """The same of an exported model, which imports no torch."""

    entry: ZooEntry
    batch_size: int
    facts: dict[str, str]
    run: Callable[[Pixels], Floats32]

    @classmethod
    def open(
        cls,
        entry: ZooEntry,
        weights: Path,
        exported: Path,
        export_facts: Path,
        batch_size: int,
        threads: int,
    ) -> Self:
        """Open an export of the weights.

        Raises:
            UserError: A file is absent, or is not what `models.exported.export` wrote.
        """
        run, facts = open_exported(exported, export_facts, threads)
        facts |= own_classes(weights)
        return cls(as_trained(entry, weights), batch_size, facts, run)

    def predicted(self, crops: Iterable[Crop]) -> Iterator[Predicted]:
        """Yield the same as `Inference.predicted`."""
        for batch in _batches(self.entry, crops, self.batch_size):
            logits = self.logits(batch)
            yield Predicted(batch.image_ids, batch.view_keys, logits, *top_classes(logits))

    def logits(self, batch: Batch) -> Floats32:
        """Return the same as `Inference.logits`."""
        return self.run(batch.pixels)


def top_of_tensor(logits: "torch.Tensor", k: int = TOP) -> "tuple[torch.Tensor, torch.Tensor]":
    """Return the same as `top_classes`, computed where the logits are."""
    exact = logits.double()
    order = exact.argsort(dim=1, descending=True, stable=True)[:, :k]
    return order, exact.softmax(dim=1).gather(1, order)


def ahead(items: Iterable[Item]) -> Iterator[Item]:
    """Yield items that a thread takes out of an iterable, one ahead of the caller."""
    rest, end = iter(items), object()
    with ThreadPoolExecutor(1) as reader:
        following = reader.submit(next, rest, end)
        while (item := following.result()) is not end:
            following = reader.submit(next, rest, end)
            yield item  # type: ignore[misc]


def _batches(entry: ZooEntry, crops: Iterable[Crop], batch_size: int) -> Iterable[Batch]:
    return progress(
        batches(crops, batch_size),
        total=len(crops) if isinstance(crops, Sized) else None,
        unit="image",
        label=entry.name,
        size=lambda batch: len(batch.image_ids),
    )

"""A model and the preprocessed images that it evaluates, batch by batch: in torch, or exported."""

from collections.abc import Callable, Iterable, Iterator, Sized
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from wildframe.core.progress import progress
from wildframe.frames.encode import Pixels
from wildframe.frames.preprocessing import Batch, Crop, batches
from wildframe.models.device import set_up_torch
from wildframe.models.exported import Logits, open_exported, torch_facts
from wildframe.models.inputs import normalize
from wildframe.models.weights import as_trained, load, own_classes
from wildframe.models.zoo import ZooEntry

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Inference:
    """One model and the images of one dataset and view."""

    entry: ZooEntry
    """The model, with the label space of its weights."""
    model: "torch.nn.Module"
    """In evaluation mode, on ``device``."""
    device: "torch.device"
    crops: Iterable[Crop]
    """In the preprocessing of the model."""
    batch_size: int
    facts: dict[str, str]
    """What determines predictions, for the metadata of tables."""

    @classmethod
    def open(
        cls,
        entry: ZooEntry,
        weights: Path,
        crops: Iterable[Crop],
        *,
        device_name: str,
        batch_size: int,
        threads: int,
    ) -> Self:
        """Load a model.

        Raises:
            UserError: The weights are absent or another model's, or the device is not available.
        """
        import torch

        device = set_up_torch(device_name, threads)
        model = load(entry, weights)
        entry = as_trained(entry, weights)
        facts = torch_facts(model, entry) | own_classes(weights)
        facts |= {"device": str(device), "backend": "torch"}
        # On a CPU, convolutions are 1.3 to 2.3 times faster in this memory format.
        model = model.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        return cls(entry, model, device, crops, batch_size, facts)

    def batches(self) -> "Iterator[tuple[list[str], list[str], torch.Tensor]]":
        """Yield ``image_id`` and ``view_key`` of the images of a batch, and the model's input."""
        for batch in _batches(self.entry, self.crops, self.batch_size):
            images = normalize(batch.pixels, self.entry, self.device)
            yield batch.image_ids, batch.view_keys, images

    def predictions(self) -> Iterator[tuple[list[str], list[str], Logits]]:
        """Yield ``image_id`` and ``view_key`` of the images of a batch, and logits (n, classes)."""
        for batch in _batches(self.entry, self.crops, self.batch_size):
            yield batch.image_ids, batch.view_keys, self.logits(batch)

    def logits(self, batch: Batch) -> Logits:
        """Return the logits of a batch, shape (n, classes)."""
        import torch

        with torch.inference_mode():
            images = normalize(batch.pixels, self.entry, self.device)
            logits: Logits = self.model(images).float().cpu().numpy()
        return logits


@dataclass(frozen=True)
class ExportedInference:
    """The same of an exported model, which imports no torch."""

    entry: ZooEntry
    crops: Iterable[Crop]
    batch_size: int
    facts: dict[str, str]
    run: Callable[[Pixels], Logits]

    @classmethod
    def open(
        cls,
        entry: ZooEntry,
        weights: Path,
        exported: Path,
        export_facts: Path,
        crops: Iterable[Crop],
        *,
        batch_size: int,
        threads: int,
    ) -> Self:
        """Open an export of the weights.

        Raises:
            UserError: A file is absent, or is not what `models.exported.export` wrote.
        """
        run, facts = open_exported(exported, export_facts, threads)
        facts |= own_classes(weights)
        return cls(as_trained(entry, weights), crops, batch_size, facts, run)

    def predictions(self) -> Iterator[tuple[list[str], list[str], Logits]]:
        """Yield the same as `Inference.predictions`."""
        for batch in _batches(self.entry, self.crops, self.batch_size):
            yield batch.image_ids, batch.view_keys, self.logits(batch)

    def logits(self, batch: Batch) -> Logits:
        """Return the same as `Inference.logits`."""
        return self.run(batch.pixels)


def _batches(entry: ZooEntry, crops: Iterable[Crop], batch_size: int) -> Iterable[Batch]:
    return progress(
        batches(crops, batch_size),
        total=len(crops) if isinstance(crops, Sized) else None,
        unit="image",
        label=entry.name,
        size=lambda batch: len(batch.image_ids),
    )

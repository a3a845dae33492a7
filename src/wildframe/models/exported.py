"""A model exported for the CPU: ONNX Runtime starts and runs without torch and timm.

The graph takes preprocessed images as they are and normalizes them itself. An export is used only
if it predicts the same class as torch on images of the run, which its facts record.
"""

import hashlib
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from wildframe.core.arrays import Floats32
from wildframe.core.errors import UserError
from wildframe.core.files import atomic_path, require_file
from wildframe.core.seals import read_sealed, write_sealed
from wildframe.frames.encode import Pixels
from wildframe.models.inputs import normalize, standardize
from wildframe.models.weights import as_trained, sha256_tensors, weights_facts
from wildframe.models.zoo import ZooEntry

if TYPE_CHECKING:
    import torch

_REMEDY = "make it with `wildframe models export`"


def made_of(entry: ZooEntry, weights: Path) -> dict[str, Any]:
    """Return what an export is made of: what a model is, and what a file tells of its weights.

    Raises:
        UserError: The weights are absent or unsound.
    """
    return {"entry": as_trained(entry, weights).facts, "weights": weights_facts(weights)}


def export(
    model: "torch.nn.Module",
    entry: ZooEntry,
    origin: Mapping[str, Any],
    images: Sequence[Pixels],
    output: Path,
    facts: Path,
) -> None:
    """Write a model as an ONNX file, and how its predictions compare with those of torch.

    Where it cannot be exported the file is empty and the facts say why.

    Args:
        model: In evaluation mode, on the CPU.
        entry: What the model is.
        origin: As `made_of` returns it.
        images: Preprocessed images of the run that it is compared on, each RGB uint8 of shape
            (crop, crop, 3).
        output: ONNX file to write.
        facts: JSON file to write.
    """
    sample = np.stack(images)
    found = {"images": len(sample), "predictions": torch_facts(model, entry), "origin": origin}
    with atomic_path(output) as temporary:
        try:
            found |= _write_and_compare(model, entry, sample, temporary)
        except Exception as error:  # the exporter raises anything
            temporary.write_bytes(b"")
            found["problem"] = str(error).strip().partition("\n")[0]
        found["sha256"] = hashlib.sha256(temporary.read_bytes()).hexdigest()
    write_sealed(facts, found)


def _write_and_compare(
    model: "torch.nn.Module", entry: ZooEntry, sample: Pixels, path: Path
) -> dict[str, Any]:
    import torch

    _write(model, entry, sample, path)
    given = _session(path.read_bytes(), threads=1)(sample)
    with torch.inference_mode():
        expected = model(normalize(sample, entry, torch.device("cpu"))).numpy()
    return {
        "same_top1": int((given.argmax(axis=1) == expected.argmax(axis=1)).sum()),
        "largest_difference": float(np.abs(given - expected).max()),
    }


def torch_facts(model: "torch.nn.Module", entry: ZooEntry) -> dict[str, str]:
    """Return what determines the predictions of a model, for the metadata of tables."""
    from importlib.metadata import version

    import torch

    return {
        "model": entry.name,
        "weights_sha256": sha256_tensors(model),
        "label_space": entry.label_space,
        "preprocessing": str(entry.preprocessing),
        "normalization": f"{entry.channels} mean {entry.mean} std {entry.std}",
        "dtype": "float32",
        "torch_version": torch.__version__,
        "timm_version": version("timm"),
    }


def disagreement(facts: Path, origin: Mapping[str, Any]) -> str | None:
    """Return why an export is not to be used, None if it predicts as torch does.

    Args:
        facts: Its facts.
        origin: As `made_of` returns it for what is to be run. An export may be due to be made anew,
            for which predictions do not wait.

    Raises:
        UserError: The file is absent or is not what `export` wrote.
    """
    found = _read(facts)
    if found.get("origin") != origin:
        return "its export is of other weights or settings"
    if problem := found.get("problem"):
        return f"it cannot be exported ({problem})"
    if found["same_top1"] < found["images"]:
        return f"its export has the top-1 of torch on {found['same_top1']} of {found['images']}"
    return None


def open_exported(
    path: Path, facts: Path, threads: int
) -> tuple[Callable[[Pixels], Floats32], dict[str, str]]:
    """Return the function from preprocessed images to logits, and what determines predictions.

    Images are RGB uint8 of shape (n, crop, crop, 3), logits of shape (n, classes).

    Raises:
        UserError: A file is absent or is not what `export` wrote.
    """
    from importlib.metadata import version

    found = _read(facts)
    content = require_file(path, _REMEDY).read_bytes()
    if hashlib.sha256(content).hexdigest() != found["sha256"]:
        raise UserError(f"{path}: not the file that {facts} describes; delete both and rerun")
    compared = f"top-1 on {found['same_top1']} of {found['images']} images"
    backend = {
        "device": "cpu",
        "backend": f"onnxruntime {version('onnxruntime')}",
        "agrees_with_torch": f"{compared}, logits within {found['largest_difference']:.1e}",
    }
    return _session(content, threads), found["predictions"] | backend


def _read(facts: Path) -> dict[str, Any]:
    found = read_sealed(require_file(facts, _REMEDY))
    if found is None or not found.keys() & {"problem", "same_top1"}:
        raise UserError(f"{facts}: not the facts of an export, or damaged; delete it and rerun")
    return found


def _write(model: "torch.nn.Module", entry: ZooEntry, sample: Pixels, path: Path) -> None:
    import torch

    class FromPixels(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, pixels: "torch.Tensor") -> "torch.Tensor":
            logits: torch.Tensor = self.model(standardize(pixels.permute(0, 3, 1, 2), entry))
            return logits

    with warnings.catch_warnings():
        # It is said to be deprecated; the newer exporter takes minutes where this takes seconds.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            FromPixels().eval(),
            # Of one image: as sizes are known, padding becomes part of the convolution after it.
            (torch.from_numpy(sample[:1]),),
            str(path),
            dynamo=False,
            input_names=["images"],
            output_names=["logits"],
        )


def _session(content: bytes, threads: int) -> Callable[[Pixels], Floats32]:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])

    def run(pixels: Pixels) -> Floats32:
        logits = [session.run(["logits"], {"images": image[None]})[0] for image in pixels]
        return np.concatenate(logits)

    return run

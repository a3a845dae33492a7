"""Grad-CAM: the evidence for a class in each region of an image (Selvaraju et al., 2019).

Maps are kept at the resolution and scale of the layer: resized and scaled image by image, as the
package ``grad-cam`` returns them, they would hide their strength.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from wildframe.core.arrays import Floats32
from wildframe.core.errors import UserError
from wildframe.core.schemas import GRADCAMS
from wildframe.core.tables import Row, write_rows
from wildframe.frames.preprocessing import Crop
from wildframe.manifests.labels import read_labels
from wildframe.models.zoo import ZooEntry
from wildframe.predictions.inference import Inference
from wildframe.predictions.zoom import Classes

if TYPE_CHECKING:
    import torch


def gradcam(
    inference: Inference, crops: Iterable[Crop], manifest: Path, classes: Classes, output: Path
) -> None:
    """Write two maps of every image: of its label, and of the predicted class.

    Of several classes that count as the label, the most probable is explained. An image without a
    label that can be predicted has only the latter.

    Args:
        inference: The model.
        crops: The images.
        manifest: Their labels.
        classes: Which of the model's classes can be predicted, and what each counts as.
        output: ``GRADCAMS`` to write.

    Raises:
        UserError: An image is not in the manifest, or the gradient at the layer is zero.
    """
    entry = inference.entry
    write_rows(
        output,
        GRADCAMS,
        _rows(inference, crops, manifest, read_labels(manifest), classes),
        config={"model": entry.name},
        facts=inference.facts | {"gradcam_layer": str(entry.gradcam_layer)},
    )


def names_of(inference: Inference, classes: Classes) -> list[str]:
    """Return the wnid of what each class of a model counts as; its own if it counts as none."""
    own = Classes.of(inference.facts).wnids
    return [str(counted or wnid) for counted, wnid in zip(classes.wnids, own, strict=True)]


def _rows(
    inference: Inference,
    crops: Iterable[Crop],
    manifest: Path,
    labels: Mapping[str, Sequence[str]],
    classes: Classes,
) -> Iterator[Row]:
    names = names_of(inference, classes)
    explainer = Explainer.of(inference)
    for image_ids, view_keys, images in inference.batches(crops):
        if unknown := set(image_ids) - labels.keys():
            raise UserError(
                f"{manifest}: image {min(unknown)} is not in it; name the manifest that the images "
                "were made from"
            )
        logits = explainer.forward(images)
        scores = logits.detach().float().cpu().numpy()
        predicted = np.where(classes.predictable, scores, -np.inf).argmax(axis=1)
        targets: dict[str, list[int | None]] = {
            "label": [
                max(_of_label(labels[image_id], classes), key=of_image.__getitem__, default=None)
                for image_id, of_image in zip(image_ids, scores, strict=True)
            ],
            "predicted": predicted.tolist(),
        }
        results = {name: explainer.maps(logits, indices) for name, indices in targets.items()}
        require_gradients(inference.entry, *(gradients for _, gradients in results.values()))
        for position, image_id in enumerate(image_ids):
            for target_is, indices in targets.items():
                if (index := indices[position]) is not None:
                    key = image_id, view_keys[position], target_is
                    yield map_row(key, names[index], results[target_is][0][position])


def _of_label(labels: Sequence[str], classes: Classes) -> list[int]:
    """Return the classes that count as the first of an image's labels that can be predicted."""
    return next((classes.of_wnid[wnid] for wnid in labels if wnid in classes.of_wnid), [])


def map_row(key: tuple[str, str, str], target: str, values: Floats32) -> Row:
    """Return a row of ``gradcams``.

    Args:
        key: ``image_id``, ``view_key`` and ``target_is``.
        target: wnid of what the map explains, in the label space that is scored in.
        values: The map, shape (height, width).
    """
    return dict(zip(GRADCAMS.key, key, strict=True)) | {
        "target": target,
        "height": values.shape[0],
        "width": values.shape[1],
        "map": values.ravel().tolist(),
    }


def require_gradients(entry: ZooEntry, *gradients: Floats32) -> None:
    """Raise a `UserError` if all gradients at the layer of a model are zero."""
    if not any(one.any() for one in gradients):
        raise UserError(
            f"{entry.name}: the gradient at its layer {entry.gradcam_layer} is zero, so Grad-CAM "
            "shows nothing; set another gradcam_layer in the zoo (of a ViT the last block's norm1)"
        )


class Explainer:
    """Grad-CAM of one layer of a model: one forward pass, then maps of any classes."""

    def __init__(self, model: "torch.nn.Module", layer: str) -> None:
        """Choose a layer of a model in evaluation mode, and freeze the model's parameters."""
        model.requires_grad_(False)
        self._model = model
        self._layer = model.get_submodule(layer)

    @classmethod
    def of(cls, inference: Inference) -> Self:
        """Return the explainer of a model.

        Raises:
            UserError: No layer of it is known to have positions in the image.
        """
        entry = inference.entry
        if entry.gradcam_layer is None:
            raise UserError(
                f"{entry.name}: no layer of it is known to have positions in the image, which "
                "Grad-CAM needs; choose another model"
            )
        return cls(inference.model, entry.gradcam_layer)

    def _begin_graph(self, _layer: Any, _inputs: Any, output: "torch.Tensor") -> "torch.Tensor":
        # No gradient is needed before the layer: there the pass costs as much as a prediction.
        self._output = output.detach().requires_grad_()
        return self._output

    def forward(
        self, images: "torch.Tensor", weights: "Mapping[str, torch.Tensor] | None" = None
    ) -> "torch.Tensor":
        """Return the logits of shape (n, classes) with their graph from the layer on.

        Args:
            images: Inputs of the model, shape (n, 3, height, width).
            weights: Stand for the model's own by their names.
        """
        from torch.func import functional_call

        # Only here: other passes need the graph before the layer.
        hook = self._layer.register_forward_hook(self._begin_graph)
        try:
            logits: torch.Tensor = functional_call(self._model, dict(weights or {}), (images,))
        finally:
            hook.remove()
        return logits

    def maps(
        self, logits: "torch.Tensor", targets: Sequence[int | None]
    ) -> tuple[Floats32, Floats32]:
        """Return the maps of the images of the last `forward`, and the gradients behind them.

        Args:
            logits: What `forward` returned.
            targets: Class index of each image; its map is zero where None.

        Returns:
            Maps of shape (n, height, width), negative values cut to 0, and the gradients of the
            layer's output, of shape (n, channels, height, width).
        """
        import torch

        one_hot = torch.zeros_like(logits)
        for position, index in enumerate(targets):
            if index is not None:
                one_hot[position, index] = 1
        (slopes,) = torch.autograd.grad(logits, self._output, one_hot, retain_graph=True)
        activations, gradients = (
            channels_first(values, self._model).detach().cpu().numpy()
            for values in (self._output, slopes)
        )
        weights = gradients.mean(axis=(2, 3), keepdims=True)
        return np.maximum((weights * activations).sum(axis=1), 0), gradients


def channels_first(output: "torch.Tensor", model: "torch.nn.Module") -> "torch.Tensor":
    """Return the output of a layer, or the gradient there, as (n, channels, height, width).

    ViTs have tokens (n, prefix + height * width, channels); prefix tokens (class, distillation,
    registers) have no position in the image. timm's Swin has (n, height, width, channels).
    """
    if output.ndim == 3:
        vit: Any = model
        patches = output[:, vit.num_prefix_tokens :]
        output = patches.reshape(len(patches), *vit.patch_embed.grid_size, patches.shape[-1])
    elif getattr(model, "output_fmt", "NCHW") == "NCHW":
        return output
    return output.permute(0, 3, 1, 2)

"""What a model of images sees in clips: mean logits and features over frames of each."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from wildframe.core.arrays import Floats32
from wildframe.core.schemas import CLIP_PREDICTIONS
from wildframe.core.tables import Row, write_rows
from wildframe.frames.kept import KeptClip
from wildframe.frames.preprocessing import Crop, Preprocessing
from wildframe.predictions.predict import require_finite

if TYPE_CHECKING:
    import torch

    from wildframe.predictions.inference import Inference

HEAD = "object"


def spaced_frames(
    clips: Iterable[KeptClip], count: int, preprocessing: Preprocessing
) -> Iterator[Crop]:
    """Yield up to ``count`` evenly spaced frames of each clip, as a model is shown images.

    The id is that of the clip, the key the position of the frame among the kept ones.
    """
    for clip in clips:
        for position in spaced(len(clip), count):
            yield clip.clip_id, str(position), preprocessing(clip.image(position))


def spaced(frames: int, count: int) -> list[int]:
    """Return the positions of up to ``count`` evenly spaced frames, the first and last included."""
    positions = np.linspace(0, frames - 1, min(frames, count))
    return [int(position) for position in positions.round()]


def predict_objects(
    inference: "Inference", crops: Iterable[Crop], frames: int, output: Path
) -> None:
    """Write the mean logits of a model over the frames of each clip, as head ``object``.

    Args:
        inference: The model.
        crops: The `spaced_frames` of clips.
        frames: Largest number of frames of a clip.
        output: Table to write.

    Raises:
        UserError: A logit is NaN or infinite; names the model and the clip.
    """
    config = {"model": inference.entry.name, "frames": frames}
    rows = _rows(inference, crops)
    write_rows(output, CLIP_PREDICTIONS, rows, config=config, facts=inference.facts)


def _rows(inference: "Inference", crops: Iterable[Crop]) -> Iterator[Row]:
    for clip_id, frames in groupby(_predicted(inference, crops), key=itemgetter(0)):
        _, logits, features = zip(*frames, strict=True)
        yield {
            "clip_id": clip_id,
            "head": HEAD,
            "views": len(logits),
            "scores": _mean(logits),
            "embedding": None if features[0] is None else _mean(features),
        }


def _mean(rows: Sequence[Floats32]) -> Floats32:
    mean: Floats32 = np.stack(rows).mean(axis=0, dtype=np.float64).astype(np.float32)
    return mean


def _predicted(
    inference: "Inference", crops: Iterable[Crop]
) -> Iterator[tuple[str, Floats32, Floats32 | None]]:
    """Yield the clip, the logits and the pooled features of each frame."""
    classifier = _Classifier(inference.model)
    for clip_ids, _, logits in inference.predictions(crops):
        require_finite(inference.entry.name, clip_ids, logits)
        features = classifier.features_of(len(clip_ids))
        yield from zip(clip_ids, logits, features, strict=True)


class _Classifier:
    """The last layer, whose outputs are the classes: what it is given are the features."""

    def __init__(self, model: "torch.nn.Module") -> None:
        import torch

        self._given: Any = None
        self._outputs = 0
        self._taken: list[Floats32] = []
        for module in model.modules():
            if isinstance(module, torch.nn.Linear | torch.nn.Conv2d):
                module.register_forward_hook(self._remember)
        model.register_forward_hook(self._take)

    def features_of(self, count: int) -> Sequence[Floats32 | None]:
        """Return those of the last images, pooled over positions; None without such a layer.

        A batch may have gone through in parts, of which some were run again.
        """
        taken = [features for part in self._taken for features in part]
        self._taken.clear()
        return taken[-count:] or [None] * count

    def _remember(self, layer: Any, inputs: tuple[Any, ...], _: Any) -> None:
        self._given = inputs[0]
        self._outputs = layer.weight.shape[0]

    def _take(self, _: Any, __: Any, logits: Any) -> None:
        if self._outputs == logits.shape[1]:
            self._taken.append(_pooled(self._given).float().cpu().numpy())


def _pooled(features: Any) -> Any:
    """Return the mean over positions of maps (n, features, h, w), or of tokens (n, t, features)."""
    if features.ndim == 4:
        return features.mean(dim=(2, 3))
    return features.flatten(1, -2).mean(dim=1) if features.ndim > 2 else features

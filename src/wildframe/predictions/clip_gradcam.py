"""Grad-CAM over clips: the evidence for the predicted class at each time and place.

Features are pooled before the classifiers, so that maps are of the features as the backbone gives
them (of several pathways, of the first). Like maps of images they are neither resized nor scaled.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import torch
from torch import Tensor

from wildframe.core.errors import UserError
from wildframe.core.schemas import CLIP_GRADCAMS
from wildframe.core.tables import Row, write_rows
from wildframe.frames.kept import KeptClips
from wildframe.models.clips.learner import ClipModel, load_model
from wildframe.models.clips.loading import iter_views, normalised
from wildframe.models.clips.sampling import Sampling, view_positions, view_regions
from wildframe.models.device import set_up_torch
from wildframe.models.weights import sha256_tensors


def explain_clips(
    weights: Path,
    shards: Sequence[Path],
    output: Path,
    *,
    wanted: Sequence[str],
    most: int,
    device_name: str,
    threads: int,
) -> None:
    """Write a map of each head for some clips, from their middle stretch and central crop.

    Args:
        weights: Of `wildframe models train-clips`.
        shards: Kept clips of a dataset.
        output: CLIP_GRADCAMS to write.
        wanted: ``clip_id`` of clips; those that could not be read are left out.
        most: Number of maps, of clips that are spread over those.
        device_name: Device to run on.
        threads: CPU threads, and as many more that load clips.

    Raises:
        UserError: A file is unsound or does not fit the weights.
    """
    device = set_up_torch(device_name, threads)
    model, facts = load_model(weights)
    if facts["appended"]:
        raise UserError(
            f"{weights}: it sees embeddings of teachers beside the clip, which have no place in "
            "it; explain a training without appended teachers"
        )
    kept = KeptClips(shards)
    chosen = spread([clip_id for clip_id in wanted if clip_id in kept], most)
    shown = Sampling(facts["frames"], facts["stride"], facts["crop"]).whole()
    model.to(device).requires_grad_(requires_grad=False)
    write_rows(
        output,
        CLIP_GRADCAMS,
        _rows(model, facts["classes"], kept, shown, chosen, device, threads),
        facts={"weights_sha256": sha256_tensors(model)},
    )


def _rows(
    model: ClipModel,
    classes: dict[str, list[str]],
    kept: KeptClips,
    shown: Sampling,
    chosen: Sequence[str],
    device: torch.device,
    threads: int,
) -> Iterator[Row]:
    for clip_id, views in iter_views(kept, shown, 1, 1, wanted=chosen, threads=threads):
        clip = kept[clip_id]
        (positions,) = view_positions(len(clip), shown.frames, shown.step(kept.stride), 1)
        (region,) = view_regions(clip.width, clip.height, 1)
        for head, (index, found) in gradcam(model, normalised(views.to(device))).items():
            length, height, width = found.shape
            yield {
                "clip_id": clip_id,
                "head": head,
                "class": classes[head][index],
                "positions": positions.tolist(),
                "left": region.left,
                "top": region.top,
                "right": region.right,
                "bottom": region.bottom,
                "length": length,
                "height": height,
                "width": width,
                "map": found.flatten().tolist(),
            }


def gradcam(model: ClipModel, clip: Tensor) -> dict[str, tuple[int, Tensor]]:
    """Return the predicted class of each head, and the evidence for it: (T', H', W').

    Args:
        model: In evaluation mode.
        clip: (1, 3, T, H, W).
    """
    with torch.no_grad():
        first, *others = model.backbone(clip)
    # Only the classifiers need gradients.
    first.requires_grad_()
    found = {}
    for head, logits in model.heads((first, *others), None).items():
        index = int(logits.argmax())
        (slopes,) = torch.autograd.grad(logits[0, index], first, retain_graph=True)
        weights = slopes.mean(dim=(2, 3, 4), keepdim=True)
        found[head] = index, (weights * first.detach()).sum(dim=1)[0].relu().cpu()
    return found


def spread(clip_ids: Sequence[str], most: int) -> list[str]:
    """Return at most so many clips, spread over the list."""
    count = min(most, len(clip_ids))
    return [clip_ids[place * len(clip_ids) // count] for place in range(count)]

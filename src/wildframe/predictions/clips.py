"""Predictions of a network of clips: several views of a clip, aggregated as in the paper."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor

from wildframe.core.choices import ClipTask
from wildframe.core.errors import UserError
from wildframe.core.progress import progress
from wildframe.core.schemas import CLIP_PREDICTIONS, CLIPS
from wildframe.core.tables import Row, read_table, write_rows
from wildframe.frames.kept import KeptClips
from wildframe.models.clips.learner import ClipModel, load_model
from wildframe.models.clips.loading import iter_views, normalised
from wildframe.models.clips.sampling import Sampling
from wildframe.models.clips.teachers import Teacher, append_embeddings
from wildframe.models.device import set_up_torch
from wildframe.models.weights import sha256_tensors


def predict_clips(
    weights: Path,
    shards: Sequence[Path],
    output: Path,
    *,
    views: int,
    crops: int,
    wanted: Sequence[str] | None,
    appended: Sequence[Path],
    device_name: str,
    batch_size: int,
    threads: int,
) -> None:
    """Write the predictions of each readable clip, for each head of a network.

    Args:
        weights: Of `wildframe models train-clips`.
        shards: Kept clips of a dataset.
        output: CLIP_PREDICTIONS to write.
        views: Stretches of a clip.
        crops: Crops of each stretch.
        wanted: ``clip_id`` of the clips to predict, those that could not be read among them; None:
            all.
        appended: Predictions whose embeddings the network sees, in the order of its training.
        device_name: Device to predict on.
        batch_size: Views per forward pass on a GPU.
        threads: CPU threads, and as many more that load clips.

    Raises:
        UserError: A file is unsound or does not fit the weights.
    """
    device = set_up_torch(device_name, threads)
    model, facts = load_model(weights)
    teachers = [Teacher(path, "embedding") for path in appended]
    if sum(teacher.size for teacher in teachers) != facts["appended"]:
        raise UserError(
            f"{weights}: it has learnt with embeddings of {facts['appended']} numbers; name the "
            "predictions of the teachers of its training with --appended, in their order"
        )
    kept = KeptClips(shards)
    chosen = [clip_id for clip_id in wanted if clip_id in kept] if wanted is not None else [*kept]
    shown = Sampling(facts["frames"], facts["stride"], facts["crop"]).whole()
    views_of = iter_views(kept, shown, views, crops, wanted=chosen, threads=threads)
    model.to(device)
    # Thirty views of SlowFast take 8 GB on a CPU at once, and 1.2 one by one.
    at_a_time = 1 if device.type == "cpu" else batch_size
    rows = (
        row
        for clip_id, clip in progress(views_of, total=len(chosen), unit="clip", label="clips")
        for row in aggregate(
            clip_id,
            facts["task"],
            *run_views(model, clip.to(device), append_embeddings(teachers, [clip_id]), at_a_time),
        )
    )
    write_rows(
        output,
        CLIP_PREDICTIONS,
        rows,
        config={"views": views, "crops": crops, "crop": shown.crop},
        facts={
            "weights_sha256": sha256_tensors(model),
            "device": str(device),
            "torch_version": torch.__version__,
        },
    )


def run_views(
    model: ClipModel, views: Tensor, appended: Tensor | None, batch_size: int
) -> tuple[dict[str, Tensor], Tensor]:
    """Return logits by head, (V, classes), and embeddings, (V, C), of the views of a clip.

    Args:
        model: In evaluation mode.
        views: (V, 3, T, crop, crop), as `iter_views` yields them.
        appended: Embeddings of the clip by teachers: (1, D).
        batch_size: Views per forward pass.
    """
    parts = []
    for batch in torch.split(views, batch_size):
        own = None if appended is None else appended.to(batch.device).expand(len(batch), -1)
        with torch.inference_mode():
            parts.append(model(normalised(batch), own))
    logits, embeddings = zip(*parts, strict=True)
    return {head: torch.cat([part[head] for part in logits]) for head in logits[0]}, torch.cat(
        embeddings
    )


def aggregate(
    clip_id: str, task: ClipTask, logits: dict[str, Tensor], embeddings: Tensor
) -> Iterator[Row]:
    """Yield a row of CLIP_PREDICTIONS for each head; the first one has the embedding.

    Of several labels a clip each class has its largest probability of any view, since it need not
    be seen throughout. Whether a clip is ego are mean logits (equation 1); of other tasks views
    have their mean probability, as in the released code, of which the logarithm is kept.
    """
    for position, (head, of_views) in enumerate(logits.items()):
        scores = _SCORES.get(task, _mean_probability)(of_views)
        yield {
            "clip_id": clip_id,
            "head": head,
            "views": len(of_views),
            "scores": scores.tolist(),
            "embedding": None if position else embeddings.mean(dim=0).tolist(),
        }


def _mean_probability(logits: Tensor) -> Tensor:
    """Return the logarithm of the mean probability over views: logits of it."""
    return logits.log_softmax(dim=1).logsumexp(dim=0) - math.log(len(logits))


_SCORES: Mapping[ClipTask, Callable[[Tensor], Tensor]] = {
    "multi_label": lambda logits: logits.sigmoid().amax(dim=0),
    "viewpoint": lambda logits: logits.mean(dim=0),
}
"""From logits of shape (views, classes) to the scores of a clip, of shape (classes,)."""


def clips_of_split(manifest: Path, split: str) -> list[str]:
    """Return the ids of the clips of a split.

    Raises:
        UserError: There are none.
    """
    rows = read_table(manifest, CLIPS, ["clip_id", "split"]).to_pylist()
    clips = [row["clip_id"] for row in rows if row["split"] == split]
    if not clips:
        raise UserError(
            f"{manifest}: no clip is of the split {split}; correct {split} of the dataset, which "
            "names a split of its source, or name clips of that split in the source's list"
        )
    return clips

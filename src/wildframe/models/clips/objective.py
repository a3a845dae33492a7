"""What is minimised: the loss of a task, and those of the methods that are compared.

Third-only has the first alone. Ego-Exo adds pseudo-labels of teachers: ``ego`` and ``object``
distil their scores, ``hand`` and ``hand_object`` the maps of hands and of the objects in them.
Domain-adapt adds ``domain``, Joint-embed ``triplet``.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

import torch
from torch import Tensor
from torch.nn import functional

from wildframe.core.choices import ClipTask, LossForm
from wildframe.core.errors import UserError
from wildframe.core.tables import Row
from wildframe.models.clips.loading import Span
from wildframe.models.clips.losses import distillation_loss, interaction_loss, triplet_loss
from wildframe.models.clips.recipe import WEIGHTS
from wildframe.models.clips.sampling import ClipBoxes
from wildframe.models.clips.targets import at_times, interaction_maps
from wildframe.models.clips.tasks import HEADS, ClassIndices
from wildframe.sources.clip_lists import labels_of

MAPS = ("hand", "hand_object")
"""Terms of interaction maps, in the order of channels."""
TAUGHT = ("ego", "object", *MAPS, "domain", "triplet")
"""Terms that are not of the task."""


@dataclass(frozen=True)
class Lesson:
    """The clips of one step, and what is known of them."""

    clips: Tensor
    """Labelled clips, then unlabelled ones, then pairs: (B, 3, T, crop, crop)."""
    targets: Mapping[str, Tensor]
    """Of each head, targets of the labelled clips."""
    logits: Mapping[str, Tensor] = field(default_factory=dict)
    """Of each distilled teacher, its mean logits of the labelled clips."""
    boxes: Sequence[ClipBoxes] | None = None
    """Of each labelled clip, its boxes, if maps of them are learnt."""
    appended: Tensor | None = None
    unlabelled: int = 0
    """Number of the unlabelled clips."""
    pairs: Sequence[str] = ()
    """Of each pair, its id; a first-person clip and a third-person one follow each other."""

    @property
    def labelled(self) -> int:
        """Number of the labelled clips."""
        return len(next(iter(self.targets.values())))

    def to(self, device: torch.device) -> "Lesson":
        """Return it with its tensors on a device."""

        def move(tensor: Tensor) -> Tensor:
            return tensor.to(device, non_blocking=True)

        return replace(
            self,
            clips=move(self.clips),
            targets={head: move(target) for head, target in self.targets.items()},
            logits={name: move(logits) for name, logits in self.logits.items()},
            appended=None if self.appended is None else move(self.appended),
        )


def term_weights(
    given: Mapping[str, float], form: LossForm, task: ClipTask, taught: Collection[str]
) -> dict[str, float]:
    """Return the weight of each term that a training has.

    Args:
        given: Weights by name, ``action`` for what the task is about; none: the published ones.
            Actions, domain and triplet have a weight of 1 where they are not named.
        form: Whose weights are the published ones.
        task: What is learnt.
        taught: Further terms that there are data for.

    Raises:
        UserError: A weight has no data, or a teacher no weight.
    """
    published = WEIGHTS[form] if {*taught} & {*WEIGHTS[form]} else {}
    weights = {"action": 1.0, "domain": 1.0, "triplet": 1.0, **(given or published)}
    for name in given:
        if name != "action" and name not in taught:
            raise UserError(
                f"weights: there are no data for {name!r}; leave it out, or give what it is learnt "
                f"from (known: action, {', '.join(TAUGHT)})"
            )
    for teacher in (("ego",), ("object",), MAPS):
        if set(teacher) <= set(taught) and not set(teacher) & set(weights):
            raise UserError(
                f"weights: {' or '.join(teacher)} has none, though there are data for it; name "
                "its weight, or leave out the data"
            )
    heads = dict.fromkeys(HEADS[task], weights["action"])
    return heads | {name: weights[name] for name in TAUGHT if name in taught and name in weights}


def class_targets(
    task: ClipTask, classes: ClassIndices, clips: Sequence[Row], spans: Sequence[Span]
) -> dict[str, Tensor]:
    """Return the targets of each head.

    Args:
        task: What is learnt.
        classes: Index of each class, by head.
        clips: Rows of CLIPS, each of one class for each head unless the task is ``multi_label``.
        spans: What is shown of each clip: of several labels only those of its frames count.

    Returns:
        Indices (B,); of ``multi_label`` a float32 matrix (B, classes) of zeros and ones.
    """
    if task == "multi_label":
        indices = classes["action"]
        targets = torch.zeros(len(clips), len(indices))
        for target, clip, span in zip(targets, clips, spans, strict=True):
            for action in clip["actions"]:
                if _is_shown(action, span):
                    target[indices[action["class"]]] = 1
        return {"action": targets}
    return {
        head: torch.tensor([classes[head][labels_of(clip, head)[0]] for clip in clips])
        for head in HEADS[task]
    }


def _is_shown(action: Row, span: Span) -> bool:
    starts = action["start"] is None or action["start"] <= span[1]
    return starts and (action["stop"] is None or action["stop"] >= span[0])


def map_targets(boxes: Sequence[ClipBoxes], frames: int, shape: tuple[int, int, int]) -> Tensor:
    """Return interaction maps of clips of some frames at the times of features.

    Args:
        boxes: Of each clip, in what is shown.
        frames: Frames of each clip.
        shape: Times, rows and columns of the features.
    """
    times, height, width = shape
    maps = [interaction_maps(one, (frames, height, width)) for one in boxes]
    return at_times(torch.stack(maps), times)


def term_losses(
    outputs: Mapping[str, Tensor], lesson: Lesson, form: LossForm, temperature: float
) -> dict[str, Tensor]:
    """Return each term of the loss, unweighted, as a mean over clips.

    Args:
        outputs: What `Learner` returns.
        lesson: The clips.
        form: Form of the losses of pseudo-labels.
        temperature: What teachers' logits are divided by.
    """
    terms = {head: _class_loss(outputs[head], target) for head, target in lesson.targets.items()}
    for name, logits in lesson.logits.items():
        terms[name] = distillation_loss(outputs[name], logits, form, temperature)
    if lesson.boxes is not None:
        maps = outputs["maps"]
        times, height, width = maps.shape[2:]
        targets = map_targets(lesson.boxes, lesson.clips.shape[2], (times, height, width))
        terms |= zip(MAPS, interaction_loss(maps, targets.to(maps.device), form), strict=True)
    if lesson.unlabelled:
        logits = outputs["domain"][: lesson.labelled + lesson.unlabelled]
        is_unlabelled = (torch.arange(len(logits)) >= lesson.labelled).long().to(logits.device)
        terms["domain"] = functional.cross_entropy(logits, is_unlabelled)
    if lesson.pairs:
        embeddings = functional.normalize(outputs["embedding"][-2 * len(lesson.pairs) :])
        numbers = {pair: number for number, pair in enumerate(lesson.pairs)}
        pairs = torch.tensor([numbers[pair] for pair in lesson.pairs], device=embeddings.device)
        terms["triplet"] = triplet_loss(embeddings[::2], embeddings[1::2], pairs)
    return terms


def _class_loss(logits: Tensor, target: Tensor) -> Tensor:
    if target.is_floating_point():
        return functional.binary_cross_entropy_with_logits(logits, target)
    return functional.cross_entropy(logits, target)

"""What the trainings of a run need of its datasets of clips."""

from collections.abc import Iterator

from wildframe.configuration.settings import Config
from wildframe.manifests.clips import Need
from wildframe.models.clips.tasks import HEADS


def clip_needs(config: Config, dataset: str) -> list[Need]:
    """Return what trainings need of a dataset of clips, if it is to have that part at all.

    Clips that a classifier of viewpoints is evaluated on need no label: it is first of all a
    teacher, whose accuracy one figure tells if there is one.
    """
    found = (need for name, need in _needs(config) if name == dataset)
    parts = config.clips(dataset)
    return [need for need in dict.fromkeys(found) if getattr(parts, need.part) is not None]


def _needs(config: Config) -> Iterator[tuple[str, Need]]:
    for training in config.clip_trainings.values():
        heads = HEADS[training.task]
        yield training.dataset, Need("train", heads)
        for unlabelled in training.learnt[1:]:
            yield unlabelled, Need("train")
        for tested in training.evaluated_on:
            yield tested, Need("test", () if training.task == "viewpoint" else heads)

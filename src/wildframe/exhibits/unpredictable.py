"""Classes of a dataset that classifiers of ImageNet-1K cannot predict."""

from collections.abc import Mapping

from wildframe.core.choices import Targets
from wildframe.labels.hypernyms import members, read_targets


def unpredictable_notes(what: str, label_space: Targets, counts: Mapping[str, int]) -> list[str]:
    """Say which classes no classifier of ImageNet-1K can predict, if there are any.

    Args:
        what: Whose classes, such as "Anchors with a label".
        label_space: Label space of the dataset.
        counts: Number of images of each class, by wnid.
    """
    empty = [
        f"{target.name} (n = {counts[target.wnid]:,})"
        for target, classes in zip(
            read_targets(label_space), members(label_space, "in1k"), strict=True
        )
        if target.wnid and target.wnid in counts and not classes
    ]
    if not empty:
        return []
    return [
        f"{what} that covers no class of ImageNet-1K: {', '.join(empty)}. Without another label, "
        "models of these classes are always incorrect on them."
    ]

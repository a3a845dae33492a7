"""Which classes a model may predict on a test set that shows only some of them."""

from pathlib import Path

from wildframe.core.choices import Predictable
from wildframe.core.schemas import MANIFEST
from wildframe.core.tables import iter_rows
from wildframe.labels.spaces import subset_wnids


def predictable_wnids(predictable: Predictable, manifest: Path) -> list[str] | None:
    """Return the classes that can be predicted, sorted; None for all of the model's.

    Args:
        predictable: Which: all, those that are a label of some image, or a published list.
        manifest: Manifest of the dataset.

    Raises:
        UserError: The manifest is absent or something else.
    """
    if predictable == "all":
        return None
    if predictable == "labels":
        return sorted({wnid for row in iter_rows(manifest, MANIFEST) for wnid in row["labels"]})
    return sorted(subset_wnids(predictable))

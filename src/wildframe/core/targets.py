"""The coarse classes of video test sets as the data sets list them."""

import csv
from importlib import resources

from wildframe.core.choices import Targets


def target_wnids(targets: Targets) -> dict[str, str | None]:
    """Return the wnid of each coarse class by its name, in the order of indices.

    Args:
        targets: Which coarse classes; not ``in1k``, whose classes are no coarser than a model's.

    Returns:
        None for YTBB's name for nothing.
    """
    file = resources.files("wildframe") / "data" / f"{targets}.csv"
    rows = csv.DictReader(file.read_text(encoding="utf-8").splitlines())
    return {row["name"]: row["wnid"] or None for row in rows}

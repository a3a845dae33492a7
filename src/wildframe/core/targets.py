"""The coarse label spaces of video test sets, as the datasets list them."""

import csv
from importlib import resources

from wildframe.core.choices import Targets


def target_wnids(targets: Targets) -> dict[str, str | None]:
    """Return the wnid of each class by its name, in the order of class indices.

    Args:
        targets: Label space; not ``in1k``, which is no coarse one.

    Returns:
        None for YTBB's class ``none``.
    """
    file = resources.files("wildframe") / "data" / f"{targets}.csv"
    rows = csv.DictReader(file.read_text(encoding="utf-8").splitlines())
    return {row["name"]: row["wnid"] or None for row in rows}

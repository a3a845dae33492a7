"""Station 7: the predictions of each model. The only station that needs a GPU."""

from collections.abc import Mapping

__all__ = ["own_wnids"]


def own_wnids(facts: Mapping[str, str]) -> list[str] | None:
    """Return the classes of a label space of the model's own, by index; None for a known one.

    Args:
        facts: Metadata of a predictions file.
    """
    return facts["wnids"].split() if "wnids" in facts else None

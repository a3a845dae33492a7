"""Label spaces as tables, for the tests that map nouns to their classes."""

from collections.abc import Sequence
from functools import cache

from wildframe.core.tables import Row
from wildframe.labels.spaces import iter_classes


@cache
def classes_of(label_space: str) -> Sequence[Row]:
    """Return the rows of a label space, which take WordNet a second."""
    return tuple(iter_classes(label_space))

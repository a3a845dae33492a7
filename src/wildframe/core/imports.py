"""Libraries that other libraries import without need."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.abc import MetaPathFinder


@contextmanager
def left_out(*modules: str) -> Iterator[None]:
    """Let imports in the block find none of these modules; those loaded already stay."""
    finder = _Nothing(modules)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


class _Nothing(MetaPathFinder):
    # None in sys.modules would do for Python, but not for modules that are written in Cython.
    def __init__(self, modules: tuple[str, ...]) -> None:
        self._modules = modules

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> None:
        if fullname in self._modules:
            raise ImportError(fullname)

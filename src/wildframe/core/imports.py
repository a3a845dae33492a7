"""Libraries that other libraries import without need."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.abc import MetaPathFinder
from types import ModuleType
from typing import Any


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


def import_uncompiled(name: str) -> Any:
    """Import torchvision or timm without torch's compiler, which takes nearly as long as torch.

    When they are imported they want two functions of it: one marks what it leaves as it is, the
    other is asked by layers of detectors. Whoever compiles a model imports it then.
    """
    import_module("torch")
    if _COMPILER in sys.modules:
        return import_module(name)
    compiler, utils = ModuleType(_COMPILER), ModuleType(f"{_COMPILER}.utils")
    compiler.__dict__["disable"] = lambda function, *_, **__: function
    utils.__dict__["is_compile_supported"] = _is_compile_supported
    stand_ins = {module.__name__: module for module in (compiler, utils)}
    sys.modules |= stand_ins
    try:
        return import_module(name)
    finally:
        for module in stand_ins:
            del sys.modules[module]


_COMPILER = "torch._dynamo"


def _is_compile_supported(device: str) -> bool:
    from torch._dynamo.utils import is_compile_supported

    supported: bool = is_compile_supported(device)
    return supported

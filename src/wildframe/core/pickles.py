"""Pickled files of labels, read without running what is in them.

A pickle is a program that may call anything. Only what holds data is known here: arrays of numpy,
containers of Python, and data frames of pandas, whose parts are put together without pandas, so
that a frame of any of its versions is read alike. Whatever else a file names is refused.
"""

import pickle
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.lib import format as npy

from wildframe.core.errors import UserError
from wildframe.core.files import require_file

_REMEDY = "get it anew from its publisher, or save it as CSV if you made it"
_UNSOUND = (
    pickle.UnpicklingError,
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    MemoryError,
    RecursionError,
    TypeError,
    ValueError,
)
"""What reading a damaged pickle may raise."""


@dataclass(frozen=True)
class Frame:
    """A data frame: its index, and its columns by name."""

    index: list[Any]
    columns: Mapping[str, list[Any]]


def read_pickle(path: Path) -> Any:
    """Return what a pickled file holds; a data frame as a `Frame`.

    Raises:
        UserError: The file is absent or damaged, or names something that is no data, which does not
            run.
    """
    require_file(path, "get it from its publisher, or correct the path")
    with path.open("rb") as file:
        return load_pickle(file, str(path))


def load_pickle(file: BinaryIO, name: str) -> Any:
    """Return what an open pickled file holds; see `read_pickle`.

    Args:
        file: The file, at the pickle.
        name: What messages call it, such as a path.
    """
    try:
        loaded = _Reader(file).load()
        return loaded.frame() if isinstance(loaded, _DataFrame) else loaded
    except _RefusedError as error:
        raise UserError(
            f"{name}: it names {error}, which is not plain data; nothing in it was run; {_REMEDY}"
        ) from error
    except _UNSOUND as error:
        why = " ".join(str(error).split())
        raise UserError(f"{name}: not a sound pickle ({why}); {_REMEDY}") from error


def load_npy(file: BinaryIO, name: str) -> np.ndarray[Any, Any]:
    """Return the array of an open ``.npy`` file, which may hold objects; see `load_pickle`."""
    try:
        read_header = (
            npy.read_array_header_1_0
            if npy.read_magic(file) == (1, 0)
            else npy.read_array_header_2_0
        )
        shape, _, dtype = read_header(file)
        if not dtype.hasobject:
            file.seek(0)
            return np.asarray(npy.read_array(file, allow_pickle=False))
    except _UNSOUND as error:
        raise UserError(f"{name}: not a sound file of an array ({error}); {_REMEDY}") from error
    array = load_pickle(file, name)
    if not isinstance(array, np.ndarray) or array.shape != shape:
        raise UserError(f"{name}: its array does not fit its header; {_REMEDY}")
    return array


_NOW = {"__builtin__": "builtins"}
"""Modules by the names that protocols before 3 have for them."""


class _RefusedError(pickle.UnpicklingError):
    """A name that is not known to be data."""


class _Reader(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        try:
            return _DATA[_NOW.get(module, module).replace("numpy._core", "numpy.core"), name]
        except KeyError:
            raise _RefusedError(f"{module}.{name}") from None


def _latin1(text: str, encoding: str) -> bytes:
    """Stand in for ``_codecs.encode``, by which old protocols write bytes."""
    if encoding != "latin1":
        raise _RefusedError(f"_codecs.encode to {encoding}")
    return text.encode("latin1")


@dataclass
class _Block:
    """Columns of one type: their values, a row each, and their positions in the frame."""

    values: np.ndarray[Any, Any]
    placement: slice | np.ndarray[Any, Any]
    ndim: int = 2


class _Blocks:
    """The columns of a frame; since pandas 1.3 as arguments, before as state."""

    def __init__(self, blocks: Any = (), axes: Any = ()) -> None:
        self.blocks, self.axes = blocks, axes

    def __setstate__(self, state: Any) -> None:
        known = state[3]["0.14.1"]
        self.blocks = [_Block(block["values"], block["mgr_locs"]) for block in known["blocks"]]
        self.axes = known["axes"]


class _DataFrame:
    def __setstate__(self, state: Mapping[str, Any]) -> None:
        self.manager = state.get("_mgr", state.get("_data"))

    def frame(self) -> Frame:
        names, index = self.manager.axes
        columns: dict[int, list[Any]] = {}
        for block in self.manager.blocks:
            positions = np.arange(len(names))[block.placement]
            columns |= zip(positions.tolist(), block.values.tolist(), strict=True)
        return Frame(list(index), {str(name): columns[at] for at, name in enumerate(names)})


def _index(_kind: Any, parts: Mapping[str, Any]) -> list[Any]:
    if "data" in parts:
        return list(np.asarray(parts["data"]).tolist())
    return list(range(parts["start"], parts["stop"], parts["step"]))


_INDEX_KINDS = {
    "pandas": ["Index", "RangeIndex"],
    "pandas.core.indexes.base": ["Index"],
    "pandas.core.indexes.range": ["RangeIndex"],
    "pandas.core.indexes.numeric": ["Int64Index", "UInt64Index", "Float64Index"],
}
_DATA: Mapping[tuple[str, str], Callable[..., Any]] = {
    ("_codecs", "encode"): _latin1,
    ("collections", "OrderedDict"): OrderedDict,
    **{("builtins", kind.__name__): kind for kind in (complex, frozenset, set, slice)},
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): np.dtype,
    ("numpy.core.multiarray", "_reconstruct"): np._core.multiarray._reconstruct,  # type: ignore[attr-defined]
    ("numpy.core.multiarray", "scalar"): np._core.multiarray.scalar,  # type: ignore[attr-defined]
    ("numpy.core.numeric", "_frombuffer"): np._core.numeric._frombuffer,  # type: ignore[attr-defined]
    ("pandas", "DataFrame"): _DataFrame,
    ("pandas.core.frame", "DataFrame"): _DataFrame,
    ("pandas.core.internals.managers", "BlockManager"): _Blocks,
    ("pandas._libs.internals", "_unpickle_block"): _Block,
    ("pandas.core.internals.blocks", "new_block"): _Block,
    ("pandas.core.indexes.base", "_new_Index"): _index,
    # Only named, as the kind that `_index` is given.
    **{(module, name): list for module, names in _INDEX_KINDS.items() for name in names},
}
"""What may be named in a file, and what is called instead."""

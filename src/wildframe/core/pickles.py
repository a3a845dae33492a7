"""Pickled files of labels, read without running what is in them.

A pickle is a program that may call anything. Only what holds data is known here: arrays of numpy,
containers of Python, and data frames of pandas, whose parts are put together without pandas, so
that a frame of any of its versions is read alike. Whatever else a file names is refused.
"""

import io
import pickle
import pickletools
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np
from numpy.lib import format as npy

from wildframe.core.errors import UserError
from wildframe.core.files import require_file

_REMEDY = "get it anew from its publisher, or save it as CSV if you made it"
_SIZED = {"FRAME", "LONG_BINPUT", "PUT"}
"""Operations that make room for as much as they say; of others, the content must be there."""

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
    content = file.read()
    try:
        _require_bounded(content)
        loaded = _Reader(io.BytesIO(content)).load()
        return loaded.frame() if isinstance(loaded, _DataFrame) else loaded
    except _RefusedError as error:
        raise UserError(
            f"{name}: it names {error}, which is not plain data; nothing in it was run; {_REMEDY}"
        ) from error
    except _UNSOUND as error:
        why = " ".join(str(error).split())
        raise UserError(f"{name}: not a sound pickle ({why}); {_REMEDY}") from error


def _require_bounded(content: bytes) -> None:
    """Raise a `ValueError` if a damaged size would make the reader take more memory than a file."""
    for operation, argument, _ in pickletools.genops(content):
        if operation.name in _SIZED and cast(int, argument) > len(content):
            raise ValueError(f"{operation.name} {argument} is beyond its end")


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
    return np.asarray(array)


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


class _Type:
    """Stand in for numpy's dtype, whose own state could pass off bytes of a file as addresses."""

    def __init__(self, name: Any, *_flags: Any) -> None:
        if not isinstance(name, str) or (found := np.dtype(name)).kind not in "biufcSUO":
            raise _RefusedError(f"numpy.dtype {name}")
        self.found: np.dtype[Any] = found

    def __setstate__(self, state: Any) -> None:
        _, order, *fields = state
        if any(part is not None for part in fields[:3]):
            raise _RefusedError("numpy.dtype of records")
        if order in ("<", ">"):
            self.found = self.found.newbyteorder(order)


class _Array(np.ndarray[Any, Any]):
    """An array whose state has a `_Type`."""

    def __setstate__(self, state: Any) -> None:
        version, shape, kind, is_fortran, data = state
        if self.size:  # others may see its memory, which is freed
            raise ValueError("an array is filled twice")
        super().__setstate__((version, shape, kind.found, is_fortran, data))

    def __repr__(self) -> str:
        return repr(np.asarray(self))


def _array(*_: Any) -> _Array:
    return _Array(0, np.int8)


def _scalar(kind: _Type, *data: Any) -> Any:
    return np._core.multiarray.scalar(kind.found, *data)  # type: ignore[attr-defined]


def _from_buffer(buffer: Any, kind: _Type, *layout: Any) -> Any:
    return np._core.numeric._frombuffer(buffer, kind.found, *layout)  # type: ignore[attr-defined]


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
        if {len(column) for column in columns.values()} != {len(index)}:
            raise ValueError("its columns are not as long as its index")
        return Frame(list(index), {str(name): columns[at] for at, name in enumerate(names)})


def _index(_kind: Any, parts: Mapping[str, Any]) -> Sequence[Any]:
    if "data" in parts:
        return list(np.asarray(parts["data"]).tolist())
    return range(parts["start"], parts["stop"], parts["step"])


_ONLY_NAMED = {
    "numpy": ["ndarray"],
    "pandas": ["Index", "RangeIndex"],
    "pandas.core.indexes.base": ["Index"],
    "pandas.core.indexes.range": ["RangeIndex"],
    "pandas.core.indexes.numeric": ["Int64Index", "UInt64Index", "Float64Index"],
}
_DATA: Mapping[tuple[str, str], Callable[..., Any]] = {
    ("_codecs", "encode"): _latin1,
    ("collections", "OrderedDict"): OrderedDict,
    **{("builtins", kind.__name__): kind for kind in (complex, frozenset, set, slice)},
    ("numpy", "dtype"): _Type,
    ("numpy.core.multiarray", "_reconstruct"): _array,
    ("numpy.core.multiarray", "scalar"): _scalar,
    ("numpy.core.numeric", "_frombuffer"): _from_buffer,
    ("pandas", "DataFrame"): _DataFrame,
    ("pandas.core.frame", "DataFrame"): _DataFrame,
    ("pandas.core.internals.managers", "BlockManager"): _Blocks,
    ("pandas._libs.internals", "_unpickle_block"): _Block,
    ("pandas.core.internals.blocks", "new_block"): _Block,
    ("pandas.core.indexes.base", "_new_Index"): _index,
    # As the kind that `_index` or `_array` is given.
    **{(module, name): list for module, names in _ONLY_NAMED.items() for name in names},
}
"""What may be named in a file, and what is called instead."""

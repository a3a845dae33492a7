"""Pickles are read as data: what is not data is refused by name, and does not run."""

import io
import pickle
import sys
from collections import OrderedDict, defaultdict
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

from wildframe.core.errors import UserError
from wildframe.core.pickles import Frame, load_npy, load_pickle, read_pickle

COLUMNS = {"video_id": ["P01_01", "P01_02"], "verb_class": [3, 0], "start": [0.5, 2.25]}
NUMBERS = pickle.dumps(np.ones((1, 1)), 2)  # ends with a tuple, which is the state
RECORD = {"a": (np.dtype("O"), 0)}


class Calls:
    """Calls a function when it is unpickled, and maybe gives a state to what that returns."""

    def __init__(self, function, *arguments, state=None):
        self.call = function, arguments, state

    def __reduce__(self):
        return self.call


def frame(index=None):
    columns = pd.Index(list(COLUMNS), dtype=object)
    made = pd.DataFrame(COLUMNS, index=index).astype({"video_id": object})
    made.columns = columns
    return made


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_scores_by_path_are_read(protocol, tmp_path):
    scores = {"a/b.mp4": np.array([2, -1], np.float32), "c.mp4": np.float64(0.5)}
    path = tmp_path / "scores.pkl"
    path.write_bytes(pickle.dumps(scores, protocol))
    read = read_pickle(path)
    assert list(read) == list(scores)
    np.testing.assert_array_equal(read["a/b.mp4"], scores["a/b.mp4"])
    assert read["a/b.mp4"].dtype == np.float32
    assert read["c.mp4"] == 0.5


@pytest.mark.parametrize("data", [OrderedDict(a=1), {1, 2}, slice(1, 3), [None, True, b"\xff"]])
def test_containers_are_read(data):
    assert load_pickle(io.BytesIO(pickle.dumps(data, 2)), "x.pkl") == data


@pytest.mark.parametrize(
    ("index", "expected"),
    [(None, [0, 1]), (pd.Index([7, 5]), [7, 5]), (pd.Index(["a", "b"], dtype=object), ["a", "b"])],
)
@pytest.mark.parametrize("protocol", [2, 4, 5])
def test_data_frames_are_read(index, expected, protocol):
    data = pickle.dumps(frame(index), protocol)
    assert load_pickle(io.BytesIO(data), "x.pkl") == Frame(expected, COLUMNS)


def test_an_index_longer_than_the_columns_is_damage_and_takes_no_memory():
    made = frame()
    made._mgr.axes[1] = pd.RangeIndex(10**13)
    with pytest.raises(UserError, match=r"not a sound pickle .its columns are not as long"):
        load_pickle(io.BytesIO(pickle.dumps(made)), "x.pkl")


@pytest.mark.parametrize(
    "operation",
    [
        b"r" + (2**32 - 1).to_bytes(4, "little"),  # a place in the memo
        b"\x95" + (2**34).to_bytes(8, "little"),  # a frame
        b"\x96" + (2**34).to_bytes(8, "little"),  # an array of bytes
    ],
)
def test_a_damaged_size_takes_no_memory(operation):
    with pytest.raises(UserError, match=r"not a sound pickle .*(beyond its end|only 1 rem)"):
        load_pickle(io.BytesIO(b"\x80\x05]" + operation + b"."), "x.pkl")


def test_data_frames_of_pandas_before_1_3_are_read(monkeypatch):
    """Their parts are named by modules that are gone, and given as state."""
    numeric, frames, managers, base = (
        ModuleType(f"pandas.core.{name}")
        for name in ("indexes.numeric", "frame", "internals.managers", "indexes.base")
    )

    def stateful(module, name, state):
        kind = type(name, (), {"__module__": module.__name__, "__getstate__": lambda self: state})
        setattr(module, name, kind)
        return kind()

    class Named:
        def __init__(self, kind, data):
            self.kind, self.data = kind, data

        def __reduce__(self):
            return base._new_Index, (self.kind, {"data": self.data, "name": None})

    base._new_Index = type("_new_Index", (), {"__module__": base.__name__})
    base.Index = type("Index", (), {"__module__": base.__name__})
    numeric.Int64Index = type("Int64Index", (), {"__module__": numeric.__name__})
    axes = [
        Named(base.Index, np.array(list(COLUMNS), object)),
        Named(numeric.Int64Index, np.array([4, 9])),
    ]
    blocks = [
        {"values": np.array([COLUMNS["start"]]), "mgr_locs": slice(2, 3, 1)},
        {"values": np.array([COLUMNS["verb_class"]]), "mgr_locs": np.array([1])},
        {"values": np.array([COLUMNS["video_id"]], object), "mgr_locs": slice(0, 1, 1)},
    ]
    state = (axes, [], [], {"0.14.1": {"axes": axes, "blocks": blocks}})
    manager = stateful(managers, "BlockManager", state)
    old = stateful(frames, "DataFrame", {"_data": manager, "_typ": "dataframe", "_metadata": []})
    for module in (numeric, frames, managers, base):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    data = pickle.dumps(old, 4)
    assert load_pickle(io.BytesIO(data), "x.pkl") == Frame([4, 9], COLUMNS)


def test_what_is_no_data_is_refused_by_name_and_does_not_run(tmp_path):
    touched = tmp_path / "touched"
    path = tmp_path / "EPIC_train.pkl"
    path.write_bytes(
        pickle.dumps({"a": np.ones(2), "b": Calls(exec, f"open({str(touched)!r}, 'w')")})
    )
    with pytest.raises(
        UserError, match=r"EPIC_train.pkl: it names builtins.exec, .* nothing .* run"
    ):
        read_pickle(path)
    assert not touched.exists()


@pytest.mark.parametrize(
    ("data", "named"),
    [
        (b"cos\nsystem\n(S'true'\ntR.", "os.system"),
        (b"(S'true'\nios\nsystem\n.", "os.system"),
        (pickle.dumps(defaultdict(list)), "collections.defaultdict"),
        (pickle.dumps(Calls(getattr, "a", "upper")), "builtins.getattr"),
        (b"c_codecs\nencode\n(V68656c6c6f\nVrot13\ntR.", "_codecs.encode to rot13"),
        # Attributes of what is allowed are names of their own.
        (b"\x80\x04\x8c\x05numpy\x8c\x11ndarray.__class__\x93.", "numpy.ndarray.__class__"),
    ],
)
def test_every_way_to_name_a_function_is_refused(data, named):
    with pytest.raises(UserError, match=named):
        load_pickle(io.BytesIO(data), "labels.pkl")


@pytest.mark.parametrize(
    "data", [b"", b"PK\x03\x04", pickle.dumps([1, 2])[:-3], b"cnumpy\ndtype\n(V!\ntR."]
)
def test_a_damaged_pickle_is_named(data):
    with pytest.raises(UserError, match=r"^labels.pkl: not a sound pickle"):
        load_pickle(io.BytesIO(data), "labels.pkl")


def state(kind, data):
    """Pickle an array by a state that numpy does not write."""
    rebuild, arguments, _ = np.zeros(1).__reduce__()
    return pickle.dumps(Calls(rebuild, *arguments, state=(1, (1,), kind, False, data)))


@pytest.mark.parametrize(
    "data",
    [
        # Addresses as bytes: of objects, of records of objects that say they have none, of text.
        pickle.dumps(Calls(np.ndarray, (1,), "O", b"A" * 8)),
        state(Calls(np.dtype, "O8", state=(3, "|", None, None, None, -1, -1, 0)), b"A" * 8),
        *(
            state(Calls(np.dtype, kind, state=(3, "|", None, ("a",), RECORD, 8, 1, 0)), b"A" * 8)
            for kind in ("V8", "i8")
        ),
        pickle.dumps(Calls(np.dtype, [("a", "O")])),
        pickle.dumps(Calls(np.dtype, "T")),
        # Filled twice: the memory of the rows that a list took of it would be freed.
        NUMBERS[:-1] + NUMBERS[NUMBERS.index(b"(K\x01") :],
    ],
)
def test_bytes_are_never_taken_for_addresses(data):
    with pytest.raises(UserError, match=r"^x.pkl: (it names numpy.dtype|not a sound pickle)"):
        load_pickle(io.BytesIO(data), "x.pkl")


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize(
    "array",
    [
        np.arange(6.0).reshape(2, 3),
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.arange(3, dtype=">i4"),
        np.array(["x", "yz"]),
        np.array([b"x", b"yz"]),
        np.array([True, False]),
        np.array(["a", None, 2], object),
        np.float32(3),
    ],
    ids=repr,
)
def test_arrays_keep_type_and_order_in_every_protocol(array, protocol):
    data = pickle.dumps(array, protocol)
    read, expected = load_pickle(io.BytesIO(data), "x.pkl"), pickle.loads(data)
    assert (read.dtype, repr(read)) == (expected.dtype, repr(expected))
    assert read.tolist() == array.tolist()


def test_arrays_of_objects_are_read_and_refused_likewise(tmp_path):
    detections = np.empty(2, object)
    detections[:] = [(None, np.array([[1.0, 2, 3, 4, 0.9, 0]])), (None, None)]
    for array in (detections, np.arange(6).reshape(2, 3)):
        file = io.BytesIO()
        np.save(file, array, allow_pickle=True)
        read = load_npy(io.BytesIO(file.getvalue()), "a.npy")
        assert read.shape == array.shape
        assert repr(read.tolist()) == repr(array.tolist())
    file = io.BytesIO()
    np.save(file, np.array([Calls(exec, "1/0")], object), allow_pickle=True)
    with pytest.raises(UserError, match=r"a\.npy: it names builtins\.exec"):
        load_npy(io.BytesIO(file.getvalue()), "a.npy")
    with pytest.raises(UserError, match=r"a\.npy: not a sound file of an array"):
        load_npy(io.BytesIO(b"no array"), "a.npy")

import io
import json
import tracemalloc

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from wildframe.core.errors import UserError
from wildframe.sources.stream import iter_list, iter_members

SETTINGS = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-(10**400), 10**400)
    | st.floats()
    | st.text(st.characters(codec=None, exclude_categories=()), max_size=6)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)
# Few names, so that the list stands now before, now behind the others.
DOCUMENTS = st.dictionaries(st.sampled_from(["a", "split", "ä\n", "video"]), VALUES).flatmap(
    lambda others: st.lists(VALUES, max_size=6).flatmap(
        lambda clips: st.permutations([*others.items(), ("clips", clips)]).map(dict)
    )
)
LAYOUTS = st.sampled_from(
    [(None, None), (None, (",", ":")), (1, None), ("\t\r\n ", (" , ", " : "))]
)


def dump(document, layout):
    indent, separators = layout
    return json.dumps(document, indent=indent, separators=separators)


@pytest.fixture
def stream(tmp_path):
    """Return a function that reads the list of a text with a buffer of some characters."""

    def read(text, key="clips", *, seen=None, into=None, chunk=7, **options):
        path = tmp_path / "a.json"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        check = (lambda name, value: seen.append((name, value))) if seen is not None else None
        options |= {"check": check} if check else {}
        found = [] if into is None else into
        elements = iter_list(
            path, key, kind="a list of clips", remedy="fetch it", chunk=chunk, **options
        )
        for element in elements:
            found.append(element)
        return found

    return read


@SETTINGS
@given(DOCUMENTS, LAYOUTS, st.integers(1, 40), st.booleans())
@example({"clips": [1.5, -1e5, 12, float("-inf")]}, (None, None), 1, False)
def test_it_reads_what_json_reads_whatever_the_buffer(stream, document, layout, chunk, mark):
    seen = []
    text = dump(document, layout).encode("utf-8-sig" if mark else "utf-8")
    expected = json.load(io.TextIOWrapper(io.BytesIO(text), encoding="utf-8-sig"))
    # By text: NaN is not equal to itself.
    assert repr(stream(text, seen=seen, chunk=chunk)) == repr(expected.pop("clips"))
    scalar = [item for item in expected.items() if not isinstance(item[1], list)]
    assert repr(seen) == repr(scalar)


@SETTINGS
@given(DOCUMENTS, LAYOUTS, st.integers(1, 40), st.data())
def test_a_file_that_is_cut_off_is_refused_after_its_whole_elements(
    stream, document, layout, chunk, data
):
    text = dump(document, layout)
    end = data.draw(st.integers(1, len(text) - 1))
    found = []
    with pytest.raises(UserError, match=rf"a\.json: not JSON \(.*character \d+ of {end}\); fetch"):
        stream(text[:end], into=found, chunk=chunk)
    if found and isinstance(found[-1], int | float):
        found.pop()  # half a number is a number
    assert repr(found) == repr(document["clips"][: len(found)])


@SETTINGS
@given(DOCUMENTS, LAYOUTS, st.integers(1, 40), st.data())
def test_a_damaged_file_is_refused_where_json_refuses_it(stream, document, layout, chunk, data):
    text = dump(document, layout)
    place = data.draw(st.integers(0, len(text) - 1))
    text = text[:place] + data.draw(st.sampled_from('{}[],:"\\ 0-.eNtx\x00')) + text[place + 1 :]
    names = []

    def note(pairs):
        names[:] = [name for name, _ in pairs]  # the last object that ends is the outermost
        return dict(pairs)

    try:
        expected = json.loads(text, object_pairs_hook=note)
    except ValueError:
        expected = None
    is_once = len(names) == len(set(names))
    if is_once and isinstance(expected, dict) and isinstance(expected.get("clips"), list):
        assert repr(stream(text, chunk=chunk)) == repr(expected["clips"])
    else:
        with pytest.raises(UserError):
            stream(text, chunk=chunk)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no list 'clips' at the top level; is this a list of clips?"),
        ("<html>", "no list 'clips' at the top level"),
        ("[]", "no list 'clips' at the top level"),
        ("{}", "no list 'clips' at the top level"),
        ('{"clips": {"a": []}, "clip": []}', "no list 'clips' at the top level"),
        ('{"clips": [1, 2], "a": }', "(Expecting value: character 23 of 24)"),
        ('{"clips": [1, 2', "(Expecting ',' delimiter: character 15 of 15)"),
        ('{"clips": [1 2]}', "(Expecting ',' delimiter: character 13)"),
        ('{"clips": [1,]}', "(Expecting value: character 13 of 15)"),
        ('{"clips": [,1]}', "(Expecting value: character 11 of 15)"),
        ('{"clips": [1}}', "(Expecting ',' delimiter: character 12 of 14)"),
        ('{"clips" []}', "(Expecting ':' delimiter: character 9)"),
        ("{clips: []}", "(Expecting property name enclosed in double quotes: character 1)"),
        ('{"clips": []} {}', "(Extra data: character 14)"),
        ('{"clips": [], "clips": [1]}', "the key 'clips' is there twice (character 21); leave one"),
        ('{"clips": ["a\tb", {"long": "enough"}]}', "(Invalid control character at: character 13)"),
        ('{"clips": ["\\x", {"long": "enough"}]}', "(Invalid \\escape: character 12)"),
        ('{"clips": ["\\u12g4", {"long": "enough"}]}', "(Invalid \\uXXXX escape: character 13)"),
        ('{"clips": [' + "[" * 100_000, "not JSON (maximum recursion depth exceeded"),
        (b'{"clips": ["\xff"]}', "not JSON (not UTF-8 after character"),
        (b"\xff\xfe{\x00}\x00", "not JSON (not UTF-8 after character 0)"),
    ],
)
def test_a_fault_is_named_with_its_place(stream, text, message):
    with pytest.raises(UserError) as refused:
        stream(text, chunk=16)
    assert message in str(refused.value)
    assert "a.json: " in str(refused.value)


def test_a_file_that_is_absent_is_named_with_its_remedy(tmp_path):
    with pytest.raises(UserError, match=r"b\.json: no such file; fetch it"):
        next(iter_list(tmp_path / "b.json", "clips", kind="a list", remedy="fetch it"))


def test_an_integer_of_any_size_is_a_value(stream):
    text = '{"clips": [' + "1" * 5000 + ", -" + "2" * 5000 + ', {"a": ' + "3" * 5000 + "}, 4]}"
    infinity = float("inf")
    assert stream(text, chunk=100) == [infinity, -infinity, {"a": infinity}, 4]


def test_halves_of_surrogate_pairs_are_values(stream):
    text = '{"clips": ["\\ud800", "\\ud83d\\ude00", "\\ude00\\ud83d"]}'
    for chunk in range(1, len(text)):
        assert stream(text, chunk=chunk) == ["\ud800", "\U0001f600", "\ude00\ud83d"]


def test_an_element_that_does_not_end_is_given_up(stream, tmp_path):
    text = '{"clips": [1, "' + "a" * 1000
    found = []
    with pytest.raises(UserError, match=r"not JSON \(no end within 100 characters: character 14\)"):
        stream(text, into=found, chunk=10, longest=100)
    assert found == [1]


def test_memory_does_not_grow_with_the_file(tmp_path):
    path = tmp_path / "a.json"

    def peak(elements):
        entry = json.dumps({"noun": "cup", "boxes": [1.5] * 20})
        path.write_text('{"other": [' + ",".join([entry] * elements) + '], "clips": [1]}')
        tracemalloc.start()
        assert list(iter_list(path, "clips", kind="", remedy="", chunk=1000)) == [1]
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(10)  # what is imported and compiled on first use
    assert peak(5000) < 1.5 * peak(100)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.text(max_size=3), VALUES), LAYOUTS)
def test_members_are_what_json_loads(tmp_path, document, layout):
    path = tmp_path / "a.json"
    path.write_text(dump(document, layout))
    members = list(iter_members(path, kind="an object", remedy=""))
    # As text, since NaN is not equal to itself.
    assert dump(dict(members), layout) == dump(json.loads(path.read_text()), layout)
    assert [name for name, _ in members] == list(document)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[1]", "no object at the top level; is this a map"),
        ("", "no object at the top level"),
        ('{"a": 1} 2', "Extra data"),
        ('{"a": [1, ', "not JSON"),
        ('{"a": 1', "not JSON"),
    ],
)
def test_what_is_no_object_has_no_members(tmp_path, text, message):
    path = tmp_path / "a.json"
    path.write_text(text)
    with pytest.raises(UserError, match=message):
        list(iter_members(path, kind="a map", remedy=""))


def test_members_of_a_file_that_is_absent(tmp_path):
    with pytest.raises(UserError, match=r"b\.json: no such file; fetch it"):
        next(iter_members(tmp_path / "b.json", kind="a map", remedy="fetch it"))

import json
import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wildframe.core.errors import UserError
from wildframe.core.schemas import OBJECTS, RECORDS
from wildframe.core.tables import read_table
from wildframe.sources.ego4d import (
    Ego4dSource,
    write_tables,
)


@pytest.fixture
def read(tmp_path):
    """Write both tables of an annotation file and return their rows."""

    def run(annotations, split="train"):
        paths = tmp_path / "records.parquet", tmp_path / "objects.parquet"
        write_tables(annotations, [], "v1", split, *paths)
        contracts = RECORDS, OBJECTS
        return [read_table(p, c).to_pylist() for p, c in zip(paths, contracts, strict=True)]

    return run


def test_a_record_becomes_three_moments_and_its_boxes(scod, write_scod, read):
    pre = scod.moment(
        7, [scod.box("left_hand", None), scod.box("object_of_change", "cup_(cup,_mug)", x=1.5)]
    )
    records, objects = read(write_scod([scod.record(pre_frame=pre)]))
    assert [record["role"] for record in records] == ["pre", "pnr", "post"]
    assert records[0] == {
        "record_id": "train-000000",
        "dataset": "ego4d",
        "split": "train",
        "video_id": "video-a",
        "clip_id": "clip-a",
        "role": "pre",
        "frame": 107,
        "clip_frame": 7,
        "frame_width": 640,
        "frame_height": 480,
        "boxes": 2,
        "rejected": None,
        "problem": None,
    }
    assert records[1]["frame"] is None
    assert records[1]["boxes"] == 0
    assert [box["noun"] for box in objects] == [None, "cup_(cup,_mug)"]
    assert [box["freeform_noun"] for box in objects] == [None, None]
    assert objects[1]["box"] == {"x": 1.5, "y": 20.5, "width": 100.0, "height": 50.0}
    assert objects[1]["position"] == 1


def test_every_optional_field_may_be_absent(scod, write_scod, read):
    bare = {"frame_number": 3, "bbox": [{"bbox": scod.box("tool", None)["bbox"]}]}
    records, objects = read(write_scod([{"pre_frame": bare}, {}, {"pre_frame": {}}]))
    assert [record["problem"] for record in records] == [None] * 9
    assert records[0]["frame"] == 3
    assert records[0]["clip_frame"] is None
    assert len(objects) == 1
    assert (objects[0]["object_type"], objects[0]["noun"], objects[0]["instance"]) == (
        "",
        None,
        None,
    )


@pytest.mark.parametrize(
    ("record", "problem"),
    [
        ("text", "the record is not an object"),
        ({"clip_uid": "../../etc/passwd"}, "clip_uid '../../etc/passwd' cannot be the name"),
        ({"video_uid": 5}, "video_uid is 5, not a string"),
        ({"pre_frame": [1]}, "pre_frame is not an object"),
        ({"pre_frame": {"frame_number": "7"}}, "frame_number is '7', not a whole number"),
        ({"pre_frame": {"frame_number": True}}, "frame_number is True, not a whole number"),
        ({"pre_frame": {"frame_number": 7.5}}, "frame_number is 7.5, not a whole number"),
        ({"pre_frame": {"frame_number": -1}}, "frame_number is -1, not between 0 and"),
        ({"pre_frame": {"frame_number": 10**20}}, "frame_number is 100000000000000000000, not"),
        ({"pre_frame": {"width": 2**40}}, "width is 1099511627776, not between 1 and"),
        ({"pre_frame": {"height": 0}}, "height is 0, not between 1 and"),
        ({"pre_frame": {"width": float("nan")}}, "width is nan, not a whole number"),
        ({"pre_frame": {"width": float("inf")}}, "width is inf, not a whole number"),
        ({"clip_uid": "\ud800"}, "clip_uid is '\\ud800', which has characters that are not text"),
        (
            {"pre_frame": {"bbox": [{"structured_noun": "a\x1b[31m", "bbox": {}}]}},
            "structured_noun is 'a\\x1b[31m', which has characters that are not text",
        ),
        ({"clip_uid": "a" * 300}, "cannot be the name of a file"),
        ({"pre_frame": {"bbox": {}}}, "pre_frame.bbox is not a list"),
        ({"pre_frame": {"bbox": {"x": 1}}}, "pre_frame.bbox is not a list"),
        ({"pre_frame": {"bbox": [{}]}}, "pre_frame.bbox[0].bbox is not an object"),
        (
            {"pre_frame": {"bbox": [{"bbox": {"x": 1, "y": 1, "width": 1}}]}},
            "pre_frame.bbox[0]: height is None, not a number",
        ),
        (
            {"pre_frame": {"bbox": [{"bbox": {"x": float("inf")}}]}},
            "pre_frame.bbox[0]: x is inf, not a number of pixels",
        ),
    ],
)
def test_a_bad_record_is_kept_with_its_problem(scod, write_scod, read, record, problem):
    good = scod.record(pre_frame=scod.moment(7, [scod.box("tool", "hammer")]))
    records, objects = read(write_scod([record, good]))
    assert len(records) == 6
    assert problem in records[0]["problem"]
    assert records[3]["problem"] is None
    assert [box["record_id"] for box in objects] == ["train-000001"]


KEYS = st.sampled_from(
    ["video_uid", "clip_uid", "pre_frame", "frame_number", "width", "bbox", "x", "structured_noun"]
)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(codec=None, exclude_categories=()), max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(JSON, min_size=1, max_size=3))
def test_no_record_whatever_kills_the_run_or_vanishes(write_scod, read, records):
    rows, _ = read(write_scod(records))
    assert len(rows) == 3 * len(records)


def test_whole_floats_are_whole_numbers(scod, write_scod, read):
    records, _ = read(write_scod([scod.record(pre_frame={"frame_number": 64.0})]))
    assert records[0]["frame"] == 64


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "not JSON"),
        ('{"clips": [{}, {}, {', "not JSON"),
        ('{"clips": [' + "[" * 100_000, "not JSON"),
        ("[]", "no list 'clips' at the top level; is this a fho_scod_*.json of version 1?"),
        ('{"clips": {}}', "no list 'clips'"),
        ('{"split": "val", "clips": []}', "the file says split 'val', the config 'train'"),
        ('{"clips": [{}], "split": "val"}', "the file says split 'val', the config 'train'"),
        ('{"clips": []}', "holds no record of split 'train'; fetch it with the publisher's"),
        ('{"clips": [], "split": "train"}', "holds no record of split 'train'; fetch it with"),
    ],
)
def test_a_bad_file_stops_with_one_sentence_and_leaves_no_table(tmp_path, read, content, message):
    path = tmp_path / "fho_scod_train.json"
    path.write_text(content)
    with pytest.raises(UserError) as refused:
        read(path)
    assert str(path) in str(refused.value)
    assert message in str(refused.value)
    assert list(tmp_path.iterdir()) == [path]


def test_a_truncated_file_says_where(tmp_path, write_scod, read, scod):
    path = write_scod([scod.record()])
    path.write_text(path.read_text()[:40])
    with pytest.raises(UserError, match=r"not JSON \(.*: character \d+ of 40\); fetch the file"):
        read(path)


def test_an_integer_that_python_refuses_costs_its_record_only(write_scod, read, scod):
    path = write_scod([{"pre_frame": {"frame_number": 7}}, scod.record()])
    path.write_text(path.read_text().replace(": 7", ": " + "7" * 5000))
    records, _ = read(path)
    assert records[0]["problem"] == "frame_number is inf, not a whole number"
    assert [record["problem"] for record in records[1:]] == [None] * 5


def test_a_problem_is_short_whatever_is_wrong(write_scod, read):
    records, _ = read(write_scod([{"video_uid": ["x" * 10_000, [[["y" * 10_000]]]] * 1000}]))
    assert records[0]["problem"].startswith("video_uid is ['xxx")
    assert len(records[0]["problem"]) < 400


def test_an_absent_file_names_the_publishers_command(tmp_path, read):
    path = Ego4dSource(root=str(tmp_path), data_note="a test").annotation_path
    assert path == tmp_path / "v1/annotations/fho_scod_train.json"
    with pytest.raises(UserError, match="ego4d -o <root> --version v1 --datasets annotations"):
        read(path)


def test_the_annotated_videos_are_found_without_parsing(tmp_path, scod):
    path = tmp_path / "v1/annotations/fho_scod_train.json"
    path.parent.mkdir(parents=True)
    records = [scod.record("clip-a"), scod.record("clip-b", "video-b"), scod.record("../x")]
    path.write_text(json.dumps({"clips": records}, indent=1))
    source = Ego4dSource(root=str(tmp_path), data_note="a test")
    assert source.list_media() == ["v1/clips/clip-a.mp4", "v1/clips/clip-b.mp4"]
    full = source.model_copy(update={"media": "full_scale"})
    assert full.list_media() == ["v1/full_scale/video-a.mp4", "v1/full_scale/video-b.mp4"]
    small = source.model_copy(update={"media": "clips_540ss"})
    assert small.list_media() == ["v1/clips_540ss/clip-a.mp4", "v1/clips_540ss/clip-b.mp4"]
    small = source.model_copy(update={"media": "video_540ss"})
    assert small.list_media() == ["v1/video_540ss/video-a.mp4", "v1/video_540ss/video-b.mp4"]
    assert source.require_annotations() == str(path)
    assert source.require_split_files() == []
    assert source.summary().found == f"3 records in {path}"


def test_annotations_that_are_fetched_anew_are_searched_anew(tmp_path):
    path = tmp_path / "v1/annotations/fho_scod_train.json"
    path.parent.mkdir(parents=True)
    path.touch()
    source = Ego4dSource(root=str(tmp_path), data_note="a test")
    assert source.list_media() == []
    path.write_text('{"clips": [{"clip_uid":"a"}, {"clip_uid" : "b/c"}, {"clip_uid": null}]}')
    os.utime(path, ns=(1, 1))
    assert source.list_media() == ["v1/clips/a.mp4"]


def test_a_byte_order_mark_is_no_fault(write_scod, read, scod):
    path = write_scod([scod.record()])
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert len(read(path)[0]) == 3


@pytest.mark.parametrize("named", [{}, {"split": None}])
def test_the_split_may_be_unnamed(write_scod, read, scod, named):
    path = write_scod([scod.record()])
    content = json.loads(path.read_text())
    del content["split"]
    content |= named
    path.write_text(json.dumps(content))
    assert len(read(path)[0]) == 3

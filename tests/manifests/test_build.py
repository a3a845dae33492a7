import pytest
from hypothesis import given
from hypothesis import strategies as st

from wildframe.core.schemas import MANIFEST, RECORDS
from wildframe.labels.mapping import LabelMap
from wildframe.manifests.build import Choices, build_manifest
from wildframe.manifests.funnel import summarize

MAP = LabelMap(
    {"class_index": index, "wnid": f"n{index}", "name": word, "lemmas": [word]}
    for index, word in enumerate(["cup", "hammer", "baseball", "basketball", "mug"])
)
CHOICES = Choices(
    dataset="d",
    role="pre",
    object_types=("object_of_change", "tool"),
    words="first",
    synsets="all",
    media="clips",
    version="v1",
    rate="30",
)


def record(number=0, *, frame=107, clip_frame=7, **values):
    row = {field.name: None for field in RECORDS.fields}
    return (
        row
        | {
            "record_id": f"train-{number:06d}",
            "dataset": "ego4d",
            "split": "train",
            "video_id": "video-a",
            "clip_id": "clip-a",
            "role": "pre",
            "frame": frame,
            "clip_frame": clip_frame,
            "frame_width": 640,
            "frame_height": 480,
            "boxes": 1,
        }
        | values
    )


def box(noun, number=0, kind="object_of_change", role="pre"):
    side = {"x": 1.0, "y": 2.0, "width": 3.0, "height": 4.0}
    return {
        "record_id": f"train-{number:06d}",
        "role": role,
        "object_type": kind,
        "noun": noun,
        "box": side,
    }


def decide(records, boxes, **choices):
    from dataclasses import replace

    return build_manifest(records, boxes, MAP, replace(CHOICES, **choices))


def steps(records, boxes, **choices):
    return [row["step"] for row in decide(records, boxes, **choices)[1]]


def test_a_picture_carries_what_the_stations_below_need():
    manifest, funnel = decide([record()], [box("cup_(cup,_mug)"), box(None, kind="tool")])
    assert manifest == [
        {
            "image_id": "clip-a_0000007",
            "dataset": "d",
            "split": "train",
            "record_id": "train-000000",
            "media": "v1/clips/clip-a.mp4",
            "media_kind": "video",
            "frame": 7,
            "rate": "30",
            "width": 640,
            "height": 480,
            "labels": ["n0"],
            "annotation_labels": [["n0"]],
            "nouns": ["cup_(cup,_mug)"],
            "words": ["cup"],
            "boxes": [{"x": 1.0, "y": 2.0, "width": 3.0, "height": 4.0}],
            "group_id": "clip-a",
            "video_id": "video-a",
            "anchor_id": None,
            "offset": None,
            "role": "pre",
            "origin": "ego4d",
        }
    ]
    assert manifest[0].keys() == set(MANIFEST.schema.names)
    assert funnel == [
        {
            "record_id": "train-000000",
            "image_id": "clip-a_0000007",
            "step": "kept",
            "annotation_labels": [["n0"]],
            "detail": "cup_(cup,_mug) -> cup (n0)",
        }
    ]


def test_full_scale_videos_are_read_by_their_own_frame_numbers():
    manifest, _ = decide([record()], [box("cup")], media="full_scale")
    assert manifest[0]["media"] == "v1/full_scale/video-a.mp4"
    assert manifest[0]["frame"] == 107
    assert manifest[0]["group_id"] == "clip-a"


@pytest.mark.parametrize(
    ("records", "boxes", "expected"),
    [
        ([record(problem="broken")], [], "bad_record"),
        ([record(clip_id=None)], [box("cup")], "bad_record"),
        ([record(frame_width=None)], [box("cup")], "bad_record"),
        ([record(frame=None, clip_frame=None)], [], "no_moment"),
        ([record()], [], "no_object_box"),
        (
            [record()],
            [box(None, kind="left_hand"), box("hand", kind="right_hand")],
            "no_object_box",
        ),
        ([record()], [box("cup", role="pnr")], "no_object_box"),
        ([record()], [box(None)], "no_noun"),
        ([record()], [box("scissors"), box(None)], "no_class"),
        ([record()], [box("cup"), box("hammer", kind="tool")], "several_classes"),
        ([record()], [box("cup"), box("cup", kind="tool")], "kept"),
        ([record()], [box("cup"), box("scissors")], "kept"),
    ],
)
def test_each_reason_has_its_step(records, boxes, expected):
    assert steps(records, boxes) == [expected]


def test_a_duplicate_is_told_by_video_frame_or_by_clip_frame():
    twice = [record(0), record(1)]
    boxes = [box("cup", 0), box("cup", 1)]
    assert steps(twice, boxes) == ["kept", "duplicate"]
    overlapping_clip = record(1, clip_id="clip-b", clip_frame=99)
    assert steps([record(0), overlapping_clip], boxes) == ["kept", "duplicate"]
    renumbered = record(1, frame=5000)
    assert steps([record(0), renumbered], boxes) == ["kept", "duplicate"]
    another = record(1, frame=108, clip_frame=8)
    assert steps([record(0), another], boxes) == ["kept", "kept"]
    elsewhere = record(1, video_id="video-b", clip_id="clip-b")
    assert steps([record(0), elsewhere], boxes) == ["kept", "kept"]


def test_a_record_that_was_dropped_as_a_duplicate_makes_no_duplicates():
    # B repeats A's clip frame under another video frame; C shares only that video frame with B.
    a = record(0, frame=107, clip_frame=7)
    b = record(1, frame=5000, clip_frame=7)
    c = record(2, frame=5000, clip_id="clip-b", clip_frame=50)
    boxes = [box("cup", number) for number in range(3)]
    assert steps([a, b, c], boxes) == ["kept", "duplicate", "kept"]


def test_only_the_asked_moment_counts():
    assert steps([record(role="post"), record(1)], [box("cup", 1)]) == ["kept"]
    assert steps([record(role="post")], [box("cup", role="post")], role="post") == ["kept"]


def test_only_the_asked_objects_count():
    assert steps([record()], [box("cup", kind="tool")], object_types=("object_of_change",)) == [
        "no_object_box"
    ]


def test_any_of_several_classes_in_one_annotation_is_one_class():
    boxes = [box("ball_(baseball,_basketball)")]
    assert decide([record()], boxes)[0][0]["labels"] == ["n2"]
    every = decide([record()], boxes, words="all")[0][0]
    assert every["labels"] == ["n2", "n3"]
    assert every["words"] == ["baseball", "basketball"]


NOUNS = st.sampled_from([None, "cup", "hammer", "scissors", "cup_(cup,_mug)"])
RECORDS_AND_BOXES = st.lists(
    st.tuples(st.sampled_from([None, 1, 2, 3]), st.lists(NOUNS, max_size=3), st.booleans()),
    max_size=12,
)


@given(RECORDS_AND_BOXES)
def test_no_record_is_lost(drawn):
    records, boxes = [], []
    for number, (frame, nouns, broken) in enumerate(drawn):
        problem = "broken" if broken else None
        records.append(record(number, frame=frame, clip_frame=frame, problem=problem))
        boxes += [box(noun, number) for noun in nouns]
    manifest, funnel = decide(records, boxes)
    assert [row["record_id"] for row in funnel] == [row["record_id"] for row in records]
    kept = [row["image_id"] for row in funnel if row["step"] == "kept"]
    assert sorted(kept) == [row["image_id"] for row in manifest]
    assert len(set(kept)) == len(kept)
    summary = summarize(funnel)
    assert summary[0]["left"] == len(records)
    assert summary[-1]["left"] == len(manifest)
    assert sum(row["dropped"] for row in summary) == len(records) - len(manifest)

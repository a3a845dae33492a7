from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wildframe.core.schemas import MANIFEST, RECORDS
from wildframe.labels.mapping import LabelMap
from wildframe.labels.senses import SenseTable
from wildframe.manifests.build import Choices, build_manifest
from wildframe.manifests.funnel import summarize
from wildframe.scores.evaluated import kept_labels

MAP = LabelMap(
    {"class_index": index, "wnid": f"n{index}", "name": word, "lemmas": [word], "senses": [1]}
    for index, word in enumerate(["cup", "hammer", "baseball", "basketball", "mug"])
)
CHOICES = Choices(
    dataset="d",
    roles=("pre",),
    object_types=("object_of_change", "tool"),
    unit="image",
    rule="words",
    pick="reading_order",
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
        "freeform_noun": None,
        "box": side,
    }


def decide(records, boxes, **choices):
    for position, annotated in enumerate(boxes):
        annotated["position"] = position
    decisions = list(build_manifest(records, boxes, MAP, replace(CHOICES, **choices)))
    return [row for row, _ in decisions if row], [row for _, row in decisions]


def steps(records, boxes, **choices):
    return [row["step"] for row in decide(records, boxes, **choices)[1]]


def test_a_image_carries_what_the_stations_below_need():
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
            "role": "pre",
            "origin": "ego4d",
        }
    ]
    assert manifest[0].keys() == set(MANIFEST.schema.names)
    assert funnel == [
        {
            "record_id": "train-000000",
            "role": "pre",
            "position": None,
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
        ([record(), record(role="pnr")], [box("cup", role="pnr")], "no_object_box"),
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


@pytest.mark.parametrize(
    ("media", "unknown"), [("clips", "frame"), ("full_scale", "clip_frame"), ("clips", "video_id")]
)
def test_only_the_number_in_the_file_that_is_read_must_be_known(media, unknown):
    assert steps([record(**{unknown: None})], [box("cup")], media=media) == ["kept"]


def test_a_record_that_was_dropped_as_a_duplicate_makes_no_duplicates():
    # B repeats A's clip frame under another video frame; C shares only that video frame with B.
    a = record(0, frame=107, clip_frame=7)
    b = record(1, frame=5000, clip_frame=7)
    c = record(2, frame=5000, clip_id="clip-b", clip_frame=50)
    boxes = [box("cup", number) for number in range(3)]
    assert steps([a, b, c], boxes) == ["kept", "duplicate", "kept"]


def test_only_the_asked_moment_counts():
    assert steps([record(role="post"), record(1)], [box("cup", 1)]) == ["kept"]
    assert steps([record(role="post")], [box("cup", role="post")], roles=("post",)) == ["kept"]


def test_several_moments_of_a_record_are_images_of_their_own():
    moments = [record(), record(role="pnr", frame=110, clip_frame=10), record(role="post")]
    boxes = [box("cup"), box("cup", role="pnr"), box("hammer", role="post")]
    manifest, funnel = decide(moments, boxes, roles=("pre", "pnr", "post"))
    # The Post moment is the very frame of the Pre moment, but an image of its own.
    assert [(row["image_id"], row["role"], row["labels"]) for row in manifest] == [
        ("clip-a_0000007_pre", "pre", ["n0"]),
        ("clip-a_0000010_pnr", "pnr", ["n0"]),
        ("clip-a_0000007_post", "post", ["n1"]),
    ]
    assert [row["step"] for row in funnel] == ["kept"] * 3


def test_pre_images_do_not_hang_on_the_other_moments_that_are_asked_for():
    # The first record's PNR is the second's Pre; the third repeats the second.
    moments = [
        record(0, role="pnr", frame=120, clip_frame=20),
        record(1, frame=120, clip_frame=20),
        record(2, frame=120, clip_frame=20),
    ]
    boxes = [box("cup", 0, role="pnr"), box("cup", 1), box("cup", 2)]
    both, funnel = decide(moments, boxes, roles=("pre", "pnr"))
    alone, _ = decide(moments, boxes)
    assert [row["record_id"] for row in both if row["role"] == "pre"] == ["train-000001"]
    assert [row["record_id"] for row in alone] == ["train-000001"]
    assert [row["step"] for row in funnel] == ["kept", "kept", "duplicate"]
    assert len({row["image_id"] for row in both}) == 2


def test_each_object_is_a_row_where_objects_are_examined():
    boxes = [box("cup"), box("scissors"), box(None), box("hammer"), box("x", kind="left_hand")]
    assert steps([record()], boxes) == ["several_classes"]
    manifest, funnel = decide([record()], boxes, unit="object")
    assert [(row["image_id"], row["labels"], row["nouns"]) for row in manifest] == [
        ("clip-a_0000007_0", ["n0"], ["cup"]),
        ("clip-a_0000007_3", ["n1"], ["hammer"]),
    ]
    assert [(row["position"], row["step"]) for row in funnel] == [
        (0, "kept"),
        (1, "no_class"),
        (2, "no_noun"),
        (3, "kept"),
    ]
    assert steps([record()], [], unit="object") == ["no_object_box"]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"x": 639.5}, "kept"),
        ({"x": 640.0}, "no_object_box"),
        ({"x": -3.0}, "no_object_box"),
        ({"y": -2.0, "height": 2.0}, "no_object_box"),
        ({"width": 0.0}, "no_object_box"),
        ({"height": -1.0}, "no_object_box"),
    ],
)
def test_a_box_that_does_not_lie_in_the_frame_is_none(change, expected):
    annotated = box("cup")
    annotated["box"] = annotated["box"] | change
    assert steps([record()], [annotated]) == [expected]


def test_an_action_that_the_annotators_ruled_out_is_told_apart():
    ruled_out = record(0, rejected="the annotators rejected it")
    _, funnel = decide([ruled_out, record(1)], [box("cup", 0), box("cup", 1)])
    # It makes no duplicate of the next one.
    assert [row["step"] for row in funnel] == ["rejected", "kept"]
    assert funnel[0]["detail"] == "the annotators rejected it"


def test_the_annotators_own_words_are_told():
    annotated = box(None) | {"freeform_noun": "gizmo"}
    assert "gizmo" in decide([record()], [annotated])[1][0]["detail"]


def test_boxes_out_of_order_are_not_lost_silently():
    with pytest.raises(ValueError, match="order of the records"):
        decide([record(0), record(1)], [box("cup", 1), box("cup", 0)])


def test_only_the_asked_objects_count():
    assert steps([record()], [box("cup", kind="tool")], object_types=("object_of_change",)) == [
        "no_object_box"
    ]


def test_any_of_several_classes_in_one_annotation_is_one_class():
    boxes = [box("ball_(baseball,_basketball)")]
    assert decide([record()], boxes)[0][0]["labels"] == ["n2"]
    every = decide([record()], boxes, pick="all")[0][0]
    assert every["labels"] == ["n2", "n3"]
    assert every["words"] == ["baseball", "basketball"]


def test_the_same_classes_in_another_order_are_one_class():
    boxes = [box("ball_(baseball,_basketball)"), box("ball_(basketball,_baseball)", kind="tool")]
    assert steps([record()], boxes, pick="all") == ["kept"]
    assert steps([record()], boxes) == ["several_classes"]


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
    assert kept == [row["image_id"] for row in manifest]
    assert len(set(kept)) == len(kept)
    summary = summarize(funnel)
    assert summary[0]["left"] == len(records)
    assert summary[-1]["left"] == len(manifest)
    assert sum(row["dropped"] for row in summary) == len(records) - len(manifest)


@pytest.mark.parametrize("doubtful_is_first", [False, True])
def test_an_object_whose_sense_is_not_doubted_labels_the_image(doubtful_is_first):
    """Two nouns mean one class, of which one hardly does."""
    classes = [{"class_index": 0, "wnid": "n0", "name": "iron", "lemmas": ["iron"], "senses": [1]}]
    senses = SenseTable({("solder iron", "iron", "n0"): True})
    boxes = [box("iron"), box("solder_iron", kind="tool")]
    boxes[0]["box"] = boxes[0]["box"] | {"x": 9.0}
    if doubtful_is_first:
        boxes.reverse()
    for position, annotated in enumerate(boxes):
        annotated["position"] = position
    ((row, _),) = build_manifest([record()], boxes, LabelMap(classes, senses=senses), CHOICES)
    assert row["nouns"] == ["iron", "solder_iron"]
    assert row["boxes"][0]["x"] == 9
    assert kept_labels(row, row["labels"], senses) == ["n0"]


def test_an_object_of_no_doubt_goes_before_one_that_is_doubted_in_part():
    lemmas = ["iron", "flatiron"]
    classes = [
        {"class_index": n, "wnid": f"n{n}", "name": lemma, "lemmas": [lemma], "senses": [1]}
        for n, lemma in enumerate(lemmas)
    ]
    label_map = LabelMap(classes, senses=SenseTable({("golf club", "iron", "n0"): True}))
    boxes = [box("golf_club_(iron,_flatiron)"), box("iron_(flatiron)", kind="tool")]
    for position, annotated in enumerate(boxes):
        annotated["position"] = position
    choices = replace(CHOICES, pick="all")
    ((row, _),) = build_manifest([record()], boxes, label_map, choices)
    assert row["nouns"] == ["iron_(flatiron)", "golf_club_(iron,_flatiron)"]
    assert row["labels"] == ["n0", "n1"]

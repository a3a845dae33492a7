from pathlib import Path

import pyarrow as pa
import pytest
from set_data import BIRD, CUP, DOG, HEN, TURTLE, box, choices, sets_of, steps

from wildframe.core.errors import UserError
from wildframe.core.schemas import BOXES, MANIFEST
from wildframe.manifests.published import published_sets
from wildframe.manifests.sample import Boxes

HERE = Path("published.parquet")


def media(number, video="v"):
    return f"Data/VID/val/{video}/{number:06d}.JPEG"


def frame(anchor, number, labels, video="v"):
    return {
        "anchor": media(anchor, video),
        "media": media(number, video),
        "video_id": video,
        "frame": number,
        "offset": number - anchor,
        "labels": labels,
    }


def publish(rows, *boxes, **values):
    table = pa.Table.from_pylist(list(boxes), schema=BOXES.schema)
    return list(published_sets(HERE, rows, Boxes(table), choices(**values)))


def test_published_frames_become_images_and_a_set():
    rows = [frame(5, 7, [BIRD]), frame(5, 5, [DOG, BIRD]), frame(5, 4, [DOG])]
    (part,) = publish(rows, box(5, DOG), box(5, CUP, position=1), box(6, DOG))
    assert sets_of([part]) == {
        "v_0000005": [
            (-1, "v_0000004", [DOG]),
            (0, "v_0000005", [DOG, BIRD]),
            (2, "v_0000007", [BIRD]),
        ]
    }
    anchor = part.images["v_0000005"]
    assert anchor.keys() == set(MANIFEST.schema.names)
    assert anchor["media"] == media(5)
    assert (anchor["media_kind"], anchor["frame"], anchor["width"]) == ("image", None, None)
    assert anchor["annotation_labels"] == [[DOG]]
    assert anchor["labels"] == [DOG, BIRD]
    assert part.images["v_0000004"]["boxes"] == []
    assert steps([part]) == [("v_0000005", "kept")]


def test_a_box_of_a_class_that_does_not_exist_drops_its_set_only():
    rows = [frame(5, 5, [DOG]), frame(50, 50, [DOG])]
    (part,) = publish(rows, box(5, "n00000001"))
    assert steps([part]) == [(media(5), "bad_video"), ("v_0000050", "kept")]


def test_frames_may_be_judged_by_their_anchors_labels():
    rows = [frame(5, 4, []), frame(5, 5, [DOG, HEN]), frame(5, 6, [])]
    (members,) = sets_of(publish(rows, label_source="anchor")).values()
    assert [labels for _, _, labels in members] == [[DOG, BIRD]] * 3


def test_labels_that_only_anchors_have_cannot_be_the_frames_own():
    rows = [frame(5, 4, []), frame(5, 5, [DOG])]
    with pytest.raises(UserError, match=r"published\.parquet: only anchors have labels; .*"):
        publish(rows)
    # An anchor by itself has nothing near it that could lack a label.
    assert len(sets_of(publish(rows[1:]))) == 1


def test_an_anchor_that_the_publisher_gave_no_class_stays():
    rows = [frame(5, 4, []), frame(5, 5, [])]
    assert sets_of(publish(rows, label_source="anchor")) == {
        "v_0000005": [(-1, "v_0000004", []), (0, "v_0000005", [])]
    }


def test_an_anchor_without_a_class_among_the_targets_goes_and_is_listed():
    rows = [frame(5, 5, [TURTLE]), frame(5, 4, [TURTLE]), frame(9, 9, [DOG]), frame(9, 8, [CUP])]
    (part,) = publish(rows, targets="coco80")
    assert steps([part]) == [(media(5), "no_label"), ("v_0000009", "kept")]
    assert "n01662784: not in coco80" in part.decisions[0]["detail"]
    # A cup is a target of COCO, so that this frame stays; under ImageNet VID it does not.
    assert [len(of) for of in sets_of([part]).values()] == [2]
    (part,) = publish(rows[2:])
    assert [len(of) for of in sets_of([part]).values()] == [1]
    assert part.decisions[0]["detail"] == "1 frame, 1 without a label dropped"


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        ({"frames": 10}, [-10, -5, -4, 0, 4, 5, 10]),
        ({"frames": 5}, [-5, -4, 0, 4, 5]),
        ({"frames": 10, "step": 2}, [-10, -4, 0, 4, 10]),
        ({"frames": 9, "step": 5}, [-5, 0, 5]),
        ({"frames": 0}, [0]),
    ],
)
def test_the_window_and_its_step_choose_among_what_was_published(window, expected):
    rows = [frame(20, 20 + offset, [DOG]) for offset in (-10, -5, -4, 0, 4, 5, 10, 11)]
    (members,) = sets_of(publish(rows, **window)).values()
    assert [offset for offset, _, _ in members] == expected


def test_a_frame_of_two_sets_is_one_image():
    rows = [frame(5, 5, [DOG]), frame(5, 6, [DOG]), frame(7, 7, [DOG]), frame(7, 6, [DOG])]
    (part,) = publish(rows)
    assert sorted(part.images) == ["v_0000005", "v_0000006", "v_0000007"]
    assert len(part.sets) == 4


def test_a_window_in_seconds_is_refused():
    with pytest.raises(UserError, match=r"datasets\.d\.window: published sets have no frame rate"):
        publish([frame(5, 5, [DOG])], frames=None, seconds=0.5)


def test_a_set_without_its_anchor_is_named():
    with pytest.raises(UserError, match=r"the set of .*000005.JPEG has no anchor"):
        publish([frame(5, 6, [DOG])])

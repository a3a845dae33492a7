import itertools
from collections import Counter

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from set_data import BIRD, BOX_TURTLE, CUP, DOG, HEN, TURTLE, box, choices, sets_of, steps, video

from wildframe.core.errors import UserError
from wildframe.core.files import is_safe_id
from wildframe.core.schemas import BOXES, MANIFEST, SETS
from wildframe.manifests.sample import Boxes, draw, sample_sets
from wildframe.manifests.sets import image_name


def boxes_of(*rows):
    return Boxes(pa.Table.from_pylist(list(rows), schema=BOXES.schema))


def sample(videos, *boxes, anchors=1, seed=0, split=None, **values):
    return list(sample_sets(videos, boxes_of(*boxes), choices(**values), anchors, seed, split))


def test_a_set_is_an_anchor_and_the_frames_near_it():
    (part,) = sample([video(frames=50)], frames=4, step=2)
    (anchor,) = sets_of([part])
    frame = int(anchor.removeprefix("v_"))
    assert 4 <= frame <= 45  # true of this seed, so that the window is whole
    assert part.sets == [
        {
            "anchor_id": anchor,
            "image_id": f"v_{frame + offset:07d}",
            "offset": offset,
            "labels": [DOG],
        }
        for offset in (-4, -2, 0, 2, 4)
    ]
    assert part.sets[0].keys() == set(SETS.schema.names)
    assert list(part.images) == [row["image_id"] for row in part.sets if row["offset"] == 0] + [
        row["image_id"] for row in part.sets if row["offset"]
    ]
    assert part.images[anchor] == {
        "image_id": anchor,
        "dataset": "d",
        "split": "val",
        "record_id": "v",
        "media": "v.mp4",
        "media_kind": "video",
        "frame": frame,
        "rate": None,
        "width": 64,
        "height": 48,
        "labels": [DOG],
        "annotation_labels": [],
        "nouns": [],
        "words": [],
        "boxes": [],
        "group_id": "v",
        "video_id": "v",
        "role": None,
        "origin": "d",
    }
    assert part.images[anchor].keys() == set(MANIFEST.schema.names)
    (decision,) = part.decisions
    assert (decision["record_id"], decision["role"], decision["step"]) == (anchor, "anchor", "kept")


@pytest.mark.parametrize(
    ("frames", "own", "expected"), [(1, [0], [0]), (3, [0], [0, 1, 2]), (3, [2], [-2, -1, 0])]
)
def test_a_window_is_cut_at_the_ends_of_the_video(frames, own, expected):
    # Only one frame has a label, so that it is the anchor.
    labelled = [box(frame, DOG) for frame in own]
    parts = sample([video(frames=frames, labels=[])], *labelled, label_source="anchor", frames=5)
    (members,) = sets_of(parts).values()
    assert [offset for offset, _, _ in members] == expected


def test_a_window_in_seconds_counts_at_the_videos_own_rate():
    slow, fast = video("slow", rate=10.0), video("fast", rate=100.0)
    unknown, still = video("unknown", rate=None), video("still", rate=0.0)
    parts = sample([slow, fast, unknown, still], frames=None, seconds=0.29)
    reach = {
        anchor.partition("_")[0]: max(offset for offset, _, _ in members)
        for anchor, members in sets_of(parts).items()
    }
    # 0.29 * 100 is 28.999999999999996 to a computer.
    assert reach == {"slow": 2, "fast": 29}
    assert steps(parts)[2:] == [("unknown", "no_rate"), ("still", "no_rate")]


def test_a_window_longer_than_the_video_is_the_video():
    (members,) = sets_of(sample([video(frames=3)], frames=10**12)).values()
    assert len(members) == 3


def test_labels_come_from_boxes_the_largest_first_and_are_targets():
    rows = [
        box(7, CUP, side=99, position=0),
        box(7, HEN, side=5, position=1),
        box(7, BOX_TURTLE, side=9, position=2),
        box(7, BIRD, side=3, position=3),
    ]
    (part,) = sample([video(labels=[])], *rows, frames=0)
    (image,) = part.images.values()
    assert image["image_id"] == "v_0000007"
    assert image["labels"] == [TURTLE, BIRD]
    assert image["annotation_labels"] == [[BIRD], [TURTLE], [BIRD]]
    assert [sides["width"] for sides in image["boxes"]] == [5, 9, 3]


def test_labels_of_the_video_go_before_those_of_boxes():
    (part,) = sample([video(frames=1, labels=[HEN])], box(0, DOG))
    (image,) = part.images.values()
    assert image["labels"] == [BIRD]
    assert image["annotation_labels"] == [[DOG]]


def test_frames_are_judged_by_their_own_labels_or_by_their_anchors():
    rows = [box(0, CUP), box(1, HEN), box(2, DOG), box(2, BIRD, side=1, position=1)]
    seen = set()
    for seed in range(20):
        own = sample([video(frames=4, labels=[])], *rows, seed=seed)
        ((anchor, members),) = sets_of(own).items()
        # Frame 0 shows no target and frame 3 nothing: they are left out, and never the anchor.
        assert [(image, labels) for _, image, labels in members] == [
            ("v_0000001", [BIRD]),
            ("v_0000002", [DOG, BIRD]),
        ]
        assert own[0].decisions[0]["detail"] == "2 frames, 2 without a label dropped"
        anchors = sample([video(frames=4, labels=[])], *rows, seed=seed, label_source="anchor")
        ((anchor, members),) = sets_of(anchors).items()
        expected = {"v_0000001": [BIRD], "v_0000002": [DOG, BIRD]}[anchor]
        assert all(labels == expected for _, _, labels in members)
        assert len(members) == 4
        seen.add(anchor)
    assert len(seen) == 2


def test_nothing_vanishes():
    parts = sample(
        [
            video("broken", problem="cannot be opened", frames=None),
            video("uncounted", frames=None),
            video("cup", labels=[CUP]),
            video("bare", labels=[]),
            video("short", frames=2),
            video("other", split="train"),
        ],
        anchors=3,
        split="val",
    )
    assert steps(parts) == [
        ("broken", "bad_video"),
        ("uncounted", "bad_video"),
        ("cup", "no_label"),
        ("bare", "no_label"),
        ("short_0000000", "kept"),
        ("short_0000001", "kept"),
        ("short anchor 3", "too_few_frames"),
    ]
    assert parts[0].decisions[0]["detail"] == "cannot be opened"


def test_boxes_beyond_the_end_of_a_video_make_no_anchor():
    parts = sample([video(frames=5, labels=[])], box(5, DOG))
    assert steps(parts) == [("v", "no_label")]


def test_a_split_that_no_video_is_of_is_named():
    with pytest.raises(UserError, match=r"no video is in split 'test'; its source has val; c"):
        sample([video(), video("w", split="")], split="test")


def test_a_class_that_does_not_exist_drops_its_video_only():
    videos = [video(labels=["n00000001"]), video("w", labels=[]), video("x", frames=1)]
    parts = sample(videos, box(3, DOG, video_id="w"), box(4, "n00000001", video_id="w"))
    assert steps(parts) == [("v", "bad_video"), ("w", "bad_video"), ("x_0000000", "kept")]
    assert [part.sets for part in parts[:2]] == [[], []]
    detail = "n00000001: no noun of WordNet 3.0 has this id; correct its labels or boxes"
    assert {part.decisions[0]["detail"] for part in parts[:2]} == {detail}


def test_images_that_lie_as_files_are_named_by_their_frame():
    tree = video("x", media="Data/VID/val/x/%06d.JPEG", media_kind="image", frames=1)
    (part,) = sample([tree])
    (image,) = part.images.values()
    assert image["media"] == "Data/VID/val/x/000000.JPEG"
    assert (image["media_kind"], image["frame"]) == ("image", None)


def test_windows_of_two_anchors_share_no_frame_where_there_is_room():
    for seed in range(20):
        found = sets_of(sample([video(frames=6)], anchors=2, seed=seed, frames=1))
        images = [image for members in found.values() for _, image, _ in members]
        assert len(found) == 2
        assert len(images) == len(set(images))


def test_a_image_in_two_sets_is_one_image():
    # Two anchors of a video of two frames: each is near the other.
    rows = [box(0, DOG), box(1, BIRD)]
    (part,) = sample(
        [video(frames=2, labels=[])], *rows, anchors=2, label_source="anchor", frames=1
    )
    assert sets_of([part]) == {
        "v_0000000": [(0, "v_0000000", [DOG]), (1, "v_0000001", [DOG])],
        "v_0000001": [(-1, "v_0000000", [BIRD]), (0, "v_0000001", [BIRD])],
    }
    # The manifest has all labels that an image is judged by; its boxes stay its own.
    assert [set(row["labels"]) for row in part.images.values()] == [{DOG, BIRD}] * 2
    assert [row["annotation_labels"] for row in part.images.values()] == [[[DOG]], [[BIRD]]]


def test_a_new_video_moves_no_others_anchors():
    videos = [video(name, frames=1000) for name in ("a", "b", "c")]
    alone = {
        name: list(sets_of(sample([one], anchors=3))) for one in videos for name in one["video_id"]
    }
    together = list(sets_of(sample(videos, anchors=3)))
    assert together == [anchor for anchors in alone.values() for anchor in anchors]
    assert {anchor[2:] for anchor in alone["a"]} != {anchor[2:] for anchor in alone["b"]}
    assert sample(videos, anchors=3)[0].sets == sample(videos, anchors=3)[0].sets
    assert list(sets_of(sample(videos, anchors=3, seed=1))) != together


FRAMES = st.lists(st.integers(0, 60), unique=True, min_size=1).map(sorted)


@given(FRAMES, st.integers(1, 5), st.integers(1, 20), st.text())
def test_frames_drawn_are_a_window_apart_wherever_that_is_possible(frames, number, gap, seed):
    chosen = draw(frames, number, gap, seed)
    assert chosen == sorted(set(chosen))
    assert set(chosen) <= set(frames)
    assert len(chosen) == min(number, len(frames))
    # From the left, the first that is far enough: no choice has more.
    most, last = 0, -gap
    for frame in frames:
        if frame - last >= gap:
            most, last = most + 1, frame
    if most >= number:
        assert all(b - a >= gap for a, b in itertools.pairwise(chosen))


def test_every_choice_is_as_likely():
    frames = [0, 1, 2, 5, 9]
    possible = [pair for pair in itertools.combinations(frames, 2) if pair[1] - pair[0] >= 3]
    drawn = Counter(tuple(draw(frames, 2, 3, str(seed))) for seed in range(7000))
    assert sorted(drawn) == possible
    # 1,000 of each are expected; 130 away is more than four standard deviations.
    assert all(abs(count - 1000) < 130 for count in drawn.values())


@given(st.text(min_size=1, max_size=40), st.text(min_size=1, max_size=40), st.integers(0, 10**7))
def test_names_of_images_are_safe_and_of_one_video(one, other, frame):
    assert is_safe_id(image_name(one, frame))
    assert (image_name(one, frame) == image_name(other, frame)) == (one == other)


def test_names_of_images_are_the_videos_where_those_are_safe():
    assert image_name("ILSVRC2015_val_00000000", 442) == "ILSVRC2015_val_00000000_0000442"
    assert image_name("-Xi_1000", 7).startswith("Xi_1000-")


def test_boxes_are_found_by_video_in_the_order_of_positions():
    found = boxes_of(
        box(3, DOG, position=1, video_id="b"),
        box(1, DOG, video_id="a"),
        box(3, BIRD, position=0, video_id="b"),
        box(2, DOG, video_id="b"),
    )
    assert [(f, [b["wnid"] for b in of]) for f, of in found.of("b").items()] == [
        (2, [DOG]),
        (3, [BIRD, DOG]),
    ]
    assert list(found.of("a")) == [1]
    assert found.of("c") == boxes_of().of("a") == {}

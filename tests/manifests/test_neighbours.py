from pathlib import Path

import pytest
from set_data import BIRD, CUP, DOG, HEN, choices, sets_of, steps

from wildframe.core.errors import UserError
from wildframe.core.schemas import MANIFEST
from wildframe.manifests.neighbours import sets_of_neighbours

HERE = Path("ego.parquet")


@pytest.fixture
def pre(manifest_row):
    """Return a function that makes an image of one dog in a clip."""

    def make(frame, clip="c", suffix="", **values):
        return manifest_row(f"{clip}_{frame:07d}{suffix}") | {
            "media": f"v1/clips/{clip}.mp4",
            "group_id": clip,
            "frame": frame,
            "labels": [DOG],
            "annotation_labels": [[DOG]],
            "nouns": ["dog"],
            **values,
        }

    return make


def anchor_dataset(rows, **values):
    return list(sets_of_neighbours(HERE, rows, choices(label_source="anchor", **values)))


def test_a_image_becomes_an_anchor_with_its_labels(pre):
    (part,) = anchor_dataset([pre(7)], frames=5, step=5)
    assert sets_of([part]) == {
        "c_0000007": [
            (-5, "c_0000002", [DOG]),
            (0, "c_0000007", [DOG]),
            (5, "c_0000012", [DOG]),
        ]
    }
    anchor, neighbours = part.images["c_0000007"], part.images["c_0000002"]
    assert anchor == pre(7) | {"words": []}
    assert neighbours.keys() == set(MANIFEST.schema.names)
    same = ("media", "rate", "group_id", "video_id", "split", "record_id", "origin", "labels")
    assert [neighbours[column] for column in same] == [anchor[column] for column in same]
    assert (neighbours["frame"], neighbours["role"], neighbours["boxes"], neighbours["nouns"]) == (
        2,
        None,
        [],
        [],
    )
    assert steps([part]) == [("c_0000007", "kept")]


def test_an_image_of_a_class_that_does_not_exist_is_no_anchor(pre):
    (part,) = anchor_dataset([pre(7, labels=["n00000001"]), pre(50)])
    assert steps([part]) == [("c_0000007", "bad_video"), ("c_0000050", "kept")]


def test_no_frame_is_before_the_first(pre):
    (members,) = sets_of(anchor_dataset([pre(1)], frames=3)).values()
    assert [offset for offset, _, _ in members] == [-1, 0, 1, 2, 3]


def test_a_window_in_seconds_counts_on_the_anchors_grid(pre):
    rows = [pre(500, rate="30000/1001"), pre(500, clip="d", rate=None)]
    parts = anchor_dataset(rows, frames=None, seconds=1.0)
    (members,) = sets_of(parts).values()
    assert members[-1][0] == 29
    assert steps(parts) == [("c_0000500", "kept"), ("d_0000500", "no_rate")]


def test_images_near_each_other_share_theirs(pre):
    parts = anchor_dataset([pre(8, labels=[BIRD], annotation_labels=[[BIRD]]), pre(7)], frames=1)
    assert sets_of(parts) == {
        "c_0000007": [(-1, "c_0000006", [DOG]), (0, "c_0000007", [DOG]), (1, "c_0000008", [DOG])],
        "c_0000008": [
            (-1, "c_0000007", [BIRD]),
            (0, "c_0000008", [BIRD]),
            (1, "c_0000009", [BIRD]),
        ],
    }
    found = parts[0].images
    assert {name: set(row["labels"]) for name, row in found.items()} == {
        "c_0000006": {DOG},
        "c_0000007": {DOG, BIRD},
        "c_0000008": {DOG, BIRD},
        "c_0000009": {BIRD},
    }
    # Though first met as neighbours, anchors keep their boxes.
    assert [len(found[f"c_000000{n}"]["boxes"]) for n in (6, 7, 8, 9)] == [0, 1, 1, 0]


def test_images_of_the_same_frame_make_one_anchor(pre):
    rows = [
        pre(7, suffix="_0"),
        pre(7, suffix="_3", labels=[HEN], annotation_labels=[[HEN]], nouns=["hen"]),
    ]
    (part,) = anchor_dataset(rows, frames=0)
    assert sets_of([part]) == {"c_0000007": [(0, "c_0000007", [DOG, BIRD])]}
    (anchor,) = part.images.values()
    assert anchor["annotation_labels"] == [[DOG], [BIRD]]
    assert (len(anchor["boxes"]), anchor["nouns"]) == (2, ["dog", "hen"])
    assert sorted(steps([part])) == [("c_0000007", "kept"), ("c_0000007_3", "duplicate")]


def test_a_label_that_is_no_target_does_not_count(pre):
    rows = [pre(7, labels=[CUP], annotation_labels=[[CUP]]), pre(30, labels=[CUP, HEN])]
    parts = anchor_dataset(rows, frames=0)
    assert steps(parts) == [("c_0000007", "no_label"), ("c_0000030", "kept")]
    assert [labels for _, _, labels in sets_of(parts)["c_0000030"]] == [[BIRD]]


def test_objects_that_are_no_targets_are_left_out_with_their_boxes(pre, manifest_row):
    sides = manifest_row("x")["boxes"][0]
    row = pre(
        7,
        annotation_labels=[[CUP], [DOG]],
        nouns=["cup", "dog"],
        boxes=[sides, sides | {"x": 3.0}],
    )
    (anchor,) = anchor_dataset([row], frames=0)[0].images.values()
    assert (anchor["annotation_labels"], anchor["nouns"]) == ([[DOG]], ["dog"])
    assert [box["x"] for box in anchor["boxes"]] == [3.0]


def test_files_of_one_name_in_two_folders_stay_apart(pre):
    rows = [
        pre(7, clip="a_x", media="a/x.mp4"),
        pre(7, clip="b_x", media="b/x.mp4"),
    ]
    parts = anchor_dataset(rows, frames=1)
    assert len({name for part in parts for name in part.images}) == 6


def test_images_of_one_rate_are_of_one_part_wherever_they_stand(pre):
    rows = [pre(7, rate="30"), pre(9, rate="25"), pre(11, rate="30"), pre(13, rate=None)]
    parts = anchor_dataset(rows, frames=0)
    assert [[*part.images] for part in parts] == [
        ["c_0000013"],
        ["c_0000009"],
        ["c_0000007", "c_0000011"],
    ]


def test_a_video_without_a_name_is_its_clip(pre):
    (part,) = anchor_dataset([pre(7, video_id=None)])
    assert {row["video_id"] for row in part.images.values()} == {"c"}


def test_labels_of_their_own_are_refused(pre):
    with pytest.raises(UserError, match=r"datasets\.d\.label_source: .* write anchor"):
        list(sets_of_neighbours(HERE, [pre(7)], choices(label_source="frame")))


def test_image_files_have_no_neighbours(pre):
    row = pre(7, media_kind="image") | {"frame": None}
    with pytest.raises(UserError, match=r"ego\.parquet: image c_0000007 is not a frame of a video"):
        anchor_dataset([row])

"""The demo clips as a folder of videos: labels of clips, boxes of frames."""

import json
from collections import defaultdict

import av
import pytest

CLIPS = "demo/ego4d/v1/clips"
PERSON = "n00007846"


@pytest.fixture(scope="module")
def labels(read_csv):
    return read_csv("demo/videos/labels.csv")


@pytest.fixture(scope="module")
def coco(read_csv):
    return {row["wnid"] for row in read_csv("src/wildframe/data/coco80.csv")}


@pytest.fixture(scope="module")
def boxes(read_csv):
    """Boxes by video and frame: wnid, x, y, width, height."""
    found = defaultdict(lambda: defaultdict(list))
    for row in read_csv("demo/videos/boxes.csv"):
        box = tuple(int(row[side]) for side in ("x", "y", "width", "height"))
        found[row["video"]][int(row["frame"])].append((row["wnid"], *box))
    return found


@pytest.fixture(scope="module")
def records(project):
    path = project / "demo/ego4d/v1/annotations/fho_scod_train.json"
    return json.loads(path.read_text())["clips"]


def test_labels_are_coco_classes_of_clips_in_order(labels, coco):
    names = [row["video"] for row in labels]
    assert names == sorted(set(names))
    assert len(names) >= 25
    for row in labels:
        wnids = row["labels"].split()
        assert 1 <= len(set(wnids)) == len(wnids) <= 2
        assert set(wnids) <= coco


def test_things_of_the_recipe_are_coco_classes(read_csv, coco):
    named = {row["coco"] for row in read_csv("demo/recipe/objects.csv")} - {""}
    assert len(named) >= 15
    assert named <= coco


def test_each_class_with_two_clips_is_on_both_sides_and_no_parent_video_is(labels, records):
    clips, sides = defaultdict(list), defaultdict(set)
    parents = {record["clip_uid"]: record["video_uid"] for record in records}
    for row in labels:
        for wnid in row["labels"].split():
            clips[wnid].append(row["split"])
        sides[parents[row["video"].removesuffix(".mp4")]].add(row["split"])
    assert {row["split"] for row in labels} == {"train", "val"}
    for wnid, splits in clips.items():
        assert len(splits) == 1 or set(splits) == {"train", "val"}, wnid
    assert all(len(side) == 1 for side in sides.values())
    share = sum(row["split"] == "val" for row in labels) / len(labels)
    assert 0.55 <= share <= 0.65


def test_boxes_lie_in_the_images_and_every_frame_has_some(labels, boxes, coco, project):
    assert set(boxes) == {row["video"] for row in labels}
    for name, frames in boxes.items():
        with av.open(str(project / CLIPS / name)) as container:
            stream = container.streams.video[0]
            count = sum(packet.pts is not None for packet in container.demux(stream))
        assert list(frames) == list(range(count)), name
        for frame, objects in frames.items():
            for wnid, x, y, width, height in objects:
                assert wnid in coco
                assert min(x, y) >= 0 < min(width, height), (name, frame)
                assert x + width <= stream.width, (name, frame)
                assert y + height <= stream.height, (name, frame)


def test_a_clip_shows_what_it_is_labelled_with(labels, boxes):
    for row in labels:
        wnids = set(row["labels"].split())
        frames = boxes[row["video"]].values()
        for wnid in wnids:
            seen = sum(any(box[0] == wnid for box in objects) for objects in frames)
            assert seen > 0.5 * len(frames), (row, wnid)


def test_boxes_are_those_of_the_annotated_moments(labels, boxes, records, read_csv):
    classes = {row["noun"]: row["coco"] for row in read_csv("demo/recipe/objects.csv")}
    labelled = {row["video"] for row in labels}
    things = hands = 0
    for record in records:
        video = f"{record['clip_uid']}.mp4"
        moments = [record[key] for key in record if key.endswith("_frame") and "clip" not in key]
        for moment in moments if video in labelled else []:
            objects = boxes[video][moment["clip_frame_number"]]
            (person,) = (box for box in objects if box[0] == PERSON)
            for annotated in moment["bbox"]:
                sides = tuple(annotated["bbox"][side] for side in ("x", "y", "width", "height"))
                if annotated["object_type"].endswith("_hand"):
                    assert holds(person[1:], sides)
                    hands += 1
                elif wnid := classes[annotated["structured_noun"]]:
                    assert (wnid, *sides) in objects, (video, moment["clip_frame_number"])
                    things += 1
    assert things > 75
    assert hands > 75


def holds(outer, inner):
    x, y, width, height = outer
    left, top, wide, high = inner
    return x <= left and y <= top and left + wide <= x + width and top + high <= y + height

"""The same state changes, written as Ego4D's version 1 and as version 2: the same manifest."""

import json
import random
from collections import Counter

import pytest

from wildframe.core.schemas import OBJECTS, RECORDS
from wildframe.core.tables import iter_rows
from wildframe.labels.mapping import LabelMap
from wildframe.manifests.build import Choices, build_manifest
from wildframe.sources.ego4d import write_tables

ROLES = ("pre", "pnr", "post")
NOUNS = ["cup_(cup,_mug)", "hammer", "weighing_scale", "a_thing_nobody_knows", None]
MAP = LabelMap(
    {"class_index": index, "wnid": f"n{index}", "name": word, "lemmas": [word], "senses": [1]}
    for index, word in enumerate(["cup", "hammer", "scale"])
)


def make_truth(rng):
    """Return state changes: of two splits, some rejected, some on frames of others."""
    changes = []
    for clip in range(8):
        start = rng.randrange(1000)
        for _ in range(6):
            # Few places, so that some are annotated twice.
            frames = {role: start + 10 * rng.randrange(30) for role in ROLES}
            changes.append(
                {
                    "video": f"video-{clip // 2}",
                    "clip": f"clip-{clip}",
                    "split": "val" if clip % 4 == 3 else "train",
                    "start": start,
                    "frames": {r: f for r, f in frames.items() if rng.random() < 0.9},
                    "rejected": rng.random() < 0.2,
                    "boxes": {role: make_boxes(rng) for role in ROLES},
                }
            )
    return [change for change in changes if change["frames"]]


def make_boxes(rng):
    kinds = rng.choices(["left_hand", "object_of_change", "tool"], k=rng.randrange(4))
    return [
        {
            "object_type": kind,
            "structured_noun": None if kind == "left_hand" else rng.choice(NOUNS),
            "instance_number": 1,
            "bbox": {"x": rng.uniform(0, 99), "y": 5.5, "width": 40.25, "height": 30},
        }
        for kind in kinds
    ]


def write_v1(truth, folder):
    """Version 1 has a file a split, and nothing of what was rejected."""
    clips = [
        {"video_uid": change["video"], "clip_id": "1", "clip_uid": change["clip"]}
        | {
            f"{role}_frame": {
                "frame_number": frame,
                "clip_frame_number": frame - change["start"],
                "width": 640,
                "height": 480,
                "bbox": change["boxes"][role],
            }
            for role, frame in change["frames"].items()
        }
        for change in truth
        if change["split"] == "train" and not change["rejected"]
    ]
    path = folder / "fho_scod_train.json"
    path.write_text(json.dumps({"split": "train", "clips": clips}))
    return path, []


def write_v2(truth, folder):
    """Version 2 has one file, in which actions stand below their clip, and it below its video."""
    videos = {}
    for change in truth:
        interval = {
            "clip_uid": change["clip"],
            "clip_parent_start_frame": change["start"],
            "narrated_actions": [],
        }
        intervals = videos.setdefault(change["video"], {}).setdefault(change["clip"], interval)
        critical = {f"{role}_frame": frame for role, frame in change["frames"].items()}
        action = {
            "is_valid_action": True,
            "is_rejected": change["rejected"],
            "reject_reason": "camera covered" if change["rejected"] else None,
            "critical_frames": critical | {"contact_frame": 3},
            "clip_critical_frames": {k: n - change["start"] for k, n in critical.items()},
            "frames": [
                {"frame_type": f"{role}_frame", "frame_number": frame, "boxes": boxes}
                for role, frame in reversed(change["frames"].items())
                for boxes in [change["boxes"][role]]
            ],
        }
        intervals["narrated_actions"] += [action, {"critical_frames": None, "frames": None}]
    main, lta = folder / "fho_main.json", folder / "fho_lta_train.json"
    content = [
        {
            "annotated_intervals": list(intervals.values()),
            "video_metadata": {"width": 640, "height": 480},
            "video_uid": uid,
        }
        for uid, intervals in videos.items()
    ]
    main.write_text(json.dumps({"videos": content}))
    clips = sorted({change["clip"] for change in truth if change["split"] == "train"})
    lta.write_text(json.dumps({"clips": [{"clip_uid": c} for c in clips], "split": "train"}))
    return main, [lta]


@pytest.mark.parametrize("media", ["clips", "full_scale"])
@pytest.mark.parametrize("unit", ["image", "object"])
@pytest.mark.parametrize("seed", range(3))
def test_both_versions_give_the_same_manifest(tmp_path, seed, unit, media):
    truth = make_truth(random.Random(seed))
    manifests, steps = {}, {}
    for version, write in (("v1", write_v1), ("v2", write_v2)):
        annotations, split_files = write(truth, tmp_path)
        records, objects = tmp_path / "r.parquet", tmp_path / "o.parquet"
        write_tables(annotations, split_files, version, "train", records, objects)
        choices = Choices(
            dataset="d",
            roles=ROLES,
            object_types=("object_of_change", "tool"),
            unit=unit,
            rule="words",
            pick="reading_order",
            synsets="all",
            media=media,
            version=version,
            rate="30",
        )
        rows = list(
            build_manifest(iter_rows(records, RECORDS), iter_rows(objects, OBJECTS), MAP, choices)
        )
        steps[version] = Counter(decision["step"] for _, decision in rows)
        images = [image for image, _ in rows if image]
        manifests[version] = {row.pop("image_id"): row for row in images}
        assert len(manifests[version]) == len(images)
        for row in images:
            assert row.pop("record_id").startswith("train-")
            assert row["media"].startswith(f"{version}/{media}/")
            row["media"] = row["media"].removeprefix(version)
    assert len(manifests["v1"]) > 10
    assert manifests["v1"] == manifests["v2"]
    rejected = [change for change in truth if change["split"] == "train" and change["rejected"]]
    # All three moments of an action are ruled out with it.
    assert steps["v2"] - steps["v1"] == {"rejected": 3 * len(rejected)}
    assert rejected
    assert steps["v1"]["duplicate"]

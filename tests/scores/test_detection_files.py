import json

import pytest

from wildframe.core.errors import UserError
from wildframe.core.schemas import (
    DETECTION_SCORES,
    DETECTIONS,
    MANIFEST,
    PAIRS,
    REVIEWS,
    WORST_FRAMES,
)
from wildframe.core.tables import read_facts, read_table, write_rows
from wildframe.labels.spaces import class_wnids
from wildframe.scores.detection_files import score_files

DOG, FOX, CUP = "n02084071", "n02118333", "n03147509"
DOG_INDEX = class_wnids("coco80").index(DOG)
BOX = {"x": 10.0, "y": 10.0, "width": 20.0, "height": 20.0}


@pytest.fixture
def tables(tmp_path, manifest_row, blank):
    """A dog and a fox, a rejected frame that was never read, and two detectors."""

    def row(image_id, wnid, known=MANIFEST):
        values = manifest_row(image_id, annotation_labels=[[wnid]], boxes=[BOX])
        return blank(known) | {field.name: values.get(field.name) for field in known.fields}

    manifest = [row("dog", DOG), row("neighbours", DOG), row("gone", DOG), row("fox", FOX)]
    write_rows(tmp_path / "manifest.parquet", MANIFEST, manifest)
    members = [("dog", "dog", 0, True), ("dog", "neighbours", 1, True), ("dog", "gone", 2, False)]
    reviews = [
        blank(
            REVIEWS,
            anchor_id=anchor,
            image_id=image,
            offset=offset,
            labels=[DOG],
            accepted=accepted,
        )
        for anchor, image, offset, accepted in [*members, ("fox", "fox", 0, True)]
    ]
    write_rows(tmp_path / "reviews.parquet", REVIEWS, reviews, facts={"review": "human"})
    sharp = [{"class_index": DOG_INDEX, "score": 0.5, "box": BOX}]
    paths = []
    for name, neighbours in (("sharp", sharp), ("blind", [])):
        found = {"dog": sharp, "neighbours": neighbours, "fox": []}
        rows = [
            {"image_id": image_id, "width": 200, "height": 100, "detections": boxes}
            for image_id, boxes in found.items()
        ]
        paths.append(tmp_path / f"{name}.detections.parquet")
        write_rows(paths[-1], DETECTIONS, rows, facts={"label_space": "coco80"})
    return paths


def score(tables, tmp_path):
    outputs = [tmp_path / f"{name}.parquet" for name in ("scores", "worst", "pairs")]
    inputs = tmp_path / "manifest.parquet", tmp_path / "reviews.parquet"
    score_files(tables, *inputs, "d", "vid30", ["0.5"], 100, 0, *outputs)
    return outputs


def test_detectors_are_scored_side_by_side(tables, tmp_path):
    scores, worst, pairs = score(tables, tmp_path)
    rows = read_table(scores, DETECTION_SCORES).to_pylist()
    of_detection = [row for row in rows if row["task"] == "detection"]
    assert [(row["model"], row["map_orig"], row["map_pm_k"]) for row in of_detection] == [
        ("sharp", 1, 1),
        ("blind", 1, 0),
    ]
    assert {(row["dataset"], row["review"], row["anchors"]) for row in rows} == {("d", "human", 1)}
    frames = read_table(worst, WORST_FRAMES).to_pylist()
    assert [(row["model"], row["image_id"]) for row in frames[::2]] == [
        ("sharp", "dog"),
        ("blind", "neighbours"),
    ]
    (anchors, of_worst, *_) = read_table(pairs, PAIRS).to_pylist()
    assert (anchors["metric"], anchors["difference"]) == ("detection_ap_anchor", 0)
    assert (of_worst["metric"], of_worst["difference"]) == ("detection_ap_worst", 1)
    assert (of_worst["model_a"], of_worst["model_b"], of_worst["clusters"]) == ("sharp", "blind", 1)
    for path, contract in ((scores, DETECTION_SCORES), (worst, WORST_FRAMES), (pairs, PAIRS)):
        facts = read_facts(path, contract)
        assert facts["review"] == "human"
        # COCO has no fox.
        assert json.loads(facts["classes_not_covered"]) == {"sharp": {FOX: 1}, "blind": {FOX: 1}}
        assert json.loads(facts["anchors_without_objects"]) == {"sharp": ["fox"], "blind": ["fox"]}


def test_videos_that_share_frames_are_one(tables, tmp_path):
    manifest = read_table(tmp_path / "manifest.parquet", MANIFEST).to_pylist()
    for row in manifest:
        row["video_id"] = "later" if row["image_id"] in ("dog", "neighbours") else "first"
    write_rows(tmp_path / "manifest.parquet", MANIFEST, manifest)
    reviews = read_table(tmp_path / "reviews.parquet", REVIEWS).to_pylist()
    for copies, video in (({}, "later"), ({"dog": "gone"}, "first")):
        facts = {"review": "human", "copies": json.dumps(copies)}
        write_rows(tmp_path / "reviews.parquet", REVIEWS, reviews, facts=facts)
        _, worst, _ = score(tables, tmp_path)
        assert {row["video"] for row in read_table(worst, WORST_FRAMES).to_pylist()} == {video}


def test_the_same_bytes_twice(tables, tmp_path):
    before = [path.read_bytes() for path in score(tables, tmp_path)]
    assert [path.read_bytes() for path in score(tables, tmp_path)] == before


def test_a_detector_that_is_given_twice_or_misnamed_is_told(tables, tmp_path):
    with pytest.raises(UserError, match="sharp is given twice"):
        score([tables[0], tables[0]], tmp_path)
    misnamed = tables[0].rename(tmp_path / "sharp.parquet")
    with pytest.raises(UserError, match=r"named <detector>\.detections\.parquet"):
        score([misnamed], tmp_path)

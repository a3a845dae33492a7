"""From hard images to a reviewed benchmark: neighbours, decisions, shards and their manifest."""

import numpy as np
import pytest
from frames_data import kept, write_frames
from review_data import encoded

from wildframe.core.errors import UserError
from wildframe.core.schemas import CLASSES, HARD_IMAGES, MANIFEST, PREDICTIONS, SETS
from wildframe.core.tables import read_table, write_rows
from wildframe.reviews.curation import candidate_sets, nearest
from wildframe.reviews.pairs import place_of
from wildframe.reviews.serving import open_review

TENCH, GOLDFISH = "n01440764", "n01443537"  # 0 and 1 of ImageNet-1K
IMAGES = {"a": TENCH, "b": TENCH, "c": GOLDFISH, "d": GOLDFISH}
SCORES = {"a": [9.0, 0.0], "b": [8.0, 1.0], "c": [0.0, 9.0], "d": [0.5, 5.0]}


def test_the_nearest_are_those_of_the_same_direction_from_the_mean():
    # Centred on (1, 1): right, right and up, left, down.
    features = np.array([[3, 1], [2, 2], [0, 1], [-1, 0]], np.float32)
    assert nearest(features, [0, 2], 2).tolist() == [[1, 3], [3, 1]]
    assert nearest(features, [], 2).shape == (0, 2)


def test_of_equals_the_first_is_nearer_and_none_is_its_own_neighbour():
    assert nearest(np.ones((4, 3), np.float32), [1, 0], 3).tolist() == [[0, 2, 3], [1, 2, 3]]


@pytest.mark.parametrize("offset", [1, -1, 3])
def test_a_place_is_a_rank_or_a_distance_in_frames(offset):
    frames = {1: "+1 frame", -1: "\N{MINUS SIGN}1 frame", 3: "+3 frames"}
    assert place_of(offset, is_rank=False) == frames[offset]
    assert place_of(abs(offset), is_rank=True) == f"nearest image {abs(offset)}"


@pytest.fixture
def files(tmp_path, manifest_row, blank):
    """Four images, of which models solve one on some crop."""
    images = [kept(name, encoded(50 * at, (8, 6))) for at, name in enumerate(IMAGES)]
    shards, statuses = write_frames(tmp_path, images)
    rows = [
        manifest_row(name, labels=[wnid], dataset="d", group_id=name, role=None, origin="o")
        for name, wnid in IMAGES.items()
    ]
    write_rows(tmp_path / "manifest.parquet", MANIFEST, rows, config={"label_space": "in1k"})
    hard = [{"image_id": name, "solved_by": [], "hard": name != "d"} for name in IMAGES]
    write_rows(tmp_path / "hard.parquet", HARD_IMAGES, hard)
    write_predictions(tmp_path / "predictions.parquet", SCORES)
    empty = {"lemmas": [], "senses": [], "definition": "", "ancestors": []}
    classes = [
        blank(CLASSES, label_space="in1k", class_index=at, wnid=wnid, name=wnid) | empty
        for at, wnid in enumerate((TENCH, GOLDFISH))
    ]
    write_rows(tmp_path / "classes.parquet", CLASSES, classes)
    return shards, statuses


def write_predictions(path, scores):
    rows = [
        {"image_id": name, "view_key": "", "top": [], "scores": logits}
        for name, logits in scores.items()
    ]
    write_rows(path, PREDICTIONS, rows, facts={"model": "m"})


def listed(folder, count=1):
    names = ("hard", "predictions", "manifest")
    return candidate_sets(*(folder / f"{name}.parquet" for name in names), count)


@pytest.mark.parametrize("at_a_time", [1024, 2])
def test_hard_images_are_listed_with_their_nearest(files, tmp_path, at_a_time, monkeypatch):
    monkeypatch.setattr("wildframe.reviews.curation._BLOCK", at_a_time)
    rows = listed(tmp_path)
    assert [(row["anchor_id"], row["image_id"], row["offset"]) for row in rows] == [
        *(("a", "a", 0), ("a", "b", 1)),
        *(("b", "b", 0), ("b", "a", 1)),
        *(("c", "c", 0), ("c", "d", 1)),
    ]
    assert rows[-1]["labels"] == [GOLDFISH]
    # There are no more than three others.
    assert len(listed(tmp_path, 9)) == 3 * 4


def test_what_neighbours_lack_is_named(files, tmp_path):
    write_predictions(tmp_path / "predictions.parquet", SCORES | {"b": None})
    with pytest.raises(UserError, match=r"predictions\.parquet: neighbours need the logits"):
        listed(tmp_path)
    write_predictions(tmp_path / "predictions.parquet", {n: SCORES[n] for n in "abd"})
    with pytest.raises(UserError, match=r"predictions\.parquet: image c is not in it"):
        listed(tmp_path)
    none = [{"image_id": name, "solved_by": ["m"], "hard": False} for name in IMAGES]
    write_rows(tmp_path / "hard.parquet", HARD_IMAGES, none)
    write_predictions(tmp_path / "predictions.parquet", SCORES)
    with pytest.raises(UserError, match=r"hard\.parquet: no image is hard"):
        listed(tmp_path)


def decide(folder, tags):
    """Write the decisions of one reviewer in both rounds: what is not accepted comes back."""
    lines = ["round,annotator,anchor_id,image_id,tags,notes,time"]
    for (anchor, image), given in tags.items():
        rounds = (1,) if given == "correct;similar" else (1, 2)
        lines += [f"{n},ann,{anchor},{image},{given},,2026-01-01T00:00:00Z" for n in rounds]
    folder.mkdir()
    (folder / "ann.csv").write_text("\n".join([*lines, ""]))


@pytest.mark.parametrize("chosen", [{"label_space": "in1k"}, {"label_source": "frame"}])
def test_a_reviewed_benchmark_is_made_by_commands(chosen, files, tmp_path, wildframe):
    """Of single images, and of a dataset of sets, which has reviewed sets of its own."""
    (frames,), statuses = files
    of_images = read_table(tmp_path / "manifest.parquet", MANIFEST).to_pylist()
    config = {"targets": "in1k"} | chosen
    write_rows(tmp_path / "manifest.parquet", MANIFEST, of_images, config=config)
    sets, manifest, classes, reviews = (
        tmp_path / f"{name}.parquet" for name in ("sets", "manifest", "classes", "reviews")
    )
    predictions = tmp_path / "predictions.parquet"
    given = ("--predictions", predictions, "--manifest", manifest, "--output", sets)
    wildframe("reviews", "candidates", tmp_path / "hard.parquet", *given)
    assert len(read_table(sets, SETS)) == 6

    paths = ([frames], statuses, sets, manifest, classes, tmp_path / "empty")
    with open_review(*paths, "ann", 1, "1-of-1", None, 0) as review:
        assert {facts["place"] for facts in review.facts} == {"nearest image 1"}

    # The label of b is wrong; that the neighbour of c is another fish is nothing against c.
    tags = {("a", "b"): "correct;similar", ("b", "a"): "bad-anchor", ("c", "d"): "incorrect"}
    decide(tmp_path / "decisions", tags)
    options = ("--statuses", statuses, "--manifest", manifest)
    options += ("--review", "human", "--decisions", tmp_path / "decisions")
    wildframe("reviews", "consensus", "--sets", sets, *options, "--output", reviews)

    shards = tmp_path / "shards"
    named = ("--frames", frames, "--statuses", statuses, "--manifest", manifest)
    named += ("--classes", classes, "--data-note", "hard and reviewed")
    chosen = ("--reviews", reviews, "--output", shards)
    wildframe("frames", "export", "mine", "--format", "hf", *named, *chosen)
    assert (
        "# 2 images of 2 classes of ImageNet-1K\n\nhard and reviewed"
        in (shards / "README.md").read_text()
    )

    images, made = tmp_path / "images.parquet", tmp_path / "made.parquet"
    wildframe("sources", "shards", "--root", shards, "--images", images)
    options = ("--images", images, "--classes", classes, "--label-space", "in1k")
    options += ("--dataset", "mine", "--manifest", made, "--funnel", tmp_path / "funnel.parquet")
    wildframe("manifests", "images", *options)
    rows = read_table(made, MANIFEST).to_pylist()
    assert [(row["group_id"], row["labels"], row["origin"]) for row in rows] == [
        ("video-a", [TENCH], "o"),
        ("video-a", [GOLDFISH], "o"),
    ]

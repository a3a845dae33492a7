"""What a change makes anew, in plans over results that only lie there."""

import os
import shutil

import pytest

pytestmark = pytest.mark.workflow


def replace_by_older(path, text):
    """Give a file another text, and a time before that of anything else."""
    path.write_text(text)
    os.utime(path, (1e9, 1e9))


@pytest.fixture
def own_files(workspace):
    """A workspace with the lists of the demo in it, which a test may change."""
    for source, target in {
        "videos/labels.csv": "labels.csv",
        "clips/hands.csv": "hands.csv",
        "videos/decisions/demo-a.csv": "decisions/demo-a.csv",
    }.items():
        (workspace.folder / target).parent.mkdir(exist_ok=True)
        shutil.copy(workspace.folder / "demo" / source, workspace.folder / target)
    workspace.change("demo/videos/labels.csv", "labels.csv")
    workspace.change("demo/clips/hands.csv", "hands.csv")
    workspace.change("demo/videos/decisions", "decisions")
    return workspace


def test_files_of_ones_own_that_older_ones_replace_are_read_again(own_files):
    targets = (
        "results/sources/demo-videos/videos.parquet",
        "results/reviews/demo-videos.parquet",
        "results/predictions/demo-third/interactions.parquet",
    )
    own_files.pretend(*targets)
    for name, rule in {
        "decisions/demo-a.csv": "reviews_consensus",
        "hands.csv": "predictions_interactions",
        "labels.csv": "sources_videos",
    }.items():
        path = own_files.folder / name
        replace_by_older(path, f"{path.read_text()}\n")
        assert own_files.plan(*targets)[rule] == 1
    for name in ("hands.csv", "labels.csv"):
        # What is made of it is there.
        path = own_files.folder / name
        path.rename(away := path.with_suffix(".away"))
        assert f"{name}: no such file; " in own_files.run("-n", *targets, code=1)
        away.rename(path)


def test_a_touched_list_reads_nothing_again(own_files):
    target = "results/sources/demo-videos/videos.parquet"
    own_files.pretend(target)
    (own_files.folder / "labels.csv").touch()
    assert own_files.plan(target) == {}


def test_an_annotation_that_is_added_to_a_folder_is_read(workspace):
    annotations = workspace.folder / "tree/Annotations/VID/val/a"
    for folder in (annotations, workspace.folder / "tree/Data/VID/val/a"):
        folder.mkdir(parents=True)
    (annotations / "000000.xml").touch()
    (workspace.folder / "mine.yaml").write_text(
        "extends: [demo_vid_robust]\nsources: {tree: {kind: vid, root: tree, data_note: none}}\n"
    )
    target = "results/sources/tree/boxes.parquet"
    workspace.pretend(target, *MINE)
    assert workspace.plan(target, *MINE) == {}
    (annotations / "000001.xml").touch()
    assert workspace.plan(target, *MINE) == {"sources_vid": 1, "total": 1}


def test_models_in_another_order_are_listed_in_that_order(workspace):
    folder = "results/scores/ego4d-in1k/ego4d.full"
    tables = {"model_pairs", "confusions", "calibration", "protocol"}
    targets = [f"{folder}.{table}.parquet" for table in tables]
    workspace.pretend(*targets)
    first, second = (f"      - tf_efficientnet_lite{number}\n" for number in (1, 2))
    workspace.change(f"{first}{second}", f"{second}{first}")
    planned = workspace.plan(*targets)
    del planned["total"]
    assert planned == {f"scores_{table}": 1 for table in tables}


IMAGES = """
extends: [own_images]
sources: {own-images: {root: images, label_space: null}}
datasets: {own-images: {label_space: pets.csv}}
"""
EXTERNAL = """
extends: [demo_vid_robust]
datasets: {demo-videos: {label_space: pets.csv}}
studies:
  vid_robust:
    models: [ours, squeezenet1_1]
    external_predictions:
      - {model: ours, dataset: demo-videos, predictions: ours.csv, label_space: pets.csv}
"""
MINE = ("--configfile", "mine.yaml")


@pytest.fixture
def own_space(workspace):
    """A workspace with a label space of one's own, images of its class, and predictions in it."""
    (workspace.folder / "images/n02084071").mkdir(parents=True)
    (workspace.folder / "images/n02084071/0.png").touch()
    (workspace.folder / "ours.csv").touch()
    (workspace.folder / "pets.csv").write_text("name,wnids\ndog,n02084071\n")
    return workspace


@pytest.mark.parametrize(
    ("mine", "target", "rule"),
    [
        (IMAGES, "results-own-images/manifests/own-images.parquet", "manifests_images"),
        (EXTERNAL, "results/predictions/demo-videos/full/ours.parquet", "predictions_import"),
    ],
)
def test_a_label_space_that_changes_is_read_anew(own_space, mine, target, rule):
    (own_space.folder / "mine.yaml").write_text(mine)
    own_space.pretend(target, *MINE)
    more = "name,wnids\ndog,n02084071\ncat,n02121808\n"
    replace_by_older(own_space.folder / "pets.csv", more)
    assert own_space.plan(target, *MINE)[rule] == 1


def test_a_border_that_is_cut_off_makes_images_anew(own_space):
    target = "results-own-images/frames/own-images.parquet"
    mine = own_space.folder / "mine.yaml"
    mine.write_text(IMAGES)
    own_space.pretend(target, *MINE)
    mine.write_text(IMAGES.replace("label_space: null", "label_space: null, layout: objectnet"))
    assert own_space.plan(target, *MINE)["frames_state"] == 1


def test_a_number_that_another_setting_has_already_is_still_a_change(workspace):
    target = "results/predictions/demo-third/objects/squeezenet1_1.parquet"
    (workspace.folder / "mine.yaml").write_text("share_processes: false\n")
    workspace.change("clip_frames: 2", "clip_frames: 32")  # as the batch size
    workspace.pretend(target, *MINE)
    workspace.change("clip_frames: 32", "clip_frames: 1")  # as the threads
    assert workspace.plan(target, *MINE)["predictions_clip_objects"] == 1


def test_a_file_that_another_setting_names_is_read_as_that(workspace):
    target = "results/sources/ours/clips.parquet"
    (workspace.folder / "ours").mkdir()
    (workspace.folder / "list.txt").write_text("")
    source = "{kind: kinetics, root: ours, data_note: ours, train: list.txt, %s: list.txt}"
    mine = "extends: [demo_ego_exo]\nsources:\n  ours: " + source
    (workspace.folder / "mine.yaml").write_text(mine % "val")
    workspace.pretend(target, *MINE)
    (workspace.folder / "mine.yaml").write_text(mine % "test")
    assert workspace.plan(target, *MINE) == {"sources_kinetics": 1, "total": 1}


def test_numbers_of_two_settings_that_change_places_are_a_change(workspace):
    target = "results/scores/demo-videos/vid_robust.full.detection.parquet"
    workspace.change("resamples: 1000\n  seed: 0", "resamples: 700\n  seed: 500")
    workspace.pretend(target)
    workspace.change("resamples: 700\n  seed: 500", "resamples: 500\n  seed: 700")
    assert workspace.plan(target) == {"scores_detection": 1, "total": 1}


def test_another_number_of_rounds_is_told_what_comes_next(workspace):
    target = "results/reviews/next.txt"
    mine = workspace.folder / "mine.yaml"
    mine.write_text("extends: [demo_vid_robust]\n")
    workspace.pretend(target, *MINE)
    mine.write_text("extends: [demo_vid_robust]\ndatasets: {demo-videos: {rounds: 1}}\n")
    assert workspace.plan(target, *MINE)["reviews_next"] == 1

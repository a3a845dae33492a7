"""The study imagenet_hard on the demo: shards that the run exports, and every exhibit of them."""

import csv
import os
import re

import pyarrow.parquet as pq
import pytest

TABLE, FIGURE = (".csv", ".md", ".tex"), (".caption.md", ".pdf", ".png", ".svg")
OF_STUDY = {
    "calibration": TABLE,
    "composition": TABLE,
    "model_pairs": TABLE,
    "protocol": TABLE,
    "report": TABLE,
    "table1_optimal_zoom": TABLE,
    "table2_adaptation": TABLE,
}
OF_DATASET = {
    "accuracy_by_size": (".csv", *FIGURE),
    "adapted_gradcam": FIGURE,
    "centre_bias": (".csv", *FIGURE),
    "cover_counts": (".csv", *FIGURE),
    "power_of_zoom": (".csv", *FIGURE),
    "strips": FIGURE,
}

pytestmark = pytest.mark.workflow


@pytest.fixture
def results(finished):
    return finished.folder / "results"


def table(results, name):
    with (results / f"exhibits/imagenet_hard/{name}.csv").open() as file:
        return list(csv.DictReader(file))


def test_the_study_is_planned_from_the_clips_to_its_exhibits(workspace):
    planned = workspace.plan("imagenet_hard")
    assert planned["sources_shards"] == planned["scores_zoom"] == 1
    assert planned["predictions_zoom"] == 2
    assert planned["predictions_adapt"] == 1
    assert planned["imagenet_hard_table1_optimal_zoom"] == 1
    assert not {"sources_videos", "models_finetune", "sources_download"} & planned.keys()


def test_what_is_exported_anew_is_looked_at_anew(changeable):
    """Other pixels may have the same labels, under the same names."""
    # By this file Snakemake tells when it made a folder.
    os.utime(changeable.folder / "results/exported/demo-shards/.snakemake_timestamp")
    shard, statuses = (
        "results/frames/demo-shards/0-of-1.parquet",
        "results/frames/demo-shards.parquet",
    )
    changeable.run(shard, "results/frames/demo-shards/state.json")
    assert changeable.plan(statuses)["frames_collect"] == 1


CURATED = """
sources:
  mine:
    kind: shards
    data_note: hard images of the demo
    exported:
      dataset: ego4d-in1k
      hard: {study: ego4d, view: near, decisions: decisions}
datasets:
  mine: {kind: images, source: mine, label_space: in1k}
views:
  near: {kind: zoom, grid: [224, 256]}
"""


def test_a_source_of_reviewed_hard_images_is_planned(workspace):
    (workspace.folder / "mine.yaml").write_text(CURATED)
    planned = workspace.plan("results/sources/mine/images.parquet", "--configfile", "mine.yaml")
    assert planned["scores_hard_images"] == planned["mine_candidates"] == 1
    assert planned["mine_review"] == planned["mine_export"] == planned["sources_shards"] == 1
    sets = "results/reviews/mine.sets.parquet"
    said = workspace.run("-n", "-p", sets, "--configfile", "mine.yaml")
    (command,) = re.findall("wildframe reviews candidates .*", said)
    # Images are alike as a model sees them whole, not on average over their crops.
    assert "--predictions results/predictions/ego4d-in1k/full/squeezenet1_1.parquet" in command
    alone = CURATED.replace("decisions: decisions", "decisions: decisions, rounds: 1")
    (workspace.folder / "mine.yaml").write_text(alone)
    curated = "results/reviews/mine.curated.parquet"
    said = workspace.run("-n", "-p", curated, "--configfile", "mine.yaml")
    (command,) = re.findall("wildframe reviews consensus .*", said)
    assert "--review human --decisions=decisions --rounds=1 " in command
    unreviewed = CURATED.replace(", decisions: decisions", "")
    (workspace.folder / "mine.yaml").write_text(unreviewed)
    planned = workspace.plan("mine_export", "--configfile", "mine.yaml")
    assert planned["scores_hard_images"] == 1
    assert not {"mine_candidates", "mine_review"} & planned.keys()


def test_of_sets_hard_images_are_also_those_that_a_review_accepts(workspace):
    """Their own review, which is an input, or that of the hard images."""
    of_sets = CURATED.replace("dataset: ego4d-in1k", "dataset: ego4d-neighbours")
    for config, inputs in (
        (of_sets, ["reviews/mine.curated.parquet"]),
        (
            of_sets.replace(", decisions: decisions", ""),
            [
                "reviews/ego4d-neighbours.parquet",
                "scores/ego4d-neighbours/ego4d.near.hard_images.parquet",
            ],
        ),
    ):
        (workspace.folder / "mine.yaml").write_text(config)
        planned = workspace.run("-n", "-p", "mine_export", "--configfile", "mine.yaml")
        (command,) = re.findall("wildframe frames export .*", planned)
        chosen = re.findall(r"--(?:hard|reviews)=results/(\S+)", command)
        assert sorted(chosen) == inputs


def test_every_exhibit_is_made_and_says_on_what_data(results):
    folder = results / "exhibits/imagenet_hard"
    assert (folder / "browse/index.html").is_file()
    for place, exhibits in ((folder, OF_STUDY), (folder / "demo-shards", OF_DATASET)):
        made = {path.name: path.read_bytes() for path in place.iterdir() if path.is_file()}
        assert set(made) == {stem + suffix for stem, all_ in exhibits.items() for suffix in all_}
        for name, content in made.items():
            assert len(content) > 80, name
            if name.endswith((".md", ".tex")):
                assert b"synthetic demo clips" in content, name


def test_no_demo_number_stands_beside_the_papers(results):
    for name in OF_STUDY:
        for row in table(results, name):
            papers = {key for key in row if key.startswith("paper_")} - {"paper_row"}
            assert not any(row[key] for key in papers), name


def test_exported_shards_hold_the_images_that_are_evaluated(results):
    shards = list((results / "exported/demo-shards").glob("*.parquet"))
    rows = sum(pq.read_metadata(path).num_rows for path in shards)
    assert rows == 36
    assert sum(int(row["images"]) for row in table(results, "composition")) == rows
    assert {int(row["top1_n"]) for row in table(results, "report")} == {rows}


def test_an_oracle_is_never_worse_than_what_can_be_chosen_without_labels(results):
    found = {}
    for row in table(results, "table1_optimal_zoom"):
        found.setdefault(row["model"], []).append(float(row["Demo"]))
    assert found.pop("Random") == [2.7]
    for one_crop, cross_validated, oracle in found.values():
        assert max(one_crop, cross_validated) <= oracle

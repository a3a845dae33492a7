"""The study vid_robust on the demo: its exhibits, what they say, and what reruns them."""

import csv
import json

import pytest

from wildframe.core.schemas import REVIEWS, ROBUSTNESS, SETS
from wildframe.core.tables import read_table

TABLE, FIGURE = (".csv", ".md", ".tex"), (".caption.md", ".pdf", ".png", ".svg")
EXHIBITS = {
    "appendix_fig1_dissimilar": FIGURE,
    "appendix_fig2_by_k": (".csv", *FIGURE),
    "appendix_fig3_per_class": (".csv", *FIGURE),
    "consistency": TABLE,
    "effective_robustness": (".csv", *FIGURE),
    "fig1_gallery": FIGURE,
    "fig2_original_vs_perturbed": (".csv", *FIGURE),
    "fig3_detections": FIGURE,
    "model_pairs": TABLE,
    "protocol": TABLE,
    "review": TABLE,
    "table1_model_types": TABLE,
    "table2_detection": TABLE,
    "table3_models": TABLE,
}

pytestmark = pytest.mark.workflow


@pytest.fixture
def results(finished):
    return finished.folder / "results"


def table(results, name):
    with (results / f"exhibits/vid_robust/demo-videos/{name}.csv").open() as file:
        return list(csv.DictReader(file))


def test_every_exhibit_is_made_and_says_on_what_data(results):
    folder = results / "exhibits/vid_robust"
    files = [path for path in (folder / "demo-videos").iterdir() if path.is_file()]
    made = {path.name: path.read_bytes() for path in files}
    assert (folder / "demo-videos/browse/index.html").is_file()
    names = {stem + suffix for stem, suffixes in EXHIBITS.items() for suffix in suffixes}
    assert set(made) == names
    for name, content in made.items():
        assert len(content) > 200, name
        if name.endswith((".md", ".tex")):
            assert b"synthetic demo clips" in content, name
            assert b"script" in content, name
    assert {path.name for path in folder.glob("hyperparameters.*")} == {
        f"hyperparameters{suffix}" for suffix in TABLE
    }


def test_no_demo_number_stands_beside_the_papers(results):
    for path in (results / "exhibits/vid_robust/demo-videos").glob("*.csv"):
        for row in csv.DictReader(path.read_text().splitlines()):
            assert not any(row[key] for key in row if key.startswith("paper_")), path.name


def test_accuracy_never_rises_with_the_distance(results):
    rows = read_table(
        results / "scores/demo-videos/vid_robust.full.robustness.parquet", ROBUSTNESS
    ).to_pylist()
    by_model = {}
    for row in rows:
        assert row["review"] == "script"
        if row["metric"] == "pm_k" and row["subset"] == "all":
            by_model.setdefault(row["model"], []).append((row["k"], row["successes"]))
    assert len(by_model) == 7
    for scores in by_model.values():
        distances, successes = zip(*sorted(scores), strict=True)
        assert distances == (0, 2, 4, 6, 8, 10)
        assert list(successes) == sorted(successes, reverse=True)
        assert successes[0] > 0


def test_reviewed_sets_lose_frames_and_none_vanishes(results):
    candidates = read_table(results / "manifests/demo-videos.sets.parquet", SETS).to_pylist()
    reviewed = read_table(results / "reviews/demo-videos.parquet", REVIEWS).to_pylist()
    assert {(row["anchor_id"], row["image_id"]) for row in candidates} == {
        (row["anchor_id"], row["image_id"]) for row in reviewed
    }
    rejected = [row for row in reviewed if not row["accepted"]]
    assert rejected
    assert all(row["reason"] for row in rejected)


def test_the_command_to_review_with_waits_for_the_files_that_it_names(workspace):
    for path in ("results/reviews/next.txt", "results/reviews/demo-videos.parquet"):
        assert workspace.plan(path)["labels_classes"] == 1


def test_a_single_table_of_the_study_is_a_target(workspace):
    planned = workspace.plan("results/exhibits/vid_robust/demo-videos/table2_detection.md")
    assert planned["vid_robust_table2_detection_of"] == planned["predictions_detect"] == 1
    assert not {"predictions_run", "models_finetune", "sources_ego4d"} & planned.keys()


@pytest.mark.parametrize(
    ("old", "new", "rerun", "kept"),
    [
        ("merge: max", "merge: sum", {"scores_image_results"}, {"predictions_run"}),
        (
            "label_space: coco80\n    # How",
            "label_space: vid30\n    # How",
            {"manifests_sample"},
            set(),
        ),
        ('ious: ["0.5",', 'ious: ["0.75",', {"scores_detection"}, {"predictions_detect"}),
        # One more to try.
        (
            "lr: [0.01]",
            "lr: [0.01, 0.02]",
            {"models_finetune", "models_select"},
            {"scores_accuracy"},
        ),
        ("step: 2", "step: 5", {"manifests_sample"}, {"sources_videos", "models_finetune"}),
        (
            "unreadable: drop_frames",
            "unreadable: drop_sets",
            {"reviews_consensus"},
            {"frames_extract"},
        ),
    ],
)
def test_a_changed_setting_reruns_what_it_decides(changeable, old, new, rerun, kept):
    changeable.change(old, new, once=True)
    planned = changeable.plan("ego4d", "vid_robust")
    assert rerun <= planned.keys()
    assert not kept & planned.keys()


def test_a_new_decision_judges_anew_and_runs_no_model(changeable):
    demo = changeable.folder / "demo"
    shipped = demo.resolve()
    demo.unlink()
    demo.mkdir()
    for part in shipped.iterdir():
        if part.name != "videos":
            (demo / part.name).symlink_to(part)
    videos = demo / "videos"
    videos.mkdir()
    for part in (shipped / "videos").iterdir():
        if part.name != "decisions":
            (videos / part.name).symlink_to(part)
    decisions = videos / "decisions"
    decisions.mkdir()
    for path in (shipped / "videos/decisions").iterdir():
        (decisions / path.name).write_bytes(path.read_bytes())
    first = sorted(decisions.iterdir())[0]
    lines = first.read_text().splitlines()
    first.write_text("\n".join([*lines, lines[-1]]) + "\n")
    planned = changeable.plan()
    assert planned["reviews_consensus"] == 1
    assert not {"frames_extract", "predictions_run", "predictions_detect"} & planned.keys()


def test_the_sets_are_exported_as_the_official_scorer_reads_them(changeable):
    folder = "results/reviews/demo-videos"
    changeable.run(f"{folder}/pmsets.json")
    sets = json.loads((changeable.folder / folder / "pmsets.json").read_text())
    labels = json.loads((changeable.folder / folder / "labels.json").read_text())
    named = {name for anchor, neighbours in sets.items() for name in (anchor, *neighbours)}
    assert named <= set(labels)
    accepted = [
        row
        for row in read_table(
            changeable.folder / "results/reviews/demo-videos.parquet", REVIEWS
        ).to_pylist()
        if row["accepted"]
    ]
    assert len(sets) + sum(map(len, sets.values())) == len(accepted)

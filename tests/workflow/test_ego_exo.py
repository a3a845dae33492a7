"""The study ego_exo on the demo's sessions: from clips to every table and figure of them."""

import csv
import re
import shutil

import pytest

TABLE, FIGURE = (".csv", ".md", ".tex"), (".caption.md", ".pdf", ".png", ".svg")
MADE = {
    "attention": FIGURE,
    "fig4_classes": (".csv", *FIGURE),
    "fig5_sorted_clips": FIGURE,
    "fig_s2_ego_scores": (".csv", *FIGURE),
    "fig_s3_venn": (".csv", *FIGURE),
    "fig_s4_sorted_clips": FIGURE,
    "table1_pretraining": TABLE,
    "table2_signals": TABLE,
    "table3_auxiliary": TABLE,
    "table_s3_maps": TABLE,
    "table_s4_alternatives": TABLE,
    "table_s5_no_pair": TABLE,
}

EACH_JOB_ALONE = ("--config", "share_processes=False")

pytestmark = pytest.mark.workflow


@pytest.fixture
def results(finished):
    return finished.folder / "results"


def table(results, name):
    with (results / f"exhibits/ego_exo/{name}.csv").open() as file:
        return list(csv.DictReader(file))


def test_the_study_is_planned_from_lists_of_clips_to_its_exhibits(workspace):
    planned = workspace.plan("ego_exo", *EACH_JOB_ALONE)
    assert planned["models_train_clips"] == 47
    # Of the fine-tuned networks, and of both classifiers on third-person and on labelled clips.
    assert planned["predictions_clips"] == 38
    assert planned["scores_clips"] == 3
    # Of the clips that teach, and of both test sets, which have them appended.
    assert planned["predictions_clip_objects"] == 3
    # Exhibits of the paper's final networks are not declared where the config names none.
    assert not {"ego_exo_table4_charades", "ego_exo_fig_s1_fractions"} & planned.keys()
    assert not {"frames_extract", "models_finetune", "predictions_run"} & planned.keys()


def test_the_teachers_alone_need_no_method(workspace):
    planned = workspace.plan("ego_exo_teachers", *EACH_JOB_ALONE)
    # Third-only, which the classifiers start from, and these.
    assert planned["models_train_clips"] == 3
    assert "scores_clips" not in planned


def test_a_training_asks_for_its_processes_and_for_the_clips_that_wait(workspace):
    sampling, schedule = "{frames: 8, crop: 224}", "{gpus: 2, batch_size: 64}"
    study = f"studies={{ego_exo: {{pretraining: {schedule}, sampling: {sampling}}}}}"
    settings = "predictions={device: auto}", study, "share_processes=False"
    limits = "--cores", "8", "--resources", "gpu=8", "mem_mb=100000"
    target = "results/models/clips/third_only-tiny/seed-0.safetensors"
    output = workspace.run("-n", target, *limits, "--config", *settings)
    (said,) = re.findall(r"^rule models_train_clips:\n(?: .*\n)+", output, re.MULTILINE)
    # Two of 1200 MB and 4000 of CUDA, Snakemake's 400, ten steps of 64 clips of 8 x 224 x 224.
    assert "mem_mb=13700" in said
    assert "gpu=2" in said
    assert "threads: 4" in said


@pytest.mark.parametrize(("device", "wanted"), [("auto", 5545), ("cpu", 1830)])
def test_predictions_ask_for_the_views_of_their_clips(workspace, device, wanted):
    views = "{test_views: {clips: 10}, sampling: {frames: 32, crop: 112}}"
    study = f"studies={{ego_exo: {views}}}"
    settings = f"predictions={{device: {device}}}", study, "share_processes=False"
    limits = "--cores", "8", "--resources", "gpu=8", "mem_mb=100000"
    target = "results/predictions/demo-actions/clips/scratch-tiny-demo-actions.seed-0.parquet"
    output = workspace.run("-n", target, *limits, "--config", *settings)
    (said,) = re.findall(r"^rule predictions_clips:\n(?: .*\n)+", output, re.MULTILINE)
    # 1100, Snakemake's 400, and 15 MB of views for the network and each thread: two with a GPU, for
    # which there are 4000 more. On a CPU 200 views of 1.5 MB are what it makes of one.
    assert f"mem_mb={wanted}" in said


@pytest.mark.parametrize(("there", "schedule", "processes"), [(8, 1, 1), (1, 8, 1), (4, 2, 2)])
def test_a_training_has_a_process_for_each_gpu_that_it_asks_for_and_gets(
    workspace, there, schedule, processes
):
    study = f"studies={{ego_exo: {{pretraining: {{gpus: {schedule}}}}}}}"
    rule, target = "models_train_clips", "results/models/clips/third_only-tiny/seed-0.safetensors"
    settings = "predictions={device: auto}", study, "share_processes=False"
    # As a profile of a cluster that says so of each training.
    profile = f"--set-resources={rule}:gpu={there}"
    limit = "--resources", f"gpu={there}"
    output = workspace.run("-np", target, profile, *limit, "--config", *settings)
    (job,) = re.findall(rf"^rule {rule}:\n(?:.+\n|\n)+", output, re.MULTILINE)
    assert f" --processes {processes} " in job


LISTS = ("third_person.csv", "charades.csv", "epic.csv")
MANIFESTS = [f"results/manifests/demo-{name}.clips.parquet" for name in ("third", "both", "verbs")]
SCORES = "results/scores/demo-verbs/clips/ego_exo/scores.parquet"
THREE = (*EACH_JOB_ALONE, "studies={ego_exo: {methods: [scratch, domain_adapt, ego_exo]}}")


@pytest.fixture
def own_lists(workspace):
    """A workspace with the lists of clips in it, which a test may change."""
    for name in LISTS:
        shutil.copy(workspace.folder / "demo/clips" / name, workspace.folder)
        workspace.change(f"demo/clips/{name}", name)
    return workspace


@pytest.fixture
def trained(own_lists):
    """The same with what is made of the lists; what else a run makes of them lies there, empty."""
    own_lists.run(*MANIFESTS, *THREE)
    own_lists.pretend(SCORES, *THREE)
    return own_lists


def correct(workspace, name, old, new):
    """Replace the last such text of a list."""
    listed = workspace.folder / name
    before, found, after = listed.read_text().rpartition(old)
    assert found
    listed.write_text(f"{before}{new}{after}")


def test_a_test_split_without_clips_stops_the_run_before_it_trains(own_lists):
    listed = own_lists.folder / "epic.csv"
    listed.write_text(listed.read_text().replace(",test,", ",train,"))
    said = own_lists.run(SCORES, *EACH_JOB_ALONE, "--show-failed-logs", code=1)
    assert "demo-verbs: no clip is of split 'test', there are train (48)" in said
    assert "name the test clips in epic.csv (column split of a source of kind clips" in said
    assert "rule models_train_clips:" not in said
    said = own_lists.wildframe("doctor", code=1)
    assert "missing dataset demo-verbs: no clip is of split 'test', there are train (48)" in said
    assert "dataset demo-both:" not in said


def test_corrected_labels_of_test_clips_train_and_predict_nothing(trained):
    correct(trained, "third_person.csv", "shaking something,,,exo,test", "pouring,,,exo,test")
    correct(trained, "charades.csv", "holding a cup 0.8 4.0,,,ego,test", ",,,ego,test")
    correct(trained, "epic.csv", "take,cup,ego,test", "pour,cup,ego,test")
    predicted = (trained.folder / "results/predictions").rglob("*.parquet")
    # Nothing could learn of empty files, or predict them.
    said = trained.run(*(str(path.relative_to(trained.folder)) for path in predicted), *THREE)
    assert said.count(" manifests_clips ") == 3
    assert trained.plan(SCORES, *THREE) == {"scores_clips": 1, "total": 1}


def test_what_is_learnt_of_clips_is_trained_again_with_what_starts_from_it(trained):
    clip = "third-08.mp4,0.0,1.6,turning something,,,exo,train,,T4\n"
    for name, old, new, trainings, predictions in (
        # All but from scratch: two methods, their fine-tuning, the classifier and what it starts
        # from; what it says of third-person clips, and both on test clips.
        ("third_person.csv", "shaking something,,,exo,train", "pouring,,,exo,train", 6, 3),
        ("third_person.csv", clip, clip + clip.replace("0.0", "0.2"), 6, 3),
        # Networks have a head for each class, wherever it occurs.
        ("third_person.csv", "shaking something,,,exo,test", "juggling,,,exo,test", 6, 3),
        # The fine-tunings; features are adapted to these clips without labels.
        ("epic.csv", "take,cup,ego,train", "pour,cup,ego,train", 3, 3),
    ):
        before = (trained.folder / name).read_text()
        correct(trained, name, old, new)
        trained.run(*MANIFESTS, *THREE)
        planned = trained.plan(SCORES, *THREE)
        found = planned["models_train_clips"], planned["predictions_clips"]
        assert found == (trainings, predictions), new
        (trained.folder / name).write_text(before)


def test_other_labels_of_clips_decode_nothing_and_other_extents_do(own_lists):
    kept = "results/frames/clips/demo-third/0-of-1"
    own_lists.run(f"{kept}.arrow")
    for part, other, decoded in (
        ("1.6,3.2,shaking something", "1.6,3.2,pouring", 0),
        ("1.6,3.2,pouring", "1.6,3.0,pouring", 1),
    ):
        correct(own_lists, "third_person.csv", part, other)
        assert "manifests_clips" in own_lists.run(f"{kept}.csv")
        assert own_lists.plan(f"{kept}.arrow")["frames_clips"] == decoded, other


def test_every_exhibit_is_made_and_says_on_what_data(results):
    folder = results / "exhibits/ego_exo"
    made = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    pages = {path.parent.parent.name for path in folder.glob("*/browse/index.html")}
    assert pages == {"demo-actions", "demo-verbs"}
    assert set(made) == {stem + suffix for stem, all_ in MADE.items() for suffix in all_}
    for name, content in made.items():
        assert len(content) > 80, name
        if name.endswith((".md", ".tex")):
            assert b"compares with no paper" in content, name


def test_every_row_of_the_ablations_is_trained_but_those_without_a_video_network(results):
    missing = {
        (name, row.get("scheme", ""), row["method"])
        for name in MADE
        if name.startswith("table")
        for row in table(results, name)
        if not row["map"]
    }
    assert missing == {
        # Has learnt from pairs of the data that it would be evaluated on.
        ("table1_pretraining", "", "Joint-embed"),
        ("table_s4_alternatives", "pre-trained", "M obj"),
        ("table_s4_alternatives", "append", "M int"),
        ("table_s4_alternatives", "append", "3 aux"),
    }


def test_no_demo_number_stands_beside_the_papers(results):
    for name in MADE:
        if name.startswith("table"):
            for row in table(results, name):
                assert not any(row[key] for key in row if key.startswith("paper_")), name

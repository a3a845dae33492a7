"""The demo from end to end, and what a user does with it afterwards."""

import csv
import json
import shutil
from itertools import pairwise

import pytest

from wildframe.core.schemas import FUNNEL, MANIFEST, PREDICTIONS, STATUSES
from wildframe.core.tables import read_facts, read_table

TABLE, FIGURE = (".csv", ".md", ".tex"), (".caption.md", ".pdf", ".png", ".svg")
EXHIBITS = {
    "appendix_h_classes": TABLE,
    "box_area": (".csv", *FIGURE),
    "box_view": TABLE,
    "confusions": TABLE,
    "fig1_gradcam": FIGURE,
    "fig2_finetuning": FIGURE,
    "fig3_gallery": FIGURE,
    "fig4_statistics": TABLE,
    "fig5_in1k_vs_in21k": TABLE,
    "fig6_high_confidence": FIGURE,
    "fig7_zero_shot_in1k": TABLE,
    "fig8_resolution": TABLE,
    "fig9_zero_shot_in21k": TABLE,
    "fig10_pretraining": TABLE,
    "fig11_finetuned": TABLE,
    "high_confidence": TABLE,
    "label_senses": TABLE,
    "leak": TABLE,
    "model_pairs": TABLE,
    "moments": TABLE,
    "per_class": TABLE,
    "protocol": TABLE,
    "reliability": (".csv", *FIGURE),
    "robustness_in_time": (".csv", *FIGURE),
}
# Where each case that is planted in the demo set must land.
LANDING = {
    "duplicate_record": "duplicate",
    "no_pre_frame": "no_moment",
    "no_object_box": "no_object_box",
    "null_nouns": "no_noun",
    "no_class": "no_class",
    "two_classes": "several_classes",
    "synonyms_several_classes": "ok",
    "start_time": "ok",
    "dropped_frame": "ok",
    "missing_frame": "frame_missing",
    "unreadable_clip": "media_unreadable",
    "missing_clip": "media_missing",
}

pytestmark = pytest.mark.workflow


def table(workspace, name):
    with (workspace.folder / f"results/exhibits/ego4d/{name}.csv").open() as file:
        return list(csv.DictReader(file))


def test_every_exhibit_is_made_and_says_on_what_data(finished):
    names = {stem + suffix for stem, suffixes in EXHIBITS.items() for suffix in suffixes}
    assert set(finished.exhibits()) == names
    for name, content in finished.exhibits().items():
        assert len(content) > 200, name
        # The text of a figure is drawn, letter by letter.
        if name.endswith((".md", ".tex")):
            assert b"synthetic demo clips" in content, name


def test_the_browsable_page_holds_every_examined_image(finished):
    folder = finished.folder / "results/exhibits/ego4d/browse"
    assert (folder / "index.html").is_file()
    evaluated = int(table(finished, "fig4_statistics")[-1]["left"])
    assert len(list((folder / "images").iterdir())) == evaluated


def test_no_demo_number_stands_beside_the_papers(finished):
    for name, content in finished.exhibits().items():
        if name.endswith(".csv"):
            for row in csv.DictReader(content.decode().splitlines()):
                printed = {key for key in row if key.startswith("paper_")} - {"paper_row"}
                assert not any(row[key] for key in printed), name


def test_pdflatex_knows_every_character_of_the_tables(finished):
    for name, content in finished.exhibits().items():
        if name.endswith(".tex"):
            content.decode().encode("latin-1")


def test_fine_tuning_raises_held_out_accuracy_and_the_leak_flatters_it(finished):
    rows = {(row["model_b"], row["split_by"]): row for row in table(finished, "leak")}
    (model,) = {name for name, _ in rows}
    clip, image = rows[model, "clip"], rows[model, "image"]
    assert float(clip["after"]) > float(clip["before"])
    assert float(image["after"]) > float(clip["after"])


def test_each_planted_case_lands_in_its_row_with_its_reason(finished, project):
    results = finished.folder / "results"
    funnel = read_table(results / "manifests/ego4d-in1k.funnel.parquet", FUNNEL).to_pylist()
    frames = read_table(results / "frames/ego4d-in1k.parquet", STATUSES).to_pylist()
    statuses = {row["image_id"]: row for row in frames}
    cases = json.loads((project / "demo/hard_cases.json").read_text())
    assert {case["case"] for case in cases} == set(LANDING)
    for case in cases:
        row = funnel[case["record"]]
        found, reason = row["step"], row["detail"]
        if found == "kept":
            frame = statuses[row["image_id"]]
            found, reason = frame["status"], frame["detail"] or reason
        assert found == LANDING[case["case"]], (case, row)
        assert reason, case


def test_the_funnel_adds_up_to_the_last_record(finished, project):
    annotations = project / "demo/ego4d/v1/annotations/fho_scod_train.json"
    listed = len(json.loads(annotations.read_text())["clips"])
    rows = table(finished, "fig4_statistics")
    assert int(rows[0]["left"]) == listed
    for above, row in pairwise(rows):
        assert int(row["left"]) == int(above["left"]) - int(row["dropped"])
    assert int(rows[-1]["left"]) == int(table(finished, "fig7_zero_shot_in1k")[0]["n"])


def test_other_choices_are_compared_with_the_accuracy_that_the_study_shows(finished):
    shown = {row["model"]: row["top1"] for row in table(finished, "fig7_zero_shot_in1k")}
    rows = [row for row in table(finished, "protocol") if row["model"] in shown]
    assert {row["choice"] for row in rows} == {"Label space", "Doubtful labels", "Preprocessing"}
    for row in rows:
        assert f"{float(row['top1_used']):.2f}" == shown[row["model"]]


def test_the_exhibits_agree_on_how_many_images_were_examined(finished):
    evaluated = int(table(finished, "fig4_statistics")[-1]["left"])
    assert sum(int(row["images"]) for row in table(finished, "appendix_h_classes")) == evaluated
    statistics = {row["statistic"]: row["in1k"] for row in table(finished, "fig5_in1k_vs_in21k")}
    assert int(statistics["one_class"]) == evaluated
    assert int(statistics["all_classes"]) == len(table(finished, "appendix_h_classes"))


def test_the_demo_set_is_large_and_varied_enough(finished):
    manifest = read_table(
        finished.folder / "results/manifests/ego4d-in1k.parquet", MANIFEST
    ).to_pylist()
    assert len({row["group_id"] for row in manifest}) >= 40
    assert len({wnid for row in manifest for wnid in row["labels"]}) >= 20


def test_accuracies_are_those_of_real_models(finished):
    rows = {row["model"]: row for row in table(finished, "fig7_zero_shot_in1k")}
    for row in rows.values():
        assert float(row["top1"]) < 95
        assert float(row["top1"]) <= float(row["top5"])
    # Chance is 0.1 % at top-1: the interval of each better model lies far above.
    for size in (0, 1, 2):
        assert float(rows[f"tf_efficientnet_lite{size}"]["top1_low"]) > 2


def test_predictions_tell_how_they_were_made(finished):
    path = finished.folder / "results/predictions/ego4d-in1k/full/tf_efficientnet_lite0.parquet"
    facts = read_facts(path, PREDICTIONS)
    assert facts["model"] == "tf_efficientnet_lite0"
    assert facts["command"].startswith("wildframe predictions run tf_efficientnet_lite0 ")


def test_running_again_does_nothing(changeable):
    assert "Nothing to be done" in changeable.run()


def test_a_single_table_is_a_target(workspace):
    planned = workspace.plan("results/exhibits/ego4d/fig4_statistics.md")
    assert planned["ego4d_fig4_statistics"] == 1
    assert planned["frames_extract"] == 1
    assert "predictions_run" not in planned
    assert "ego4d_fig7_zero_shot_in1k" not in planned


def test_each_exhibit_is_a_target_by_file_and_by_rule(changeable):
    rules = sorted(EXHIBIT_RULES - {"ego4d_browse"})
    files = [
        f"results/exhibits/ego4d/{name}{suffix}"
        for name, suffixes in EXHIBITS.items()
        for suffix in suffixes
    ]
    for targets in (files, rules):
        planned = changeable.plan(*targets, "--forcerun", *rules)
        assert planned == dict.fromkeys(rules, 1) | {"total": len(rules)}


def test_a_lost_table_is_remade_alone(changeable):
    path = changeable.folder / "results/exhibits/ego4d/fig7_zero_shot_in1k.md"
    before = path.read_bytes()
    path.unlink()
    planned = changeable.plan("results/exhibits/ego4d/fig7_zero_shot_in1k.md")
    assert planned == {"ego4d_fig7_zero_shot_in1k": 1, "total": 1}
    changeable.run()
    assert path.read_bytes() == before


EXTRACT, PREDICT = "frames_extract", "predictions_run"
EXHIBIT_RULES = {"ego4d_browse"} | {f"ego4d_{name}" for name in EXHIBITS}


@pytest.mark.parametrize(
    ("old", "new", "rerun", "kept"),
    [
        ("pick: reading_order", "pick: all", {"manifests_build"}, {"sources_ego4d"}),
        ("rule: words", "rule: head", {"manifests_build"}, {"sources_ego4d", "models_prepare"}),
        ("margin: 0.1", "margin: 0.2", {"ego4d_box_view"}, {EXTRACT, "models_finetune"}),
        (
            "resamples: 1000\n  seed: 0",
            "resamples: 1000\n  seed: 1",
            {"scores_model_pairs", "scores_set_pairs", "scores_view_pairs", "scores_detection"},
            {PREDICT, "scores_image_results", "scores_accuracy"},
        ),
        ("resamples: 1000", "resamples: 3000", {"scores_detection"}, {"scores_model_pairs"}),
        ("decay: 0.8", "decay: 0.7", {"models_finetune"}, {"scores_model_pairs"}),
        ("synsets: all", "synsets: first", {"manifests_build"}, {"sources_ego4d"}),
        ('rate: "30"', 'rate: "25"', {"manifests_build"}, {"sources_ego4d"}),
        ("encoding: jpeg", "encoding: png", {EXTRACT, PREDICT}, {"manifests_build"}),
        ("batch_size: 32", "batch_size: 8", {PREDICT}, {"frames_preprocess", "models_prepare"}),
        ("device: cpu", "device: auto", {PREDICT}, {"frames_preprocess", "models_prepare"}),
        (
            "data_note: wildframe's",
            "data_note: our",
            EXHIBIT_RULES,
            {PREDICT, "scores_accuracy", EXTRACT},
        ),
        (
            "- squeezenet1_1\n      - tf_efficientnet_lite0",
            "- tf_efficientnet_lite0\n      - squeezenet1_1",
            {"scores_accuracy", "ego4d_fig7_zero_shot_in1k"},
            {PREDICT, "ego4d_fig4_statistics"},
        ),
    ],
)
def test_a_changed_setting_reruns_what_it_decides_and_nothing_else(
    changeable, old, new, rerun, kept
):
    changeable.change(old, new, once=True)
    planned = changeable.plan("ego4d", "vid_robust")
    assert rerun <= planned.keys()
    assert not kept & planned.keys()


def test_an_edited_sense_table_judges_anew_and_decodes_nothing(changeable, project):
    shipped = project / "src/wildframe/data/senses.csv"
    table = changeable.folder / "senses.csv"
    table.write_text(shipped.read_text())
    changeable.change("senses: shipped", "senses: senses.csv")
    manifest = "results/manifests/ego4d-in1k.parquet"
    changeable.run(manifest)
    changeable.separate()
    changeable.run("--touch")
    with table.open("a") as file:
        file.write(",pencil,n03908204,drop,no image of the demo has it\n")
    assert changeable.plan(manifest)["manifests_build"] == 1
    # No label is another, and so the manifest is the same: only what the table decides is left.
    changeable.run(manifest)
    planned = changeable.plan()
    # Five models share a process.
    assert planned["scores_image_results"] == 1
    assert planned["ego4d_label_senses"] == 1
    assert not {"manifests_build", EXTRACT, PREDICT, "models_finetune"} & planned.keys()


def test_a_clip_that_is_fetched_later_is_read(changeable):
    demo = changeable.folder / "demo"
    target = demo.resolve()
    demo.unlink()
    # The annotations stay as old as they were.
    shutil.copytree(
        target, demo, copy_function=shutil.copy2, ignore=shutil.ignore_patterns("recipe")
    )
    assert changeable.plan() == {}
    cases = {case["case"]: case for case in json.loads((demo / "hard_cases.json").read_text())}
    clips = demo / "ego4d/v1/clips"
    shutil.copy(
        clips / f"{cases['start_time']['clip_uid']}.mp4",
        clips / f"{cases['missing_clip']['clip_uid']}.mp4",
    )
    # Five datasets read that clip, of which there is one shard; another has images of one of them.
    planned = changeable.plan()
    assert (planned["frames_extract"], planned["frames_collect"]) == (2, 6)
    rows = table(changeable, "fig4_statistics")
    assert next(row for row in rows if row["step"] == "media_missing")["dropped"] == "1"
    changeable.run("results/exhibits/ego4d/fig4_statistics.csv")
    rows = table(changeable, "fig4_statistics")
    assert next(row for row in rows if row["step"] == "media_missing")["dropped"] == "0"


def test_the_report_holds_every_exhibit(changeable):
    changeable.run("--report", "report.zip")
    assert (changeable.folder / "report.zip").stat().st_size > 100_000


def test_the_demo_keeps_its_budget(finished):
    """Of jobs, each of which starts a process. `benchmarks/demo.py` says what they cost."""
    jobs = [
        row
        for path in (finished.folder / "results/benchmarks").rglob("*.tsv")
        for row in csv.DictReader(path.read_text().splitlines(), delimiter="\t")
    ]
    assert 100 < len(jobs) <= 212

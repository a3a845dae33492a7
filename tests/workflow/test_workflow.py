"""The DAG itself: both doors, limits, modules, and what a wrong input says."""

import json
import re

import pytest
import yaml

from wildframe.core.display import markdown_text

pytestmark = pytest.mark.workflow


def test_both_doors_plan_the_same_jobs(workspace):
    front = workspace.plan()
    inner = workspace.plan("--snakefile", "workflow/Snakefile")
    assert front == inner
    assert front["predictions_run"] == 10
    assert front["predictions_detect"] == 1
    assert front["models_finetune"] == 2
    assert front["frames_extract"] == front["frames_wanted"] == 3
    assert front["sources_ego4d"] == front["sources_videos"] == front["labels_classes"] == 1


def test_jobs_that_share_a_process_make_what_each_would_make(workspace):
    files = {}
    for shared in (True, False):
        output = workspace.run("-n", "--config", f"share_processes={shared}")
        made = re.findall(r"^    output: (.*)$", output, re.MULTILINE)
        files[shared] = sorted(file for line in made for file in line.split(", "))
        assert output.count("\nrule predictions_run:") == (0 if shared else 26)
    assert files[True] == files[False]


def test_a_study_is_a_target(workspace):
    assert workspace.plan("ego4d")["ego4d_fig7_zero_shot_in1k"] == 1
    planned = workspace.plan("vid_robust")
    assert planned["vid_robust_table1_model_types_of"] == 1
    assert "sources_ego4d" not in planned
    planned = workspace.plan("vid_robust_table1_model_types")
    assert planned["vid_robust_table1_model_types_of"] == 1
    assert "vid_robust_table3_models_of" not in planned


@pytest.mark.parametrize(
    ("arguments", "together"),
    [(("--workflow-profile", "none"), 1), (("--resources", "gpu=3"), 3)],
)
def test_one_gpu_job_at_a_time_unless_told_otherwise(project, bare, arguments, together):
    """A resource without a limit limits nothing: the workflow sets the limit itself."""
    (bare.folder / "config.yaml").write_text((project / "config.yaml").read_text())
    (bare.folder / "Snakefile").write_text(
        f"include: {str(project / 'workflow/Snakefile')!r}\n"
        f"rule probe:\n"
        f"    output: 'probe{{n}}'\n"
        f"    resources: gpu=1\n"
        f"    shell: 'echo 1 >> running; sleep 2; echo -1 >> running; touch {{output}}'\n"
    )
    bare.run("probe1", "probe2", "probe3", "--cores", "3", *arguments)
    changes = [int(line) for line in (bare.folder / "running").read_text().split()]
    assert max(sum(changes[: end + 1]) for end in range(len(changes))) == together


def test_the_scheduler_wakes_up_when_a_job_ends_and_not_each_second(workspace):
    rule = 'rule {0}:\n    output: "{0}.txt"\n    shell: "sleep 1.2; touch {{output}}"\n'
    with (workspace.folder / "Snakefile").open("a") as snakefile:
        snakefile.writelines(map(rule.format, "abc"))
    workspace.run("--cores", "1", "--verbose", "a.txt", "b.txt", "c.txt")
    (log,) = (workspace.folder / ".snakemake/log").iterdir()
    # Before each of the three.
    assert log.read_text().count("Ready jobs: ") == 3


def test_it_can_be_taken_in_as_a_module_under_other_folders(project, tmp_path, bare):
    (tmp_path / "demo").symlink_to(project / "demo")
    # Whatever the other workflow reads is its own.
    (tmp_path / "other.yaml").write_text("mine: 1\nmine: 2\n")
    (tmp_path / "Snakefile").write_text(
        f"configfile: 'other.yaml'\n"
        f"module wild:\n"
        f"    snakefile: {str(project / 'workflow/Snakefile')!r}\n"
        f"    config: {{'extends': ['demo']}}\n"
        f"    pathvars:\n"
        f'        results="out/wild",\n'
        f"\n"
        f"use rule * from wild as wild_*\n"
        f"\n"
        f"use rule sources_ego4d from wild as wild_sources_ego4d with:\n"
        f"    log:\n"
        f'        "mine/{{source}}.log",\n'
        f"\n"
        f"rule everything:\n"
        f"    default_target: True\n"
        f"    input: rules.wild_ego4d.input\n"
    )
    planned = bare.plan()
    assert planned["wild_predictions_run"] == 7
    assert "rule wild_demo-shards_export:" in bare.run("-n", "out/wild/exported/demo-shards")
    bare.run("out/wild/manifests/ego4d-in1k.parquet")
    assert (tmp_path / "out/wild/manifests/ego4d-in1k.funnel.parquet").is_file()
    assert (tmp_path / "out/wild/logs/manifests/ego4d-in1k.log").is_file()
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["ego4d.log"]
    assert not (tmp_path / "results").exists()


def test_a_wrong_key_is_refused_with_its_name(workspace):
    workspace.change("  shards: 1", "  shard: 1")
    output = workspace.run("-n", code=1)
    assert "frames.shard: no such setting; did you mean shards?" in output


@pytest.mark.parametrize(
    ("name", "options"), [("config.yaml", ()), ("mine.yaml", ("--configfile", "mine.yaml"))]
)
def test_a_key_that_is_there_twice_is_refused(workspace, name, options):
    (workspace.folder / name).write_text("frames: {shards: 2}\nframes: {encoding: png}\n")
    output = workspace.run("-n", *options, code=1)
    assert f"{name}: not YAML (line 2, column 1: the key 'frames' is there twice)" in output
    assert "Traceback" not in output


def test_nested_settings_on_the_command_line_are_read(workspace):
    planned = workspace.plan("--config", "frames={shards: 2}")
    assert planned["frames_extract"] == 6


def test_names_that_are_the_same_in_a_row_are_those_of_other_jobs(workspace):
    """Images of one dataset under the view full_box, and of another under the view box."""
    (workspace.folder / "mine.yaml").write_text(
        """
        views: {full_box: {kind: box, margin: 0.2}}
        datasets: {ego4d-in1k_full: {source: ego4d, roles: [pre], label_space: in1k}}
        studies:
          imagenet_hard: null
          ego4d: {views: [full, box, full_box], moments: ego4d-in1k_full, finetuning: null}
        """
    )
    output = workspace.run("-n", "ego4d", "--configfile", "mine.yaml")
    for name in ("ego4d-in1k_full.box", "ego4d-in1k.full_box"):
        assert f"checkpoint frames_preprocess_{name}:" in output
        assert f"rule predictions_run_together_{name}:" in output


def test_a_training_may_be_called_as_a_score_is(workspace):
    workspace.change("demo-noise", "robustness")
    planned = workspace.plan("results/scores/ego4d-neighbours/ego4d.full.robustness.parquet")
    assert planned["scores_robustness"] == 1
    assert not planned["scores_held_out"]


def test_an_unknown_model_is_refused_by_name(workspace):
    workspace.change("- squeezenet1_1", "- squeezenet9")
    assert "squeezenet9: no such model" in workspace.run("-n", code=1)


@pytest.mark.parametrize(
    "target",
    [
        "results/manifests/nope.parquet",
        "results/models/resnet50.a1_in1k/weights.safetensors",
        "results/scores/ego4d-in1k/nope.full.parquet",
        "results/predictions/ego4d-in1k/nope/squeezenet1_1.parquet",
    ],
)
def test_a_target_that_the_config_does_not_name_is_said_plainly(workspace, target):
    output = workspace.run("-n", target, code=1)
    assert "MissingRuleException" in output
    assert "Traceback" not in output


def test_every_param_is_a_value_in_which_snakemake_sees_changes(finished):
    """Of other types it records nothing, and a changed setting would rerun nothing."""
    plain = (str, int, float, bool, list, dict, type(None))
    records = list((finished.folder / ".snakemake/metadata").iterdir())
    assert len(records) > 30
    for record in records:
        params = json.loads(record.read_text())["params"]
        assert not any("UNREPRESENTABLE" in str(param) for param in params), record
        assert all(isinstance(param, plain) for param in params)


def test_a_truncated_annotation_file_stops_its_job_with_one_sentence(workspace):
    annotations = workspace.own_annotations()
    annotations.write_text(annotations.read_text()[:5000])
    output = workspace.run("results/sources/ego4d/records.parquet", code=1)
    assert re.search(r"ERROR: demo/ego4d/v1/annotations/fho_scod_train.json: not JSON", output)
    assert "Traceback" not in output
    assert not (workspace.folder / "results/sources/ego4d/records.parquet").exists()


def test_a_failed_job_is_told_with_its_sentence_and_log(workspace):
    annotations = workspace.own_annotations()
    annotations.write_text(annotations.read_text()[:5000])
    (workspace.folder / "labels.csv").write_text("video,labels\na.mp4,n02084071\n")
    boxes = workspace.folder / "boxes.csv"
    boxes.write_text("video,frame,wnid,x,y,width,height\na.mp4,0,{x},1,2,3,4\n")
    videos = {"root": "demo", "labels": "labels.csv", "boxes": "boxes.csv"}
    mine = {"pathvars": {"results": "out"}, "sources": {"demo-videos": videos}}
    (workspace.folder / "mine.yaml").write_text(yaml.safe_dump(mine))
    names = {"ego4d": "records", "demo-videos": "videos"}
    targets = [f"out/sources/{source}/{table}.parquet" for source, table in names.items()]
    output = workspace.run(*targets, "--configfile", "mine.yaml", code=1)
    for job, source, sentence in [
        ("sources_ego4d", "ego4d", f"{annotations.relative_to(workspace.folder)}: not JSON"),
        ("sources_videos", "demo-videos", "boxes.csv: line 2: '{x}' is not a wnid"),
    ]:
        told = output.partition(f"FAILED {job} (source {source}) after ")[2]
        log = f"out/logs/sources/{source}.log"
        assert f"\n    ERROR: {sentence}" in told
        assert f"\n    log: {log}\n" in told
        assert output.count(sentence) == 1
        assert (workspace.folder / log).is_file()
    assert "0 of 2 jobs done, 2 failed, 0 not done" in output


@pytest.mark.parametrize(
    ("old", "new"), [("split: train", "split: val"), ("demo/ego4d", "nowhere")]
)
def test_old_results_never_pass_for_those_of_data_that_is_not_there(changeable, old, new):
    changeable.change(old, new)
    changeable.change("compare_with_paper: false", "compare_with_paper: true")
    before = changeable.exhibits()
    output = changeable.run(code=1)
    assert "no such file; fetch it with the publisher's command" in output
    assert changeable.exhibits() == before


def test_without_any_video_the_funnel_is_made_and_the_others_say_why(changeable):
    changeable.own_annotations()
    names = ("fig3_gallery.png", "fig4_statistics.md", "fig7_zero_shot_in1k.md")
    output = changeable.run(*(f"results/exhibits/ego4d/{name}" for name in names), code=1)
    assert "no image could be read; `wildframe frames show" in output
    assert "Traceback" not in output
    text = (changeable.folder / "results/exhibits/ego4d/fig4_statistics.md").read_text()
    assert re.search(r"\| File missing +\| +61 \| +not shown \| +0 \|", text)


@pytest.mark.parametrize("data_note", ["costs $5 or $x^2$", "set {x} of 'y' & \\frac", "<b> $"])
def test_what_the_data_is_may_be_any_text(changeable, data_note):
    shipped = "wildframe's synthetic demo clips (rendered; not Ego4D data)"
    changeable.change(shipped, json.dumps(data_note))
    changeable.run("ego4d_fig3_gallery", "ego4d_fig4_statistics")
    text = (changeable.folder / "results/exhibits/ego4d/fig4_statistics.md").read_text()
    assert markdown_text(f"Data: {data_note}; v1, train split") in text


def test_braces_in_texts_of_the_config_are_no_wildcards(workspace):
    mine = {
        "sources": {"demo-shards": {"data_note": "set {x}"}},
        "studies": {"ego4d": None, "vid_robust": None, "ego_exo": None},
    }
    (workspace.folder / "mine.yaml").write_text(yaml.safe_dump(mine))
    plan = workspace.run("-np", "supplement", "--configfile", "mine.yaml")
    assert "--data-note 'set {x}'" in plan
    assert '"data_note":"set {x}"' in plan


def test_a_dropped_key_costs_its_record_only(workspace, classes):
    workspace.put_classes(classes)
    annotations = workspace.own_annotations()
    content = json.loads(annotations.read_text())
    del content["clips"][0]["clip_uid"]
    content["clips"][1]["pre_frame"]["bbox"][0].pop("bbox")
    annotations.write_text(json.dumps(content))
    workspace.run("results/manifests/ego4d-in1k.parquet")
    from wildframe.core.schemas import FUNNEL
    from wildframe.core.tables import read_table

    path = workspace.folder / "results/manifests/ego4d-in1k.funnel.parquet"
    rows = read_table(path, FUNNEL).to_pylist()
    assert len(rows) == len(content["clips"])
    assert [row["step"] for row in rows[:2]] == ["bad_record", "bad_record"]
    assert "clip_id" in rows[0]["detail"]
    assert "pre_frame.bbox[0]" in rows[1]["detail"]
    assert sum(row["step"] == "bad_record" for row in rows) == 2


def test_no_gpu_is_asked_for_on_the_cpu(workspace):
    output = workspace.run("-n", "ego4d_fig7_zero_shot_in1k", "ego4d_fig11_finetuned")
    assert re.search(r"rule predictions_run\b", output.replace("_together", " "))
    assert re.search(r"rule models_finetune\b", output.replace("_together", " "))
    assert "gpu=1" not in output


def test_no_gpu_is_asked_for_but_by_models(workspace):
    output = workspace.run("-n", "--printshellcmds", "--config", "predictions={device: auto}")
    for block in re.split(r"\n(?=\[)", output):
        rule = re.search(r"^(?:local)?rule (\w+):", block, re.MULTILINE)
        if rule:
            runs_a_model = rule[1] in (
                "models_finetune",
                "models_train_clips",
                "predictions_adapt",
                "predictions_clip_gradcam",
                "predictions_clip_objects",
                "predictions_clips",
                "predictions_detect",
                "predictions_gradcam",
                "predictions_gradcam_adapted",
                "predictions_run",
                "predictions_zoom",
            )
            assert ("gpu=1" in block) == runs_a_model, block

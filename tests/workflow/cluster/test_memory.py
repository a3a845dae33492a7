"""What rules ask for against what their jobs took."""

import csv
import re
from collections import defaultdict

import pytest

pytestmark = pytest.mark.workflow

# MB of the two Snakemakes of a job on Slurm.
SNAKEMAKE = 400
# Peaks in MB on images and videos of 3840 x 2160: benchmarks/large.py. Of scores, on 324 crops of
# 50,000 images (benchmarks/scale.py), and on as many frames as ImageNet-Vid-Robust has, with 100
# boxes each. Of an export, by the system: Snakemake does not see its short peak each time.
LARGE = {
    "frames_clips": 663,
    "frames_extract": 894,
    "frames_preprocess": 361,
    "models_export": 1457,
    "predictions_zoom": 1684,
    "predictions_adapt": 1462,
    "scores_detection": 604,
    "scores_hard_images": 245,
    "scores_protocol": 423,
    "scores_zoom": 377,
}


def asked_for(plan):
    """Yield rule, benchmark file and MB of the jobs of a plan that have commands.

    Jobs that share a process are one of their rule, and so is what preprocesses a dataset at once.
    """
    of_dataset = r"(?:_together_\S+|(?<=frames_preprocess)_\S+)?"
    for rule, said in re.findall(
        rf"^(?:rule|checkpoint) (\S+?){of_dataset}:\n((?: {{4}}.*\n)+)", plan, re.M
    ):
        if benchmark := re.search(r"benchmark: (\S+)", said):
            yield rule, benchmark[1], int(re.search(r"\bmem_mb=(\d+)", said)[1])


def peak(path):
    """Return the memory in MB of a job; that of a very short one was not seen."""
    (row,) = csv.DictReader(path.read_text().splitlines(), delimiter="\t")
    return 0 if row["max_rss"] in ("NA", "-") else float(row["max_rss"])


def test_a_job_asks_for_what_it_takes_and_for_at_most_twice_as_much(workspace, finished):
    pytest.importorskip("snakemake_executor_plugin_slurm", reason="see envs/dev.txt")
    plan = workspace.run("-n", "--workflow-profile=profiles/slurm")
    peaks, asked = defaultdict(list), defaultdict(set)
    for rule, benchmark, memory in asked_for(plan):
        peaks[rule].append(peak(finished.folder / benchmark))
        asked[rule].add(memory)
    assert len(peaks) > 30
    for rule, seen in peaks.items():
        taken = max(max(seen), LARGE.get(rule, 0)) + SNAKEMAKE
        (memory,) = asked[rule]
        assert taken <= memory <= 2 * taken, f"{rule}: {taken:.0f} MB taken, {memory} asked for"


# As planned where jobs are submitted, then by the Snakemake that runs the job.
@pytest.mark.parametrize("where", ["--workflow-profile=profiles/slurm", "--mode=remote"])
def test_what_a_job_asks_for_is_not_cut_to_the_machine_that_plans_it(workspace, where):
    pytest.importorskip("snakemake_executor_plugin_slurm", reason="see envs/dev.txt")
    study = "studies={ego_exo: {pretraining: {gpus: 4}}}"
    options = ("--config", "share_processes=False", "predictions={device: auto}", study)
    asked = ("gpu=4", "mem_mb=99999999")
    rule, target = "models_train_clips", "results/models/clips/third_only-tiny/seed-0.safetensors"
    memory = f"--set-resources={rule}:{asked[1]}"
    plan = workspace.run("-np", where, memory, *options, "--", target)
    job = plan.partition(f"rule {rule}:\n")[2]
    assert set(asked) <= set(re.search(r"resources: (.*)", job)[1].split(", "))
    assert re.search(r"--processes (\d)", job)[1] == "4"


def test_jobs_that_lose_all_when_their_time_is_up_have_hours_under_every_name(workspace):
    pytest.importorskip("snakemake_executor_plugin_slurm", reason="see envs/dev.txt")
    target = "results/predictions/ego4d-in1k/full/squeezenet1_1.parquet"
    plan = workspace.run("-n", "--workflow-profile=profiles/slurm", "--", target)
    for name, minutes in {
        "frames_preprocess_ego4d-in1k.full": 240,
        "models_export_together_ego4d": 240,
        # Together they have what the profile says of their rule.
        "models_prepare_together_packages": 1440,
        "predictions_run_together_ego4d-in1k.full": 240,
    }.items():
        job = re.search(rf"^(?:rule|checkpoint) {name}:\n((?: {{4}}.*\n)+)", plan, re.M)[1]
        assert f"runtime={minutes}," in job, name


VIT = "vit_large_patch16_224.augreg_in21k_ft_in1k"
DETECTORS = "vid_robust: {detectors: [efficientdet_lite0, fasterrcnn_resnet50_fpn, ssd300_vgg16]}"
DETECTIONS = "predictions/demo-videos/full/fasterrcnn_resnet50_fpn.detections.parquet"


@pytest.mark.parametrize(
    ("study", "rule", "target", "taken"),
    [
        # Its 1,161 MB are there twice, as they were read and in the model.
        (
            f"ego4d: {{models: [{VIT}]}}",
            "models_prepare",
            f"models/{VIT}/weights.safetensors",
            3096,
        ),
        # The most of torchvision's detectors; of 1000 x 600 pixels, which become 1333 x 800.
        (DETECTORS, "models_prepare_detector", "models/ssd300_vgg16/weights.detector", 1421),
        (DETECTORS, "predictions_detect", DETECTIONS, 1945),
    ],
)
def test_a_job_asks_for_the_memory_of_its_model(workspace, study, rule, target, taken):
    pytest.importorskip("snakemake_executor_plugin_slurm", reason="see envs/dev.txt")
    options = ("--workflow-profile=profiles/slurm", "--config", f"studies={{{study}}}")
    plan = workspace.run("-n", *options, "--", f"results/{target}")
    (memory,) = (asked for of, _, asked in asked_for(plan) if of == rule)
    taken += SNAKEMAKE
    assert taken <= memory <= 2 * taken

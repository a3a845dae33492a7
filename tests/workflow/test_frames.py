"""Frames once a source: a dataset that is added costs only the frames that nobody has yet."""

import re
import shutil
from collections import Counter
from fractions import Fraction

import av
import numpy as np
import pytest
import yaml

from wildframe.core.schemas import FRAMES
from wildframe.core.tables import read_table
from wildframe.frames import shard_of
from wildframe.frames.wanted import read_wanted
from wildframe.models import zoo_entry

pytestmark = pytest.mark.workflow

# In shards of their own; the second is shorter than any window.
LONG, SHORT = "a.mp4", "c.mp4"
LONG_SHARD, SHORT_SHARD = shard_of(LONG, 2), shard_of(SHORT, 2)
MODEL = "squeezenet1_1"
PNG = {"keep_preprocessed": False, "encoding": "png"}
# Stands for all that takes minutes on a GPU.
PREDICT = """

rule predict:
    input: rules.frames_preprocess.output.images, rules.frames_collect.output.shown
    output: "<results>/predicted/{dataset}/{view}/{preprocessing}"
    params: how_shown=lambda wildcards: how_shown(wildcards.view)
    shell: "wc -c < {input[0]} > {output}"

use rule predict as explain with:
    output: "<results>/explained/{dataset}/{view}/{preprocessing}"
"""

REVIEWED = """

rule reviewed:
    input: rules.review.input, "<results>/reviews/far.parquet"
"""


def write_video(path, frames, shade=0):
    path.parent.mkdir(exist_ok=True)
    with av.open(path, "w") as container:
        stream = container.add_stream("libx264", rate=30)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for number in range(frames):
            grey = np.full((48, 64, 3), shade + 10 * number, np.uint8)
            frame = av.VideoFrame.from_ndarray(grey, "rgb24")
            frame.pts, frame.time_base = number, Fraction(1, 30)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


class Run:
    """A run on two tiny videos; ``predict`` stands for the predictions of a model."""

    def __init__(self, workspace):
        self.workspace = workspace
        self.results = workspace.folder / "results"
        door = workspace.folder / "Snakefile"
        door.write_text(door.read_text() + PREDICT)
        write_video(self.video(LONG), 12)
        write_video(self.video(SHORT), 2)
        (workspace.folder / "labels.csv").write_text(
            f"video,labels\n{LONG},n02084071\n{SHORT},n02084071\n"
        )

    def lose(self, dataset):
        """Delete the predictions of a dataset."""
        (self.workspace.folder / self.predicted(dataset)).unlink()

    def video(self, name):
        return self.workspace.folder / "videos" / name

    def configure(self, windows, models=(MODEL,), **frames):
        """Write the config: the window of each dataset, around the same anchors."""
        usual = {"anchors": 1, "label_space": "coco80", "source": "films"}
        study = {"models": [*models], "per_class": MODEL, "gallery": MODEL}
        study["model_types"] = [{"name": "usual", "model": MODEL}]
        config = {
            "extends": [],
            "sources": {"films": {"kind": "videos", "root": "videos", "labels": "labels.csv"}},
            "datasets": {
                name: usual | {"kind": "sets", "window": {"frames": frames}}
                for name, frames in windows.items()
            },
            "frames": {"shards": 2} | frames,
            "studies": {"vid_robust": study | {"datasets": list(windows)}},
        }
        config["sources"]["films"]["data_note"] = "two videos"
        (self.workspace.folder / "config.yaml").write_text(yaml.safe_dump(config))
        self.targets = [self.predicted(name, model) for name in windows for model in models]

    def predicted(self, dataset, model=MODEL):
        return f"results/predicted/{dataset}/full/{zoo_entry(model).preprocessing}"

    def jobs(self):
        """Run what there is to do and return the jobs that ran: of a shard or dataset by name."""
        output = self.workspace.run(*self.targets)
        # The progress on the terminal: `[3/9] frames_extract (source films, shard 0-of-2): 1.2 s`.
        found = Counter()
        for rule, wildcards in re.findall(r"^\[[ \d/]+\] ([\w.]+)(?: \((.*)\))?: ", output, re.M):
            named = dict(pair.split(" ") for pair in wildcards.split(", ")) if wildcards else {}
            found[" ".join([rule, named.get("shard") or named.get("dataset") or ""]).strip()] += 1
        return found

    def frames(self):
        """Return the number of frames that are wanted, kept, and distinct among these."""
        folder = self.results / "frames/films"
        wanted = [frame for path in folder.glob("*.csv") for frame in read_wanted(path)]
        shards = [read_table(path, FRAMES, FRAMES.key) for path in folder.glob("*.parquet")]
        kept = [tuple(row.values()) for shard in shards for row in shard.to_pylist()]
        return len(wanted), len(kept), len(set(kept))


@pytest.fixture
def run(workspace):
    return Run(workspace)


def test_a_dataset_that_is_added_costs_only_what_nobody_has_yet(run):
    run.configure({"near": 1})
    first = run.jobs()
    assert first["frames_wanted"] == first["predict near"] == 1
    assert first[f"frames_extract {LONG_SHARD}"] == first[f"frames_extract {SHORT_SHARD}"] == 1
    assert run.frames() == (5, 5, 5)

    # It wants no frame that is not there.
    run.configure({"near": 1, "twin": 1})
    assert run.jobs() == {
        "manifests_sample twin": 1,
        "frames_wanted": 1,
        "frames_collect twin": 1,
        "frames_preprocess twin": 1,
        "predict twin": 1,
    }

    # The list of one shard grows: it alone is made again, and predictions of others stay. What is
    # to be done for others anyway is not forgotten.
    run.configure({"near": 1, "twin": 1, "far": 3})
    run.lose("near")
    assert run.jobs() == {
        "manifests_sample far": 1,
        "frames_wanted": 1,
        f"frames_extract {LONG_SHARD}": 1,
        "frames_collect far": 1,
        "frames_preprocess far": 1,
        "predict far": 1,
        "predict near": 1,
    }
    assert run.frames() == (8, 8, 8)
    assert run.jobs() == {}


def test_images_are_decoded_once_for_all_models_and_none_is_redone_for_another(run):
    """One job makes what is not there; a model that is added later makes its own file alone."""
    models = [MODEL, "tf_efficientnet_lite0", "tf_efficientnet_lite1"]
    run.configure({"near": 1}, models[:2])
    first = run.jobs()
    assert (first["frames_preprocess_near.full"], first["predict near"]) == (1, 2)
    assert "frames_preprocess near" not in first
    assert run.jobs() == {}

    run.configure({"near": 1}, models)
    assert run.jobs() == {"frames_preprocess near": 1, "predict near": 1}
    assert run.jobs() == {}

    write_video(run.video(LONG), 12, shade=100)
    again = run.jobs()
    assert (again["frames_preprocess near"], again["predict near"]) == (3, 3)
    assert run.jobs() == {}


@pytest.mark.parametrize("kept", [True, False])
def test_other_labels_of_the_same_images_show_them_to_no_model_again(run, kept):
    run.configure({"near": 1, "far": 3}, keep_preprocessed=kept)
    run.jobs()
    labels = run.workspace.folder / "labels.csv"
    labels.write_text(labels.read_text().replace("n02084071", "n02374451"))
    again = run.jobs()
    assert again["frames_collect near"] == again["frames_collect far"] == 1
    made = {job.partition(" ")[0].partition("_near.")[0] for job in again}
    assert not {"frames_extract", "frames_preprocess", "predict"} & made
    assert run.jobs() == {}


def test_a_run_of_some_targets_leaves_others_due_whose_images_are_not_kept(run):
    run.configure({"near": 1}, keep_preprocessed=False)
    (predicted,) = run.targets
    both = [predicted, predicted.replace("predicted", "explained")]
    run.targets = both
    assert run.jobs()["explain near"] == 1
    for change in (
        lambda: run.configure({"near": 1}, keep_preprocessed=False, resize="fast"),
        lambda: write_video(run.video(LONG), 12, shade=100),
    ):
        change()
        run.targets = [predicted]
        assert run.jobs()["predict near"] == 1
        run.targets = both
        assert run.jobs()["explain near"] == 1
        assert run.jobs() == {}


def test_other_frames_under_the_same_names_rerun_what_is_made_of_them(run):
    run.configure({"near": 1, "far": 3}, keep_preprocessed=False)
    assert run.jobs()["predict near"] == 1
    # Snakemake keeps temporary files as long as it waits for checkpoints.
    assert not list(run.results.rglob("*center.arrow"))

    write_video(run.video(LONG), 12, shade=100)
    # Known before it starts.
    assert run.workspace.plan(*run.targets)["predict"] == 2
    for change, extracted in (
        (lambda: None, [LONG_SHARD]),
        (lambda: run.configure({"near": 1, "far": 3}, **PNG), [LONG_SHARD, SHORT_SHARD]),
    ):
        change()
        jobs = run.jobs()
        assert {job for job in jobs if job.startswith("frames_extract")} == {
            f"frames_extract {shard}" for shard in extracted
        }
        assert jobs["predict near"] == jobs["predict far"] == 1
        assert not list(run.results.rglob("*center.arrow"))

    # A lost shard is made again for whom needs it, a damaged one is refused.
    shard = run.results / f"frames/films/{LONG_SHARD}.parquet"
    frames = read_table(shard, FRAMES)
    shard.unlink()
    assert run.jobs() == {}
    run.lose("near")
    remade = run.jobs()
    assert remade[f"frames_extract {LONG_SHARD}"] == remade["predict near"] == 1
    assert read_table(shard, FRAMES).equals(frames)
    shard.write_bytes(shard.read_bytes()[:-100])
    run.lose("near")
    output = run.workspace.run(*run.targets, code=1)
    assert f"films/{LONG_SHARD}.parquet: not a sound Parquet file" in output


def test_frames_of_a_dataset_that_no_study_uses(run):
    run.configure({"near": 1})
    path = run.workspace.folder / "config.yaml"
    config = yaml.safe_load(path.read_text())
    config["sources"]["spare"] = config["sources"]["films"]
    for name, source in (("beside", "films"), ("alone", "spare")):
        config["datasets"][name] = config["datasets"]["near"] | {"source": source}
    path.write_text(yaml.safe_dump(config))
    planned = run.workspace.plan("results/frames/alone.parquet")
    assert planned["frames_wanted"] == planned["manifests_sample"] == 1
    refused = run.workspace.run("-n", "results/frames/beside.parquet", code=1)
    assert "dataset beside: no study uses it" in refused
    assert "name it in a study of the config" in refused
    # What is behind it is there: Snakemake would pass over the error of an input function.
    made = run.results / "reviews/beside.parquet"
    made.parent.mkdir(exist_ok=True, parents=True)
    made.touch()
    refused = run.workspace.run("-n", "results/reviews/beside/pmsets.json", code=1)
    assert "dataset beside: no study uses it" in refused


def test_reviews_wait_for_frames_that_are_extracted_anew(run, classes):
    """What was refused is missing, and so made whatever Snakemake knows of the statuses."""
    run.workspace.put_classes(classes)
    door = run.workspace.folder / "Snakefile"
    door.write_text(f"{door.read_text()}{REVIEWED}")
    for frames in (1, 3):
        run.configure({"near": frames, "far": frames})
        path = run.workspace.folder / "config.yaml"
        config = yaml.safe_load(path.read_text())
        config["datasets"]["near"] |= {"review": "human", "decisions": "decisions"}
        path.write_text(yaml.safe_dump(config))
        shutil.rmtree(run.results / "reviews", ignore_errors=True)
        run.targets = ["reviewed"]
        jobs = run.jobs()
        assert jobs[f"frames_extract {LONG_SHARD}"] == 1
        assert jobs["reviews_next"] == jobs["reviews_consensus far"] == 1
    assert run.jobs() == {}

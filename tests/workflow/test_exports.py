"""Exports in plans: what is added or lost later makes none of them anew that need not be."""

import os
import re

import pytest
import yaml

pytestmark = pytest.mark.workflow

SMALL, LARGE, LATER = "squeezenet1_1", "tf_efficientnet_lite0", "tf_efficientnet_lite1"


class Run:
    """A run on a folder of images, whose files are empty: plans read only names and times."""

    def __init__(self, workspace):
        self.workspace = workspace
        (workspace.folder / "images/n03063599").mkdir(parents=True)
        (workspace.folder / "images/n03063599/1.jpg").touch()

    def configure(self, *models, **frames):
        self.models = models
        config = {
            "extends": ["own_images"],
            "sources": {"own-images": {"root": "images"}},
            "predictions": {"device": "cpu"},
            "frames": frames,
            "studies": {"ego4d": {"models": [*models]}},
            "pathvars": {"results": "results"},
        }
        (self.workspace.folder / "config.yaml").write_text(yaml.safe_dump(config))

    def predictions(self):
        return [f"results/predictions/own-images/full/{model}.parquet" for model in self.models]

    def finish(self):
        """Write what a run would, all at the same time."""
        summary = self.workspace.run("--summary", *self.predictions())
        for name in re.findall(r"^results/[^\t]+", summary, re.MULTILINE):
            path = self.workspace.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
            os.utime(path, (1e9, 1e9))
        assert not self.plan()

    def plan(self):
        return self.workspace.plan(*self.predictions())


@pytest.fixture
def run(workspace):
    return Run(workspace)


def test_a_model_that_is_added_predicts_alone(run):
    """Even though the others' exports, which share a process, are made anew with its own."""
    run.configure(SMALL, LARGE)
    first = run.plan()
    assert (first["models_export"], first["predictions_run"]) == (1, 2)
    run.finish()
    run.configure(SMALL, LARGE, LATER)
    planned = run.plan()
    assert planned.pop("total") == 4
    assert planned == {
        "frames_preprocess": 1,
        "models_prepare": 1,
        "models_export": 1,
        "predictions_run": 1,
    }


def test_exports_wait_for_no_image_that_was_not_kept(run):
    run.configure(SMALL, LARGE, keep_preprocessed=False)
    run.finish()
    folder = run.workspace.folder / "results"
    for images in folder.glob("frames/own-images/full/*center.arrow"):
        images.unlink()
    assert not run.plan()
    (folder / f"predictions/own-images/full/{SMALL}.parquet").unlink()
    planned = run.plan()
    assert planned.pop("total") == 2
    assert planned == {"frames_preprocess": 1, "predictions_run": 1}

"""Presets: overlays of the default configuration, one a paper."""

import pytest
from wildframe.configuration import load_config
from wildframe.core.studies import FineTuning

from wildframe.exhibits.paper import paper_numbers
from wildframe.models import study_detectors, study_models


@pytest.fixture
def preset(project):
    return load_config(project / "config.yaml", project / "workflow/presets/ego4d.yaml")


def test_the_ego4d_preset_is_the_papers_run(preset):
    study = preset.studies.ego4d
    assert preset.is_papers(study.in1k)
    assert preset.datasets[study.in1k].pick == "paper"
    assert preset.pathvars == {"results": "results-ego4d"}
    zoo = study_models(preset)
    rows = [zoo[name].paper_row for name in study.models]
    assert rows == list(paper_numbers("ego4d", "fig7_zero_shot_in1k"))
    assert [zoo[name].class_space for name in study.in21k_models] == ["in22k", "in21k"]
    names = [f"IN-1K {pair.name}" for pair in study.pretraining]
    names += [f"21K-1K {pair.name}" for pair in study.pretraining]
    assert names == list(paper_numbers("ego4d", "fig10_pretraining"))


def test_the_presets_training_is_the_papers(preset):
    training = preset.studies.ego4d.finetuning
    assert training == FineTuning(dataset="ego4d-in1k", models=training.models)
    assert len(training.models) == 5
    assert training.is_papers
    for change in ({"split_by": "video"}, {"epochs": 1}, {"lr": 1.0}, {"train_fraction": 0.9}):
        assert not training.model_copy(update=change).is_papers
    assert training.model_copy(update={"seed": 7}).is_papers


def test_the_vid_robust_preset_is_the_papers_run_and_trains_nothing_of_the_demo(project):
    preset = load_config(project / "config.yaml", project / "workflow/presets/vid_robust.yaml")
    study = preset.studies.vid_robust
    assert list(preset.studies.chosen) == ["vid_robust"]
    assert [name for name in study.datasets if preset.is_papers(name)] == ["vid-robust"]
    assert {training.dataset for training in study.trainings.values()} == {"vid-train"}
    trained = {"resnet50.tv_in1k+vid", "resnet152.tv_in1k+vid", "resnet50.tv_in1k+gaussian_noise"}
    assert set(study.models_of("ytbb-robust")) == {*study.models, *study.detectors, *trained}
    study_models(preset)
    study_detectors(preset)
    printed = paper_numbers("vid_robust", "table1_model_types")
    assert sum(entry.name in printed for entry in study.model_types) == 3


def test_settings_that_the_preset_does_not_name_are_the_defaults(project, preset):
    default = load_config(project / "config.yaml")
    assert preset.views == default.views
    assert preset.datasets["ego4d-in21k"] == default.datasets["ego4d-in21k"]
    assert set(preset.sources) == set(default.sources)


@pytest.mark.workflow
def test_the_preset_of_own_videos_needs_nothing_of_the_demo(workspace):
    (workspace.folder / "mine.yaml").write_text(
        "sources:\n  own-videos:\n    root: demo/ego4d/v1/clips\n"
        "    labels: demo/videos/labels.csv\n"
    )
    planned = workspace.plan(
        "vid_robust", "--configfile", "workflow/presets/own_videos.yaml", "mine.yaml"
    )
    assert planned["vid_robust_table3_models"] == planned["manifests_sample"] == 1
    assert planned["predictions_run"] == 3
    assert not {"models_finetune", "predictions_detect", "sources_ego4d"} & planned.keys()

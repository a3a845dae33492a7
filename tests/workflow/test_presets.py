"""Presets: whole runs, one a paper, that a file of a few lines extends."""

import json

import pytest
import yaml

from wildframe.configuration import load_config
from wildframe.configuration.settings import Frames, Predictions, Scores
from wildframe.core.errors import UserError
from wildframe.core.layers import Value, layer, read_layers, resolve, values
from wildframe.exhibits.paper import paper_numbers
from wildframe.models import references, study_detectors, study_models, zoo
from wildframe.studies.ego4d.settings import FineTuning
from wildframe.studies.ego_exo.inputs import finetuning_of
from wildframe.studies.imagenet_hard.inputs import PRINTED

DEFAULTS = {"frames": Frames(), "predictions": Predictions(), "scores": Scores()}
OF_PAPERS = ("ego4d", "vid_robust", "own_videos", "own_images", "imagenet_hard", "ego_exo")
MINE = """\
extends: [ego4d]
sources:
  ego4d:
    root: demo/ego4d
    data_note: our copy of Ego4D
"""


@pytest.fixture
def extend(tmp_path, monkeypatch):
    """Return a function that loads a file of one line, in a folder of its own."""
    monkeypatch.chdir(tmp_path)

    def load(name):
        (tmp_path / "mine.yaml").write_text(f"extends: [{name}]\n")
        return load_config(tmp_path / "mine.yaml")

    return load


@pytest.fixture
def preset(extend):
    return extend("ego4d")


def test_the_ego4d_preset_is_the_papers_run(preset):
    study = preset.studies.ego4d
    assert list(preset.chosen) == ["ego4d"]
    assert study.is_papers(preset, study.in1k)
    assert preset.datasets[study.in1k].pick == "paper"
    assert preset.pathvars == {"results": "results-ego4d"}
    zoo = study_models(preset.chosen, preset.label_space_of)
    rows = [zoo[name].paper_row for name in study.models]
    assert rows == list(paper_numbers("ego4d", "fig7_zero_shot_in1k"))
    assert [zoo[name].label_space for name in study.in21k_models] == ["in22k", "in21k"]
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


def test_the_vid_robust_preset_is_the_papers_run(extend):
    preset = extend("vid_robust")
    study = preset.studies.vid_robust
    assert list(preset.chosen) == ["vid_robust"]
    assert [name for name in study.datasets if study.is_papers(preset, name)] == ["vid-robust"]
    assert {training.dataset for training in study.trainings.values()} == {"vid-train"}
    trained = {"resnet50.tv_in1k+vid", "resnet152.tv_in1k+vid", "resnet50.tv_in1k+gaussian_noise"}
    assert set(study.models_of("ytbb-robust")) == {*study.models, *study.detectors, *trained}
    study_models(preset.chosen, preset.label_space_of)
    study_detectors(preset.chosen)
    printed = paper_numbers("vid_robust", "table1_model_types")
    assert sum(entry.name in printed for entry in study.model_types) == 3


def test_the_imagenet_hard_preset_has_the_published_rows_that_need_no_further_package(extend):
    preset = extend("imagenet_hard")
    study = preset.studies.imagenet_hard
    assert list(preset.chosen) == ["imagenet_hard"]
    assert study.is_papers(preset, study.benchmark)
    assert study.is_papers(preset, study.benchmark, study.zoom)
    rows = [PRINTED[name] for name in study.models]
    assert rows == list(paper_numbers("imagenet_hard", "report"))[:8]
    assert set(study.zoomed_models) < set(study.models)


def test_the_report_of_twelve_models_is_a_preset_that_needs_open_clip(extend, monkeypatch):
    preset = extend("imagenet_hard_clip")
    report = preset.studies.imagenet_hard.models
    assert [PRINTED[name] for name in report] == list(paper_numbers("imagenet_hard", "report"))
    eight = extend("imagenet_hard")
    assert report[:8] == eight.studies.imagenet_hard.models
    assert preset.sources == eight.sources

    installed = references.metadata.version

    def absent(package):
        if package == "open_clip_torch":
            raise references.metadata.PackageNotFoundError
        return installed(package)

    with monkeypatch.context() as patch:
        patch.setattr(references.metadata, "version", absent)
        message = "open_clip/ViT-L-14/openai: the package open_clip_torch is not installed; `pip"
        with pytest.raises(UserError, match=message):
            study_models(preset.chosen, preset.label_space_of)
    # With the package, by whose facts each is planned.
    monkeypatch.setattr(zoo, "reference_facts", facts_of)
    planned = study_models(preset.chosen, preset.label_space_of)
    assert [planned[name].label_space for name in report] == ["in1k"] * 12


def facts_of(reference, outputs=None):
    """Return what a hub's package may say of a model of ImageNet-1K."""
    return references.Facts(
        architecture=reference.partition("/")[2],
        **{"has_weights": True, "classes": 1000, "params": 1, "input_size": 224, "crop_pct": 1},
        **{"crop_mode": "center", "interpolation": "bicubic", "mean": (0, 0, 0), "std": (1, 1, 1)},
    )


def test_the_ego_exo_preset_trains_every_row_of_the_papers_tables(extend):
    preset = extend("ego_exo")
    study = preset.studies.ego_exo
    assert list(preset.chosen) == ["ego_exo"]
    assert all(study.is_papers(preset, part.dataset) for part in study.parts().values())
    trained = {row: name_of_training(study, row) for row in paper_numbers("ego_exo", "ablations")}
    missing = {row for row, name in trained.items() if not name}
    # There is no video network of the detector, nor of the object recogniser.
    assert missing == {
        "append_interaction",
        "append_all",
        "third_only delta",
        "ego_exo delta",
    }


def name_of_training(study, row):
    """Return the training of a row on any of the ablations' datasets."""
    found = (finetuning_of(study, row, part) for part in ("multi_label", "verb_noun"))
    return next((study.finetunings[one] for one in found if one in study.finetunings), None)


DEMOS = ("demo", "demo_ego4d", "demo_vid_robust", "demo_imagenet_hard", "demo_ego_exo")


@pytest.mark.parametrize("name", [*OF_PAPERS, *DEMOS])
def test_a_preset_is_a_whole_run_whichever_way_it_is_asked_for(project, extend, name):
    extended = extend(name)
    assert load_config(project / f"workflow/presets/{name}.yaml") == extended
    study_models(extended.chosen, extended.label_space_of)
    study_detectors(extended.chosen)


@pytest.mark.parametrize("name", OF_PAPERS)
def test_a_preset_of_a_paper_has_nothing_of_the_demo(project, name):
    presets = project / "workflow/presets"
    alone = resolve(layer({"extends": [name]}, "mine.yaml"), presets)
    # Given in place of a file that extends it, over the folder's config.yaml.
    given = read_layers([project / "config.yaml", presets / f"{name}.yaml"])
    assert values(given) == values(alone)
    assert origins(alone) == {f"preset {name}"}
    # Nothing lies below it that a null would have to take away.
    assert "demo" not in yaml.safe_dump(values(alone))
    assert "null" not in yaml.safe_dump(values(alone))


def origins(settings):
    if isinstance(settings, Value):
        return {settings.origin}
    return set().union(*map(origins, settings.values()))


@pytest.mark.parametrize("name", OF_PAPERS)
def test_a_preset_of_a_paper_says_what_differs_from_the_defaults(project, name):
    said = yaml.safe_load((project / f"workflow/presets/{name}.yaml").read_text())
    defaults = {key: part.model_dump() for key, part in DEFAULTS.items()}
    for key in defaults.keys() & said.keys():
        assert not said[key].items() & defaults[key].items(), key


@pytest.mark.workflow
def test_a_file_of_five_lines_plans_the_papers_run_and_nothing_of_the_demo(workspace):
    (workspace.folder / "mine.yaml").write_text(MINE)
    assert len(MINE.splitlines()) == 5
    planned = workspace.plan("--configfile", "mine.yaml")
    assert planned["total"] == 291
    assert planned["ego4d_fig7_zero_shot_in1k"] == planned["sources_ego4d"] == 1
    assert planned["frames_extract"] == 64
    assert not {"sources_videos", "manifests_sample", "predictions_detect"} & planned.keys()
    assert not any(rule.startswith("vid_robust") for rule in planned)
    assert workspace.plan("results-ego4d/labels/classes.parquet", "--configfile", "mine.yaml")


@pytest.mark.workflow
def test_the_doors_read_the_same_run(workspace):
    """Snakemake merges files before the workflow sees them; the commands do it themselves."""
    (workspace.folder / "mine.yaml").write_text(MINE)
    (workspace.folder / "over.yaml").write_text(
        "frames: {shards: 3}\nstudies: {ego4d: {neighbours: }}\n"
    )
    (workspace.folder / "Snakefile").write_text(
        'include: "workflow/Snakefile"\nPath("read.json").write_text(CONFIG.model_dump_json())\n'
    )
    files = ("mine.yaml", "over.yaml")
    workspace.plan("labels_classes", "--configfile", *files)
    by_workflow = json.loads((workspace.folder / "read.json").read_text())
    assert by_workflow["frames"]["shards"] == 3
    assert by_workflow["studies"]["ego4d"]["neighbours"] is None
    assert by_workflow["sources"]["ego4d"]["data_note"] == "our copy of Ego4D"

    shown = workspace.wildframe("config", "show", *files)
    assert yaml.safe_load(shown) == {"extends": []} | by_workflow
    assert "    root: demo/ego4d  # mine.yaml\n" in shown
    assert "  shards: 3  # over.yaml\n" in shown
    assert "  batch_size: 128  # preset ego4d\n" in shown
    assert "  resamples: 2000  # default\n" in shown
    assert workspace.wildframe("config", "check", *files) == "mine.yaml + over.yaml: valid\n"
    # Weights are missing.
    looked = workspace.wildframe("doctor", "--config", files[0], "--config", files[1], code=1)
    assert "source ego4d: " in looked
    assert "source demo-videos" not in looked
    assert "model resnet50.a1_in1k: " in looked
    assert "squeezenet" not in looked

    # What is shown is a file that means the same.
    (workspace.folder / "shown.yaml").write_text(shown)
    workspace.plan("labels_classes", "--configfile", "shown.yaml")
    assert json.loads((workspace.folder / "read.json").read_text()) == by_workflow


@pytest.mark.workflow
@pytest.mark.parametrize(
    ("pathvars", "results"), [("", "results-ego4d"), ("    pathvars: results='out'\n", "out")]
)
def test_a_module_in_an_empty_folder_extends_a_preset(project, bare, pathvars, results):
    source = {"root": str(project / "demo/ego4d")}
    (bare.folder / "Snakefile").write_text(
        f"module wild:\n"
        f"    snakefile: {str(project / 'workflow/Snakefile')!r}\n"
        f"    config: {{'extends': ['ego4d'], 'sources': {{'ego4d': {source!r}}}}}\n"
        f"{pathvars}"
        f"use rule * from wild as wild_*\n"
    )
    assert bare.plan(f"{results}/sources/ego4d/records.parquet")["wild_sources_ego4d"] == 1


@pytest.mark.workflow
def test_a_preset_that_is_not_there_is_refused_with_those_that_are(workspace):
    output = workspace.run("-n", "--config", "extends=[ego4]", code=1)
    assert "extends: 'ego4' is no preset; choose from demo, demo_cpu, " in output
    assert "did you mean ego4d?" in output
    assert "Traceback" not in output


@pytest.mark.workflow
def test_the_preset_of_own_videos_needs_nothing_of_the_demo(workspace):
    (workspace.folder / "mine.yaml").write_text(
        "extends: [own_videos]\n"
        "sources:\n  own-videos:\n    root: demo/ego4d/v1/clips\n"
        "    labels: demo/videos/labels.csv\n"
    )
    planned = workspace.plan("--configfile", "mine.yaml")
    assert planned["vid_robust_table3_models_of"] == planned["manifests_sample"] == 1
    assert planned["predictions_run"] == 3
    assert not {"models_finetune", "predictions_detect", "sources_ego4d"} & planned.keys()
    # Nothing is detected there: what would show it is no target.
    output = workspace.run("-n", "vid_robust_table2_detection", "--configfile", "mine.yaml", code=1)
    assert "MissingRuleException" in output

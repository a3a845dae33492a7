"""What the declarations of the study ask of a run."""

from dataclasses import replace
from types import SimpleNamespace

import pytest
from pydantic import ValidationError

from wildframe.exhibits.lookup import exhibit_names, load_exhibit
from wildframe.exhibits.registry import Context

STUDY = SimpleNamespace(
    datasets=["clips", "others"],
    with_boxes=lambda config: ["clips"],
    models_of=lambda dataset: ["net@96", "net+frames", "det", "mine"],
    model_types=[SimpleNamespace(name="k = 3", model="net+frames")],
    trainings={},
    external_models={"mine"},
    external_predictions=[SimpleNamespace(model="mine", dataset="clips", view="full")],
    detectors=["det", "other"],
    published=None,
    gallery="net",
)


def context(**values):
    """Return the context of dataset ``clips``; what the study says can be given."""
    models = {"net@96": SimpleNamespace(training=None), "net+frames": SimpleNamespace(training="t")}
    config = SimpleNamespace(
        scores=SimpleNamespace(seed=3),
        frames=SimpleNamespace(shards=2),
        datasets={"clips": SimpleNamespace(source="cameras", label_space="vid30", decisions=None)},
    )
    study = SimpleNamespace(**vars(STUDY) | values)
    return Context(config, models, {"det": None}, study, "clips")


def setting(exhibit, name):
    return load_exhibit("vid_robust", exhibit).settings[name]


def file(exhibit, name):
    return load_exhibit("vid_robust", exhibit).files[name]


def test_a_model_is_known_by_where_it_comes_from():
    kinds = setting("table3_models", "kinds")
    assert kinds.read(kinds.text(context())) == {
        "net@96": "zoo",
        "net+frames": "trained here",
        "det": "detector",
        "mine": "external",
    }


def test_an_external_model_stands_only_under_views_that_it_predicted():
    tight = replace(context(), view="tight")
    assert "mine" not in setting("table3_models", "kinds").of(tight)
    assert setting("model_pairs", "models").of(tight) == ["net@96", "net+frames", "det"]


@pytest.mark.parametrize(
    ("kind", "models", "said"),
    [
        ("box", ["net@96", "det"], "our clips; detectors are shown whole images"),
        ("full", ["net@96", "det"], "our clips"),
        ("box", ["net@96"], "our clips"),
    ],
)
def test_a_view_that_detectors_are_not_shown_is_told_with_the_data(kind, models, said):
    run = context(models_of=lambda dataset: models)
    run.config.views = {"full": SimpleNamespace(kind=kind)}
    run.config.describe = lambda dataset, view: "our clips"
    assert setting("table3_models", "data_note").of(run) == said


def test_models_that_learnt_from_the_images_are_told_with_the_data():
    trainings = {"a": SimpleNamespace(dataset="clips"), "b": SimpleNamespace(dataset="others")}
    run = context(trainings=trainings)
    run.config.views = {"full": SimpleNamespace(kind="full")}
    run.config.describe = lambda dataset, view: "our clips"
    said = "our clips; models of a learnt from some of these images"
    assert setting("table3_models", "data_note").of(run) == said


def test_exhibits_of_detectors_are_made_where_there_are_boxes():
    of = {
        name: exhibit.datasets and exhibit.datasets(context())
        for name in exhibit_names("vid_robust")
        for exhibit in [load_exhibit("vid_robust", name)]
    }
    assert of.pop("hyperparameters") is None
    for name in ("table2_detection", "fig3_detections", "detector_pairs"):
        assert of.pop(name) == ["clips"]
    assert len(of) == 13
    assert all(datasets == ["clips", "others"] for datasets in of.values())


@pytest.mark.parametrize(
    ("gallery", "rule"), [("net", "predictions_run"), ("det", "predictions_detect")]
)
def test_fig1_reads_what_its_model_predicted_or_detected(gallery, rule):
    found = file("fig1_gallery", "predictions")
    run = context(gallery=gallery)
    assert found.maker(run) == rule
    assert found.where(run) == {
        "dataset": "clips",
        "view": "full",
        "model": gallery,
        "detector": gallery,
        "evaluated": gallery,
    }


def test_all_shards_are_looked_through():
    found = file("fig1_gallery", "frames")
    assert found.where(context()) == {"dataset": "clips"}
    rule, where = found.ancient
    assert rule == "frames_extract"
    assert where(context()) == {"source": "cameras", "shard": ["0-of-2", "1-of-2"]}


def test_hyperparameters_are_of_each_training_and_its_models():
    trainings = {
        "a": SimpleNamespace(models=["net", "other"]),
        "b": SimpleNamespace(models=["net"]),
    }
    run = context(trainings=trainings)
    assert file("hyperparameters", "trainings").where(run) == [
        {"model": ["net", "other"], "training": "a"},
        {"model": ["net"], "training": "b"},
    ]
    assert load_exhibit("vid_robust", "hyperparameters").when(run)
    assert not load_exhibit("vid_robust", "hyperparameters").when(context())


def test_files_that_the_config_names(tmp_path):
    published = file("effective_robustness", "published")
    assert published.where(context()) == []
    assert published.where(context(published="models.csv")) == ["models.csv"]
    decisions = file("review", "decisions")
    run = context()
    assert decisions.where(run) == []
    (tmp_path / "ann.csv").touch()
    run.config.datasets["clips"].decisions = str(tmp_path)
    assert decisions.where(run) == [str(tmp_path / "ann.csv")]


def test_the_label_space_is_of_the_dataset_and_others_are_refused():
    space = setting("table3_models", "label_space")
    assert space.read(space.text(context())) == "vid30"
    with pytest.raises(ValidationError, match="'vid30', 'ytbb24'"):
        space.read("imagenet")


def test_names_of_rows_keep_all_their_signs():
    models = setting("table1_model_types", "models")
    assert models.read(models.text(context())) == {"k = 3": "net+frames"}

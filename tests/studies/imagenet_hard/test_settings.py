"""What the study refuses, and when the paper's numbers compare."""

import copy
from types import SimpleNamespace

import pytest

from wildframe.configuration import parse_config
from wildframe.core.errors import UserError
from wildframe.exhibits.lookup import load_exhibit
from wildframe.exhibits.registry import Context

CONFIG = {
    "sources": {
        "hard": {"kind": "shards", "root": "r", "data_note": "n", "compare_with_paper": True}
    },
    "datasets": {"hard": {"kind": "images", "source": "hard", "label_space": "in1k"}},
    "views": {
        "zoom": {"kind": "zoom"},
        "memo": {"kind": "full", "adapt": "memo"},
        "tiles": {"kind": "zoom", "grid": "small"},
        "lacking": {"kind": "zoom", "grid": [64, 512]},
    },
    "studies": {
        "imagenet_hard": {
            "benchmark": "hard",
            "models": ["alexnet"],
            "zoom": "zoom",
            "zoomed": {"IN": "hard"},
            "zoomed_models": ["squeezenet1_1"],
            "adaptations": {"MEMO+RRC": "memo"},
            "adapted": {"IN": "hard"},
            "adapted_models": ["alexnet"],
        }
    },
}


def changed(**settings):
    config = copy.deepcopy(CONFIG)
    config["studies"]["imagenet_hard"] |= settings
    return config


def test_models_are_those_of_the_report_and_on_crops_those_of_table_1():
    study = parse_config(CONFIG).studies.imagenet_hard
    assert study.used_datasets() == ["hard"]
    assert study.models_of("hard") == ["alexnet"]
    assert study.zoomed_models_of("hard") == ["squeezenet1_1"]
    assert study.crops_of("hard") == ("zoom", ["squeezenet1_1"])
    assert study.crops_of("other") is None
    assert study.zoomed_models_of("other") == study.models_of("other") == []


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"benchmark": "none"}, "benchmark: 'none' is not in datasets"),
        ({"zoomed": {"IN": "none"}}, "zoomed.IN: 'none' is not in datasets"),
        ({"zoom": "memo"}, "zoom: 'memo' is not a view of kind zoom"),
        ({"zoom": "gone"}, "zoom: 'gone' is not in views"),
        ({"zoom": "lacking"}, "zoom: the grid of 'lacking' lacks size 256, .*; add it to the list"),
        ({"zoom": None}, "zoom: Table 1 needs it, too, or none of zoom, zoomed, zoomed_models"),
        (
            {"with_real": {"B": {"dataset": "other", "real": "hard"}}},
            "with_real: 'B' is to be a further column of a dataset of zoomed",
        ),
        ({"adaptations": {"x": "zoom"}}, "adaptations: the view 'zoom' has no adapt"),
        (
            {"views": ["tiles"]},
            "view 'memo' is compared with 'tiles', the first of views, and must",
        ),
        ({"adapted": {}}, "adapted: Table 2 needs it, too"),
    ],
)
def test_what_does_not_fit_is_named(settings, message):
    with pytest.raises(UserError, match=message):
        parse_config(changed(**settings))


def test_an_external_model_of_the_report_predicts_under_every_view():
    given = {"model": "x", "dataset": "hard", "predictions": "p.csv"}
    study = {"views": ["full", "tiles"], "models": ["x"], "external_predictions": [given]}
    with pytest.raises(UserError, match=r"models: x has no external .* of hard under the view ti"):
        parse_config(changed(**study))
    study["external_predictions"] = [given, given | {"view": "tiles"}]
    assert parse_config(changed(**study)).external["x"]


def test_crops_and_adaptation_can_be_left_out():
    without = {"zoom": None, "zoomed": {}, "zoomed_models": []}
    without |= {"adaptations": {}, "adapted": {}, "adapted_models": []}
    assert parse_config(changed(**without)).studies.imagenet_hard.used_datasets() == ["hard"]


def test_a_dataset_of_another_label_space_is_refused():
    config = copy.deepcopy(CONFIG)
    config["datasets"]["hard"]["label_space"] = "in21k"
    with pytest.raises(UserError, match="the label space of 'hard' is neither in1k nor a"):
        parse_config(config)


def test_the_papers_numbers_compare_on_its_data_with_its_grid():
    config = parse_config(CONFIG)
    study = config.studies.imagenet_hard
    assert study.is_papers(config, "hard")
    assert study.is_papers(config, "hard", "zoom")
    small = copy.deepcopy(CONFIG)
    small["views"]["zoom"]["grid"] = "small"
    assert not study.is_papers(parse_config(small), "hard", "zoom")
    among = copy.deepcopy(CONFIG)
    among["datasets"]["hard"]["predictable"] = "labels"
    assert not study.is_papers(parse_config(among), "hard"), "the report is over all classes"
    others = copy.deepcopy(CONFIG)
    others["datasets"] |= {name: dict(among["datasets"]["hard"]) for name in ("a", "b")}
    others["datasets"]["b"]["predictable"] = "all"
    others["studies"]["imagenet_hard"]["zoomed"] = {"IN-A": "a", "IN-R": "b"}
    config = parse_config(others)
    assert study.is_papers(config, "a", "zoom"), "other sets are predicted among their labels"
    assert not study.is_papers(config, "b", "zoom")
    ours = copy.deepcopy(CONFIG)
    ours["sources"]["hard"]["compare_with_paper"] = False
    assert not study.is_papers(parse_config(ours), "hard")


def test_what_is_exported_is_a_dataset_of_the_run_with_files_of_its_own():
    config = copy.deepcopy(CONFIG)
    config["sources"]["made"] = {
        "kind": "shards",
        "root": "made",
        "data_note": "n",
        "exported": {"dataset": "hard"},
    }
    config["datasets"]["made"] = {"kind": "images", "source": "made", "label_space": "in1k"}
    config["studies"]["imagenet_hard"]["benchmark"] = "made"
    assert parse_config(config).used_datasets == ["made", "hard"]
    del config["sources"]["made"]["root"]
    assert parse_config(config).sources["made"].root == "results/exported/made"
    config["pathvars"] = {"results": "out"}
    assert parse_config(config).sources["made"].root == "out/exported/made"
    config["datasets"]["hard"]["label_space"] = "in21k"
    with pytest.raises(UserError, match=r"exported.dataset: 'hard' has labels of in21k"):
        parse_config(config)
    config["sources"]["made"]["exported"]["dataset"] = "made"
    with pytest.raises(UserError, match=r"exported.dataset: 'made' is not a dataset of another"):
        parse_config(config)


def test_only_what_a_study_zooms_can_be_exported_as_hard():
    config = copy.deepcopy(CONFIG)
    hard = {"study": "imagenet_hard", "view": "zoom"}
    config["sources"]["made"] = {
        "kind": "shards",
        "data_note": "n",
        "exported": {"dataset": "hard", "hard": hard},
    }
    assert parse_config(config).sources["made"].exported.hard.neighbours == 1
    for change in ({"study": "ego4d"}, {"view": "full"}, {"view": "gone"}):
        config["sources"]["made"]["exported"]["hard"] = hard | change
        with pytest.raises(UserError, match=r"sources.made.exported.hard: .* is no study of the"):
            parse_config(config)


@pytest.mark.parametrize("name", ["table2_adaptation", "adapted_gradcam"])
def test_what_adaptation_is_compared_with_does_not_depend_on_further_views(name):
    config = parse_config(changed(views=["full", "tiles"]))
    study = config.studies.imagenet_hard
    zoo = {"alexnet": SimpleNamespace(gradcam_layer="features", preprocessing="p")}
    seen = Context(config, zoo, {}, study, "hard", "tiles")
    assert not load_exhibit("imagenet_hard", name).differs(seen, "full")

import copy
import json
from pathlib import Path
from typing import get_args

import pytest
import yaml
from jsonschema import Draft202012Validator

from wildframe.configuration import config_schema, load_config, parse_config
from wildframe.core.errors import UserError
from wildframe.core.layers import layer, resolve, values
from wildframe.core.study import ClipTraining, Study
from wildframe.doctor import diagnose
from wildframe.models import study_models
from wildframe.sources.kinds import KINDS
from wildframe.studies.ego4d.settings import Ego4dStudy

PRESETS = sorted((Path(__file__).parents[2] / "workflow/presets").glob("*.yaml"))


@pytest.fixture
def config(demo_config):
    return demo_config


def test_the_shipped_schema_is_the_models(project):
    shipped = (project / "workflow/schemas/config.schema.json").read_text()
    remedy = "run `wildframe config schema > workflow/schemas/config.schema.json`"
    assert shipped == config_schema(), remedy


def test_the_documentation_lists_every_preset(project):
    listed = (project / "config/README.md").read_text()
    assert [path.stem for path in PRESETS if f"`{path.stem}`" not in listed] == []


SHIPPED = ("config.yaml", *(f"workflow/presets/{path.name}" for path in PRESETS))


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_file_is_valid_in_an_editor_and_names_its_schema(project, name):
    text = (project / name).read_text()
    first = text.splitlines()[0]
    schema = (project / name).parent / first.removeprefix("# yaml-language-server: $schema=")
    Draft202012Validator(json.loads(schema.read_text())).validate(yaml.safe_load(text))


def test_in_an_editor_a_wrong_key_shows_and_what_a_preset_says_is_not_asked_for():
    validator = Draft202012Validator(json.loads(config_schema()))
    validator.validate({"extends": ["vid_robust"], "sources": {"vid": {"metadata": "here"}}})
    for wrong in (
        {"extends": "ego4d"},
        {"frames": {"shard": 1}},
        {"sources": {"vid": {"kind": "epic"}}},
        {"studies": {"ego4d": {"model": ["squeezenet1_1"]}}},
    ):
        assert not validator.is_valid(wrong), wrong


def test_the_demo_is_valid_for_both(config):
    Draft202012Validator(json.loads(config_schema())).validate(config)
    parse_config(config)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("extend",), ["demo"], "extend: no such setting; did you mean extends?"),
        (("frames", "shard"), 3, "frames.shard: no such setting; did you mean shards?"),
        # Other studies have such a setting, this one does not.
        (
            ("studies", "imagenet_hard", "datasets"),
            ["a"],
            "imagenet_hard.datasets: no such setting; choose from external_predictions, views, ben",
        ),
        (("views", "zoom", "grids"), 3, "views.zoom.grids: no such setting; did you mean grid?"),
        (("frames", "shards"), 0, "frames.shards: Input should be greater than or equal to 1"),
        (("sources", "ego4d", "rate"), "0", "sources.ego4d.rate: a rate is a number above 0"),
        (("sources", "ego4d", "rate"), "fast", "sources.ego4d.rate: a rate is a number above 0"),
        (("sources", "ego4d", "rate"), "1/0", "sources.ego4d.rate: a rate is a number above 0"),
        (("studies", "ego4d", "in1k"), "ego4d-in21k", "'ego4d-in21k' is not of label space in1k"),
        (("datasets", "ego4d-in21k", "label_space"), "in22k", "is not of label space in21k"),
        (("datasets", "ego4d-in21k", "roles"), ["post"], "must have the same source, roles"),
        (
            ("studies", "ego4d", "models"),
            ["a", "a"],
            "studies.ego4d.models: a model is named twice",
        ),
        (("predictions", "device"), "cpu; rm", "predictions.device"),
        (("views", "tight"), {"kind": "bax"}, "views.tight: kind is one of box, full"),
        (("views", "tight"), {"margin": 0}, "views.tight: kind is one of box, full"),
        (("views", "tight"), "box", "views.tight: settings are expected, each with its name, not"),
        (("sources", "ego4d"), "/data/ego4d", "sources.ego4d: settings are expected"),
        (("datasets",), ["mine"], "datasets: settings are expected"),
        (("sources", "ego4d", "root"), "a\0b", "cannot be the name of a file"),
        (("views", "tight"), {"kind": "full", "margin": 0}, "views.tight.margin: no such setting"),
        (("views", "a.b"), {"kind": "box"}, "views.a.b"),
        (("views", "box", "margin"), 1.1, "views.box.margin: Input should be less than or equal"),
        (("views", "box", "kind"), "full", "views: the view box is of kind box; give yours"),
        (("studies", "ego4d", "views"), ["ful"], "views: 'ful' is not in views; did you mean full"),
        (("studies", "ego4d", "views"), ["browse"], "views: 'browse' is the name of an exhibit"),
        (("studies", "ego4d", "views"), ["full", "full"], "a view is named twice"),
        (("studies", "ego4d", "views"), [], "studies.ego4d.views: List should have at least 1"),
        (
            ("studies", "ego4d", "views"),
            ["zoom"],
            "studies.ego4d.views: models cannot be trained with 'zoom', whose crops",
        ),
        (("studies", "ego4d", "view"), "box", "studies.ego4d.view: no such setting; did you mean"),
        (("pathvars",), {"results": "a b"}, "pathvars.results"),
        (("pathvars",), {"result": "out"}, "pathvars.result: Input should be 'results', "),
        (
            ("studies", "ego4d", "finetuning", "models"),
            ["a", "a"],
            "studies.ego4d.finetuning.models: a model is named twice",
        ),
        (("sources", "ego4d", "root"), "~nosuchuser/x", "there is no such home folder"),
        (("datasets", "ego4d-in1k", "roles"), ["during"], "datasets.ego4d-in1k.roles.0"),
        (("datasets", "ego4d-objects", "unit"), "image", "'ego4d-objects' is not object"),
        (("studies", "ego4d", "finetuning", "dataset"), "x", "finetuning.dataset: 'x' is not in"),
        (("studies", "ego4d", "finetuning", "split_by"), "image", "finetuning.split_by"),
        (("datasets", "ego4d-in1k", "source"), "epic", "'epic' is not in sources"),
        (("studies", "ego4d", "in1k"), "imagenet", "studies.ego4d.in1k: 'imagenet'"),
        (("studies", "ego4d", "models"), [], "studies.ego4d.models"),
        (("sources", "ego4d", "kind"), "epic", "sources.ego4d: kind is one of ego4d, vid, ytbb"),
        (("sources", "demo-videos", "labels"), None, "sources.demo-videos.labels: "),
        (
            ("datasets", "demo-videos", "anchors"),
            0,
            "demo-videos.anchors: '0' is neither published, a",
        ),
        (
            ("views", "zoom", "grid"),
            [256, 224],
            "views.zoom.grid: '[256, 224]' is neither paper, s",
        ),
        (("datasets", "demo-videos", "anchors"), "published", "decisions are given where"),
        (("datasets", "demo-videos", "review"), "none", "decisions are given where"),
        (("datasets", "demo-videos", "window"), {}, "datasets.demo-videos.window: give frames or"),
        (("datasets", "demo-videos", "source"), "ego4d", "'ego4d' is of kind ego4d"),
        (("datasets", "demo-train", "anchors"), "ego4d-in1k", "is not a dataset of this source"),
        (("datasets", "demo-train", "anchors"), "published", "published sets are reviewed"),
        (("datasets", "ego4d-neighbours", "label_space"), "vid30", "the anchors are of in1k"),
        (
            ("datasets", "ego4d-in1k", "source"),
            "demo-videos",
            "'demo-videos' has no moments; name a source of kind ego4d",
        ),
        (
            ("studies", "ego4d", "neighbours"),
            "demo-videos",
            "the anchors of 'demo-videos' are not in1k",
        ),
        (("studies", "ego4d", "in21k"), None, "in21k_models: they need a dataset in21k"),
        (("studies", "ego4d", "secondary_models"), [], "moments: secondary_models names no model"),
        (("datasets", "ego4d-in1k", "roles"), ["pre", "pre"], "a role is named twice"),
        (("datasets", "ego4d-in1k", "object_types"), ["tool"] * 2, "a type is named twice"),
        (("studies", "ego4d", "zoom"), "near", "ego4d.zoom: 'near' is not a view of kind zoom"),
        (("studies", "ego4d", "zoom"), "box", "ego4d.zoom: 'box' is not a view of kind zoom"),
        (("studies", "ego4d", "moments"), "ego4d-neighbours", "is of kind sets, which does not"),
        (("datasets", "ego4d-in1k", "kind"), "images", "datasets.ego4d-in1k.roles: no such"),
        (
            ("datasets", "ego4d-in1k"),
            {"kind": "images", "source": "ego4d", "label_space": "in1k"},
            "source: 'ego4d' has no single images; name a source of kind images",
        ),
        (
            ("datasets", "ego4d-in1k"),
            {"kind": "clips", "source": "ego4d"},
            "source: 'ego4d' has no clips; name a source of kind kinetics",
        ),
        (("studies", "vid_robust", "datasets"), ["ego4d-in1k"], "is not a dataset of kind sets"),
        (
            ("studies", "vid_robust", "datasets"),
            ["demo-videos", "demo-trian"],
            "robust.datasets: 'demo-trian' is not in datasets; did you mean demo-train?",
        ),
        (("studies", "ego4d", "in1k"), "demo-third", "ego4d.in1k: 'demo-third' is of kind clips"),
        (
            ("studies", "vid_robust", "datasets"),
            ["demo-videos", "demo-train"],
            "dataset: 'demo-train' is evaluated, too; train on a dataset of other videos",
        ),
        (
            ("studies", "vid_robust", "trainings"),
            {"by-me": {"dataset": "demo-train", "models": ["a"]}},
            "choose another name than by-me",
        ),
        (
            ("studies", "vid_robust", "external_predictions"),
            [{"model": "x", "dataset": "ego4d-neighbours", "predictions": "p.json"}],
            "'ego4d-neighbours' is not a dataset of the study",
        ),
        (
            ("studies", "vid_robust", "external_predictions"),
            [{"model": "x", "dataset": "demo-videos", "predictions": "p.json"}] * 2,
            "external_predictions: x is given twice for demo-videos",
        ),
        (
            ("studies", "vid_robust"),
            {
                "datasets": ["demo-videos"],
                "models": ["x"],
                "model_types": [{"name": "A", "model": "x"}],
                "per_class": "x",
                "gallery": "x",
                "external_predictions": [
                    {"model": "x", "dataset": "demo-videos", "predictions": "p.json"}
                    | {"label_space": "pets.csv"}
                ],
            },
            "those of x are in pets.csv, but demo-videos is scored in coco80; write them",
        ),
        (
            ("studies", "vid_robust"),
            {
                "datasets": ["demo-videos", "demo-train"],
                "models": ["a"],
                "model_types": [{"name": "A", "model": "a"}],
                "per_class": "a",
                "gallery": "x",
                "external_predictions": [
                    {"model": "x", "dataset": "demo-videos", "predictions": "p.json"}
                ],
            },
            "studies.vid_robust.gallery: x has no external predictions of demo-train",
        ),
        (
            ("studies", "ego4d", "external_predictions"),
            [{"model": "x", "dataset": "ego4d-in1k", "predictions": "p.txt"}],
            "external_predictions.0.predictions: 'p.txt': the suffix is none of .csv, .parquet",
        ),
        (
            ("studies", "ego4d", "external_predictions"),
            [{"model": "x", "dataset": "demo-videos", "predictions": "p.csv"}],
            "studies.ego4d.external_predictions: 'demo-videos' is not a dataset of the study",
        ),
        (
            ("studies", "ego4d", "external_predictions"),
            [{"model": "x", "dataset": "ego4d-in1k", "predictions": "p.csv"}],
            "external_predictions: x of ego4d-in1k is in no exhibit; name it in a list of models",
        ),
        (
            ("sources", "demo-videos"),
            {"kind": "vid", "root": "a", "data_note": "b", "annotated": False},
            "anchors are drawn among annotated frames; 'demo-videos' has none",
        ),
    ],
)
def test_a_wrong_key_is_refused_with_its_name(config, path, value, message):
    broken = copy.deepcopy(config)
    target = broken
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = value
    with pytest.raises(UserError) as refused:
        parse_config(broken)
    assert message in str(refused.value)


def test_faults_name_the_files_and_what_is_required(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    mine = tmp_path / "mine.yaml"
    mine.write_text("sources: {ego4d: {roott: here}}\n")
    with pytest.raises(UserError) as refused:
        load_config(mine)
    text = str(refused.value)
    assert text.startswith(f"{mine}: ")
    assert "sources.ego4d.roott: no such setting; did you mean root?" in text
    assert "sources.ego4d.root: this setting is required" in text


def test_own_settings_are_merged_over_the_folders_config(project, tmp_path, monkeypatch):
    (tmp_path / "config.yaml").write_text((project / "config.yaml").read_text())
    (tmp_path / "mine.yaml").write_text("frames: {shards: 9}\n")
    monkeypatch.chdir(tmp_path)
    assert load_config(Path("mine.yaml")).frames.shards == 9
    assert load_config(Path("config.yaml")).frames.shards == 1


def test_files_are_merged_in_order_as_snakemake_does(project, tmp_path):
    mine = tmp_path / "mine.yaml"
    mine.write_text(
        "sources: {ego4d: {root: ~/data, compare_with_paper: true}}\nframes: {shards: 9}\n"
    )
    merged = load_config(project / "config.yaml", mine)
    assert merged.frames.shards == 9
    assert merged.frames.encoding == "jpeg"
    assert merged.sources["ego4d"].root == str(Path.home() / "data")
    assert merged.sources["ego4d"].split == "train"


def test_whole_images_and_boxes_are_always_there_and_others_beside_them(config):
    del config["views"], config["studies"]["imagenet_hard"]
    assert list(parse_config(config).views) == ["full", "box"]
    config["views"] = {"tight": {"kind": "box", "margin": 0}, "box": {"margin": 0.2}}
    views = parse_config(config).views
    assert list(views) == ["full", "box", "tight"]
    assert [view.kind for view in views.values()] == ["full", "box", "box"]
    assert (views["box"].margin, views["tight"].margin) == (0.2, 0)
    dumped = parse_config(config).model_dump(mode="json")["views"]
    assert dumped["tight"] == {"kind": "box", "margin": 0}


def test_the_first_view_is_that_of_training(config):
    config["studies"]["ego4d"]["views"] = ["box", "full"]
    assert {
        one.view for one in parse_config(config).chosen["ego4d"].named_trainings().values()
    } == {"box"}


def test_the_data_note_says_how_images_are_shown(config):
    parsed = parse_config(config)
    for dataset, place in (("ego4d-in1k", "of_change + tool; "), ("demo-videos", "steps of 2; ")):
        note = parsed.describe(dataset, view="box")
        plain = parsed.describe(dataset)
        assert note == plain.replace(place, f"{place}cropped to the object, margin 0.1; ")
        assert note != plain


def is_papers(config, study, dataset, view="full"):
    parsed = parse_config(config)
    return parsed.chosen[study].is_papers(parsed, dataset, view)


@pytest.mark.parametrize("note", ["a</script><script>alert(1)</script>", "a<!--b"])
def test_a_data_note_of_tags_is_refused(config, note):
    config["sources"]["ego4d"]["data_note"] = note
    with pytest.raises(UserError, match=r"sources\.ego4d.*data_note.*leave them out"):
        parse_config(config)


def test_the_papers_numbers_compare_under_the_papers_choices_only(config):
    assert not is_papers(config, "ego4d", "ego4d-in1k")
    config["sources"]["ego4d"]["compare_with_paper"] = True
    config["datasets"]["ego4d-in1k"]["pick"] = "paper"
    for name in ("ego4d-in1k", "ego4d-in21k"):
        config["datasets"][name]["object_types"] = ["tool", "object_of_change"]
    assert is_papers(config, "ego4d", "ego4d-in1k")
    assert is_papers(config, "ego4d", "ego4d-in21k")
    assert not is_papers(config, "ego4d", "ego4d-in1k", "box")
    assert not is_papers(config, "ego4d", "ego4d-moments")
    assert not is_papers(config, "ego4d", "ego4d-objects")
    for place, key, value in (
        (config["datasets"]["ego4d-in1k"], "rule", "head"),
        (config["datasets"]["ego4d-in1k"], "pick", "reading_order"),
        (config["datasets"]["ego4d-in1k"], "synsets", "first"),
        (config["datasets"]["ego4d-in1k"], "senses", "my.csv"),
        (config["sources"]["ego4d"], "split", "val"),
        (config["sources"]["ego4d"], "version", "v2"),
        (config["sources"]["ego4d"], "media", "full_scale"),
        (config["sources"]["ego4d"], "rate", "30000/1001"),
        (config["frames"], "encoding", "png"),
    ):
        before, place[key] = place[key], value
        assert not is_papers(config, "ego4d", "ego4d-in1k"), key
        place[key] = before
    config["datasets"]["ego4d-in21k"]["pick"] = "paper"
    assert not is_papers(config, "ego4d", "ego4d-in21k")
    assert is_papers(config, "ego4d", "ego4d-in1k")


def test_the_choices_stand_under_an_exhibit(config):
    text = parse_config(config).describe("ego4d-in21k")
    assert text.startswith(config["sources"]["ego4d"]["data_note"])
    for choice in ("train split", "pre frames of clips", "pick all, synsets first"):
        assert choice in text


def test_what_sets_are_made_of_stands_under_an_exhibit(config):
    text = parse_config(config).describe("demo-videos")
    assert text.startswith(config["sources"]["demo-videos"]["data_note"])
    for choice in (
        "2 anchors drawn per video",
        "up to 10 frames away in steps of 2",
        "review: script",
    ):
        assert choice in text


def test_the_data_note_of_several_sources_or_kinds_is_that_of_each(config):
    parsed = parse_config(config)
    in1k, in21k, moved, clips = "ego4d-in1k", "ego4d-in21k", "ego4d-neighbours", "demo-videos"
    for names in ((in1k, clips), (clips, in1k), (in1k, moved), (moved, in1k)):
        notes = [parsed.describe(name, view="box") for name in names]
        assert parsed.describe(*names, view="box") == "; and ".join(notes)
    of_one = parsed.describe(in1k, in21k)
    assert of_one.startswith(parsed.describe(in1k))
    assert parsed.describe(in1k, clips, in21k) == f"{of_one}; and {parsed.describe(clips)}"


def test_what_sets_lack_is_said_before_their_long_choices(config):
    config["datasets"]["demo-videos"] |= {"anchors": 1, "review": "none", "decisions": None}
    text = parse_config(config).describe("demo-videos")
    assert "; review: none; 1 anchor drawn per video, seed 0, frames up to 10 fr" in text


def test_published_sets_compare_with_the_papers(config):
    config["sources"]["vid"] = {
        "kind": "vid",
        "root": "a",
        "metadata": "b",
        "data_note": "c",
        "compare_with_paper": True,
    }
    published = {"kind": "sets", "source": "vid", "anchors": "published", "label_space": "vid30"}
    config["datasets"]["vid"] = published | {"review": "human"}
    assert is_papers(config, "vid_robust", "vid")
    for change in (
        {"merge": "sum"},
        {"restrict_to_label_space": False},
        {"step": 2},
        {"label_space": "ytbb24"},
        {"label_source": "anchor"},
    ):
        config["datasets"]["vid"] = published | {"review": "human"} | change
        assert not is_papers(config, "vid_robust", "vid"), change


def test_frames_around_images_have_no_boxes(config):
    anchor_dataset = config["datasets"]["demo-train"] | {
        "anchors": "demo-videos",
        "label_source": "anchor",
    }
    config["datasets"]["around"] = anchor_dataset
    chosen = parse_config(config)
    having = {name for name in chosen.sets_datasets if chosen.has_boxes(name)}
    assert having == {"demo-videos", "demo-train"}


IN1K = {"model": "x", "dataset": "ego4d-in1k", "predictions": "p.csv"}


@pytest.mark.parametrize(
    ("changed", "given", "message"),
    [
        ({}, [IN1K, IN1K], "x is given twice for ego4d-in1k; name one file"),
        ({"gradcam": ["x"]}, [IN1K], "gradcam: x has external predictions only, and models named"),
        ({"secondary_models": ["x"]}, [IN1K], "secondary_models: x has no external predictions of"),
        (
            {"in21k_models": ["x"]},
            [IN1K],
            "in21k_models: x has no external predictions of ego4d-in2",
        ),
        (
            {"views": ["box"]},
            [IN1K],
            "models: x has no external predictions of ego4d-in1k under",
        ),
        ({}, [IN1K | {"label_space": "in21k"}], "models: x has the label space in21k; models of"),
    ],
)
def test_an_external_model_stands_only_where_all_it_needs_is_given(config, changed, given, message):
    study = config["studies"]["ego4d"]
    study |= {"models": ["squeezenet1_1", "x"], "external_predictions": given, **changed}
    with pytest.raises(UserError, match=message):
        parse_config(config)


def test_external_predictions_may_be_in_the_label_space_of_their_dataset(project):
    given = {"model": "x", "dataset": "own-images", "predictions": "p.csv"}
    study = {"models": ["x"], "external_predictions": [given | {"label_space": "pets.csv"}]}
    settings = {"extends": ["own_images"], "studies": {"ego4d": study}}

    def parse(label_space):
        mine = settings | {"datasets": {"own-images": {"label_space": label_space}}}
        return parse_config(values(resolve(layer(mine, "test"), project / "workflow/presets")))

    assert parse("pets.csv").external["x"]
    with pytest.raises(UserError, match=r"x has the label space pets\.csv; models of"):
        parse("in1k")


def external_of_own_images(project, *views):
    """Return a config of images without boxes: the view box, and a model of external predictions.

    Each view is one that the model's predictions are given under.
    """
    given = [
        {"model": "x", "dataset": "own-images", "view": view, "predictions": "p.csv"}
        for view in views
    ]
    study = {"views": ["full", "box"], "models": ["x"], "external_predictions": given}
    mine = layer({"extends": ["own_images"], "studies": {"ego4d": study}}, "test")
    return parse_config(values(resolve(mine, project / "workflow/presets")))


def test_external_predictions_are_of_the_views_that_images_can_be_shown_in(project):
    chosen = external_of_own_images(project, "full")
    assert list(chosen.external["x"]) == [("own-images", "full")]
    with pytest.raises(UserError, match="images of own-images do not have what the view box shows"):
        external_of_own_images(project, "full", "box")


def test_a_study_that_says_nothing_needs_external_predictions_under_every_view(project):
    class Sketches(Study):
        title = "Are sketches recognised?"

        def used_datasets(self):
            return ["own-images"]

        def models_of(self, dataset):
            return ["x"]

        def named_models(self):
            return {"models": ["x"]}

    given = [
        {"model": "x", "dataset": "own-images", "view": view, "predictions": "p.csv"}
        for view in ("full", "middle")
    ]
    middle = {"middle": {"kind": "full", "adapt": "memo"}}
    mine = layer({"extends": ["own_images"], "views": middle}, "test")
    run = parse_config(values(resolve(mine, project / "workflow/presets")))
    Sketches(views=["full", "middle"], external_predictions=given).require_external(run)
    lacking = Sketches(views=["full", "middle"], external_predictions=given[:1])
    with pytest.raises(ValueError, match=r"models: x has no .* of own-images under the view mid"):
        lacking.require_external(run)


def test_a_function_is_refused_only_where_an_adapting_view_can_be_shown(project):
    def load(kind):
        changed = {
            "views": {"mine": {"kind": kind, "adapt": "memo"}},
            "models": {"x": {"function": "mine:logits", "label_space": "in1k"}},
            "studies": {"ego4d": {"views": ["full", "mine"], "models": ["x"]}},
        }
        mine = layer({"extends": ["own_images"], **changed}, "test")
        return parse_config(values(resolve(mine, project / "workflow/presets")))

    assert "x" in load("box").models
    with pytest.raises(UserError, match="x: a function has no weights that could be adapted"):
        load("full")


def test_an_external_model_is_listed_like_others(config):
    study = config["studies"]["ego4d"]
    study |= {"models": ["x", "squeezenet1_1"], "external_predictions": [IN1K]}
    chosen = parse_config(config)
    assert chosen.studies.ego4d.models_of("ego4d-in1k")[:2] == ["x", "squeezenet1_1"]
    assert "x" not in study_models(chosen.chosen, chosen.label_space_of)
    assert chosen.studies.ego4d.named_files() == {"external x of ego4d-in1k": "p.csv"}


def test_two_studies_do_not_call_two_files_by_one_name(config):
    config["studies"]["vid_robust"]["datasets"] = ["ego4d-neighbours"]
    study = config["studies"]["ego4d"]
    study["secondary_models"] = ["x"]
    of = ("ego4d-moments", "ego4d-objects", "ego4d-neighbours")
    given = [{"model": "x", "dataset": name, "predictions": "p.csv"} for name in of]
    study["external_predictions"] = given
    config["studies"]["vid_robust"]["external_predictions"] = given[-1:]
    parse_config(config)
    config["studies"]["vid_robust"]["external_predictions"] = [given[-1] | {"predictions": "q.csv"}]
    with pytest.raises(UserError, match="another study names another file of x for ego4d-neigh"):
        parse_config(config)


def test_predictions_of_one_model_can_be_given_for_several_datasets(config):
    study = config["studies"]["vid_robust"]
    study["datasets"] = ["demo-videos", "demo-train", "ego4d-neighbours"]
    study["trainings"] = {}
    files = {"demo-videos": "v.json", "demo-train": "t.json"}
    study["external_predictions"] = [
        {"model": "x", "dataset": dataset, "predictions": path} for dataset, path in files.items()
    ]
    chosen = parse_config(config)
    found = chosen.external["x"]
    assert {name: one.predictions for (name, view), one in found.items()} == files
    scored = [
        name for name in study["datasets"] if "x" in chosen.studies.vid_robust.models_of(name)
    ]
    assert scored == list(files)


def test_a_training_that_is_null_is_left_out(config):
    config["studies"]["vid_robust"]["trainings"]["demo-noise"] = None
    Draft202012Validator(json.loads(config_schema())).validate(config)
    assert list(parse_config(config).studies.vid_robust.trainings) == ["demo-videos"]


def test_a_study_that_is_null_is_left_out(config):
    config["studies"]["ego4d"] = None
    chosen = parse_config(config)
    assert list(chosen.studies.chosen) == ["vid_robust", "imagenet_hard", "ego_exo"]
    assert "by-clip" not in chosen.trainings


def test_a_training_is_what_rules_need_of_it(config):
    config["studies"]["vid_robust"]["trainings"]["demo-videos"]["lr"] = [0.01, 0.001]
    trainings = parse_config(config).trainings
    assert set(trainings) == {"by-clip", "by-image", "demo-videos", "demo-noise"}
    assert trainings["by-image"].split_by == "image"
    assert trainings["demo-videos"].lrs == (0.01, 0.001)
    assert "--noise=gaussian_noise" in trainings["demo-noise"].options
    assert not any("lr" in option.split("=")[0] for option in trainings["demo-videos"].options)


def test_files_that_are_no_config(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path.parent)
    with pytest.raises(UserError, match="no such file"):
        load_config(tmp_path / "config.yaml")
    (tmp_path / "config.yaml").write_text("a: [")
    with pytest.raises(UserError, match="not YAML"):
        load_config(tmp_path / "config.yaml")
    (tmp_path / "config.yaml").write_text("- a")
    with pytest.raises(UserError, match="a mapping of settings"):
        load_config(tmp_path / "config.yaml")


@pytest.mark.parametrize(("setting", "value"), [("roles", ["pre", "pnr"]), ("unit", "object")])
def test_neighbours_explain_failures_only_where_a_frame_is_one_image(config, setting, value):
    for name in ("ego4d-in1k", "ego4d-in21k"):
        config["datasets"][name][setting] = value
    assert parse_config(copy.deepcopy(config))
    config["studies"]["ego4d"]["zoom"] = "zoom"
    with pytest.raises(UserError, match="zoom: neighbours explain failures on frames"):
        parse_config(copy.deepcopy(config))
    config["studies"]["ego4d"]["neighbours"] = None
    assert parse_config(config)


def test_null_drops_an_entry_of_a_preset_and_what_still_names_it_is_refused(config):
    config["datasets"]["ego4d-neighbours"] = None
    with pytest.raises(
        UserError, match=r"studies\.ego4d\.neighbours: 'ego4d-neighbours' is not in datasets"
    ):
        parse_config(config)
    config["studies"]["ego4d"]["neighbours"] = None
    assert "ego4d-neighbours" not in parse_config(config).datasets
    config["sources"]["ego4d"] = None
    with pytest.raises(UserError, match=r"source: 'ego4d' is not in sources"):
        parse_config(config)


def test_a_kind_of_source_is_its_class():
    of_images = ["ego4d", "vid", "ytbb", "videos", "images", "shards"]
    of_clips = ["kinetics", "charades_ego", "epic_kitchens", "clips"]
    assert list(KINDS) == of_images + of_clips
    assert [kind for kind, source in KINDS.items() if "clips" in source.tables] == of_clips
    for kind, adapter in KINDS.items():
        assert get_args(adapter.model_fields["kind"].annotation) == (kind,)


@pytest.fixture
def with_clips(config, tmp_path):
    """The demo, and a folder of clips that exists with a dataset of them, whose boxes do not."""
    (tmp_path / "clips.csv").write_text("file\na.mp4\nb.mp4\n")
    (tmp_path / "a.mp4").write_bytes(b"a video")
    config["sources"]["films"] = {
        **{"kind": "clips", "root": str(tmp_path), "data_note": "x"},
        "clips": str(tmp_path / "clips.csv"),
    }
    boxes = str(tmp_path / "gone.csv")
    config["datasets"]["acts"] = {"kind": "clips", "source": "films", "interactions": boxes}
    return config


@pytest.mark.parametrize(
    ("study", "setting", "value"),
    [("ego4d", "in1k", "acts"), ("vid_robust", "datasets", ["acts"])],
)
def test_models_of_images_are_not_evaluated_on_clips(with_clips, study, setting, value):
    with_clips["studies"][study][setting] = value
    with pytest.raises(UserError, match=rf"studies.{study}.{setting}: 'acts' is "):
        parse_config(with_clips)


def test_datasets_of_clips_are_those_of_trainings(with_clips, monkeypatch, tmp_path, capsys):
    """They are no test sets of images; the doctor looks for their videos and files."""
    with_clips["studies"]["ego_exo"] = None
    assert parse_config(with_clips).used_clip_datasets == []
    sizes = {"batch_size": 2, "frames": 4, "crop": 32}
    training = ClipTraining("tiny", "acts", "action", (0,), (), **sizes, evaluated_on=("acts",))
    monkeypatch.setattr(Ego4dStudy, "clip_trainings", lambda _: {"third_only": training})
    config = parse_config(with_clips)
    assert config.used_clip_datasets == ["acts"]
    assert "acts" not in config.used_datasets
    assert "films" in config.used_sources
    path = tmp_path / "mine.yaml"
    path.write_text(yaml.safe_dump(with_clips))
    monkeypatch.chdir(tmp_path)
    diagnose([path])
    said = capsys.readouterr().out
    assert "2 clips of " in said
    assert f"source films: 1 of 2 videos in {tmp_path}; missing: b" in said
    assert f"datasets.acts.interactions: {tmp_path / 'gone.csv'} does not exist" in said


def test_images_are_shared_where_every_source_allows_it(config):
    sources = config["sources"]
    del sources["ego4d"]["sharing"]
    sources["demo-videos"]["sharing"] = "blurred"
    told = parse_config(config)
    assert told.sharing_of("demo-videos") == "blurred"
    assert told.sharing_of("demo-third", "demo-videos") == "blurred"
    # Unless it says so, nothing is; its frames in other files neither.
    assert told.sharing_of("demo-videos", "ego4d-in1k") == "left_out"
    assert sources["demo-shards"]["sharing"] == "kept"
    assert told.sharing_of("demo-shards") == "left_out"
    assert told.sharing_of() == "kept"


def test_a_source_whose_target_would_have_the_name_of_a_rule_is_refused(config):
    config["sources"]["models"] = config["sources"].pop("demo-shards")
    config["datasets"]["demo-shards"]["source"] = "models"
    with pytest.raises(UserError, match=r"sources\.models: its target would have a rule's name"):
        parse_config(config)


@pytest.mark.parametrize(
    ("study", "settings", "place"),
    [
        ("ego4d", {"views": ["full", "memo-rrc"], "models": ["mine"]}, "views"),
        ("imagenet_hard", {"adapted_models": ["mine@288"]}, "adapted_models"),
    ],
)
def test_a_function_is_not_adapted(config, tmp_path, monkeypatch, study, settings, place):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own.py").write_text("")
    config["models"] = {"mine": {"function": "own:predict", "label_space": "in1k"}}
    config["studies"][study] |= settings
    with pytest.raises(UserError, match=rf"{study}\.{place}: mine\S*: a function has no weights"):
        parse_config(config)

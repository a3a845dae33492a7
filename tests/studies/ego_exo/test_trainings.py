"""Which trainings follow from the settings: parents, teachers, options."""

import copy
from itertools import pairwise

import pytest
from exo_data import SCHEDULE, SETTINGS, study
from pydantic import ValidationError

from wildframe.configuration import parse_config
from wildframe.core.errors import UserError
from wildframe.studies.ego_exo.methods import METHODS, FineTuning
from wildframe.studies.ego_exo.settings import EgoExoStudy
from wildframe.studies.ego_exo.trainings import percents


def option(training, name):
    """Return the value of an option of a training."""
    (found,) = [one for one in training.options if one.startswith(f"--{name}=")]
    return found.partition("=")[2]


def test_parents_and_teachers_stand_before_what_needs_them():
    trainings = study(backbones={"R50": "slowfast_r50"}, fractions=[0.1]).clip_trainings()
    order = {name: place for place, name in enumerate(trainings)}
    for name, training in trainings.items():
        needed = [training.initial, training.teachers.get("ego"), training.appended.get("ego")]
        for one in filter(None, needed):
            assert order[one] < order[name], (one, name)


def test_every_method_is_fine_tuned_on_the_parts_it_is_evaluated_on():
    found = study().finetunings
    for method, one in METHODS.items():
        parts = {key.part for key in found if (key.method, key.auxiliary) == (method, False)}
        assert parts == {*one.parts}, method
    auxiliary = {(key.method, key.part) for key in found if key.auxiliary}
    assert auxiliary == {
        (method, part)
        for method in ("third_only", "ego_exo")
        for part in ("multi_label", "verb_noun")
    }


def test_all_signals_are_distilled_with_the_papers_weights():
    ours = study().clip_trainings()["ego_exo-tiny"]
    assert ours.dataset == "kinetics"
    assert ours.teachers == {
        "ego": "ego_classifier-tiny",
        "object": "resnet18.tv_in1k",
        "interaction": "",
    }
    assert option(ours, "weights") == "action=1,ego=0.1,object=0.5,hand=1,hand_object=1"


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("first_only-tiny", {"dataset": "epic100", "task": "verb_noun", "initial": None}),
        ("domain_adapt-tiny-to-epic", {"dataset": "kinetics", "unlabelled": "epic"}),
        ("joint_embed-tiny", {"pairs": "charades", "initial": "third_only-tiny"}),
        ("scratch-tiny-cego", {"initial": None, "task": "multi_label"}),
        ("pretrained_ego-tiny-cego", {"initial": "ego_classifier-tiny", "initial_model": None}),
        (
            "pretrained_object-tiny-cego",
            {"initial": None, "initial_model": "resnet50.tv_in1k", "teachers": {}},
        ),
        (
            "append_object-tiny-epic",
            {"initial": "third_only-tiny", "appended": {"object": "resnet18.tv_in1k"}},
        ),
        ("ego_no_pair-tiny", {"teachers": {"ego": "ego_classifier-tiny-no_pair"}}),
        ("ego_exo-tiny-epic-aux", {"teachers": {"interaction": ""}, "evaluated_on": ("epic",)}),
    ],
)
def test_a_method_differs_by_what_it_learns_from(name, fields):
    training = study().clip_trainings()[name]
    assert {key: getattr(training, key) for key in fields} == fields


def test_weights_that_are_not_named_are_the_papers():
    ours = study(weights={"ego": 0.2}).clip_trainings()["ego_exo-tiny"]
    assert option(ours, "weights") == "action=1,ego=0.2,object=0.5,hand=1,hand_object=1"


def test_the_released_form_weighs_actions_by_half_beside_signals_only():
    trainings = study(loss="released").clip_trainings()
    ours = trainings["ego_exo-tiny"]
    assert option(ours, "loss") == "released"
    assert option(ours, "weights") == "action=0.5,ego=0.1,object=0.5,hand=1,hand_object=1"
    assert option(trainings["third_only-tiny"], "weights") == "action=1"
    # What learns of no signal is not trained again.
    for alone in ("third_only-tiny", "third_only-tiny-epic", "ego_classifier-tiny"):
        assert trainings[alone] == study(temperature=2).clip_trainings()[alone]
    assert trainings["ego-tiny"] != study().clip_trainings()["ego-tiny"]
    named = study(loss="released", weights={"action": 2}).clip_trainings()
    assert option(named["hand_map-tiny"], "weights") == "action=2,hand=1"
    assert option(named["third_only-tiny"], "weights") == "action=2"


def test_weights_of_auxiliary_losses_are_those_of_the_data_set_and_of_the_released_form():
    trainings = study().clip_trainings()
    assert option(trainings["ego_exo-tiny"], "loss") == "paper"
    of_charades = trainings["ego_exo-tiny-cego-aux"]
    assert option(of_charades, "weights") == "action=1,hand=0.1,hand_object=0.1"
    assert option(of_charades, "loss") == "released"
    assert option(trainings["ego_exo-tiny-epic-aux"], "weights").endswith("hand_object=3")


def test_a_fraction_is_a_training_of_its_own_and_all_clips_are_the_plain_one():
    found = study(fractions=[0.5, 0.1])
    shares = [one.percent for one in found.finetunings if one.part == "verb_noun_100"]
    assert shares == [10, 50, 100] * 2
    trainings = found.clip_trainings()
    assert option(trainings["third_only-tiny-epic100-10pct"], "fraction") == "0.1"
    assert not any("fraction" in one for one in trainings["third_only-tiny-epic100"].options)


def test_each_fraction_from_1_to_99_percent_is_kept_exactly():
    found = study(fractions=[float(f"0.{percent:02}") for percent in range(1, 100)])
    assert percents(found) == [*range(1, 101)]
    trainings = found.clip_trainings()
    for percent in range(1, 100):
        one = trainings[f"third_only-tiny-epic100-{percent}pct"]
        assert float(option(one, "fraction")) == percent / 100


@pytest.mark.parametrize(
    ("fractions", "problem"),
    [
        ([0.004], "0.004 is no whole percent; write a share from 0.01 to 0.99"),
        ([0.5, 0.125], "0.125 is no whole percent"),
        ([0.999], "0.999 is no whole percent"),
        ([0.251, 0.254], "0.251 is no whole percent"),
        ([0.25, 0.5, 0.25], "a share is named twice"),
        ([0], "greater than 0"),
        ([1], "less than 1"),
    ],
)
def test_fractions_that_names_and_figure_could_not_tell_are_refused(fractions, problem):
    with pytest.raises(UserError, match=problem):
        parse_config(configured(fractions=fractions))


def test_weights_reach_the_training_as_they_are_written():
    named = study(weights={"ego": 0.12345678, "action": 1e-05}, temperature=1.0000001)
    trained = named.clip_trainings()["ego-tiny"]
    assert option(trained, "weights") == "action=1e-05,ego=0.12345678"
    assert option(trained, "temperature") == "1.0000001"


def test_comparisons_are_of_trainings_that_there_are():
    settings = study(
        methods=["third_only", "ego_exo", "append_ego"],
        backbones={"R50": "slow_r50", "R101": "slowfast_r101"},
    )
    names = {*settings.clip_trainings(), *settings.clip_ensembles()}
    pairs = settings.clip_comparisons()
    assert {name for pair in pairs for name in pair} <= names
    assert ("ego_exo-tiny-cego", "third_only-tiny-cego") in pairs
    assert ("ego_exo-tiny-cego-aux", "ego_exo-tiny-cego") in pairs
    # Its distillation is not trained here.
    assert not any(name.startswith("append_ego") for pair in pairs for name in pair)


def test_the_ensemble_is_compared_with_the_best_network_in_any_order_of_the_config():
    pairs = study(backbones={"R101": "b", "R50": "a"}).clip_comparisons()
    assert ("ensemble-epic", "ego_exo-b-epic-aux") in pairs


def test_the_ensemble_is_of_both_backbones_with_and_without_auxiliary_losses():
    assert study(backbones={"R50": "a", "R101": "b"}).clip_ensembles()["ensemble-epic"] == [
        "ego_exo-a-epic",
        "ego_exo-a-epic-aux",
        "ego_exo-b-epic",
        "ego_exo-b-epic-aux",
    ]
    assert study(backbones={"R50": "a"}).clip_ensembles() == {}


def test_what_a_fine_tuning_is_compared_with():
    one = FineTuning("ego_no_pair", "verb_noun", "tiny")
    chain = [one]
    while other := chain[-1].compared_with:
        chain.append(other)
    assert [each.method for each in chain] == ["ego_no_pair", "ego", "third_only"]
    assert all(each.part == "verb_noun" for pair in pairwise(chain) for each in pair)


def test_the_clips_that_wait_are_ten_steps_of_each_stream():
    steps = SCHEDULE | {"batch_size": 64}
    trainings = study(pretraining=steps, sampling={"frames": 8, "crop": 224}).clip_trainings()
    # 10 steps x 64 clips x 8 frames x 224 x 224 pixels x 3 channels x 4 bytes are 2,940 MiB.
    assert trainings["third_only-tiny"].clips_mb == 2900
    assert trainings["domain_adapt-tiny-to-epic"].clips_mb == 5900
    # 32 frames of this size are what the network is made for.
    trainings = study(pretraining=steps, network="slowfast_r50").clip_trainings()
    assert trainings["third_only-slowfast_r50"].clips_mb == 11800


def test_a_view_of_a_clip_is_bytes_of_a_larger_crop():
    trainings = study(network="slowfast_r50", sampling={"crop": 112}).clip_trainings()
    of_students, of_teachers = "third_only-slowfast_r50-epic", "ego_classifier-slowfast_r50"
    # 32 frames x 128 x 128 pixels x 3 channels.
    assert trainings[of_students].view_mb == trainings[of_teachers].view_mb == 1.5
    assert [trainings[name].views for name in (of_students, of_teachers)] == [(10, 3), (2, 1)]


def test_an_unknown_method_is_refused_with_those_that_there_are():
    with pytest.raises(ValidationError, match="'best' is no method; choose from scratch"):
        EgoExoStudy(**SETTINGS | {"methods": ["best"]})


def test_options_of_a_schedule_name_the_epochs_of_its_steps():
    schedule = SCHEDULE | {"epochs": 30, "decay": "steps", "decay_epochs": [20, 25]}
    part = SETTINGS["verb_noun"] | {"schedule": schedule}
    training = study(verb_noun=part).clip_trainings()["third_only-tiny-epic"]
    assert option(training, "decay-epochs") == "20,25"
    assert option(training, "decay") == "steps"


def test_a_schedule_is_shortened_with_what_depends_on_its_epochs():
    preset = {"epochs": 30, "decay": "steps", "decay_epochs": [20, 25]}
    with pytest.raises(ValidationError, match="decay_epochs: 20 is not between 1 and 9"):
        study(pretraining=SCHEDULE | preset | {"epochs": 10})
    # A list of a file replaces the preset's.
    study(pretraining=SCHEDULE | preset | {"decay": "cosine", "decay_epochs": []})


def configured(**changed):
    """Return the configuration of a run of the study, some settings changed."""
    source = {"kind": "clips", "root": "r", "clips": "c.csv", "data_note": "n"}
    names = ("kinetics", "charades", "cego", "epic", "epic100")
    return {
        "sources": {"own": source, "stills": {"kind": "images", "root": "r", "data_note": "n"}},
        "datasets": {
            **{name: {"kind": "clips", "source": "own", "interactions": "b"} for name in names},
            "images": {"kind": "images", "source": "stills", "label_space": "in1k"},
        },
        "studies": {"ego_exo": SETTINGS | changed},
    }


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"third_person": "gone"}, "third_person: 'gone' is not in datasets"),
        ({"third_person": "images"}, "third_person: 'images' is not of kind clips"),
        ({"network": "slow"}, "network: 'slow' is no network of clips; choose from tiny"),
        ({"backbones": {"R50": "r50"}}, "backbones.R50: 'r50' is no network"),
        ({"ego_classifier": None}, "ego_classifier: it is missing; viewpoints and ego_classifier"),
        ({"first_person": None}, "methods: first_only needs first_person"),
        ({"object_teacher": None}, "methods: object needs object_teacher"),
        ({"object_initial": None}, "methods: pretrained_object needs object_initial"),
        (
            {"multi_label": {"dataset": "epic", "schedule": SCHEDULE}},
            "verb_noun.dataset: multi_label names it, too",
        ),
    ],
)
def test_what_does_not_fit_is_named(changed, message):
    with pytest.raises(UserError, match=message):
        parse_config(configured(**changed))


def test_maps_without_boxes_to_learn_them_from_are_named():
    config = configured(methods=["third_only", "hand_map"])
    config["datasets"]["kinetics"]["interactions"] = None
    told = "methods: hand_map needs datasets.kinetics.interactions; set it, or leave hand_map out"
    with pytest.raises(UserError, match=told):
        parse_config(config)
    config["studies"]["ego_exo"]["methods"] = ["third_only", "ego"]
    parse_config(config)
    config["datasets"]["epic"]["interactions"] = None
    told = "verb_noun.auxiliary_weight: it needs datasets.epic.interactions; set that, or"
    with pytest.raises(UserError, match=told):
        parse_config(config)
    # Only Third-only and Ego-Exo are fine-tuned with maps.
    config["studies"]["ego_exo"]["methods"] = ["scratch", "ego"]
    parse_config(config)


@pytest.mark.parametrize(
    ("datasets", "sampling", "message"),
    [
        ({"charades": {"viewpoint": "ego"}}, {}, "viewpoints: 'charades' has clips of viewp"),
        # The tiny network is shown every fourth frame.
        ({"epic": {"stride": 3}}, {}, "sampling.stride: tiny is .* of 4, and those of 'epic' .* 3"),
        ({}, {"stride": 3}, "sampling.stride: tiny is shown .* of 3, and those of .* 2; set a mul"),
        ({"epic": {"source": "lists"}}, {}, "verb_noun.dataset: datasets.epic.test is 'tes"),
        (
            {"cego": {"source": "lists", "train": "test", "test": "val"}},
            {},
            "datasets.cego.train is 'test', of which its source has no list, but train, val; name",
        ),
        ({"cego": {"test": None}}, {}, "multi_label.dataset: it needs datasets.cego.test; name"),
        ({"epic": {"source": "lists", "test": "val"}}, {"stride": 6}, None),
        # They are not evaluated on but in a figure: teachers need no test clips.
        ({"kinetics": {"source": "lists"}}, {}, None),
        ({"charades": {"test": None}}, {}, None),
    ],
)
def test_clips_and_frames_that_trainings_need_are_there(datasets, sampling, message):
    config = configured(sampling=sampling)
    lists = {"kind": "kinetics", "root": "r", "train": "t.csv", "val": "v.csv", "data_note": "n"}
    config["sources"]["lists"] = lists
    for name, changed in datasets.items():
        config["datasets"][name] |= changed
    if message is None:
        parse_config(config)
        return
    with pytest.raises(UserError, match=message):
        parse_config(config)


def test_pairs_are_of_both_viewpoints():
    config = configured(pairs="cego")
    config["datasets"]["cego"]["viewpoint"] = "ego"
    with pytest.raises(UserError, match="pairs: 'cego' has clips of viewpoint ego only"):
        parse_config(config)


def test_a_method_needs_nothing_of_others():
    parse_config(configured(first_person=None, methods=["third_only", "ego_exo"]))


def test_both_data_sets_of_verbs_may_be_one():
    parse_config(configured(verb_noun_100=SETTINGS["verb_noun"]))


def test_the_papers_numbers_compare_where_data_network_and_weights_are_the_papers():
    verb_noun = SETTINGS["verb_noun"] | {"schedule": SCHEDULE | {"epochs": 30}}
    papers = configured(
        network="slow_r50",
        backbones={"R50": "slowfast_r50"},
        pretraining=SCHEDULE | {"epochs": 200},
        verb_noun=verb_noun,
        test_views={"clips": 10, "crops": 3},
    )
    papers["sources"]["own"]["compare_with_paper"] = True

    def compares(config):
        found = parse_config(config)
        return found.studies.ego_exo.is_papers(found, "epic")

    assert compares(papers)
    released = copy.deepcopy(papers)
    released["studies"]["ego_exo"] |= {
        "loss": "released",
        "verb_noun": verb_noun | {"auxiliary_weight": None},
    }
    assert compares(released)
    for change in (
        {"network": "tiny"},
        {"pretraining": SCHEDULE},
        {"weights": {"action": 1, "ego": 1}},
        {"weights": {"action": 0.5}},
        {"loss": "released", "weights": {"action": 1}},
        {"loss": "released", "weights": {"action": 0.5}},
        {"verb_noun": verb_noun | {"auxiliary_weight": 1}},
        {"sampling": {"frames": 4}},
        {"backbones": {"R50": "tiny"}},
        {"verb_noun": SETTINGS["verb_noun"]},
        {"temperature": 2},
        {"test_views": {"clips": 1, "crops": 1}},
    ):
        changed = copy.deepcopy(papers)
        changed["studies"]["ego_exo"] |= change
        assert not compares(changed), change
    assert not compares(configured(network="slow_r50"))


def test_methods_can_be_chosen_for_a_data_set():
    chosen = SETTINGS["verb_noun"] | {"methods": ["third_only", "first_only"]}
    found = study(verb_noun=chosen, backbones={"R50": "slowfast_r50"}).finetunings
    of_verbs = {(one.method, one.network) for one in found if one.part == "verb_noun"}
    # First-only has learnt from clips with verbs, and is not evaluated on any.
    assert of_verbs == {("third_only", "tiny"), ("third_only", "slowfast_r50")}
    assert any(one.method == "ego" for one in found if one.part == "multi_label")


def test_teachers_are_wanted_of_clips_that_are_only_shown():
    predicting = {"clips": "charades", "images": "images", "models": ["resnet18.tv_in1k"]}
    settings = study(failure_predictors=predicting, methods=["third_only"])
    wanted = {dataset: {} for dataset, *_ in settings.clip_teachers()}
    for dataset, kind, name in settings.clip_teachers():
        wanted[dataset][kind] = name
    teachers = {"ego": "ego_classifier-tiny", "object": "resnet18.tv_in1k", "interaction": ""}
    assert wanted["kinetics"] == wanted["charades"] == teachers
    failures = settings.failures_of("images")
    assert (failures.clips, failures.models) == ("charades", ("resnet18.tv_in1k",))
    assert settings.failures_of("other") is None
    assert settings.used_datasets() == ["images"]
    assert study().failures_of("images") is None


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"images": "gone"}, "failure_predictors.images: 'gone' is not in datasets"),
        ({"clips": "images"}, "failure_predictors.clips: 'images' is not of kind clips"),
    ],
)
def test_what_failures_are_of_is_named(changed, message):
    predicting = {"clips": "cego", "images": "images", "models": ["resnet18.tv_in1k"]} | changed
    with pytest.raises(UserError, match=message):
        parse_config(configured(failure_predictors=predicting))

"""Jobs that share a process."""

from wildframe.configuration import parse_config
from wildframe.configuration.batches import batches, training_levels
from wildframe.core.study import ClipTraining
from wildframe.models import study_models


def batches_of(config):
    parsed = parse_config(config)
    return batches(parsed, study_models(parsed.chosen, parsed.label_space_of, parsed.models))


def training(**needs):
    sizes = {"batch_size": 2, "frames": 4, "crop": 32}
    return ClipTraining("tiny", "clips", "action", (0,), (), **sizes, **needs)


def test_a_training_waits_for_what_it_starts_from_and_for_who_teaches_it():
    levels = training_levels(
        {
            "first": training(),
            "judge": training(initial="first"),
            "pupil": training(teachers={"ego": "judge", "object": "squeezenet1_1"}),
            "reader": training(initial="first", appended={"ego": "judge"}),
            "tuned": training(initial="pupil"),
        }
    )
    assert levels == {"first": 0, "judge": 1, "pupil": 2, "reader": 2, "tuned": 3}


def test_models_of_one_dataset_and_view_share_a_process(demo_config):
    found = batches_of(demo_config)["predictions_run"]
    assert found["ego4d-objects.box"] == [
        {"dataset": "ego4d-objects", "view": "box", "model": model}
        for model in ("squeezenet1_1", "tf_efficientnet_lite0")
    ]
    assert [job["model"] for job in found["demo-videos.full.trained"]] == [
        "tf_efficientnet_lite0@96+demo-noise",
        "tf_efficientnet_lite0@96+demo-videos",
    ]


def test_a_job_is_in_one_batch_and_a_batch_has_several(demo_config):
    for rule, named in batches_of(demo_config).items():
        jobs = [tuple(sorted(job.items())) for batch in named.values() for job in batch]
        assert len(set(jobs)) == len(jobs) > 1, rule
        assert min(map(len, named.values())) > 1, rule


def test_what_teachers_say_waits_for_no_model_that_learns_from_it(demo_config):
    """Even where both predict clips of one dataset."""
    study = demo_config["studies"]["ego_exo"]
    study["viewpoints"] = study["multi_label"]["dataset"] = "demo-actions"
    demo_config["datasets"]["demo-actions"]["viewpoint"] = None
    found = batches_of(demo_config)["predictions_clips"]
    assert {job["clip_training"] for job in found["teachers.ego"]} == {
        "ego_classifier-tiny",
        "ego_classifier-tiny-no_pair",
    }
    by_models = [job["clip_training"] for job in found["demo-actions"]]
    assert "ego-tiny-demo-actions" in by_models
    assert "ego_classifier-tiny" not in by_models


def test_names_that_are_the_same_in_a_row_are_those_of_other_batches(demo_config):
    demo_config["views"]["full_box"] = {"kind": "box"}
    demo_config["datasets"]["ego4d-in1k_full"] = demo_config["datasets"]["ego4d-in1k"]
    demo_config["studies"]["ego4d"] |= {
        "views": ["full", "box", "full_box"],
        "moments": "ego4d-in1k_full",
        "finetuning": None,
    }
    del demo_config["studies"]["imagenet_hard"]
    for jobs in batches_of(demo_config)["predictions_run"].values():
        assert len({(job["dataset"], job["view"]) for job in jobs}) == 1


def test_clips_of_a_dataset_called_teachers_are_no_teachers(demo_config):
    study, datasets = demo_config["studies"]["ego_exo"], demo_config["datasets"]
    datasets["teachers"] = datasets.pop("demo-actions")
    study["multi_label"]["dataset"] = "teachers"
    found = batches_of(demo_config)["predictions_clips"]
    by_models = {job["clip_training"] for job in found["teachers"]}
    assert by_models.isdisjoint(job["clip_training"] for job in found["teachers.ego"])


def test_only_weights_out_of_packages_are_prepared_together(demo_config):
    study = demo_config["studies"]["ego4d"]
    study["models"] = ["resnet50.a1_in1k", "squeezenet1_1", "tf_efficientnet_lite1"]
    (prepared,) = batches_of(demo_config)["models_prepare"].values()
    assert [job["model"] for job in prepared] == [
        "squeezenet1_1",
        "tf_efficientnet_lite0",
        "tf_efficientnet_lite1",
        "tf_efficientnet_lite2",
    ]


def test_without_exports_none_is_in_a_batch(demo_config):
    demo_config["predictions"]["backend"] = "torch"
    assert "models_export" not in batches_of(demo_config)


def test_on_a_gpu_each_model_has_a_process(demo_config):
    demo_config["predictions"]["device"] = "auto"
    found = batches_of(demo_config)
    assert not {rule for rule in found if rule.startswith("predictions_")}
    assert "models_train_clips" not in found
    assert {"models_prepare", "scores_image_results"} <= found.keys()


def test_unasked_only_exports_share_a_process(demo_config):
    demo_config["share_processes"] = False
    found = batches_of(demo_config)
    assert found.keys() == {"models_export"}
    assert {job["model"] for job in found["models_export"]["demo-shards"]} == {
        "squeezenet1_1",
        "tf_efficientnet_lite0",
    }


def test_weights_that_may_be_absent_or_unfit_stop_no_export_of_others(demo_config):
    own = ["tf_efficientnet_lite1", "tf_efficientnet_lite2"]
    packaged = ["squeezenet1_1", "tf_efficientnet_lite0", "tf_efficientnet_lite0@288"]
    demo_config["studies"]["ego4d"]["models"] = ["resnet50.a1_in1k", *own, *packaged[:2]]
    parsed = parse_config(demo_config)
    zoo = study_models(parsed.chosen, parsed.label_space_of, parsed.models)
    for name in own:
        zoo[name] = zoo[name].model_copy(update={"package": None, "weights_file": "mine.pth"})
    found = batches(parsed, zoo)["models_export"]
    assert [job["model"] for job in found["ego4d.own"]] == own
    assert [job["model"] for job in found["ego4d"]] == packaged


def test_the_order_of_models_in_the_config_makes_no_other_batch(demo_config):
    before = batches_of(demo_config)
    demo_config["studies"]["ego4d"]["models"].reverse()
    assert batches_of(demo_config) == before


def test_external_predictions_are_scored_by_themselves(demo_config):
    study = demo_config["studies"]["ego4d"]
    study["models"] += ["theirs"]
    study["external_predictions"] = [
        {"model": "theirs", "dataset": "ego4d-in1k", "predictions": "theirs.csv"}
    ]
    named = batches_of(demo_config)["scores_image_results"].values()
    assert "theirs" not in {job["evaluated"] for jobs in named for job in jobs}


def test_learning_rates_that_are_nearly_the_same_are_jobs_of_their_own(demo_config):
    trainings = demo_config["studies"]["vid_robust"]["trainings"]
    trainings["demo-videos"]["lr"] = [0.01000001, 0.01000002, 1e-05]
    jobs = [job for batch in batches_of(demo_config)["models_finetune"].values() for job in batch]
    rates = {job["lr"] for job in jobs if job["training"] == "demo-videos"}
    assert rates == {"0.01000001", "0.01000002", "1e-05"}

"""Work counted in small manifests, times unit costs that are given."""

import re
from typing import get_args

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from wildframe.configuration import load_config, parse_config
from wildframe.doctor import estimation, units
from wildframe.doctor.estimation import estimate
from wildframe.doctor.units import FrameCost, Media, frame_cost, seconds_an_image
from wildframe.models import study_models, zoo_entry
from wildframe.studies.ego4d.settings import FineTuning, Recipe

MODEL = "squeezenet1_1"


@pytest.fixture
def settings(tmp_path):
    """A study of one model on one dataset of a folder of videos."""
    source = {"kind": "videos", "root": str(tmp_path), "labels": "l.csv", "data_note": "a test"}
    dataset = {"kind": "sets", "source": "mine", "label_space": "coco80", "anchors": 1}
    study = {
        "datasets": ["mine"],
        "models": [MODEL],
        "model_types": [{"name": "any", "model": MODEL}],
        "per_class": MODEL,
        "gallery": MODEL,
    }
    return {
        "sources": {"mine": source},
        "datasets": {"mine": dataset},
        "studies": {"vid_robust": study},
    }


@pytest.fixture
def told(settings, tmp_path, monkeypatch):
    """Return a function that estimates, where a frame costs 10 CPU seconds and an image 2 s."""
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    cost = FrameCost(10, 2**30)
    monkeypatch.setattr("wildframe.doctor.estimation.frame_cost", lambda *_: cost)
    monkeypatch.setattr("wildframe.doctor.estimation.seconds_an_image", lambda *_: 2)
    monkeypatch.setattr("wildframe.doctor.estimation.free_bytes", lambda _: 4 * 2**30)

    def look(images=None, kind="video", **changed):
        if images:
            path = tmp_path / "results/manifests/mine.parquet"
            path.parent.mkdir(parents=True, exist_ok=True)
            rows = [
                {"media_kind": kind, "media": "a.mp4", "rate": None, "frame": number}
                for number in range(images)
            ]
            pq.write_table(pa.Table.from_pylist(rows), path)
        config = parse_config(settings | changed)
        models = study_models(config.chosen, config.label_space_of, config.models)
        return list(estimate(config, models, tmp_path / "results", []))

    return look


def test_images_that_are_not_counted_are_counted_by_a_command(told, tmp_path):
    manifest = tmp_path / "results/manifests/mine.parquet"
    assert told() == [
        (
            "partly",
            f"estimate: the images are not counted yet; `snakemake {manifest} --cores 1` makes the "
            "manifests, which takes no model",
        )
    ]


def test_images_that_the_run_itself_chooses_cannot_be_counted_before(demo_config, tmp_path):
    config = parse_config(demo_config)
    ((_, line),) = estimate(config, {}, tmp_path, [])
    named = set(re.findall(r"manifests/([\w-]+)\.parquet", line))
    assert (
        named
        == {name for name in config.used_datasets if not config.source_of(name).made_of}
        < set(config.used_datasets)
    )


def test_work_that_is_left_is_counted(told, tmp_path):
    time, disk = told(images=3)
    assert time == (
        "ok",
        "estimate: about 15 s to read frames, 6 s to run and fine-tune models on 3 images",
    )
    assert disk[0] == "ok"
    assert "estimate: up to 3.0 GiB, 4 GiB free" in disk[1]
    done = tmp_path / "results/predictions/mine/full" / f"{MODEL}.parquet"
    done.parent.mkdir(parents=True)
    done.touch()
    assert "about 15 s to read frames, 0 s to run" in told()[0][1]
    done = tmp_path / "results/frames/mine.parquet"
    done.parent.mkdir(parents=True)
    done.touch()
    assert "about 0 s to read frames, 0 s to run" in told()[0][1]


def test_clips_are_said_to_be_left_out(project, tmp_path):
    config = load_config(project / "workflow/presets/demo_ego_exo.yaml")
    for _, line in estimate(config, {}, tmp_path, []):
        named = re.search(r"; clips of (.*) are not in it$", line)
        assert named
        assert named[1].split(", ") == ["demo-third", "demo-both", "demo-actions", "demo-verbs"]


@pytest.mark.parametrize(
    "made",
    [
        "frames/mine/full/resize256-crop227-bicubic-center.arrow",
        # Of images that were not kept.
        f"predictions/mine/full/{MODEL}.parquet",
    ],
)
def test_what_is_on_the_disk_takes_no_more_of_it(told, tmp_path, monkeypatch, made):
    def marks(free):
        monkeypatch.setattr("wildframe.doctor.estimation.free_bytes", lambda _: free)
        return told(images=3)[1][0]

    # Three images of 227 x 227 pixels in three channels, and parameters of four bytes.
    images, weights = 3 * 3 * 227**2, 4 * 1_235_496
    for name, left in (
        ("frames/mine.parquet", images + weights),
        (made, weights),
        (f"models/{MODEL}/weights.safetensors", 0),
    ):
        path = tmp_path / "results" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        assert (marks(left - 1), marks(left)) == ("missing", "ok")


def test_crops_and_copies_of_an_image_are_passes_of_their_own(told, settings):
    study = settings["studies"]["vid_robust"]
    views = {"memo": {"kind": "full", "adapt": {"method": "memo", "k": 4}}}
    shown = {"studies": {"vid_robust": study | {"views": ["full", "memo"]}}, "views": views}
    # One pass as it is; 4 copies forward and back, and the prediction after.
    assert f"{3 * 2 * (1 + 3 * 4 + 1)} s to run" in told(images=3, **shown)[0][1]


def test_adaptation_of_table_2_and_what_it_is_compared_with_are_asked_for(told):
    images = {"kind": "images", "source": "mine", "label_space": "in1k"}
    study = {
        "benchmark": "mine",
        "models": [MODEL],
        "adaptations": {"MEMO": "memo"},
        "adapted": {"A": "mine"},
        "adapted_models": ["alexnet"],
    }
    (_, line), _ = told(
        images=2,
        sources={"mine": {"kind": "shards", "root": "r", "data_note": "n"}},
        datasets={"mine": images},
        views={"memo": {"kind": "full", "adapt": {"method": "memo", "k": 4}}},
        studies={"imagenet_hard": study},
    )
    # A pass of the report's model and one of the baseline; then as above.
    assert f"{2 * 2 * (1 + 1 + 3 * 4 + 1)} s to run" in line


def test_predictions_of_trainings_crops_and_boxes_are_asked_for(demo_config, tmp_path):
    demo_config["studies"]["ego4d"] |= {"zoom": "zoom"}
    config = parse_config(demo_config)
    models = study_models(config.chosen, config.label_space_of, config.models)
    asked = estimation._unpredicted(config, models, tmp_path)
    assert {
        ("demo-shards", "zoom", "tf_efficientnet_lite0"),
        ("ego4d-moments", "full", "tf_efficientnet_lite0@96+by-clip"),
        ("ego4d-in1k", "box", "squeezenet1_1"),
        ("ego4d-in1k", "zoom", "squeezenet1_1"),
    } <= {*asked}
    assert {model for *_, model in asked} <= models.keys()


@pytest.mark.parametrize("recipe", get_args(Recipe))
def test_passes_of_a_training_are_counted_in_each_recipe(recipe):
    chosen = FineTuning(dataset="d", models=[MODEL], recipe=recipe, epochs=10, train_fraction=0.25)
    # A quarter of the images is learnt from, forward and back; the others are examined.
    passes = estimation._passes_a_training(chosen.training("clip", "full"))
    assert passes == 10 * (0.25 * 3 + 0.75)


def test_images_are_kept_as_they_are(told, tmp_path):
    with (tmp_path / "a.mp4").open("wb") as file:
        file.truncate(2 * 2**30)
    time, disk = told(images=3, kind="shard")
    assert "about 0 s to read frames" in time[1]
    assert "up to 2.0 GiB" in disk[1]


def test_a_disk_that_is_too_small_is_missing(told):
    time, disk = told(images=5)
    assert time[0] == "ok"
    assert disk[0] == "missing"
    assert "up to 5.0 GiB, 4 GiB free" in disk[1]


def test_units_are_measured(project, tmp_path):
    clips = project / "demo/ego4d/v1/clips"
    names = sorted(path.name for path in clips.iterdir())  # some are damaged
    wanted = {Media(name, "30"): [0, 2] for name in ("gone.mp4", *names)}
    cost = frame_cost(clips, wanted, "jpeg")
    assert cost.seconds > 0
    assert 1_000 < cost.bytes < 1_000_000
    assert frame_cost(clips, {Media("gone.mp4", None): [0]}, "jpeg") is None
    small = zoo_entry(MODEL).model_copy(update={"input_size": 64})
    assert seconds_an_image(small, "cpu") > 0
    assert seconds_an_image(small.model_copy(update={"framework": "function"}), "cpu") is None


@pytest.mark.parametrize("error", [AssertionError("Wrong image height!"), RuntimeError("memory")])
def test_a_model_that_cannot_be_run_has_no_time(error, monkeypatch):
    def seconds(*_):
        raise error

    monkeypatch.setattr(units, "_seconds", seconds)
    units._time.cache_clear()
    assert seconds_an_image(zoo_entry(MODEL), "cpu") is None
    units._time.cache_clear()


@pytest.mark.parametrize(("device", "cores", "at_a_time"), [("cpu", 8, 8), ("auto", 8, 2)])
def test_on_the_cpu_the_time_of_one_core_is_shared_by_those_that_work(
    device, cores, at_a_time, monkeypatch
):
    torch = pytest.importorskip("torch")
    threads = []

    def seconds(model, images, clock):
        threads.append(torch.get_num_threads())
        return 4.0 * len(images)

    monkeypatch.setattr("wildframe.models.device.choose_device", lambda _: torch.device("cpu"))
    monkeypatch.setattr("os.cpu_count", lambda: cores)
    monkeypatch.setattr(units, "_seconds", seconds)
    units._time.cache_clear()
    before = torch.get_num_threads()
    assert seconds_an_image(zoo_entry(MODEL), device) == 4 / at_a_time
    units._time.cache_clear()
    assert set(threads) == {1}
    assert torch.get_num_threads() == before

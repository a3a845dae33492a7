"""What ``wildframe init`` writes, and what it refuses."""

import os
import re
from pathlib import Path

import pytest
import yaml

from wildframe.cli import app
from wildframe.configuration import load_config
from wildframe.core.errors import UserError
from wildframe.run_folder import make_run_folder, presets


@pytest.fixture
def videos(tmp_path):
    folder = tmp_path / "videos"
    (folder / "a").mkdir(parents=True)
    for name in ("a/2.mp4", "1.MKV", "notes.txt", "a/3.JPG"):
        (folder / name).touch()
    return folder


def config_of(folder):
    return yaml.safe_load((folder / "config.yaml").read_text())


def test_of_a_folder_of_videos_the_labels_are_to_be_filled_in(videos, tmp_path, monkeypatch):
    run = tmp_path / "run"
    assert make_run_folder(run, "own_videos", videos) == run / "labels.csv"
    assert config_of(run) == {
        "extends": ["own_videos"],
        "sources": {"own-videos": {"root": str(videos), "labels": "labels.csv"}},
        "pathvars": {"results": "results"},
    }
    assert (run / "labels.csv").read_text() == "video,labels\n1.MKV,\na/2.mp4,\n"
    monkeypatch.chdir(run)
    assert load_config().used_sources["own-videos"].list_media() == ["1.MKV", "a/2.mp4"]


def test_labels_that_lie_beside_the_videos_are_used(videos, tmp_path):
    (videos / "labels.csv").write_text("video,labels\na/2.mp4,cup\n")
    assert make_run_folder(tmp_path / "run", "own_videos", videos) is None
    source = config_of(tmp_path / "run")["sources"]["own-videos"]
    assert source["labels"] == str(videos / "labels.csv")
    assert not (tmp_path / "run/labels.csv").exists()


def test_a_video_whose_name_no_list_can_hold_is_named(videos, tmp_path):
    with open(os.fsencode(videos) + b"/caf\xe9.mp4", "wb"):  # noqa: PTH123
        pass
    with pytest.raises(UserError, match=r"videos: the name of caf\\xe9\.mp4 is not UTF-8; rename"):
        make_run_folder(tmp_path / "run", "own_videos", videos)
    assert not (tmp_path / "run").exists()


def test_of_a_papers_run_the_places_of_its_data_are_to_be_corrected(tmp_path):
    make_run_folder(tmp_path / "run", "vid_robust")
    sources = config_of(tmp_path / "run")["sources"]
    assert sources.keys() == {"vid", "vid-train", "ytbb"}
    assert sources["vid"].keys() == {"root", "metadata"}


@pytest.mark.parametrize("preset", presets())
def test_every_preset_makes_a_valid_run(preset, tmp_path, monkeypatch):
    run = tmp_path / "run"
    make_run_folder(run, preset)
    monkeypatch.chdir(run)
    assert load_config().pathvars["results"] == "results"
    assert (run / "profiles/default/profile.yaml").is_file()


def test_own_images_are_zoomed_by_the_lines_of_the_readme(project, videos, tmp_path, monkeypatch):
    run = tmp_path / "run"
    make_run_folder(run, "own_images", videos)
    shown = re.search(r"```yaml\n(# zoom\.yaml\n.*?)```", (project / "README.md").read_text(), re.S)
    (run / "zoom.yaml").write_text(shown[1])
    monkeypatch.chdir(run)
    study = load_config(Path("config.yaml"), Path("zoom.yaml")).studies.ego4d
    assert study.framing_of("own-images").models == ("tf_efficientnet_lite2",)


def test_what_is_to_be_filled_in_is_said(videos, tmp_path, wildframe):
    told = wildframe("init", tmp_path / "run", "--videos", videos).stdout
    assert f"fill in the column labels of {tmp_path / 'run/labels.csv'}, then go on as" in told
    told = wildframe("init", tmp_path / "photos", "--images", videos).stdout
    assert "photos: made; go on as" in told


def test_the_help_names_every_preset(wildframe):
    told = wildframe("init", "--help").stdout
    assert [preset for preset in presets() if preset not in told] == []


def test_it_is_made_whole_or_not_at_all(videos, tmp_path):
    used, empty = tmp_path / "used", tmp_path / "empty"
    used.mkdir()
    empty.mkdir()
    (used / "config.yaml").write_text("mine: 1\n")
    for folder, preset, data, message in (
        (used, "own_videos", videos, "used: is not empty; name a new folder"),
        (tmp_path / "run", "demo_ego4d", None, "demo_ego4d: no preset of data of your own"),
        (tmp_path / "run", "ego4", None, "vid_robust; did you mean ego4d?"),
        (tmp_path / "run", "own_images", tmp_path / "gone", "gone: no such folder"),
        (tmp_path / "run", "own_videos", empty, "empty: no video in it (.mp4, "),
        (tmp_path / "run", "own_images", empty, "empty: no image in it (.jpg, "),
    ):
        with pytest.raises(UserError) as refused:
            make_run_folder(folder, preset, data)
        assert message in str(refused.value)
    assert (used / "config.yaml").read_text() == "mine: 1\n"
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("options", [[], ["--preset", "ego4d", "--images", "."]])
def test_what_is_evaluated_is_named_once(options, tmp_path):
    with pytest.raises(UserError, match="name one of --videos FOLDER"):
        app(["init", str(tmp_path / "run"), *options], standalone_mode=False)

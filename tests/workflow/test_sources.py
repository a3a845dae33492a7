"""Fetching is planned without annotations, and only for those who ask; version 2 runs as 1 does."""

import json
import re
from pathlib import Path

import pytest
import yaml

pytestmark = pytest.mark.workflow


def test_fetching_is_planned_without_annotations_and_never_unasked(workspace):
    (workspace.folder / "mine.yaml").write_text("sources: {ego4d: {root: not/there/yet}}\n")
    planned = workspace.plan("ego4d_download", "--configfile", "mine.yaml")
    assert planned == {"sources_download": 1, "ego4d_download": 1, "total": 2}
    assert not workspace.plan()["sources_download"]


def test_what_is_missing_is_told_with_the_command_that_fetches_it(workspace):
    (workspace.folder / "mine.yaml").write_text(
        "sources: {own-ego: {root: not/there, data_note: ours}}\n"
    )
    target = "results/sources/own-ego/records.parquet"
    output = workspace.run(target, "-n", "--configfile", "mine.yaml", code=1)
    assert "source own-ego: not/there/v1/annotations/fho_scod_train.json: no such file" in output
    command = re.search(r"`(snakemake own-ego_download --configfile (.*))` fetches it", output)
    assert Path(command[2]).samefile(workspace.folder / "mine.yaml")
    planned = workspace.run(*command[1].split()[1:], "-n")
    assert "sources_download" in planned


def test_a_source_that_no_study_uses_has_no_frames_and_says_so(workspace):
    (workspace.folder / "mine.yaml").write_text("studies: {vid_robust: null}")
    output = workspace.run(
        "-n", "results/frames/demo-videos.parquet", "--configfile", "mine.yaml", code=1
    )
    assert "source demo-videos: no study of the run uses a dataset of it; name one in" in output


def test_files_of_the_hub_are_fetched_for_those_who_ask(workspace):
    mine = "extends: [imagenet_hard]\nsources: {imagenet_hard: {root: not/there/yet}}\n"
    (workspace.folder / "mine.yaml").write_text(mine)
    planned = workspace.plan("imagenet_hard_download", "--configfile", "mine.yaml")
    assert planned == {"sources_download": 1, "imagenet_hard_download": 1, "total": 2}
    output = workspace.run("-n", "--configfile", "mine.yaml", code=1)
    assert "source imagenet_hard: not/there/yet: no such folder" in output
    assert "; `snakemake imagenet_hard_download --configfile" in output


def test_version_2_needs_the_files_of_its_split(workspace):
    folder = workspace.folder / "own/v2/annotations"
    folder.mkdir(parents=True)
    mine = {"sources": {"ego4d": {"root": "own", "version": "v2"}}}
    (workspace.folder / "mine.yaml").write_text(yaml.safe_dump(mine))
    target = "results/sources/ego4d/records.parquet"
    action = {"critical_frames": {"pre_frame": 1}}
    interval = {"clip_uid": "a", "narrated_actions": [action]}
    content = {"videos": [{"video_uid": "v", "annotated_intervals": [interval]}]}
    (folder / "fho_main.json").write_text(json.dumps(content))
    output = workspace.run(target, "--configfile", "mine.yaml", code=1)
    assert "neither fho_lta_train.json nor fho_oscc-pnr_train.json is there" in output
    (folder / "fho_lta_train.json").write_text(
        json.dumps({"clips": [{"clip_uid": "a"}], "split": "train"})
    )
    workspace.run(target, "--configfile", "mine.yaml")
    assert workspace.plan(target, "--configfile", "mine.yaml") == {}
    # Another file of the split may name more clips.
    (folder / "fho_oscc-pnr_train.json").write_text('{"clips": []}')
    assert workspace.plan(target, "--configfile", "mine.yaml")["sources_ego4d"] == 1

"""Driving the publisher's command, against a stand-in that fails in the ways that it does."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from wildframe.core.errors import UserError
from wildframe.sources.download import download
from wildframe.sources.ego4d import Ego4dSource

STAND_IN = """#!{python}
import argparse, csv, json, os, pathlib, sys

def video(uid):
    return "\\0\\0\\0\\x0cftypisom\\0\\0\\0\\x08moov\\0\\0\\0\\0free" + uid

parser = argparse.ArgumentParser()
parser.add_argument("--output_directory", required=True)
parser.add_argument("--version", required=True)
parser.add_argument("--datasets", nargs="+", required=True)
parser.add_argument("--benchmarks", nargs="*")
parser.add_argument("--video_uid_file")
parser.add_argument("--aws_profile_name", default="default")
parser.add_argument("-y", action="store_true")
args = parser.parse_args()
store = pathlib.Path({store!r})
state = json.loads((store / "state.json").read_text())
uids = pathlib.Path(args.video_uid_file).read_text().split() if args.video_uid_file else None
with open(store / "calls.jsonl", "a") as log:
    log.write(json.dumps(vars(args) | {{"uids": uids}}) + "\\n")
if state.get("dies"):
    print("Traceback (most recent call last):", file=sys.stderr)
    sys.exit("botocore.exceptions.ClientError: An error occurred (403): Forbidden")
if not args.y:
    input("Do you want to start the download? ([y]/n) ")
(dataset,) = args.datasets
folder = pathlib.Path(args.output_directory, args.version.split("_")[0], dataset)
folder.mkdir(parents=True, exist_ok=True)
if dataset == "annotations":
    for name, content in state["annotations"].items():
        (folder / name).write_text(json.dumps(content))
    sys.exit()
with open(folder / "manifest.csv", "w") as file:
    writer = csv.writer(file)
    writer.writerow([state.get("column", "video_uid"), "s3_path"])
    writer.writerows([uid, f"s3://bucket/{{uid}}.mp4"] for uid in state["manifest"])
if any(uid != uid.lower() for uid in uids):
    raise RuntimeError("ERROR: Upper case uids invalid")
if missing := set(uids) - set(state["manifest"]):
    raise RuntimeError(f"The following requested video UIDs could not be found: {{missing}}")
for uid in uids:
    if uid in state.get("forbidden", []):
        print(f"Boto 403 Exception For exists: {{uid}} | {{uid}}.mp4")
        print(f"Missing s3 object (ignored for download): {{uid}} | {{uid}}.mp4")
    else:
        (folder / f"{{uid}}.mp4").write_text(state.get("sent", {{}}).get(uid, video(uid)))
print("Checking file integrity...")
"""


class Publisher:
    """What the publisher has, and how the command was called."""

    def __init__(self, store):
        self.store = store
        self.state = {}
        self.has()

    def has(self, **state):
        self.state |= state
        (self.store / "state.json").write_text(json.dumps(self.state))

    @property
    def calls(self):
        log = self.store / "calls.jsonl"
        return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []


@pytest.fixture
def publisher(tmp_path, monkeypatch):
    store = tmp_path / "store"
    store.mkdir()
    command = store / "ego4d"
    command.write_text(STAND_IN.format(python=sys.executable, store=str(store)))
    command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{store}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    publisher = Publisher(store)
    clips = [{"clip_uid": f"clip-{n}", "video_uid": "video-0"} for n in range(3)]
    publisher.has(
        annotations={"fho_scod_train.json": {"clips": clips}},
        manifest=["clip-0", "clip-1", "clip-2", "clip-9", "video-0"],
    )
    return publisher


@pytest.fixture
def fetch(publisher, tmp_path):
    """Download; return the sentence and the status of each uid."""

    def run(**source):
        output = tmp_path / "download.csv"
        sentence = download(
            Ego4dSource(root=str(tmp_path / "root"), data_note="a test", **source), output
        )
        rows = list(csv.DictReader(output.open()))
        for row in rows:
            file = Path(row["file"])
            there = file.is_file() and b"moov" in file.read_bytes()
            assert there == (row["status"] == "present")
        return sentence, {row["uid"]: row["status"] for row in rows}

    return run


def test_annotations_then_videos_are_fetched_one_call_each(publisher, fetch, tmp_path):
    sentence, statuses = fetch()
    assert sentence == f"3 of 3 videos are in {tmp_path}/root/v1/clips"
    assert statuses == dict.fromkeys(["clip-0", "clip-1", "clip-2"], "present")
    first, second = publisher.calls
    assert (first["datasets"], first["benchmarks"]) == (["annotations"], ["FHO"])
    assert (second["datasets"], second["benchmarks"]) == (["clips"], None)
    assert second["uids"] == ["clip-0", "clip-1", "clip-2"]
    assert {call["version"] for call in publisher.calls} == {"v1"}


def test_only_what_is_not_there_is_fetched_and_then_nothing(publisher, fetch):
    fetch()
    folder = publisher.store.parent / "root/v1/clips"
    another = (folder / "clip-0.mp4").read_text().replace("clip-0", "another's")
    (folder / "clip-0.mp4").write_text(another)
    (folder / "clip-1.mp4").unlink()
    (folder / "clip-2.mp4").write_text("")
    fetch()
    assert publisher.calls[2]["uids"] == ["clip-1", "clip-2"]
    assert (folder / "clip-0.mp4").read_text() == another
    (publisher.store / "ego4d").unlink()
    assert fetch()[0].startswith("3 of 3 videos are in ")
    assert len(publisher.calls) == 3


@pytest.mark.parametrize(
    "content",
    ["ftyp", "\0\0\0\x0cftypisom", "<?xml version='1.0'?><Error><Code>AccessDenied</Code>"],
)
def test_what_is_no_video_is_fetched_again_and_is_missing_if_it_stays(publisher, fetch, content):
    fetch()
    folder = publisher.store.parent / "root/v1/clips"
    good = (folder / "clip-1.mp4").read_bytes()
    (folder / "clip-1.mp4").write_text(content)
    publisher.has(sent={"clip-1": content})
    assert fetch()[1] == {"clip-0": "present", "clip-1": "missing", "clip-2": "present"}
    publisher.has(sent={})
    assert set(fetch()[1].values()) == {"present"}
    assert [call["uids"] for call in publisher.calls[2:]] == [["clip-1"], ["clip-1"]]
    assert (folder / "clip-1.mp4").read_bytes() == good


def test_full_scale_goes_by_the_video(publisher, fetch):
    assert fetch(media="full_scale")[1] == {"video-0": "present"}
    assert publisher.calls[1]["datasets"] == ["full_scale"]


def test_version_2_needs_its_three_files_and_lands_in_its_folder(publisher, fetch, tmp_path):
    action = {"critical_frames": {"pre_frame": 7}}
    interval = {"clip_uid": "clip-9", "narrated_actions": [action]}
    main = {"videos": [{"video_uid": "video-0", "annotated_intervals": [interval]}]}
    lta = {"split": "val", "clips": [{"clip_uid": "clip-9", "video_uid": "video-0"}]}
    publisher.has(annotations={"fho_main.json": main, "fho_lta_val.json": lta})
    assert fetch(version="v2", split="val")[1] == {"clip-9": "present"}
    assert (tmp_path / "root/v2/clips/clip-9.mp4").is_file()
    assert {call["version"] for call in publisher.calls} == {"v2_1"}


@pytest.mark.parametrize("column", ["video_uid", "file_uid"])
def test_a_uid_that_the_manifest_lacks_costs_only_itself(publisher, fetch, column, tmp_path):
    publisher.has(manifest=["clip-0", "clip-2", "clip-9"], column=column)
    sentence, statuses = fetch()
    assert statuses == {"clip-0": "present", "clip-1": "not_in_manifest", "clip-2": "present"}
    assert sentence == (
        f"2 of 3 videos are in {tmp_path}/root/v1/clips; not in the publisher's manifest: 1; "
        f"not fetched: 0; {tmp_path}/download.csv lists them"
    )
    assert [call["uids"] for call in publisher.calls[1:]] == [
        ["clip-0", "clip-1", "clip-2"],
        ["clip-0", "clip-2"],
    ]


def test_objects_that_are_only_logged_as_missing_are_listed(publisher, fetch):
    publisher.has(forbidden=["clip-0"], sent={"clip-1": ""})
    assert fetch()[1] == {"clip-0": "missing", "clip-1": "missing", "clip-2": "present"}


def test_nothing_fetched_is_an_error_with_the_commands_words(publisher, fetch, tmp_path):
    publisher.has(forbidden=["clip-0", "clip-1", "clip-2"])
    with pytest.raises(UserError) as refused:
        fetch()
    assert "none of 3 videos could be fetched; its last output: " in str(refused.value)
    assert "Missing s3 object (ignored for download): clip-2" in str(refused.value)
    assert not (tmp_path / "download.csv").exists()


def test_where_only_uids_that_the_manifest_lacks_are_absent_the_others_are_there(publisher, fetch):
    publisher.has(manifest=["clip-0", "clip-2"])
    assert fetch() == fetch()
    assert len(publisher.calls) == 4
    assert publisher.calls[3]["uids"] == ["clip-1"]


def test_no_uid_in_the_manifest_is_an_error(publisher, fetch):
    publisher.has(manifest=["clip-9"])
    with pytest.raises(UserError, match=r"none of 3 videos could be fetched; .*could not be found"):
        fetch()
    assert len(publisher.calls) == 2


def test_keys_that_have_expired_are_said_to_be_renewed(publisher, fetch):
    publisher.has(dies=True)
    with pytest.raises(UserError) as refused:
        fetch()
    assert "`ego4d` for annotations ended with status 1; its last output: " in str(refused.value)
    assert "An error occurred (403): Forbidden; the publisher's access keys" in str(refused.value)
    assert "aws configure" in str(refused.value)


def test_a_second_failure_is_not_tried_again(publisher, fetch):
    fetch()
    folder = publisher.store.parent / "root/v1/clips"
    (folder / "clip-0.mp4").unlink()
    publisher.has(dies=True)
    with pytest.raises(UserError, match=r"for clips ended with status 1; .*Forbidden"):
        fetch()
    assert len(publisher.calls) == 3


def test_annotations_that_do_not_come_are_named(publisher, fetch):
    publisher.has(annotations={})
    with pytest.raises(UserError, match=r"fho_scod_train\.json: no such file"):
        fetch()


def test_annotations_without_videos_are_an_error(publisher, fetch):
    publisher.has(annotations={"fho_scod_train.json": {"clips": []}})
    with pytest.raises(UserError, match=r"fho_scod_train\.json: names no video"):
        fetch()


def test_clips_540ss_are_left_to_the_user(publisher, fetch, tmp_path):
    """With a list of uids or without, the command would fetch all of them; not the annotations."""
    with pytest.raises(UserError) as refused:
        fetch(media="clips_540ss")
    command = f"--output_directory {tmp_path}/root --version v1 --datasets clips_540ss"
    by_hand = f"`ego4d {command} --benchmarks FHO -y` fetches all"
    assert str(refused.value).endswith(by_hand)
    clips = tmp_path / "root/v1/clips_540ss"
    clips.mkdir()
    for number in range(3):
        (clips / f"clip-{number}.mp4").write_bytes(b"\0\0\0\x0cftypisom\0\0\0\x08moov")
        told = fetch(media="clips_540ss")[0]
        assert told.startswith(f"{number + 1} of 3 videos are in {clips}")
        assert told.endswith(by_hand if number < 2 else str(clips))
    assert [call["datasets"] for call in publisher.calls] == [["annotations"]]


def test_a_named_profile_is_passed_on(publisher, fetch, monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "ego4d")
    fetch()
    assert {call["aws_profile_name"] for call in publisher.calls} == {"ego4d"}


def test_without_the_command_it_is_said_how_to_get_it(fetch, publisher, monkeypatch):
    monkeypatch.setenv("PATH", str(publisher.store.parent))
    with pytest.raises(UserError, match="is not installed: `pip install ego4d`"):
        fetch()


def test_the_rules_command_ends_well_or_with_one_sentence(publisher, tmp_path):
    def run(*, code):
        arguments = ["--root", "root", "--version", "v1", "--split", "train", "--media", "clips"]
        result = subprocess.run(
            [sys.executable, "-m", "wildframe", "sources", "download", *arguments,
             "--output", "out/download.csv"],
            cwd=tmp_path, capture_output=True, text=True,
        )  # fmt: skip
        assert result.returncode == code, result.stderr
        return result

    publisher.has(forbidden=["clip-1"])
    result = run(code=0)
    assert result.stdout.startswith("2 of 3 videos are in root/v1/clips; not in the")
    assert "Boto 403 Exception" in result.stderr
    assert "clip-1,missing,root/v1/clips/clip-1.mp4" in (tmp_path / "out/download.csv").read_text()
    publisher.has(dies=True)
    result = run(code=2)
    assert "ERROR: `ego4d` for clips ended with status 1" in result.stderr
    assert "Traceback (most recent call last):\n  File" not in result.stderr

"""What may be published names no folder of the machine that it was made on."""

import json

import pytest

from wildframe.core.folders import facts_without_folders, without_folders


@pytest.mark.parametrize("folder", ["/home/alice", "../alice", "../../alice", "a/../../alice"])
def test_settings_keep_the_last_name_of_a_path_out_of_the_run_folder(folder):
    settings = {"root": f"{folder}/my data", "labels": ["labels.csv", f"{folder}/l.csv"]}
    told = {"root": "/path/to/my data", "labels": ["labels.csv", "/path/to/l.csv"]}
    assert without_folders(settings) == told


@pytest.mark.parametrize("text", ["...and so on", "..a/b.csv", "a/../b.csv", "Frames 1..9", ""])
def test_other_texts_stay_as_they_are(text):
    assert without_folders({"note": text}) == {"note": text}


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("wildframe a --root /home/alice/data b", "wildframe a --root /path/to/data b"),
        ("wildframe a --root=/home/alice/data", "wildframe a --root=/path/to/data"),
        ("wildframe a '--root=/home/al ice/d'", "wildframe a --root=/path/to/d"),
        ("wildframe a --input=records=/home/alice/r", "wildframe a --input=records=/path/to/r"),
        (
            """wildframe a --entry='{"file": "/home/alice/w.pt"}'""",
            """wildframe a '--entry={"file": "/path/to/w.pt"}'""",
        ),
        (
            """wildframe a --entry '{"file": "/home/alice/a=b.pt"}'""",
            """wildframe a --entry '{"file": "/path/to/a=b.pt"}'""",
        ),
        (
            "wildframe a --root=../alice/data ../alice/e",
            "wildframe a --root=/path/to/data /path/to/e",
        ),
        ("wildframe a --input=records=../alice/b=c", "wildframe a --input=records=/path/to/b=c"),
        (
            """wildframe a '--entry={"files": ["../alice/w.pt", "p.csv"]}'""",
            """wildframe a '--entry={"files": ["/path/to/w.pt", "p.csv"]}'""",
        ),
        # Nothing is replaced: the quotes stay as they are.
        ('wildframe a "--rate=30000/1001" results/b', 'wildframe a "--rate=30000/1001" results/b'),
    ],
)
def test_commands_name_files_without_their_folders(command, told):
    assert facts_without_folders({"command": command}) == {"command": told}


def test_facts_without_paths_keep_their_bytes():
    config = json.dumps({"rule": "head", "roles": ["pre"], "share": 1 / 3})
    facts = {"config": config, "view": '{"kind":"full"}', "model": "timm/resnet18", "sha256": "1e5"}
    assert facts_without_folders(facts) == facts
    hidden = facts_without_folders({"config": '{"label_space": "/home/alice/cups.csv"}'})
    assert hidden == {"config": '{"label_space": "/path/to/cups.csv"}'}

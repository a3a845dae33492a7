"""What ``wildframe doctor`` says of files that the configuration names beside its sources."""

from pathlib import Path

import pytest

from wildframe.configuration import Config
from wildframe.doctor.data import clips, named_files

SETTING = "datasets.demo-videos.decisions: mine"
NONE_YET = f"{SETTING} has no decisions yet; `snakemake review` says the next command"


@pytest.mark.parametrize(
    ("review", "files", "found"),
    [
        # People decide after a run that prepares their review.
        ("human", None, [("ok", NONE_YET)]),
        ("human", [], [("ok", NONE_YET)]),
        ("human", ["anna.csv"], []),
        (
            "script",
            None,
            [("missing", f"{SETTING} does not exist; create it or correct the setting")],
        ),
        ("script", ["demo.csv"], []),
    ],
)
def test_decisions_of_people_come_later(demo_config, tmp_path, monkeypatch, review, files, found):
    monkeypatch.chdir(tmp_path)
    demo_config["datasets"]["demo-videos"] |= {"review": review, "decisions": "mine"}
    if files is not None:
        Path("mine").mkdir()
    for name in files or ():
        Path("mine", name).touch()
    told = [*named_files(Config.model_validate(demo_config))]
    assert [one for one in told if "decisions" in one[1]] == found


@pytest.fixture
def clips_of(demo_config, tmp_path):
    """Return what is said of the demo's clips of verbs, if their list is another."""

    def found(*lines):
        listed = tmp_path / "mine.csv"
        listed.write_text("\n".join(["file,start,stop,verb,noun,split", *lines]) + "\n")
        demo_config["sources"]["sessions-verbs"]["clips"] = str(listed)
        return [*clips(Config.model_validate(demo_config))]

    return found


def test_clips_that_trainings_need_are_missing(clips_of, tmp_path):
    told = clips_of("a.mp4,0,1,take,cup,train", "b.mp4,0,1,put,cup,")
    assert told == [
        (
            "missing",
            "dataset demo-verbs: no clip is of split 'test', there are train (2); name the test "
            f"clips in {tmp_path}/mine.csv (column split of a source of kind clips: test), or "
            "correct datasets.demo-verbs.test",
        )
    ]
    told = clips_of("a.mp4,0,1,take,cup,train", "b.mp4,0,1,,,test")
    assert [mark for mark, _ in told] == ["missing"]
    assert "no clip of split 'test' has a label of verb or noun; add labels in" in told[0][1]


def test_videos_of_both_splits_are_told(clips_of):
    told = clips_of("a.mp4,0,1,take,cup,train", "a.mp4,1,2,take,cup,test", "b.mp4,,,put,cup,test")
    ((mark, said),) = told
    assert mark == "partly"
    assert said.startswith("dataset demo-verbs: 1 of 2 test clips are of videos that have training")
    assert clips_of("a.mp4,0,1,take,cup,train", "b.mp4,1,2,take,cup,test") == []


def test_lists_of_clips_that_cannot_be_read_are_told_with_their_source(clips_of):
    assert clips_of() == []

"""Datasets of clips: which are learnt from, which are tested on, and why others are not."""

from types import SimpleNamespace

import pytest

from wildframe.core.errors import UserError
from wildframe.core.schemas import CLIP_CLASSES, CLIP_RECORDS, CLIPS, FUNNEL
from wildframe.core.tables import read_table, write_rows
from wildframe.manifests.clip_settings import ClipsDataset
from wildframe.manifests.clips import (
    ClipChoices,
    Need,
    choose_clips,
    learnt_sha256,
    shown_sha256,
)
from wildframe.manifests.funnel import summarize


@pytest.fixture
def clip(blank):
    def make(name, split="train", viewpoint=None, problem=None, **labels):
        named = {"clip_id": name, "video_id": name, "media": f"{name}.mp4", "media_kind": "video"}
        known = {"split": split, "viewpoint": viewpoint, "problem": problem, "actions": []}
        return blank(CLIP_RECORDS) | named | known | labels

    return make


def choose(records, train="train", test="val", viewpoint=None, needs=()):
    choices = ClipChoices("mine", train, test, viewpoint)
    needed = [Need.parse(text) for text in needs]
    chosen = [*choose_clips(records, choices, needed, "mine.csv", print)]
    return [row for row, _ in chosen if row], [row for _, row in chosen]


def test_every_clip_is_kept_or_dropped_with_its_reason(clip):
    records = [
        clip("a", viewpoint="ego"),
        clip("b", "val", "ego"),
        clip("c", "test", "ego"),
        clip("d", viewpoint="exo"),
        clip("e", viewpoint=None),
        clip("f", problem="it is bad"),
    ]
    kept, funnel = choose(records, viewpoint="ego")
    assert [(row["clip_id"], row["split"], row["dataset"]) for row in kept] == [
        ("a", "train", "mine"),
        ("b", "test", "mine"),
    ]
    assert kept[0].keys() == set(CLIPS.schema.names)
    assert [(row["record_id"], row["step"], row["detail"]) for row in funnel] == [
        ("a", "kept", "train"),
        ("b", "kept", "test"),
        ("c", "split", "it is in split test"),
        ("d", "viewpoint", "its viewpoint is exo"),
        ("e", "viewpoint", "its viewpoint is not known"),
        ("f", "bad_clip", "it is bad"),
    ]
    assert [(row["step"], row["dropped"], row["left"]) for row in summarize(funnel)] == [
        ("listed", 0, 6),
        ("bad_clip", 1, 5),
        ("split", 1, 4),
        ("viewpoint", 2, 2),
    ]


def test_a_dataset_may_have_one_part_only(clip):
    kept, funnel = choose([clip("a"), clip("b", "val")], train=None)
    assert [row["clip_id"] for row in kept] == ["b"]
    assert funnel[0]["step"] == "split"


def test_a_split_without_clips_is_told(clip, capsys):
    choose([clip("a"), clip("b"), clip("c", "val")], test="test")
    assert capsys.readouterr().out == (
        "mine: no clip is of split 'test', there are train (2), val (1); correct "
        "datasets.mine.test if the run is to use it\n"
    )
    choose([clip("a"), clip("b", "val")])
    choose([clip("a")], test=None)
    assert not capsys.readouterr().out


ACTION = [{"class": "take", "start": None, "stop": None}]


@pytest.mark.parametrize(
    ("needs", "problem"),
    [
        (
            ["test"],
            r"mine: no clip is of split 'val', there are test \(1\), train \(3\); name the test "
            r"clips in mine.csv \(column split of a source of kind clips: val\), or correct "
            r"datasets\.mine\.test",
        ),
        (["train", "test=action"], "no clip is of split 'val'"),
        (
            ["train=verb,noun"],
            r"mine: no clip of split 'train' has a label of verb or noun; add labels in mine.csv "
            r"\(column verb or noun of",
        ),
    ],
)
def test_what_the_run_needs_and_no_clip_has_stops_the_dataset(clip, needs, problem):
    records = [clip("a", actions=ACTION), clip("b"), clip("c", problem="bad"), clip("d", "test")]
    with pytest.raises(UserError, match=problem):
        choose(records, needs=needs)


def test_what_the_run_needs_may_be_dropped_by_its_viewpoint(clip):
    records = [clip("a", viewpoint="ego"), clip("b", "val", "exo")]
    with pytest.raises(
        UserError, match=r"no clip of split 'val' is left \(not of .* b: its viewpoint is exo\)"
    ):
        choose(records, viewpoint="ego", needs=["test"])
    choose(records, viewpoint="ego", needs=["train"])


def test_a_label_of_one_head_on_one_clip_is_enough(clip):
    records = [clip("a", actions=ACTION), clip("b", "val", noun="cup"), clip("c", "val")]
    choose(records, needs=["train=action", "test=verb,noun", "test"])
    with pytest.raises(UserError, match=r"'val' has a label of action; .* \(column labels of"):
        choose(records, needs=["train=action", "test=verb,noun", "test=action"])


@pytest.mark.parametrize("text", ["val", "train=verbs", "", "=verb"])
def test_needs_that_cannot_be_are_refused(text):
    with pytest.raises(UserError, match=f"^{text}: write train or test, with heads as in test=v"):
        Need.parse(text)


def test_test_clips_of_videos_that_are_learnt_from_are_told(clip, capsys):
    """Two of three test clips; what is dropped teaches nothing."""
    videos = ["v", "v", "v", "w", "w"]
    splits = ["train", "val", "val", "val", "test"]
    records = [
        clip(str(number), split, video_id=video)
        for number, (video, split) in enumerate(zip(videos, splits, strict=True))
    ]
    choose(records)
    assert capsys.readouterr().out == (
        "mine: 2 of 3 test clips are of videos that have training clips, too; give all clips of a "
        "video one split in mine.csv, or expect scores that are too good\n"
    )
    choose(records, train="test")
    assert "1 of 3 test clips" in capsys.readouterr().out
    choose(records, train=None)
    assert not capsys.readouterr().out


def test_an_empty_dataset_says_why(clip):
    with pytest.raises(
        UserError, match=r"mine: no clip is left \(not of .* viewpoint: 1, .*a: its"
    ):
        choose([clip("a")], viewpoint="ego")
    with pytest.raises(UserError, match="the source has none"):
        choose([])


def test_the_command_writes_clips_classes_and_funnel(clip, tmp_path, wildframe):
    records, of_source = tmp_path / "records.parquet", tmp_path / "of_source.parquet"
    write_rows(records, CLIP_RECORDS, [clip("a"), clip("b", "test")])
    named = [{"head": "verb", "class_index": 0, "class": "0", "name": "take"}]
    write_rows(of_source, CLIP_CLASSES, named)
    names = ("manifest", "learnt", "shown", "classes", "funnel")
    written = {name: tmp_path / f"mine.{name}" for name in names}
    wildframe(
        *(
            "manifests",
            "clips",
            "--records",
            records,
            "--of-source",
            of_source,
            "--dataset",
            "mine",
        ),
        *("--train", "train", "--test", "test"),
        *(word for name, path in written.items() for word in (f"--{name}", path)),
    )
    assert read_table(written["manifest"], CLIPS).column("split").to_pylist() == ["train", "test"]
    assert written["learnt"].read_text() == f"{learnt_sha256(written['manifest'])}\n"
    assert written["shown"].read_text() == f"{shown_sha256(written['manifest'])}\n"
    assert read_table(written["classes"], CLIP_CLASSES).to_pylist() == named
    assert read_table(written["funnel"], FUNNEL).num_rows == 2


def test_the_command_names_the_files_of_the_source_and_what_is_needed(clip, tmp_path, wildframe):
    records, of_source = tmp_path / "records.parquet", tmp_path / "of_source.parquet"
    config = {"train": ["a.csv"], "val": ["b.csv"]}
    write_rows(records, CLIP_RECORDS, [clip("a")], config=config)
    write_rows(of_source, CLIP_CLASSES, [], config=config)
    options = [f"--{name}={tmp_path / name}" for name in ("manifest", "learnt", "shown", "classes")]
    options += [f"--funnel={tmp_path / 'funnel'}", f"--records={records}", "--dataset=mine"]
    options += [f"--of-source={of_source}", "--train=train", "--test=test", "--needs=train"]
    wildframe("manifests", "clips", *options)
    (tmp_path / "manifest").unlink()
    with pytest.raises(UserError, match=r"name the test clips in a\.csv and b\.csv \("):
        wildframe("manifests", "clips", *options, "--needs=test")
    assert not (tmp_path / "manifest").exists()


@pytest.mark.parametrize(
    ("at", "change", "is_learnt", "is_shown"),
    [
        (1, {"verb": "put"}, False, False),
        (1, {"actions": [{"class": "put", "start": None, "stop": None}]}, False, False),
        (1, {"viewpoint": "ego"}, False, False),
        (1, {"stop": 2.0}, False, True),
        (0, {"verb": "put"}, True, False),
        (0, {"pair_id": "p"}, True, False),
        (0, {"start": 1.0}, True, True),
    ],
)
def test_hashes_tell_what_is_learnt_and_shown(blank, tmp_path, at, change, is_learnt, is_shown):
    parts = [{"clip_id": "a", "split": "train"}, {"clip_id": "b", "split": "test"}]
    known = {"dataset": "d", "video_id": "v", "media": "v", "media_kind": "video", "actions": []}
    rows = [blank(CLIPS) | known | part for part in parts]
    path = tmp_path / "manifest.parquet"
    write_rows(path, CLIPS, rows)
    learnt, shown = learnt_sha256(path), shown_sha256(path)
    rows[at] |= change
    write_rows(path, CLIPS, rows)
    assert (learnt_sha256(path) != learnt) == is_learnt
    assert (shown_sha256(path) != shown) == is_shown


def test_an_id_of_two_clips_stops_the_dataset(clip, tmp_path, wildframe):
    records = tmp_path / "records.parquet"
    write_rows(records, CLIP_RECORDS, [clip("a"), clip("a", "test")])
    written = ("--of-source", "--manifest", "--learnt", "--shown", "--classes", "--funnel")
    options = [word for option in written for word in (option, tmp_path / "no")]
    with pytest.raises(UserError, match="both have the clip_id 'a'"):
        wildframe("manifests", "clips", "--records", records, "--dataset", "mine", *options)


def test_settings_are_options_of_the_commands():
    settings = {"kind": "clips", "source": "s"}
    dataset = ClipsDataset(**settings, test="val", viewpoint="ego", stride=4, size=128)
    assert dataset.options(None) == ["--train=train", "--test=val", "--viewpoint=ego"]
    assert dataset.frame_options == ["--stride=4", "--size=128"]
    assert ClipsDataset(**settings, train=None).options(None) == ["--test=test"]
    for wrong in ({"train": None, "test": None}, {"train": "val", "test": "val"}):
        with pytest.raises(ValueError, match="name"):
            ClipsDataset(**settings, **wrong)
    with pytest.raises(ValueError, match="should be 'train', 'val' or 'test'"):
        ClipsDataset(**settings, test="vall")


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"test": "val"}, "clips, splits train and val"),
        ({"test": None, "viewpoint": "exo"}, "clips of viewpoint exo, split train"),
        ({"train": None}, "clips, split test"),
    ],
)
def test_a_data_note_names_the_splits_and_not_what_is_done_with_them(settings, told):
    source = SimpleNamespace(data_note="my films")
    dataset = ClipsDataset(kind="clips", source="films", **settings)
    assert dataset.describe(source, "", []) == f"my films; {told}"

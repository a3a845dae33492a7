"""Lists of clips: each publisher's format, and what becomes of records that cannot be used."""

import pickle
import re

import numpy as np
import pandas as pd
import pytest

from wildframe.core.errors import UserError
from wildframe.core.schemas import CLIP_CLASSES, CLIP_RECORDS
from wildframe.core.tables import read_table
from wildframe.sources.charades_ego import CharadesEgoSource
from wildframe.sources.clip_lists import parse_actions, write_tables
from wildframe.sources.epic_kitchens import EpicKitchensSource
from wildframe.sources.kinetics import KineticsSource

V1 = (
    "id,subject,scene,quality,relevance,verified,script,objects,descriptions,actions,length,"
    "egocentric,charades_video\n"
)
FRAMES = "original_vido_id video_id frame_id path labels\n"
EPIC = (
    "narration_id,participant_id,video_id,narration_timestamp,start_timestamp,stop_timestamp,"
    "start_frame,stop_frame,narration,verb,verb_class,noun,noun_class,all_nouns,all_noun_classes\n"
)


@pytest.fixture
def read(tmp_path, wildframe):
    """Write lists, run the command of a kind, and return the rows of both tables."""

    def run(kind, *options, **files):
        given = [*options]
        for name, text in files.items():
            path = tmp_path / f"{name}.txt"
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
            given += [f"--{name.replace('_', '-')}", path]
        tables = tmp_path / "clips.parquet", tmp_path / "classes.parquet"
        given += ["--clips", tables[0], "--classes", tables[1]]
        wildframe("sources", kind, "--root", "/data", *given)
        return [
            read_table(path, contract).to_pylist()
            for path, contract in zip(tables, (CLIP_RECORDS, CLIP_CLASSES), strict=True)
        ]

    return run


@pytest.fixture
def clip(blank):
    """Make a row of CLIP_RECORDS of a video without labels."""

    def make(**values):
        return blank(CLIP_RECORDS, media_kind="video", split="train", actions=[]) | values

    return make


UNKNOWN = "classes of the head action; correct it, or add it to a list of classes"


def acts(*names):
    return [{"class": name, "start": None, "stop": None} for name in names]


def problems(rows):
    return {row["clip_id"]: row["problem"] for row in rows if row["problem"]}


def test_kinetics_lists(read, clip):
    train = "/data/train/abseiling/a 1_000012_000022.mp4 0\r\n\r\ntrain/zumba/b.mp4 2\n"
    rows, classes = read("kinetics", train="\ufeff" + train, val="val/c.mp4 1\n")
    assert rows == [
        clip(
            clip_id="train_abseiling_a_1_000012_000022",
            video_id="train_abseiling_a_1_000012_000022",
            media="train/abseiling/a 1_000012_000022.mp4",
            actions=acts("0"),
        ),
        clip(
            clip_id="train_zumba_b",
            video_id="train_zumba_b",
            media="train/zumba/b.mp4",
            actions=acts("2"),
        ),
        clip(clip_id="val_c", video_id="val_c", media="val/c.mp4", actions=acts("1"), split="val"),
    ]
    assert [(row["head"], row["class_index"], row["class"]) for row in classes] == [
        ("action", 0, "0"),
        ("action", 1, "1"),
        ("action", 2, "2"),
    ]


def test_kinetics_classes_have_names_and_bad_lines_a_reason(read):
    train = "a.mp4,1\nb.mp4\nc.mp4,x\n../d.mp4,0\n/elsewhere/e.mp4,0\nf.mp4,2\na.mp4,0\n"
    names = "id,name\n1,zumba\n0,abseiling\n"
    rows, classes = read("kinetics", "--separator", ",", train=train, class_names=names)
    assert [row["name"] for row in classes] == ["abseiling", "zumba"]
    assert len({row["clip_id"] for row in rows}) == len(rows) == 7
    first, *others = (row["problem"] for row in rows)
    assert first is None
    for problem, part in zip(
        others,
        ("line 2 is not a path", "line 3", "'../d.mp4' is not", "is not a path below", "'2' is not",
         "named again"),
        strict=True,
    ):  # fmt: skip
        assert part in problem


def test_a_number_that_no_list_of_classes_has_makes_none(read):
    """All classes up to the largest number are listed, which would fill the memory."""
    rows, classes = read("kinetics", train=f"a.mp4 1\nb.mp4 1234567890\nc.mp4 {'9' * 5000}\n")
    assert [row["class"] for row in classes] == ["0", "1"]
    assert problems(rows) == {
        "b": f"line 2: '1234567890' is not among the 2 {UNKNOWN}",
        "c": f"line 3: '{'9' * 40}' is not among the 2 {UNKNOWN}",
    }


def test_numbers_with_leading_zeros_are_names(read):
    rows, classes = read("clips", table="file,verb\na.mp4,08\nb.mp4,10\nc.mp4,0\n")
    assert [row["class"] for row in classes] == ["0", "08", "10"]
    assert problems(rows) == {}


def test_what_is_no_path_has_a_reason(read):
    rows, _ = read("kinetics", train="/ 0\n\na.mp4 0\n. 1\nb\n", val="b.mp4 0\n\n\n\nc\n")
    assert problems(rows).keys() == {"clip_", "clip.", "train_line_5", "val_line_5"}
    assert {why.partition("; ")[0] for why in problems(rows).values()} == {
        "line 1: '/' is not a path below the source's root",
        "line 4: '.' is not a path below the source's root",
        "line 5 is not a path, ' ' and the number of a class",
    }


def test_charades_ego_version_1(read, clip):
    text = V1 + (
        'AAAAEGO,S1,Kitchen,7,7,Yes,"Puts, takes.",cup,,c092 11.90 21.20;c147 0.00 12.60,30.5,Yes,'
        "AAAA\nAAAA,S1,,,,,,,,,29,No,\n"
    )
    options = ("--media", "rgb/{video_id}", "--rate", "24")
    names = "c092 Holding a cup\nc000 Holding some clothes\n"
    rows, classes = read("charades-ego", *options, train=text, class_names=names)
    shared = {"media_kind": "frames", "rate": 24.0, "participant_id": "S1", "pair_id": "AAAA"}
    assert rows == [
        clip(
            **shared,
            clip_id="AAAAEGO",
            video_id="AAAAEGO",
            media="rgb/AAAAEGO",
            viewpoint="ego",
            actions=[
                {"class": "c092", "start": 11.9, "stop": 21.2},
                {"class": "c147", "start": 0, "stop": 12.6},
            ],
        ),
        clip(**shared, clip_id="AAAA", video_id="AAAA", media="rgb/AAAA", viewpoint="exo"),
    ]
    assert len(classes) == 157
    assert (classes[92]["class"], classes[92]["name"]) == ("c092", "Holding a cup")
    assert classes[156]["class"] == classes[156]["name"] == "c156"


def test_version_0_of_charades_ego_is_refused(read):
    text = V1.replace(",egocentric,charades_video", "") + "A,,,,,,,,,,1\n"
    with pytest.raises(UserError, match=r"train\.txt: line 1: the columns are .*egocentric"):
        read("charades-ego", "--media", "{video_id}.mp4", "--rate", "24", train=text)


def test_charades_ego_frame_lists_become_spans(read, clip):
    """Frames with a label in a row are one span; one may come again."""
    labels = ('""', '"3"', '"3,10"', '"10"', '"3"')
    lines = "".join(
        f"B1EGO 0 {at} B1EGO/B1EGO-{at + 1:06d}.jpg {label}\n" for at, label in enumerate(labels)
    )
    options = ("--media", "{video_id}.mp4", "--rate", "2")
    rows, _ = read("charades-ego", *options, test=FRAMES + lines)
    assert rows == [
        clip(
            clip_id="B1EGO",
            video_id="B1EGO",
            media="B1EGO",
            media_kind="frames",
            rate=2.0,
            split="test",
            viewpoint="ego",
            pair_id="B1",
            actions=[
                {"class": "c003", "start": 0.5, "stop": 1.5},
                {"class": "c003", "start": 2.0, "stop": 2.5},
                {"class": "c010", "start": 1.0, "stop": 2.0},
            ],
        )
    ]
    rows, _ = read("charades-ego", *options, test=FRAMES + "B1EGO 0 0 a1.jpg 1\n")
    assert problems(rows)["B1EGO"].startswith(
        "from line 2 on: '' is not a path below the source's root"
    )
    for line in ("B1EGO 0 0 a.jpg one\n", 'B1EGO 0 0 a.jpg "1\n', b"B1EGO 0 0 \xff.jpg 1\n"):
        text = FRAMES.encode() + (line if isinstance(line, bytes) else line.encode())
        with pytest.raises(UserError, match=r"line \d is not `original_vido_id"):
            read("charades-ego", *options, test=text)


@pytest.mark.parametrize(
    ("listed", "spans"),
    [
        ((1, 5, 9, 13), [(1.0, 3.0)]),  # each stands for four frames, from 0 on
        ((0, 4, 8, 12), [(1.0, 3.0)]),
        ((13, 1, 9, 5), [(0.0, 1.0), (2.0, 3.0)]),  # 1 and 9 have it
        ((9, 10, 11, 12), [(2.25, 2.75)]),  # the first images are not listed
        ((1, 2, 3, 9), [(0.25, 0.75)]),
        ((1, 2, 8, 9), [(0.25, 0.5), (1.75, 2.0)]),
    ],
)
def test_frames_of_charades_ego_are_told_by_the_numbers_of_their_images(read, listed, spans):
    """At four frames a second; the second and the third that are listed have a label."""
    labels = ('""', '"3"', '"3,3"', '""')
    lines = [
        f"B1 0 {at} B1/B1-{number:06d}.jpg {label}\n"
        for at, (number, label) in enumerate(zip(listed, labels, strict=True))
    ]
    rows, _ = read(
        "charades-ego", "--media", "{video_id}.mp4", "--rate", "4", test=FRAMES + "".join(lines)
    )
    assert problems(rows) == {}
    assert [(one["start"], one["stop"]) for one in rows[0]["actions"]] == spans


def test_frames_of_charades_ego_that_cannot_be_told_are_named(read):
    names = {
        "steps": ("1", "5", "9", "11"),
        "twice": ("1", "2", "3", "2"),
        "copies": ("1", "1", "2", "2"),
        "text": ("1", "b", "2", "c"),
        "other": ("1", "2", "../d/3", "4"),
    }
    text = "".join(
        f'{video} 0 0 {video}/{name}.jpg "3"\n' for video, of in names.items() for name in of
    )
    options = ("--media", "{video_id}.mp4", "--rate", "24")
    rows, _ = read("charades-ego", *options, test=FRAMES + text)
    assert problems(rows) == {
        "steps": "line 5: image 11 follows image 9, and most are 4 apart; list every n-th frame",
        "twice": "line 9: image 2 is listed again; list each frame once",
        "copies": "line 11: image 1 is listed again; list each frame once",
        "text": "line 15: the name of image 'text/b.jpg' does not end with a number; list the "
        "frames of one folder",
        "other": "line 20: the name of image 'other/../d/3.jpg' is not in other; list the frames "
        "of one folder",
    }


def test_the_viewpoint_of_charades_ego_is_yes_or_no(read):
    rows = "A,S,,yes\nB,S,,Yes\nC,S,,No \nD,S,,\n"
    options = ("--media", "{video_id}.mp4", "--rate", "24")
    rows, _ = read("charades-ego", *options, train=f"id,subject,actions,egocentric\n{rows}")
    assert [row["viewpoint"] for row in rows] == [None, "ego", "exo", None]
    assert problems(rows) == {
        "A": "line 2: egocentric is 'yes', not Yes or No",
        "D": "line 5: egocentric is '', not Yes or No",
    }


def epic_row(name, start, stop, verb=3, noun=7, stamps=("00:00:01.00", "00:01:02.50")):
    fields = (name, "P01", "P01_101", "", *stamps, start, stop, "", "open", verb, "tap", noun)
    return f"{','.join(map(str, fields))},,\n"


def test_epic_kitchens_100(read, clip):
    text = EPIC + epic_row("P01_101_0", 61, 121) + epic_row("P01_101_1", "x", 9)
    options = ("--media", "{participant_id}/rgb_frames/{video_id}", "--rate", "60")
    verbs = "id,key,instances,category\n" + "".join(f"{n},verb {n},[],x\n" for n in range(4))
    rows, classes = read("epic-kitchens", *options, train=text, verb_classes=verbs)
    known = {
        "video_id": "P01_101",
        "media": "P01/rgb_frames/P01_101",
        "media_kind": "frames",
        "rate": 60.0,
        "viewpoint": "ego",
        "participant_id": "P01",
    }
    assert rows[0] == clip(**known, clip_id="P01_101_0", start=1.0, stop=2.0, verb="3", noun="7")
    assert problems(rows) == {"P01_101_1": "line 3: start_frame is 'x', not a whole number"}
    heads = [row["head"] for row in classes]
    assert heads == ["verb"] * 4 + ["noun"] * 8
    assert classes[3]["name"] == "verb 3"


def test_epic_kitchens_videos_are_cut_by_time_stamps(read):
    text = EPIC + epic_row("P01_101_0", 61, 121) + epic_row("P01_101_1", 1, 9, stamps=("0", "1"))
    options = ("--media", "{participant_id}/videos/{video_id}.MP4", "--rate", "60")
    rows, _ = read("epic-kitchens", *options, val=text)
    assert (rows[0]["start"], rows[0]["stop"], rows[0]["rate"]) == (1.0, 62.5, None)
    assert rows[0]["media_kind"] == "video"
    assert problems(rows) == {"P01_101_1": "line 3: '0' is not a time such as 00:01:02.500"}


def test_epic_kitchens_55_is_read_out_of_pickles(tmp_path):
    frame = pd.DataFrame(
        {
            "participant_id": ["P01", "P02"],
            "video_id": ["P01_01", "P02_03"],
            "start_frame": [1, 31],
            "stop_frame": [31, 31],
            "verb_class": [0, 1],
            "noun_class": [5, 2],
        },
        index=[4, 9],
    ).astype({"participant_id": object, "video_id": object})
    frame.columns = pd.Index(list(frame.columns), dtype=object)
    path = tmp_path / "EPIC_train_action_labels.pkl"
    path.write_bytes(pickle.dumps(frame, 4))
    source = EpicKitchensSource(
        kind="epic_kitchens",
        root="/data",
        data_note="",
        train=str(path),
        media="{video_id}",
        rate=30,
    )
    first, second = source.records()
    assert (first["clip_id"], first["media"]) == ("P01_01_4", "P01_01")
    assert (first["start"], first["stop"], first["verb"], first["noun"]) == (0, 1, "0", "5")
    assert (second["start"], second["stop"]) == (1, 1)
    # A column is rather an id than the index, and rows by number are none.
    path.write_bytes(pickle.dumps(frame.assign(uid=[7, 8]), 4))
    assert [row["clip_id"] for row in source.records()] == ["P01_01_7", "P02_03_8"]
    path.write_bytes(pickle.dumps(frame.reset_index(drop=True), 4))
    assert [row["clip_id"] for row in source.records()] == ["P01_01-0-1-0-5", "P02_03-1-1-1-2"]
    path.write_bytes(pickle.dumps({"a": np.ones(2)}))
    with pytest.raises(UserError, match="not a data frame with the columns participant_id"):
        list(source.records())


@pytest.mark.parametrize(("column", "cell"), [("", ""), ("uid,", ",")])
def test_actions_of_epic_kitchens_without_ids_are_named_by_when_they_are(read, column, cell):
    """And by their classes: not by the number of their line, which one of another list has, too."""
    header = f"{column}participant_id,video_id,start_frame,stop_frame,verb_class,noun_class\n"
    rows, _ = read(
        *("epic-kitchens", "--media", "{video_id}", "--rate", "60"),
        train=f"{header}{cell}P01,P01_01,61,91,0,0\n{cell}P01,P01_01,61,91,0,2\n",
        val=f"{header}{cell}P01,P01_01,121,151,1,1\n{cell}P01,P01_01,x,151,1,1\n",
    )
    ids = ["P01_01-1-1.5-0-0", "P01_01-1-1.5-0-2", "P01_01-2-2.5-1-1", "P01_01"]
    assert [row["clip_id"] for row in rows] == ids
    assert problems(rows) == {"P01_01": "line 3: start_frame is 'x', not a whole number"}


def test_a_malicious_pickle_among_lists_is_refused_and_does_not_run(tmp_path, wildframe):
    touched, path = tmp_path / "touched", tmp_path / "EPIC_100_train.pkl"
    path.write_bytes(b"cos\nsystem\n(S'touch " + bytes(touched) + b"'\ntR.")
    options = ("--media", "{video_id}", "--rate", "60", "--root", tmp_path)
    tables = tmp_path / "clips.parquet", tmp_path / "classes.parquet"
    with pytest.raises(UserError, match=r"EPIC_100_train\.pkl: it names os\.system, which is no"):
        wildframe(
            *("sources", "epic-kitchens", "--train", path, *options),
            *("--clips", tables[0], "--classes", tables[1]),
        )
    assert not touched.exists()
    assert not tables[0].exists()


def test_any_folder_of_clips(read, clip):
    text = (
        "file,start,stop,labels,verb,noun,viewpoint,split,pair_id,participant_id,rate\n"
        "kitchen/a.mp4,0.5,2,open door 0.5 1;sit,,,ego,test,p1,anna,\n"
        "frames/b,,,,take,cup,,,,,12.5\n"
    )
    rows, classes = read("clips", table=text)
    assert rows == [
        clip(
            clip_id="kitchen_a-0.5-2",
            video_id="kitchen_a",
            media="kitchen/a.mp4",
            start=0.5,
            stop=2.0,
            actions=[
                {"class": "open door", "start": 0.5, "stop": 1.0},
                {"class": "sit", "start": None, "stop": None},
            ],
            viewpoint="ego",
            split="test",
            pair_id="p1",
            participant_id="anna",
        ),
        clip(
            clip_id="frames_b",
            video_id="frames_b",
            media="frames/b",
            media_kind="frames",
            rate=12.5,
            verb="take",
            noun="cup",
        ),
    ]
    assert [(row["head"], row["class"]) for row in classes] == [
        ("action", "open door"),
        ("action", "sit"),
        ("verb", "take"),
        ("noun", "cup"),
    ]


def test_bad_clips_keep_a_row_with_the_reason(read):
    text = (
        "file,start,stop,labels,viewpoint,split\n"
        "a.mp4,2,1,,,\nb.mp4,-1,,,,\nc.mp4,,,,up,\nd.mp4,,,,,dev\ne.mp4,,,run 3 2,,\n"
        "f.mp4,,,run,,\nf.mp4,,,run,,\n"
    )
    rows, _ = read("clips", table=text)
    assert [row["problem"] for row in rows] == [
        "line 2: it stops at 1 s, which is not after its start at 2 s; correct its times",
        "line 3: start is '-1', not a number of at least 0",
        "line 4: viewpoint is 'up', not ego or exo",
        "line 5: split is 'dev', not train or val or test",
        "line 6: it stops at 2 s, which is not after its start at 3 s; correct its times",
        None,
        "line 8: it is named again in split train; the first usable record counts",
    ]
    assert len({row["clip_id"] for row in rows}) == 7


TIMED = ["00:00:00 00:00:01", "1,5 3,0", "1.5-3", "-1 3", "1.5", "0:30", ".5 3", "1s 3s"]


@pytest.mark.parametrize("times", TIMED)
def test_times_of_actions_that_are_not_seconds_make_no_class(read, times):
    texts = [f"open door {times}", "sit;take 2 cups", "open door 1 3", "12", "1.5", "cut 2"]
    texts += ["fold 2 3x"]
    lines = "".join(f'{at}.mp4,"{text}"\n' for at, text in enumerate(texts))
    rows, classes = read("clips", table=f"file,labels\n{lines}")
    ((clip, problem),) = problems(rows).items()
    told = f"line 2: 'open door {times}' ends with what is no start and stop in seconds"
    assert (clip, problem.partition(";")[0]) == ("0", told)
    named = ["1.5", "12", "cut 2", "fold 2 3x", "open door", "sit", "take 2 cups"]
    assert [row["class"] for row in classes] == named
    # A list says what is a name.
    listed = f'head,class,name\naction,"open door {times}",it\n'
    rows, _ = read("clips", table=f"file,labels\n{lines}", class_names=listed)
    assert rows[0]["problem"] is None


def test_an_action_that_takes_no_time_is_left_out_and_told(tmp_path, capsys):
    """Unless it is the only one: without, the clip would be one that shows nothing."""
    rows = "AEGO,S1,c001 5.00 5.00;c002 1.0 9.0;c003 9 8,Yes,A\nA,S1,c001 1.0 5.0,No,\n"
    table, clips = tmp_path / "train.csv", tmp_path / "clips.parquet"
    table.write_text(f"id,subject,actions,egocentric,charades_video\n{rows}B,S1,c004 2 2,No,\n")
    source = CharadesEgoSource(kind="charades_ego", root="/data", train=str(table), data_note="")
    write_tables(source, clips, tmp_path / "classes.parquet")
    found = read_table(clips, CLIP_RECORDS).to_pylist()
    assert [[one["class"] for one in row["actions"]] for row in found[:2]] == [["c002"], ["c001"]]
    told = "line 4: it stops at 2 s, which is not after its start at 2 s; correct its times"
    assert problems(found) == {"B": told}
    assert capsys.readouterr().err == (
        f"{table}: 2 of 5 actions are left out, the first of them c001 of "
        "CharadesEgo_v1_480/AEGO.mp4: it stops at 5 s, which is not after its start at 5 s\n"
        f"{table}: 1 of 3 cannot be used, the first of them CharadesEgo_v1_480/B.mp4: {told}\n"
    )
    found, unusable = source.summary()
    assert (found, unusable) == (f"3 clips of {table}", [f"CharadesEgo_v1_480/B.mp4: {told}"])
    assert capsys.readouterr().err == ""


def test_an_action_outside_its_clip_is_left_out_and_told(read):
    """Spans are of the media: of one video in windows, each has the actions that it shows."""
    labels = '"open 2 5;sit 5 10;run;fall 12 20"'
    text = f"a.mp4,0,5,{labels}\na.mp4,5,12,{labels}\na.mp4,12,,fall 3 4;open 11 12\n"
    rows, classes = read("clips", table=f"file,start,stop,labels\n{text}")
    shown = [[one["class"] for one in row["actions"]] for row in rows]
    assert shown == [["open", "run"], ["sit", "run"], []]
    assert problems(rows) == {}
    assert [row["class"] for row in classes] == ["open", "run", "sit"]


def test_only_a_clip_of_the_same_media_and_times_is_named_again(read):
    text = (
        "file,start,stop,rate,verb\n"
        "frames/2021.03.04,,,30,go\nframes/2021.03.05,,,30,go\n"
        "a.mp4,,,,go\na.avi,,,,go\n"
        "kitchen.mp4,1,,,go\nkitchen-1.mp4,,,,go\n"
        "b.mp4,10000.12,10000.52,,go\nb.mp4,10000.14,10000.54,,go\nb.mp4,10000.120,10000.52,,go\n"
    )
    rows, _ = read("clips", table=text)
    *others, again = rows
    assert problems(others) == {}
    assert again["problem"].startswith("line 10: it is named again")
    ids = [row["clip_id"] for row in rows]
    assert ids[:2] == ["frames_2021.03.04", "frames_2021.03.05"]
    assert all(re.fullmatch("a-[0-9a-f]{8}", name) for name in ids[2:4])
    assert all(re.fullmatch("kitchen-1-[0-9a-f]{8}", name) for name in ids[4:6])
    assert ids[6:8] == ["b-10000.12-10000.52", "b-10000.14-10000.54"]
    assert len(set(ids)) == 9
    # Clips of one file are of one video.
    videos = [row["video_id"] for row in rows]
    assert videos[:2] == ids[:2]
    assert videos[4:] == ["kitchen", "kitchen-1", "b", "b", "b"]
    assert len(set(videos)) == 7
    rows, _ = read("kinetics", train="vids/a.b 0\nvids/a.c 0\n")
    assert [row["clip_id"] for row in rows] == ["vids_a.b", "vids_a.c"]
    assert problems(rows) == {}


def test_a_record_that_cannot_be_used_takes_no_other_ones_place(read):
    rows, _ = read("clips", table="file,split\na.mp4,dev\na.mp4,val\n")
    assert [row["clip_id"] for row in rows] == ["a-again-0", "a"]
    assert [row["problem"] is None for row in rows] == [False, True]


def test_a_video_that_some_records_name_is_one(read):
    rows, _ = read("clips", table="file,video_id\na.mp4,\nparts/2.mp4,a\n")
    assert [row["video_id"] for row in rows] == ["a", "a"]


def test_classes_may_be_listed(read):
    names = "head,class,name\naction,walk,Walking\naction,run,Running\n"
    rows, classes = read("clips", table="file,labels\na.mp4,run\nb.mp4,fly\n", class_names=names)
    assert [row["name"] for row in classes] == ["Walking", "Running"]
    assert problems(rows) == {"b": f"line 3: 'fly' is not among the 2 {UNKNOWN}"}
    with pytest.raises(UserError, match="line 2: 'actions' is none of action, verb, noun"):
        read("clips", table="file\na.mp4\n", class_names="head,class,name\nactions,a,a\n")


@pytest.mark.parametrize("text", ["id,name\n1,a\n2,b\n", "id,name\n0,a\n0,b\n", "id,name\n"])
def test_a_list_of_classes_counts_from_0(read, text):
    with pytest.raises(UserError, match=r"class_names\.txt: the first column should be"):
        read("kinetics", train="a.mp4 0\n", class_names=text)


def test_a_list_that_names_no_clip_is_refused(read):
    with pytest.raises(UserError, match=r"0 clips of .*train\.txt: name at least one clip"):
        read("kinetics", train="\n")


def test_a_source_without_lists_is_refused(tmp_path):
    settings = {"kind": "kinetics", "root": "/data", "data_note": ""}
    with pytest.raises(UserError, match="give at least one of train, val and test"):
        KineticsSource(**settings).input_files()
    with pytest.raises(UserError, match="get it from the publisher"):
        KineticsSource(**settings, train=str(tmp_path / "gone")).input_files()


def test_a_media_template_needs_the_video():
    settings = {"kind": "epic_kitchens", "root": "/data", "data_note": ""}
    for template in ("{video}/frames", "frames", "{video_id}}", "{video_id}/{"):
        with pytest.raises(ValueError, match=r"write it with \{video_id\}"):
            EpicKitchensSource(**settings, media=template)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (" ;a; ", [("a", None, None)]),
        ("c092 11.90 21.20;c147", [("c092", 11.9, 21.2), ("c147", None, None)]),
        ("take 2 cups", [("take 2 cups", None, None)]),
        ("take 2 cups 1 3.5", [("take 2 cups", 1.0, 3.5)]),
    ],
)
def test_actions_of_a_text(text, expected):
    found = [(one["class"], one["start"], one["stop"]) for one in parse_actions(text)]
    assert found == expected

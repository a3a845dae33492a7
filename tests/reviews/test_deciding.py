"""Files of a review to rows, and the command."""

import json
import re
import shlex
from pathlib import Path
from unittest.mock import Mock

import pytest
from review_data import UNLABELLED, set_rows, write_dataset

from wildframe.core.errors import UserError
from wildframe.core.schemas import REVIEWS, SETS, SIMILARITIES, STATUSES
from wildframe.core.tables import read_facts, read_table, write_rows
from wildframe.reviews import deciding, server

NO = "correct;dissimilar;blur-increase"
TWO = set_rows("a", [-2, 2]) + set_rows("b", [2])


@pytest.fixture
def paths(tmp_path):
    return write_dataset(tmp_path, TWO, broken=["a-2"])


@pytest.fixture
def consensus(paths, wildframe):
    """Return a function that writes the reviews and returns their file."""

    def write(*options):
        output = paths.sets.parent / "reviews.parquet"
        files = ["--sets", paths.sets, "--statuses", paths.statuses, "--output", output]
        files += ["--manifest", paths.manifest]
        wildframe("reviews", "consensus", *files, *options)
        return output

    return write


def rows_of(output):
    rows = read_table(output, REVIEWS).to_pylist()
    return {row["image_id"]: row["reason"] for row in rows}


def test_every_row_stays_with_its_reason(consensus):
    output = consensus("--review", "none", "--unreadable", "drop_frames")
    assert rows_of(output) == {"a-2": "unreadable"} | dict.fromkeys(["a", "a+2", "b", "b+2"])
    assert read_facts(output, REVIEWS)["review"] == "none"
    # All of a and b that is evaluated is one grey, a frame each.
    copies = json.loads(read_facts(output, REVIEWS)["copies"])
    assert copies == dict.fromkeys(["a", "b", "b+2"], "a+2")


def test_the_manifest_tells_that_images_in_files_are_of_videos(paths, consensus):
    rows = [row | {"route": "file"} for row in read_table(paths.statuses, STATUSES).to_pylist()]
    write_rows(paths.statuses, STATUSES, rows)
    output = consensus("--review", "none", "--unreadable", "drop_frames")
    # Single images of one grey would be copies; no two of these have the same number.
    assert "copies" not in read_facts(output, REVIEWS)


@pytest.mark.parametrize("unreadable", ["drop_frames", "drop_sets"])
def test_what_cannot_be_read_is_named(paths, unreadable, capsys):
    deciding.decide(paths.sets, paths.statuses, "none", unreadable, None, None, None)
    assert capsys.readouterr().err == "a-2 is dropped: decode_failed (is broken)\n"


def test_many_that_cannot_be_read_are_counted(tmp_path, capsys):
    sets = set_rows("a", range(1, 23))
    files = write_dataset(tmp_path, sets, broken=[f"a+{at}" for at in range(1, 23)])
    deciding.decide(files.sets, files.statuses, "none", "drop_frames", None, None, None)
    told = capsys.readouterr().err.splitlines()
    assert told[0] == "a+1 is dropped: decode_failed (is broken)"
    assert (len(told), told[-1]) == (21, "22 images in total are unreadable")


def test_what_cannot_be_read_is_refused_with_its_reason(consensus):
    with pytest.raises(UserError, match=r"image a-2 .*decode_failed \(is broken\)"):
        consensus("--review", "none")


def test_auto(consensus, tmp_path):
    table = tmp_path / "similarity.parquet"
    measured = [("a", "a+2", 0.95), ("b", "b+2", 0.5)]
    keys = ("anchor_id", "image_id", "similarity")
    write_rows(table, SIMILARITIES, [dict(zip(keys, one, strict=True)) for one in measured])
    options = ["--similarities", table, "--threshold", 0.9, "--unreadable", "drop_sets"]
    output = consensus("--review", "auto", *options)
    assert rows_of(output) == {
        "a-2": "unreadable",
        "a": "set",
        "a+2": "set",
        "b": None,
        "b+2": "similarity",
    }
    assert read_facts(output, REVIEWS)["review"] == "auto"


def write_decisions(folder, name, *rows):
    folder.mkdir(exist_ok=True)
    lines = [UNLABELLED]
    lines += [f"{n},{name},{a},{i},{tags},,2026-01-01T00:00:00Z" for n, a, i, tags in rows]
    (folder / f"{name}.csv").write_text("\n".join(lines) + "\n")


def test_human(paths, consensus):
    anna = [(1, "a", "a+2", "correct;similar"), (2, "b", "b+2", NO)]
    write_decisions(paths.decisions, "anna", *anna)
    write_decisions(paths.decisions, "ben", (1, "b", "b+2", NO), (2, "b", "b+2", NO))
    options = ["--review", "human", "--decisions", paths.decisions, "--unreadable", "drop_frames"]
    output = consensus(*options)
    # The pair that could not be shown needs no decision.
    assert rows_of(output) == {
        "a-2": "unreadable",
        "a": None,
        "a+2": None,
        "b": None,
        "b+2": "dissimilar;blur-increase",
    }
    assert read_facts(output, REVIEWS)["review"] == "human"


def test_published_sets_are_reviewed(consensus):
    output = consensus("--review", "human", "--unreadable", "drop_frames")
    assert rows_of(output)["b+2"] is None
    assert read_facts(output, REVIEWS)["review"] == "human"


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--review", "none", "--decisions", "d"], "--decisions is for --review human"),
        (["--review", "auto", "--threshold", "1"], "needs --similarities"),
        (["--review", "human", "--threshold", "1"], "has no use for --threshold"),
        (["--review", "script"], "--review script needs --decisions"),
        (["--review", "none"], "image a-2"),
    ],
)
def test_options_that_do_not_fit(consensus, options, told):
    with pytest.raises(UserError, match=told):
        consensus(*options)


def test_a_folder_that_is_not_there_yet_is_not_reviewed(consensus):
    options = ["--review", "human", "--decisions", "nowhere", "--unreadable", "drop_frames"]
    with pytest.raises(UserError, match=r"lacks 2 of 2 pairs.*--decisions nowhere"):
        consensus(*options)


def test_the_command_that_reviews_is_told_as_far_as_files_are_there(paths, monkeypatch, wildframe):
    base = paths.sets.parent
    monkeypatch.chdir(base)
    (base / "results/manifests").mkdir(parents=True)
    (base / "results/frames/my s").mkdir(parents=True)
    (base / "results/labels").mkdir()
    sets = Path("results/manifests/my d.sets.parquet")
    write_rows(sets, SETS, TWO, config={"targets": "coco80"})
    shards = [Path("results/frames/my s", path.name) for path in paths.shards]
    statuses = Path("results/frames/my d.parquet")
    rows = read_table(paths.statuses, STATUSES).to_pylist()
    write_rows(statuses, STATUSES, rows, config={"shards": list(map(str, shards))})
    with pytest.raises(UserError) as error:
        deciding.decide(sets, statuses, "human", "drop_frames", Path("mine"), None, None)
    assert (
        "review with `wildframe reviews serve FRAMES... --statuses 'results/frames/my d.parquet' "
        "--sets 'results/manifests/my d.sets.parquet' --manifest MANIFEST --classes CLASSES "
        "--label-space coco80 --decisions mine --annotator NAME --round 1`"
    ) in str(error.value)
    paths.manifest.rename("results/manifests/my d.parquet")
    paths.classes.rename("results/labels/classes.parquet")
    for old, new in zip(paths.shards, shards, strict=True):
        old.rename(new)
    with pytest.raises(UserError) as error:
        deciding.decide(sets, statuses, "human", "drop_frames", Path("mine"), None, None)
    command = re.search("`wildframe (.*)`", str(error.value))[1].replace("NAME", "anna")
    assert command.startswith("reviews serve 'results/frames/my s'/*.parquet --statuses ")
    # What the command names can be opened.
    words = [
        name
        for word in shlex.split(command)
        for name in (sorted(map(str, base.glob(word))) if "*" in word else [word])
    ]
    monkeypatch.setattr(server, "make_local_server", Mock(side_effect=InterruptedError))
    with pytest.raises(InterruptedError):
        wildframe(*words)
    assert Path("mine/anna.csv").is_file()


def test_the_next_step_is_said_of_each_dataset(paths, tmp_path, wildframe):
    folder = tmp_path / "decisions"
    folder.mkdir()

    def said():
        options = ["--sets", paths.sets, "--statuses", paths.statuses, "--decisions", folder]
        return wildframe("reviews", "next", *options, "--rounds", 1, *options, "--rounds", 2).stdout

    # a-2 is broken, and not shown to anybody.
    one, two = said().splitlines()
    assert one == two
    assert "round 1 lacks 2 of 2 pairs" in one
    assert "--annotator NAME --round 1`" in one
    write_decisions(folder, "anna", (1, "a", "a+2", NO), (1, "b", "b+2", "correct;similar"))
    one, two = said().splitlines()
    assert one.endswith("all pairs are decided; run snakemake as before")
    assert "round 2 lacks decisions on 1 pair by anna" in two


def test_a_run_that_nobody_reviews_says_how_to_be_reviewed(wildframe):
    with pytest.raises(
        UserError, match="no dataset of the run is reviewed by people; in the config"
    ):
        wildframe("reviews", "next")


def test_a_dataset_whose_files_are_not_all_given_is_told(paths, tmp_path, wildframe):
    options = ["--sets", paths.sets, "--statuses", paths.statuses, "--decisions", tmp_path]
    with pytest.raises(UserError, match="--rounds once for each dataset"):
        wildframe("reviews", "next", *options)

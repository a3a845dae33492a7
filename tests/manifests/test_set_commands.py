"""The commands write manifest, sets and funnel side by side: all of them, or none."""

import json

import pytest
from set_data import BIRD, CUP, DOG, HEN, box, video

from wildframe.core.errors import UserError
from wildframe.core.schemas import (
    BOXES,
    FUNNEL,
    MANIFEST,
    PUBLISHED,
    SETS,
    SPLITS,
    VIDEOS,
)
from wildframe.core.tables import read_facts, read_table, write_rows
from wildframe.manifests.set_settings import Window


@pytest.fixture
def run(tmp_path, wildframe):
    """Run a command of manifests that writes three tables into the test's folder."""

    def run(*arguments):
        outputs = [
            f"--{name}={tmp_path / f'{name}.parquet'}" for name in ("manifest", "sets", "funnel")
        ]
        return wildframe("manifests", *arguments, *outputs)

    return run


@pytest.fixture
def table(tmp_path):
    """Write a table and return its path."""

    def write(contract, *rows):
        path = tmp_path / f"{contract.name}.parquet"
        write_rows(path, contract, rows)
        return path

    return write


CHOICES = ("--dataset=d", "--label-space=vid30", "--frames=2")


def sample(run, table, videos, *options, boxes=()):
    tables = ("--videos", table(VIDEOS, *videos), "--boxes", table(BOXES, *boxes))
    return run("sample", *tables, *CHOICES, "--anchors=2", *options)


def test_sampled_sets_are_written_with_their_choices(run, table, tmp_path):
    videos = [video("b"), video("a"), video("cup", labels=[CUP])]
    sample(run, table, videos, "--seed=3", "--step=2", boxes=[box(3, DOG)])
    manifest = read_table(tmp_path / "manifest.parquet", MANIFEST).to_pylist()
    sets = read_table(tmp_path / "sets.parquet", SETS).to_pylist()
    funnel = read_table(tmp_path / "funnel.parquet", FUNNEL).to_pylist()
    assert {row["offset"] for row in sets} <= {-2, 0, 2}
    anchors = {row["anchor_id"] for row in sets}
    assert {row["image_id"] for row in manifest} == {row["image_id"] for row in sets}
    assert len({row["image_id"] for row in manifest}) == len(manifest)
    assert {row["image_id"] for row in funnel if row["step"] == "kept"} == anchors
    assert len(anchors) == 4
    for contract, name in ((MANIFEST, "manifest"), (SETS, "sets"), (FUNNEL, "funnel")):
        chosen = json.loads(read_facts(tmp_path / f"{name}.parquet", contract)["config"])
        assert (chosen["seed"], chosen["anchors"], chosen["frames"]) == (3, 2, 2)


def test_an_id_of_two_videos_stops_the_dataset(run, table):
    with pytest.raises(UserError, match="both have the video_id 'a'"):
        sample(run, table, [video("a"), video("b"), video("a")])


def test_the_funnel_of_sets_is_shown_by_its_own_steps(run, table, tmp_path, wildframe):
    sample(run, table, [video("a"), video("cup", labels=[CUP])])
    show = ["manifests", "show", tmp_path / "funnel.parquet", "--format", "csv"]
    lines = wildframe(*show).stdout.splitlines()
    assert lines[1] == 'listed,"Anchors, and videos without",0,3'
    assert "no_label,No frame with a label in the label space,1,2" in lines
    assert not any(line.startswith("no_noun") for line in lines)
    listed = wildframe(*show, "--step", "no_label").stdout
    assert "cup,anchor,," in listed


def test_sets_can_be_split_by_video(run, table, tmp_path, wildframe):
    sample(run, table, [video("a"), video("b")])
    output = tmp_path / "split.parquet"
    for by in ("clip", "video"):
        manifest = tmp_path / "manifest.parquet"
        wildframe("manifests", "split", manifest, "--by", by, "--output", output)
        rows = read_table(output, SPLITS).to_pylist()
        assert {(row["group"], row["image_id"][0]) for row in rows} == {("a", "a"), ("b", "b")}
        assert len({(row["group"], row["part"]) for row in rows}) == 2


def test_published_sets_are_written_with_and_without_boxes(run, table, tmp_path):
    rows = [
        {
            "anchor": "Data/VID/val/v/000005.JPEG",
            "media": f"Data/VID/val/v/{number:06d}.JPEG",
            "video_id": "v",
            "frame": number,
            "offset": number - 5,
            "labels": [DOG],
        }
        for number in (5, 6)
    ]
    words = ("published", "--published", table(PUBLISHED, *rows), *CHOICES)
    run(*words)
    manifest = read_table(tmp_path / "manifest.parquet", MANIFEST)
    assert manifest["boxes"].to_pylist() == [[], []]
    run(*words, f"--boxes={table(BOXES, box(6, DOG))}")
    manifest = read_table(tmp_path / "manifest.parquet", MANIFEST)
    assert [len(boxes) for boxes in manifest["boxes"].to_pylist()] == [0, 1]


def test_sets_of_neighbours_images_are_written(run, table, tmp_path, manifest_row):
    rows = [
        manifest_row(f"c_{frame:07d}") | {"media": "c.mp4", "frame": frame, "labels": [HEN]}
        for frame in (1, 50)
    ]
    other = tmp_path / "other.parquet"
    write_rows(other, MANIFEST, rows)
    run("neighbours", "--images", other, *CHOICES, "--label-source=anchor")
    sets = read_table(tmp_path / "sets.parquet", SETS).to_pylist()
    assert len(sets) == 4 + 5
    assert all(row["labels"] == [BIRD] for row in sets)


def test_where_no_set_is_left_nothing_is_written_and_the_reasons_are_told(run, table, tmp_path):
    videos = [
        video("a", labels=[CUP]),
        video("b", labels=[CUP]),
        video("c", problem="cannot be opened"),
    ]
    with pytest.raises(UserError) as error:
        sample(run, table, videos)
    assert str(error.value) == (
        "d: no set of the videos is left (no frame with a label in the label space: 2, such as a: "
        "n03147509: not in vid30; video that cannot be used: 1, such as c: cannot be opened)"
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["boxes.parquet", "videos.parquet"]
    with pytest.raises(UserError, match=r"no set of the videos is left \(the source has none\)"):
        sample(run, table, [])


def test_a_window_keeps_the_digits_that_it_was_given():
    """Rounded down, ten frames at 30 a second would be nine."""
    assert Window(seconds=0.33333334).option == "--seconds=0.33333334"
    assert (Window(seconds=2).option, Window(frames=10).option) == ("--seconds=2", "--frames=10")


def test_a_window_in_both_units_names_what_takes_one_away():
    both = r"frames 10 and seconds 0\.1 are both given.*`frames: null`"
    with pytest.raises(ValueError, match=both):
        Window(frames=10, seconds=0.1)
    with pytest.raises(ValueError, match="give frames or seconds"):
        Window(frames=None, seconds=None)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--frames=2", "--seconds=1"), "give --frames or --seconds"),
        ((), "give --frames or --seconds"),
        (("--seconds=inf",), "--seconds inf: give a number of seconds"),
    ],
)
def test_a_window_is_given_in_frames_or_in_seconds(run, table, options, message):
    tables = ("--videos", table(VIDEOS, video()), "--boxes", table(BOXES))
    with pytest.raises(UserError, match=message):
        run("sample", *tables, "--dataset=d", "--label-space=vid30", "--anchors=1", *options)

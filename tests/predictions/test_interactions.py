"""Boxes of hands and objects in files that users write."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from wildframe.core.errors import UserError
from wildframe.core.schemas import INTERACTIONS
from wildframe.core.tables import read_table
from wildframe.predictions.interactions import import_boxes

HEADER = "video_id,frame,kind,x1,y1,x2,y2,score\n"
BOX = "v,3,hand,0.1,0.2,0.5,0.6,0.9\n"


@pytest.fixture
def imported(tmp_path, write_clips):
    manifest = write_clips(tmp_path / "clips.parquet", {"clip_id": "c", "video_id": "v"})

    def run(content, name="boxes.csv", min_score=0.5):
        path, output = tmp_path / name, tmp_path / "interactions.parquet"
        if isinstance(content, pa.Table):
            pq.write_table(content, path)
        else:
            path.write_text(content)
        import_boxes(path, manifest, min_score, output)
        return read_table(output, INTERACTIONS).to_pylist()

    return run


def test_boxes_are_sorted_and_numbered_by_confidence(imported):
    rows = imported(
        HEADER
        + "v,7,hand,0,0,1,1,0.6\n"
        + BOX
        + "v,3,object,0.4,0.4,0.6,0.6,0.8\n"
        + "v,3,hand,0.2,0.2,0.3,0.3,0.95\n"
    )
    keys = ("frame", "kind", "position", "score")
    assert [tuple(row[key] for key in keys) for row in rows] == [
        (3, "hand", 0, 0.95),
        (3, "hand", 1, 0.9),
        (3, "object", 0, 0.8),
        (7, "hand", 0, 0.6),
    ]
    assert [rows[1][side] for side in ("x1", "y1", "x2", "y2")] == [0.1, 0.2, 0.5, 0.6]


def test_what_is_left_out_is_counted(imported, capsys):
    rows = imported(
        HEADER
        + "v,0,hand,-0.1,0.5,0.5,1.2,0.9\n"  # cut at the edges
        + "v,0,hand,1.1,0,1.3,1,0.9\n"  # outside the frame
        + "v,0,hand,0.4,0,0.4,1,0.9\n"  # without width
        + "v,0,object,0,0,1,1,0.4\n"
        + "other,0,hand,0,0,1,1,0.9\n"
    )
    assert [[row[side] for side in ("x1", "y1", "x2", "y2")] for row in rows] == [[0, 0.5, 0.5, 1]]
    assert "1 of 5 boxes; left out are 1 of other videos, 1 below 0.5 and 2 without area" in (
        capsys.readouterr().out
    )


def table(video_id):
    columns = {"frame": [0], "kind": ["hand"], "x1": [0.0], "y1": [0.0], "x2": [1.0], "y2": [1.0]}
    return pa.table({"note": ["mine"], "video_id": video_id, "score": [1]} | columns)


def test_parquet_and_further_columns(imported):
    assert len(imported(table(["v"]), "boxes.parquet")) == 1


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("v,3,foot,0,0,1,1,1", "box 2: kind is neither hand nor object"),
        ("v,-1,hand,0,0,1,1,1", "box 2: frame is negative"),
        ("v,3,hand,10,20,50,60,1", "box 2: a side is no share of the frame; divide pixels"),
        ("v,3,hand,nan,0,1,1,1", "box 2: a side is no share of the frame"),
        ("v,3,hand,0,0,1,1,95", "box 2: score is not from 0 to 1"),
        ("v,,hand,0,0,1,1,1", "box 2: video_id, frame or kind is missing"),
        ("v,3,hand,left,0,1,1,1", "not a .csv or .parquet file of boxes with the columns"),
        ("v,3,hand", "not a .csv or .parquet file of boxes with the columns"),
    ],
)
def test_a_faulty_box_is_named(imported, line, problem):
    with pytest.raises(UserError, match=problem):
        imported(HEADER + BOX + line + "\n")


@pytest.mark.parametrize(
    ("lines", "counts"),
    [
        ("", "0 of 0 boxes; left out are 0 of other videos, 0 below 0.5 and 0 without area"),
        (
            "v,0,hand,0,0,1,1,0.4\nw,0,hand,0,0,1,1,0.9\n",
            "0 of 2 boxes; left out are 1 of other videos, 1 below 0.5 and 0 without area",
        ),
    ],
)
def test_a_file_of_which_no_box_is_left_is_refused(imported, lines, counts):
    with pytest.raises(UserError, match=f"{counts}; write boxes there, or lower the smallest"):
        imported(HEADER + lines)


def test_a_file_of_other_videos_or_columns_is_refused(imported):
    with pytest.raises(UserError, match="no box is of a video of the dataset, but of other"):
        imported(HEADER + BOX.replace("v,", "other,"))
    with pytest.raises(UserError, match="columns video_id, frame, kind"):
        imported("video,frame\nv,1\n")
    with pytest.raises(UserError, match="columns video_id, frame, kind"):
        imported(pa.table({"video_id": ["v"]}), "boxes.parquet")
    bad = table(pa.array([b"v\xe9"]).view(pa.string()))
    with pytest.raises(
        UserError, match=r"boxes\.parquet: .*Invalid UTF8 sequence at string index 0"
    ):
        imported(bad, "boxes.parquet")

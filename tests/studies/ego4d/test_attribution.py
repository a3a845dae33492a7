from pathlib import Path

from framing_data import cause_row
from making import make, rows_of
from written import markdown

from wildframe.core.schemas import ATTRIBUTION_SHARES
from wildframe.core.tables import write_rows
from wildframe.exhibits.inputs import TableFile
from wildframe.studies.ego4d.attribution import attribution

A, B = "resnet50.a1_in1k", "squeezenet1_1"
ROWS = [
    cause_row(A, "framing", 4, 16),
    cause_row(A, "motion", 1, 4),
    cause_row(A, "several", 1, 16),
    cause_row(A, "unexplained", 8, 16),
]


def test_a_row_a_model_has_the_share_of_each_cause(tmp_path):
    table = attribution(TableFile(Path("shares.parquet"), ROWS, {}), [A, B], "data")
    first, second = table.rows
    assert (first["n"], first["framing"], first["framing_low"]) == (16, 25, 12.5)
    # Of the images that have a neighbour.
    assert (first["motion"], first["motion_n"]) == (25, 4)
    # Without a sense table no label was examined, and a model may fail on no image.
    assert first["doubtful_label"] is None
    assert (second["n"], second["unexplained"]) == (0, None)
    text = markdown(table, tmp_path)
    assert "25.0 [12.5, 50.0]" in text
    assert text.count("N/A |") == 1 + 5


def test_few_clips_are_said():
    rows = [row | {"clusters": 3 if row["cause"] == "motion" else 40} for row in ROWS]
    notes = attribution(TableFile(Path("shares.parquet"), rows, {}), [A], "data").notes
    assert "units (3)" in notes[-1]


def test_it_is_made_of_a_table(tmp_path):
    path = tmp_path / "shares.parquet"
    write_rows(path, ATTRIBUTION_SHARES, ROWS)
    written = make("attribution", tmp_path, {"shares": path}, models=[A], data_note="our clips")
    assert "our clips" in written[".md"].read_text()
    (row,) = rows_of(written[".csv"])
    assert (row["model"], row["framing"], row["unexplained_successes"]) == (A, "25.0", "8")

import pytest
from making import make, rows_of, texts_of
from pair_data import ALIKE, write_alike
from robustness_data import robustness_table, sets_of

from wildframe.core.errors import UserError
from wildframe.core.schemas import MANIFEST, ROBUSTNESS
from wildframe.core.tables import write_rows
from wildframe.studies.ego4d.robustness_in_time import robustness_in_time

A, B = "tf_efficientnet_lite0", "squeezenet1_1"
ROWS = sets_of(A, 8, {0: 6, 10: 4}) + sets_of(B, 8, {0: 5, 10: 4})


def test_a_panel_a_model_reaches_from_the_pre_frame_outwards():
    figure = robustness_in_time(robustness_table(ROWS), ALIKE, [B, A], None, "a $_$ of clips")
    drawn = {
        axis.get_title(loc="center"): (*axis.lines[1].get_xdata(), *axis.lines[1].get_ydata())
        for axis in figure.drawing.axes
    }
    assert drawn == {B: (0, 10, 62.5, 50), A: (0, 10, 75, 50)}
    assert {B, A, figure.title} <= set(texts_of(figure.drawing))
    assert figure.notes[0] == "Data: a $_$ of clips"
    assert "Review: human" in figure.notes[1]
    assert [(row["model"], row["k"]) for row in figure.numbers.rows] == [
        (B, 0),
        (B, 10),
        (A, 0),
        (A, 10),
    ]


def test_a_model_without_sets_is_named():
    with pytest.raises(UserError, match=r"robustness\.parquet: no pm_k of other at 0"):
        robustness_in_time(robustness_table(ROWS), ALIKE, ["other"], None, "data")


def test_it_is_made_of_a_table(tmp_path):
    path = tmp_path / "robustness.parquet"
    write_rows(path, ROBUSTNESS, ROWS)
    manifest = tmp_path / "manifest.parquet"
    write_rows(manifest, MANIFEST, [], facts={"frame_rate": "29.97"})
    pairs = write_alike(tmp_path / "pairs.parquet", A, B, ks=(10,), metrics=("pm_k",))
    inputs = {"robustness": path, "pairs": pairs, "frame_rate": manifest}
    written = make("robustness_in_time", tmp_path, inputs, models=[A, B], data_note="our clips")
    assert "our clips" in written[".caption.md"].read_text()
    assert len(rows_of(written[".csv"])) == 4

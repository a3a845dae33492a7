import pytest
from robustness_data import robust, robustness_table, sets_of

from wildframe.core.errors import UserError
from wildframe.core.schemas import ROBUSTNESS
from wildframe.core.tables import write_rows
from wildframe.exhibits.robustness_table import RobustnessTable


def test_rows_are_found_by_model_distance_metric_and_subset(tmp_path):
    rows = sets_of("a", 8, {0: 6, 2: 5, 4: 3}) + sets_of("a", 2, {0: 2, 4: 1}, "class=n1")
    rows += [robust("a", 4, 4, metric="random_neighbour"), robust("b", 6, 1, metric="flip_rate")]
    path = tmp_path / "robustness.parquet"
    write_rows(path, ROBUSTNESS, rows)
    table = RobustnessTable.read(path)
    assert (table.ks, table.k, table.review) == ([0, 2, 4], 4, "human")
    assert table.require("a", 2)["successes"] == 5
    assert table.require("a", 4, subset="class=n1")["successes"] == 1
    assert table.require("a", 4, "random_neighbour")["successes"] == 4
    assert table.find("a", 1) is None
    assert (table.values("class", "a"), table.values("class", "b")) == (["n1"], [])
    with pytest.raises(UserError, match=r"robustness\.parquet: no pm_k of b at 0 on 'all'; name a"):
        table.require("b", 0)


def test_notes_say_on_what_data_and_who_reviewed_it():
    table = robustness_table(sets_of("a", 1109, {0: 600, 10: 500}))
    assert table.notes("our clips", "a") == [
        "Data: our clips",
        "1,109 anchors, 22,180 pairs of an anchor and another frame up to 10 frames away. "
        "Review: human (reviewers decided, pair by pair, which frames count).",
    ]
    unseen = robustness_table([robust("a", 0, 4, review="none")])
    assert "Review: none (not reviewed: frames of a set may" in unseen.notes("our clips", "a")[1]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"review": "auto"}, r"several values of review \(auto, human\) do not compare"),
        ({"dataset": "x"}, r"several values of dataset \(demo, x\)"),
    ],
)
def test_what_does_not_compare_is_refused(values, message):
    with pytest.raises(UserError, match=message):
        robustness_table([robust("a", 0, 4), robust("b", 0, 4, **values)])


def test_an_empty_table_is_refused():
    with pytest.raises(UserError, match=r"robustness\.parquet: the table has no rows"):
        robustness_table([])

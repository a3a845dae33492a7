"""Which rows of a table hold the number of a cell."""

import pytest
from exhibits.pair_data import pair
from provenance.exhibited import score

from wildframe.core.schemas import CLIP_SCORES, PAIRS, SCORES
from wildframe.core.tables import write_rows
from wildframe.provenance.number import Cell, rows_behind


@pytest.fixture
def table(tmp_path, blank):
    path = tmp_path / "scores.parquet"
    rows = [score(blank, "net", 4), score(blank, "net", 7, k=5), score(blank, "other", 4)]
    write_rows(path, SCORES, rows)
    return path


@pytest.mark.parametrize(
    ("text", "ks"),
    [("40.00", [1]), ("0.40", [1]), ("4", [1]), ("70", [5]), ("39.99", [1, 5]), ("best", [1, 5])],
)
def test_a_share_a_percentage_or_a_count(table, text, ks):
    cell = Cell({"model": "net", "top": text}, "top")
    assert [(path, row["k"]) for path, row in rows_behind(cell, [table])] == [
        (table, k) for k in ks
    ]


def test_what_stands_beside_the_number_tells_equal_ones_apart(tmp_path, blank):
    path = tmp_path / "scores.parquet"
    rows = [score(blank, "net", 4), score(blank, "net", 2, k=5) | {"value": 0.4, "n": 5}]
    write_rows(path, SCORES, rows)
    cells = {"model": "net", "top": "40.00", "top_n": "5", "top_high": "100.00"}
    assert [row["k"] for _, row in rows_behind(Cell(cells, "top"), [path])] == [5]


def test_a_row_of_two_models_is_of_the_rows_of_either(table):
    cells = {"model_a": "net", "model_b": "other", "after": "70.00", "before": "40.00"}
    assert [row["model"] for _, row in rows_behind(Cell(cells, "after"), [table])] == ["net"]
    before = rows_behind(Cell(cells, "before"), [table])
    assert [row["model"] for _, row in before] == ["net", "other"]


def test_a_column_of_a_model_is_of_the_rows_of_the_subset(tmp_path, blank):
    path = tmp_path / "scores.parquet"
    rows = [score(blank, "net", n) | {"subset": f"class=n{n}"} for n in (4, 7)]
    write_rows(path, SCORES, rows)
    found = rows_behind(Cell({"subset": "class=n4", "top1_net": "40.00"}, "top1_net"), [path])
    assert [row["subset"] for _, row in found] == ["class=n4"]


def test_a_column_of_a_model_is_of_the_rows_of_the_model(tmp_path, blank):
    path = tmp_path / "scores.parquet"
    write_rows(path, SCORES, [score(blank, model, 4) for model in ("net", "my_net", "other")])
    for column, models in (("net", ["net"]), ("my_net", ["my_net"]), ("mean", [])):
        cell = Cell({"subset": "all", f"top1_{column}": "40"}, f"top1_{column}")
        found = [row["model"] for _, row in rows_behind(cell, [path])]
        assert sorted(found) == (models or ["my_net", "net", "other"])


def test_a_mean_is_of_all_that_is_alike_and_not_of_a_row_that_holds_it_by_chance(tmp_path, blank):
    path = tmp_path / "scores.parquet"
    rows = [score(blank, "net", 2), score(blank, "other", 6), score(blank, "net", 4, k=5)]
    write_rows(path, SCORES, rows)
    found = rows_behind(Cell({"subset": "all", "mean": "40.00"}, "mean"), [path])
    assert [row["successes"] for _, row in found] == [2, 6, 4]
    of_seeds = tmp_path / "clips.parquet"
    rows = [
        {"training": "ego_exo", "seed": seed, "subset": "all", "metric": "map", "value": value}
        | {"successes": None, "n": 10, "videos": 5, "low": 0.1, "high": 0.8}
        for seed, value in enumerate((0.3, 0.4, 0.5))
    ]
    write_rows(of_seeds, CLIP_SCORES, rows)
    cells = {"method": "Ego-Exo", "map": "40.00", "map_training": "ego_exo"}
    assert [row["seed"] for _, row in rows_behind(Cell(cells, "map"), [of_seeds])] == [0, 1, 2]


def test_a_row_of_one_model_is_of_its_comparisons_with_itself(tmp_path):
    path = tmp_path / "pairs.parquet"
    sides = [("net", "net", "first"), ("other", "other", "first"), ("net", "other", "all")]
    write_rows(path, PAIRS, [pair(a, b, subset_a=subset) for a, b, subset in sides])
    found = rows_behind(Cell({"model": "net", "top1": "50.0"}, "top1"), [path])
    assert [(row["model_b"], row["subset_a"]) for _, row in found] == [("net", "first")]


def test_a_text_beside_the_number_tells_whose_it_is(tmp_path):
    path = tmp_path / "clips.parquet"
    rows = [
        {"training": training, "seed": 0, "subset": "all", "metric": "map", "value": 0.4}
        | {"successes": 4, "n": 10, "videos": 5, "low": 0.1, "high": 0.8}
        for training in ("ego_exo", "third_only")
    ]
    write_rows(path, CLIP_SCORES, rows)
    cells = {"method": "Ego-Exo", "map": "40.00", "map_training": "ego_exo"}
    found = rows_behind(Cell(cells, "map"), [path])
    assert [row["training"] for _, row in found] == ["ego_exo"]


def test_a_table_that_shares_no_text_is_left_out(table):
    assert rows_behind(Cell({"class": "cup", "top": "40.00"}, "top"), [table]) == []


@pytest.mark.parametrize(
    ("text", "ks"),
    [("0", [2]), ("1", [5]), ("1.0", [5, 9]), ("0.4", [5]), ("40", [5]), ("60", []), ("0.6", [])],
)
def test_a_text_without_decimals_is_no_share(tmp_path, blank, text, ks):
    path = tmp_path / "scores.parquet"
    rows = [
        {"k": 2, "value": 0.001, "n": 7},
        {"k": 5, "value": 0.4, "n": 1},
        {"k": 9, "value": 1.0, "n": 7},
    ]
    others = {"low": 0.25, "high": 0.25, "successes": 3, "clusters": 3}
    write_rows(path, SCORES, [score(blank, "net", 0) | others | row for row in rows])
    found = rows_behind(Cell({"model": "net", "top": text}, "top"), [path])
    assert [row["k"] for _, row in found] == (ks or [2, 5, 9])


@pytest.mark.parametrize(
    ("text", "ks"), [("33.33", [1]), ("33", [1]), ("0.333", [1]), ("33.34", [1, 5])]
)
def test_as_many_digits_as_are_shown_count(tmp_path, blank, text, ks):
    path = tmp_path / "thirds.parquet"
    rows = [score(blank, "net", 1) | {"value": 1 / 3}, score(blank, "net", 7, k=5)]
    write_rows(path, SCORES, rows)
    found = rows_behind(Cell({"model": "net", "top": text}, "top"), [path])
    assert [row["k"] for _, row in found] == ks

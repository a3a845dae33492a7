import csv
import io

import pytest
from written import markdown

from wildframe.core.errors import UserError
from wildframe.exhibits.table import Column, Table

TABLE = Table(
    "Sheep & goats",
    [
        Column("name", "Name", align="l"),
        Column("weight", "Weight (kg)", lambda row: f"{row['weight']:.1f}"),
        Column("ear_tag", ""),
    ],
    [
        {"name": "a|b_c 100%", "weight": 45.25, "ear_tag": 7},
        {"name": 'd "e", f', "weight": 3.0, "ear_tag": None},
    ],
    ["Data: $ ≥ 3 <b>"],
)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ([Column("n", "N"), Column("top5", "Top-5")], "'top5' is not in row 1, which has n, top1;"),
        (["n"], r"table 'T': 'n' is no column; write Column\(key, title\)"),
    ],
)
def test_a_column_that_is_not_in_each_row_is_named(columns, message):
    with pytest.raises(UserError, match=message):
        Table("T", columns, [{"n": 1, "top5": 2}, {"n": 1, "top1": 2}])


@pytest.fixture
def written(tmp_path):
    paths = [tmp_path / f"table{suffix}" for suffix in (".csv", ".md", ".tex")]
    TABLE.write(paths)
    return [path.read_text() for path in paths]


def test_csv_holds_raw_values_and_the_columns_for_machines(written):
    rows = list(csv.reader(io.StringIO(written[0])))
    assert rows == [
        ["name", "weight", "ear_tag"],
        ["a|b_c 100%", "45.25", "7"],
        ['d "e", f', "3.0", ""],
    ]


def test_values_stay_what_they_are():
    rows = [{"a": 1, "b": None, "c": 0.1}, {"a": None, "b": "", "c": float("nan")}]
    table = Table("T", [Column(key, key) for key in "abc"], rows)
    assert table.frame["a"].tolist() == [1, None]
    assert type(table.frame["a"][0]) is int
    assert table.frame["b"].tolist() == [None, ""]


@pytest.mark.parametrize("value", [1, 0.1, 1e-07, 2.0, True, float("nan"), "", " x ", 'a\n"b",'])
def test_a_csv_cell_is_the_value_as_python_prints_it(value, tmp_path):
    columns = [Column("a", "a"), Column("b", "b")]
    Table("T", columns, [{"a": value, "b": None}]).write([tmp_path / "a.csv"])
    with (tmp_path / "a.csv").open(newline="") as file:
        assert list(csv.reader(file))[1:] == [[str(value), ""]]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("=1+1", "'=1+1"),
        ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
        ("-2+3", "'-2+3"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("-", "-"),
        ("-0.5", "-0.5"),
        ("+22.4", "+22.4"),
        ("-0.09 [-1.00, 1.00]", "-0.09 [-1.00, 1.00]"),
        ("+1.2 [N/A]", "+1.2 [N/A]"),
        ("-1 [=1+1, 2]", "'-1 [=1+1, 2]"),
        (-1, "-1"),
        ("a=b", "a=b"),
    ],
)
def test_no_spreadsheet_runs_what_the_data_say(value, shown, tmp_path):
    Table("T", [Column("a", "a")], [{"a": value}]).write([tmp_path / "a.csv"])
    with (tmp_path / "a.csv").open(newline="") as file:
        assert list(csv.reader(file))[1:] == [[shown]]


def test_no_noun_turns_the_text_around_it(tmp_path):
    Table("T", [Column("a", "a")], [{"a": "\u202egnp.exe\u2066"}]).write([tmp_path / "a.md"])
    assert "\ufffdgnp.exe\ufffd" in (tmp_path / "a.md").read_text()


def test_markdown_is_for_people(written):
    assert written[1] == (
        "**Sheep &amp; goats**\n\n"
        "| Name        |   Weight (kg) |\n|:------------|--------------:|\n"
        '| a\\|b_c 100% |          45.2 |\n| d "e", f    |           3.0 |\n'
        "\nData: \\$ ≥ 3 &lt;b>\n"
    )


def test_a_table_without_rows_has_its_head(tmp_path):
    paths = [tmp_path / f"a{suffix}" for suffix in (".csv", ".md", ".tex")]
    Table("T", TABLE.columns, []).write(paths)
    csv_text, markdown_text, latex_text = (path.read_text() for path in paths)
    assert csv_text == "name,weight,ear_tag\n"
    assert markdown_text.startswith("**T**\n\n| Name   | Weight (kg)   |\n|")
    assert "Name & Weight (kg) \\\\\n\\midrule\n\\bottomrule" in latex_text


def test_text_of_the_data_stays_text_in_markdown(tmp_path):
    columns = [Column("noun", "Noun", verbatim=True), Column("name", "Name")]
    rows = [
        {"noun": "cup_(a,_b) `mug`_(c) x<y", "name": "<script> &lt;"},
        {"noun": "*", "name": r"$x^2$ _a_ a_b **c** `d` [e](f) [1, 2] \|"},
    ]
    text = markdown(Table("T", columns, rows), tmp_path)
    assert "| `cup_(a,_b) 'mug'_(c) x<y` | &lt;script> &amp;lt; |" in text
    assert r"| `*` | \$x^2\$ \_a\_ a_b \*\*c\*\* \`d\` [e\](f) [1, 2] \\\| |" in text


def test_other_suffixes_are_refused(tmp_path):
    with pytest.raises(UserError, match=r"table\.xlsx: a table is written as \.csv, \.md or \.tex"):
        TABLE.write([tmp_path / "table.xlsx"])

import csv
import io

import pytest

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


def test_markdown_is_for_people(written):
    assert written[1] == (
        "**Sheep & goats**\n\n"
        "| Name | Weight (kg) |\n| --- | --- |\n"
        '| a\\|b_c 100% | 45.2 |\n| d "e", f | 3.0 |\n'
        "\nData: $ ≥ 3 <b>\n"
    )


def test_latex_is_escaped(written):
    assert "\\begin{tabular}{lr}\n" in written[2]
    assert "a|b\\_c 100\\% & 45.2 \\\\\n" in written[2]
    assert (
        "\\caption{Sheep \\& goats. Data: \\$ $\\geq$ 3 \\textless{}b\\textgreater{}.}"
        "\\label{tab:table}" in written[2]
    )


def test_a_table_longer_than_a_page_can_break(tmp_path):
    long = Table(TABLE.title, TABLE.columns, TABLE.rows * 16)
    long.write([tmp_path / "long.tex"])
    text = (tmp_path / "long.tex").read_text()
    assert "\\begin{longtable}{lr}" in text
    assert "\\begin{table}" not in text
    assert text.count("45.2") == 16
    # The caption, and with it the label, stands on the first page only; the head on each.
    assert text.index("\\label{tab:long}") < text.index("\\endfirsthead")
    assert text.count("\\label{") == 1
    assert text.count("Name & Weight (kg) \\\\\n\\midrule\n\\end") == 2


def test_a_table_of_a_page_floats(written):
    lines = written[2].splitlines()
    assert lines[:4] == [
        "% needs \\usepackage{booktabs}",
        "\\begin{table}",
        "\\centering",
        "\\begin{tabular}{lr}",
    ]
    assert lines[-4:-2] == ["\\bottomrule", "\\end{tabular}"]
    assert lines[-1] == "\\end{table}"


def test_text_of_the_data_stays_text_in_markdown(tmp_path):
    columns = [Column("noun", "Noun", verbatim=True), Column("name", "Name")]
    rows = [{"noun": "cup_(a,_b) `mug`_(c) x<y", "name": "<script> &lt;"}]
    Table("T", columns, rows).write([tmp_path / "a.md"])
    text = (tmp_path / "a.md").read_text()
    assert "| `cup_(a,_b) 'mug'_(c) x<y` | &lt;script> &amp;lt; |" in text


def test_other_suffixes_are_refused(tmp_path):
    with pytest.raises(UserError, match=r"table\.xlsx: a table is written as \.csv, \.md or \.tex"):
        TABLE.write([tmp_path / "table.xlsx"])

import pytest
from pandas import DataFrame

from wildframe.exhibits.latex import PAGE, escape, to_latex


def latex(rows, heads=("Name", "Weight"), notes=()):
    frame = DataFrame(rows, columns=list(heads), dtype=object)
    align = "l" + "r" * (len(heads) - 1)
    return to_latex(frame, align, "Sheep & goats", notes, "sheep_goats")


def test_a_table_of_a_page_floats():
    assert latex([["a", "1"]], notes=["Data: 5 %.", "More"]).splitlines() == [
        r"% needs \usepackage{booktabs,adjustbox,makecell}",
        r"\begin{table}",
        r"\centering",
        r"\caption{Sheep \& goats}\label{tab:sheep_goats}",
        r"\begin{adjustbox}{max width=\linewidth}",
        r"\begin{tabular}{lr}",
        r"\toprule",
        r"Name & Weight \\",
        r"\midrule",
        r"a & 1 \\",
        r"\bottomrule",
        r"\end{tabular}",
        r"\end{adjustbox}",
        r"\par\smallskip{\raggedright\footnotesize Data: 5 \%. More.\par}",
        r"\end{table}",
    ]


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        (r"\a", r"\textbackslash{}a"),
        ("&% $#_{}", r"\&\% \$\#\_\{\}"),
        ("~^", r"\textasciitilde{}\textasciicircum{}"),
        ("a ≥ <b>", r"a $\geq$ \textless{}b\textgreater{}"),
        ("[1, 2] *", "{[}1, 2] {*}"),
        ("Δ | d", r"$\Delta$ \textbar{} d"),
        ("τ ego ✓", r"$\tau$ ego $\surd$"),
    ],
)
def test_text_of_the_data_stays_text(text, escaped):
    assert escape(text) == escaped
    assert rf"{escaped.replace('1, 2', '1,~2')} & 1 \\" in latex([[text, "1"]])
    assert rf"& {escaped.replace('1, 2', '1,~2')} \\" in latex([], heads=("Name", text))


def test_a_table_longer_than_a_page_can_break():
    text = latex([["a", "45.2"]] * (PAGE + 1))
    assert r"\begin{longtable}{lr}" in text
    assert r"\begin{table}" not in text
    assert text.count("45.2") == PAGE + 1
    # Its label stands on the first page only; the head on each.
    assert text.index(r"\label{tab:sheep_goats}") < text.index(r"\endfirsthead")
    assert text.count(r"\label{") == 1
    assert text.count("Name & Weight \\\\\n\\midrule\n\\end") == 2
    assert "longtable" not in latex([["a", "45.2"]] * PAGE)


def test_a_head_is_broken_to_fit_its_cells():
    text = latex([["a", "45.2"]], heads=("Name", "Weight before [95 % CI] of food"))
    assert r"Name & \makecell[br]{Weight\\before\\{[}95~\%~CI] of\\food} \\" in text
    assert "landscape" not in text


def test_a_wide_table_lies_on_its_side_and_breaks_its_cells():
    row = ["tf_efficientnet_lite0", *["45.25 [40.10, 50.20]"] * 12]
    text = latex([row], heads=["Name", *["Weight"] * 12])
    assert text.splitlines()[0] == r"% needs \usepackage{booktabs,adjustbox,makecell,pdflscape}"
    assert text.splitlines()[1] == r"\begin{landscape}"
    assert r"\makecell[tl]{tf\_\\efficientnet\_\\lite0} & " in text
    assert text.count(r"\makecell[tr]{45.25\\{[}40.10,~50.20]}") == 12


def test_a_cell_of_many_lines_counts_as_many_rows():
    rows = [["word " * 50, "1"]] * 6
    assert r"\begin{longtable}" in latex(rows)

"""No comparison is left out: every exhibit says what it compares and how, and the docs list it."""

import re
import shlex

import pytest

from wildframe.exhibits.comparisons import NOTHING, lettered, paired, untested
from wildframe.exhibits.listing import comparison_rows
from wildframe.exhibits.lookup import declared_exhibits
from wildframe.exhibits.pairs import PairTable
from wildframe.exhibits.robustness_table import RobustnessTable
from wildframe.exhibits.score_table import ScoreTable
from wildframe.studies.known import STUDIES

DOCS = "docs/comparisons.md"
LIST = re.compile(
    r"<!-- wildframe (exhibits comparisons .*?) -->\n(.*?)<!-- end of list -->", re.DOTALL
)

EXHIBITS = {exhibit.rule: exhibit for exhibit in declared_exhibits()}

OF_OTHER_TABLES = (
    "ego4d_fig5_in1k_vs_in21k",
    "ego4d_framing",
    "ego_exo_failure_predictors",
    "imagenet_hard_table1_optimal_zoom",
    "imagenet_hard_table2_adaptation",
)
"""Comparisons of two funnels, which are of no model, and those of framings, crops, adaptations
and signals of clips in their own tables."""


def reads(exhibit, *tables):
    readers = [table.read for table in tables]
    readers += [PairTable.read_all] if PairTable in tables else []
    return any(file.read in readers for file in exhibit.files.values())


@pytest.mark.parametrize("exhibit", EXHIBITS.values(), ids=EXHIBITS)
def test_an_exhibit_says_what_it_compares_or_why_not(exhibit):
    assert exhibit.compares, "declare compares=[...]: see wildframe.exhibits.comparisons"
    if reads(exhibit, ScoreTable, RobustnessTable, PairTable):
        assert NOTHING not in exhibit.compares, (
            "it reads scores or comparisons: declare paired, lettered or untested, not NOTHING"
        )
    for comparison in exhibit.compares:
        shown_in = EXHIBITS[f"{exhibit.study}_{comparison.shown_in or exhibit.name}"]
        if comparison.unit and shown_in.rule not in OF_OTHER_TABLES:
            assert reads(shown_in, PairTable), (
                f"{shown_in.rule} shows no comparison: give it a parameter of type PairTable; if "
                "it makes comparisons itself or reads them of a table of its own, name it in "
                "OF_OTHER_TABLES"
            )


@pytest.mark.parametrize("exhibit", EXHIBITS.values(), ids=EXHIBITS)
def test_an_exhibit_shows_the_comparisons_that_it_reads(exhibit):
    if reads(exhibit, PairTable):
        assert any(one.unit and not one.shown_in for one in exhibit.compares), (
            "it reads a PairTable: declare paired or lettered without shown_in"
        )


def test_the_docs_list_every_comparison(project, wildframe):
    lists = dict(LIST.findall((project / DOCS).read_text()))
    listed_studies = {shlex.split(command)[2] for command in lists}
    lacking, gone = set(STUDIES) - listed_studies, listed_studies - set(STUDIES)
    assert not gone, f"take the lists of {sorted(gone)}, which are no studies, out of {DOCS}"
    assert not lacking, (
        f"{DOCS}: for each of {sorted(lacking)}, add a line "
        "`<!-- wildframe exhibits comparisons STUDY --format md -->`, what that command prints, "
        "and a line `<!-- end of list -->`"
    )
    for command, listed in lists.items():
        printed = wildframe(*shlex.split(command)).stdout
        assert listed == printed, f"let {DOCS} say what `wildframe {command}` prints"


def test_a_row_says_unit_method_and_place():
    rows = [row for row in comparison_rows("ego4d") if row["exhibit"] == "ego4d_label_senses"]
    assert [row["shown in"] for row in rows] == ["-", "ego4d_model_pairs"]
    assert rows[0]["method"].startswith("none: ")
    assert (rows[0]["unit"], rows[1]["unit"]) == ("-", "clip, or video where one has several clips")


def test_what_is_tested_has_a_unit_and_what_is_not_a_reason():
    assert paired("x").unit
    assert lettered().unit
    assert (untested("x", "so").unit, untested("x", "so").method) == ("", "none: so")

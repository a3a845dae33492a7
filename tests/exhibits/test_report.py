"""How a report names the exhibits."""

import re

import pytest

from wildframe.exhibits.lookup import exhibit_names, load_exhibit

NAMES = {
    "ego4d": r"Fig\. (0[1-9]|1[01])|Appendix H|Supplement: [a-z][a-z -]+",
    "ego_exo": r"Table S?[1-6]|Fig\. (0[45]|S[1-4])|Published re-runs"
    r"|(Figure|Supplement): [a-z][a-z ]+",
    "imagenet_hard": r"Table [12]|(Report|Figure|Supplement): [a-z][a-z ]+",
    "vid_robust": r"(App\. )?(Fig\.|Table) [1-3]|App\. Tables 1 and 2|Supplement: [a-z][a-z ]+",
}


@pytest.mark.parametrize("study", NAMES)
def test_exhibits_are_named_so_that_they_sort(study):
    labels = [load_exhibit(study, name).label for name in exhibit_names(study)]
    assert [label for label in labels if not re.fullmatch(NAMES[study], label)] == []
    assert len(labels) == len(set(labels)) >= 11


def test_all_figures_of_the_first_paper_are_there():
    labels = {load_exhibit("ego4d", name).label for name in exhibit_names("ego4d")}
    assert {f"Fig. {number:02}" for number in range(1, 12)} < labels

"""The class names printed in Appendix H of *Egocentric Data as Natural Adversarial Examples*.

The noun taxonomy is the publisher's and not part of the project; where a copy lies beside it, the
whole list is mapped.
"""

import json
from pathlib import Path

import pytest
from label_spaces import classes_of

from wildframe.exhibits.paper import paper_numbers
from wildframe.labels.mapping import PAPER_PICKS, LabelMap
from wildframe.labels.senses import read_senses

NOUNS = Path(__file__).parents[3] / "shared" / "reference" / "ego4d" / "nouns.json"


@pytest.fixture(scope="module")
def label_map():
    return LabelMap(classes_of("in1k"), senses=read_senses("shipped"))


@pytest.fixture(scope="module")
def printed():
    return list(paper_numbers("ego4d", "appendix_h_classes"))


@pytest.fixture(scope="module")
def taxonomy():
    if not NOUNS.is_file():
        pytest.skip("the Ego4D noun taxonomy does not lie beside the project")
    return json.loads(NOUNS.read_text())


def test_the_68_names_are_69_classes(printed, label_map):
    assert len(printed) == len(set(printed)) == 68
    synsets = [[match.wnid for match in label_map.matches(name)] for name in printed]
    assert all(synsets)
    assert len({wnid for found in synsets for wnid in found}) == 69
    # The one word of two classes: a garment and a dog.
    assert [name for name, found in zip(printed, synsets, strict=True) if len(found) > 1] == [
        "cardigan"
    ]


def test_a_shirt_is_learnt_as_a_garment_and_no_dog(label_map):
    shirt = label_map.label("shirt_(cardigan,_shirt,_sweater,_sweatshirt,_top)", "paper")
    assert [match.wnid for match in shirt] == ["n02963159", "n02113186"]


def test_the_papers_picks_are_printed_names(printed):
    assert set(PAPER_PICKS.values()) <= set(printed)


def test_the_list_is_the_printed_one(printed, taxonomy):
    assert sorted(taxonomy["appendixH"]) == printed


def test_the_rule_reaches_all_names_from_the_taxonomy(printed, taxonomy, label_map):
    nouns = taxonomy["nouns_v1"]
    assert len(nouns) == 478
    mapped = [noun for noun in nouns if label_map.matches(noun)]
    assert len(mapped) == 109
    words = {match.word for noun in nouns for match in label_map.matches(noun)}
    assert len(words) == 110
    assert set(printed) <= words


def test_the_papers_picks_name_every_word_of_appendix_h(printed, taxonomy, label_map):
    nouns = taxonomy["nouns_v1"]
    picked = {match.word for noun in nouns for match in label_map.label(noun, "paper")}
    first = {match.word for noun in nouns for match in label_map.label(noun)}
    assert set(printed) <= picked
    assert set(printed) - first == {"basketball", "screen", "packet", "wool"}


@pytest.mark.parametrize(
    ("rule", "space", "nouns_with_a_class"),
    [
        ("words", "in1k", 109),
        ("head_synonyms", "in1k", 103),
        ("head", "in1k", 82),
        ("words", "in21k", 437),
        ("head_synonyms", "in21k", 416),
        ("head", "in21k", 406),
    ],
)
def test_how_many_nouns_each_rule_reaches(taxonomy, rule, space, nouns_with_a_class):
    label_map = LabelMap(classes_of(space), rule)
    assert sum(bool(label_map.matches(n)) for n in taxonomy["nouns_v1"]) == nouns_with_a_class


def test_the_index_trap_concerns_almost_half_of_the_21k_classes(taxonomy):
    label_map = LabelMap(classes_of("in21k"), senses=read_senses("shipped"))
    first = {
        match.class_index
        for noun in taxonomy["nouns_v1"]
        for match in label_map.label(noun, "all", "first")
    }
    assert len(first) == 597
    assert sum(index > 9204 for index in first) == 307


@pytest.mark.parametrize("space", ["in1k", "in21k"])
def test_the_first_label_of_every_noun_is_undoubted_if_any_is(taxonomy, space):
    label_map = LabelMap(classes_of(space), senses=read_senses("shipped"))
    doubtful = 0
    for noun in taxonomy["nouns_v1"]:
        for pick in ("reading_order", "paper", "all"):
            for synsets in ("first", "all"):
                labels = [match.doubtful for match in label_map.label(noun, pick, synsets)]
                assert labels == sorted(labels), (noun, pick, synsets)
                doubtful += labels[:1] == [True]
    # Nouns that match no class in their sense are learnt all the same.
    assert doubtful

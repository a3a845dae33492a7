"""The class names printed in Appendix H of *Egocentric Data as Natural Adversarial Examples*.

The noun taxonomy is the publisher's and not part of the project; where a copy lies beside it, the
whole list is mapped.
"""

import json
from pathlib import Path

import pytest

from wildframe.labels.mapping import LabelMap
from wildframe.labels.spaces import iter_classes

NOUNS = Path(__file__).parents[3] / "shared" / "reference" / "ego4d" / "nouns.json"

pytestmark = pytest.mark.skipif(
    not NOUNS.is_file(), reason="the Ego4D noun taxonomy does not lie beside the project"
)


@pytest.fixture(scope="module")
def reference():
    return json.loads(NOUNS.read_text())


@pytest.fixture(scope="module")
def label_map():
    return LabelMap(iter_classes("in1k"))


def test_the_68_names_are_69_classes(reference, label_map):
    names = reference["appendixH"]
    assert len(names) == len(set(names)) == 68
    synsets = [[match.wnid for match in label_map.matches(name)] for name in names]
    assert all(synsets)
    assert len({wnid for found in synsets for wnid in found}) == 69


def test_the_rule_reaches_all_names_from_the_taxonomy(reference, label_map):
    nouns = reference["nouns_v1"]
    assert len(nouns) == 478
    mapped = [noun for noun in nouns if label_map.matches(noun)]
    assert len(mapped) == 109
    words = {match.word for noun in nouns for match in label_map.matches(noun)}
    assert len(words) == 110
    assert set(reference["appendixH"]) <= words


def test_the_papers_picks_name_every_word_of_appendix_h(reference, label_map):
    picked = {m.word for noun in reference["nouns_v1"] for m in label_map.label(noun, "paper")}
    first = {m.word for noun in reference["nouns_v1"] for m in label_map.label(noun, "first")}
    printed = set(reference["appendixH"])
    assert printed <= picked
    assert printed - first == {"basketball", "screen", "packet", "wool"}

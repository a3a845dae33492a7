import pytest
from hypothesis import given
from hypothesis import strategies as st

from wildframe.labels.mapping import LabelMap, split_noun
from wildframe.labels.senses import SenseTable, head


def row(index, wnid, *lemmas, senses=()):
    return {
        "class_index": index,
        "wnid": wnid,
        "name": lemmas[0],
        "lemmas": list(lemmas),
        "senses": list(senses) or [1] * len(lemmas),
    }


# A label space of seven, in the manner of ImageNet's.
CLASSES = [
    row(0, "n0", "baseball"),
    row(1, "n1", "basketball"),
    row(2, "n2", "Cardigan", "Cardigan_Welsh_corgi", senses=(2, 1)),
    row(3, "n3", "cardigan"),
    row(4, "n4", "remote_control", "remote"),
    row(5, "n5", "vacuum", "vacuum_cleaner", "Vacuum"),
    row(6, "n6", "bracelet", "bangle"),
]
MAP = LabelMap(CLASSES)


def wnids(noun, **choices):
    return [match.wnid for match in MAP.label(noun, **choices)]


@pytest.mark.parametrize(
    ("noun", "words"),
    [
        ("cup_(cup,_mug,_tumbler)", ["cup", "mug", "tumbler"]),
        ("chip_(wood'_metal),", ["chip", "wood", "metal"]),
        ("jack_(tool)_(jack,_lift)", ["jack", "tool", "lift"]),
        ("weighing_scale", ["weighing", "scale"]),
        ("Café2go", ["café", "go"]),
        ("", []),
        ("123_()", []),
    ],
)
def test_a_noun_is_split_on_everything_that_is_no_letter(noun, words):
    assert split_noun(noun, "words") == words


@pytest.mark.parametrize(
    ("noun", "parts"),
    [
        ("cup_(cup,_mug,_tumbler)", ["cup", "mug", "tumbler"]),
        ("rod_(rod,_rod_metal,_Shaft)", ["rod", "rod metal", "shaft"]),
        ("jack_(tool)_(jack,_lift)", ["jack", "tool", "lift"]),
        ("chip_(wood'_metal),", ["chip", "wood' metal"]),
        ("weighing_scale", ["weighing scale"]),
        ("egg_(,_)", ["egg"]),
        ("", []),
    ],
)
def test_the_head_and_each_synonym_are_parts_of_several_words(noun, parts):
    assert split_noun(noun, "head_synonyms") == parts
    assert split_noun(noun, "head") == parts[:1]


def test_lemmas_of_several_words_match_where_parts_are_whole():
    whole, head_only = (
        LabelMap([row(0, "n0", "remote_control"), row(1, "n1", "remote")], rule)
        for rule in ("head_synonyms", "head")
    )
    noun = "controller_(remote,_remote_control)"
    assert [match.wnid for match in whole.matches(noun)] == ["n1", "n0"]
    assert head_only.matches(noun) == []
    assert [match.wnid for match in head_only.matches("remote_control_(x)")] == ["n0"]


def test_a_word_matches_a_whole_single_word_lemma_only():
    assert wnids("remote_control_(control,_remote)") == ["n4"]
    assert wnids("control") == []
    assert wnids("vacuums") == []
    assert wnids("welsh") == []


def test_letter_case_does_not_matter_and_two_spellings_are_one_match():
    assert wnids("VACUUM") == ["n5"]


def test_the_first_of_several_words_is_the_default():
    assert wnids("ball_(ball,_baseball,_basketball)") == ["n0"]
    assert wnids("ball_(ball,_baseball,_basketball)", pick="all") == ["n0", "n1"]


def test_the_papers_picks():
    assert wnids("ball_(ball,_baseball,_basketball)", pick="paper") == ["n1"]
    # Where the picked word names no class of the space, the first in reading order does.
    assert wnids("string_(bobbin,_remote)", pick="paper") == ["n4"]
    assert wnids("vacuum", pick="paper") == ["n5"]


def test_a_word_of_two_classes():
    assert wnids("shirt_(cardigan,_shirt)") == ["n3", "n2"]
    assert wnids("shirt_(cardigan,_shirt)", synsets="first") == ["n3"]
    # The first class of the second word is the first word's, too: no other takes its place.
    cups = LabelMap([row(0, "n0", "mug", "cup"), row(1, "n1", "trophy", "cup", senses=(1, 2))])
    for synsets, labels in (("all", ["n0", "n1"]), ("first", ["n0"])):
        assert [match.wnid for match in cups.label("mug_(cup)", "all", synsets)] == labels


def test_doubtful_labels_come_last_but_decide_no_pick():
    doubts = {("", "cardigan", "n3"): True, ("", "baseball", "n0"): True}
    doubtful = LabelMap(CLASSES, senses=SenseTable(doubts))

    def labels(*choices):
        return [match.wnid for match in doubtful.label("baseball_(cardigan,_remote)", *choices)]

    assert labels("all") == ["n2", "n4", "n0", "n3"]
    assert labels("all", "first") == ["n2", "n4", "n0"]
    assert labels() == ["n0"]


def test_a_class_that_two_words_name_is_one_label_with_the_word_that_is_not_doubted():
    def labels(label_map, synsets):
        found = label_map.label("bracelet_(bangle,_remote)", "all", synsets)
        return [(match.word, match.wnid, match.doubtful) for match in found]

    doubted = LabelMap(CLASSES, senses=SenseTable({("", "bracelet", "n6"): True}))
    for synsets in ("all", "first"):
        assert labels(MAP, synsets) == [("bracelet", "n6", False), ("remote", "n4", False)]
        assert labels(doubted, synsets) == [("bangle", "n6", False), ("remote", "n4", False)]


def test_matches_lists_every_class_of_every_word():
    found = [(m.word, m.wnid) for m in MAP.matches("cardigan_(remote)")]
    assert found == [("cardigan", "n3"), ("cardigan", "n2"), ("remote", "n4")]


def test_head():
    assert head("pan_(frypan,_pan)") == "pan"
    assert head("chopping_board") == "chopping board"
    assert head("nail gun (tool)") == head("Nail_Gun_(tool)") == "nail gun"


WORDS = st.sampled_from(["baseball", "basketball", "cardigan", "remote", "bracelet", "bangle", "x"])


@given(st.lists(WORDS), st.sampled_from(["_", ",_", " ", "_(", ")", "7"]))
def test_choices_only_narrow(words, separator):
    noun = separator.join(words)
    every = wnids(noun, pick="all", synsets="all")
    assert set(every) == {match.wnid for match in MAP.matches(noun)}
    for choice in ("reading_order", "paper", "all"):
        for synsets in ("first", "all"):
            chosen = wnids(noun, pick=choice, synsets=synsets)
            assert set(chosen) <= set(every)
            assert bool(chosen) == bool(every)
            assert len(chosen) == len(set(chosen))

"""The protocol table of the images under ImageNet-1K, and the crops that it may compare."""

from pair_data import pair, pairs_of

from wildframe.studies.ego4d.protocol import protocol
from wildframe.studies.ego4d.settings import Ego4dStudy


def test_a_choice_is_shown_at_1_and_5():
    sides = {"subset_a": "labels=first", "subset_b": "labels=any"}
    choices = pairs_of(pair("m", "m", 1, -0.1, **sides), pair("m", "m", 5, -0.05, **sides))
    (row,) = protocol(choices, pairs_of(), [], "d").rows
    assert (row["choice"], row["top1"], row["top5"]) == ("Labels", -10, -5)


def test_crops_are_those_of_framing():
    settings = {"in1k": "d", "models": ["squeezenet1_1"], "secondary_models": ["squeezenet1_1"]}
    study = Ego4dStudy(**settings, zoom="near")
    assert study.crops_of("d") == ("near", ("squeezenet1_1",))
    assert study.crops_of("other") is Ego4dStudy(**settings).crops_of("d") is None

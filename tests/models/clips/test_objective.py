"""Targets and terms of the loss, worked out by hand."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from clips_data import clip_row

from wildframe.core.errors import UserError
from wildframe.models.clips.objective import (
    Lesson,
    class_targets,
    map_targets,
    term_losses,
    term_weights,
)
from wildframe.models.clips.sampling import HAND, OBJECT, ClipBoxes

ACTIONS = {"action": {"left": 0, "right": 1, "jump": 2}}


def boxes(*sides, kind=HAND, frame=0, score=0.5):
    count = len(sides)
    return ClipBoxes(
        np.array(sides, np.float32).reshape(-1, 4),
        np.full(count, kind),
        np.full(count, score, np.float32),
        np.full(count, frame),
    )


def test_targets_are_indices_of_each_head():
    classes = {"verb": {"go": 0, "come": 1, "stay": 2}, "noun": {"square": 0, "disc": 1}}
    rows = [clip_row(1), clip_row(2)]
    targets = class_targets("verb_noun", classes, rows, [(0, 1)] * 2)
    assert {head: target.tolist() for head, target in targets.items()} == {
        "verb": [1, 2],
        "noun": [1, 0],
    }
    viewpoints = class_targets("viewpoint", {"viewpoint": {"exo": 0, "ego": 1}}, rows, [(0, 1)] * 2)
    assert viewpoints["viewpoint"].tolist() == [0, 1]


def test_of_several_labels_those_of_the_frames_shown_count():
    actions = [
        {"class": "left", "start": None, "stop": None},
        {"class": "right", "start": 2.0, "stop": 4.0},
        {"class": "jump", "start": 9.0, "stop": None},
    ]
    spans = {(0, 1.9): [1, 0, 0], (1, 2): [1, 1, 0], (4, 5): [1, 1, 0], (4.1, 9): [1, 0, 1]}
    row = clip_row(0, actions=actions)
    for span, expected in spans.items():
        targets = class_targets("multi_label", ACTIONS, [row], [span])
        assert targets["action"].tolist() == [expected]
    nothing = class_targets("multi_label", ACTIONS, [clip_row(0, actions=[])], [(0, 1)])
    assert nothing["action"].tolist() == [[0, 0, 0]]


def test_maps_are_of_the_frames_that_a_slow_pathway_sees():
    first, last = boxes((0, 0, 0.5, 0.5)), boxes((0.5, 0.5, 1, 1), kind=OBJECT, frame=3)
    maps = map_targets([first, last], 4, (2, 2, 2))
    assert maps.shape == (2, 2, 2, 2, 2)
    assert maps[0, HAND, 0].tolist() == [[0.5, 0], [0, 0]]
    assert maps[1, OBJECT, 1].tolist() == [[0, 0], [0, 0.5]]
    assert maps.sum() == 1
    assert map_targets([ClipBoxes.none()], 4, (2, 2, 2)).sum() == 0


def lesson(**more):
    return Lesson(torch.zeros(2, 3, 4, 8, 8), {"action": torch.tensor([0, 1])}, **more)


LOGITS = {"action": torch.tensor([[math.log(3), 0], [0, 0]])}
CROSS_ENTROPY = (math.log(4 / 3) + math.log(2)) / 2


def test_the_terms_of_ego_exo():
    told = lesson(
        logits={"ego": torch.tensor([[0.0, 0.0], [math.log(3), 0]])},
        boxes=[boxes((0, 0, 0.5, 1)), ClipBoxes.none()],
    )
    outputs = LOGITS | {"ego": torch.zeros(2, 2), "maps": torch.zeros(2, 2, 1, 1, 2)}
    terms = term_losses(outputs, told, "paper", 1)
    assert [*terms] == ["action", "ego", "hand", "hand_object"]
    half = math.log(2)
    # One cell of 0.5 in one of two clips, whose logit is 0.
    expected = [CROSS_ENTROPY, half, 0.5 * half / 2, 0]
    assert [float(term) for term in terms.values()] == pytest.approx(expected)
    released = term_losses(outputs, told, "released", 1)
    entropy = (math.log(4) - 0.75 * math.log(3)) / 2 + half / 2
    assert float(released["ego"]) == pytest.approx(half - entropy)
    assert float(released["hand"]) == pytest.approx(half)
    # A high temperature makes teachers that know nothing.
    flat = term_losses(outputs | {"ego": LOGITS["action"]}, told, "paper", 1e9)
    assert float(flat["ego"]) == pytest.approx((math.log(4) - math.log(3) / 2 + half) / 2)


def test_several_labels_are_a_binary_cross_entropy():
    told = replace(lesson(), targets={"action": torch.tensor([[1.0, 1.0], [0.0, 0.0]])})
    terms = term_losses(LOGITS, told, "paper", 1)
    expected = (math.log(4 / 3) + 3 * math.log(2)) / 4
    assert float(terms["action"]) == pytest.approx(expected)


def test_the_terms_of_domains_and_of_pairs():
    told = replace(
        lesson(unlabelled=1, pairs=["p0", "p1"]), clips=torch.zeros(2 + 1 + 4, 3, 4, 8, 8)
    )
    domain = torch.tensor([[math.log(3), 0], [0, 0], [0, math.log(3)], *[[0, 0]] * 4])
    # Of each pair the clips are equal, and the pairs are two apart on the unit circle.
    embedding = torch.tensor([[9.0]] * 3 + [[2.0], [5.0], [-1.0], [-3.0]])
    outputs = LOGITS | {"domain": domain, "embedding": embedding}
    terms = term_losses(outputs, told, "paper", 1)
    assert [*terms] == ["action", "domain", "triplet"]
    assert float(terms["domain"]) == pytest.approx((2 * math.log(4 / 3) + math.log(2)) / 3)
    assert float(terms["triplet"]) == 0
    swapped = outputs | {"embedding": torch.tensor([[9.0]] * 3 + [[1.0], [-1.0], [-1.0], [1.0]])}
    assert float(term_losses(swapped, told, "paper", 1)["triplet"]) == pytest.approx(3)


def test_published_weights_hold_unless_they_are_named():
    everything = {"ego", "object", "hand", "hand_object"}
    assert term_weights({}, "released", "action", everything) == {
        "action": 0.5,
        "ego": 0.1,
        "object": 0.5,
        "hand": 1,
        "hand_object": 1,
    }
    assert term_weights({}, "released", "action", ()) == {"action": 1}
    # A head that is not named learns nothing of the boxes.
    given = {"action": 1, "hand_object": 3}
    assert term_weights(given, "paper", "action", {"hand", "hand_object"}) == given
    assert term_weights({"action": 2}, "paper", "verb_noun", {"domain", "triplet"}) == {
        "verb": 2,
        "noun": 2,
        "domain": 1,
        "triplet": 1,
    }


def test_weights_without_data_and_data_without_weights_are_refused():
    with pytest.raises(UserError, match="there are no data for 'ego'"):
        term_weights({"ego": 1}, "paper", "action", ())
    with pytest.raises(UserError, match="there are no data for 'hnad'"):
        term_weights({"hnad": 1}, "paper", "action", {"hand", "hand_object"})
    with pytest.raises(UserError, match="object has none, though there are data for it"):
        term_weights({"action": 1}, "paper", "action", {"object"})
    with pytest.raises(UserError, match="hand or hand_object has none"):
        term_weights({"action": 1}, "paper", "action", {"hand", "hand_object"})

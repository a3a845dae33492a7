"""Learning rates of the published recipes, worked out by hand."""

import math
from contextlib import nullcontext
from dataclasses import replace

import pytest

from wildframe.core.errors import UserError
from wildframe.models.clips.recipe import Recipe, parse_epochs, parse_weights

KINETICS = Recipe(
    network="slow_r50",
    task="action",
    seed=0,
    frames=8,
    stride=8,
    crop=224,
    epochs=200,
    batch_size=512,
    lr=0.8,
    decay="cosine",
    decay_epochs=(),
    warmup_epochs=34,
    warmup_lr=0.08,
    weight_decay=1e-4,
    dropout=0,
    precision="bf16",
    loss="paper",
    weights={},
    temperature=1,
    fraction=1,
    one_view_per_pair=False,
)


def test_the_warm_up_is_linear_and_meets_the_cosine():
    after = 0.8 * (1 + math.cos(math.pi * 34 / 200)) / 2
    assert KINETICS.learning_rate(0) == 0.08
    assert KINETICS.learning_rate(17) == pytest.approx((0.08 + after) / 2)
    assert KINETICS.learning_rate(33.999999) == pytest.approx(after, rel=1e-5)
    assert KINETICS.learning_rate(34) == pytest.approx(after)
    assert KINETICS.learning_rate(100) == pytest.approx(0.4)
    assert KINETICS.learning_rate(200) == pytest.approx(0)


def test_steps_divide_by_ten():
    changes = {"decay": "steps", "decay_epochs": (20, 25), "warmup_epochs": 0, "lr": 0.01}
    epic = replace(KINETICS, **changes)
    rates = [epic.learning_rate(done) for done in (0, 19.99, 20, 24.99, 25, 29.99)]
    assert rates == pytest.approx([0.01, 0.01, 0.001, 0.001, 0.0001, 0.0001])


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"epochs": 34}, "warmup_epochs: 34 of 34 epochs; lower it, or raise epochs"),
        ({"epochs": 35}, None),
        ({"decay_epochs": (20,)}, r"decay_epochs: decay is cosine; set it to \[\], or decay"),
        ({"decay": "steps"}, "decay_epochs: decay is steps; name them, or set decay to cosine"),
        ({"decay": "steps", "decay_epochs": (20, 199)}, None),
        ({"decay": "steps", "decay_epochs": (20, 200)}, "200 is not between 1 and 199, as of 200"),
        ({"decay": "steps", "decay_epochs": (0, 20)}, "0 is not between 1 and 199"),
    ],
)
def test_a_schedule_that_the_epochs_have_no_room_for_is_refused(changes, problem):
    expected = pytest.raises(UserError, match=problem) if problem else nullcontext()
    with expected:
        replace(KINETICS, **changes)


def test_weights_and_epochs_are_read():
    assert parse_weights("action=1,ego=0.1") == {"action": 1, "ego": 0.1}
    assert parse_weights("") == {}
    assert parse_epochs("20,25") == (20, 25)
    assert parse_epochs("") == ()
    for text in ("ego", "ego=x", "a=1=2"):
        with pytest.raises(UserError, match="write them like action=1"):
            parse_weights(text)
    with pytest.raises(UserError, match="write them like 20,25"):
        parse_epochs("20;25")

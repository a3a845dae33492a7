"""Effective robustness: above the line of published models, or below."""

import math

import pytest
from robustness_data import legend_of, robustness_table, sets_of

from wildframe.studies.vid_robust.effective_robustness import background, effective_robustness

A, B = "tf_efficientnet_lite0", "squeezenet1_1"
KINDS = {A: "zoo", B: "zoo"}


def percent(logit):
    return 100 / (1 + math.exp(-logit))


@pytest.fixture
def published(tmp_path):
    """Standard models on the line logit y = logit x - 1, and one that is not standard, above."""
    path = tmp_path / "published.csv"
    lines = ["model,model_type,imagenet-vid-robust_pm0,imagenet-vid-robust_pm10"]
    for number, x in enumerate((0.5, 1.0, 1.5, 2.0)):
        lines.append(f"m{number},STANDARD,{percent(x)},{percent(x - 1)}")
    lines.append("robust,LP_ADV,60,59")
    lines.append("other,,60,30")
    path.write_text("\n".join(lines) + "\n")
    return path


def test_points_lie_above_the_line_of_published_models(published):
    table = robustness_table(sets_of(A, 8, {0: 4, 10: 4}) + sets_of(B, 8, {0: 4, 10: 1}))
    figure = effective_robustness(table, [published], KINDS, "vid30", "d")
    # On anchors 50 %, logit 0: the line lets expect logit -1 on sets.
    assert [row["effective"] for row in figure.numbers.rows] == [
        pytest.approx(50 - percent(-1)),
        pytest.approx(12.5 - percent(-1)),
    ]
    behind = background(published, "vid30", 10)
    assert (behind.line.n, len(behind.published)) == (4, 6)


@pytest.mark.parametrize(
    ("given", "label_space", "k", "said"),
    [
        (False, "vid30", 10, "no published models in the config: studies.vid_robust.published"),
        (True, "coco80", 10, "are of vid30 and ytbb24, these sets of coco80"),
        (True, "vid30", 4, "up to 10 frames away, these reach 4"),
    ],
)
def test_without_anything_to_compare_with_it_is_not_known(given, label_space, k, said, published):
    table = robustness_table(sets_of(A, 8, {0: 8, k: 8}) + sets_of(B, 8, {0: 0, k: 0}))
    figure = effective_robustness(
        table, [published] if given else [], KINDS, label_space, "our clips"
    )
    assert [row["effective"] for row in figure.numbers.rows] == [None, None]
    assert figure.notes[0] == "Data: our clips"
    assert figure.notes[-1].startswith("Effective robustness is not known: ")
    assert said in figure.notes[-1]
    # Accuracies of 0 and 1 have no logit, and are drawn half an anchor away.
    assert legend_of(figure.drawing) == ["y = x", f"{A} (zoo)", f"{B} (zoo)"]


def test_an_accuracy_without_a_logit_has_no_effective_robustness(published):
    table = robustness_table(sets_of(A, 8, {0: 4, 10: 0}) + sets_of(B, 8, {0: 8, 10: 4}))
    figure = effective_robustness(table, [published], KINDS, "vid30", "our clips")
    assert [row["effective"] for row in figure.numbers.rows] == [None, None]
    assert f"{B} (zoo, N/A)" in legend_of(figure.drawing)
    said = "half an anchor away, and the model's effective robustness is not known"
    assert [said in note for note in figure.notes].count(True) == 1


def test_published_models_are_drawn_by_type_and_ours_with_their_points(published):
    table = robustness_table(sets_of(A, 8, {0: 4, 10: 4}))
    figure = effective_robustness(table, [published], {A: "zoo"}, "vid30", "our clips")
    legend = legend_of(figure.drawing)
    for said in ("STANDARD (4)", "LP_ADV (1)", "no type (1)"):
        assert f"published: {said}" in legend
    # 50 - 26.9
    assert f"{A} (zoo, +23.1)" in legend
    (line,) = (text for text in legend if text.startswith("line of"))
    assert line == ("line of 4 published models:\nlogit y = 1.00 logit x - 1.00, r = 1.00")

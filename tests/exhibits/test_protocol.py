"""The protocol table out of comparisons written by hand."""

import pytest
from pair_data import pair, pairs_of
from written import markdown

from wildframe.core.errors import UserError
from wildframe.exhibits.protocol import Resized, protocol_table, resized
from wildframe.exhibits.registry import Context
from wildframe.models.zoo import zoo_entry

SHOWN = {"top1": ("accuracy", 1, "Top-1"), "top5": ("accuracy", 5, "Top-5")}
SIZES = Resized(
    "a", "a@288", "resize256-crop224-bicubic-center", "resize329-crop288-bicubic-center"
)


def chosen(model, choice, used, instead, k=1, difference=0.0, p_value=1.0, **values):
    sides = {"subset_a": f"{choice}={instead}", "subset_b": f"{choice}={used}"}
    return pair(model, model, k, difference, p_value, **sides, **values)


def table(*rows, pairs=(), sizes=()):
    return protocol_table(pairs_of(*rows), pairs_of(*pairs), sizes, SHOWN, ["Data: d"])


def test_a_row_says_what_was_used_and_what_instead(tmp_path):
    rows = [
        chosen("a", "merge", "max", "sum", 1, 0.125, 0.01),
        chosen("a", "merge", "max", "sum", 5, -0.25, 0.5),
    ]
    found = table(*rows)
    (row,) = found.rows
    assert (row["top1_used"], row["top1_instead"], row["top1_used_n"]) == (43.75, 56.25, 40)
    assert (row["top1"], row["top1_low"], row["top1_p"]) == (12.5, pytest.approx(7.5), 0.01)
    assert (
        "| Merge | max | sum | a | 43.75 | 56.25 | +12.50 [+7.50, +17.50] | 0.0100 | 62.50 | 37.50 "
        "| -25.00 [-30.00, -20.00] | 0.5000 |"
    ) in markdown(found, tmp_path)


def test_rows_stand_by_choice_then_model_and_those_of_one_accuracy_lack_the_other():
    rows = [
        chosen(model, choice, used, instead)
        for model in "ba"
        for choice, used, instead in (
            ("crop_fraction", "0.875", "1"),
            ("merge", "max", "sum"),
            ("labels", "any", "first"),
        )
    ]
    found = table(*rows).rows
    assert [(row["choice"], row["model"]) for row in found] == [
        (choice, model) for choice in ("Labels", "Merge", "Crop fraction") for model in "ba"
    ]
    assert {row["top5"] for row in found} == {row["top5_used"] for row in found} == {None}


def test_what_can_only_lower_accuracy_has_an_interval_and_no_test(tmp_path):
    rows = [
        chosen("a", "labels", "any", "first", 1, -0.1, 0.001),
        chosen("a", "merge", "max", "sum", 1, 0.1, 0.02),
        chosen("a", "merge", "max", "mean", 1, 0.1, 0.04),
    ]
    found = table(*rows)
    first, *merges = found.rows
    assert (first["top1_p"], first["top1_p_value"], first["top1_low"]) == (
        *(None, None),
        pytest.approx(-15),
    )
    # Corrected for two comparisons, not for three.
    assert sorted(row["top1_p"] for row in merges) == [0.04, 0.04]
    assert any(note.startswith("No p value of labels") for note in found.notes)
    assert not any("No p value" in note for note in table(*rows[1:]).notes)
    assert "| N/A |" in markdown(found, tmp_path)


@pytest.mark.parametrize(
    ("merge", "other", "p_value"), [("max", "sum", None), ("sum", "max", 0.04)]
)
def test_a_label_space_is_tested_where_scores_are_summed(merge, other, p_value):
    rows = [
        chosen("a", "label_space", "restricted", "full", 1, -0.1, 0.02),
        chosen("a", "merge", merge, other, 1, 0.1, 0.5),
    ]
    found = table(*rows)
    assert found.rows[0]["top1_p"] == p_value
    is_told = any("No p value" in note for note in found.notes)
    assert is_told == (p_value is None)


def test_a_note_says_how_far_a_choice_moves_models_and_which_change_places():
    rows = [
        chosen("a", "merge", "max", "sum", value_b=0.5, value_a=0.4, difference=-0.1),
        chosen("b", "merge", "max", "sum", value_b=0.4, value_a=0.6, difference=0.2),
        chosen("c", "merge", "max", "sum", value_b=0.1, value_a=0.1, difference=0.0),
        chosen("a", "merge", "max", "mean", difference=0.05),
    ]
    notes = table(*rows).notes
    assert "Merge, mean instead of max (1 model): Top-1 +5.0 points." in notes
    assert (
        "Merge, sum instead of max (3 models): Top-1 -10.0 to +20.0 points, 1 of 3 pairs of models "
        "change places." in notes
    )


def test_models_of_the_same_weights_stand_in_the_comparisons_of_models():
    compared = [pair("a", "a@288", k, -0.25) for k in (1, 5)]
    (row,) = table(pairs=compared, sizes=[SIZES]).rows
    assert (row["choice"], row["model"], row["top1"]) == ("Preprocessing", "a", 25)
    assert (row["used"], row["instead"]) == (SIZES.used_as, SIZES.instead_as)
    with pytest.raises(UserError, match="a@288 and a are not compared by accuracy at 5"):
        table(pairs=compared[:1], sizes=[SIZES])


def test_no_choice_makes_an_empty_table():
    assert table().rows == []


def test_models_that_differ_in_preprocessing_alone_are_found():
    names = [
        *("tf_efficientnet_lite0", "squeezenet1_1", "tf_efficientnet_lite0@288"),
        *("tf_efficientnet_lite0@96+by-clip", "external"),
    ]
    entries = {name: zoo_entry(name) for name in names[:-1]}
    setting = resized(lambda run: names)
    (found,) = setting.read(setting.text(Context(None, entries, {}, None)))
    assert found == Resized(
        *("tf_efficientnet_lite0", "tf_efficientnet_lite0@288"),
        *("resize256-crop224-bicubic-center", "resize329-crop288-bicubic-center"),
    )

"""The protocol table of sets: on anchors, and at the largest distance."""

from pair_data import pair, pairs_of

from wildframe.studies.vid_robust.protocol import protocol


def chosen(k, difference, metric="pm_k"):
    sides = {"subset_a": "merge=sum", "subset_b": "merge=max"}
    return pair("m", "m", k, difference, metric=metric, **sides)


def test_anchors_and_sets_are_shown_and_how_they_were_reviewed():
    choices = pairs_of(chosen(0, 0.1), chosen(10, -0.2), chosen(10, 0.3, "delta"), review="script")
    table = protocol(choices, pairs_of(), [], "d")
    (row,) = table.rows
    assert (row["original"], row["perturbed"]) == (10, -20)
    assert [note for note in table.notes if note.startswith(("Data: d", "Review: script"))]


def test_of_anchors_alone_there_is_no_distance():
    (row,) = protocol(pairs_of(chosen(0, 0.1)), pairs_of(), [], "d").rows
    assert "perturbed" not in row

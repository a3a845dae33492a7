from pair_data import pair, pairs_of

from wildframe.studies.ego4d.view_pairs import view_pairs

A, B = "tf_efficientnet_lite0", "resnet50.a1_in1k"


def of_views(model, k, other="view=zoom", **values):
    return pair(model, model, k, subset_a="view=full", subset_b=other, **values)


def test_each_further_view_is_held_against_the_first():
    rows = [of_views(model, k, difference=-0.25) for model in (A, B) for k in (1, 5)]
    rows += [of_views(A, k, "view=box", difference=0.5) for k in (1, 5)]
    table = view_pairs(pairs_of(*rows), [B, A], ["full", "zoom", "box"], "data")
    # B has no results in the view box.
    assert [(row["model"], row["view"], row["difference_top1"]) for row in table.rows] == [
        (B, "zoom", 25),
        (A, "zoom", 25),
        (A, "box", -50),
    ]
    first = table.rows[0]
    assert (first["first_top1"], first["top1"], first["n"]) == ("37.50", "62.50", 40)

from pair_data import ALIKE
from score_data import score, score_table

from wildframe.models import zoo_entry
from wildframe.studies.ego4d.fig7_zero_shot_in1k import fig7_zero_shot_in1k
from wildframe.studies.ego4d.per_class import per_class

A, B = "tf_efficientnet_lite0", "resnet50.a1_in1k"

NAMES = {"n0": "cup", "n1": "mop", "n2": "pot"}


def test_classes_run_from_many_images_to_few():
    counts = {"n1": (1, 4, 2), "n2": (2, 8, 8), "n0": (0, 4, 1)}  # correct of A, images, of B
    table = score_table(
        [
            score(model, 1, correct, n, f"class={wnid}")
            for wnid, (of_a, n, of_b) in counts.items()
            for model, correct in ((A, of_a), (B, of_b))
        ]
    )
    exhibit = per_class(table, [B, A], NAMES, "in1k", "data")
    # The two of four images by name.
    assert [(row["class_name"], row["n"]) for row in exhibit.rows] == [
        ("pot", 80),
        ("cup", 40),
        ("mop", 40),
    ]
    of_a, of_b = f"top1_{A}", f"top1_{B}"
    assert [(row[of_a], row[of_b], row["mean"]) for row in exhibit.rows] == [
        ("25.00", "100.00", "62.50"),
        ("0.00", "25.00", "12.50"),
        ("25.00", "50.00", "37.50"),
    ]
    assert [column.title for column in exhibit.columns][-2:] == [B, A]


def test_a_model_may_be_called_as_another_column():
    named = ("mean", "n", A)
    table = score_table([score(model, 1, 1, 4, "class=n0") for model in named])
    (row,) = per_class(table, list(named), NAMES, "in1k", "data").rows
    assert (row["mean"], row["n"], row["top1_mean"]) == ("25.00", 40, "25.00")


def test_own_classes_that_no_model_of_imagenet_1k_can_predict_are_named(tmp_path):
    own = tmp_path / "own.csv"
    own.write_text("name,wnids\nscissors,n04148054\nbanana,n07753592\nmy gadget,\n")
    counts = {"n04148054": 1, "my_gadget": 2, "n07753592": 4}
    rows = [score(A, k, 1, n, f"class={wnid}") for wnid, n in counts.items() for k in (1, 5)]
    table = score_table(rows + [score(A, k, 3, 7) for k in (1, 5)])
    for exhibit in (
        per_class(table, [A], dict.fromkeys(counts, "a"), str(own), "data"),
        fig7_zero_shot_in1k(table, ALIKE, {}, [zoo_entry(A)], 3, str(own), "data", False),
    ):
        said = "covers no class of ImageNet-1K: scissors (n = 10), my gadget (n = 20). Without"
        assert [said in note for note in exhibit.notes].count(True) == 1

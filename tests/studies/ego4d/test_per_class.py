from score_data import score, score_table

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
    exhibit = per_class(table, [B, A], NAMES, "data")
    # The two of four images by name.
    assert [(row["class_name"], row["n"]) for row in exhibit.rows] == [
        ("pot", 80),
        ("cup", 40),
        ("mop", 40),
    ]
    assert [(row[A], row[B], row["mean"]) for row in exhibit.rows] == [
        ("25.00", "100.00", "62.50"),
        ("0.00", "25.00", "12.50"),
        ("25.00", "50.00", "37.50"),
    ]
    assert [column.title for column in exhibit.columns][-2:] == [B, A]

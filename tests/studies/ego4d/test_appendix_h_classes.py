from wildframe.studies.ego4d.appendix_h_classes import appendix_h_classes


def test_appendix_h_lists_each_class_once():
    manifest = [
        {"labels": ["n2"], "words": ["cup"], "nouns": ["cup_(cup,_mug)"]},
        {"labels": ["n1", "n3"], "words": ["cardigan", "cardigan"], "nouns": ["shirt_(cardigan)"]},
        {"labels": ["n2"], "words": ["cup"], "nouns": ["cup"]},
        {"labels": ["n4"], "words": ["pot"], "nouns": ["pot"]},
    ]
    manifest = [row | {"image_id": f"p{i}"} for i, row in enumerate(manifest)]
    classes = [{"wnid": f"n{i}", "name": f"class {i}", "class_index": i} for i in range(5)]
    # The last could not be read.
    table = appendix_h_classes(manifest, {"p0", "p1", "p2"}, classes, "data")
    cells = ("words", "class_index", "images", "first")
    assert [tuple(row[cell] for cell in cells) for row in table.rows] == [
        ("cardigan", 1, 1, 1),
        ("cardigan", 3, 1, 0),
        ("cup", 2, 2, 2),
    ]
    assert table.rows[2]["nouns"] == "cup cup_(cup,_mug)"
    assert "the 3 ImageNet-1K classes" in table.title


def test_a_class_has_the_words_that_named_it_and_no_other():
    image = {"labels": ["n1", "n0"], "words": ["ball", "toy"], "nouns": ["ball_(toy)"]}
    classes = [{"wnid": f"n{i}", "name": f"class {i}", "class_index": i} for i in range(2)]
    table = appendix_h_classes([image | {"image_id": "p"}], {"p"}, classes, "data")
    assert [(row["words"], row["first"]) for row in table.rows] == [("ball", 1), ("toy", 0)]

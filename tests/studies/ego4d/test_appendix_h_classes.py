from wildframe.studies.ego4d.appendix_h_classes import appendix_h_classes


def test_appendix_h_lists_each_class_once():
    manifest = [
        {"labels": ["n2"], "words": ["cup"], "nouns": ["cup_(cup,_mug)"]},
        {"labels": ["n1", "n3"], "words": ["cardigan"], "nouns": ["shirt_(cardigan)"]},
        {"labels": ["n2"], "words": ["cup"], "nouns": ["cup"]},
        {"labels": ["n4"], "words": ["pot"], "nouns": ["pot"]},
    ]
    manifest = [row | {"image_id": f"p{i}"} for i, row in enumerate(manifest)]
    classes = [{"wnid": f"n{i}", "name": f"class {i}", "class_index": i} for i in range(5)]
    # The last could not be read.
    table = appendix_h_classes(manifest, {"p0", "p1", "p2"}, classes, "data")
    assert [(row["words"], row["class_index"], row["images"]) for row in table.rows] == [
        ("cardigan", 1, 1),
        ("cardigan", 3, 1),
        ("cup", 2, 2),
    ]
    assert table.rows[2]["nouns"] == "cup cup_(cup,_mug)"
    assert "the 3 ImageNet-1K classes" in table.title

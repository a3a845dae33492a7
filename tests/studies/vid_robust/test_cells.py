"""When the paper's numbers stand beside ours, and labels that a classifier cannot predict."""

from pathlib import Path

from pair_data import ALIKE, Alike
from robustness_data import legend_of, robustness_table, sets_of

from wildframe.studies.vid_robust.appendix_fig3_per_class import appendix_fig3_per_class
from wildframe.studies.vid_robust.fig2_original_vs_perturbed import fig2_original_vs_perturbed
from wildframe.studies.vid_robust.table1_model_types import table1_model_types
from wildframe.studies.vid_robust.table3_models import table3_models

A = "tf_efficientnet_lite0"

SCISSORS, BANANA = "n04148054", "n07753592"


def test_the_papers_numbers_are_of_all_published_sets_alone():
    few = robustness_table(sets_of("resnet50", 1108, {0: 6, 10: 5}))
    all_of_them = robustness_table(sets_of("resnet50", 1109, {0: 6, 10: 5}))
    kinds = {"resnet50": "zoo"}
    for table, printed in ((few, None), (all_of_them, "14.9")):
        first = table1_model_types(
            table, ALIKE, {"Trained on ILSVRC": "resnet50"}, "vid30", "d", True
        )
        third = table3_models(table, ALIKE, kinds, "vid30", "d", True)
        legend = legend_of(fig2_original_vs_perturbed(table, kinds, 0, "d", True).drawing)
        assert first.rows[0]["paper_delta"] == third.rows[0]["paper_delta"] == printed
        assert ("paper, 38 models" in legend) == (printed is not None)
        if not printed:
            assert "(1,109 anchors)" in first.notes[-1]
            assert third.notes[-1] == first.notes[-1]


def test_copies_are_counted():
    table = robustness_table(sets_of(A, 8, {0: 6, 4: 5}))

    def notes(**facts):
        pairs = Alike(Path("pairs.parquet"), (), facts)
        return table3_models(table, pairs, {A: "zoo"}, "vid30", "d", False).notes

    said = (
        "Images that are copies of another, pixel by pixel: 2. In tests and in intervals over vid"
    )
    assert [said in note for note in notes(copies="2")].count(True) == 1
    assert not any("copies" in note for note in notes())


def test_labels_that_no_class_of_imagenet_is_below_are_named():
    rows = sets_of(A, 8, {0: 6, 4: 5})
    for wnid, n in ((SCISSORS, 3), (BANANA, 5)):
        rows += sets_of(A, n, {0: 0, 4: 0}, f"class={wnid}")
    table = robustness_table(rows)
    said = "that covers no class of ImageNet-1K: scissors (n = 3). Without another"
    for exhibit in (
        table1_model_types(table, ALIKE, {"one": A}, "coco80", "d", False),
        table3_models(table, ALIKE, {A: "zoo"}, "coco80", "d", False),
        appendix_fig3_per_class(table, A, "coco80", "d"),
    ):
        assert [said in note for note in exhibit.notes].count(True) == 1
    predictable = robustness_table(rows[:2] + rows[4:])
    notes = table3_models(predictable, ALIKE, {A: "zoo"}, "coco80", "d", False).notes
    assert not any("ImageNet-1K" in note for note in notes)

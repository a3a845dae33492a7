"""The numbers of *ImageNet-Hard* that we ship: those of its README, its figures and its code."""

from statistics import fmean, stdev

import pytest

from wildframe.exhibits.paper import paper_numbers
from wildframe.studies.imagenet_hard.inputs import PRINTED

IMAGES = 10_980
DATASETS = ("IN", "ReaL", "IN+ReaL", "IN-A", "IN-R", "IN-S", "ON")
CLASSES = {"IN": 1000, "ReaL": 1000, "IN+ReaL": 1000, "IN-A": 200, "IN-R": 200, "IN-S": 1000}
CLASSES |= {"ON": 113}


def printed(exhibit):
    return paper_numbers("imagenet_hard", exhibit)


def test_images_by_origin_sum_to_the_data_set_and_give_the_printed_percentages():
    rows = printed("composition").values()
    counts = [int(row["images"]) for row in rows]
    assert sum(counts) == IMAGES
    assert [row["percent"] for row in rows] == [f"{100 * count / IMAGES:.1f}" for count in counts]
    corrupted = sum(int(row["images"]) for row in rows if row["origin"].startswith("IN-C-"))
    assert (corrupted, f"{corrupted / IMAGES:.1%}") == (5378, "49.0%")


def test_accuracies_of_the_report_are_whole_numbers_of_images():
    """Counts by the notebook's own digits; its row VGG-16 is of VGG-19, with 1,316."""
    counts = {
        "AlexNet": 806,
        "ResNet-18": 1192,
        "ResNet-50": 1619,
        "ViT-B/32": 2033,
        "EfficientNet-L2-Ns": 4283,
    }
    report = {model: row["accuracy"] for model, row in printed("report").items()}
    assert len(report) == 12
    assert (report["AlexNet"], report["OpenCLIP-ViT-L-14"]) == ("7.34", "15.60")
    for model, count in counts.items():
        # ResNet-50 is 14.745 % and EfficientNet-L2 39.007 %: two decimals, cut or rounded.
        assert abs(float(report[model]) - 100 * count / IMAGES) < 0.01


def test_each_row_of_the_report_has_a_model():
    assert list(PRINTED.values()) == list(printed("report"))


@pytest.mark.parametrize("crops", [36, 324])
def test_the_random_line_is_crops_over_classes(crops):
    row = printed("table1")[f"Random {crops}"]
    for dataset in DATASETS:
        bound = min(100, 100 * crops / CLASSES[dataset])
        assert abs(float(row[dataset]) - bound) < 0.01  # 31.858 is printed as 31.85


def test_upper_bounds_rise_with_the_number_of_crops():
    rows = printed("table1")
    models = {row["model"] for row in rows.values()} - {"Random"}
    assert len(models) == 6
    for model in models:
        for dataset in DATASETS:
            one, some, every = (float(rows[f"{model} {n}"][dataset]) for n in (1, 36, 324))
            assert one < some < every
    assert max(float(row["IN+ReaL"]) for row in rows.values()) == 98.91


@pytest.mark.parametrize(
    ("adaptation", "mean", "deviation"),
    [
        ("Baseline", "36.75", "24.75"),
        ("MEMO+AugMix", "39.26", "24.32"),
        ("MEMO+RRC", "39.54", "24.10"),
    ],
)
def test_means_of_table_2_are_over_all_models_and_data_sets(adaptation, mean, deviation):
    rows = [row for row in printed("table2").values() if row["adaptation"] == adaptation]
    cells = [float(row[name]) for row in rows for name in ("IN", "IN-A", "IN-R", "IN-S", "ON")]
    assert len(cells) == 15
    assert (f"{fmean(cells):.2f}", f"{stdev(cells):.2f}") == (mean, deviation)

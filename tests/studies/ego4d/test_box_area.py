import pytest
from making import count_pixels, texts_of
from score_data import score, score_table

from wildframe.core.errors import UserError
from wildframe.exhibits.shares import OVER_CLIPS
from wildframe.studies.ego4d.box_area import accuracy_by_area, box_area

A, B = "tf_efficientnet_lite0", "resnet50.a1_in1k"


@pytest.fixture
def areas():
    bins = {"0.03-1": (9, 10), "0-1e-05": (1, 4), "1e-05-0.03": (4, 8)}
    return score_table(
        [
            score(model, 1, correct, n, f"area={name}")
            for model in (A, B)
            for name, (correct, n) in bins.items()
        ]
    )


def test_areas_run_from_small_to_large(areas):
    rows = accuracy_by_area(areas, [B, A])
    assert [row["model"] for row in rows] == [B] * 3 + [A] * 3
    assert [(row["area_low"], row["area_high"], row["n"], row["value"]) for row in rows[:3]] == [
        (0, 1e-05, 40, 0.25),
        (1e-05, 0.03, 80, 0.5),
        (0.03, 1, 100, 0.9),
    ]


def test_the_plot_of_areas_says_how_many_images_and_on_what_data(areas, tmp_path):
    figure = box_area(areas, [A, B], "a $_$ of clips")
    assert figure.notes[0] == "Data: a $_$ of clips"
    assert {"3 - 100 %\nn = 100", A, B} <= set(texts_of(figure.drawing))
    figure.write([tmp_path / "a.png"])
    assert count_pixels(tmp_path / "a.png", "#0072b2") > 100
    assert count_pixels(tmp_path / "a.png", "#e69f00") > 100


def test_intervals_are_over_clips():
    figure = box_area(score_table([score(A), score(A, subset="area=0-1")]), [A], "data")
    (ends,) = figure.drawing.axes[0].collections[0].get_segments()
    # Those of a quarter and four times the value, in percent.
    assert ends[:, 1].tolist() == [6.25, 100]
    assert figure.notes[1:] == ["n: images.", OVER_CLIPS]


def test_few_clips_are_told_where_their_interval_is_drawn():
    bins = {"0-0.5": (1, 4), "0.5-1": (9, 10)}
    rows = [score(A, 1, right, n, f"area={name}") for name, (right, n) in bins.items()]
    lonely = score(A, subset="area=1-2") | {"n": 3, "clusters": 1}
    rows = [rows[0] | {"clusters": 9}, rows[1] | {"clusters": 17}, lonely]
    few = box_area(score_table([score(A), *rows]), [A], "data").notes[-1]
    assert few.startswith("There are few independent units (9): intervals are wide")


def test_what_is_not_drawn_is_not_explained():
    alike = score(A, subset="area=0-1") | {"cluster_low": None, "cluster_high": None, "clusters": 2}
    figure = box_area(score_table([score(A), alike]), [A], "data")
    assert figure.notes[1:] == ["n: images."]
    assert not figure.drawing.axes[0].containers[0].has_yerr


def test_scores_without_bins_of_areas_are_refused():
    with pytest.raises(UserError, match=r"demo\.parquet: no subset area="):
        accuracy_by_area(score_table([score(A)]), [A])

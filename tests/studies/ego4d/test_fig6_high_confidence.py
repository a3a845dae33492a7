from ego4d_data import (
    BLACK,
    NAMES,
    SHARED,
    found,
    read,
    scored,
)
from making import make, panel_texts, texts_of

from wildframe.exhibits.figure import Figure
from wildframe.studies.ego4d import fig6_high_confidence as fig6
from wildframe.studies.ego4d.fig6_high_confidence import (
    choose_errors,
    describe,
    incorrect_predictions,
    notes_under,
    text_above,
)
from wildframe.studies.ego4d.panels import draw_gallery

ERRORS = [
    {"image_id": "p1", "labels": ["n1"], "predicted": "n2", "probability": 0.97},
    {"image_id": "p2", "labels": ["n1"], "predicted": "n2", "probability": 0.96},
    {"image_id": "p3", "labels": ["n1"], "predicted": "n3", "probability": 0.95},
    {"image_id": "p4", "labels": ["n3"], "predicted": "n2", "probability": 0.5},
]


def test_errors_are_the_incorrect_top1_predictions_the_most_confident_first():
    results = [
        scored("p4", ["n3"], ("n2", 0.5), ("n3", 0.25)),
        scored("p5", ["n3", "n2"], ("n2", 0.99)),
        scored("p3", ["n1"], ("n3", 0.95)),
        scored("p2", ["n1"], ("n2", 0.96)),
        scored("p1", ["n1"], ("n2", 0.97)),
    ]
    assert incorrect_predictions(results) == ERRORS
    ties = [scored(image_id, ["n1"], ("n2", 0.5)) for image_id in ("b", "a")]
    assert [error["image_id"] for error in incorrect_predictions(ties)] == ["a", "b"]


def test_an_image_without_prediction_is_no_error_that_is_shown():
    unpredicted = {"image_id": "p1", "labels": ["n1"], "top": [], "correct_top1": False}
    assert incorrect_predictions([unpredicted]) == []


def test_no_kind_of_error_is_shown_twice_if_others_are_left():
    def chosen(threshold, count):
        return [error["image_id"] for error in choose_errors(ERRORS, threshold, count)]

    assert chosen(0.9, 1) == ["p1"]
    assert chosen(0.9, 2) == ["p1", "p3"]
    assert chosen(0.9, 8) == ["p1", "p2", "p3"]
    # The limit itself does not count; without any error above it, the most confident are shown.
    assert chosen(0.96, 8) == ["p1"]
    assert chosen(0.97, 3) == ["p1", "p3", "p4"]
    assert choose_errors([], 0.9, 8) == []


def test_the_title_counts_the_errors_or_says_that_there_is_none():
    assert describe(ERRORS, 40, 0.9) == "3 of 40 images (7.5 %) are incorrect with p > 0.9"
    assert describe(ERRORS, 40, 0.97) == (
        "none of 40 images is incorrect with p > 0.97; shown are the most confident errors"
    )
    assert describe([], 40, 0.9) == "none of 40 images is incorrect with p > 0.9"


def test_fig6_shows_label_prediction_and_probability(manifest_row):
    rows = {error["image_id"]: manifest_row(error["image_id"]) for error in ERRORS}
    images = dict.fromkeys(rows, BLACK)
    panels = [(rows[error["image_id"]], text_above(error, NAMES)) for error in ERRORS[1:3]]
    drawing = draw_gallery(panels, images)
    assert [text.replace("\xa0", " ") for text in panel_texts(drawing)] == [
        "label: cup\npredicted: $mug, p = 0.960",
        "label: cup\npredicted: pot, p = 0.950",
    ]
    assert all(len(axis.images) == len(axis.patches) == 1 for axis in drawing.axes)


def test_fig6_without_errors_is_its_title():
    figure = Figure("none of 40", draw_gallery([], {}))
    assert texts_of(figure.drawing) == ["none of 40"]


def test_fig6_says_whose_errors_it_shows_and_how():
    first = "The model is the first of the study."
    assert notes_under("demo", [], "") == ["Data: demo", first]
    assert notes_under("demo", ERRORS[:1], "") == ["Data: demo", first]
    (_, apart) = notes_under("demo", ERRORS[1:], "")
    assert apart.startswith(f"{first} No two errors shown have the same label")
    # The first two have the same label and prediction.
    (_, further) = notes_under("demo", ERRORS, "")
    assert further.startswith(f"{first} One error of each label and prediction is chosen first,")
    assert "shown whole" not in apart + further
    (_, shown) = notes_under("demo", [], "cropped")
    assert shown.endswith(" Images are shown whole here; the model's view of them: cropped.")


def test_fig6_counts_evaluated_images(model_files):
    shared = read(model_files)
    figures = [
        fig6.fig6_high_confidence(
            shared["frames"],
            shared["results"]["squeezenet1_1"],
            shared["manifest"],
            shared["class_names"],
            "squeezenet1_1",
            threshold,
            "cropped",
            "demo",
        )
        for threshold in (0.7, 0.8)
    ]
    some, none = (panel_texts(figure.drawing) for figure in figures)
    assert figures[0].title == (
        "Fig. 6: squeezenet1_1: 1 of 2 images (50.0 %) are incorrect with p > 0.7"
    )
    assert "shown whole" in figures[0].notes[1]
    assert [text.replace("\xa0", " ") for text in some[1:]] == [
        "label: cup\npredicted: $mug, p = 0.750"
    ]
    assert "none of 2 images is incorrect with p > 0.8; shown are" in none[0].replace("\n", " ")
    assert len(none[1:]) == 2


def test_fig6_reads_its_files(model_files):
    inputs = found(model_files, **SHARED)
    inputs["results"] = model_files / "squeezenet1_1.parquet"
    settings = {"model": "squeezenet1_1", "threshold": 0.7, "view_note": "", "data_note": "clips"}
    written = make("fig6_high_confidence", model_files, inputs, **settings)
    assert "1 of 2 images" in written[".caption.md"].read_text()


def test_a_model_without_probabilities_has_no_confident_errors():
    results = [scored("p1", ["n1"], ("n2", None))]
    figure = fig6.fig6_high_confidence(None, results, [], NAMES, "ours", 0.9, "full", "data")
    assert figure.title == "Fig. 6: ours: its external predictions have no probabilities"
    assert (figure.drawing.axes, figure.notes[0]) == ([], "Data: data")

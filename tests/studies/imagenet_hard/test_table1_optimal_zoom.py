"""Table 1: blocks of one crop, of a cross-validated crop and of an oracle."""

from written import markdown
from zoom_data import FOUR, correct_on, results, zoom_table

from wildframe.configuration import parse_config
from wildframe.exhibits.registry import Context
from wildframe.studies.imagenet_hard.table1_optimal_zoom import block_rows, table1_optimal_zoom

ALEXNET = "alexnet"


def images(source, **settings):
    return {"kind": "images", "source": source, "label_space": "in1k", **settings}


SOURCE = {"kind": "images", "root": "r", "compare_with_paper": True}
CONFIG = parse_config(
    {
        "sources": {
            "hard": SOURCE | {"data_note": "n0"},
            "val": SOURCE | {"data_note": "n1"},
            "real": SOURCE | {"data_note": "n2", "layout": "imagenet_real"},
        },
        "datasets": {
            "hard": images("hard"),
            "val": images("val", predictable="labels"),
            "real": images("real", predictable="labels"),
        },
        "views": {"zoom": {"kind": "zoom", "grid": "paper"}},
        "studies": {
            "imagenet_hard": {
                "benchmark": "hard",
                "models": [ALEXNET],
                "zoom": "zoom",
                "zoomed": {"IN": "val"},
                "with_real": {"Both": {"dataset": "val", "real": "real", "real_empty": "drop"}},
                "zoomed_models": [ALEXNET],
            }
        },
    }
)


def rows_of(**tables):
    return block_rows(tables, dict.fromkeys(tables, False))


def test_blocks_are_one_crop_a_cross_validated_one_and_the_oracles():
    rows = rows_of(Demo=zoom_table(results("a", FOUR), results("b", FOUR)))
    assert [(row["block"], row["model"]) for row in rows] == [
        ("1, middle at size 256", "a"),
        ("1, middle at size 256", "b"),
        ("1, cross-validated", "a"),
        ("1, cross-validated", "b"),
        ("oracle, 18 crops", "Random"),
        ("oracle, 18 crops", "a"),
        ("oracle, 18 crops", "b"),
    ]
    one, *_, random, oracle, _ = rows
    assert (one["Demo"], one["Demo_successes"], one["Demo_n"]) == ("25", 1, 4)
    assert (random["Demo"], random["Demo_low"]) == ("18", None)  # 18 of 100 classes
    # An oracle is not compared: it knows the labels.
    assert (oracle["Demo"], oracle["Demo_gained"], oracle["Demo_gain"]) == ("75", None, None)


def test_only_cross_validated_crops_are_tested_and_corrected_for_their_number():
    correct = correct_on(*[[(256, 0, 1)]] * 10)  # the one crop fails everywhere, the top crop never
    rows = rows_of(Demo=zoom_table(results("a", correct), results("b", correct)))
    tested = {row["block"]: p for row in rows if (p := row["Demo_gain_p"]) is not None}
    # Both tables' flips of ten clips are all listed: two of 2 ** 10 are as extreme.
    assert tested == {"1, cross-validated": 2 * 2 * 0.5**10}
    (row, _) = (row for row in rows if row["block"] == "1, cross-validated")
    assert (row["Demo_gain"], row["Demo_gained"], row["Demo_lost"]) == (100, 10, 0)


def test_the_papers_numbers_stand_in_the_row_of_as_many_crops(tmp_path):
    table = zoom_table(results(ALEXNET, FOUR))
    papers = table1_optimal_zoom([table], [], {"IN-A": True}, {"IN-A": "IN-A"}, ["note"])
    found = [(row["block"], row["paper_IN-A"]) for row in papers.rows]
    assert found[0] == ("1, middle at size 256", "1.75")
    assert {paper for _, paper in found[1:]} == {None}  # it has no bound of 18 crops
    others = table1_optimal_zoom([table], [], {"IN-A": False}, {"IN-A": "IN-A"}, ["ours"])
    assert "Paper" not in markdown(others, tmp_path)
    assert {row["paper_IN-A"] for row in others.rows} == {None}
    assert "Oracle, N crops" in markdown(others, tmp_path)


def test_a_model_that_one_dataset_lacks_has_empty_cells():
    rows = rows_of(
        X=zoom_table(results("a", FOUR)), Y=zoom_table(results("a", FOUR), results("b", FOUR))
    )
    (row,) = (row for row in rows if row["model"] == "b" and row["block"].startswith("1, middle"))
    assert (row["X"], row["X_n"], row["Y"]) == (None, None, "25")


def test_a_column_with_real_labels_says_what_became_of_images_without(tmp_path):
    run = Context(CONFIG, {}, {}, CONFIG.studies.imagenet_hard)
    settings = table1_optimal_zoom.exhibit.settings
    titles, notes = settings["titles"].of(run), settings["data_notes"].of(run)
    assert titles["Both"] == "Both (only images with ReaL labels)"
    assert "correct, too, are labels of n2" in notes[1]
    table = zoom_table(results(ALEXNET, FOUR))
    shown = {"IN": False, "Both": False}
    printed = markdown(table1_optimal_zoom([table], [table], shown, titles, notes), tmp_path)
    assert "Both (only images with ReaL labels) % [95 % CI]" in printed
    # Each image is its own clip.
    assert "over clips" not in printed.partition("Gain:")[0]


def test_a_column_with_real_labels_is_the_papers_if_both_data_are_and_none_is_left_out():
    study = CONFIG.studies.imagenet_hard
    compare = table1_optimal_zoom.exhibit.settings["compare"]
    assert compare.of(Context(CONFIG, {}, {}, study)) == {"IN": True, "Both": False}
    kept = study.with_real["Both"].model_copy(update={"real_empty": "in"})
    study = study.model_copy(update={"with_real": {"Both": kept}})
    assert compare.of(Context(CONFIG, {}, {}, study)) == {"IN": True, "Both": True}


def test_its_scores_are_those_of_the_dataset_with_the_other_labels():
    run = Context(CONFIG, {}, {}, CONFIG.studies.imagenet_hard)
    (made,) = table1_optimal_zoom.exhibit.files["with_real"].made_by(run)
    assert made == (
        "scores_zoom_real.scores",
        {
            "study": "imagenet_hard",
            "dataset": "val",
            "view": "zoom",
            "real": "real",
            "real_empty": "drop",
        },
    )

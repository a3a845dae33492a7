"""The commands of the station on tables written by hand, from predictions to metrics."""

import numpy as np
import pytest

from wildframe.core.errors import UserError
from wildframe.core.schemas import (
    CALIBRATION,
    CLASSES,
    CONFUSIONS,
    IMAGE_RESULTS,
    MANIFEST,
    PAIRS,
    PREDICTIONS,
    SCORES,
    SPLITS,
    STATUSES,
)
from wildframe.core.tables import read_facts, read_table, write_rows
from wildframe.scores import read_image_results, results_by_model

# The two spaces order the same classes differently; only in21k has the ancestor.
CUP = "n03147509"
SPACES = {"in1k": ["puppy", CUP], "in21k": ["animal", CUP, "puppy"]}
ANCESTORS = {("in21k", "puppy"): ["animal"]}


@pytest.fixture
def tables(tmp_path, blank):
    """Write what the station reads but predictions; return the options that name it."""
    write_rows(
        tmp_path / "classes.parquet",
        CLASSES,
        [
            {
                "label_space": space,
                "class_index": index,
                "wnid": wnid,
                "name": wnid,
                "lemmas": [wnid],
                "senses": [1],
                "definition": "",
                "ancestors": ANCESTORS.get((space, wnid), []),
            }
            for space, wnids in SPACES.items()
            for index, wnid in enumerate(wnids)
        ],
    )
    images = [("i1", "animal"), ("i2", CUP), ("i3", CUP), ("i4", CUP)]
    text = ("dataset", "split", "record_id", "media", "media_kind", "origin")
    write_rows(
        tmp_path / "manifest.parquet",
        MANIFEST,
        [
            blank(
                MANIFEST,
                **dict.fromkeys(text, "x"),
                image_id=image,
                width=10,
                height=10,
                labels=[wnid],
                annotation_labels=[[wnid]],
                nouns=["mug_(cup)" if image == "i3" else wnid],
                words=[wnid],
                boxes=[{"x": 0, "y": 0, "width": 5, "height": 5}],
                group_id=f"clip-{image}",
            )
            for image, wnid in images
        ],
    )
    write_rows(
        tmp_path / "statuses.parquet",
        STATUSES,
        [
            blank(
                STATUSES,
                image_id=image,
                media="v.mp4",
                status="decode_failed" if image == "i4" else "ok",
                detail="",
            )
            for image, _ in images
        ],
    )
    # i3 alone is of a clip's cup in the sense that is not meant.
    senses = tmp_path / "senses.csv"
    senses.write_text(f"noun,word,wnid,decision,why\nmug,{CUP},{CUP},drop,a made-up reason\n")
    return [
        *(
            part
            for name in ("manifest", "statuses", "classes")
            for part in (f"--{name}", tmp_path / f"{name}.parquet")
        ),
        *("--senses", senses),
    ]


@pytest.fixture
def results(tmp_path, tables, wildframe):
    """Judge the predictions of two models of different label spaces; return their files."""
    paths = []
    for model, space, predicted in (
        ("resnet50.a1_in1k", "in1k", [0, 1, 0]),
        ("lite0@288+by-clip", "in21k", [2, 1, 1]),
    ):
        predictions = tmp_path / "predictions" / f"{model}.parquet"
        write_rows(
            predictions,
            PREDICTIONS,
            [
                {
                    "image_id": f"i{number}",
                    "view_key": "",
                    "top": [{"class_index": index, "probability": 0.95}],
                    "scores": None,
                }
                for number, index in enumerate(predicted, 1)
            ],
            facts={"label_space": space, "wnids": " ".join(SPACES[space])},
        )
        paths.append(tmp_path / "image_results" / f"{model}.parquet")
        wildframe("scores", "image-results", predictions, *tables, "--output", paths[-1])
    return paths


def test_an_image_of_several_crops_counts_once(tmp_path, tables, wildframe):
    tiles = {"0,0": [(0, 0.5), (1, 0.3)], "0,1": [(1, 0.6), (0, 0.2)]}
    predictions = tmp_path / "resnet50.a1_in1k.parquet"
    write_rows(
        predictions,
        PREDICTIONS,
        [
            {
                "image_id": f"i{number}",
                "view_key": key,
                "top": [{"class_index": index, "probability": p} for index, p in top],
                "scores": None,
            }
            for number in (1, 2, 3)
            for key, top in tiles.items()
        ],
        facts={"label_space": "in1k", "wnids": " ".join(SPACES["in1k"])},
    )
    output = tmp_path / "results.parquet"
    options = ("--aggregate", "mean_probability", "--output", output)
    wildframe("scores", "image-results", predictions, *tables, *options)
    rows = read_image_results(output)
    assert [(row["image_id"], row["view_key"]) for row in rows] == [
        (f"i{number}", "") for number in (1, 2, 3)
    ]
    assert [one["probability"] for one in rows[0]["top"]] == pytest.approx([0.45, 0.35])
    assert read_facts(output, IMAGE_RESULTS)["aggregate"] == "mean_probability"


def test_image_results_of_two_spaces_are_in_wnids(results):
    by_model = results_by_model(results, ["image_id", "top", "correct_top1", "tree_top1"])
    assert {
        model: [(row["top"][0]["wnid"], row["correct_top1"], row["tree_top1"]) for row in rows]
        for model, rows in by_model.items()
    } == {
        # in1k knows nothing of animals; the other space's relations say that a puppy is one.
        "resnet50.a1_in1k": [
            ("puppy", False, True),
            (CUP, True, True),
            ("puppy", False, False),
        ],
        "lite0@288+by-clip": [("puppy", False, True), (CUP, True, True), (CUP, True, True)],
    }
    facts = read_facts(results[1], IMAGE_RESULTS)
    assert (facts["model"], facts["label_space"]) == ("lite0@288+by-clip", "in21k")
    assert [row["sense_top1"] for row in read_image_results(results[0])] == [False, True, None]


def test_only_as_many_guesses_are_read_as_are_asked_for(tmp_path, result):
    top = [{"wnid": wnid, "probability": 0.5} for wnid in ("n1", "n2")]
    path = tmp_path / "m.parquet"
    write_rows(path, IMAGE_RESULTS, [result("i1", top=top), result("i2", top=[])])
    assert [row["top"] for row in read_image_results(path)] == [top, []]
    assert [row["top"] for row in read_image_results(path, ["top"], 1)] == [top[:1], []]


@pytest.fixture
def accuracy(results, wildframe):
    """Return a function that writes the scores of both models and returns them."""

    def score(output, *more):
        named = ("--study", "s", "--dataset", "d", "--view", "full")
        chosen = ("--high-confidence", 0.9)
        wildframe("scores", "accuracy", *results, *named, *chosen, "--output", output, *more)
        return {
            (row["model"], row["subset"], row["metric"], row["k"]): (row["successes"], row["n"])
            for row in read_table(output, SCORES).to_pylist()
        }

    return score


def test_accuracy(tmp_path, accuracy):
    output = tmp_path / "scores.parquet"
    found = accuracy(output)
    assert found["resnet50.a1_in1k", "all", "accuracy", 1] == (1, 3)
    assert found["resnet50.a1_in1k", "all", "tree_accuracy", 1] == (2, 3)
    assert found["resnet50.a1_in1k", "all", "incorrect_above_0.90", 1] == (2, 3)
    assert found["lite0@288+by-clip", "all", "accuracy", 1] == (2, 3)
    assert found["lite0@288+by-clip", "senses", "accuracy", 1] == (1, 2)
    assert next(iter(found))[0] == "resnet50.a1_in1k"  # the order given
    (row, *_) = read_table(output, SCORES).to_pylist()
    assert (row["study"], row["dataset"], row["view"]) == ("s", "d", "full")


@pytest.fixture
def split(tmp_path):
    """A split that holds all images but the first out."""
    path = tmp_path / "split.parquet"
    parts = {"i1": "train", "i2": "val", "i3": "val", "i4": "val"}
    rows = [{"image_id": image, "part": part, "group": image} for image, part in parts.items()]
    write_rows(path, SPLITS, rows)
    return path


def test_accuracy_on_held_out_images(tmp_path, accuracy, split):
    found = accuracy(tmp_path / "scores.parquet", "--split", split)
    assert found["resnet50.a1_in1k", "all", "accuracy", 1] == (1, 2)
    assert found["lite0@288+by-clip", "all", "accuracy", 1] == (2, 2)
    assert found["lite0@288+by-clip", f"class={CUP}", "accuracy", 1] == (2, 2)
    assert ("lite0@288+by-clip", "class=animal", "accuracy", 1) not in found


TESTS = ("--high-confidence", 0.9, "--seed", 0)


def test_tables_of_confusions_and_calibration(tmp_path, results, wildframe):
    for command, contract, expected in (
        ("confusions", CONFUSIONS, [("label", "animal"), ("predicted", "puppy")]),
        ("calibration", CALIBRATION, [("n", 3), ("successes", 1), ("low", 0.9)]),
    ):
        output = tmp_path / f"{command}.parquet"
        wildframe("scores", command, *results, "--output", output)
        assert set(expected) <= set(read_table(output, contract).to_pylist()[0].items())


@pytest.fixture
def pairs(tmp_path, wildframe):
    """Run a command that compares; return the rows of its table."""

    def compare(command, *arguments):
        output = tmp_path / "pairs.parquet"
        wildframe("scores", command, *arguments, *TESTS, "--output", output)
        return read_table(output, PAIRS).to_pylist()

    return compare


def test_models_are_compared_on_all_images_or_held_out_ones(tmp_path, results, split, pairs):
    counts = ("only_a", "only_b", "both", "neither")
    assert [pairs("model-pairs", *results)[0][name] for name in counts] == [0, 1, 1, 1]
    held_out = pairs("model-pairs", *results, "--split", split)[0]
    assert [held_out[name] for name in counts] == [0, 1, 1, 0]


def test_one_model_has_no_pairs(results, pairs):
    assert pairs("model-pairs", results[0]) == []


def test_views_are_compared(results, pairs):
    named = [f"{view}={path}" for view in ("full", "box") for path in results]
    rows = pairs("view-pairs", *named)
    same = [row for row in rows if row["model_a"] == row["model_b"]]
    assert {row["model_a"] for row in same} == {"resnet50.a1_in1k", "lite0@288+by-clip"}
    assert {(row["subset_a"], row["subset_b"]) for row in same} == {("view=full", "view=box")}
    assert {row["difference"] for row in same} == {0}


def test_choices_of_a_protocol_are_compared(tmp_path, tables, wildframe):
    """Of two classes only the cup labels images; the puppy is more probable on i1 and i3."""
    predictions, output = (tmp_path / f"{name}.parquet" for name in ("resnet50", "protocol"))
    scores = {"i1": [2.0, 1.0], "i2": [1.0, 2.0], "i3": [2.0, 1.0]}
    rows = [
        {
            "image_id": image,
            "view_key": "",
            "top": [{"class_index": index, "probability": 0.5} for index in np.argsort(own)[::-1]],
            "scores": own,
        }
        for image, own in scores.items()
    ]
    facts = {"label_space": "in1k", "wnids": " ".join(SPACES["in1k"])}
    write_rows(predictions, PREDICTIONS, rows, facts=facts)
    options = [one for one in tables if one not in ("--classes", tmp_path / "classes.parquet")]
    wildframe("scores", "protocol", predictions, *options, "--seed", 0, "--output", output)
    found = {
        (row["subset_a"], row["subset_b"]): (row["value_a"], row["n_a"], row["value_b"], row["n_b"])
        for row in read_table(output, PAIRS).to_pylist()
        if row["k"] == 1
    }
    assert found == {
        ("label_space=restricted", "label_space=full"): (2 / 3, 3, 1 / 3, 3),
        # i3 keeps no label.
        ("doubtful_labels=out", "doubtful_labels=in"): (1 / 2, 2, 1 / 3, 3),
    }


def test_crops_are_of_single_images(tmp_path, wildframe):
    named = {"--manifest": "m", "--reviews": "r", "--crops": "c", "--seed": 0, "--output": "o"}
    options = [part for option in named.items() for part in option]
    with pytest.raises(UserError, match="--crops: crops are of single images; name their --stat"):
        wildframe("scores", "protocol", "p", *options)


def test_a_plan_is_made_of_results_or_of_numbers(results, wildframe):
    def plan(*arguments):
        lines = wildframe("scores", "plan", *arguments, "--format", "csv").stdout.splitlines()
        return dict(line.split(",", 1) for line in lines)

    estimated = plan(*results)
    assert (estimated["clips"], estimated["discordant images"]) == ("3", "33.3 %")
    numbers = ("--clips", 100, "--images", 400, "--icc", 0.1, "--discordant", 0.2)
    found = plan(*numbers, "--difference", 3)
    assert found["design effect"] == "1.30"
    assert int(found["clips for 3 points"].strip('"').replace(",", "")) > 100
    with pytest.raises(UserError, match="--icc: give it, or name the results of two models"):
        wildframe("scores", "plan", "--clips", 100, "--images", 400)
    with pytest.raises(UserError, match="1 results are named; name those of two models"):
        wildframe("scores", "plan", results[0])
    swapped = ("--clips", 48, "--images", 13, "--icc", 0.1, "--discordant", 0.2)
    with pytest.raises(UserError, match="--images: 13 images cannot be of 48 clips"):
        wildframe("scores", "plan", *swapped)
    with pytest.raises(UserError, match="--images: 2 images cannot be of 3 clips"):
        wildframe("scores", "plan", *results, "--images", 2)


def test_a_model_that_is_given_twice_is_refused(results):
    with pytest.raises(UserError, match=r"resnet50.a1_in1k is given twice"):
        results_by_model([*results, results[0]])

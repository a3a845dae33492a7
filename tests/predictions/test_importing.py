"""External predictions, from JSON to the predictions table."""

import json
from contextlib import chdir
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from wildframe.core.errors import UserError
from wildframe.core.schemas import MANIFEST, PREDICTIONS, REVIEWS
from wildframe.core.tables import read_facts, read_table, write_rows
from wildframe.predictions.predicted import softmax

A, B, C = (f"val/ILSVRC2015_val_00000001/00001{n}.JPEG" for n in range(3))
INFINITY = float("inf")


def write_reviews(path, count, evaluated):
    blank = {field.name: None for field in REVIEWS.fields}
    rows = [
        blank
        | {"anchor_id": f"image-{n}", "image_id": f"image-{n}", "offset": 0, "labels": []}
        | {"accepted": n in evaluated}
        for n in range(count)
    ]
    write_rows(path, REVIEWS, rows, facts={"review": "human"})


@pytest.fixture
def imported(tmp_path, manifest_row, wildframe):
    """Return a function that imports predictions, and returns rows by image, and facts."""

    def call(predictions, targets="vid30", names=(A, B), evaluated=None):
        rows = [
            manifest_row(f"image-{n}", media=f"Data/VID/{name}", media_kind="image", frame=None)
            for n, name in enumerate(names)
        ]
        rows = [{field.name: row.get(field.name) for field in MANIFEST.fields} for row in rows]
        write_rows(tmp_path / "manifest.parquet", MANIFEST, rows)
        path = tmp_path / "p.json"
        path.write_text(predictions if isinstance(predictions, str) else json.dumps(predictions))
        output = tmp_path / "predictions.parquet"
        output.unlink(missing_ok=True)
        options = ["--name", "theirs", "--manifest", tmp_path / "manifest.parquet"]
        options += ["--label-space", targets, "--output", output]
        if evaluated is not None:
            write_reviews(tmp_path / "reviews.parquet", len(names), evaluated)
            options += ["--reviews", tmp_path / "reviews.parquet"]
        try:
            wildframe("predictions", "import", path, *options)
        except UserError:
            assert not output.exists()
            raise
        found = read_table(output, PREDICTIONS).to_pylist()
        return {row["image_id"]: row for row in found}, read_facts(output, PREDICTIONS)

    return call


def scores(width=30, **values):
    row = [0.0] * width
    for index, value in values.items():
        row[int(index[1:])] = value
    return row


def test_scores_are_kept_and_probabilities_are_made_of_logits(imported):
    logits = scores(c3=np.log(70), c8=-1.5)  # 70 against 28 of 1 each, and one of e^-1.5
    rows, facts = imported({A: logits, B: scores(c29=1.0), C: ["of no image"]})
    assert set(rows) == {"image-0", "image-1"}
    assert rows["image-0"]["scores"] == np.float32(logits).tolist()
    assert rows["image-0"]["view_key"] == ""
    top = rows["image-0"]["top"]
    assert [guess["class_index"] for guess in top[:3]] == [3, 0, 1]
    assert (len(top), top[-1]["class_index"]) == (30, 8)
    assert top[0]["probability"] == pytest.approx(70 / (70 + 28 + np.exp(-1.5)))
    # Those of the other frame add up to 1, but are logits as all of the file.
    assert rows["image-1"]["top"][0]["probability"] == pytest.approx(np.e / (np.e + 29))
    told = {name: facts[name] for name in ("model", "label_space", "origin", "scores")}
    assert told == {
        "model": "theirs",
        "label_space": "vid30",
        "origin": "external",
        "scores": "logits",
    }


def test_an_image_that_is_not_evaluated_need_not_be_filled_in(imported):
    predictions = {A: scores(c3=9.0), B: None}
    rows, _ = imported(predictions, evaluated={0})
    assert set(rows) == {"image-0"}
    with pytest.raises(UserError, match=f"{B}: nothing is filled in"):
        imported(predictions, evaluated={0, 1})


@pytest.mark.parametrize("decimals", [3, 4, 8])
def test_probabilities_may_be_rounded(imported, decimals):
    logits = np.random.default_rng(0).normal(0, 3, (2, 1000))
    rounded = softmax(logits).round(decimals).tolist()
    assert decimals > 4 or abs(sum(rounded[0]) - 1) > 1e-3
    rows, facts = imported(dict(zip((A, B), rounded, strict=True)), "in1k")
    assert facts["scores"] == "probabilities"
    for row, given_as in zip(rows.values(), rounded, strict=True):
        assert row["top"][0]["probability"] == np.float32(max(given_as))


def test_of_probabilities_classes_may_be_excluded(imported):
    some = [-INFINITY] * 30
    some[4], some[9] = 0.7, 0.3
    # An image all of whose classes are excluded tells nothing.
    rows, facts = imported({A: some, B: [-INFINITY] * 30})
    assert facts["scores"] == "probabilities"
    assert rows["image-0"]["top"] == [
        {"class_index": 4, "probability": np.float32(0.7)},
        {"class_index": 9, "probability": np.float32(0.3)},
    ]
    assert rows["image-0"]["scores"] == np.float32(some).tolist()
    assert rows["image-1"]["top"] == []
    some[9] = 0.2
    with pytest.raises(UserError, match=rf"{A}: its scores are .* but add up to 0\.9 and not"):
        imported({A: some, B: scores(c1=1.0)})


def test_of_an_image_that_excludes_every_class_nothing_is_predicted(imported):
    rows, _ = imported(dict.fromkeys((A, B), [-INFINITY] * 30))
    assert [row["top"] for row in rows.values()] == [[], []]


def test_rounding_may_put_probabilities_below_0_and_above_1(imported):
    rows, facts = imported({A: scores(c3=1.0 + 1e-12, c5=-1e-12), B: scores(c7=1.0005, c8=-5e-4)})
    assert facts["scores"] == "probabilities"
    assert rows["image-0"]["scores"] == scores(c3=1.0)
    assert rows["image-1"]["scores"] == scores(c7=1.0)
    assert rows["image-1"]["top"][0] == {"class_index": 7, "probability": 1.0}


def test_percentages_are_refused(imported):
    percent = scores(c3=60.0, c5=39.5)
    with pytest.raises(UserError, match=r"p\.json: its scores are percentages; write probabiliti"):
        imported({A: percent, B: scores(c3=99.9, c4=-1e-12, c5=-INFINITY)})
    # Logits may add up to 100, too.
    assert imported({A: percent, B: scores(c3=60.0)})[1]["scores"] == "logits"


def test_scores_from_0_to_1_that_are_no_probabilities_are_refused(imported):
    sigmoids = scores(c3=0.9, c5=0.8)
    message = rf"{B}: its scores are from 0 to 1, as those of all images, but add up to 1\.7 and"
    with pytest.raises(UserError, match=message):
        imported({A: scores(c3=1.0), B: sigmoids})
    # One score tells that all are logits.
    assert imported({A: scores(c3=1.0, c4=-0.1), B: sigmoids})[1]["scores"] == "logits"


@pytest.mark.parametrize(
    ("targets", "width", "space"),
    [
        ("vid30", 30, "vid30"),
        ("ytbb24", 24, "ytbb24"),
        ("coco80", 80, "coco80"),
        ("coco80", 1000, "in1k"),
        ("in1k", 1000, "in1k"),
    ],
)
def test_what_is_scored_shows_by_the_number_of_scores(imported, targets, width, space):
    rows, facts = imported({A: scores(width, c5=2.0), B: scores(width, c6=2.0)}, targets)
    assert facts["label_space"] == space
    assert len(rows["image-0"]["scores"]) == width
    assert len(rows["image-0"]["top"]) == min(width, 100)
    assert rows["image-1"]["top"][0]["class_index"] == 6


@pytest.mark.parametrize("name", ["a.csv", "z.csv"])
def test_of_label_spaces_of_as_many_classes_the_named_one_is_scored(imported, tmp_path, name):
    with chdir(tmp_path):
        Path(name).write_text("name,wnids\n" + "".join(f"class {n},\n" for n in range(1000)))
        _, facts = imported({A: scores(1000, c5=2.0), B: scores(1000, c6=2.0)}, name)
    assert facts["label_space"] == name


def test_what_a_model_rules_out_is_none_of_its_most_probable(imported):
    some = [-INFINITY] * 30
    some[4] = some[9] = 4.0
    rows, _ = imported({A: some, B: [-INFINITY] * 30})
    assert rows["image-0"]["top"] == [
        {"class_index": 4, "probability": 0.5},
        {"class_index": 9, "probability": 0.5},
    ]
    assert rows["image-0"]["scores"] == some
    assert rows["image-1"]["top"] == []


def test_a_frame_without_a_prediction_is_named(imported):
    with pytest.raises(UserError, match=r"p\.json: image image-1 has no prediction \(1 such\)"):
        imported({A: scores()})
    with pytest.raises(UserError, match=r"p\.json: image image-0 has no prediction \(2 such\)"):
        imported({C: scores()})
    with pytest.raises(UserError, match=r"p\.json: image image-0 has no prediction \(2 such\)"):
        imported({})


def test_only_what_is_evaluated_needs_a_prediction(imported):
    predictions = {A: scores(c1=2.0), C: scores(c2=2.0)}
    rows, _ = imported(predictions, names=(A, B, C), evaluated={0})
    assert set(rows) == {"image-0", "image-2"}
    with pytest.raises(UserError, match=r"image image-1 has no prediction \(1 such\)"):
        imported(predictions, names=(A, B, C), evaluated={0, 1})


@pytest.mark.parametrize("value", [float("nan"), INFINITY, None, "1", [1.0]])
def test_scores_that_are_no_numbers_are_refused_with_the_frame(imported, value):
    with pytest.raises(UserError, match=rf"p\.json: {B}: a score is NaN, infinite or no number"):
        imported({A: scores(), B: scores(c7=value)})


@pytest.mark.parametrize("value", [1e39, -1e39])
def test_scores_that_single_precision_cannot_hold_are_refused(imported, value):
    with pytest.raises(UserError, match=rf"{B}: a score is too large for single precision"):
        imported({A: scores(), B: scores(c7=value)})


@pytest.mark.parametrize("width", [0, 24, 29, 80])
def test_other_numbers_of_scores_are_refused(imported, width):
    message = rf"{A}: 30 scores \(vid30\) or 1000 scores \(in1k\) are expected, {width} val"
    with pytest.raises(UserError, match=message):
        imported({A: scores()[:0] + [0.0] * width, B: scores()})


def test_a_frame_of_two_images_names_neither(imported):
    with pytest.raises(UserError, match=rf"{A}: images image-0 and image-1 of .* both of this"):
        imported({A: scores()}, names=(A, A))
    rows, _ = imported({"image-0": scores(c1=1.0), "image-1": scores(c2=1.0)}, names=(A, A))
    assert [row["top"][0]["class_index"] for row in rows.values()] == [1, 2]


def test_an_empty_manifest_is_refused(imported):
    with pytest.raises(UserError, match=r"manifest\.parquet: no image is in it"):
        imported({A: scores()}, names=())


def test_probabilities_of_logits_by_hand():
    found = softmax(np.array([[1.0, 1.0], [-INFINITY, 3.0], [2.0, -1.0]]))
    assert found[:2].tolist() == [[0.5, 0.5], [0.0, 1.0]]
    assert found[2] == pytest.approx([1 / (1 + np.exp(-3)), 1 / (1 + np.exp(3))])
    assert softmax(np.full((1, 3), -INFINITY)).tolist() == [[0, 0, 0]]
    # In single precision a third of it would be 0.3333333432674408.
    assert softmax(np.zeros((1, 3), np.float32)).tolist() == [[1 / 3] * 3]


@given(arrays(np.float64, (3, 5), elements=st.floats(-1e30, 1e30)))
def test_probabilities_are_so_whatever_is_given(logits):
    probabilities = softmax(logits)
    assert probabilities.min() >= 0
    assert probabilities.sum(axis=1) == pytest.approx([1, 1, 1])


def test_top_classes_of_sets_need_probabilities_since_classes_are_merged(imported):
    wnid = "n02691156"
    likely = {name: {"top": [{"wnid": wnid, "probability": 0.5}]} for name in (A, B)}
    rows, facts = imported(likely, evaluated={0, 1})
    assert facts["label_space"] == "vid30"
    assert rows["image-1"] == {
        "image_id": "image-1",
        "view_key": "",
        "top": [{"class_index": 0, "probability": 0.5}],
        "scores": None,
    }
    with pytest.raises(UserError, match=rf"{A}: no probabilities, by which classes of vid30 are"):
        imported({name: {"top": [wnid]} for name in (A, B)}, evaluated={0, 1})


def test_a_frame_name_and_an_image_id_name_one_image_once(imported):
    sure = scores(c1=1.0)
    assert set(imported({A: sure, "image-1": sure})[0]) == {"image-0", "image-1"}
    with pytest.raises(UserError, match=rf"image-0: image-0 is predicted twice, also as {A}"):
        imported({A: sure, "image-0": sure, B: sure})

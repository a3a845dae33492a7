"""Each layer is damaged in one way: it is named with its first difference and cause."""

import shutil
from pathlib import Path

import pytest
from provenance.tiny_run import PATHS, certify, damage, pixels

from wildframe.provenance.certificate import open_certificate
from wildframe.provenance.verification import verify

OUTPUT = Path("toys.zip")


@pytest.fixture
def copy(run):
    """The results of another run, the same so far, and a certificate of the first."""
    certify(run, OUTPUT)
    return Path(shutil.copytree(run, "copy"))


def told(results, tolerance=1e-4):
    """Return what verification says, a line by layer."""
    with open_certificate(OUTPUT) as (folder, made_with):
        return {one.layer: str(one) for one in verify(folder, made_with, results, tolerance)}


def nothing(rows):
    """Change no row."""


def same(*layers):
    lines = {
        "frames": "same     frames of toys: 4",
        "labels": "same     labels of toys: 4",
        "predictions": "same     predictions of toys/full/net: 4",
    }
    return {layer: lines[layer] for layer in layers}


def test_an_equal_run_is_the_same(copy):
    assert told(copy) == same("frames", "labels", "predictions")


def test_a_shifted_frame_is_told_by_its_neighbour_and_its_prediction_follows(copy):
    def shift(rows):
        rows["a-10"].update(sha256=pixels("a-11"), pts=11 * 512)

    damage(copy, "frames", shift)
    damage(copy, "predictions", lambda rows: rows["a-10"]["top"][0].update(class_index=5))
    assert told(copy) == same("labels") | {
        "frames": "differs  frames of toys: image a-10, frame 10 of a.mp4 (1 of 4 differ); "
        "cause: frame shifted by +1: another copy of a.mp4, or another decoder",
        "predictions": "differs  predictions of toys/full/net: image a-10: class_index is 5 here, "
        "0 certified (1 of 4 differ); cause: its frame is another",
    }


def test_a_missing_frame_says_why(copy):
    def lose(rows):
        rows["a-20"].update(status="media_missing", detail="a.mp4 is gone", sha256=None, pts=None)

    damage(copy, "frames", lose)
    assert told(copy)["frames"].endswith("cause: frame missing here: media_missing, a.mp4 is gone")


def test_other_pixels_name_the_decoders_that_differ(copy):
    damage(copy, "frames", lambda rows: rows["a-20"].update(sha256=pixels("else")))
    assert "cause: other pixels at the same time: another copy of a.mp4" in told(copy)["frames"]
    with open_certificate(OUTPUT) as (folder, made_with):
        findings = verify(folder, made_with | {"av": "0.1"}, copy, 0)
        assert str(next(findings)).partition("decoder")[2].endswith("here, 0.1 certified)")


def test_a_changed_label_names_both_and_the_choice_behind(copy):
    damage(copy, "labels", lambda rows: rows["photo"].update(labels=["n2"]))
    line = (
        "differs  labels of toys: image photo: labels is ['n2'] here, ['n1'] certified "
        "(1 of 4 differ); cause: "
    )
    assert told(copy) == same("frames", "predictions") | {
        "labels": line + "other annotations of the source"
    }
    damage(copy, "labels", nothing, config={"senses": "mine.csv"})
    assert told(copy)["labels"] == (
        line + "other choices of the dataset: senses is mine.csv here, None certified"
    )


def test_a_file_of_the_same_name_in_another_folder_is_the_same_choice(run):
    damage(run, "labels", nothing, config={"label_space": "/home/alice/cups.csv"})
    certify(run, OUTPUT)
    damage(run, "labels", lambda rows: rows["photo"].update(labels=["n2"]))
    damage(run, "labels", nothing, config={"label_space": "/data/ben/cups.csv"})
    assert told(run)["labels"].endswith("cause: other annotations of the source")


def test_a_changed_box_is_a_difference(copy):
    box = {"x": 1.0, "y": 2.0, "width": 3.0, "height": 4.0}
    damage(copy, "labels", lambda rows: rows["photo"].update(boxes=[box]))
    assert "image photo: boxes is [{'x': 1.0" in told(copy)["labels"]


def test_an_image_of_one_side_only(copy):
    damage(copy, "labels", lambda rows: rows.pop("photo"))
    damage(copy, "frames", lambda rows: rows.pop("photo"))
    assert "image photo is not here (1 of 4 differ)" in told(copy)["labels"]
    assert told(copy)["frames"].endswith(
        "image photo is not here (1 of 4 differ); cause: the manifest here has other images"
    )
    certify(copy, OUTPUT)
    assert "image photo is not certified (1 of 4 differ)" in told(Path("results"))["labels"]


def test_other_weights_are_named_even_where_predictions_agree(copy):
    damage(copy, "predictions", nothing, weights_sha256="bbbb", torch_version="2.10.0")
    assert told(copy)["predictions"] == (
        "differs  predictions of toys/full/net: made otherwise; cause: other weights: "
        "weights_sha256 is bbbb here, aaaa certified"
    )


def test_other_preprocessing_is_named(copy):
    def change(rows):
        rows["a-11"]["top"][0].update(class_index=7)

    damage(copy, "predictions", change, preprocessing="resize256-crop224-bilinear-center")
    assert told(copy)["predictions"].partition("; cause: ")[2] == (
        "other preprocessing: preprocessing is resize256-crop224-bilinear-center here, "
        "resize256-crop224-bicubic-center certified"
    )


def lower(rows):
    """Make one prediction a little less probable."""
    rows["a-11"]["top"][0].update(probability=0.4375)


@pytest.mark.parametrize(
    ("fact", "value", "named"),
    [
        ("resize", "fast", "other resizing"),
        ("predictable", "dataset", "other classes"),
        ("restrict_to_label_space", "True", "other classes"),
        ("targets", "coco80", "another label space"),
    ],
)
def test_what_else_decides_predictions_is_named(copy, fact, value, named):
    damage(copy, "predictions", lower, **{fact: value})
    assert told(copy)["predictions"].endswith(
        f"cause: {named}: {fact} is {value} here, None certified"
    )


def encoded(images):
    """Return a change that gives images an encoding, and what it is of: an encoder."""

    def change(rows):
        for image_id, (encoding, encoder) in images.items():
            rows[image_id].update(encoding=encoding, image_sha256=pixels(encoder))

    return change


def test_frames_that_are_encoded_otherwise_are_a_note_and_the_cause_of_predictions(run):
    damage(run, "frames", encoded({"a-10": ("jpeg", "a"), "a-11": ("jpeg", "a")}))
    certify(run, OUTPUT)
    change = "frames are png here, jpeg certified"
    damage(run, "frames", encoded({"a-11": ("png", "b")}))
    assert told(run) == same("labels", "predictions") | {
        "frames": f"same     frames of toys: 4 ({change})"
    }
    damage(run, "predictions", lower)
    assert told(run)["predictions"].endswith(f"cause: {change}")
    damage(run, "frames", encoded({"a-11": ("jpeg", "b")}))
    assert told(run)["predictions"].endswith("cause: frames are encoded otherwise")
    with open_certificate(OUTPUT) as (folder, made_with):
        *_, last = verify(folder, made_with | {"pillow": "0.1"}, run, 0)
    assert last.cause.startswith("frames are encoded otherwise (pillow is ")

    def lose(rows):
        rows["a-10"].update(sha256=pixels("else"), encoding="png")

    # Of the two that differ, the one whose pixels are the same says more.
    damage(run, "frames", lose)
    damage(run, "predictions", lambda rows: rows["a-10"]["top"][0].update(class_index=5))
    assert "image a-11: probability" in told(run)["predictions"]
    assert told(run)["predictions"].endswith("cause: frames are encoded otherwise")


def test_another_torch_is_a_note_where_predictions_agree_and_else_the_cause(copy):
    damage(copy, "predictions", nothing, torch_version="2.10.0")
    change = "torch_version is 2.10.0 here, 2.9.0 certified"
    assert told(copy)["predictions"].endswith(f"toys/full/net: 4 ({change})")
    damage(copy, "predictions", lambda rows: rows["photo"]["top"][0].update(probability=0.75))
    assert told(copy)["predictions"] == (
        "differs  predictions of toys/full/net: image photo: probability is 0.75 here, 0.5 "
        f"certified (1 of 4 differ); cause: numeric: {change}"
    )


def test_a_probability_counts_beyond_the_tolerance(copy):
    damage(copy, "predictions", lambda rows: rows["a-11"]["top"][0].update(probability=0.5625))
    assert told(copy, tolerance=0.0625) == same("frames", "labels", "predictions")
    assert told(copy, tolerance=0.0624)["predictions"].endswith(
        "cause: numeric, beyond the tolerance: other hardware or threads, or an altered table"
    )


def test_probabilities_that_nobody_gave_are_the_same_on_both_sides_only(run):
    def forget(rows):
        for row in rows.values():
            row["top"][0].update(probability=None)

    shutil.copytree(run, "given")
    damage(run, "predictions", forget)
    certify(run, OUTPUT)
    assert told(run) == same("frames", "labels", "predictions")
    assert "probability is 0.5 here, None certified" in told(Path("given"))["predictions"]


def test_a_prediction_of_no_class(copy):
    damage(copy, "predictions", lambda rows: rows["photo"].update(top=[]))
    assert "image photo: class_index is None here, 3 certified" in told(copy)["predictions"]
    certify(copy, OUTPUT)
    assert told(copy) == same("frames", "labels", "predictions")


def test_an_image_file_has_no_frame_number(copy):
    damage(copy, "frames", lambda rows: rows["photo"].update(sha256=pixels("else")))
    assert told(copy)["frames"].startswith("differs  frames of toys: image photo, photo.mp4 (1")


@pytest.mark.parametrize("layer", PATHS)
def test_an_absent_table_names_its_target(copy, layer):
    (copy / PATHS[layer]).unlink()
    assert (
        f"absent here; cause: it is not made; `snakemake copy/{PATHS[layer]}`" in told(copy)[layer]
    )

from functools import partial

import pytest

from wildframe.core.errors import UserError
from wildframe.core.schemas import (
    ATTRIBUTION_SHARES,
    ATTRIBUTIONS,
    FRAMINGS,
    HARD_IMAGES,
    IMAGE_RESULTS,
    MANIFEST,
    STATUSES,
    ZOOM_CROPS,
    ZOOM_PREDICTIONS,
    ZOOM_SCORES,
)
from wildframe.core.tables import iter_batches, read_table, write_rows
from wildframe.frames import read_statuses
from wildframe.scores import zoom_files
from wildframe.scores.zoom_files import ZoomFiles, predictable_classes

CUP, MUG, DOG = "n03063599", "n03797390", "n02084071"
SIZES = (64, 256)


@pytest.fixture
def dataset(tmp_path, manifest_row, blank):
    """Manifest and statuses of three images of two videos."""
    videos = {"a": "one", "b": "one", "c": "two"}
    rows = [manifest_row(name, video_id=video, labels=[CUP]) for name, video in videos.items()]
    write_rows(tmp_path / "manifest.parquet", MANIFEST, rows)
    real = {"a": [CUP, MUG], "b": [MUG], "c": []}
    rows = [manifest_row(name, labels=labels) for name, labels in real.items()]
    write_rows(tmp_path / "real.parquet", MANIFEST, rows)
    statuses = [
        blank(STATUSES, image_id=name, media="v.mp4", status="ok", detail="", width=300, height=300)
        for name in videos
    ]
    write_rows(tmp_path / "statuses.parquet", STATUSES, statuses)
    return tmp_path


def crops_of(image_id, wnids, sizes=SIZES):
    """Return the rows of an image: one class at all anchors of each size."""
    return [
        {
            "image_id": image_id,
            "size": size,
            "row": row,
            "col": col,
            "class_index": 0,
            "wnid": wnid,
            "confidence": 0.5,
            "label_correct": wnid == CUP,
            "label_logits": [1.0],
        }
        for size, wnid in zip(sizes, wnids, strict=True)
        for row in range(3)
        for col in range(3)
    ]


PREDICTED = {"a": [CUP, None], "b": [MUG, DOG], "c": [DOG, DOG]}


def write_zoom(path, rows, **facts):
    write_rows(path, ZOOM_PREDICTIONS, rows, facts={"model": "m", "label_space": "in1k"} | facts)
    return path


@pytest.fixture
def predictions(dataset):
    rows = [row for name, wnids in PREDICTED.items() for row in crops_of(name, wnids)]
    return write_zoom(dataset / "m.crops.parquet", rows)


@pytest.fixture(params=[2**16, 5])
def at_a_time(request, monkeypatch):
    """Rows that are read at a time: all, or parts of images."""
    in_parts = partial(iter_batches, batch_size=request.param)
    monkeypatch.setattr(zoom_files, "iter_batches", in_parts)


def solved(found):
    return dict(zip(found.image_ids, found.correct[:, ::9].tolist(), strict=True))


def read(path, **options):
    manifest, statuses = path.parent / "manifest.parquet", path.parent / "statuses.parquet"
    (found,) = ZoomFiles([path], manifest, statuses, **options)
    return found


def test_results_of_crops(predictions, at_a_time):
    found = read(predictions)
    assert (found.model, found.classes, found.label_space) == ("m", 1000, "full")
    assert found.groups == ["one", "one", "two"]
    assert len(found.crops) == 18
    assert found.crops[4] == (64, 1, 1)
    assert solved(found) == {"a": [True, False], "b": [False, False], "c": [False, False]}


def test_copies_of_a_still_image_are_in_one_half(predictions, manifest_row):
    folder = predictions.parent
    rows = [manifest_row(name, video_id=None) for name in PREDICTED]
    write_rows(folder / "manifest.parquet", MANIFEST, rows)
    statuses = [
        row | {"route": "row", "sha256": sha256}
        for row, sha256 in zip(read_statuses(folder / "statuses.parquet"), "xyx", strict=True)
    ]
    write_rows(folder / "statuses.parquet", STATUSES, statuses)
    assert read(predictions).groups == ["clip-a", "clip-b", "clip-a"]


def test_either_label_counts_with_real_labels(predictions, at_a_time):
    real = predictions.parent / "real.parquet"
    assert solved(read(predictions, real=real)) == {
        "a": [True, False],
        "b": [True, False],
        "c": [False, False],
    }
    assert list(solved(read(predictions, real=real, real_empty="drop"))) == ["a", "b"]


def test_labels_of_other_images_are_not_taken_for_none(predictions, manifest_row):
    """Of some images there may be none: ImageNet-ReaL lacks some, and a split has a part."""
    real = predictions.parent / "real.parquet"
    write_rows(real, MANIFEST, [manifest_row(name, labels=[MUG]) for name in ("b", "val_c")])
    assert solved(read(predictions, real=real))["b"] == [True, False]
    write_rows(real, MANIFEST, [manifest_row("val_b", labels=[MUG])])
    with pytest.raises(UserError, match=r"real\.parquet: no image of .*manifest\.parquet is in it"):
        read(predictions, real=real)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, (1000, "full")),
        ({"targets": "vid30", "restrict_to_label_space": "True"}, (30, "subset")),
        ({"predictable": "imagenet_a"}, (200, "subset")),
        ({"predictable": "labels"}, (1, "subset")),
        ({"label_space": "x", "wnids": f"{CUP} {DOG}"}, (2, "full")),
    ],
)
def test_classes_that_can_be_predicted(dataset, facts, expected):
    known = {"label_space": "in1k"} | facts
    assert predictable_classes(known, dataset / "manifest.parquet") == expected


def test_a_model_that_has_none_of_the_labels_is_refused(dataset):
    facts = {"label_space": "x", "wnids": DOG, "predictable": "labels"}
    with pytest.raises(UserError, match="no class of the model can be predicted"):
        predictable_classes(facts, dataset / "manifest.parquet")


def test_without_restriction_classes_of_one_target_are_one(dataset):
    facts = {"label_space": "in1k", "targets": "vid30", "restrict_to_label_space": "False"}
    count, label_space = predictable_classes(facts, dataset / "manifest.parquet")
    assert 30 < count < 1000
    assert label_space == "full"


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([], "no image is in it"),
        ([*crops_of("a", [CUP, CUP]), *crops_of("b", [CUP], [64])], "image b has other crops"),
        (
            [*crops_of("a", [CUP], [64]), *crops_of("b", [CUP], [256])],
            "image b has other crops than a",
        ),
        ([*crops_of("a", [CUP], [64]), *crops_of("b", [CUP], [64])] * 2, "image a has other crops"),
        (crops_of("a", [CUP, CUP], [64, 64]), "image a has a crop twice"),
        (crops_of("x", [CUP, CUP]), "image x is not in .*manifest"),
    ],
)
def test_tables_that_are_no_grid_are_refused(dataset, rows, said, at_a_time):
    path = write_zoom(dataset / "m.crops.parquet", rows)
    with pytest.raises(UserError, match=said):
        read(path)


def test_the_command_writes_scores_and_crops(predictions, wildframe):
    folder = predictions.parent
    files = ["--manifest", folder / "manifest.parquet", "--statuses", folder / "statuses.parquet"]
    output, crops = folder / "scores.parquet", folder / "crops.parquet"
    options = ["--dataset", "d", "--seed", 0]
    written = ["--output", output, "--crops", crops]
    said = wildframe("scores", "zoom", predictions, *files, *options, *written).output
    assert "m: label space full (1000 classes), 3 images, 18 crops each" in said
    scores = read_table(output, ZOOM_SCORES).to_pylist()
    oracle = next(row for row in scores if row["metric"] == "oracle" and row["crops"] == 18)
    assert (oracle["dataset"], oracle["successes"], oracle["n"]) == ("d", 1, 3)
    assert len(read_table(crops, ZOOM_CROPS)) == 18


def test_the_command_finds_hard_images(predictions, wildframe):
    folder = predictions.parent
    files = ["--manifest", folder / "manifest.parquet", "--statuses", folder / "statuses.parquet"]
    output = folder / "hard.parquet"
    rows = [row for name in "abc" for row in crops_of(name, [DOG, CUP if name == "b" else DOG])]
    other = write_zoom(folder / "other.parquet", rows, model="o")
    said = wildframe("scores", "hard-images", predictions, other, *files, "--output", output).output
    assert "1 of 3 images are hard" in said
    assert {
        row["image_id"]: row["solved_by"] for row in read_table(output, HARD_IMAGES).to_pylist()
    } == {"a": ["m"], "b": ["o"], "c": []}
    rows = [row for name in "cba" for row in crops_of(name, [DOG, DOG])]
    other = write_zoom(folder / "other.parquet", rows, model="o")
    command = ("scores", "hard-images", predictions, other, *files, "--output", output)
    with pytest.raises(UserError, match="its images are not those"):
        wildframe(*command)
    with pytest.raises(UserError, match="drop: name ImageNet-ReaL's labels by --real, too"):
        wildframe(*command, "--real-empty", "drop")


def test_a_readable_image_without_predictions_is_no_smaller_test_set(dataset):
    path = write_zoom(dataset / "fewer.parquet", crops_of("a", [DOG, DOG]))
    said = r"fewer\.parquet: image b is readable but has no prediction \(2 such\)"
    with pytest.raises(UserError, match=said):
        read(path)


def test_the_command_attributes_failures(predictions, wildframe, result):
    folder = predictions.parent
    facts = {"model": "m"}
    full = [
        result(name, group_id=clip) for name, clip in (("a", "one"), ("b", "one"), ("c", "two"))
    ]
    write_rows(folder / "m.parquet", IMAGE_RESULTS, full, facts=facts)
    boxed = [row | {"correct_top1": row["image_id"] == "b"} for row in full]
    write_rows(folder / "box.parquet", IMAGE_RESULTS, boxed, facts=facts)
    output, shares = folder / "causes.parquet", folder / "shares.parquet"
    options = ["--seed", 0, "--output", output, "--shares", shares]
    zoom = ["--zoom", predictions, "--manifest", folder / "manifest.parquet"]
    zoom += ["--statuses", folder / "statuses.parquet"]
    command = ("scores", "attribution", folder / "m.parquet", "--box", folder / "box.parquet")
    moved = [result("c", offset=0), result("c-1", "correct_top1", anchor_id="c", offset=1)]
    write_rows(folder / "sets.parquet", IMAGE_RESULTS, moved, facts=facts)
    wildframe(*command, *zoom, "--neighbours", folder / "sets.parquet", *options)
    rows = read_table(output, ATTRIBUTIONS).to_pylist()
    # Clip two chooses for clip one, and solves nothing: the first crop is tried, which solves a.
    assert {row["image_id"]: row["framing"] for row in rows} == {"a": True, "b": True, "c": False}
    found = {
        row["cause"]: row["successes"] for row in read_table(shares, ATTRIBUTION_SHARES).to_pylist()
    }
    assert found == {"framing": 2, "doubtful_label": 0, "motion": 1, "several": 0, "unexplained": 0}
    for given in (zoom[:2], zoom[2:4], zoom[2:]):
        with pytest.raises(UserError, match="--manifest and --statuses belong together"):
            wildframe(*command, *given, *options)
    write_rows(folder / "box.parquet", IMAGE_RESULTS, boxed, facts={"model": "other"})
    with pytest.raises(UserError, match="other: its results are missing"):
        wildframe(*command, *options)
    with pytest.raises(UserError, match="given twice"):
        wildframe(*command[:3], folder / "m.parquet", *options)


def test_crops_of_a_single_video_try_no_framing(predictions, wildframe, result):
    folder = predictions.parent
    listed = read_table(folder / "manifest.parquet", MANIFEST).to_pylist()
    write_rows(folder / "one.parquet", MANIFEST, (row | {"video_id": "v"} for row in listed))
    write_rows(
        folder / "m.parquet", IMAGE_RESULTS, [result(name) for name in "abc"], facts={"model": "m"}
    )
    output, shares = folder / "causes.parquet", folder / "shares.parquet"
    zoom = ["--zoom", predictions, "--manifest", folder / "one.parquet"]
    zoom += ["--statuses", folder / "statuses.parquet"]
    written = ["--seed", 0, "--output", output, "--shares", shares]
    wildframe("scores", "attribution", folder / "m.parquet", *zoom, *written)
    # The crop cannot be chosen on other videos: nothing is known of framing.
    assert {row["framing"] for row in read_table(output, ATTRIBUTIONS).to_pylist()} == {None}
    causes = {row["cause"] for row in read_table(shares, ATTRIBUTION_SHARES).to_pylist()}
    assert "framing" not in causes


def test_the_command_compares_framings(predictions, wildframe, result):
    folder = predictions.parent
    facts = {"model": "m"}
    clips = (("a", "one"), ("b", "one"), ("c", "two"))
    full = [result(name, "correct_top1" * (name == "c"), group_id=clip) for name, clip in clips]
    boxed = [row | {"correct_top1": row["image_id"] == "b"} for row in full]
    for name, rows in (("m", full), ("box", boxed)):
        write_rows(folder / f"{name}.parquet", IMAGE_RESULTS, rows, facts=facts)
    output = folder / "framings.parquet"
    command = ["scores", "framing", folder / "m.parquet"]
    command += ["--zoom", predictions, "--manifest", folder / "manifest.parquet"]
    command += ["--statuses", folder / "statuses.parquet", "--seed", 0, "--output", output]

    def solved():
        wildframe(*command)
        rows = [row for row in read_table(output, FRAMINGS).to_pylist() if row["subset"] == "all"]
        return {row["framing"]: (row["successes"], row["n"], row["crops"]) for row in rows}

    # Clip two, which chooses for clip one, solves nothing: the first crop is tried, which solves a.
    without_boxes = {"full": (1, 3, 1), "zoom": (1, 3, 1), "oracle": (1, 3, 18)}
    assert solved() == without_boxes
    command += ["--box", folder / "box.parquet"]
    assert solved() == without_boxes | {"box": (1, 3, 1)}
    write_rows(folder / "box.parquet", IMAGE_RESULTS, boxed, facts={"model": "other"})
    with pytest.raises(UserError, match="m: its results on crops or boxes are missing"):
        wildframe(*command)

"""The numbers that ImageNet-Vid-Robust's paper and its official metadata fix.

The metadata is the publisher's and not part of the project; it is read where a copy lies beside it.
"""

import csv
import io
import json
from collections import Counter
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from wildframe.core.schemas import CLASSES, MANIFEST, ROBUSTNESS, STATUSES
from wildframe.core.tables import read_table, write_rows
from wildframe.labels.hypernyms import members, read_targets
from wildframe.scores.effective import effective
from wildframe.scores.set_files import read_labels, read_sets
from wildframe.scores.set_metrics import is_any_of, pm_k, sets_of
from wildframe.studies.vid_robust.testbed import read_testbed

REFERENCE = Path(__file__).parents[3] / "shared" / "reference" / "vid_robust"
OFFICIAL = REFERENCE / "official"

# Table 1: what is printed, and the counts out of 1,145 anchors that it comes from.
TABLE_1 = [
    (765, "66.8 [64.0, 69.5]", 594, "51.9 [48.9, 54.8]", "14.9"),
    (764, "66.7 [63.9, 69.5]", 577, "50.4 [47.5, 53.3]", "16.3"),
    (615, "53.7 [50.8, 56.6]", 474, "41.4 [38.5, 44.3]", "12.3"),
    (910, "79.5 [77.0, 81.8]", 750, "65.5 [62.7, 68.3]", "14.0"),
    (958, "83.7 [81.4, 85.8]", 798, "69.7 [66.9, 72.3]", "14.0"),
    (874, "76.3 [73.8, 78.8]", 735, "64.2 [61.3, 67.0]", "12.1"),
]


def reference(path):
    if not path.is_file():
        pytest.skip("the metadata of ImageNet-Vid-Robust does not lie beside the project")
    return path


def official(name):
    return json.loads(reference(OFFICIAL / name).read_text())


def scored(anchors, original, perturbed):
    """Score ``original`` right anchors, of which ``perturbed`` have a right neighbour, too."""
    places = np.arange(anchors)
    right = [*(places < original), *(places < perturbed)]
    sets = sets_of([f"{at:04}" for at in [*places, *places]], [0] * anchors + [1] * anchors)
    return pm_k(right, sets, [0, 1])


def printed(row):
    return "{:.1f} [{:.1f}, {:.1f}]".format(*(100 * row[c] for c in ("accuracy", "low", "high")))


@pytest.mark.parametrize(("k_orig", "original", "k_pert", "perturbed", "delta"), TABLE_1)
def test_table_1_to_the_printed_digit(k_orig, original, k_pert, perturbed, delta):
    before, after = scored(1145, k_orig, k_pert)
    assert (before["successes"], after["successes"]) == (k_orig, k_pert)
    assert (printed(before), printed(after)) == (original, perturbed)
    assert f"{100 * after['delta']:.1f}" == delta


def test_table_1_to_four_digits():
    with reference(REFERENCE / "seed_table1_golden.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 6
    for row in rows:
        found = scored(int(row["n"]), int(row["k_orig"]), int(row["k_pert"]))
        for name, score in zip(("orig", "pert"), found, strict=True):
            for ours, theirs in (("accuracy", "acc"), ("low", "lo"), ("high", "hi")):
                assert f"{100 * score[ours]:.4f}" == row[f"{theirs}_{name}"]
        assert f"{100 * found[1]['delta']:.4f}" == row["delta"]


def test_the_walk_gives_the_official_map():
    ours = members("vid30")
    assert {str(index): classes for index, classes in enumerate(ours)} == official(
        "rev_class_idx_map.json"
    )
    assert {
        str(class_index): target for target, classes in enumerate(ours) for class_index in classes
    } == official("class_idx_map.json")


@pytest.fixture(scope="module")
def frames():
    return read_sets(reference(OFFICIAL / "pmsets.json"), 10)


def test_the_sets(frames):
    assert len(frames.names) == len(set(frames.names)) == 22_179
    assert len(set(frames.anchors)) == frames.offsets.count(0) == 1109
    sizes = dict.fromkeys(frames.anchors, -1)
    for anchor in frames.anchors:
        sizes[anchor] += 1
    assert max(sizes.values()) == 20
    assert [anchor for anchor, size in sizes.items() if size == 0] == [
        "val/ILSVRC2015_val_00057000/000044.JPEG"
    ]
    assert (frames.offsets.count(-10), frames.offsets.count(1)) == (1009, 1100)
    rows = pm_k([True] * 22_179, sets_of(frames.anchors, frames.offsets), range(11))
    assert [row["pairs"] for row in rows] == [
        *(0, 2201, 4382, 6546, 8695, 10814, 12908, 14989, 17043, 19065, 21070)
    ]


@pytest.fixture(scope="module")
def labels(frames):
    """Labels of each row by whose they are."""
    path = reference(OFFICIAL / "labels.json")
    return {source: read_labels(path, frames, source, "vid30") for source in ("frame", "anchor")}


def test_eleven_pairs_have_other_labels_than_their_anchor(labels):
    pairs = list(zip(labels["frame"], labels["anchor"], strict=True))
    assert sum(own != of_anchor for own, of_anchor in pairs) == 11
    assert sum(len(own) > 1 for own, _ in pairs) == 1514


@pytest.mark.parametrize(
    ("video", "said", "loses"),
    [
        # Frames from +4 on lack the motorcycle (18) that the anchor shows, ...
        ("ILSVRC2015_val_00023004", 18, "frame"),
        # ... and have a car (6) that the anchor does not show.
        ("ILSVRC2017_val_00186000", 6, "anchor"),
    ],
)
def test_whose_labels_count_decides_in_two_sets(frames, labels, video, said, loses):
    either = list(zip(frames.names, labels["frame"], labels["anchor"], strict=True))
    predicted = np.array(
        [
            said if video in name and said in {*own, *of_anchor} else own[0]
            for name, own, of_anchor in either
        ]
    )
    for source, found in labels.items():
        sets = sets_of(frames.anchors, frames.offsets)
        rows = pm_k(is_any_of(predicted, found), sets, range(11))
        lost = [1109 - row["successes"] for row in rows]
        assert lost == ([0] * 4 + [1] * 7 if source == loses else [0] * 11)


def naive(predicted, pmsets, labels, k, label_source):
    """Count right sets as the definition says, anchor by anchor."""
    right = 0
    for anchor, neighbours in pmsets.items():
        within = [n for n in neighbours if abs(frame_number(n) - frame_number(anchor)) <= k]
        right += all(
            predicted[f] in labels[anchor if label_source == "anchor" else f]
            for f in [anchor, *within]
        )
    return right


@cache
def frame_number(name):
    return int(Path(name).stem)


@pytest.fixture
def by_command(tmp_path, wildframe):
    """Return a function that scores predictions and returns how many sets are right for each k."""

    def count(predictions, *options, metadata=OFFICIAL):
        path = tmp_path / "predictions.json"
        path.write_text(json.dumps(predictions))
        files = ("--pmsets", metadata / "pmsets.json", "--labels", metadata / "labels.json")
        result = wildframe("scores", "pm-k", path, *files, *options, "--format", "csv")
        return [int(row["successes"]) for row in csv.DictReader(io.StringIO(result.stdout))]

    return count


def one_of(values, rng):
    """Return a random one, in a tenth of the time of numpy's choice of several."""
    return values[rng.integers(len(values))]


@pytest.mark.parametrize("label_source", ["frame", "anchor"])
def test_the_command_counts_what_a_loop_over_anchors_counts(by_command, label_source):
    pmsets, labels = official("pmsets.json"), official("labels.json")
    rng = np.random.default_rng(0)
    # Coarse scores, so that there are ties; a label's own score is mostly the highest.
    scores = rng.integers(0, 8, (len(labels), 30)).astype(float)
    for row, own in zip(scores, labels.values(), strict=True):
        row[one_of(own, rng)] += 8 * (rng.random() < 0.97)
    predictions = dict(zip(labels, scores.tolist(), strict=True))
    found = by_command(predictions, "--label-source", label_source)
    predicted = dict(zip(labels, scores.argmax(axis=1), strict=True))
    assert found == [naive(predicted, pmsets, labels, k, label_source) for k in range(11)]
    assert 1109 > found[0] > found[10] > 400


def coarse_predictions(names, labels, width):
    """Scores with ties, in which the best of a label's own is mostly the highest."""
    rng = np.random.default_rng(0)
    classes = members("vid30") if width == 1000 else [[index] for index in range(30)]
    scores = rng.integers(0, 8, (len(names), width)).astype(float)
    for row, name in zip(scores, names, strict=True):
        own = classes[one_of(labels[name], rng)]
        row[one_of(own, rng)] += 8 * (rng.random() < 0.97)
    return dict(zip(names, scores.tolist(), strict=True))


@pytest.fixture(scope="module")
def line(tmp_path_factory, wildframe):
    """The published sets as they come through the stations: the folder of their tables."""
    return through_the_stations(wildframe, OFFICIAL, tmp_path_factory.mktemp("line"))


def through_the_stations(wildframe, metadata, folder):
    files = [reference(metadata / name) for name in ("pmsets.json", "labels.json")]
    wildframe("sources", "vid-published", *files, "--output", folder / "published.parquet")
    named = ("--published", folder / "published.parquet", "--dataset", "vid", "--frames", 10)
    tables = [
        part
        for name in ("manifest", "sets", "funnel")
        for part in (f"--{name}", folder / f"{name}.parquet")
    ]
    wildframe("manifests", "published", *named, "--label-space", "vid30", *tables)
    images = read_table(folder / "manifest.parquet", MANIFEST, ["image_id"]).to_pylist()
    blank = {field.name: None for field in STATUSES.fields}
    blank |= {"media": "v", "status": "ok", "detail": ""}
    write_rows(folder / "statuses.parquet", STATUSES, (blank | row for row in images))
    named = ("--sets", folder / "sets.parquet", "--statuses", folder / "statuses.parquet")
    named += ("--manifest", folder / "manifest.parquet")
    output = folder / "reviews.parquet"
    wildframe("reviews", "consensus", *named, "--review", "human", "--output", output)
    return folder


def test_what_is_exported_is_what_was_published(line, tmp_path, wildframe):
    outputs = {name: tmp_path / f"{name}.json" for name in ("pmsets", "labels")}
    options = [part for name, path in outputs.items() for part in (f"--{name}", path)]
    manifest = ("--manifest", line / "manifest.parquet", "--label-space", "vid30")
    wildframe("reviews", "export", line / "reviews.parquet", *manifest, *options)
    for name, path in outputs.items():
        assert json.loads(path.read_text()) == official(f"{name}.json")


def by_the_line(wildframe, line, folder, *chosen):
    """Score the predictions in a folder station by station; return the rows of all subsets."""
    manifest = ("--manifest", line / "manifest.parquet", "--label-space", "vid30")
    table, results, output, classes = (
        folder / f"{name}.parquet" for name in ("theirs", "results", "robustness", "classes")
    )
    write_rows(classes, CLASSES, [])
    json_file = folder / "predictions.json"
    wildframe("predictions", "import", json_file, "--name", "x", *manifest, "--output", table)
    reviews = ("--reviews", line / "reviews.parquet")
    scored = (*reviews, *manifest, "--classes", classes, *chosen, "--output", results)
    wildframe("scores", "image-results", table, *scored)
    wildframe("scores", "robustness", results, "--output", output)
    return read_table(output, ROBUSTNESS).to_pylist()


def of_all(rows):
    return [row for row in rows if (row["subset"], row["metric"]) == ("all", "pm_k")]


def test_scores_of_all_classes_are_counted_alike(by_command, wildframe, tmp_path):
    """On the first sets only: a file of 1,000 scores for each published frame has 88 MB."""
    pmsets, labels = official("pmsets.json"), official("labels.json")
    pmsets = dict(list(pmsets.items())[:40])
    labels = {frame: labels[frame] for anchor in pmsets for frame in (anchor, *pmsets[anchor])}
    for name, content in (("pmsets", pmsets), ("labels", labels)):
        (tmp_path / f"{name}.json").write_text(json.dumps(content))
    line = tmp_path / "line"
    line.mkdir()
    through_the_stations(wildframe, tmp_path, line)
    chosen = ("--merge", "mean", "--no-restrict")
    predictions = coarse_predictions(list(labels), labels, 1000)
    expected = by_command(predictions, *chosen, metadata=tmp_path)
    found = of_all(by_the_line(wildframe, line, tmp_path, *chosen))
    assert [row["successes"] for row in found] == expected
    assert 40 >= expected[0] > expected[10] > 0


def test_the_line_counts_what_the_command_counts(line, by_command, wildframe, tmp_path):
    labels = official("labels.json")
    chosen = ("--merge", "max", "--restrict")
    expected = by_command(coarse_predictions(list(labels), labels, 30), *chosen)
    rows = by_the_line(wildframe, line, tmp_path, *chosen)
    found = of_all(rows)
    assert [row["successes"] for row in found] == expected
    assert 1109 >= expected[0] > expected[10] > 0
    assert {(row["n"], row["review"]) for row in found} == {(1109, "human")}
    assert [row["pairs"] for row in found][::5] == [0, 10814, 21070]
    # Anchors by class, of several labels in several: what the publisher's labels say.
    anchors = {row["subset"]: row["n"] for row in rows if row["subset"] != "all"}
    counts = Counter(label for anchor in official("pmsets.json") for label in labels[anchor])
    wnids = [target.wnid for target in read_targets("vid30")]
    assert anchors == {f"class={wnids[label]}": count for label, count in counts.items()}
    assert (anchors["class=n02691156"], anchors["class=n02391049"]) == (84, 14)


@pytest.mark.parametrize(
    ("targets", "shift", "n", "slope", "intercept", "r", "of_resnet50"),
    [
        ("vid30", "consistency", 85, "1.090010", "-0.794957", "0.98318", "+2.389"),
        ("vid30", "data_set", 85, "0.533558", "-1.461723", "0.97412", "-1.164"),
        ("ytbb24", "consistency", 85, "1.270340", "-0.690369", "0.95014", "+2.019"),
        ("ytbb24", "data_set", 84, "0.338836", "-1.111870", "0.91083", "-1.162"),
    ],
)
def test_lines_through_published_accuracies(targets, shift, n, slope, intercept, r, of_resnet50):
    path = reference(REFERENCE / "testbed_pm_table.csv")
    found = getattr(read_testbed(path, targets, resamples=100), shift)
    # Of one model there is no accuracy on the validation images of YouTube-BB's classes.
    assert len(found.models) == 335 - ((targets, shift) == ("ytbb24", "data_set"))
    line = found.line
    assert (line.n, f"{line.r:.5f}") == (n, r)
    assert (f"{line.slope:.6f}", f"{line.intercept:.6f}") == (slope, intercept)
    beyond = {model.model: effective(line, model.before, model.after) for model in found.models}
    assert f"{beyond['resnet50']:+.3f}" == of_resnet50
    if targets == "vid30":
        best = max(beyond, key=beyond.__getitem__)
        assert (best, f"{beyond[best]:.2f}") == {
            "consistency": ("resnet50_l2_eps3_robust", "8.11"),
            "data_set": ("vit_b_32_clip_zeroshot", "19.16"),
        }[shift]

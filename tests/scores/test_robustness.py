"""From predictions and reviews to what models lose on sets, on tables written by hand."""

from itertools import chain

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.stats import t

from wildframe.core.errors import UserError
from wildframe.core.schemas import (
    CLASSES,
    IMAGE_RESULTS,
    MANIFEST,
    PAIRS,
    PREDICTIONS,
    REVIEWS,
    ROBUSTNESS,
    SCORES,
    STATUSES,
)
from wildframe.core.statistics import clopper_pearson
from wildframe.core.tables import read_facts, read_table, write_rows
from wildframe.labels.hypernyms import read_targets
from wildframe.scores import read_image_results
from wildframe.scores.accuracy import score_model
from wildframe.scores.predicted import classes_of
from wildframe.scores.robustness import SetResults, read_set_results, robustness, set_pairs

WNIDS = [target.wnid for target in read_targets("vid30")]
CAR, DOG, FOX = (WNIDS[index] for index in (6, 8, 11))

# Anchor, image, offset, labels. Image d10 is near two anchors; e00 has no neighbour.
SETS = [
    ("c00", "c00", 0, [CAR, DOG]),
    ("c00", "c01", -2, [CAR, DOG]),
    ("c00", "c02", 2, [CAR]),
    ("c00", "c03", 5, [CAR]),
    ("d00", "d00", 0, [DOG]),
    ("d00", "d10", 5, [DOG]),
    ("d20", "d10", -5, [FOX]),
    ("d20", "d20", 0, [DOG]),
    ("e00", "e00", 0, [FOX]),
]
IMAGES = sorted({image for _, image, _, _ in SETS})
PREDICTED = {
    "c00": DOG,
    "c01": DOG,
    "c02": DOG,
    "c03": CAR,
    "d00": DOG,
    "d10": DOG,
    "d20": DOG,
    "e00": FOX,
}


def rows_of(path, contract):
    return read_table(path, contract).to_pylist()


def by_set(path):
    """Read results; they are in the order of predictions."""
    return sorted(rows_of(path, IMAGE_RESULTS), key=lambda row: (row["anchor_id"], row["image_id"]))


def scores_of(wnid):
    """Scores of a model that is confident of one class, or rules all out."""
    return [float("-inf") if wnid is None else 4.0 * (wnid == other) for other in WNIDS]


class Station:
    """Writes what the station reads, and calls its commands."""

    def __init__(self, folder, manifest_row, wildframe):
        self.folder = folder
        self.manifest_row = manifest_row
        self.wildframe = wildframe

    def write_manifest(self, images=IMAGES, dataset="d"):
        rows = [self.manifest_row(image, video_id=f"video-{image[0]}") for image in images]
        kept = [
            {field.name: row.get(field.name) for field in MANIFEST.fields} | {"dataset": dataset}
            for row in rows
        ]
        write_rows(self.folder / "manifest.parquet", MANIFEST, kept)

    def write_reviews(self, sets=SETS, out=(), review="human"):
        rows = [
            {
                "anchor_id": anchor,
                "image_id": image,
                "offset": offset,
                "labels": labels,
                "accepted": (anchor, image) not in out,
                "reason": "dissimilar" if (anchor, image) in out else None,
                "similar_votes": None,
                "votes": None,
            }
            for anchor, image, offset, labels in sets
        ]
        write_rows(self.folder / "reviews.parquet", REVIEWS, rows, facts={"review": review})

    def results(self, predicted=PREDICTED, model="m", *options):
        predictions = self.folder / "predictions" / f"{model}.parquet"
        rows = [
            {"image_id": image, "view_key": "", "top": [], "scores": scores_of(wnid)}
            for image, wnid in predicted.items()
        ]
        facts = {"label_space": "vid30", "model": model}
        write_rows(predictions, PREDICTIONS, rows, facts=facts)
        return self.score(predictions, *options)

    def score(self, predictions, *options, evaluated="reviews"):
        write_rows(self.folder / "classes.parquet", CLASSES, [])
        output = self.folder / f"{evaluated}-{predictions.name}"
        named = [
            part
            for name in (evaluated, "manifest", "classes")
            for part in (f"--{name}", self.folder / f"{name}.parquet")
        ]
        named += ["--label-space", "vid30", "--output", output]
        self.wildframe("scores", "image-results", predictions, *named, *options)
        return output

    def robustness(self, *results):
        output = self.folder / "robustness.parquet"
        self.wildframe("scores", "robustness", *results, "--output", output)
        return rows_of(output, ROBUSTNESS)


@pytest.fixture
def station(tmp_path, manifest_row, wildframe):
    """A station with the sets above, all accepted."""
    station = Station(tmp_path, manifest_row, wildframe)
    station.write_manifest()
    station.write_reviews()
    return station


def test_each_frame_of_each_set_is_scored_by_its_own_labels(station):
    path = station.results()
    rows = by_set(path)
    assert [(row["anchor_id"], row["image_id"], row["offset"]) for row in rows] == [
        row[:3] for row in SETS
    ]
    # c02 shows a car alone; d10 is a dog in one set and a fox in the other.
    assert [row["correct_top1"] for row in rows] == [
        *(True, True, False, True),
        *(True, True),
        *(False, True),
        True,
    ]
    # Of classes with equal scores the first of the label space are the others among five.
    assert [one["wnid"] for one in rows[2]["top"]] == [DOG, *WNIDS[:4]]
    assert [row["correct_top5"] for row in rows] == [True] * 2 + [False] + [True] * 3 + [False] + [
        True
    ] * 2
    assert [row["predicted"] for row in rows] == [PREDICTED[row["image_id"]] for row in rows]
    assert {row["video_id"] for row in rows} == {"video-c", "video-d", "video-e"}
    # e^4 against 29 of 1 each.
    sure = np.exp(4) / (np.exp(4) + 29)
    assert rows[2]["confidence"] == pytest.approx(sure)
    assert rows[2]["label_confidence"] == pytest.approx(sure / np.exp(4))
    assert rows[0]["label_confidence"] == pytest.approx(sure)
    facts = read_facts(path, IMAGE_RESULTS)
    named = (
        "model",
        "label_space",
        "targets",
        "merge",
        "restrict_to_label_space",
        "dataset",
        "review",
    )
    assert [facts[name] for name in named] == [
        *("m", "vid30", "vid30", "max", "True"),
        *("d", "human"),
    ]


def test_only_accepted_frames_are_scored(station):
    station.write_reviews(out={("c00", "c02"), ("d20", "d20"), ("d20", "d10")}, review="auto")
    path = station.results(
        {image: PREDICTED[image] for image in IMAGES if image not in ("c02", "d20")}
    )
    assert [row["image_id"] for row in by_set(path)] == [
        *("c00", "c01", "c03"),
        *("d00", "d10"),
        "e00",
    ]
    assert read_facts(path, IMAGE_RESULTS)["review"] == "auto"


def test_no_prediction_is_incorrect_and_has_no_confidence(station):
    row = by_set(station.results(PREDICTED | {"e00": None}))[-1]
    assert (row["predicted"], row["confidence"], row["correct_top1"]) == (None, None, False)
    assert row["top"] == []
    assert row["label_confidence"] == 0


def test_an_accepted_image_without_a_prediction_is_named(station):
    some = {image: PREDICTED[image] for image in IMAGES if image not in ("c02", "d10")}
    with pytest.raises(UserError, match=r"m\.parquet: image c02 is evaluated but .* \(2 such\)"):
        station.results(some)


def test_predictions_given_twice_are_refused(station):
    station.results()
    predictions = station.folder / "predictions" / "m.parquet"
    rows = rows_of(predictions, PREDICTIONS)
    facts = {"label_space": "vid30", "model": "m"}
    write_rows(predictions, PREDICTIONS, [*rows, rows[0]], facts=facts)
    with pytest.raises(UserError, match=r"image c00 has several predictions"):
        station.score(predictions)


def test_tables_of_different_datasets_are_refused(station):
    station.write_manifest(IMAGES[:-1])
    with pytest.raises(UserError, match="image e00 of the reviews is not in the manifest"):
        station.results()
    station.write_manifest()
    station.write_reviews([("e00", "e00", 0, ["n00007846"])])
    with pytest.raises(UserError, match="its label n00007846 is not in the label space"):
        station.results()
    station.write_manifest([])
    with pytest.raises(UserError, match=r"manifest\.parquet: no image is in it"):
        station.results()


def test_reviews_that_accept_nothing_are_refused(station):
    station.write_reviews([])
    with pytest.raises(UserError, match=r"reviews\.parquet: no image can be evaluated"):
        station.results()


def test_robustness_by_hand(station):
    rows = station.robustness(station.results())
    assert {(row["dataset"], row["model"], row["review"]) for row in rows} == {("d", "m", "human")}
    named = {(row["subset"], row["metric"], row["k"]): row for row in rows}
    counts = {key: (row["successes"], row["n"], row["pairs"]) for key, row in named.items()}
    assert counts == {
        # c00 falls at 2, d20 at 5; the others stand.
        ("all", "pm_k", 0): (4, 4, 0),
        ("all", "pm_k", 2): (3, 4, 2),
        ("all", "pm_k", 5): (2, 4, 5),
        # Of an expected accuracy there is no count of successes.
        ("all", "random_neighbour", 2): (None, 1, 2),
        ("all", "random_neighbour", 5): (None, 3, 5),
        # Of five pairs one, c00 with c03, is predicted differently.
        ("all", "flip_rate", 2): (0, 2, 2),
        ("all", "flip_rate", 5): (1, 5, 5),
        # c00 counts for both of its labels.
        (f"class={CAR}", "pm_k", 0): (1, 1, 0),
        (f"class={CAR}", "pm_k", 2): (0, 1, 2),
        (f"class={CAR}", "pm_k", 5): (0, 1, 3),
        (f"class={DOG}", "pm_k", 0): (3, 3, 0),
        (f"class={DOG}", "pm_k", 2): (2, 3, 2),
        (f"class={DOG}", "pm_k", 5): (1, 3, 5),
        (f"class={FOX}", "pm_k", 0): (1, 1, 0),
        (f"class={FOX}", "pm_k", 2): (1, 1, 0),
        (f"class={FOX}", "pm_k", 5): (1, 1, 0),
    }
    whole = named["all", "pm_k", 5]
    share = clopper_pearson(2, 4)
    assert (whole["value"], whole["low"], whole["high"]) == (0.5, share.low, share.high)
    assert (whole["interval"], whole["delta"]) == ("clopper-pearson-95", 0.5)
    assert whole["cluster_low"] < whole["low"] < whole["high"] < whole["cluster_high"]
    # Three videos lose 1 of 1 (c), 1 of 2 (d) and 0 of 1 (e) sets.
    assert whole["videos"] == 3
    assert 0 <= whole["delta_low"] < 0.5 < whole["delta_high"] <= 1
    first = named["all", "pm_k", 0]
    assert (first["delta"], first["delta_low"], first["delta_high"]) == (0, None, None)
    flips = named["all", "flip_rate", 5]
    assert (flips["value"], flips["interval"], flips["videos"]) == (0.2, "t-95 over videos", 2)
    assert flips["low"] < 0.2 < flips["high"]
    # Its own interval is over videos.
    assert (flips["delta"], flips["cluster_low"], flips["cluster_high"]) == (None, None, None)
    # At 2, c01 is correct, c02 not. At 5, that of d00 is, that of d20 not, of c00 two in three.
    assert named["all", "random_neighbour", 2]["value"] == 0.5
    neighbours = named["all", "random_neighbour", 5]
    assert neighbours["value"] == pytest.approx((2 / 3 + 1 + 0) / 3)
    assert neighbours["low"] < neighbours["value"] < neighbours["high"]
    # One video alone has no interval.
    fox = named[f"class={FOX}", "pm_k", 5]
    assert (fox["delta_low"], fox["delta_high"], fox["videos"]) == (None, None, 1)
    assert (fox["cluster_low"], fox["cluster_high"]) == (None, None)


def test_predictions_of_no_class_of_the_label_space_do_not_differ(station):
    rows = station.robustness(station.results(PREDICTED | {"c00": None, "c02": None}))
    (flips,) = (row for row in rows if (row["metric"], row["k"]) == ("flip_rate", 2))
    # Of c00, which has none, c01 differs and c02 does not.
    assert (flips["successes"], flips["n"]) == (1, 2)


def test_models_stand_in_the_order_given_and_are_named_by_the_metadata(station):
    second, first = station.results(model="a.b@288+x"), station.results(model="c")
    renamed = second.rename(station.folder / "other.parquet")
    rows = station.robustness(first, renamed)
    assert list(dict.fromkeys(row["model"] for row in rows)) == ["c", "a.b@288+x"]
    with pytest.raises(UserError, match=r"c is given twice"):
        station.robustness(first, first)


def test_models_of_other_sets_are_refused(station):
    first = station.results(model="a")
    station.write_reviews(out={("c00", "c02")})
    fewer = station.results(model="b")
    with pytest.raises(UserError, match=r"b\.parquet: image c02 of the set of c00"):
        station.robustness(first, fewer)
    station.write_reviews(review="auto")
    with pytest.raises(UserError, match=r"b\.parquet: its review is auto, .* human"):
        station.robustness(first, station.results(model="b"))
    station.write_reviews()
    station.write_manifest(dataset="e")
    with pytest.raises(UserError, match=r"its dataset is e, that of .*a\.parquet d;"):
        station.robustness(first, station.results(model="b"))


def pairs(station, *results):
    output = station.folder / "pairs.parquet"
    station.wildframe("scores", "set-pairs", *results, "--seed", 0, "--output", output)
    return {(row["metric"], row["k"]): row for row in rows_of(output, PAIRS)}


def accuracy(station, results):
    """Return successes and images of every metric and subset."""
    output = station.folder / "accuracy.parquet"
    named = ("--study", "s", "--dataset", "d", "--view", "full", "--high-confidence", 0.9)
    station.wildframe("scores", "accuracy", results, *named, "--output", output)
    return {
        (row["subset"], row["metric"], row["k"]): (row["successes"], row["n"])
        for row in read_table(output, SCORES).to_pylist()
    }


def test_single_images_have_the_accuracy_of_sets_of_one_and_no_robustness(station, manifest_row):
    labels = {image: labels for anchor, image, _, labels in SETS if anchor == image}
    rows = [manifest_row(image, labels=wnids) for image, wnids in labels.items()]
    write_rows(station.folder / "manifest.parquet", MANIFEST, rows)
    station.write_reviews([row for row in SETS if row[0] == row[1]])
    sets = station.results({image: PREDICTED[image] for image in labels} | {"d20": CAR})
    unknown = dict.fromkeys(field.name for field in STATUSES.fields)
    ok = unknown | {"media": "v", "status": "ok", "detail": ""}
    statuses = [ok | {"image_id": image} for image in labels]
    write_rows(station.folder / "statuses.parquet", STATUSES, statuses)
    predictions = station.folder / "predictions" / "m.parquet"
    single = station.score(predictions, evaluated="statuses")
    found = accuracy(station, sets)
    assert found == accuracy(station, single)
    assert found["all", "accuracy", 1] == (3, 4)
    assert found[f"class={DOG}", "accuracy", 1] == (1, 2)
    at_anchors = station.robustness(sets)[0]
    assert (at_anchors["metric"], at_anchors["k"]) == ("pm_k", 0)
    assert (at_anchors["successes"], at_anchors["n"]) == found["all", "accuracy", 1]
    with pytest.raises(UserError, match=r"m\.parquet: is of single images, which have no neigh"):
        station.robustness(single)


def test_accuracy_of_sets_is_that_of_their_anchors(station):
    results = station.results(PREDICTED | {"e00": DOG})
    assert accuracy(station, results)["all", "accuracy", 1] == (3, 4)


def test_set_pairs_by_hand(station):
    # b is incorrect on the anchor e00, and correct where a is not.
    other = PREDICTED | {"e00": DOG, "c02": CAR, "d10": FOX}
    both = pairs(station, station.results(model="a"), station.results(other, model="b"))
    assert [*both] == [
        ("pm_k", 0),
        ("pm_k", 5),
        ("delta", 5),
        ("random_neighbour", 5),
        ("flip_rate", 5),
    ]
    assert {(row["model_a"], row["model_b"], row["clusters"]) for row in both.values()} >= {
        ("a", "b", 3)
    }
    names = ("both", "only_a", "only_b", "neither", "difference", "p_value")
    assert [both["pm_k", 0][name] for name in names] == [3, 1, 0, 0, 0.25, 1]
    # a: c00 no, d00 yes, d20 no, e00 yes; b: c00 yes, d00 no, d20 yes, e00 no. Over videos c and e
    # differ by one set each way, and d by none.
    assert [both["pm_k", 5][name] for name in names] == [0, 2, 2, 0, 0, 1]
    delta = both["delta", 5]
    assert (delta["value_a"], delta["value_b"], delta["difference"]) == (0.5, 0.25, 0.25)
    assert delta["both"] is None
    assert delta["low"] < 0.25 < delta["high"]


def test_choices_of_the_protocol_by_hand(station):
    """Scores of ImageNet-1K: a class outside the label space, then foxes, then many dogs."""
    dogs, foxes = (classes_of("vid30", "in1k")[WNIDS.index(wnid)] for wnid in (DOG, FOX))
    scores = np.full(1000, -20.0)
    scores[dogs], scores[foxes] = 4, 5
    scores[next(at for at in range(1000) if at not in chain(*classes_of("vid30", "in1k")))] = 6
    own = station.folder / "own.parquet"
    facts = {"label_space": "in1k", "model": "m"}
    order = np.argsort(-scores, kind="stable")[:5]
    top = [{"class_index": int(at), "probability": 0.1} for at in order]
    shown = {"view_key": "", "top": top, "scores": scores.tolist()}
    write_rows(own, PREDICTIONS, [{"image_id": name} | shown for name in IMAGES], facts=facts)
    # Foxes are predicted everywhere; all dogs together are more probable, and are on three anchors.
    expected = {
        ("label_space=full", 0): (0, 1 / 4),
        ("label_space=full", 5): (0, 1 / 4),
        ("merge=sum", 0): (3 / 4, 1 / 4),
        ("merge=sum", 5): (1 / 4, 1 / 4),
        ("merge=mean", 0): (1 / 4, 1 / 4),
        ("merge=mean", 5): (1 / 4, 1 / 4),
        ("labels=first", 0): (1 / 4, 1 / 4),
        ("labels=first", 5): (1 / 4, 1 / 4),
    }
    assert choices_of(station, own) == expected
    # A model of the label space itself has no choice of classes; a dog is the second label of c00.
    station.results()
    assert choices_of(station, station.folder / "predictions/m.parquet") == {
        ("labels=first", 0): (3 / 4, 1),
        ("labels=first", 5): (1 / 2, 1 / 2),
    }


def choices_of(station, predictions):
    """Return accuracies by another choice and by the own, by the other and the distance."""
    output = station.folder / "protocol.parquet"
    tables = [
        part
        for name in ("reviews", "manifest")
        for part in (f"--{name}", station.folder / f"{name}.parquet")
    ]
    chosen = ("--label-space", "vid30", "--seed", 0, "--output", output)
    station.wildframe("scores", "protocol", predictions, *tables, *chosen)
    return {
        (row["subset_a"], row["k"]): (row["value_a"], row["value_b"])
        for row in rows_of(output, PAIRS)
        if row["metric"] == "pm_k"
    }


def test_one_model_or_one_distance(station):
    path = station.results(model="a")
    assert pairs(station, path) == {}
    station.write_reviews([row for row in SETS if row[2] == 0])
    alone = [station.results(model=name) for name in "ab"]
    assert [*pairs(station, *alone)] == [("pm_k", 0)]
    found = station.robustness(*alone)
    assert {(row["metric"], row["k"]) for row in found} == {("pm_k", 0)}


@st.composite
def worlds(draw):
    """Sets that share images of a few videos, and a prediction of each image."""
    labels = st.lists(st.sampled_from(WNIDS[:4]), max_size=3, unique=True)
    classes = st.sampled_from([*WNIDS[:4], None])
    sets, predicted = [], {}
    for video in range(draw(st.integers(1, 4))):
        frames = draw(st.lists(st.integers(0, 15), min_size=1, max_size=8, unique=True))
        for anchor in draw(st.sets(st.sampled_from(frames), min_size=1)):
            # An anchor of no label stays, and is never correct.
            neighbours = draw(st.sets(st.sampled_from(frames))) | {anchor}
            for frame in sorted(neighbours):
                name = f"{video}-{frame:02}"
                predicted.setdefault(name, draw(classes))
                sets.append((f"{video}-{anchor:02}", name, frame - anchor, draw(labels)))
    return draw(st.permutations(sets)), predicted


def test_copies_are_shared_by_models_where_there_are_any(station):
    def shared():
        return read_set_results([station.results({"a": DOG, "b": DOG})])[1]

    station.write_manifest(["a", "b"])
    station.write_reviews([("a", "a", 0, [DOG]), ("b", "b", 0, [DOG])])
    assert "copies" not in shared()
    path = station.folder / "reviews.parquet"
    rows = read_table(path, REVIEWS).to_pylist()
    write_rows(path, REVIEWS, rows, facts={"review": "none", "copies": '{"b": "a"}'})
    assert shared()["copies"] == "1"


def naive(sets, predicted, k):
    """Count correct sets as the definition says, anchor by anchor."""
    correct = 0
    for anchor in {anchor for anchor, *_ in sets}:
        frames = [row for row in sets if row[0] == anchor and abs(row[2]) <= k]
        correct += all(predicted[image] in labels for _, image, _, labels in frames)
    return correct


@given(worlds())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_tables_say_what_a_loop_over_anchors_says(station, world):
    sets, predicted = world
    station.write_manifest(list(predicted))
    station.write_reviews(sets)
    path = station.results(predicted)
    (results,), _ = read_set_results([path])
    rows = [row for row in robustness(results) if row["metric"] == "pm_k"]
    whole = [row for row in rows if row["subset"] == "all"]
    assert [row["k"] for row in whole] == sorted({abs(offset) for *_, offset, _ in sets})
    assert [row["successes"] for row in whole] == [
        naive(sets, predicted, row["k"]) for row in whole
    ]
    anchors = [row for row in sets if row[2] == 0]
    correct = sum(predicted[image] in labels for _, image, _, labels in anchors)
    assert whole[0]["value"] == correct / len(anchors)
    (accuracy, *_) = score_model("m", read_image_results(path), 0.9)
    assert (accuracy["subset"], accuracy["metric"], accuracy["k"]) == ("all", "accuracy", 1)
    assert (accuracy["successes"], accuracy["n"]) == (whole[0]["successes"], len(anchors))
    values = [row["value"] for row in whole]
    assert values == sorted(values, reverse=True)
    for row in rows:
        wnid = row["subset"].removeprefix("class=")
        chosen = {anchor for anchor, *_, labels in anchors if wnid in labels or wnid == "all"}
        own = [one for one in sets if one[0] in chosen]
        assert (row["successes"], row["n"]) == (naive(own, predicted, row["k"]), len(chosen))
        assert row["delta"] == pytest.approx(naive(own, predicted, 0) / len(chosen) - row["value"])
        if row["delta_low"] is not None:
            assert 0 <= row["delta_low"] <= row["delta"] <= row["delta_high"] <= 1


def results(model, flags, videos):
    """One set for each pair of flags: of its anchor, and of a frame at distance 1."""
    rows = []
    for number, (correct, video) in enumerate(zip(flags, videos, strict=True)):
        for offset, at in enumerate(correct):
            row = {"anchor_id": f"{number:03}", "image_id": f"{number:03}-{offset}"}
            row |= {"video_id": video, "offset": offset, "labels": [DOG]}
            rows.append(row | {"predicted": DOG if at else CAR, "correct_top1": at})
    return SetResults(model, rows)


@pytest.mark.parametrize("order", [1, -1])
def test_several_crops_of_an_image_are_refused(station, order):
    paths = [station.results(), station.results(model="crops")]
    crops = [row | {"view_key": key} for row in rows_of(paths[1], IMAGE_RESULTS) for key in "ab"]
    write_rows(paths[1], IMAGE_RESULTS, crops, facts=read_facts(paths[1], IMAGE_RESULTS))
    with pytest.raises(UserError, match=r"crops\.parquet: an image has several predictions"):
        list(read_set_results(paths[::order])[0])


def test_the_interval_over_two_videos_by_hand():
    # Of 20 sets of a video 10 are correct at 0 and 8 at 1, of 10 of the other 6 and 5.
    flags = [(n < 10, n < 8) for n in range(20)] + [(n < 6, n < 5) for n in range(10)]
    rows = [*robustness(results("m", flags, ["a"] * 20 + ["b"] * 10))]
    # Without either video: 0.6 and 0.5, then 0.5 and 0.4. Kish: 30^2 / (20^2 + 10^2) - 1.
    half = t.ppf(0.975, 0.8) * np.sqrt(1 / 2 * 2 * 0.05**2)
    for k, successes in ((0, 16), (1, 13)):
        (row,) = (r for r in rows if (r["subset"], r["metric"], r["k"]) == ("all", "pm_k", k))
        exact, p = clopper_pearson(successes, 30), successes / 30
        assert (row["value"], row["low"], row["high"]) == (p, exact.low, exact.high)
        ends = 1 / (1 + (1 - p) / p * np.exp(np.array([1, -1]) * half / (p * (1 - p))))
        assert (row["cluster_low"], row["cluster_high"]) == pytest.approx(tuple(ends))
        assert row["videos"] == 2


def test_intervals_are_of_videos_and_pairs_are_paired():
    rng = np.random.default_rng(0)
    flags = [(True, bool(rng.random() < 0.7)) for _ in range(400)]
    apart = results("m", flags, [f"{n}" for n in range(400)])
    # The same, each set ten times in one video: as many sets, a tenth of what they tell.
    tenfold = [correct for correct in flags[:40] for _ in range(10)]
    together = results("m", tenfold, [f"{n // 10}" for n in range(400)])

    def width(one):
        row = next(r for r in robustness(one) if (r["subset"], r["k"]) == ("all", 1))
        return row["delta_high"] - row["delta_low"]

    assert width(apart) == pytest.approx(2 * 1.96 * np.sqrt(0.3 * 0.7 / 400), rel=0.15)
    assert width(together) == pytest.approx(2 * 1.96 * np.sqrt(0.3 * 0.7 / 40), rel=0.25)
    # Models that fail on the same sets do not differ, however wide the interval of each.
    twin = results("n", flags, [f"{n}" for n in range(400)])
    far = next(row for row in set_pairs([apart, twin], 0) if row["metric"] == "delta")
    assert (far["difference"], far["low"], far["high"], far["p_value"]) == (0, None, None, 1)

"""Fig. 1, Fig. 3 and appendix Fig. 1 of the study vid_robust: pairs of frames to look at."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner
from wildframe.exhibits.vid_robust import (
    appendix_fig1_dissimilar,
    detection_commands,
    fig1_gallery,
    fig3_detections,
    picture_commands,
)
from wildframe.exhibits.vid_robust.fig3_detections import boxes_of, worst_sets
from wildframe.exhibits.vid_robust.panels import origin, where

from wildframe.core.errors import UserError
from wildframe.core.schemas import (
    DETECTIONS,
    FRAMES,
    MANIFEST,
    PREDICTIONS,
    REVIEWS,
    SET_OUTCOMES,
    WORST_FRAMES,
)
from wildframe.core.tables import write_rows
from wildframe.frames.encode import encode
from wildframe.labels.spaces import class_wnids

CUP, DOG, REMOTE = "n03147509", "n02084071", "n04074963"
PLAIN = encode(np.full((50, 100, 3), 128, np.uint8), "png")


def judged(anchor, offset, right=True, answer=None, label=CUP, **values):
    """Return a row of SET_OUTCOMES; pictures are named after their anchor and offset."""
    answer = answer or (label if right else DOG)
    row = {
        "anchor_id": anchor,
        "image_id": anchor if offset == 0 else f"{anchor}{offset:+d}",
        "video_id": f"video-{anchor}",
        "offset": offset,
        "labels": [label],
        "answer": answer,
        "confidence": 0.5,
        "label_confidence": 0.5 if right else 0.25,
        "right": right,
    }
    return row | values


def texts(figure):
    found = [figure.get_suptitle(), figure.get_supxlabel()]
    for axis in figure.axes:
        found += [axis.get_title(), *(text.get_text() for text in axis.texts)]
        if legend := axis.get_legend():
            found += [text.get_text() for text in legend.get_texts()]
    return [text for text in found if text]


@pytest.fixture
def figures(monkeypatch):
    """Figures that would have been saved."""
    kept = []
    for module in (appendix_fig1_dissimilar, fig1_gallery, fig3_detections):
        monkeypatch.setattr(module, "save", lambda figure, outputs: kept.append(figure))
    return kept


def test_a_failure_has_its_anchor_right_and_its_nearest_frame_wrong():
    rows = [
        judged("a", 4, right=False),
        judged("a", -4, right=False),
        judged("a", 0),
        judged("a", 2),
        # Only frames, only the anchor, and nothing is wrong here.
        judged("b", 0),
        judged("b", 2),
        judged("c", 0, right=False),
        judged("c", 2, right=False),
        judged("d", 2, right=False),
        judged("d", 6, right=False),
        judged("d", 0),
    ]
    found = fig1_gallery.failures(rows)
    assert [one.anchor["anchor_id"] for one in found] == ["a", "d"]
    assert [one.wrong["offset"] for one in found] == [-4, 2]
    assert [row["offset"] for row in found[0].rows] == [-4, 0, 2, 4]


def failing(classes):
    rows = []
    for number, label in enumerate(classes):
        name = f"anchor-{number}"
        rows += [judged(name, 0, label=label), judged(name, 1, right=False, label=label)]
    return fig1_gallery.failures(rows)


def test_no_class_is_drawn_twice_while_another_is_left():
    found = failing([CUP] * 30 + [DOG, REMOTE])
    for seed in range(5):
        chosen = fig1_gallery.choose(found, 3, seed)
        assert {one.anchor["labels"][0] for one in chosen} == {CUP, DOG, REMOTE}
    drawn = {fig1_gallery.choose(found, 3, seed)[0].anchor["anchor_id"] for seed in range(20)}
    assert len(drawn) > 3
    assert fig1_gallery.choose([], 6, 0) == []


@given(
    st.lists(st.sampled_from([CUP, DOG, REMOTE]), max_size=12),
    st.integers(0, 8),
    st.integers(0, 99),
)
def test_a_draw_is_fair_to_classes_and_repeats(classes, count, seed):
    found = failing(classes)
    chosen = fig1_gallery.choose(found, count, seed)
    assert chosen == fig1_gallery.choose(found, count, seed)
    ids = [one.anchor["anchor_id"] for one in chosen]
    assert len(set(ids)) == len(ids) == min(count, len(classes))
    have = [one.anchor["labels"][0] for one in chosen]
    for label in set(classes):
        # A class stays behind another by more than one only where it has no more sets.
        others = max((have.count(other) for other in set(classes)), default=0)
        assert have.count(label) >= min(classes.count(label), others - 1)


def test_the_grid_of_frames_is_that_of_all_sets():
    rows = [judged("a", offset) for offset in (0, -10, 6)]
    assert fig1_gallery.grid_of(rows) == (10, 2)
    assert fig1_gallery.grid_of(rows[:1]) == (0, 1)


def test_pairs_are_those_that_were_judged():
    def row(image, accepted, reason):
        return judged("a", 0) | {"image_id": image, "accepted": accepted, "reason": reason}

    rows = [
        row("a", False, "bad-anchor"),
        row("in", True, None),
        row("out", False, "dissimilar;blur-increase"),
        row("far", False, "similarity"),
        *(row(reason, False, reason) for reason in ("unreadable", "anchor", "set")),
    ]
    found = appendix_fig1_dissimilar.rejected_pairs(rows)
    assert [one["image_id"] for one in found] == ["out", "far"]


def test_pairs_are_drawn_from_as_many_sets_as_there_are():
    rows = [judged("a", offset) for offset in range(1, 20)] + [judged("b", 1), judged("c", 1)]
    for seed in range(5):
        chosen = appendix_fig1_dissimilar.choose(rows, 3, seed)
        assert {row["anchor_id"] for row in chosen} == {"a", "b", "c"}
        # The order of the rows is not what decides.
        assert chosen == appendix_fig1_dissimilar.choose(rows[::-1], 3, seed)
    assert len(appendix_fig1_dissimilar.choose(rows, 50, 0)) == 21


def test_offsets_and_pictures_in_words():
    assert [where(offset) for offset in (-1, 0, 1, 4)] == [
        "1 frame earlier",
        "the anchor itself",
        "1 frame later",
        "4 frames later",
    ]
    known = {
        "p": {"frame": 7, "video_id": "v"},
        "q": {"frame": None, "video_id": "v"},
        "r": {"frame": 7, "video_id": None},
    }
    assert [origin(name, known) for name in known] == ["frame 7 of v", "q", "r"]


def lost(anchor, ap, **values):
    row = {"model": "d", "task": "detection", "iou": "0.5", "anchor_id": anchor, "ap_anchor": 1.0}
    return row | {"image_id": f"{anchor}+1", "offset": 1, "ap": ap} | values


def test_sets_stand_by_what_is_lost_under_one_detector_task_and_overlap(tmp_path):
    rows = [
        lost("a", 0.5),
        lost("b", 0.25),
        lost("c", 0.5),
        lost("d", 0.0, model="other"),
        lost("e", 0.0, task="localization"),
        lost("f", 0.0, iou="0.75"),
    ]
    found = worst_sets(tmp_path, rows, "d", "0.5")
    assert [row["anchor_id"] for row in found] == ["b", "a", "c"]
    with pytest.raises(UserError, match=r"no worst frames of x at 0.5; it knows d, other"):
        worst_sets(tmp_path, rows, "x", "0.5")


def side(x, y, width, height):
    return {"x": float(x), "y": float(y), "width": float(width), "height": float(height)}


def test_boxes_are_scaled_matched_and_named(picture):
    # Objects are given in 200 x 100; the detector was shown half of that.
    row = picture(
        "p",
        annotation_labels=[[CUP], [DOG], ["n00000001"]],
        boxes=[side(20, 20, 40, 40), side(100, 0, 100, 100), side(0, 0, 10, 10)],
    )
    wnids = [CUP, DOG, None]
    found = [
        # Of two on one object the better one hits; a dog on a cup is wrong.
        (0, 0.9, side(10, 10, 20, 20)),
        (0, 0.8, side(10, 10, 20, 19)),
        (1, 0.7, side(10, 10, 20, 20)),
        # No target, and not above the least score.
        (2, 0.6, side(0, 0, 5, 5)),
        (1, 0.5, side(50, 0, 50, 50)),
    ]
    detections = {
        "width": 100,
        "height": 50,
        "detections": [
            {"class_index": index, "score": score, "box": box} for index, score, box in found
        ],
    }
    drawn = boxes_of(row, detections, wnids, 0.5, {CUP: "cup"})
    assert [(one.kind, one.text) for one in drawn] == [
        ("object", "cup"),
        ("object", DOG),
        ("hit", "cup 0.90"),
        ("miss", "cup 0.80"),
        ("miss", f"{DOG} 0.70"),
    ]
    assert drawn[0].box == drawn[2].box == pytest.approx((0.1, 0.2, 0.2, 0.4))
    # Where the manifest gives no size, objects are in the picture's own pixels.
    bare = row | {"width": None, "height": None, "boxes": [side(10, 10, 20, 20)] * 3}
    again = boxes_of(bare, detections, wnids, 0.5, {CUP: "cup"})
    assert again[0].box == again[2].box == pytest.approx((0.1, 0.2, 0.2, 0.4))


def test_what_is_not_drawn_takes_no_object_from_what_is(picture):
    row = picture("p", annotation_labels=[[CUP]], boxes=[side(20, 20, 40, 40)])
    exact, loose = side(20, 20, 40, 40), side(20, 20, 40, 30)
    boxes = [
        {"class_index": 0, "score": score, "box": box}
        for score, box in ((0.6, loose), (0.4, exact))
    ]
    shown = {"width": 200, "height": 100, "detections": boxes}
    assert [one.kind for one in boxes_of(row, shown, [CUP], 0.5, {})] == ["object", "hit"]
    nothing = shown | {"detections": []}
    assert [one.kind for one in boxes_of(row, nothing, [CUP], 0.5, {})] == ["object"]
    blank = row | {"annotation_labels": [], "boxes": []}
    assert [one.kind for one in boxes_of(blank, shown, [CUP], 0.5, {})] == ["miss"]
    assert boxes_of(blank, nothing, [CUP], 0.5, {}) == []


@pytest.fixture
def files(tmp_path, blank, picture):
    """A set of five frames, one of them out; the model takes the third for a dog."""
    names = ["a", "a-2", "a+2", "a+4", "a+6"]
    offsets = dict(zip(names, (0, -2, 2, 4, 6), strict=True))
    manifest = [
        picture(name, video_id="the $video", frame=10 + offset) for name, offset in offsets.items()
    ]
    write_rows(tmp_path / "manifest.parquet", MANIFEST, manifest)
    frames = [
        blank(FRAMES, image_id=name, status="ok", detail="", image=PLAIN, width=100, height=50)
        for name in names
    ]
    write_rows(tmp_path / "frames.parquet", FRAMES, frames)
    reviews = [
        {"anchor_id": "a", "image_id": name, "offset": offset, "labels": [CUP]}
        | {"accepted": name != "a+4", "reason": "deformation" if name == "a+4" else None}
        | {"similar_votes": 1, "votes": 3}
        for name, offset in offsets.items()
    ]
    write_rows(tmp_path / "reviews.parquet", REVIEWS, reviews, facts={"review": "human"})
    write_outcomes(tmp_path, wrong={"a+2"})
    coco = class_wnids("coco80")
    scores = [[0.0] * 80 for _ in names]
    for row, dog in zip(scores, (0.125, 0.25, 0.75, 0.5, 0.375), strict=True):
        row[coco.index(DOG)] = np.log(dog / (1 - dog) * 79)
    predictions = [
        {"image_id": name, "view_key": "", "top": [], "scores": row}
        for name, row in zip(names, scores, strict=True)
    ]
    facts = {"class_space": "coco80", "model": "m"}
    write_rows(tmp_path / "predictions.parquet", PREDICTIONS, predictions, facts=facts)
    found = [{"class_index": coco.index(CUP), "score": 0.75, "box": side(25, 10, 20, 20)}]
    detections = [
        {"image_id": name, "width": 100, "height": 50, "detections": found if name == "a" else []}
        for name in names
    ]
    facts = {"class_space": "coco80", "model": "d"}
    write_rows(tmp_path / "d.detections.parquet", DETECTIONS, detections, facts=facts)
    write_worst(tmp_path, ap=0.0)
    return tmp_path


def write_outcomes(folder, wrong=(), model="m"):
    rows = [judged("a", offset, right=f"a{offset:+d}" not in wrong) for offset in (-2, 0, 2, 6)]
    facts = {"model": model, "targets": "coco80", "merge": "max", "outputs": "masked"}
    facts |= {"review": "human", "answers_from": "scores of all classes"}
    write_rows(folder / "outcomes.parquet", SET_OUTCOMES, rows, facts=facts)


def write_worst(folder, ap):
    row = lost("a", ap, image_id="a+2", offset=2) | {"ap_anchor": 1.0}
    config = {"iou": "0.5,0.5:0.95"}
    write_rows(
        folder / "worst.parquet", WORST_FRAMES, [row], config=config, facts={"review": "human"}
    )


def run(folder, command, **options):
    options |= {
        "manifest": folder / "manifest.parquet",
        "targets": "coco80",
        "about": "a $demo",
        "png": folder / "figure.png",
        "svg": folder / "figure.svg",
    }
    app = detection_commands.app if command == "fig3-detections" else picture_commands.app
    arguments = [f"--{name}={value}" for name, value in options.items()]
    result = CliRunner().invoke(app, [command, str(folder / "frames.parquet"), *arguments])
    if isinstance(result.exception, UserError):
        raise result.exception
    assert result.exception is None, result.output
    return [folder / "figure.png", folder / "figure.svg"]


def fig1(folder, model="m"):
    inputs = {name: folder / f"{name}.parquet" for name in ("outcomes", "predictions")}
    return run(folder, "fig1-gallery", model=model, seed=0, **inputs)


def appendix_fig1(folder):
    return run(folder, "appendix-fig1-dissimilar", reviews=folder / "reviews.parquet", seed=0)


def fig3(folder, detector="d"):
    inputs = {"worst": folder / "worst.parquet", "detections": folder / "d.detections.parquet"}
    return run(folder, "fig3-detections", detector=detector, **inputs)


def test_fig1_shows_anchor_frame_and_both_confidences_with_a_gap(files, figures):
    fig1(files)
    (figure,) = figures
    found = texts(figure)
    assert found[0] == "Fig. 1: m: 1 of 1 sets has the anchor right and a frame wrong"
    assert "Data: a $demo" in found[1]
    assert "Review: human" in found[1]
    left, middle, trace = figure.axes
    assert left.get_title() == (
        "anchor, frame 10 of the $video\nlabel: cup\nanswer: cup, confidence 0.50"
    )
    assert middle.get_title() == "2 frames later\nlabel: cup\nanswer: dog, confidence 0.50"
    assert found[-2:] == ["cup (label)", "dog (wrong answer)"]
    label, dog = (line for line in trace.lines if len(line.get_xdata()) > 2)
    assert list(dog.get_xdata()) == [-6, -4, -2, 0, 2, 4, 6]
    # 4 frames later lies a frame that is out, and what is earlier than 2 frames is no candidate.
    nan = np.nan
    np.testing.assert_allclose(dog.get_ydata(), [nan, nan, 0.25, 0.125, 0.75, nan, 0.375], 1e-6)
    np.testing.assert_allclose(label.get_ydata(), [nan, nan, 0.5, 0.5, 0.25, nan, 0.5])
    (shaded,) = trace.patches
    assert (shaded.get_x(), shaded.get_width()) == (1, 2)


def test_fig1_draws_a_wrong_answer_that_is_no_target(figures, picture):
    rows = [judged("a", 0), judged("a", 1, right=False, confidence=None, label_confidence=None)]
    rows[1]["answer"] = None
    chosen = fig1_gallery.failures(rows)
    manifest = {name: picture(name) for name in ("a", "a+1")}
    images = dict.fromkeys(manifest, PLAIN)
    assert fig1_gallery.confidences_of("p", [], chosen, {}) == {}
    fig1_gallery.gallery(chosen, (1, 1), {}, manifest, images, {CUP: "cup"}, "t", ["n"], [])
    (figure,) = figures
    assert "1 frame later\nlabel: cup\nanswer: none of the targets" in texts(figure)
    assert texts(figure)[-1] == "cup (label)"


def test_appendix_fig1_says_why_a_pair_is_out(files, figures):
    appendix_fig1(files)
    found = texts(figures[0])
    assert found[0] == "Appendix Fig. 1: 1 of 4 pairs was rejected"
    assert "Data: a $demo" in found[1]
    assert found[2:] == [
        "anchor, frame 10 of the $video\nlabel: cup",
        "4 frames later\nrejected: deformation\naccepted by 1 of 3",
    ]


def test_fig3_tells_hits_from_misses(files, figures):
    fig3(files)
    found = texts(figures[0])
    assert found[0] == "Fig. 3: d loses average precision on 1 of 1 sets (IoU 0.5)"
    assert found[2:] == [
        "anchor, frame 10 of the $video\nAP 1.00",
        "cup",
        "cup 0.75",
        "worst frame, 2 frames later\nAP 0.00",
        "cup",
    ]
    anchor, worst = (axis for axis in figures[0].axes if axis.images)
    thing, hit = anchor.patches
    # Shown is a picture of 100 x 50; the cup is annotated in 200 x 100.
    assert hit.get_bbox().bounds == pytest.approx((24.5, 9.5, 20, 20))
    assert thing.get_bbox().bounds == pytest.approx((24.5, 9.5, 20, 20))
    assert thing.get_edgecolor() == (1, 1, 1, 1)
    red, green, _, _ = hit.get_edgecolor()
    assert green > red
    assert len(worst.patches) == 1


@pytest.mark.parametrize("make", [fig1, appendix_fig1, fig3])
def test_a_figure_repeats_its_bytes(files, make):
    before = [path.read_bytes() for path in make(files)]
    assert [path.read_bytes() for path in make(files)] == before


def test_without_anything_to_show_a_figure_says_so(files, figures, blank):
    write_outcomes(files)
    fig1(files)
    write_worst(files, ap=1.0)
    fig3(files)
    row = judged("a", 0) | {"accepted": True, "reason": None, "similar_votes": None, "votes": None}
    rows = [{field.name: row[field.name] for field in REVIEWS.fields}]
    write_rows(files / "reviews.parquet", REVIEWS, rows, facts={"review": "none"})
    appendix_fig1(files)
    assert [texts(figure)[0] for figure in figures] == [
        "Fig. 1: m: none of 1 sets has its anchor right and another frame wrong",
        "Fig. 3: d loses average precision on none of 1 sets (IoU 0.5)",
        "Appendix Fig. 1: no pair of 0 was judged and rejected",
    ]
    assert all(re.match(r"Data: a \$demo\sReview: ", texts(figure)[1]) for figure in figures)
    assert all(len(texts(figure)) == 2 for figure in figures)


def test_empty_figures_are_files_too(files):
    write_outcomes(files)
    write_worst(files, ap=1.0)
    for make in (fig1, fig3):
        assert all(path.stat().st_size > 1000 for path in make(files))


def test_files_that_do_not_belong_together_are_named(files, blank, picture):
    with pytest.raises(UserError, match=r"outcomes.parquet: is of m under coco80, not of x"):
        fig1(files, model="x")
    with pytest.raises(UserError, match=r"worst.parquet: no worst frames of x"):
        fig3(files, detector="x")
    facts = {"class_space": "coco80", "model": "m"}
    write_rows(files / "predictions.parquet", PREDICTIONS, [], facts=facts)
    with pytest.raises(UserError, match=r"predictions.parquet: picture a has no prediction"):
        fig1(files)
    write_rows(files / "d.detections.parquet", DETECTIONS, [], facts=facts | {"model": "d"})
    with pytest.raises(UserError, match=r"d.detections.parquet: has no picture a;"):
        fig3(files)
    unread = blank(FRAMES, image_id="a", status="media_missing", detail="gone")
    write_rows(files / "frames.parquet", FRAMES, [unread])
    with pytest.raises(UserError, match=r"picture a cannot be shown"):
        appendix_fig1(files)
    write_rows(files / "manifest.parquet", MANIFEST, [picture("other")])
    with pytest.raises(UserError, match=r"manifest.parquet: no picture a \(2 such\)"):
        appendix_fig1(files)

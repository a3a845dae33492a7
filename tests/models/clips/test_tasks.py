"""Which clips a training learns from, and the classes of its heads."""

from pathlib import Path

import pytest
from clips_data import clip_row, write_clips
from hypothesis import given
from hypothesis import strategies as st

from wildframe.core.errors import UserError
from wildframe.core.schemas import CLIP_CLASSES
from wildframe.core.tables import write_rows
from wildframe.models.clips.tasks import choose_clips, read_class_indices, require_classes


def choose(rows, task="action", fraction=1.0, one_view_per_pair=False, seed=0):
    return choose_clips(
        rows, task, fraction=fraction, one_view_per_pair=one_view_per_pair, seed=seed
    )


def test_each_head_has_its_classes(tmp_path):
    write_clips(tmp_path, [clip_row(0)])
    path = tmp_path / "classes.parquet"
    assert read_class_indices("multi_label", path) == {"action": {"left": 0, "right": 1}}
    assert read_class_indices("verb_noun", path) == {
        "verb": {"go": 0, "come": 1, "stay": 2},
        "noun": {"square": 0, "disc": 1},
    }
    # Of ego and exo, ego is the second, as in released labels.
    assert read_class_indices("viewpoint", path) == {"viewpoint": {"exo": 0, "ego": 1}}


def test_a_dataset_without_classes_of_the_task_is_refused(tmp_path):
    write_rows(tmp_path / "classes.parquet", CLIP_CLASSES, [])
    with pytest.raises(UserError, match="no verb classes, which the task verb_noun is about"):
        read_class_indices("verb_noun", tmp_path / "classes.parquet")


def test_clips_without_a_label_of_the_task_are_left_out():
    rows = [clip_row(0, actions=[]), clip_row(1, noun=None), clip_row(2, viewpoint=None)]
    assert choose(rows, "action") == {"c1", "c2"}
    assert choose(rows, "verb_noun") == {"c0", "c2"}
    assert choose(rows, "viewpoint") == {"c0", "c1"}
    # That nothing is done is a label, too.
    assert choose(rows, "multi_label") == {"c0", "c1", "c2"}


def test_a_clip_of_several_actions_is_none_of_one():
    """In whichever order they are written."""
    left, right = ({"class": name, "start": None, "stop": None} for name in ("left", "right"))
    several = [[left, right], [right, left], [left, left], [left]]
    rows = [clip_row(at, actions=actions) for at, actions in enumerate(several)]
    assert choose(rows, "action") == {"c2", "c3"}
    assert choose(rows, "multi_label") == {"c0", "c1", "c2", "c3"}


def test_a_fraction_is_of_videos_with_all_of_their_clips():
    rows = [clip_row(number, video_id=f"v{number // 2}") for number in range(8)]
    half = {int(clip.removeprefix("c")) for clip in choose(rows, fraction=0.5)}
    assert len(half) == 4
    assert {number ^ 1 for number in half} == half
    assert len({frozenset(choose(rows, fraction=0.5, seed=seed)) for seed in range(9)}) > 1
    assert len(choose(rows, fraction=0.01)) == 2


def test_the_choice_is_what_it_was_whatever_the_order_of_clips():
    # Trainings of other runs would not compare otherwise: as Random(0) shuffles v0, v1 ... v7.
    rows = [clip_row(number, video_id=f"v{number}") for number in range(8)]
    assert (
        choose(rows, fraction=0.5) == choose(rows[::-1], fraction=0.5) == {"c1", "c2", "c4", "c5"}
    )
    # And as it draws exo, ego ... for p0, p1 ...
    assert choose(rows, "viewpoint", one_view_per_pair=True) == {"c0", "c2", "c5", "c6"}


@given(st.floats(0.01, 1), st.floats(0.01, 1), st.integers(0, 5))
def test_smaller_fractions_are_parts_of_larger_ones(one, other, seed):
    rows = [clip_row(number) for number in range(9)]
    less, more = sorted((one, other))
    assert choose(rows, fraction=less, seed=seed) <= choose(rows, fraction=more, seed=seed)


def test_one_viewpoint_of_each_pair_is_learnt():
    rows = [clip_row(number) for number in range(8)] + [clip_row(8, pair_id=None)]
    rows.append(clip_row(9, pair_id="p0", viewpoint="ego", clip_id="c0b"))
    chosen = choose(rows, "viewpoint", one_view_per_pair=True)
    assert "c8" in chosen
    for pair in range(4):
        assert len({f"c{2 * pair}", f"c{2 * pair + 1}"} & chosen) == 1
    # Another take of the same pair and viewpoint goes with the first.
    assert ("c0b" in chosen) == ("c0" in chosen)
    drawn = [choose(rows, "viewpoint", one_view_per_pair=True, seed=seed) for seed in range(9)]
    assert {"c0" in chosen for chosen in drawn} == {True, False}


def test_a_clip_whose_partner_is_not_there_is_learnt():
    alone = [clip_row(number, pair_id=f"p{number}") for number in range(20)]
    assert len(choose(alone, "viewpoint", one_view_per_pair=True)) == 20
    # c0 and c1 are a pair; without c0's viewpoint, it is alone.
    rows = [clip_row(0), clip_row(1)]
    assert len(choose(rows, "viewpoint", one_view_per_pair=True)) == 1
    assert choose([clip_row(0, viewpoint=None), rows[1]], "viewpoint", one_view_per_pair=True) == {
        "c1"
    }


def test_a_label_that_is_no_class_is_refused():
    classes = {"verb": {"go": 0}, "noun": {"square": 0}}
    with pytest.raises(UserError, match=r"a\.parquet: clip c7: 'run' is no class of the head verb"):
        require_classes([clip_row(7, verb="run", noun="square")], classes, Path("a.parquet"))

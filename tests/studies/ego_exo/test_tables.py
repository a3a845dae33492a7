"""The tables: their shape is the paper's, their numbers those of the scores."""

from pathlib import Path

import pytest
from exo_data import context, over_seeds
from pair_data import ALIKE, pair
from written import markdown

from wildframe.core.schemas import CLIP_SCORES, CLIPS
from wildframe.core.tables import write_rows
from wildframe.exhibits.lookup import load_exhibit
from wildframe.exhibits.pairs import PairTable
from wildframe.exhibits.paper import paper_numbers
from wildframe.studies.ego_exo.cells import Data
from wildframe.studies.ego_exo.failure_predictors import effect_rows, failure_predictors
from wildframe.studies.ego_exo.inputs import counted, read_evaluated, read_tested
from wildframe.studies.ego_exo.methods import row_compared_with, row_title
from wildframe.studies.ego_exo.table1_pretraining import table1_pretraining
from wildframe.studies.ego_exo.table2_signals import table2_signals
from wildframe.studies.ego_exo.table3_auxiliary import table3_auxiliary
from wildframe.studies.ego_exo.table4_charades import table4_charades
from wildframe.studies.ego_exo.table5_epic100 import table5_epic100
from wildframe.studies.ego_exo.table6_epic55 import table6_epic55
from wildframe.studies.ego_exo.table_s2_ensemble import table_s2_ensemble
from wildframe.studies.ego_exo.table_s4_alternatives import table_s4_alternatives

NOBODYS = {}, {"multi_label": False, "verb_noun": False}, []
THE_PAPERS = {"multi_label": True, "verb_noun": True, "verb_noun_100": True}


def data(scores, pairs, trained, compare, notes, evaluated=(), tested=()):
    """Return what a table is made of, by default without counts of clips."""
    return Data(scores, pairs, trained, compare, counted(notes, evaluated, dict(tested)))


def of_charades(**values):
    """Return trainings of rows on C-Ego, named as rows, and their mAP."""
    trained = {row: {"multi_label": row} for row in values}
    return trained, {(row, "all", "map"): value for row, value in values.items()}


def test_a_cell_is_mean_and_spread_over_seeds_and_the_papers_number_stands_beside(tmp_path):
    trained, scores = of_charades(
        third_only=over_seeds(0.25, 0.01, 3), ego_exo=over_seeds(0.3, 0.02, 3)
    )
    found = pair("ego_exo", "third_only", 0, 0.05, 0.01, metric="map")
    pairs = PairTable(Path("pairs"), [found])
    table = table1_pretraining(data(scores, pairs, trained, THE_PAPERS, ["the data"]))
    rows = {row["method"]: row for row in table.rows}
    ours = rows["Ego-Exo"]
    assert (ours["map"], ours["map_sd"], ours["map_seeds"]) == ("30.00", "2.00", 3)
    assert (ours["map_training"], rows["Scratch"]["map_training"]) == ("ego_exo", None)
    assert (ours["paper_map"], ours["paper_verb_top1"]) == ("26.23", "62.83")
    assert (ours["map_difference"], ours["map_difference_p"]) == (5, 0.01)
    assert rows["Third-only"]["map_difference"] is None
    assert rows["Scratch"]["map"] is None
    shown = markdown(table, tmp_path)
    assert "| 30.00 ± 2.00 |" in shown
    assert "| Scratch | N/A |" in shown


def test_a_note_tells_how_many_of_the_test_clips_are_evaluated(tmp_path, blank):
    """Verbs of two clips of one video, of five test clips of three; of one others are learnt."""
    manifest, scores = tmp_path / "epic.clips.parquet", tmp_path / "scores.parquet"
    clips = [
        blank(CLIPS, dataset="epic", clip_id=str(number), video_id=video, split=split)
        | {"media": "", "media_kind": "video", "actions": []}
        for number, (video, split) in enumerate(
            zip("aabbcbd", ["test"] * 5 + ["train"] * 2, strict=True)
        )
    ]
    write_rows(manifest, CLIPS, clips)
    counts = {"verb_top1": (2, 1), "noun_top1": (1, 1)}
    rows = [
        blank(CLIP_SCORES, training="t", seed=0, subset="all", metric=metric)
        | {"value": 0.5, "n": n, "videos": videos}
        for metric, (n, videos) in counts.items()
    ]
    write_rows(scores, CLIP_SCORES, rows)
    found = read_evaluated([scores]), read_tested([manifest])
    table = table1_pretraining(data({}, ALIKE, {}, THE_PAPERS, ["the data"], *found))
    assert table.notes[:3] == [
        "the data",
        "Test clips that are evaluated: 2 of 5 of epic, from 1 of 3 videos.",
        "Test clips of videos that have training clips, too: 2 of 5 of epic.",
    ]
    write_rows(manifest, CLIPS, [clip for clip in clips if clip["split"] == "test"])
    assert "training clips" not in str(counted([], found[0], read_tested([manifest])))


def test_the_papers_numbers_are_shown_for_its_own_data_only():
    nothing = ({}, ALIKE, {})
    table = table1_pretraining(data(*nothing, {"multi_label": True, "verb_noun": False}, []))
    assert {row["paper_verb_top1"] for row in table.rows} == {None}
    assert table.rows[0]["paper_map"] == "8.50"


def test_rows_are_those_of_the_paper():
    nothing = ({}, ALIKE, {}, THE_PAPERS, [])
    methods = [row["method"] for row in table1_pretraining(data(*nothing)).rows]
    assert methods == [
        "Scratch",
        "First-only",
        "Third-only",
        "Domain-adapt",
        "Joint-embed",
        "Ego-Exo",
    ]
    ticks = [
        [row[key] for key in ("ego", "object", "hand")]
        for row in table2_signals(data(*nothing)).rows
    ]
    assert ticks == [[*"---"], [*"✓--"], [*"-✓-"], [*"--✓"], [*"✓✓✓"]]
    assert len(table_s4_alternatives(data(*nothing)).rows) == 11
    assert [row["method"] for row in table6_epic55(data(*nothing)).rows[:8]] == [
        "Epic-Fusion (audio)",
        "AVSF-R101 (audio)",
        "TSN fusion",
        "RU-LSTM",
        "SlowFast",
        "Ego-Exo",
        "Ego-Exo*",
        "Ego-Exo*-R101",
    ]


def test_a_row_of_differences_subtracts_means_and_shows_the_papers_own():
    trained, scores = of_charades(
        **{"third_only": over_seeds(0.25), "third_only+aux": over_seeds(0.2)}
    )
    table = table3_auxiliary(data(scores, ALIKE, trained, THE_PAPERS, []))
    delta = table.rows[2]
    assert (delta["method"], delta["map"], delta["paper_map"]) == ("Δ", "-5.00", "+0.31")
    # The test stands in the row above, beside what is tested.
    assert delta["map_difference"] is None
    assert table.rows[1]["map_difference"] == 0
    assert table.rows[1]["against"] == "Third-only"


def test_differences_of_one_column_are_corrected_together():
    rows = ("third_only", "ego", "object")
    trained, scores = of_charades(**{row: over_seeds(0.2) for row in rows})
    found = [pair(row, "third_only", 0, 0.1, 0.03, metric="map") for row in rows[1:]]
    table = table2_signals(data(scores, PairTable(Path("p"), found), trained, *NOBODYS[1:]))
    assert [row["map_difference_p"] for row in table.rows] == [None, 0.06, 0.06, None, None]


def test_the_work_of_others_stands_where_the_papers_numbers_do():
    nothing = {}, ALIKE, {}
    theirs = table4_charades(data(*nothing, {"multi_label": True}, []))
    assert [row["paper_map"] for row in theirs.rows][:3] == ["20.0", "23.1", "25.8"]
    ours = table4_charades(data(*nothing, {"multi_label": False}, []))
    assert ours.rows[0]["method"] == "SlowFast"
    # Of what is no row of the table, its name in the ablations.
    against = [row["against"] for row in ours.rows]
    assert against == [None, "SlowFast", "Ego-Exo", "Ego-Exo R101"]
    assert "compare_with_paper" in ours.notes[-1]
    assert "compare_with_paper" not in theirs.notes[-1]


def test_subsets_are_columns_of_epic_100_and_blocks_of_epic_55():
    row = "ego_exo R50"
    of_100 = {row: {"verb_noun_100": "t"}}
    scores = {("t", "tail", "verb_top1"): over_seeds(0.125)}
    table = table5_epic100(data(scores, ALIKE, of_100, {"verb_noun_100": True}, []))
    cells = next(one for one in table.rows if one["method"] == "Ego-Exo")
    assert (cells["tail_verb_top1"], cells["verb_top1"]) == ("12.50", None)
    assert cells["paper_tail_verb_top1"] == "32.87"
    of_55 = {row: {"verb_noun": "t"}}
    scores = {
        ("t", "seen", "action_top5"): over_seeds(0.5),
        ("t", "unseen", "action_top5"): over_seeds(0.25),
    }
    blocks = table6_epic55(data(scores, ALIKE, of_55, {"verb_noun": True}, []))
    found = [
        (one["block"], one["action_top5"], one["paper_action_top5"])
        for one in blocks.rows
        if one["method"] == "Ego-Exo"
    ]
    assert found == [("S1 (seen)", "50.00", "54.90"), ("S2 (unseen)", "25.00", "38.34")]


def test_where_no_participant_is_known_all_clips_are_in_one_block_beside_no_number_of_the_paper():
    scores = {("t", "all", "verb_top1"): over_seeds(0.5)}
    trained = {"ego_exo R50": {"verb_noun": "t"}}
    table = table6_epic55(data(scores, ALIKE, trained, {"verb_noun": True}, []))
    assert [(row["block"], row["method"], row["verb_top1"]) for row in table.rows] == [
        ("all", "SlowFast", None),
        ("all", "Ego-Exo", "50.00"),
        ("all", "Ego-Exo*", None),
        ("all", "Ego-Exo*-R101", None),
    ]
    assert {row["paper_verb_top1"] for row in table.rows} == {None}
    assert any("Who is seen in training clips is not known" in note for note in table.notes)


def test_where_no_participant_is_unseen_their_clips_are_not_available():
    scores = {("t", subset, "verb_top1"): over_seeds(0.5) for subset in ("all", "seen")}
    trained = {"ego_exo R50": {"verb_noun": "t"}}
    table = table6_epic55(data(scores, ALIKE, trained, {"verb_noun": False}, []))
    found = [row["verb_top1"] for row in table.rows if row["method"] == "Ego-Exo"]
    assert found == ["50.00", None]
    assert any("no evaluated clip is of such a participant" in note for note in table.notes)


def test_the_papers_numbers_of_epic_are_said_to_be_of_another_test_set():
    def is_said(table, part, compare):
        notes = table(data({}, ALIKE, {}, {part: compare}, [])).notes
        return any("the challenge's test set" in note for note in notes)

    assert is_said(table5_epic100, "verb_noun_100", True)
    assert is_said(table6_epic55, "verb_noun", True)
    assert not is_said(table6_epic55, "verb_noun", False)
    assert not is_said(table4_charades, "multi_label", True)


def test_clips_of_unseen_participants_alone_are_not_shown_as_seen():
    scores = {("t", subset, "verb_top1"): over_seeds(0.5) for subset in ("all", "unseen")}
    trained = {"ego_exo R50": {"verb_noun": "t"}}
    table = table6_epic55(data(scores, ALIKE, trained, {"verb_noun": False}, []))
    found = [row["verb_top1"] for row in table.rows if row["method"] == "Ego-Exo"]
    assert found == [None, "50.00"]


def test_top5_of_actions_is_said_to_be_another_than_the_challenges():
    def notes(table):
        found = table(data({}, ALIKE, {}, {}, []))
        return " ".join(found.notes)

    assert "The challenge ranks pairs" in notes(table6_epic55)
    assert "The challenge ranks pairs" not in notes(table4_charades)


def test_the_ensemble_is_compared_with_the_best_single_network():
    trained = {"ensemble": {"verb_noun_100": "all"}, "ego_exo+aux R101": {"verb_noun_100": "one"}}
    keys = [("all", "all", "verb_top1"), ("one", "all", "verb_top1")]
    scores = {key: over_seeds(0.5) for key in keys}
    found = pair("all", "one", 1, 0.1, 0.5, metric="verb_top1")
    pairs = PairTable(Path("p"), [found])
    last = table_s2_ensemble(data(scores, pairs, trained, {"verb_noun_100": True}, [])).rows[-1]
    assert (last["method"], last["verb_top1_difference"]) == ("Ego-Exo (Ensemble)", 10)


def test_a_table_is_told_the_trainings_of_its_rows_and_of_those_they_are_compared_with():
    told = load_exhibit("ego_exo", "table4_charades").settings["trained"].of
    found = told(context(backbones={"R50": "slowfast_r50", "R101": "slowfast_r101"}))
    assert found["ego_exo+aux R101"] == {"multi_label": "ego_exo-slowfast_r101-cego-aux"}
    assert found["ego_exo R101"] == {"multi_label": "ego_exo-slowfast_r101-cego"}
    without = told(context(backbones={"R50": "slowfast_r50"}))
    assert without["ego_exo+aux R101"] == {}


@pytest.mark.parametrize("name", ["table1_pretraining", "table_s5_no_pair", "table_s6_backbones"])
def test_trainings_of_ablations_are_named_by_the_rows_of_the_papers_numbers(name):
    told = load_exhibit("ego_exo", name).settings["trained"].of
    found = told(context(other_backbones={"I3D": "i3d_r50"}))
    assert [*found] == [*paper_numbers("ego_exo", "ablations")]
    assert found["third_only"]["verb_noun"] == "third_only-tiny-epic"
    assert found["ego_exo I3D"]["multi_label"] == "ego_exo-i3d_r50-cego"
    assert found["ego_exo TSM"] == found["append_interaction"] == {}


def test_every_row_that_others_are_compared_with_has_a_title():
    rows = [*paper_numbers("ego_exo", "ablations"), *paper_numbers("ego_exo", "reruns"), "ensemble"]
    titles = {row_title(other) for row in rows if (other := row_compared_with(row))}
    assert titles >= {"Third-only", "Ego-Exo R101", "Ego-Exo + aux R101", "Third-only TSM"}


def test_effects_are_in_points_and_corrected_for_the_table(tmp_path):
    row = {
        "model": "m",
        "predictor": "ego_score",
        "adjusted": False,
        "mean": 0.5,
        "deviation": 0.1,
        "effect": -0.02,
        "low": -0.04,
        "high": 0.0,
        "p_value": 0.02,
        "accuracy": 0.75,
        "n": 100,
        "images": 120,
        "clips": 50,
        "clusters": 10,
    }
    unknown = row | {"low": None, "high": None, "p_value": None}
    rows = effect_rows([row, unknown, row])
    assert [one["p_holm"] for one in rows] == [0.04, None, 0.04]
    assert (rows[0]["effect"], rows[0]["effect_low"], rows[0]["accuracy"]) == (-2, -4, 75)
    table = failure_predictors([row], ["clips", "images"])
    assert list(table.frame["p_holm"]) == [0.02]
    shown = markdown(table, tmp_path)
    assert "| Ego-Score " in shown
    assert "| 100 of 120 |" in shown
    assert table.frame["n"].tolist() == [100]
    few = failure_predictors([row | {"clusters": 4}], ["clips", "images"]).notes[-1]
    assert "units (4)" in few
    assert "no p value" not in few

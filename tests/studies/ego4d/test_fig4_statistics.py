from ego4d_data import FUNNEL, became

from wildframe.studies.ego4d.fig4_statistics import fig4_statistics


def test_fig4_ends_with_evaluated_images():
    table = fig4_statistics(FUNNEL, became("ok", "ok", "media_missing"), "a demo", False)
    left = {row["step"]: row["left"] for row in table.rows}
    assert (left["listed"], left["no_object_box"], left["several_classes"]) == (7, 5, 3)
    assert table.rows[-1]["left"] == 2
    assert {row["paper_left"] for row in table.rows} == {None}
    assert table.notes[0] == "Data: a demo"


def test_fig4_shows_the_papers_numbers_for_licensed_data_only():
    table = fig4_statistics(FUNNEL, became("ok", "ok", "ok"), "Ego4D v1", True)
    paper = {row["step"]: row["paper_left"] for row in table.rows}
    assert (paper["listed"], paper["duplicate"], paper["no_object_box"]) == (
        "19071",
        "18964",
        "17754",
    )
    assert paper["no_noun"] is None

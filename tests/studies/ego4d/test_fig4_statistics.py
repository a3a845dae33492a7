from ego4d_data import FUNNEL, became

from wildframe.exhibits.paper import paper_numbers
from wildframe.studies.ego4d.fig4_statistics import fig4_statistics


def test_fig4_ends_with_evaluated_images():
    table = fig4_statistics(FUNNEL, became("ok", "ok", "media_missing"), "a demo", False)
    left = {row["step"]: row["left"] for row in table.rows}
    assert (left["listed"], left["no_object_box"], left["several_classes"]) == (7, 5, 3)
    assert table.rows[-1]["left"] == 2
    assert table.rows[0]["step"] == "listed"
    assert {row["paper_left"] for row in table.rows} == {None}
    assert not any("1,090" in note for note in table.notes)
    assert table.notes[0] == "Data: a demo"


def test_fig4_shows_the_papers_numbers_for_licensed_data_only():
    table = fig4_statistics(FUNNEL, became("ok", "ok", "ok"), "Ego4D v1", True)
    paper = {row["step"]: (row["paper_dropped"], row["paper_left"]) for row in table.rows}
    assert list(paper.items())[:5] == [
        ("hours", (None, "196.2")),
        ("clips", (None, "88,585")),
        ("length", (None, "8.0 sec")),
        ("change_objects", (None, "19,347")),
        ("listed", (None, "19,071")),
    ]
    assert paper["duplicate"] == ("107", None)
    assert paper["no_object_box"] == ("120", "17,754")
    assert paper["no_class"] == paper["no_noun"] == (None, None)
    assert any("1,090" in note for note in table.notes)


def test_fig4_prints_nothing_as_the_papers_that_the_paper_does_not_print():
    printed = paper_numbers("ego4d", "fig4_statistics").values()
    numbers = {row[key] for row in printed for key in ("dropped", "left")} - {""}
    assert numbers == {"196.2", "88,585", "8.0 sec", "19,347", "19,071", "107", "120", "17,754"}

from making import count_pixels, texts_of
from pair_data import ALIKE
from score_data import entries, score_table, scored_twice

from wildframe.studies.ego4d.fig2_finetuning import COLORS, fig2_finetuning

LITE, RESNET, CONVNEXT = "tf_efficientnet_lite0", "resnet50.a1_in1k", "convnext_base.fb_in1k"


def fig2(compare_with_paper, *names, data_note="data"):
    table = score_table(scored_twice(*names))
    return fig2_finetuning(
        table, ALIKE, entries(*names), "clip", ["SGD."], data_note, compare_with_paper
    )


def test_fig2_draws_both_accuracies(tmp_path):
    figure = fig2(False, LITE, RESNET, data_note="demo of $1 and $2")
    written = texts_of(figure.drawing)
    # Models and the values of both blocks; no paper.
    assert {LITE, RESNET, "25.00 %", "50.00 %", "zero-shot", "fine-tuned"} <= set(written)
    assert "paper" not in written
    notes = " ".join(figure.notes)
    assert notes.startswith("Data: demo of $1 and $2; 40 held-out images")
    assert "Split by clip: no clip has" in notes
    assert "SGD." in notes
    assert "may be in both parts" in notes
    assert f"{LITE}+by-clip - {LITE} +0.0 [-5.0, +5.0], p = 1" in notes
    # Twice the accuracy is twice as long a bar; intervals and the legend take a little off.
    figure.write([tmp_path / "a.png"])
    before, after = (count_pixels(tmp_path / "a.png", color) for color in COLORS)
    assert 1.8 < after / before < 2.2


def test_fig2_marks_the_papers_numbers_on_its_own_data():
    figure = fig2(True, RESNET)
    assert "paper" in texts_of(figure.drawing)
    assert any("of all its images" in note for note in figure.notes)

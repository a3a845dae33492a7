from score_data import score, score_table

from wildframe.exhibits.pairs import Case
from wildframe.models import zoo_entry
from wildframe.studies.ego4d.accuracy_table import accuracy_row

LITE, RESNET = "tf_efficientnet_lite0", "resnet50.a1_in1k"


def test_a_row_can_be_printed_under_another_name():
    # As Fig. 11 needs it: the paper's row follows from block and model.
    model = f"{RESNET}+by-clip"
    table = score_table([score(model, k, 3) for k in (1, 5)])
    letters = {k: {Case(model): "ab"} for k in (1, 5)}
    paper = {"Finetuned ResNet50": {"top1": "23.79", "top5": "51.06"}}
    row = accuracy_row(
        table, letters, zoo_entry(model), paper, True, printed_as="Finetuned ResNet50"
    )
    assert (row["top1"], row["paper_top1"], row["paper_top5"]) == ("75.00", "23.79", "51.06")
    assert row["paper_row"] == "Finetuned ResNet50"

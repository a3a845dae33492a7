import pytest

from wildframe.core.errors import UserError
from wildframe.labels.names import find_class

CUP, DRINK = "n03147509", "n07930864"
BIRD, MACHINE = "n02012849", "n03126707"


def row(wnid, name, lemmas=(), space="in1k"):
    return {
        "label_space": space,
        "wnid": wnid,
        "name": name,
        "lemmas": list(lemmas),
        "definition": f"gloss of {wnid}",
    }


CLASSES = [
    row(BIRD, "crane", ["crane"]),
    row(MACHINE, "crane", ["Crane"]),
    row("n04507155", "umbrella", ["umbrella", "bumber_shoot"]),
    row("n04507155", "umbrella", ["umbrella"], "coco80"),
]


@pytest.mark.parametrize(
    "text", ["umbrella", "Umbrella", "bumber shoot", "bumber_shoot", " n04507155 "]
)
def test_a_class_is_named_by_wnid_name_or_lemma(text):
    assert find_class(text, CLASSES, "in1k") == "n04507155"


def test_a_name_of_several_classes_is_told_with_their_meanings():
    message = (
        rf"'crane' is several classes of in1k: {BIRD} \(gloss of {BIRD}\); "
        rf"{MACHINE} \(gloss of {MACHINE}\); write one"
    )
    with pytest.raises(UserError, match=message):
        find_class("crane", CLASSES, "in1k")


def test_a_data_sets_own_name_goes_before_lemmas():
    rows = [row(CUP, "cup", ["cup"], "coco80"), row(DRINK, "punch", ["punch", "cup"], "coco80")]
    assert find_class("cup", rows, "coco80") == CUP
    with pytest.raises(UserError, match="several classes"):
        find_class("cup", [one | {"label_space": "in1k"} for one in rows], "in1k")


def test_a_name_of_no_class_is_told_with_near_ones():
    with pytest.raises(UserError, match="'umbrela' is no class of in1k; it may be umbrella"):
        find_class("umbrela", CLASSES, "in1k")
    with pytest.raises(UserError, match=r"'n00000001' is no class of in1k$"):
        find_class("n00000001", CLASSES, "in1k")

import pytest

from wildframe.core.class_names import ClassFinder, NamedClass
from wildframe.core.errors import UserError
from wildframe.core.targets import label_reader

BIRD, MACHINE, UMBRELLA = "n02012849", "n03126707", "n04507155"
FINDER = ClassFinder(
    [
        NamedClass(BIRD, ["crane"], "a wader"),
        NamedClass(MACHINE, ["Crane"], "it lifts"),
        NamedClass(UMBRELLA, ["umbrella", "bumber_shoot"], "a canopy"),
        NamedClass(UMBRELLA, ["umbrella"], "a canopy"),
    ],
    "ours",
)


@pytest.mark.parametrize(
    "text", ["umbrella", "Umbrella", "bumber shoot", "bumber_shoot", f" {UMBRELLA} "]
)
def test_a_class_is_named_by_wnid_or_name(text):
    assert FINDER.find(text) == UMBRELLA


def test_a_name_is_found_however_its_accented_letters_are_written():
    finder = ClassFinder([NamedClass(UMBRELLA, ["K\u00e4se"], "cheese")], "ours")
    assert finder.find("ka\u0308se") == UMBRELLA


def test_a_name_of_several_classes_is_told_with_their_meanings():
    message = (
        rf"'crane' is several classes of ours: {BIRD} \(a wader\); {MACHINE} \(it lifts\); write"
    )
    with pytest.raises(UserError, match=message):
        FINDER.find("crane")


def test_a_name_of_no_class_is_told_with_near_ones():
    with pytest.raises(UserError, match="'umbrela' is no class of ours; it may be umbrella"):
        FINDER.find("umbrela")
    with pytest.raises(UserError, match=r"'n00000001' is no class of ours$"):
        FINDER.find("n00000001")


@pytest.mark.parametrize(
    ("label_space", "text", "wnid"),
    [
        ("coco80", "cup", "n03147509"),
        ("coco80", "Traffic_Light", "n06874185"),
        ("coco80", "n02084071", "n02084071"),
        ("ytbb24", "person", "n00007846"),
        # The cup of ImageNet-1K is a drink.
        ("in1k", "cup", "n07930864"),
        ("in1k", "kit fox", "n02119789"),
        ("in1k", "Vulpes_macrotis", "n02119789"),
        ("in21k", "Vulpes macrotis", "n02119789"),
    ],
)
def test_labels_are_read_in_a_label_space(label_space, text, wnid):
    assert label_reader(label_space)(text) == wnid


def test_labels_of_no_or_several_classes_are_refused_each_time():
    read = label_reader("in1k")
    for _ in range(2):
        with pytest.raises(UserError, match=rf"'crane' is several .*{BIRD} \(large long-necked"):
            read("crane")
    with pytest.raises(UserError, match="'cupp' is no class of coco80; it may be cup"):
        label_reader("coco80")("cupp")
    with pytest.raises(
        UserError, match="'trafic_light' is no class of coco80; it may be traffic_l"
    ):
        label_reader("coco80")("trafic_light")
    with pytest.raises(UserError, match=r"'mug' is no class of in1k; it may be coffee_mug$"):
        label_reader("in1k")("mug")
    # YTBB's class "none" is no label.
    with pytest.raises(UserError, match="'none' is no class of ytbb24"):
        label_reader("ytbb24")("none")


def test_without_a_label_space_only_wnids_are_labels():
    read = label_reader(None)
    assert read("n02084071") == "n02084071"
    with pytest.raises(UserError, match=r"'cup' is not a wnid.* set label_space of the source to"):
        read("cup")

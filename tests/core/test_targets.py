"""Label spaces of one's own: written by hand, and what is wrong with them."""

import pytest

from wildframe.core.errors import UserError
from wildframe.core.targets import label_reader, list_targets, space_options, target_wnids

KITCHEN = """name,wnids
Cup,n03147509 coffee_mug
fork lift,
"""


@pytest.fixture
def own(tmp_path):
    def write(text, name="kitchen.csv"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write


def test_a_class_has_several_wnids_one_or_none(own):
    cup, lift = list_targets(own(KITCHEN))
    assert (cup.name, cup.wnid, cup.roots) == ("Cup", "n03147509", ("n03147509", "n03063599"))
    assert (lift.name, lift.wnid, lift.roots) == ("fork lift", "fork_lift", ("fork_lift",))


def test_its_names_are_labels(own):
    read = label_reader(own(KITCHEN))
    assert [read(text) for text in ("cup", "Fork_Lift", "n02084071")] == [
        "n03147509",
        "fork_lift",
        "n02084071",
    ]
    with pytest.raises(UserError, match=r"'forklift' is no class of .*kitchen.csv; it may be fork"):
        read("forklift")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("name\ncup\n", "line 1: the columns are 'name', not name,wnids"),
        ("name,wnids\n", "lists no class"),
        ("name,wnids\n ,n03147509\n", "line 2: '' is no name of a class"),
        ("name,wnids\nn03147509,\n", "line 2: 'n03147509' is no name of a class"),
        # Without a wnid, a name is an id, and a folder of images where they are exported.
        ("name,wnids\n../../cup,\n", "line 2: '../../cup' is no name of a class"),
        ("name,wnids\na\\b,\n", r"line 2: .* is no name of a class"),
        ("name,wnids\na\u202eb,\n", "line 2: 'a.u202eb' is no name of a class"),
        (f"name,wnids\n{'a' * 101},\n", f"line 2: '{'a' * 40}' is no name of a class"),
        ("name,wnids\ncup,\nCup,\n", "line 3: cup is in line 2, too"),
        ("name,wnids\ncup,coffee_mug\nmug,n03063599\n", "line 3: n03063599 is in line 2, too"),
        ("name,wnids\nbird,crane\n", "line 2: 'crane' is several classes of in21k"),
        ("name,wnids\ncup,cupp\n", "line 2: 'cupp' is no class of in21k"),
    ],
)
def test_what_is_wrong_is_said_with_the_line(own, text, problem):
    with pytest.raises(UserError, match=problem):
        list_targets(own(text))


def test_an_absent_file_and_an_unknown_space_are_refused(tmp_path):
    with pytest.raises(UserError, match=r"no\.csv.*write it with the columns name,wnids"):
        list_targets(str(tmp_path / "no.csv"))
    with pytest.raises(UserError, match="coco8: no such label space; choose from vid30"):
        list_targets("coco8")


def test_what_the_package_lists():
    assert target_wnids("ytbb24")["none"] is None
    assert list_targets("coco80")[41].also == ("n03797390", "n07930864", "n03438257")


def test_a_file_is_an_input_and_no_option(own):
    assert space_options(own(KITCHEN)) == space_options(None) == []
    assert space_options("coco80") == ["--label-space=coco80"]

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wildframe.core.choices import TARGETS
from wildframe.core.errors import UserError
from wildframe.labels.hypernyms import (
    _closest,
    members,
    read_targets,
    target_of_classes,
    targets_of,
    targets_sha256,
)
from wildframe.labels.spaces import class_wnids, list_bytes
from wildframe.labels.wordnet import hypernyms, synset


def by_name(targets, space="in1k"):
    named = zip(read_targets(targets), members(targets, space), strict=True)
    return {target.name: classes for target, classes in named}


def test_classes_of_ones_own_comprise_what_is_below_their_wnids(tmp_path):
    own = tmp_path / "kitchen.csv"
    own.write_text("name,wnids\nmine,n03147509 n03797390 n07930864 n03438257\nfork lift,\n")
    # Beer glass, coffee mug, goblet (which is a wine glass in COCO) and the cup of punch.
    assert by_name(str(own)) == {"mine": [441, 504, 572, 968], "fork lift": []}
    before = targets_sha256(str(own))
    own.write_text("name,wnids\nmine,\n")
    assert targets_sha256(str(own)) != before


def test_a_wnid_that_wordnet_has_not_is_refused(tmp_path):
    own = tmp_path / "kitchen.csv"
    own.write_text("name,wnids\nmine,n99999999\n")
    with pytest.raises(UserError, match=r"kitchen\.csv: n99999999: no noun of WordNet"):
        read_targets(str(own))


# (targets, how many, with a class, classes of ImageNet-1K below them)
@pytest.mark.parametrize(
    ("targets", "count", "covered", "classes"),
    [
        ("vid30", 30, 30, 288),
        ("ytbb24", 24, 19, 231),
        ("coco80", 80, 64, 321),
        ("in1k", 1000, 1000, 1000),
    ],
)
def test_how_many_classes_are_below_the_targets(targets, count, covered, classes):
    found = members(targets)
    assert len(found) == count
    assert sum(map(bool, found)) == covered
    flat = [index for of_target in found for index in of_target]
    assert len(flat) == len(set(flat)) == classes
    assert all(of_target == sorted(of_target) for of_target in found)


def test_names_and_wnids_are_of_noun_synsets():
    for targets in ("vid30", "ytbb24", "coco80"):
        listed = read_targets(targets)
        assert len({target.name for target in listed}) == len(listed)
        assert len({target.wnid for target in listed}) == len(listed)
        assert [target.name for target in listed if target.wnid is None] == (
            ["none"] if targets == "ytbb24" else []
        )
        roots = [root for target in listed for root in target.roots]
        assert len(set(roots)) == len(roots)
        assert all(synset(root).pos() == "n" for root in roots)


def test_the_name_of_a_class_of_imagenet_has_spaces():
    assert read_targets("in1k")[2].name == "great white shark"


def test_classes_are_the_targets_own_kinds():
    names = class_wnids("in1k")
    for target, classes in zip(read_targets("vid30"), members("vid30"), strict=True):
        for index in classes:
            assert target.wnid in hypernyms(names[index]) | {names[index]}


def test_what_surprises_and_is_official():
    found = by_name("vid30")
    assert found["airplane"] == [404]  # a warplane is no airplane in WordNet 3.0
    assert found["rabbit"] == [330, 332]  # nor a hare a rabbit
    assert found["bear"] == [294, 295, 296, 297]  # without the giant panda
    assert found["motorcycle"] == [665]
    assert found["watercraft"] == [
        *(403, 472, 484, 510, 554, 576, 625, 628, 724, 780, 814, 833, 871, 913, 914)
    ]


def test_the_names_of_youtube_bb():
    # The official lists, of which the longest are checked by their ends.
    found = by_name("ytbb24")
    assert (len(found["bird"]), found["bird"][0], found["bird"][-1]) == (59, 7, 146)
    assert found["dog"] == list(range(151, 269))
    assert {name: found[name] for name in found if name not in ("bird", "dog")} == {
        "person": [981, 982, 983],
        "bicycle": [444, 671],
        "boat": [472, 554, 576, 625, 814, 914],
        "bus": [654, 779, 874],
        "bear": [294, 295, 296, 297],
        "cow": [],
        "cat": [281, 282, 283, 284, 285, 286, 287],
        "giraffe": [],
        "potted plant": [985, 986],
        "horse": [339],
        "motorcycle": [665],
        "knife": [499, 623],
        "airplane": [404],
        "skateboard": [],
        "train": [466],
        "truck": [555, 569, 675, 717, 734, 864, 867],
        "zebra": [340],
        "toilet": [],
        "elephant": [385, 386],
        "umbrella": [879],
        "none": [],
        "car": [407, 436, 468, 511, 609, 627, 656, 661, 751, 817],
    }


@pytest.mark.parametrize("space", ["in1k", "in21k", "in22k"])
def test_the_minivan_alone_is_below_two_targets_and_goes_to_the_closer(space):
    names = class_wnids(space)
    for targets, expected in (("vid30", []), ("ytbb24", ["n03770679"])):
        roots = {target.wnid for target in read_targets(targets)}
        below = [wnid for wnid in names if len(roots & (hypernyms(wnid) | {wnid})) > 1]
        assert below == expected
    minivan = names.index("n03770679")
    found = by_name("ytbb24", space)
    assert [name for name, classes in found.items() if minivan in classes] == ["car"]


def test_the_closest_is_the_one_of_fewest_steps():
    minivan, car, vehicle, entity = "n03770679", "n02958343", "n04524313", "n00001740"
    assert _closest(minivan, frozenset({entity, car, vehicle})) == car
    assert _closest(minivan, frozenset({entity, vehicle})) == vehicle
    assert _closest(minivan, frozenset({entity, minivan})) == minivan
    assert _closest(entity, frozenset({car})) is None
    # Both its parents: the lower wnid, so that the answer is always the same.
    assert _closest(minivan, frozenset({"n03896419", car})) == car


def test_a_class_that_is_a_target_belongs_to_it():
    names = class_wnids("in21k")
    dog = read_targets("vid30")[8]
    assert dog.wnid in names
    assert names.index(dog.wnid) in members("vid30", "in21k")[8]


def test_a_name_of_coco_may_mean_several_synsets():
    listed = {target.name: target for target in read_targets("coco80")}
    assert listed["airplane"].roots == ("n02691156", "n04552348")
    assert listed["banana"].roots == ("n07753592",)
    found = by_name("coco80")
    assert found["airplane"] == [404, 895]  # the warplane, too
    assert found["cup"] == [441, 504, 968]  # beer glass, coffee mug, cup
    assert found["banana"] == [954]


SPACES = ["in1k", "in21k", "in22k", "vid30", "coco80"]


@pytest.mark.parametrize("targets", TARGETS)
@pytest.mark.parametrize("space", SPACES)
def test_no_class_is_of_two_targets(targets, space):
    flat = [index for classes in members(targets, space) for index in classes]
    assert len(flat) == len(set(flat))
    assert set(flat) <= set(range(len(class_wnids(space))))


@given(st.sampled_from(TARGETS), st.sampled_from(SPACES), st.data())
def test_the_target_of_a_class_is_one_of_the_closest_above_it(targets, space, data):
    index = data.draw(st.integers(0, len(class_wnids(space)) - 1))
    wnid, answer = class_wnids(space)[index], target_of_classes(targets, space)[index]
    by_wnid = {target.wnid: target for target in read_targets(targets)}
    above = hypernyms(wnid) | {wnid}
    met = [target for target in by_wnid.values() if above & set(target.roots)]
    assert bool(met) == (answer is not None)
    if answer:
        assert by_wnid[answer] in met
        # No root of another target lies between the class and all roots of its own.
        own = above & set(by_wnid[answer].roots)
        others = above & {root for target in met for root in target.roots} - own
        assert not any(own <= hypernyms(other) for other in others) or wnid == answer


@pytest.mark.parametrize("space", ["in1k", "vid30", "coco80"])
def test_classes_that_are_the_targets_are_themselves(space):
    assert members(space, space) == [[index] for index in range(len(class_wnids(space)))]
    assert target_of_classes(space, space) == class_wnids(space)


def test_the_sixteen_classes_that_coco_and_imagenet_vid_share():
    vid = [target.name for target in read_targets("vid30")]
    coco = [target.name for target in read_targets("coco80")]
    expected = {
        "airplane": "airplane",
        "bear": "bear",
        "bicycle": "bicycle",
        "bird": "bird",
        "bus": "bus",
        "car": "car",
        "cattle": "cow",
        "dog": "dog",
        "domestic_cat": "cat",
        "elephant": "elephant",
        "horse": "horse",
        "motorcycle": "motorcycle",
        "sheep": "sheep",
        "train": "train",
        "watercraft": "boat",
        "zebra": "zebra",
    }
    names = zip(vid, members("vid30", "coco80"), strict=True)
    assert {name: coco[found[0]] for name, found in names if found} == expected
    names = zip(coco, members("coco80", "vid30"), strict=True)
    assert {vid[found[0]]: name for name, found in names if found} == expected


def test_targets_of_annotated_classes():
    # A hen and a goose are birds, once; a cup is nothing of ImageNet VID; a mug is a cup of COCO.
    hen, goose, cup, mug = "n01514859", "n01855672", "n03147509", "n03797390"
    assert targets_of([mug, hen, cup, goose], "vid30") == ["n01503061"]
    assert targets_of([mug, hen, cup], "coco80") == ["n03147509", "n01503061"]
    assert targets_of([mug, hen], "in1k") == [hen]  # ImageNet's mug is the coffee mug, a kind of it
    assert targets_of([], "vid30") == []
    # A class of one's own that has no wnid has no hypernyms.
    assert targets_of(["fork_lift", hen], "vid30") == ["n01503061"]


def test_a_class_that_wordnet_lacks_is_named():
    with pytest.raises(UserError, match="n00000001: no noun of WordNet"):
        targets_of(["n00000001"], "vid30")


def test_the_hash_of_targets_is_that_of_their_list_and_wordnet(monkeypatch):
    found = {targets: targets_sha256(targets) for targets in TARGETS}
    assert len(set(found.values())) == len(found)
    edited = {name: list_bytes(name) + b"\n" * (name == "coco80") for name in found}
    monkeypatch.setattr("wildframe.labels.hypernyms.list_bytes", edited.__getitem__)
    changed = [targets for targets in found if targets_sha256(targets) != found[targets]]
    assert changed == ["coco80"]
    monkeypatch.setattr("wildframe.labels.hypernyms.archive_sha256", lambda: "another WordNet")
    assert not any(targets_sha256(targets) == found[targets] for targets in found)


def test_unknown_spaces_are_refused():
    with pytest.raises(UserError, match="in2k: no such label space"):
        members("vid30", "in2k")


def test_the_command_prints_further_roots_and_other_spaces(wildframe):
    command = ["labels", "hypernyms", "--format", "csv", "--label-space"]
    lines = wildframe(*command, "coco80").stdout.splitlines()
    assert lines[0] == "target,wnid,also,class_indices"
    assert lines[5] == "airplane,n02691156,n04552348,404 895"
    lines = wildframe(*command, "vid30", "--space", "coco80").stdout.splitlines()
    assert lines[1:3] == ["airplane,n02691156,4", "antelope,n02419796,"]


def test_the_command_prints_targets_in_their_order(wildframe):
    result = wildframe("labels", "hypernyms", "--label-space", "ytbb24", "--format", "csv")
    lines = result.stdout.splitlines()
    assert lines[0] == "target,wnid,class_indices"
    assert lines[1] == "person,n00007846,981 982 983"
    assert lines[7] == "cow,n02403454,"
    assert lines[23:] == ["none,,", "car,n02958343,407 436 468 511 609 627 656 661 751 817"]

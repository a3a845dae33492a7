import os
import shutil
import subprocess
import sys
from collections import Counter

import pytest

from wildframe.core.errors import UserError
from wildframe.core.files import user_cache
from wildframe.core.schemas import CLASSES
from wildframe.core.tables import read_table
from wildframe.labels import ClassNames, read_class_names, wordnet
from wildframe.labels.spaces import class_names, class_wnids, iter_classes, read_class_list

SIZES = {"in1k": 1000, "in21k": 21843, "in22k": 21841, "vid30": 30, "coco80": 80}


@pytest.fixture(scope="module")
def in1k():
    return list(iter_classes("in1k"))


@pytest.mark.parametrize(("space", "size"), SIZES.items())
def test_sizes(space, size):
    assert len(class_wnids(space)) == len(set(class_wnids(space))) == size


def test_unknown_spaces_are_refused():
    with pytest.raises(UserError, match="in2k: no such label space; choose from in1k, in21k"):
        class_wnids("in2k")


def test_known_classes(in1k):
    banana = in1k[954]
    assert banana["wnid"] == "n07753592"
    assert banana["name"] == "banana"
    assert "fruit" in banana["definition"]
    # The wool that Ego4D's nouns meet is the cloth, the plate is the dish of food.
    assert {row["class_index"] for row in in1k if "plate" in row["lemmas"]} == {923}


def test_data_sets_name_their_classes_themselves():
    coco, vid = list(iter_classes("coco80")), list(iter_classes("vid30"))
    # WordNet's first lemma is bag for both of them.
    assert [coco[index]["name"] for index in (26, 28)] == ["handbag", "suitcase"]
    assert vid[9]["name"] == "domestic cat"
    assert coco[15]["wnid"] == vid[9]["wnid"] == "n02121808"
    assert "house_cat" in coco[15]["lemmas"]
    assert coco[0]["definition"] == "a human being"
    # In WordNet a hot dog is a sandwich.
    assert coco[52]["ancestors"] == [coco[48]["wnid"]]
    assert [row["class_index"] for row in vid] == list(range(30))


def test_the_classes_command_writes_every_space(tmp_path, monkeypatch, wildframe):
    monkeypatch.chdir(tmp_path)
    output = tmp_path / "classes.parquet"
    wildframe("labels", "classes", "--output", output)
    assert [*tmp_path.iterdir()] == [output]
    spaces = Counter(read_table(output, CLASSES)["label_space"].to_pylist())
    assert spaces == SIZES
    assert read_class_names(output, "coco80")["n03642806"] == "laptop"
    # Two classes of ImageNet-1K are called crane: the bird and the machine.
    names = read_class_names(output)
    assert names["n02012849"] == "crane (n02012849)"
    assert len(set(names.values())) == 1000


def test_no_class_of_imagenet_1k_lies_above_another(in1k):
    # The challenge's classes were chosen so.
    assert all(row["ancestors"] == [] for row in in1k)


def test_hypernyms_go_all_the_way_up():
    # banana, edible fruit, ..., food, ..., entity
    above = wordnet.hypernyms("n07753592")
    assert {"n07705931", "n07555863", "n00001740"} <= above
    assert "n07753592" not in above
    assert wordnet.hypernyms("n00001740") == frozenset()


def test_wordnet_and_timm_name_the_same_lemmas(in1k):
    """The one list may be WordNet's, the other timm's: the rule must not depend on it."""
    from timm.data import ImageNetInfo

    info = ImageNetInfo("imagenet-1k")
    for row in in1k:
        timms = info.index_to_description(row["class_index"], detailed=False).split(", ")
        assert [lemma.replace("_", " ") for lemma in row["lemmas"]] == timms


def test_the_two_orders_of_in21k_part_after_9204():
    goog, fb = class_wnids("in21k"), class_wnids("in22k")
    assert goog[:9205] == fb[:9205]
    assert goog[9205] != fb[9205]
    assert set(goog) - set(fb) == {"n03931044", "n09859684"}


@pytest.mark.filterwarnings("error:No WordNet synset found")
def test_ids_that_wordnet_does_not_know():
    for wnid in (
        "n00000001",
        "n07753593",
        "n99999999",
        "n7753592",
        "n0775359²",
        "banana",
        "v01234567",
        "",
    ):
        for read in (wordnet.synset, wordnet.parents, wordnet.first_lemma):
            with pytest.raises(UserError, match=rf"{wnid}: no noun of WordNet 3\.0"):
                read(wnid)


def test_the_line_of_a_synset_says_what_nltk_says():
    lines = (wordnet._unpacked() / "data.noun").read_text().splitlines()
    for line in (line for line in lines[::20] if not line.startswith(" ")):
        wnid = f"n{line[:8]}"
        found = wordnet.synset(wnid)
        above = (*found.hypernyms(), *found.instance_hypernyms())
        assert wordnet.first_lemma(wnid) == found.lemma_names()[0]
        assert wordnet.parents(wnid) == {f"n{parent.offset():08d}" for parent in above}


def test_hypernyms_are_there():
    dog = wordnet.synset("n02084071")
    assert "animal.n.01" in {found.name() for path in dog.hypernym_paths() for found in path}


def test_definitions_end_where_the_examples_begin():
    swimming = next(row for row in iter_classes("in21k") if row["wnid"] == "n00442115")
    assert swimming["definition"] == "the act of swimming"


def test_reading_the_class_lists_imports_no_torch():
    program = (
        "import sys; from wildframe.labels.spaces import iter_classes; "
        "list(iter_classes('in1k')); assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_wordnet_is_unpacked_once_even_by_several_processes(tmp_path):
    program = "from wildframe.labels.wordnet import first_lemma; print(first_lemma('n07753592'))"
    env = {"XDG_CACHE_HOME": str(tmp_path), "PATH": ""}
    runs = [
        subprocess.Popen([sys.executable, "-c", program], env=env, stdout=subprocess.PIPE)
        for _ in range(3)
    ]
    assert [run.communicate()[0].strip() for run in runs] == [b"banana"] * 3
    (corpora,) = (tmp_path / "wildframe").glob("*/nltk_data/corpora")
    assert [path.name for path in corpora.iterdir()] == ["wordnet"]


@pytest.mark.parametrize("umask", [0o000, 0o002, 0o077])
def test_wordnet_is_read_whatever_the_umask(tmp_path, monkeypatch, umask):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(wordnet, "_data", wordnet._data.__wrapped__)
    others = os.umask(umask)
    try:
        assert wordnet.first_lemma("n07753592") == "banana"
    finally:
        os.umask(others)
    # NLTK reads nothing that others may write to.
    for path in (wordnet._unpacked(), *wordnet._unpacked().iterdir()):
        assert not path.stat().st_mode & 0o022


@pytest.mark.parametrize("damage", ["truncated", "removed", "altered"])
def test_a_damaged_cache_is_unpacked_again(tmp_path, monkeypatch, damage):
    folder = wordnet._unpacked()
    shutil.copytree(folder, tmp_path / "wildframe" / folder.relative_to(user_cache()))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    lexnames = wordnet._unpacked() / "lexnames"
    assert lexnames.is_relative_to(tmp_path)
    whole = lexnames.read_bytes()
    if damage == "removed":
        lexnames.unlink()
    elif damage == "altered":
        lexnames.write_bytes(whole.replace(b"noun", b"none"))
    else:
        lexnames.write_bytes(whole[:100])
    assert (wordnet._unpacked() / "lexnames").read_bytes() == whole


def test_a_cache_that_cannot_be_written_is_named(tmp_path, monkeypatch):
    (tmp_path / "cache").write_text("a file, not a folder")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with pytest.raises(UserError, match=r"WordNet cannot be unpacked here .* set XDG_CACHE_HOME"):
        wordnet._unpacked()


def class_list(folder, *lines):
    path = folder / "pets.csv"
    path.write_text("\n".join(["index,wnid", *lines, ""]))
    return path


def test_a_list_of_ones_own_is_read_by_index(tmp_path):
    path = class_list(tmp_path, "1,n02123045", "0,n02084071")
    assert read_class_list(path) == ["n02084071", "n02123045"]
    # As pandas writes integers beside gaps.
    assert read_class_list(class_list(tmp_path, "0.0,n02123045")) == ["n02123045"]
    assert read_class_list(class_list(tmp_path, "0,tabby_cat", "1,Mug")) == [
        "n02123045",
        "n03797390",
    ]


def test_classes_have_the_names_of_their_list_those_that_are_known_or_their_first_lemma(tmp_path):
    # WordNet calls both bag first.
    coco = class_names("coco80", {})
    assert [coco[26], coco[28], len({*coco})] == ["handbag", "suitcase", 80]
    path = tmp_path / "own.csv"
    path.write_text("name,wnids\nmy_pet,n02084071\nfork lift,\n")
    assert class_names(str(path), {"n02084071": "dog"}) == ["my pet", "fork lift"]
    path = class_list(tmp_path, "0,n02012849", "1,n02084071")
    assert class_names(str(path), {"n02012849": "crane bird"}) == ["crane bird", "dog"]


def test_classes_of_one_name_are_told_apart(tmp_path):
    # A bird that is a wading bird, a machine that is a lifting device; two sorts of maillot, one a
    # tank suit and one tights; both echidnas are spiny anteaters, and monotremes.
    wnids = ["n02012849", "n03126707", "n03710637", "n03710721", "n01872401", "n01872772"]
    path = class_list(tmp_path, *(f"{index},{wnid}" for index, wnid in enumerate(wnids)))
    names = class_names(str(path), {})
    assert names[:4] == [
        "crane, wading bird",
        "crane, lifting device",
        "maillot, tights",
        "maillot, tank suit",
    ]
    assert [name[-9:] for name in names[4:]] == ["Australia", "ew Guinea"]
    for space in ("in21k", "in22k"):
        assert len({name.casefold() for name in class_names(space, {})}) == len(class_wnids(space))


def test_a_label_space_of_ones_own_lists_the_outputs_of_a_model_also_quoted(tmp_path):
    (tmp_path / "own.csv").write_text('"name","wnids"\n"fork lift",""\n"tabby","n02123045"\n')
    assert read_class_list(tmp_path / "own.csv") == ["fork_lift", "n02123045"]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["0,n02084071", "2,n02123045"], "index 1 of 3 classes is missing; list each once, from 0"),
        ([], "index 0 of 1 classes is missing"),
        (["0,n02084071", "0,n02123045"], "line 3: index 0 is listed twice"),
        (["0,n02084071", "1,n02084071"], "line 3: n02084071 is listed twice"),
        (
            ["0,dog"],
            r"line 2: 'dog' is several classes of in21k: n02084071 \(a member of the genus",
        ),
        (["0,dogg"], "line 2: 'dogg' is no class of in21k; it may be dog"),
        (["0,n01"], "line 2: 'n01' is no class of in21k"),
        (["0,mug", "1,n03797390"], "line 3: n03797390 is listed twice"),
        ([f"{'9' * 5000},n02084071"], f"line 2: the index '{'9' * 40}' is not a number"),
        (["zero,n02084071"], "line 2: the index 'zero' is not a number; correct it"),
    ],
)
def test_a_list_with_gaps_doubles_or_other_words_is_refused(tmp_path, lines, message):
    with pytest.raises(UserError, match=rf"pets\.csv: {message}"):
        read_class_list(class_list(tmp_path, *lines))


def test_a_list_that_is_none_or_hides_a_known_space_is_refused(tmp_path):
    (tmp_path / "x.csv").write_text("class\nn02084071\n")
    with pytest.raises(UserError, match=r"x\.csv: line 1: the columns are 'class', not index,wnid"):
        read_class_list(tmp_path / "x.csv")
    (tmp_path / "b.csv").write_bytes(b"index,wnid\n\xff\xfe")
    with pytest.raises(UserError, match=r"b\.csv: not a CSV file in UTF-8"):
        read_class_list(tmp_path / "b.csv")
    with pytest.raises(UserError, match=r"y\.csv: no such file; write it with the columns"):
        read_class_list(tmp_path / "y.csv")
    class_list(tmp_path, "0,n02084071").rename(tmp_path / "in1k.csv")
    with pytest.raises(UserError, match="in1k is a label space of wildframe; rename the file"):
        read_class_list(tmp_path / "in1k.csv")


def test_names_of_another_label_space_are_told_and_else_the_wnid():
    names = ClassNames({"n1": "cup"}, {"n1": "mug", "n2": "animal"})
    assert [names[wnid] for wnid in ("n1", "n2", "n3")] == ["cup", "animal", "n3"]
    assert list(names) == ["n1"]


def test_wordnets_order_of_senses_is_that_of_frequency():
    from wildframe.labels.wordnet import sense_number

    assert sense_number("cardigan", "n02963159") == 1
    assert sense_number("Cardigan", "n02113186") == 2
    with pytest.raises(UserError, match="n02113186: no sense of 'shirt' in WordNet"):
        sense_number("shirt", "n02113186")


def test_every_lemma_of_a_class_has_its_sense():
    (mouse,) = [row for row in iter_classes("in1k") if row["wnid"] == "n03793489"]
    assert dict(zip(mouse["lemmas"], mouse["senses"], strict=True)) == {
        "mouse": 4,
        "computer_mouse": 1,
    }

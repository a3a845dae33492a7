import pytest
from label_spaces import classes_of

from wildframe.core.errors import UserError
from wildframe.labels.mapping import LabelMap
from wildframe.labels.senses import read_senses, senses_sha256

HEAD = "noun,word,wnid,decision,why\n"
NAIL = [{"class_index": 0, "wnid": "n03804744", "name": "nail", "lemmas": ["nail"], "senses": [1]}]


def doubts(table, *nouns):
    """Return whether the one match of each noun is doubtful."""
    label_map = LabelMap(NAIL, senses=read_senses(str(table)))
    return [match.doubtful for noun in nouns for match in label_map.matches(noun)]


@pytest.fixture
def write(tmp_path):
    def write(text):
        path = tmp_path / "senses.csv"
        path.write_text(text)
        return path

    return write


def test_a_row_for_a_noun_goes_before_one_for_all(write):
    rows = ",nail,{0},drop,body part\nnail_gun,nail,{0},keep,\nx_(nail),NAIL,{0},keep,\n"
    rows += "x,nail,{0},drop,\n"
    table = write(HEAD + rows.format("n03804744"))
    nouns = ["nail", "nail_gun", "Nail_Gun_(tool)", "x_(nail)", "x_(a,_nail)"]
    assert doubts(table, *nouns) == [True, False, False, False, True]


def test_underscores_and_spaces_are_the_same_in_nouns_and_words(write):
    table = write(HEAD + "Nail gun,nail,n03804744,keep,\n,nail,n03804744,drop,\n")
    assert doubts(table, "nail_gun", "nail gun (tool)", "nail_gun_(tool)") == [False] * 3
    classes = [NAIL[0] | {"name": "wash tub", "lemmas": ["wash_tub"]}]
    table = write(HEAD + ",wash_tub,n03804744,drop,\n")
    label_map = LabelMap(classes, "head_synonyms", read_senses(str(table)))
    assert [match.doubtful for match in label_map.matches("bucket_(pail,_wash_tub)")] == [True]


def test_another_class_or_word_is_not_doubted(write):
    assert doubts(write(HEAD + ",nail,n03804745,drop,\n,peg,n03804744,drop,\n"), "nail") == [False]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("word,wnid\n", "line 1: the columns are 'word,wnid', not noun,word,wnid,decision,why"),
        (HEAD + ",nail,n03804744,maybe,\n", "line 2: the decision is 'maybe'; write keep or drop"),
        (HEAD + ",nail,n03804744,drop,a, b\n", "line 2: 5 fields are expected"),
        (HEAD + ",nail,n03804744,drop\n", "line 2: 5 fields are expected"),
        (
            HEAD + ",nail,n03804744,drop,\n,Nail,n03804744,keep,\n",
            "line 3: nail n03804744 was decided in an earlier line",
        ),
        (HEAD + ",nail,n1,drop,\n", "line 2: 'n1' is not a wnid"),
        # The quote would hide all rows after it.
        (HEAD + ',nail,n03804744,drop,"a\n,peg,n03804744,drop,\n', "not a CSV file in UTF-8 after"),
        (HEAD + ',nail,n03804744,drop,"a"b\n', "not a CSV file in UTF-8 after line"),
        (HEAD + f",nail,n03804744,drop,{'x' * 200_000}\n", "field larger than field limit"),
    ],
)
def test_what_is_wrong_with_a_table_is_said(write, text, message):
    with pytest.raises(UserError, match=message):
        read_senses(str(write(text)))


@pytest.mark.parametrize("end", ["\r", "\r\n", "\n"])
def test_lines_may_end_as_on_any_system(write, end):
    table = write("")
    table.write_bytes(f"{HEAD},nail,n03804744,drop,body part\n".replace("\n", end).encode())
    assert doubts(table, "nail") == [True]


def test_a_table_that_is_not_there():
    with pytest.raises(UserError, match=r"nowhere\.csv: no such file; correct datasets"):
        read_senses("nowhere.csv")


def test_an_edited_table_has_another_hash(write):
    before = senses_sha256(str(write(HEAD)))
    assert senses_sha256(str(write(HEAD + ",a,n03804744,drop,\n"))) != before
    assert senses_sha256("shipped") == senses_sha256("shipped")


def test_every_shipped_row_doubts_a_match_that_exists():
    import csv
    from importlib import resources

    maps = [LabelMap(classes_of(space)) for space in ("in1k", "in21k")]
    text = (resources.files("wildframe") / "data/senses.csv").read_text()
    for row in csv.DictReader(text.splitlines()):
        found = {match.wnid for label_map in maps for match in label_map.matches(row["word"])}
        assert row["wnid"] in found, row
        assert row["why"], row


def test_the_shipped_table_tells_a_garment_from_a_dog():
    label_map = LabelMap(classes_of("in1k"), senses=read_senses("shipped"))
    found = {match.class_name: match.doubtful for match in label_map.matches("cardigan")}
    assert found == {"Cardigan": True, "cardigan": False}
    assert [match.doubtful for match in label_map.matches("nail_gun")] == [True]
    of_screw = {match.word: match.doubtful for match in label_map.matches("screw_(bolt,_nail)")}
    assert of_screw == {"screw": False, "nail": True}


@pytest.mark.parametrize(
    "noun",
    [
        "ball_(ball,_baseball,_basketball)",
        "container_(box,_carton,_crate,_packet,_tank)",
        "string_(knot,_string,_wool)",
        "computer_(laptop,_screen)",
        "napkin_(handkerchief,_napkin)",
    ],
)
def test_the_shipped_table_doubts_what_either_pick_takes(noun):
    label_map = LabelMap(classes_of("in1k"), senses=read_senses("shipped"))
    found = label_map.label(noun, "all")
    assert found
    assert all(match.doubtful for match in found)

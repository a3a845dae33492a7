"""The reviewers' files: nothing that was kept is lost, and what is incomplete is told."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st
from review_data import UNLABELLED

from wildframe.core.errors import UserError
from wildframe.reviews import decision_files
from wildframe.reviews.decisions import HEADER, Decision, DecisionFile, read_decisions
from wildframe.reviews.labels import CONTRADICTIONS, LABELS, NAMES, accepts, objection, ordered

PAIR = ("a", "a+1")
OK = ("correct", "similar")
LINE = "1,anna,a,a+1,correct;similar,,2026-01-02T03:04:05Z\n"
HEAD = UNLABELLED + "\n"
LABELLED = (",".join(HEADER) + "\n", LINE.replace(",,2026", ",,n1 n2;n1,2026"))


def write(folder, text, name="anna"):
    path = folder / f"{name}.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_the_labels_are_the_official_ones():
    keys = {label.name: label.key for label in LABELS}
    assert keys == {
        "correct": "q",
        "problematic": "w",
        "incorrect": "e",
        "dont know": "r",
        "similar": "a",
        "dissimilar": "s",
        "deformation": "z",
        "background-change": "x",
        "occlusion-increased": "c",
        "blur-increase": "v",
        "bad-anchor": "b",
    }


@given(st.sets(st.sampled_from(NAMES)))
def test_a_pair_is_accepted_by_two_labels_and_none_of_the_nine(tags):
    wanted = "correct" in tags and "similar" in tags and len(tags) == 2
    assert accepts(tags) == wanted
    is_contradiction = any(set(both) <= tags for both in CONTRADICTIONS)
    assert bool(objection(sorted(tags))) == (not tags or is_contradiction)


def test_what_is_kept_is_read_again(tmp_path):
    file = DecisionFile(tmp_path / "new" / "folder", "anna")
    notes = 'a "quoted", note\nof two lines; =1+1 é'
    file.append(Decision(1, "anna", PAIR, ("correct", "dissimilar"), notes))
    file.append(Decision(2, "anna", PAIR, OK))
    file.append(Decision(1, "anna", PAIR, OK, "corrected"))
    file.close()
    found, told = read_decisions(decision_files(tmp_path / "new" / "folder"))
    assert told == []
    assert found == {
        (1, "anna", PAIR): Decision(1, "anna", PAIR, OK, "corrected"),
        (2, "anna", PAIR): Decision(2, "anna", PAIR, OK),
    }
    lines = file.path.read_text().splitlines()
    assert len(lines) == 4  # the header, and every decision on a line of its own
    assert '"a ""quoted"", note of two lines; =1+1 é"' in lines[1]


@pytest.mark.parametrize(
    ("head", "line", "cut"),
    [
        (head, line, cut)
        for head, line in ((HEAD, LINE), LABELLED)
        for cut in range(1, len(line) - 1)
    ],
)
def test_half_a_last_line_is_told_and_dropped(tmp_path, head, line, cut):
    path = write(tmp_path, head + line + line.replace("a+1", "a+2")[:cut])
    found, told = read_decisions([path])
    assert list(found) == [(1, "anna", PAIR)]
    assert len(told) == 1
    assert "is incomplete" in told[0]
    file = DecisionFile(tmp_path, "anna")
    assert "is incomplete" in file.note
    file.append(Decision(1, "anna", ("a", "a+3"), OK))
    file.close()
    found, told = read_decisions([path])
    assert [pair for _, _, pair in found] == [PAIR, ("a", "a+3")]
    assert told == []


@pytest.mark.parametrize("time", ["01/01/2026 00:00", "2026-01-01 00:00:00", "noon"])
def test_a_time_that_a_program_rewrote_is_no_half_line(tmp_path, time):
    text = HEAD + LINE.rpartition(",")[0] + "," + time
    path = write(tmp_path, text)
    assert list(read_decisions([path])[0]) == [(1, "anna", PAIR)]
    file = DecisionFile(tmp_path, "anna")
    file.close()
    assert file.note == ""
    assert path.read_text() == text + "\n"


@pytest.mark.parametrize("cut", [1, 10, len(LABELLED[0]) - 1])
def test_half_a_header_is_written_anew(tmp_path, cut):
    path = write(tmp_path, LABELLED[0][:cut])
    DecisionFile(tmp_path, "anna").close()
    assert path.read_text() == LABELLED[0]


def test_labels_are_kept_where_the_file_has_a_column_for_them(tmp_path):
    for name, head, kept in (("anna", LABELLED[0], "n1;n1"), ("ben", HEAD, "")):
        path = write(tmp_path, head, name)
        file = DecisionFile(tmp_path, name)
        file.append(Decision(1, name, PAIR, OK, labels="n1;n1"))
        file.close()
        (found,) = read_decisions([path])[0].values()
        assert found.labels == kept


def test_a_letter_that_broke_off_is_no_harm(tmp_path):
    path = write(tmp_path, (HEAD + LINE + "1,anna,é").encode()[:-1])
    assert len(read_decisions([path])[0]) == 1
    DecisionFile(tmp_path, "anna").close()
    assert path.read_text() == HEAD + LINE


def test_what_an_editor_leaves_is_read(tmp_path):
    # A byte order mark, Windows line ends, an empty line, and no end of the last line.
    text = "\ufeff" + (HEAD + LINE + "\n" + LINE.replace("a+1", "a+2")).replace("\n", "\r\n")
    path = write(tmp_path, text.rstrip())
    found, told = read_decisions([path])
    assert [pair for _, _, pair in found] == [PAIR, ("a", "a+2")]
    assert told == []
    file = DecisionFile(tmp_path, "anna")
    file.append(Decision(1, "anna", ("a", "a+3"), OK))
    file.close()
    assert len(read_decisions([path])[0]) == 3


def quoted(text):
    """Return lines with all values but the round in quotes, as R's write.csv has them."""
    values = (line.split(",") for line in text.splitlines())
    rows = (",".join(v if v.isdigit() else f'"{v}"' for v in row) for row in values)
    return "".join(f"{row}\n" for row in rows)


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize(("head", "line", "kept"), [(HEAD, LINE, ""), (*LABELLED, "n1;n1")])
def test_a_header_in_quotes_is_the_same_header(tmp_path, mark, head, line, kept):
    # A program left no end of the last line.
    path = write(tmp_path, (mark + quoted(head + line + line.replace("a+1", "a+2"))).rstrip())
    file = DecisionFile(tmp_path, "anna")
    file.append(Decision(1, "anna", ("a", "a+3"), OK, labels="n1;n1"))
    file.close()
    found, told = read_decisions([path])
    assert (file.note, told) == ("", [])
    assert [pair[1] for _, _, pair in found] == ["a+1", "a+2", "a+3"]
    assert found[1, "anna", ("a", "a+3")].labels == kept


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("image,label\n", "first line"),
        (HEAD + LINE.replace("1,anna", "3,anna"), "line 2: the round"),
        (HEAD + LINE.replace("anna", "ben"), "'ben'"),
        (HEAD + LINE + LINE.replace("similar", "simlar"), "line 3: 'simlar' is not a label"),
        (HEAD + LINE.replace("correct;similar", ""), "Nothing is ticked"),
        (HEAD + LINE.replace("correct", "dissimilar"), "contradict"),
        (HEAD + "1,anna,a\n", "7 values"),
        (HEAD + '1,"anna\n', "line 2"),
        # A stray quote in a line hides the next one, up to a quote in that.
        (HEAD + 2 * LINE.replace(",,2026", ',"so,2026'), "line 3: ',' expected after"),
        (HEAD + LINE.replace(",2026", ',"2026') + LINE, "line 3: unexpected end of data"),
        (HEAD.encode() + b"1,anna,a,a+1,correct,caf\xe9,2026-01-02T03:04:05Z\n", "UTF-8"),
    ],
)
def test_another_file_is_refused(tmp_path, text, told):
    path = write(tmp_path, text)
    with pytest.raises(UserError, match=f"anna.csv.*{told}"):
        read_decisions([path])
    before = path.read_bytes()
    with pytest.raises(UserError, match=told):
        DecisionFile(tmp_path, "anna")
    assert path.read_bytes() == before


@pytest.mark.parametrize("name", ["", "../anna", "a b", ".anna", "a/b", "x" * 201, "jörg"])
def test_a_name_that_is_no_file_name_is_refused(tmp_path, name):
    with pytest.raises(UserError, match=r"--annotator .* up to 200 letters \(a-z, A-Z\)"):
        DecisionFile(tmp_path / "d", name)
    assert not (tmp_path / "d").exists()


def replaced(path, text):
    """Put another file in the place of one, as an editor does."""
    path.with_suffix(".new").write_text(text)
    path.with_suffix(".new").replace(path)


def written_over(path, text):
    path.write_text(text)


@pytest.mark.parametrize("change", [replaced, written_over])
def test_decisions_follow_into_a_file_that_another_program_wrote(tmp_path, change):
    file = DecisionFile(tmp_path, "anna")
    file.append(Decision(1, "anna", PAIR, OK))
    file.append(Decision(1, "anna", ("a", "a+2"), OK))
    # It was read before the second decision; the first was corrected, and one added.
    corrected = LINE.replace("correct;similar", "dont know")
    change(file.path, HEAD + corrected + LINE.replace("a+1", "b"))
    file.append(Decision(1, "anna", ("a", "a+3"), OK))
    file.append(Decision(1, "anna", ("a", "a+4"), OK))
    file.close()
    found, told = read_decisions([file.path])
    assert told == []
    assert {pair[1]: decision.tags for (_, _, pair), decision in found.items()} == {
        "a+1": ("dont know",),
        "b": OK,
        "a+2": OK,
        "a+3": OK,
        "a+4": OK,
    }


NO = ("correct", "dissimilar")
UNSURE = ("dont know",)


@pytest.mark.parametrize(
    ("found", "counts"),
    [
        ((), OK),  # of a time before all of them
        ((NO,), OK),  # an older copy
        ((NO, UNSURE), OK),  # one of the middle of this review
        ((NO, UNSURE, OK), OK),
        ((NO, ("bad-anchor",)), ("bad-anchor",)),  # decided elsewhere
    ],
)
@pytest.mark.parametrize("head", [HEAD, LABELLED[0]])
def test_corrections_outlive_an_older_copy_of_the_file(tmp_path, head, found, counts):
    def line(tags):
        text = LINE if head == HEAD else LABELLED[1]
        return text.replace("correct;similar", ";".join(tags)).replace(",,", ",so it is,", 1)

    write(tmp_path, head + line(NO))
    file = DecisionFile(tmp_path, "anna")
    for tags in (UNSURE, OK):
        file.append(Decision(1, "anna", PAIR, tags, "so  it\nis", "n1 n2;n1"))
    replaced(file.path, head + "".join(map(line, found)))
    file.append(Decision(1, "anna", ("a", "a+2"), OK))
    kept, _ = read_decisions([file.path])
    assert kept[1, "anna", PAIR].tags == counts
    # Submitted again, a decision is kept where it does not count.
    size = file.path.stat().st_size
    file.append(Decision(1, "anna", PAIR, OK, "so it is", "n1 n2;n1"))
    kept, _ = read_decisions([file.path])
    assert kept[1, "anna", PAIR].tags == OK
    assert (file.path.stat().st_size > size) == (counts != OK)
    file.close()


def test_a_correction_that_was_taken_back_elsewhere_stays_so(tmp_path):
    file = DecisionFile(tmp_path, "anna")
    for tags in (OK, NO):
        file.append(Decision(1, "anna", PAIR, tags))
    taken_back = file.path.read_text() + LABELLED[1]
    replaced(file.path, taken_back)
    file.append(Decision(1, "anna", ("a", "a+2"), OK))
    file.close()
    assert file.path.read_text().startswith(taken_back)
    assert {key[2][1]: one.tags for key, one in read_decisions([file.path])[0].items()} == {
        "a+1": OK,
        "a+2": OK,
    }


def test_decisions_that_did_not_fit_into_a_new_file_are_kept_later(tmp_path, monkeypatch):
    file = DecisionFile(tmp_path, "anna")
    file.append(Decision(1, "anna", PAIR, OK))
    file.append(Decision(1, "anna", ("a", "a+2"), OK))
    replaced(file.path, HEAD)
    write_all = os.write
    monkeypatch.setattr(os, "write", lambda to, data: write_all(to, data[:20]))
    with pytest.raises(OSError, match="No space"):
        file.append(Decision(1, "anna", ("a", "a+3"), OK))
    assert file.path.read_text() == HEAD
    monkeypatch.undo()
    file.append(Decision(1, "anna", ("a", "a+3"), OK))
    file.close()
    assert [key[2][1] for key in read_decisions([file.path])[0]] == ["a+1", "a+2", "a+3"]


def test_a_folder_that_was_away_costs_no_other_file(tmp_path):
    folder, away = tmp_path / "decisions", tmp_path / "away"
    file = DecisionFile(folder, "anna")
    file.append(Decision(1, "anna", PAIR, OK))
    folder.rename(away)
    for _ in range(2):
        with pytest.raises(OSError, match="No such file"):
            file.append(Decision(1, "anna", ("a", "a+2"), OK))
    # A connection that gets the number of the file that was closed.
    connections = [os.open(os.devnull, os.O_RDONLY) for _ in range(3)]
    away.rename(folder)
    file.append(Decision(1, "anna", ("a", "a+2"), OK))
    with pytest.raises(UserError, match="another review page of anna"):
        DecisionFile(folder, "anna")
    for _ in range(2):
        file.close()
    for number in connections:
        os.close(number)
    assert [key[2][1] for key in read_decisions([file.path])[0]] == ["a+1", "a+2"]


def test_a_file_that_is_gone_is_made_again_with_all_decisions(tmp_path):
    file = DecisionFile(tmp_path, "anna")
    file.append(Decision(1, "anna", PAIR, OK))
    file.path.unlink()
    file.append(Decision(2, "anna", PAIR, OK))
    file.close()
    assert [key[0] for key in read_decisions([file.path])[0]] == [1, 2]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (HEAD + LINE[:20], "another program left an incomplete last line: '1,anna"),
        (HEAD + LINE.replace("anna", "ben"), "line 2: the annotator is 'ben'"),
    ],
)
def test_a_file_that_another_program_broke_is_told_and_left_as_it_is(tmp_path, text, told):
    file = DecisionFile(tmp_path, "anna")
    file.append(Decision(1, "anna", PAIR, OK))
    replaced(file.path, text)
    for _ in range(2):
        with pytest.raises(UserError, match=told):
            file.append(Decision(1, "anna", ("a", "a+2"), OK))
        assert file.path.read_text() == text
    # Corrected, it is written again, and nothing that was acknowledged is missing.
    replaced(file.path, HEAD)
    file.append(Decision(1, "anna", ("a", "a+2"), OK))
    file.close()
    assert [key[2][1] for key in read_decisions([file.path])[0]] == ["a+1", "a+2"]


def test_two_pages_never_write_one_file(tmp_path):
    file = DecisionFile(tmp_path, "anna")
    with pytest.raises(UserError, match="another review page of anna"):
        DecisionFile(tmp_path, "anna")
    DecisionFile(tmp_path, "ben").close()
    file.close()
    DecisionFile(tmp_path, "anna").close()


def test_a_full_disk_leaves_the_file_as_it_was(tmp_path, monkeypatch):
    file = DecisionFile(tmp_path, "anna")
    file.append(Decision(1, "anna", PAIR, OK))
    before = file.path.read_bytes()
    write_all = os.write
    monkeypatch.setattr(os, "write", lambda to, data: write_all(to, data[:20]))
    with pytest.raises(OSError, match="No space"):
        file.append(Decision(1, "anna", ("a", "a+2"), OK))
    assert file.path.read_bytes() == before
    monkeypatch.undo()
    file.append(Decision(1, "anna", ("a", "a+2"), OK))
    assert len(read_decisions([file.path])[0]) == 2
    file.close()


def test_every_decision_is_on_the_disk_when_it_returns(tmp_path, monkeypatch):
    file = DecisionFile(tmp_path, "anna")
    synced = []
    monkeypatch.setattr(os, "fsync", lambda which: synced.append(os.fstat(which).st_size))
    file.append(Decision(1, "anna", PAIR, OK))
    assert synced == [file.path.stat().st_size]
    file.close()


@pytest.mark.parametrize("content", [b"PAR1\rno decision\rPAR1", b"a note", b"a note\nanother"])
def test_a_file_of_another_kind_is_named_and_left_alone(content, tmp_path):
    path = tmp_path / "anna.csv"
    path.write_bytes(content)
    with pytest.raises(UserError, match=r"anna\.csv: .*is it a file of decisions"):
        DecisionFile(tmp_path, "anna")
    assert path.read_bytes() == content


def test_tags_stand_in_the_official_order():
    assert ordered({"bad-anchor", "similar", "correct"}) == ("correct", "similar", "bad-anchor")

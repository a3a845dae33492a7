"""External predictions in three formats, of images that have no published name."""

import csv
import json
import math
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from parquet_data import lose_rows

from wildframe.core.errors import UserError
from wildframe.core.schemas import MANIFEST, PREDICTIONS, STATUSES
from wildframe.core.tables import read_facts, read_table, write_rows
from wildframe.labels.spaces import class_ids, class_wnids
from wildframe.predictions.importing import import_predictions

WNIDS = class_wnids("vid30")
A, B = "walk, 1", "walk-2"


@pytest.fixture
def dataset(tmp_path, manifest_row, blank):
    """Manifest and statuses of two images and of a third that could not be read."""
    rows = [manifest_row(name, media="walk.mp4", frame=7) for name in (A, B, "broken")]
    write_rows(tmp_path / "manifest.parquet", MANIFEST, rows)
    statuses = [
        blank(STATUSES, image_id=name, media="walk.mp4", status=status, detail="")
        for name, status in ((A, "ok"), (B, "ok"), ("broken", "decode_failed"))
    ]
    write_rows(tmp_path / "statuses.parquet", STATUSES, statuses)
    return tmp_path


@pytest.fixture
def imported(dataset, wildframe):
    """Return a function that imports a file and returns its rows by image, and the label space."""

    def call(path, label_space="vid30", statuses=True):
        output = dataset / "predictions.parquet"
        output.unlink(missing_ok=True)
        options = ["--name", "ours", "--manifest", dataset / "manifest.parquet"]
        options += ["--label-space", label_space, "--output", output]
        options += ["--statuses", dataset / "statuses.parquet"] if statuses else []
        try:
            wildframe("predictions", "import", path, *options)
        except UserError:
            assert not output.exists()
            raise
        rows = {row["image_id"]: row for row in read_table(output, PREDICTIONS).to_pylist()}
        return rows, read_facts(output, PREDICTIONS)["label_space"]

    return call


@pytest.fixture
def from_csv(dataset, imported):
    """Return a function that imports a CSV file of some text or bytes."""

    def call(content, **options):
        path = dataset / "ours.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return imported(path, **options)

    return call


def line(*cells):
    return ",".join(f'"{cell}"' if "," in str(cell) else str(cell) for cell in cells)


def text(header, *rows):
    return "\n".join([header, *rows, ""])


def tops(rows):
    return {name: [guess["class_index"] for guess in row["top"]] for name, row in rows.items()}


SCORES = {A: [index / 10 for index in range(30)], B: [-float(index) for index in range(30)]}


def write_scores(folder, scores, wnids=None):
    """Write the same scores as CSV, as Parquet of columns and of a list, and as JSON."""
    width = len(next(iter(scores.values())))
    names = wnids or [str(index) for index in range(width)]
    with (folder / "s.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["image_id", "note", *names])
        writer.writerows([name, "mine", *row] for name, row in scores.items())
    ids = {"image_id": list(scores)}
    columns = {name: [row[at] for row in scores.values()] for at, name in enumerate(names)}
    pq.write_table(pa.table(ids | columns), folder / "columns.parquet")
    pq.write_table(pa.table(ids | {"scores": list(scores.values())}), folder / "list.parquet")
    (folder / "s.json").write_text(json.dumps(scores))
    return [folder / name for name in ("s.csv", "columns.parquet", "list.parquet", "s.json")]


def test_the_same_scores_in_each_format_are_the_same_table(dataset, imported):
    tables = [imported(path) for path in write_scores(dataset, SCORES)]
    rows, label_space = tables[0]
    assert label_space == "vid30"
    assert tops(rows) == {A: [*range(29, -1, -1)], B: [*range(30)]}
    assert rows[A]["scores"] == np.float32(SCORES[A]).tolist()
    assert all(table == tables[0] for table in tables[1:])


def test_columns_named_by_wnid_may_have_any_order(dataset, imported):
    expected = imported(write_scores(dataset, SCORES)[0])
    reversed_ = {name: row[::-1] for name, row in SCORES.items()}
    for path in write_scores(dataset, reversed_, WNIDS[::-1])[:2]:
        assert imported(path) == expected


def test_classes_may_be_named(dataset, imported):
    path = dataset / "named.csv"
    path.write_text(text("image_id,top1,top2", line(A, "Zebra", "giant_panda"), line(B, 29, "fox")))
    rows, _ = imported(path)
    assert tops(rows) == {A: [29, 12], B: [29, 11]}


TOP = {A: [(WNIDS[3], 0.5), (WNIDS[0], 0.25)], B: [(WNIDS[29], 0.75)]}


def write_tops(folder, by_index=False):
    def name(wnid):
        return str(WNIDS.index(wnid)) if by_index else wnid

    lines = ["image_id,top1,top2,probability1,probability2"]
    lines.append(line(A, name(WNIDS[3]), name(WNIDS[0]), 0.5, 0.25))
    lines.append(line(B, name(WNIDS[29]), "", 0.75, ""))
    (folder / "t.csv").write_text(text(*lines))
    items = [[{"wnid": name(w), "probability": p} for w, p in row] for row in TOP.values()]
    pq.write_table(pa.table({"image_id": list(TOP), "top": items}), folder / "list.parquet")
    records = {image: {"top": row} for image, row in zip(TOP, items, strict=True)}
    (folder / "t.json").write_text(json.dumps(records))
    pq.write_table(
        pa.table(
            {
                "image_id": list(TOP),
                "top1": [items[0][0]["wnid"], items[1][0]["wnid"]],
                "top2": [items[0][1]["wnid"], None],
                "probability1": [0.5, 0.75],
                "probability2": [0.25, None],
            }
        ),
        folder / "columns.parquet",
    )
    return [folder / name for name in ("t.csv", "columns.parquet", "list.parquet", "t.json")]


@pytest.mark.parametrize("by_index", [False, True])
def test_the_same_top_classes_in_each_format_are_the_same_table(dataset, imported, by_index):
    tables = [imported(path) for path in write_tops(dataset, by_index)]
    rows, label_space = tables[0]
    assert label_space == "vid30"
    assert rows[A]["scores"] is None
    assert rows[A]["top"] == [
        {"class_index": 3, "probability": 0.5},
        {"class_index": 0, "probability": 0.25},
    ]
    assert all(table == tables[0] for table in tables[1:])


def test_classes_without_probabilities_have_none(dataset, imported, from_csv):
    rows, _ = from_csv(text("image_id,top1", line(A, WNIDS[1]), line(B, 2)))
    assert rows[A]["top"] == [{"class_index": 1, "probability": None}]
    path = dataset / "plain.json"
    path.write_text(json.dumps({A: {"top": [WNIDS[1]]}, B: {"top": [2]}}))
    assert imported(path)[0] == rows


def test_the_dialects_of_csv_that_programs_write_are_read(from_csv):
    plain = text("image_id,top1", line(A, WNIDS[1]), line(B, WNIDS[2]))
    expected = from_csv(plain)
    quoted = f'"image_id","top1"\r\n\r\n"{A}","{WNIDS[1]}"\r\n"{B}",{WNIDS[2]}\r\n'
    assert from_csv(b"\xef\xbb\xbf" + quoted.encode()) == expected


def test_spaces_around_names_of_columns_and_classes_do_not_count(dataset, imported, from_csv):
    header = "image_id , top1, top2, probability1, probability2"
    expected = imported(write_tops(dataset)[0])
    spaced = (line(A, f" {WNIDS[3]}", " 0", " 0.5", " 0.25"), line(B, " 29", " ", " 0.75", " "))
    assert from_csv(text(header, *spaced)) == expected
    table = pq.read_table(dataset / "columns.parquet")
    pq.write_table(table.rename_columns(header.split(",")), dataset / "spaced.parquet")
    assert imported(dataset / "spaced.parquet") == expected


def test_further_columns_and_keys_are_the_users_own(dataset, imported, from_csv):
    rows = [line(A, 4, 1, "zebra", 3, 0.5, 7), line(B, 5, 0, "fox", 3, 0.5, 7)]
    found, _ = from_csv(text("image_id,top1,top1_correct,label1,top,sharpness,class_2", *rows))
    assert tops(found) == {A: [4], B: [5]}
    # Where all scores are there, nothing is lost.
    path = write_scores(dataset, SCORES)[2]
    expected = imported(path)
    pq.write_table(pq.read_table(path).append_column("prob1", [[0.5, 0.5]]), path)
    assert imported(path) == expected


OWN = "name,wnids\ncup,n03147509\nfork lift,\n"


@pytest.mark.parametrize(
    ("space", "header", "order"),
    [
        (OWN, "fork_lift,n03147509", [1, 0]),
        (OWN, "0,1", [0, 1]),
        # A column of the user's own has the name of a class.
        ("name,wnids\nnote,\ncup,\n", "0,note,1", [0, None, 1]),
        ("name,wnids\n1,\n0,\n", "0,1", [1, 0]),
    ],
)
def test_columns_of_ones_own_classes_are_named_by_id_or_index(
    dataset, from_csv, space, header, order
):
    own = dataset / "own.csv"
    own.write_text(space)
    scores = [-1 if place is None else 2.0 + place for place in order]
    lines = [line(name, *scores) for name in (A, B)]
    rows, label_space = from_csv(text(f"image_id,{header}", *lines), label_space=str(own))
    assert (rows[A]["scores"], label_space) == ([2.0, 3.0], str(own))


def test_a_column_of_ones_own_classes_that_is_missing_is_named(dataset, from_csv):
    own = dataset / "own.csv"
    own.write_text(OWN + "ladle,\n")
    message = r"the classes of .*own\.csv: column ladle is missing \(1 such\)"
    for header in ("image_id,n03147509,fork_lift", "image_id,fork_lift,n03147509,note"):
        with pytest.raises(UserError, match=message):
            from_csv(text(header), label_space=str(own))


@pytest.mark.parametrize("name", ["top", "scores"])
def test_a_class_may_be_called_as_a_list_is(dataset, imported, from_csv, name):
    own = dataset / "clothes.csv"
    own.write_text(f"name,wnids\n{name},\nskirt,\n")
    columns = {"image_id": [A, B], name: [0.25, 1.0], "skirt": [0.75, 0.0]}
    pq.write_table(pa.table(columns), dataset / "p.parquet")
    rows, _ = imported(dataset / "p.parquet", label_space=str(own))
    assert rows[A]["scores"] == [0.25, 0.75]
    lines = [line(*cells) for cells in zip(*columns.values(), strict=True)]
    assert from_csv(text(line(*columns), *lines), label_space=str(own))[0] == rows


def test_keys_of_json_that_hold_nothing_are_not_there(dataset, imported):
    empty = {"scores": None, "probability": None}
    records = {A: {"top": [{"class_index": 0, "prob": None}], **empty}, B: {"top": [1], **empty}}
    (dataset / "p.json").write_text(json.dumps(records))
    assert tops(imported(dataset / "p.json")[0]) == {A: [0], B: [1]}


def test_the_class_of_ytbb_without_wnid_is_called_none(from_csv):
    keys = [wnid or "none" for wnid in class_ids("ytbb24")]
    lines = [line(name, *(float(key == "none") for key in keys)) for name in (A, B)]
    rows, label_space = from_csv(text(line("image_id", *keys), *lines), label_space="ytbb24")
    assert (rows[A]["top"][0]["class_index"], label_space) == (22, "ytbb24")
    rows, _ = from_csv(text("image_id,top1", line(A, "none"), line(B, 22)), label_space="ytbb24")
    assert tops(rows) == {A: [22], B: [22]}


def test_more_than_a_thousand_scores_are_kept_as_the_most_probable(dataset, imported):
    wide = {name: [float(index == 21_000) for index in range(21_843)] for name in (A, B)}
    (dataset / "s.json").write_text(json.dumps(wide))
    rows, label_space = imported(dataset / "s.json", "in21k")
    assert label_space == "in21k"
    assert (rows[A]["scores"], len(rows[A]["top"])) == (None, 100)
    assert rows[A]["top"][0] == {"class_index": 21_000, "probability": 1.0}


def test_images_of_no_manifest_and_unreadable_ones_are_ignored_and_counted(dataset, capfd):
    path = dataset / "ours.csv"
    rows = [line(name, WNIDS[0]) for name in ("other", A, B, "broken")]
    path.write_text(text("image_id,top1", *rows))
    output, manifest = dataset / "p.parquet", dataset / "manifest.parquet"
    statuses = dataset / "statuses.parquet"
    import_predictions(path, "ours", manifest, "vid30", output, statuses=statuses)
    assert set(read_table(output, PREDICTIONS)["image_id"].to_pylist()) == {A, B}
    assert "2 records are of no evaluated image and are ignored, such as other" in (
        capfd.readouterr().err
    )


NUMBERED = "image_id," + ",".join(map(str, range(30)))
ZEROS = ",".join(["0"] * 30)


def test_indices_and_probabilities_are_read_as_pandas_and_people_write_them(from_csv):
    """A column with gaps is of decimals in pandas; rounded probabilities may add up to 1.01."""
    header = "image_id,top1,top2,probability1,probability2"
    rows, _ = from_csv(text(header, line(A, "3.0", "12.0", 0.51, 0.5), line(B, "4.0", "", 0.5, "")))
    assert tops(rows) == {A: [3, 12], B: [4]}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", r"ours\.csv: is empty"),
        ("name,top1\n", r"no column image_id; found name, top1"),
        ("image_id,note\n", r"no column of predictions; name columns of scores by wnid"),
        ("image_id,top1,top1\n", r"column top1 is there twice"),
        ("image_id,top1,top3\n", r"no column top2; number the columns from 1 on"),
        ("image_id,top1,top2,probability2\n", r"no column probability1"),
        (
            "image_id,top0,top1\n",
            r"ours\.csv: top0 reads like a rank or a probability, but is not r",
        ),
        (
            "image_id,top1,top_2,top3\n",
            r"top_2 reads like .*: columns are top1, top2, \.\.\., and if",
        ),
        ("image_id,top1,Top 2\n", r"Top 2 reads like a rank"),
        ("image_id,top1,top01\n", r"top01 reads like a rank"),
        ("image_id,top1,prob1\n", r"prob1 reads like a rank"),
        ("image_id,top1,top-1 confidence\n", r"top-1 confidence reads like a rank"),
        ("image_id,top1,score\n", r"score reads like a rank"),
        ("image_id,top1,probability1,probability2\n", r"probability2 reads like a rank"),
        ("image_id,top1, top1\n", r"column top1 is there twice"),
        ("image_id,top1,7\n", r"columns of most probable classes \(top1\) and of scores \(7\)"),
        ("image_id,0,2\n", r"no column 1; number the classes from 0 on"),
        (
            text("image_id," + ",".join(WNIDS[1:])),
            r"classes of vid30: column n\d+ is missing \(1 such\)",
        ),
        (text("image_id,n00000001," + ",".join(WNIDS)), r"vid30: column n00000001 is none of them"),
        (text("image_id,top1", line(A, WNIDS[0])), rf"image {B} has no prediction \(1 such\)"),
        (
            text("image_id,top1", line(B, WNIDS[0]), line(B, WNIDS[0])),
            rf"line 3, image {B}: {B} is predicted twice",
        ),
        (text("image_id,top1", line(A, "")), rf"line 2, image {A}: nothing is filled in"),
        (text("image_id,top1", line("", WNIDS[0])), r"line 2: image_id is empty"),
        (text("image_id,top1", line(A, WNIDS[0], 1)), r"line 2: 3 cells, but the header has 2"),
        (text("image_id,top1", line(A, "n00000001")), r"n00000001 is not a class of vid30"),
        (text("image_id,top1", line(A, "9" * 5000)), r"99' is no class of vid30"),
        (text("image_id,top1", line(A, "zebro")), r"'zebro' is no class of vid30; it may be zebra"),
        (text("image_id,top1", line(A, "30")), r"30 is not a class of vid30: .* below 30"),
        (text("image_id,top1", line(A, "-1")), r"-1 is not a class of vid30"),
        (text("image_id,top1,top2", line(A, "", 3)), r"top1 is empty, but a later one is not"),
        (text("image_id,top1,top2", line(A, 3, WNIDS[3])), rf"class {WNIDS[3]} is listed twice"),
        (
            text("image_id,top1,top2,probability1,probability2", line(A, 1, 2, 0.3, 0.4)),
            r"a probability is above that of a class before",
        ),
        (
            text("image_id,top1,top2,probability1,probability2", line(A, 1, 2, 0.3, "")),
            r"a probability is missing; give all of an image, or none",
        ),
        (
            text("image_id,top1,top2,probability1,probability2", line(A, 1, 2, 0.9, 0.8)),
            r"line 2, image walk, 1: its probabilities add up to 1\.7, more than 1; give",
        ),
        (text("image_id,top1,probability1", line(A, 1, "nan")), r"'nan' is not a probability"),
        (text("image_id,top1,probability1", line(A, 1, "70 %")), r"'70 %' is not a probability"),
        (text("image_id,top1,probability1", line(A, 1, 70)), r"'70' is not a probability"),
        (text(NUMBERED, f'"{A}",x' + ",0" * 29), r"line 2, image walk, 1: a score is .* no number"),
        (text(NUMBERED, f'"{A}",' + ",0" * 29), r"line 2, image walk, 1: a score is missing"),
        (text(NUMBERED, f'"{A}",nan' + ",0" * 29), r"a score is NaN, infinite or no number"),
        (text(NUMBERED, f'"{A}",inf' + ",0" * 29), r"a score is NaN, infinite or no number"),
        (
            text(NUMBERED, f'"{A}"' + ",-inf" * 30, f'"{B}"' + ",-1" * 30),
            r"all scores are minus infinity",
        ),
        (text(NUMBERED, f'"{A}"' + "," * 30), rf"line 2, image {A}: nothing is filled in"),
        (text("image_id,0,1", f'"{A}",1,2'), r"30 scores \(vid30\) or 1000 scores \(in1k\) are"),
        (text("image_id,top1", '"walk'), r"not CSV in UTF-8 after line 2"),
        (b"image_id,top1\n\xff\xfe,1\n", r"not CSV in UTF-8 after line"),
    ],
)
def test_a_faulty_csv_is_refused_in_one_sentence(from_csv, content, message):
    with pytest.raises(UserError, match=message):
        from_csv(content)


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"name": ["a"]}, r"no column image_id; found name"),
        ({"image_id": [A], "note": [1]}, r"no column of predictions"),
        ({"image_id": [A], "scores": ["much"]}, r"column scores is string, and no list"),
        ({"image_id": [A], "0": ["much"]}, r"column 0 is string; write scores as numbers"),
        ({"image_id": [A], "scores": [[0.0] * 29]}, r"row 1, image walk, 1: 30 scores .* 29 val"),
        ({"image_id": [A], "scores": [[0.0] * 29 + [None]]}, r"a score is NaN, infinite or no"),
        ({"image_id": [A], "scores": [["x"] * 30]}, r"a score is NaN, infinite or no number"),
        ({"image_id": [A, None], "top": [[WNIDS[0]]] * 2}, r"row 2: image_id is empty"),
        ({"image_id": [A], "top": pa.array([None], pa.list_(pa.string()))}, r"nothing is filled"),
        (
            {"image_id": [A]} | {str(n): pa.array([None], pa.float32()) for n in range(30)},
            r"row 1, image walk, 1: nothing is filled in",
        ),
        ({"image_id": [A], "top": [[None]]}, r"None is not a class of vid30"),
        (
            {"image_id": [A], "top": [[WNIDS[0]]], "probability": [[0.5]]},
            r"ours\.parquet: probability reads like .*: top is a list, whose items are",
        ),
        ({"image_id": [A], "top0": [1], "top1": [2]}, r"ours\.parquet: top0 reads like a rank"),
    ],
)
def test_a_faulty_parquet_file_is_refused_in_one_sentence(dataset, imported, columns, message):
    pq.write_table(pa.table(columns), dataset / "ours.parquet")
    with pytest.raises(UserError, match=message):
        imported(dataset / "ours.parquet")


@pytest.mark.parametrize("column", ["image_id", "top1", "top"])
def test_a_text_with_a_bad_byte_is_refused_by_its_row(dataset, imported, column):
    bad = pa.array([WNIDS[0].encode(), b"n\xe9"]).view(pa.string())
    if column == "top":
        bad = pa.ListArray.from_arrays([0, 1, 2], bad)
    columns = {"image_id": [A, B], "top1": [WNIDS[0]] * 2}
    if column != "image_id":
        del columns["top1"]
    pq.write_table(pa.table(columns | {column: bad}), dataset / "ours.parquet")
    with pytest.raises(UserError, match=r"ours\.parquet: not a sound Parquet file after row 1 "):
        imported(dataset / "ours.parquet")


def test_rows_that_a_damaged_footer_hides_are_not_lost_in_silence(dataset, imported):
    path = write_scores(dataset, SCORES)[2]
    lose_rows(path)
    with pytest.raises(UserError, match=r"list\.parquet: not a sound .* row 0 .it has . rows"):
        imported(path)


@pytest.mark.parametrize("kept", [0, 10, 200])
def test_a_damaged_parquet_file_is_refused(dataset, imported, kept):
    path = write_scores(dataset, SCORES)[1]
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(UserError, match=r"columns\.parquet: not a sound Parquet file"):
        imported(path)


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ({}, "nothing is filled in"),
        ({"top": []}, "nothing is filled in"),
        ({"top": WNIDS[0]}, "top is not a list of classes"),
        ({"top": [{"probability": 0.5}]}, "None is not a class of vid30"),
        ({"top": [True]}, "True is not a class of vid30"),
        ({"top": [1], "probabilities": [0.5]}, "probabilities reads like a rank or a probability"),
        ({"top": [{"wnid": WNIDS[0], "prob": 0.5}]}, "prob reads like a rank or a probability"),
        ({"scores": "much"}, "30 scores .* are expected, something else found"),
    ],
)
def test_a_faulty_record_of_json_is_refused_in_one_sentence(dataset, imported, record, message):
    (dataset / "ours.json").write_text(json.dumps({A: record, B: {"top": [1]}}))
    with pytest.raises(UserError, match=rf"ours\.json: {A}: {message}"):
        imported(dataset / "ours.json")


def test_a_key_of_json_that_is_there_twice_is_refused(dataset, imported):
    (dataset / "ours.json").write_text(f'{{"{A}": {{"top": [1]}}, "{A}": {{"top": [2]}}}}')
    with pytest.raises(UserError, match=rf"ours\.json: the key '{A}' is there twice \(.*leave one"):
        imported(dataset / "ours.json")


def test_a_file_of_another_format_or_none_is_refused(dataset, imported):
    (dataset / "ours.txt").touch()
    with pytest.raises(UserError, match=r"ours\.txt: external predictions end in \.csv, \.parq"):
        imported(dataset / "ours.txt")
    with pytest.raises(UserError, match=r"no\.csv: no such file"):
        imported(dataset / "no.csv")


def test_scores_and_classes_are_not_mixed(dataset, imported):
    (dataset / "ours.json").write_text(json.dumps({A: SCORES[A], B: {"top": [1]}}))
    with pytest.raises(UserError, match=rf"{B}: some images have scores of all classes, others"):
        imported(dataset / "ours.json")


scores_of_images = st.lists(
    st.lists(st.floats(-1e6, 1e6, width=32), min_size=29, max_size=29).map(
        lambda row: [-1.0, *row]  # logits for certain
    ),
    min_size=2,
    max_size=2,
)


@given(scores_of_images)
def test_any_scores_have_the_same_top_classes_in_each_format(manifest_row, rows):
    with TemporaryDirectory() as folder:
        place = Path(folder)
        write_rows(place / "m.parquet", MANIFEST, [manifest_row(A), manifest_row(B)])
        found = []
        for path in write_scores(place, dict(zip((A, B), rows, strict=True))):
            output = place / "out.parquet"
            import_predictions(path, "ours", place / "m.parquet", "vid30", output)
            found.append(read_table(output, PREDICTIONS).to_pylist())
    assert all(other == found[0] for other in found[1:])
    for row, given_as in zip(found[0], rows, strict=True):
        order = [guess["class_index"] for guess in row["top"]]
        # Ties go to the lower index.
        assert order == sorted(range(30), key=lambda index: (-given_as[index], index))
        assert math.isclose(sum(guess["probability"] for guess in row["top"]), 1, rel_tol=1e-5)


@given(st.lists(st.integers(1, 10**6), min_size=30, max_size=30), st.sets(st.integers(0, 28)))
def test_what_excludes_classes_leaves_the_confidences_of_others(manifest_row, weights, excluded):
    total = sum(weight for at, weight in enumerate(weights) if at not in excluded)
    shares = [0.0 if at in excluded else weight / total for at, weight in enumerate(weights)]
    given_as = [-math.inf if at in excluded else share for at, share in enumerate(shares)]
    with TemporaryDirectory() as folder:
        place = Path(folder)
        write_rows(place / "m.parquet", MANIFEST, [manifest_row(A)])
        found = []
        for row in (shares, given_as):
            # JSON has no infinity.
            pq.write_table(pa.table({"image_id": [A], "scores": [row]}), place / "s.parquet")
            output = place / "p.parquet"
            import_predictions(place / "s.parquet", "ours", place / "m.parquet", "vid30", output)
            top = read_table(output, PREDICTIONS).to_pylist()[0]["top"]
            found.append({one["class_index"]: one["probability"] for one in top})
    assert found[1] == {at: share for at, share in found[0].items() if at not in excluded}
    assert found[1] == {at: np.float32(shares[at]) for at in range(30) if at not in excluded}

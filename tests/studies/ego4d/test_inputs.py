from hashlib import sha256

import pytest
from making import make, rows_of
from pair_data import pair
from score_data import bin_of, confusion, score, write_classes
from typer.testing import CliRunner

from wildframe.core.schemas import CALIBRATION, CONFUSIONS, PAIRS, SCORES
from wildframe.core.tables import write_rows
from wildframe.exhibits.commands import app

A, B = "tf_efficientnet_lite0", "resnet50.a1_in1k"

ERRORS = "incorrect_above_0.90"
MERGES = {"subset_a": "merge=sum", "subset_b": "merge=max"}
ROLES = {"subset_a": "role=pre", "subset_b": "role=pnr"}

AT_MOMENTS = [
    pair(A, B, k, subset_a=role, subset_b=role) for role in ROLES.values() for k in (1, 5)
]

BINS = [bin_of(B, 0.5, 4, 4, 0.55), bin_of(A, 0.2, 6, 0, 0.25), bin_of(A, 0.9, 2, 1, 0.95)]


@pytest.fixture
def tables(tmp_path):
    """The tables that the exhibits read."""
    subsets = ["all", "senses_before", "senses", "role=pre", "role=pnr", "class=n0", "area=0-1"]
    scores = [score(m, k, k // 2, subset=s) for m in (A, B) for k in (1, 5) for s in subsets]
    scores += [score(model, 1, 1, metric=ERRORS) for model in (A, B)]
    contents = {
        "scores": (SCORES, scores),
        "pairs": (PAIRS, [pair(A, B, k) for k in (1, 5)] + [pair(A, B, 1, metric=ERRORS)]),
        "moments": (PAIRS, [pair(m, m, k, **ROLES) for m in (A, B) for k in (1, 5)] + AT_MOMENTS),
        "choices": (PAIRS, [pair(A, A, k, **MERGES) for k in (1, 5)]),
        "confusions": (CONFUSIONS, [confusion(A, "n0", "n1", 3, 0.25)]),
        "calibration": (CALIBRATION, BINS),
    }
    for name, (contract, rows) in contents.items():
        write_rows(tmp_path / f"{name}.parquet", contract, rows)
    write_classes(tmp_path / "classes.parquet")
    return {name: tmp_path / f"{name}.parquet" for name in (*contents, "classes")}


# What each is made of, by parameter, and how many rows it has.
MADE_OF = {
    "label_senses": ({"scores": "scores"}, 4),
    "high_confidence": ({"scores": "scores", "pairs": "pairs"}, 2),
    "per_class": ({"scores": "scores", "classes": "classes"}, 1),
    "confusions": ({"counted": "confusions", "class_names": "classes"}, 1),
    "moments": ({"scores": "scores", "pairs": "moments"}, 4),
    "model_pairs": ({"pairs": "pairs"}, 1),
    "protocol": ({"choices": "choices", "pairs": "pairs"}, 1),
    "reliability": ({"calibration": "calibration"}, 3),
    "box_area": ({"scores": "scores"}, 2),
}


@pytest.mark.parametrize("name", MADE_OF)
def test_each_exhibit_reads_its_tables_and_writes_its_files(name, tables, tmp_path):
    inputs, rows = MADE_OF[name]
    settings = {"models": [A, B], "data_note": "our clips"}
    if name == "protocol":
        settings = {"resized": [], "data_note": "our clips"}
    if name == "high_confidence":
        settings |= {"compare": True, "above": 0.9}
    if name == "per_class":
        settings["label_space"] = "in1k"
    if name == "label_senses":
        settings["in21k_models"] = []
    out = tmp_path / "out"
    written = make(name, out, {key: tables[file] for key, file in inputs.items()}, **settings)
    assert sorted(out.iterdir()) == sorted(written.values())
    for_people = ".tex" if ".tex" in written else ".caption.md"
    assert "our clips" in written[for_people].read_text()
    assert len(rows_of(written[".csv"])) == rows


def test_the_log_of_an_exhibit_has_its_command_and_the_hashes_of_its_files(tables, tmp_path):
    files = [tmp_path / f"per_class.{suffix}" for suffix in ("md", "csv")]
    given = [f"--input={name}={tables[name]}" for name in ("scores", "classes")]
    given += [f'--set=models=["{A}"]', "--set=label_space=in1k", "--set=data_note=our clips"]
    made = CliRunner().invoke(app, ["make", "ego4d", "per_class", *map(str, files), *given])
    assert made.exception is None
    assert made.output.splitlines()[1:] == [
        f"sha256 {sha256(path.read_bytes()).hexdigest()} {path.name}" for path in files
    ]

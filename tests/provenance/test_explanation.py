"""An exhibit is followed back to its files by the command that each table carries."""

import hashlib
import json
import os
from pathlib import Path

import pytest
from provenance.exhibited import EXHIBIT, LOG, MADE, SCORED, write_exhibit

from wildframe.core.errors import UserError
from wildframe.core.schemas import MANIFEST, SCORES
from wildframe.core.tables import read_table, write_rows
from wildframe.provenance.explanation import explain
from wildframe.provenance.lineage import trace

NET, OTHER = (f"results/predictions/toys/full/{model}.parquet" for model in ("net", "other"))
BEHIND_NET = [
    str(EXHIBIT),
    SCORED,
    NET,
    "results/manifests/toys.parquet",
    "results/frames/toys/full/p.arrow",
    "weights/net.safetensors",
    "results/sources/toys/images.parquet",
]


@pytest.fixture(autouse=True)
def exhibited(tmp_path, monkeypatch, blank):
    monkeypatch.chdir(tmp_path)
    write_exhibit(blank)


def told(row=None, column=None):
    return json.loads("\n".join(explain(EXHIBIT, row, column, "json")))


def refused(path=EXHIBIT, row=None, column=None):
    with pytest.raises(UserError) as refusal:
        list(explain(path, row, column, "tree"))
    return str(refusal.value)


def test_files_are_those_that_commands_read_and_not_those_that_they_wrote():
    files = trace(EXHIBIT)
    assert files.keys() == {*BEHIND_NET, OTHER, "weights/other.safetensors"}
    assert files[str(EXHIBIT)].command == MADE
    assert files[str(EXHIBIT)].inputs == (SCORED,)
    assert files["results/manifests/toys.parquet"].inputs == (
        "results/sources/toys/images.parquet",
    )


def test_a_file_tells_hash_model_weights_choices_and_version():
    file = trace(EXHIBIT)[NET]
    assert file.sha256 == hashlib.sha256(Path(NET).read_bytes()).hexdigest()
    assert file.config == {"seed": 1}
    assert file.facts.keys() == {"model", "weights_sha256", "wildframe_version"}
    assert file.facts["weights_sha256"] == "aaaa"
    # A run may have removed it: its name is told all the same.
    assert trace(EXHIBIT)["weights/net.safetensors"].sha256 is None


def test_a_row_is_followed_to_its_own_models_only():
    assert [file["path"] for file in told(row=1)["files"]] == BEHIND_NET


def test_a_number_is_told_with_the_counts_that_give_it():
    found = told(row=1, column="top1")
    assert found["cell"] == {
        "row": {"model": "net", "top1": "40.00", "n": "10"},
        "column": "top1",
    }
    assert found["counts"] == [
        {"path": SCORED, "row": read_table(Path(SCORED), SCORES).to_pylist()[0]}
    ]


def test_a_number_that_no_table_holds_is_told_with_all_rows_of_its_model():
    assert [one["row"]["successes"] for one in told(row=2, column="paper")["counts"]] == [4]
    assert [one["row"]["successes"] for one in told(row=1)["counts"]] == [4, 7]


def test_the_tree_names_what_is_behind_once():
    lines = list(explain(EXHIBIT, 1, "top1", "tree"))
    assert lines[:2] == ["top1 = 40.00", "row: model net, top1 40.00, n 10"]
    assert lines[2].startswith(f"of {SCORED}: study study, dataset toys")
    assert "successes 4, n 10" in lines[2]
    digest = hashlib.sha256(EXHIBIT.read_bytes()).hexdigest()
    assert lines[4:6] == [f"{EXHIBIT} sha256 {digest}", f"  $ {MADE}"]
    assert "      weights_sha256: aaaa" in lines
    assert "      weights/net.safetensors (not kept)" in lines
    assert not [line for line in lines if "other.parquet sha256" in line]
    twice = [line for line in explain(EXHIBIT, None, None, "tree") if "p.arrow (" in line]
    assert twice == [
        "      results/frames/toys/full/p.arrow (not kept)",
        "      results/frames/toys/full/p.arrow (above)",
    ]


def test_an_exhibit_that_was_altered_is_told_before_its_number():
    assert told(row=1)["doubts"] == []
    EXHIBIT.write_text("model,top1,paper,n\nnet,46.00,,10\n")
    lines = list(explain(EXHIBIT, 1, "top1", "tree"))
    doubt = f"{EXHIBIT}: damaged, or altered since it was made; delete the exhibit and rerun it"
    assert lines[:2] == [f"NOTE: {doubt}", "top1 = 46.00"]
    assert told(row=1)["doubts"] == [doubt]


def test_a_file_of_the_user_that_is_newer_than_what_was_made_of_it_is_told():
    table = Path("results/manifests/toys.parquet")
    labels, videos = Path("labels.csv"), Path("videos.csv")
    command = f"wildframe manifests images {labels} {videos} --manifest {table}"
    write_rows(table, MANIFEST, [], facts={"command": command})
    for path in (labels, videos):
        path.touch()
        os.utime(path, ns=(0, 0))
    os.utime(EXHIBIT, ns=(10, 10))  # Tables are newer: a run may add to them for another exhibit.
    assert told()["doubts"] == []
    os.utime(labels, ns=(11, 11))
    hint = f"newer than {EXHIBIT}; `snakemake -n` tells what has to be rerun"
    assert told()["doubts"] == [f"{labels}: {hint}"]
    os.utime(videos, ns=(11, 11))
    assert told()["doubts"] == [f"{labels} and 1 more: {hint}"]


def test_a_table_explains_itself():
    assert list(trace(Path("results/manifests/toys.parquet"))) == [
        "results/manifests/toys.parquet",
        "results/sources/toys/images.parquet",
    ]


def test_other_files_of_an_exhibit_and_its_page_have_its_log():
    for name in ("fig1.caption.md", "fig1/index.html"):
        path = EXHIBIT.parent / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
        assert trace(path)[str(path)].inputs == (SCORED,)


def test_what_cannot_be_explained_is_told():
    assert "no such file; name a table or figure" in refused(EXHIBIT.with_suffix(".txt"))
    assert "no such file; make it by the target" in refused(EXHIBIT.with_suffix(".b.csv"), row=1)
    assert "--column top1: add --row" in refused(column="top1")
    assert "--row 3: it has rows 1 to 2" in refused(row=3)
    assert "--column top9: its columns are model, top1, paper, n" in refused(row=1, column="top9")
    assert "--row reads the .csv" in refused(Path(SCORED), row=1)
    Path("notes.txt").touch()
    assert "notes.txt: does not say how it was made" in refused(Path("notes.txt"))
    EXHIBIT.write_bytes(b'model,top1\n"a,0.5\n\xff,1\n')
    assert f"{EXHIBIT}: not a CSV file in UTF-8" in refused(row=1)
    LOG.write_text("")
    assert f"{LOG}: does not name the command; delete the exhibit" in refused()
    LOG.unlink()
    assert f"{LOG}: no such file; the log of its rule says" in refused()


def test_another_folder_than_the_run_s_is_told():
    Path(SCORED).unlink()
    assert f"{SCORED}: no such file; call this in the folder of the run" in refused(row=1)


def test_a_damaged_file_behind_it_is_named():
    Path(NET).write_text("PAR1")
    assert f"{NET}: not a sound Parquet file" in refused()
    Path("results/frames/toys/full").mkdir(parents=True)
    Path("results/frames/toys/full/p.arrow").write_text("ARROW1")
    assert "p.arrow: not a sound Arrow file" in refused(Path(OTHER))

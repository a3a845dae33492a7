"""The commands as users call them: what they print, and their exit status."""

import json

import pytest
from provenance.exhibited import EXHIBIT, write_exhibit
from provenance.tiny_run import damage
from typer.testing import CliRunner

from wildframe.cli import app
from wildframe.core.errors import UserError


def call(*arguments, code=0):
    result = CliRunner().invoke(app, list(map(str, arguments)), catch_exceptions=False)
    assert result.exit_code == code, result.output
    return result.stdout


def test_a_run_is_certified_and_verified(run, tmp_path):
    printed = call("certify", "toys", "--output", "toys.zip")
    kilobytes = (tmp_path / "toys.zip").stat().st_size / 1000
    assert printed.startswith(f"toys.zip: {kilobytes:.0f} kB, SHA-256 ")
    lines = call("verify", "toys.zip").splitlines()
    assert [line.split()[0] for line in lines[:-1]] == ["same"] * 3
    assert lines[-1] == "same frames, same labels, same predictions"


def test_a_difference_is_exit_status_1(run):
    call("certify", "toys", "--output", "toys.zip")
    damage(run, "predictions", lambda rows: rows["photo"]["top"][0].update(probability=0.75))
    lines = call("verify", "toys.zip", "--results", run, "--tolerance", 0.1, code=1).splitlines()
    assert [line.split()[0] for line in lines] == ["same", "same", "differs"]
    assert call("verify", "toys.zip", "--tolerance", 0.3).endswith("same predictions\n")


def test_no_number_is_no_tolerance(run):
    with pytest.raises(UserError, match="--tolerance nan: name a number"):
        call("verify", "toys.zip", "--tolerance", "nan")


def test_a_run_whose_results_are_elsewhere_is_asked_for_by_its_folder(run):
    call("certify", "toys", "--output", "toys.zip")
    run.rename("out")
    run.mkdir()
    remedy = "or name the run's results by --results"
    told = call("verify", "toys.zip", code=1).splitlines()
    assert [remedy in line for line in told] == [True] * 3
    with pytest.raises(UserError, match=remedy):
        call("certify", "toys", "--output", "toys.zip")


@pytest.fixture
def exhibited(tmp_path, monkeypatch, blank):
    monkeypatch.chdir(tmp_path)
    write_exhibit(blank)


def test_a_number_is_explained(exhibited):
    lines = call("explain", EXHIBIT, "--row", 1, "--column", "top1").splitlines()
    assert lines[0] == "top1 = 40.00"
    assert any(line.startswith(f"{EXHIBIT} sha256 ") for line in lines)
    found = json.loads(call("explain", EXHIBIT, "--format", "json"))
    assert (found["path"], found["cell"]) == (str(EXHIBIT), None)

import pytest
from provenance.tiny_run import write_run


@pytest.fixture
def run(tmp_path, blank, monkeypatch):
    """The folder of a run's results, in the folder that commands are called in."""
    monkeypatch.chdir(tmp_path)
    return write_run(tmp_path / "results", blank).relative_to(tmp_path)

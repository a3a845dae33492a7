"""Make the helpers of these tests, and of those of exhibits, importable."""

import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent

sys.path += [str(HERE), str(HERE.parents[1] / "exhibits")]


@pytest.fixture
def files(tmp_path, blank, manifest_row):
    """Folder of the tables of one set: see ``image_data``."""
    from image_data import write_all

    write_all(tmp_path, blank, manifest_row)
    return tmp_path

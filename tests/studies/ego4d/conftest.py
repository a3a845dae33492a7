"""Make the helpers of these tests, and those of the exhibits', importable."""

import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path += [str(HERE), str(HERE.parents[1] / "exhibits")]


@pytest.fixture
def set_files(tmp_path, blank, manifest_row):
    """Folder of the tables of a set of two images, the second of which could not be read."""
    from ego4d_data import write_set

    write_set(tmp_path, blank, manifest_row)
    return tmp_path


@pytest.fixture
def model_files(tmp_path, blank, manifest_row):
    """Folder of what SqueezeNet made of two images, which `ego4d_data.read` reads."""
    from ego4d_data import write_predictions

    write_predictions(tmp_path, blank, manifest_row)
    return tmp_path

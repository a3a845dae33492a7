"""Make the video factory importable, and keep the clips it wrote for the whole session."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent))

from clips import RECIPES


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Give a function that writes the clip of this name on first use."""
    folder = tmp_path_factory.mktemp("clips")

    def make(name: str) -> Path:
        path = folder / name
        return path if path.exists() else RECIPES[name](path)

    return make

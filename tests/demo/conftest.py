"""What the tests of the demo set share."""

import csv
import importlib
import sys

import pytest


@pytest.fixture(scope="session")
def recipe_module(project):
    """Return a function that imports a module of the recipe; those that render need MuJoCo."""
    sys.path.insert(0, str(project / "demo"))
    yield lambda name: importlib.import_module(f"recipe.{name}")
    sys.path.remove(str(project / "demo"))


@pytest.fixture(scope="session")
def read_csv(project):
    """Return a function that reads a table of the project."""

    def read(name):
        with (project / name).open(newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))

    return read

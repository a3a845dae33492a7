"""CITATION.cff cites this version, under this licence."""

import tomllib

import yaml

from wildframe import __version__

REQUIRED = {"cff-version", "message", "title", "authors"}


def test_the_citation_is_of_this_version(project):
    citation = yaml.safe_load((project / "CITATION.cff").read_text())
    package = tomllib.loads((project / "pyproject.toml").read_text())["project"]
    assert citation.keys() >= REQUIRED
    assert citation["version"] == __version__
    assert citation["license"] == package["license"]
    assert citation["title"] == f"{package['name']}: " + (
        package["description"][0].lower() + package["description"][1:]
    )

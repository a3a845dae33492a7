"""Sphinx builds the site of the checkout: `make docs`.

The source folder is the checkout, so that links between its documents hold as they stand; pages
that are made of the code have a marker, `<!-- generated: tables -->`.
"""

import re
import sys
from collections.abc import Callable
from pathlib import Path

from pygments.lexers.special import TextLexer
from sphinx.application import Sphinx

DOCS = Path(__file__).parent
sys.path.insert(0, str(DOCS))

import generate  # noqa: E402

from wildframe import __version__  # noqa: E402
from wildframe.core.allocator import collect_garbage_seldom  # noqa: E402

collect_garbage_seldom()

project = "wildframe"
author = "the authors of wildframe"
release = __version__
root_doc = "docs/index"
extensions = ["myst_parser"]
include_patterns = [
    "*.md",
    "config/README.md",
    "demo/recipe/README.md",
    "envs/README.md",
    "docs/**.md",
]
# Folders that hold no page are not walked: environments and results have many files.
exclude_patterns = [".*", "benchmarks", "profiles", "results*", "src", "tests", "workflow"]
myst_heading_anchors = 4

html_theme = "furo"
html_title = "wildframe"
html_static_path = ["site/site.css"]
html_css_files = ["site.css"]
# The door of the folder, which lies beside the pages' own folders.
html_extra_path = ["site/index.html"]
html_copy_source = False
html_show_copyright = False


def _fill(app: Sphinx, _document: str, source: list[str]) -> None:
    """Put what the code says in the place of a page's marker."""
    makers: dict[str, Callable[[], str]] = {
        "configuration": generate.configuration,
        "tables": generate.tables,
        "commands": generate.commands,
        "exhibits": generate.exhibits,
        "gallery": lambda: generate.gallery(Path(app.config.exhibits), DOCS),
    }
    source[0] = re.sub(
        r"^<!-- generated: (\w+) -->$", lambda found: makers[found[1]](), source[0], flags=re.M
    )


def setup(app: Sphinx) -> None:
    """Register the markers, and where the gallery finds the exhibits of a run."""
    app.add_config_value("exhibits", str(DOCS.parent / "results/exhibits"), "env", str)
    app.connect("source-read", _fill)
    app.add_lexer("csv", TextLexer)  # Pygments knows none

"""The files of HTML pages: each page's own, and those that all pages share."""

import hashlib
from importlib import resources

SHARED = ("base.css", "base.js")
"""Colours and controls, and helpers of scripts; loaded before a page's own."""


def page_file(page: str, name: str) -> bytes:
    """Return the content of a file of a page: ``browse``, ``review`` or ``index``."""
    folder = "pages" if name in SHARED else page
    return (resources.files("wildframe") / "data" / folder / name).read_bytes()


def page_sha256(page: str) -> str:
    """Return a hash of the files of a page, which `code_hash` does not cover."""
    folder = resources.files("wildframe") / "data" / page
    digest = hashlib.sha256()
    for name in (*SHARED, *sorted(path.name for path in folder.iterdir())):
        digest.update(page_file(page, name))
    return digest.hexdigest()

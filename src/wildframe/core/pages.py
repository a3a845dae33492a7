"""The files of HTML pages: each page's own, and those that all pages share."""

from importlib import resources

SHARED = ("base.css", "base.js")
"""Colours and controls, and helpers of scripts; loaded before a page's own."""


def page_file(page: str, name: str) -> bytes:
    """Return the content of a file of a page: ``browse`` or ``review``."""
    folder = "pages" if name in SHARED else page
    return (resources.files("wildframe") / "data" / folder / name).read_bytes()

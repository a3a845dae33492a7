"""What the pages that wildframe writes or serves may load and run."""

import re

import pytest

from wildframe.core.pages import page_file
from wildframe.reviews import server

WRITTEN = ("browse", "index")
PAGES = (*WRITTEN, "review")


def policy(page):
    """Return the directives of a page's content security policy."""
    if page in WRITTEN:
        text = page_file(page, "index.html").decode()
        (told,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)
    else:
        told = server._HEADERS["Content-Security-Policy"]
    return {name: sources for name, *sources in map(str.split, told.split(";"))}


@pytest.mark.parametrize("page", PAGES)
def test_a_page_runs_its_own_scripts_only_and_sends_nothing(page):
    found = policy(page)
    for closed in ("default-src", "base-uri", "form-action"):
        assert found[closed] == ["'none'"]
    # From disk a page has no origin: there its own files are those of the scheme.
    own = {"'self'"} | ({"file:"} if page in WRITTEN else set())
    for name, sources in found.items():
        loaded = {source for source in sources if not source.endswith("_hash")}
        assert {one for one in loaded if not re.fullmatch(r"'\{\{|\}\}'|'none'", one)} <= own, name
    assert not {"object-src", "frame-src", "child-src", "worker-src"} & found.keys()


@pytest.mark.parametrize("page", PAGES)
def test_no_element_has_a_script_or_a_style_of_its_own(page):
    text = page_file(page, "index.html").decode()
    assert not re.search(r"<[a-z][^>]*\s(on[a-z]+|style)\s*=", text)
    inline = re.findall(r"<(?:script|style)(?![^>]* src=)[^>]*>([^<]*)<", text)
    assert set(inline) <= {"{{ style }}", "{{ script }}"}
    assert "javascript:" not in text


@pytest.mark.parametrize("page", PAGES)
def test_no_script_turns_text_into_tags_or_code(page):
    own = ["browse.js", "draw.js", "filters.js"] if page == "browse" else [f"{page}.js"]
    for name in ("base.js", *own):
        text = page_file(page, name).decode()
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", text
        ), name

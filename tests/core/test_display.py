"""Text that Markdown shows as it is."""

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from wildframe.core.display import Format, markdown_text, show


def shown(markdown):
    return html.unescape(MarkdownIt("commonmark").renderInline(markdown))


@pytest.mark.parametrize("name", ["__init__", "_a_", "a__b_c", "tf_efficientnet_lite0", "a*b*"])
def test_names_keep_their_underscores(name):
    assert shown(markdown_text(name)) == name


@pytest.mark.parametrize(("first", "together"), [("name", "some words"), ("n" * 79, "12345")])
def test_a_long_first_column_leaves_the_others_room(first, together, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    show([{"item": first, "value": together}], ["item", "value"], Format.table)
    assert together in capsys.readouterr().out


@given(st.text("ab1_*`~$\\[]()<>&;#", max_size=20))
def test_any_text_is_shown_as_it_is(text):
    assert shown(markdown_text(text)) == text

"""Options that several commands share."""

import pytest

from wildframe.core.errors import UserError
from wildframe.core.options import name_and_value


def test_a_value_may_have_an_equals_sign_or_be_empty():
    assert name_and_value("view=a=b") == ("view", "a=b")
    assert name_and_value("note=") == ("note", "")


@pytest.mark.parametrize("text", ["name", "=value", ""])
def test_a_text_without_a_name_is_refused(text):
    with pytest.raises(UserError, match="write <name>=<value>"):
        name_and_value(text)

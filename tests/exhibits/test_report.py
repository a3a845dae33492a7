"""How a report names the exhibits."""

import re
from pathlib import Path

RULES = Path(__file__).parents[2] / "workflow" / "rules" / "studies" / "ego4d"
NAME = re.compile(r"Fig\. (0[1-9]|1[01])|Appendix H|Beyond: [a-z][a-z ]+")


def test_exhibits_are_named_so_that_they_sort():
    text = "".join(path.read_text() for path in RULES.glob("*.smk"))
    names = re.findall(r'"exhibit": "([^"]*)"', text)
    assert [name for name in names if not NAME.fullmatch(name)] == []
    assert len(names) == len(set(names)) == text.count("report(")
    assert {f"Fig. {number:02}" for number in range(1, 12)} < set(names)

"""How a report names the exhibits."""

import re
from pathlib import Path

STUDIES = Path(__file__).parents[2] / "workflow" / "rules" / "studies"
RULES = STUDIES / "ego4d"
NAME = re.compile(r"Fig\. (0[1-9]|1[01])|Appendix H|Beyond: [a-z][a-z ]+")


def test_exhibits_are_named_so_that_they_sort():
    text = "".join(path.read_text() for path in RULES.glob("*.smk"))
    names = re.findall(r'"exhibit": "([^"]*)"', text)
    assert [name for name in names if not NAME.fullmatch(name)] == []
    assert len(names) == len(set(names)) == text.count("report(")
    assert {f"Fig. {number:02}" for number in range(1, 12)} < set(names)


def test_exhibits_of_sets_say_of_which_dataset_they_are():
    paths = (STUDIES / "vid_robust").glob("*.smk")
    text = "\n".join(path.read_text() for path in paths)
    reports = re.findall(r"report\((.*?)\n        \)", text, re.DOTALL)
    captions = []
    for text in reports:
        ((file, caption),) = re.findall(r'"<results>([^"]*)",\s*caption="../../../([^"]*)"', text)
        captions.append(STUDIES.parents[1] / caption)
        assert ("{dataset}/" in file) == ('"dataset": "{dataset}"' in text)
    assert len(captions) == len(set(captions)) >= 10

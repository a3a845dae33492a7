"""An exhibit is one module and one line: added as docs/extend.md says, to a copy of the code."""

import csv
from collections import Counter

import pyarrow.parquet as pq
import pytest

pytestmark = pytest.mark.workflow


def add_as_documented(documented, source):
    """Do what the section about exhibits says: write a module, and a line into another."""
    (module, code), (order, line) = documented("An exhibit")
    assert not (source / module).exists()
    (source / module).write_text(code)
    declared = (source / order).read_text()
    assert declared.count("\n)\n") == 1
    (source / order).write_text(declared.replace("\n)\n", f"\n{line})\n"))
    assert len(line.splitlines()) == 1


def test_an_exhibit_is_added_by_one_module_and_one_line(documented, source, changeable):
    add_as_documented(documented, source)
    # Both kinds of target are there, and nothing that others are made of changes.
    made = "results/exhibits/ego4d/images_per_class"
    assert changeable.plan("ego4d_images_per_class") == Counter(ego4d_images_per_class=1, total=1)
    assert changeable.plan(f"{made}.md") == Counter(ego4d_images_per_class=1, total=1)
    assert changeable.plan() == Counter(ego4d_images_per_class=1, exhibits_index=1, all=1, total=3)

    changeable.run()
    with (changeable.folder / f"{made}.csv").open() as file:
        rows = list(csv.DictReader(file))
    labels = pq.read_table(changeable.folder / "results/manifests/ego4d-in1k.parquet")["labels"]
    expected = Counter(wnid for image in labels.to_pylist() for wnid in image)
    assert {row["wnid"]: int(row["n"]) for row in rows} == expected
    assert expected.total() > 0
    page = (changeable.folder / "results/exhibits/index.html").read_text()
    assert '<article id="ego4d-images_per_class">' in page
    assert 'href="ego4d/images_per_class.tex"' in page
    assert rows[0]["wnid"] in page

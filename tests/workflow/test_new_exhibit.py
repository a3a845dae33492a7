"""An exhibit is one module and one line: added as docs/extend.md says, to a copy of the code.

Another one is edited there. Neither changes what others are made of.
"""

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


def edit_fig5(source):
    module = source / "src/wildframe/studies/ego4d/fig5_in1k_vs_in21k.py"
    text = module.read_text()
    assert text.count('Table("Fig. 5: ') == 1
    module.write_text(text.replace('Table("Fig. 5: ', 'Table("Figure 5: '))


def test_an_exhibit_is_added_by_one_module_and_one_line(documented, source, changeable):
    add_as_documented(documented, source)
    edit_fig5(source)
    # Both kinds of target are there.
    made = "results/exhibits/ego4d/images_per_class"
    both = ("ego4d_images_per_class", f"{made}.md")
    assert changeable.plan(*both) == Counter(ego4d_images_per_class=1, total=1)
    assert changeable.plan() == {
        "ego4d_images_per_class": 1,
        "ego4d_fig5_in1k_vs_in21k": 1,
        "exhibits_index": 1,
        "all": 1,
        "total": 4,
    }

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

"""A small run for the index: declared exhibits, and their files written by hand."""

from pathlib import Path

from PIL import Image

from wildframe.core.schemas import FUNNEL
from wildframe.core.tables import write_rows
from wildframe.exhibits import index
from wildframe.exhibits.figure import Figure
from wildframe.exhibits.page import Page
from wildframe.exhibits.registry import SUFFIXES, Exhibit
from wildframe.exhibits.table import Column, Table

EVIL = "<script>window.hacked=1</script>"
EVIL_IMAGE = '<img src="http://example.invalid/x.png" onerror="window.hacked=2">'
LONG = "a_model_with_a_name_" + 12 * "as_long_as_timm_"

TITLES = {"paper": f"A paper & {EVIL}", "videos": "Another paper"}


def declared(study, name, label, suffixes, shows="shows", dataset=False):
    """Return an exhibit without function or inputs: the page asks for neither."""
    return Exhibit(
        study=study,
        name=name,
        make=lambda: None,
        label=label,
        shows=shows,
        caption=f"Caption of `{name}`: {EVIL}",
        suffixes=suffixes,
        datasets=(lambda run: ["one"]) if dataset else None,
        when=lambda run: True,
        printed=None,
        files={},
        settings={},
    )


TABLE, FIGURE = SUFFIXES[Table], SUFFIXES[Figure]
EXHIBITS = {
    (one.study, one.name): one
    for one in (
        declared("paper", "accuracy", "Fig. 07", TABLE, "zero-shot accuracy"),
        declared("paper", "hostile", "Supplement: hostile", TABLE, f"what is {EVIL}"),
        declared("paper", "curve", "Fig. 10", (*FIGURE, ".csv"), "a curve"),
        declared("paper", "browse", "Supplement: browse", SUFFIXES[Page], "a page of images"),
        declared("videos", "robust", "Table 1", TABLE, "robustness", dataset=True),
    )
}
NAMES = ["paper/accuracy", "paper/hostile", "paper/curve", "paper/browse"]
NAMES += ["videos/one/robust", "videos/two/robust"]

# Values are shown with intervals; one model has none, one p value is only bounded.
ACCURACY = """**Fig. 7: zero-shot accuracy**

| Model | Top-1 % [95 % CI] | p | Paper, % | Images |
| --- | --- | --- | --- | --- |
| beta | 31.5 [22.0, 42.2] | 0.0004 | not shown | 1,109 |
| alpha | 4.0 [1.0, 9.9] | < 0.0001 | not shown | 58 |
| gamma10 | not evaluated | 1.0000 | not shown | 600 |
| gamma9 | 100.0 [93.8, 100.0] | 0.0001 | not shown | 7 |

Data: made by hand

A note with `code`.
"""


def write_table(path, rows, title, notes=()):
    """Write a table as exhibits do: names as code, all else as text."""
    columns = [Column("name", "Model", verbatim=True), Column("text", "Said & done")]
    columns += [Column(f"value{number}", f"A long head of column {number}") for number in range(20)]
    values = {f"value{number}": number * 1000.5 for number in range(20)}
    table = Table(title, columns, [row | values for row in rows], notes)
    table.write([path.with_suffix(suffix) for suffix in TABLE])


def write_run(folder: Path, monkeypatch) -> Path:
    """Write all files of the run and its page; return the page."""
    exhibits = folder / "exhibits"
    monkeypatch.setattr(index, "load_exhibit", lambda study, name: EXHIBITS[study, name])
    monkeypatch.setattr(index, "study_title", TITLES.__getitem__)
    paper = exhibits / "paper"
    for path in (paper / "browse", exhibits / "videos" / "one", exhibits / "videos" / "two"):
        path.mkdir(parents=True)
    (paper / "browse" / "index.html").write_text("<!DOCTYPE html><title>images</title>")
    for suffix in TABLE:
        (paper / f"accuracy{suffix}").write_text(ACCURACY)
    hostile = [
        {"name": f"{LONG}|{EVIL}", "text": f"{EVIL} | $x$ \\| {EVIL_IMAGE}"},
        {
            "name": "`tick` *star*",
            "text": "[link](javascript:window.hacked=3) ![i](http://e.invalid)",
        },
        {"name": "n", "text": "&lt;b&gt; &amp; a_b_c https://example.invalid/auto"},
    ]
    write_table(paper / "hostile", hostile, f"Hostile {EVIL}", [f"Data: {EVIL}", "x " * 400])
    Image.new("RGB", (1375, 400), "white").save(paper / "curve.png")
    for suffix in (".svg", ".pdf", ".csv"):
        (paper / f"curve{suffix}").write_text("")
    caption = "**A curve**\n\nData: made by hand &lt;i>\n\nRead it from the left.\n"
    (paper / "curve.caption.md").write_text(caption)
    for dataset in ("one", "two"):
        path = exhibits / "videos" / dataset / "robust"
        write_table(path, [{"name": dataset, "text": "x"}], f"Table 1: robustness on {dataset}")
    write_funnel(folder / "some-images.funnel.parquet")
    page = exhibits / "index.html"
    index.write_index(page, NAMES, [folder / "some-images.funnel.parquet"], [])
    return page


def write_funnel(path: Path) -> None:
    blank = {"role": "pre", "position": None, "annotation_labels": [], "image_id": None}
    steps = ["kept", "kept", "kept", "no_class", "no_noun"]
    rows = [
        blank | {"record_id": f"r{number}", "step": step, "detail": EVIL}
        for number, step in enumerate(steps)
    ]
    write_rows(path, FUNNEL, rows)

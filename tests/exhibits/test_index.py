"""The index of a run as a file: what stands in it, and what does not."""

import re
import shutil
from html.parser import HTMLParser
from urllib.parse import unquote

import pytest
from index_data import ACCURACY, EVIL, EVIL_IMAGE, LONG, NAMES, write_funnel, write_run

from wildframe.core.errors import UserError
from wildframe.core.schemas import FUNNEL, STATUSES
from wildframe.core.tables import write_rows
from wildframe.exhibits.index import parse_text, read_funnel, write_index
from wildframe.exhibits.lookup import load_exhibit
from wildframe.frames.kept import write_shard
from wildframe.manifests.clips import CLIP
from wildframe.manifests.decisions import decision


class Elements(HTMLParser):
    """Collects the elements of a page, with their attributes, and its text."""

    def __init__(self, text):
        super().__init__()
        self.found, self.text = [], ""
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))

    def handle_data(self, data):
        self.text += data

    def attributes(self, tag, name):
        return [told[name] for found, told in self.found if found == tag and name in told]


@pytest.fixture
def page(tmp_path, monkeypatch):
    return write_run(tmp_path, monkeypatch)


@pytest.fixture
def elements(page):
    return Elements(page.read_text())


def test_the_markdown_of_a_table_becomes_title_table_and_notes():
    text = parse_text(ACCURACY)
    assert text.title == "Fig. 7: zero-shot accuracy"
    assert text.notes == ["Data: made by hand", "A note with <code>code</code>."]
    assert text.table.startswith("<table>")
    assert text.table.count("<tr>") == 5


def test_columns_of_numbers_are_told_by_their_cells():
    heads = re.findall(r"<th([^>]*)>([^<]*)</th>", parse_text(ACCURACY).table)
    assert [(name, "number" in attributes) for attributes, name in heads] == [
        ("Model", False),
        ("Top-1 % [95 % CI]", True),  # though a cell says that there is none
        ("p", True),
        ("Paper, %", False),  # there are no numbers in it
        ("Images", True),
    ]


@pytest.mark.parametrize(
    ("cells", "is_number"),
    [
        (["-1.5", "(2)", "≥ 3", "[4, 5]", ""], True),
        (["n02992529", "n03063689"], False),
        (["3", "three", "many"], False),
        (["", ""], False),
    ],
)
def test_what_is_a_number(cells, is_number):
    table = "| a | b |\n| --- | --- |\n" + "".join(f"| x | {cell} |\n" for cell in cells)
    assert parse_text(table).table.count('class="number"') == (len(cells) + 1) * is_number


def test_text_of_the_data_brings_neither_tags_nor_links(elements):
    tags = {tag for tag, _ in elements.found}
    assert tags.isdisjoint({"iframe", "object", "link", "base", "form"})
    assert len(elements.attributes("img", "src")) == 1
    assert [told for tag, told in elements.found if tag == "script"] == [{}]
    assert not any(name.startswith("on") for _, told in elements.found for name in told)
    for text in (EVIL, EVIL_IMAGE, LONG, "$x$", "[link](javascript:", "&lt;b&gt;", "a_b_c"):
        assert text in elements.text


def test_a_page_of_its_own_allows_no_script_but_its_own(elements):
    (policy,) = elements.attributes("meta", "content")[-1:]
    assert "default-src 'none'" in policy
    assert re.search(r"script-src 'sha256-[\w+/=]+'", policy)
    assert "unsafe" not in policy


def test_every_link_leads_to_a_file_beside_the_page(page, elements):
    links = elements.attributes("a", "href") + elements.attributes("img", "src")
    anchors, files = (
        {link for link in links if link.startswith("#") == is_anchor} for is_anchor in (True, False)
    )
    assert all((page.parent / unquote(link)).is_file() for link in files)
    assert not [link for link in files if link.startswith(("/", "..")) or ":" in link]
    made = {path for path in page.parent.rglob("*.*") if path.name != "index.html"}
    captions = {path for path in made if path.name.endswith(".caption.md")}
    linked = {page.parent / link for link in files}
    assert linked == made - captions | {page.parent / "paper/browse/index.html"}
    ids = {told["id"] for _, told in elements.found if "id" in told}
    assert {link.removeprefix("#") for link in anchors} <= ids


def test_every_exhibit_stands_under_its_paper_and_dataset(elements):
    articles = elements.attributes("article", "id")
    assert articles == [name.replace("/", "-") for name in NAMES] + ["data-some-images"]
    assert "3 tables" not in elements.text
    assert "4 tables, 1 figure, 1 browsable page of 2 studies" in " ".join(elements.text.split())
    assert "Fig. 7 · table · paper_accuracy" in elements.text
    assert "Dataset one" in elements.text
    assert "A page of images" in elements.text
    assert f"Caption of curve: {EVIL}" in elements.text
    assert "Data: made by hand <i>" in elements.text


def test_exhibits_of_a_further_view_stand_apart(page):
    shutil.copytree(page.parent / "videos", page.parent / "videos/tiles")
    (page.parent / "paper/tiles").mkdir()
    for path in page.parent.glob("paper/accuracy.*"):
        shutil.copy(path, page.parent / "paper/tiles")
    names = ["paper/accuracy", "paper/tiles/accuracy", "videos/one/robust"]
    write_index(page, [*names, "videos/tiles/one/robust"], [], [])
    elements = Elements(page.read_text())
    assert elements.attributes("article", "id") == [
        "paper-accuracy",
        "paper-tiles-accuracy",
        "videos-one-robust",
        "videos-tiles-one-robust",
    ]
    assert "View tiles" in elements.text
    assert "View tiles, dataset one" in elements.text
    assert "Fig. 7 · table · paper_tiles_accuracy" in elements.text
    assert "paper/tiles/accuracy.csv" in elements.attributes("a", "href")


@pytest.mark.parametrize("name", ["d.funnel.parquet", "d.clips-funnel.parquet"])
def test_the_funnel_is_counted(tmp_path, name):
    path = tmp_path / name
    write_funnel(path)
    dataset, rows = read_funnel(path, {})
    assert dataset == "d"
    assert (rows[0]["left"], rows[-1]["left"]) == (5, 3)
    assert {row["step"]: row["dropped"] for row in rows if row["dropped"]} == {
        "no_noun": 1,
        "no_class": 1,
    }


def test_what_could_not_be_read_is_a_step_of_the_funnel(tmp_path, blank):
    write_funnel(tmp_path / "d.funnel.parquet")
    statuses = [
        blank(STATUSES, image_id=str(number), media="", status=status, detail="")
        for number, status in enumerate(["ok", "media_unreadable", "ok"])
    ]
    write_rows(tmp_path / "d.parquet", STATUSES, statuses)
    _, rows = read_funnel(tmp_path / "d.funnel.parquet", {"d": [tmp_path / "d.parquet"]})
    assert (rows[0]["left"], rows[-1]["left"]) == (5, 2)
    assert [row["dropped"] for row in rows if row["step"] == "media_unreadable"] == [1]


def test_clips_that_could_not_be_read_are_steps_of_the_page(page, tmp_path, wildframe):
    """Of four clips one is of no split of the dataset, one has no video, and one no frame."""
    funnel = tmp_path / "epic.clips-funnel.parquet"
    steps = {"a": "kept", "b": "split", "c": "kept", "d": "kept"}
    write_rows(funnel, FUNNEL, [decision(name, CLIP, step, "") for name, step in steps.items()])
    folder = tmp_path / "epic"
    folder.mkdir()
    shards = {"0": {"a": "ok", "c": "media_missing"}, "1": {"d": "decode_failed"}}
    given = []
    for shard, statuses in shards.items():
        empty = {"detail": "", "frames": [], "times": [], "images": []}
        empty |= {"width": None, "height": None}
        rows = [empty | {"clip_id": name, "status": status} for name, status in statuses.items()]
        write_shard(folder / f"{shard}.arrow", rows, {"stride": 2})
        given += ["--statuses", folder / f"{shard}.arrow"]
    wildframe("exhibits", "index", page, *NAMES, "--funnel", funnel, *given)
    text = Elements(page.read_text()).text
    for told in ("epic 1 of 4", "Video or folder missing12", "Frames could not be decoded11"):
        assert told in text


def test_the_command_gives_the_same_bytes(page, tmp_path, wildframe):
    before = page.read_bytes()
    copy = tmp_path / "sent"
    shutil.copytree(page.parent, copy)
    (copy / "index.html").unlink()
    funnel = tmp_path / "some-images.funnel.parquet"
    wildframe("exhibits", "index", copy / "index.html", *NAMES, "--funnel", funnel)
    assert (copy / "index.html").read_bytes() == before


@pytest.mark.parametrize(
    "name", ["paper/curve.caption.md", "paper/accuracy.tex", "paper/browse/index.html"]
)
def test_a_missing_file_is_named_with_what_makes_it(page, name):
    (page.parent / name).unlink()
    rule = "paper_" + re.split(r"[/.]", name)[1]
    with pytest.raises(UserError, match=rf"{re.escape(name)}: .*; make it first: snakemake {rule}"):
        write_index(page, NAMES, [], [])


def test_a_name_that_is_none(page, monkeypatch):
    with pytest.raises(UserError, match="accuracy: write <study>/<name>, view"):
        write_index(page, ["accuracy"], [], [])
    for name in ("videos/robust", "paper/a/b/accuracy"):
        with pytest.raises(UserError, match=f"{name}: write <study>/<name>, view and dataset"):
            write_index(page, [name], [], [])
    monkeypatch.setattr("wildframe.exhibits.index.load_exhibit", load_exhibit)
    with pytest.raises(UserError, match="nothing: no such exhibit of ego4d; choose from"):
        write_index(page, ["ego4d/nothing"], [], [])

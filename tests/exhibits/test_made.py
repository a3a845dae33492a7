"""Whether the files of an exhibit are those that its rule's log tells of."""

from hashlib import sha256
from pathlib import Path

import pytest

from wildframe.core.errors import UserError
from wildframe.exhibits.made import hashes, log_of, require_as_made, sha256_of

LOG = Path("results/logs/exhibits/study/browse.log")


@pytest.fixture
def page(tmp_path, monkeypatch):
    """A page of two files, beside the log that tells its hash."""
    monkeypatch.chdir(tmp_path)
    page = Path("results/exhibits/study/browse")
    for name, text in {"index.html": "page", "images/a.jpg": "image"}.items():
        (page / name).parent.mkdir(parents=True, exist_ok=True)
        (page / name).write_text(text)
    LOG.parent.mkdir(parents=True)
    LOG.write_text("\n".join(["wildframe exhibits make study browse x", *hashes([page]), ""]))
    return page


@pytest.mark.parametrize("name", ["fig1.caption.md", "fig1.csv", "fig1", "fig1/index.html"])
def test_the_log_of_any_file_of_an_exhibit(name):
    log = log_of(Path("results/exhibits/study/box/set", name))
    assert log == Path("results/logs/exhibits/study/box/set/fig1.log")
    assert log_of(Path("results/scores", name)) is None


def test_a_line_has_hash_and_name(tmp_path):
    (tmp_path / "a.md").write_text("table")
    assert list(hashes([tmp_path / "a.md"])) == [f"sha256 {sha256(b'table').hexdigest()} a.md"]


def test_a_page_is_all_its_files_by_name(page):
    require_as_made(page)
    before = sha256_of(page)
    (page / "images/a.jpg").rename(page / "images/b.jpg")
    assert sha256_of(page) != before
    with pytest.raises(UserError, match=r"study/browse: damaged, or altered since it was made; d"):
        require_as_made(page)


def test_the_time_that_snakemake_notes_in_a_page_alters_nothing(page):
    (page / ".snakemake_timestamp").touch()
    require_as_made(page)


def test_without_a_log_nothing_is_known_and_one_of_another_command_is_named(page):
    LOG.write_text("Killed\n")
    with pytest.raises(UserError, match=r"browse\.log: does not tell the hash of browse; delete"):
        require_as_made(page)
    LOG.unlink()
    require_as_made(page)

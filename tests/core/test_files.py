import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from wildframe.core.errors import UserError
from wildframe.core.files import (
    _HOST,
    _is_ending,
    atomic_directory,
    atomic_path,
    file_states,
    write_text,
)


def write(path, text):
    with atomic_directory(path, marker="index.html") as folder:
        assert list(folder.iterdir()) == []
        (folder / "index.html").write_text(text)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_folder_is_replaced_as_a_whole(tmp_path):
    write(tmp_path / "deep" / "pages", "first")
    (tmp_path / "deep" / "pages" / "old.js").write_text("left over")
    write(tmp_path / "deep" / "pages", "second")
    assert names(tmp_path / "deep") == ["pages"]
    assert names(tmp_path / "deep" / "pages") == ["index.html"]
    assert (tmp_path / "deep" / "pages" / "index.html").read_text() == "second"


def test_an_empty_folder_may_be_there(tmp_path):
    (tmp_path / "pages").mkdir()
    write(tmp_path / "pages", "first")
    assert names(tmp_path / "pages") == ["index.html"]


@pytest.mark.parametrize("place", [".", "../pages"])
def test_the_folder_that_this_runs_in_stays_the_same_folder(tmp_path, monkeypatch, place):
    folder = tmp_path / "pages"
    folder.mkdir()
    monkeypatch.chdir(folder)
    before = folder.stat().st_ino
    write(Path(place), "first")
    (folder / "sub").mkdir()
    (folder / "sub" / "old.js").write_text("left over")
    write(Path(place), "second")
    assert (folder.stat().st_ino, names(folder), names(tmp_path)) == (
        before,
        ["index.html"],
        ["pages"],
    )
    assert Path("index.html").read_text() == "second"


def test_the_folder_above_is_replaced_beside_itself(tmp_path, monkeypatch):
    write(tmp_path / "pages", "first")
    (tmp_path / "pages" / "sub").mkdir()
    monkeypatch.chdir(tmp_path / "pages" / "sub")
    write(Path(".."), "second")
    assert (names(tmp_path), names(tmp_path / "pages")) == (["pages"], ["index.html"])


def test_what_is_something_else_is_left_alone(tmp_path):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.tex").write_text("years of work")
    (tmp_path / "file").write_text("work")
    for name in ("thesis", "file"):
        with pytest.raises(UserError, match=rf"{name}: holds something else \(no index\.html\)"):
            write(tmp_path / name, "page")
    assert (tmp_path / "thesis" / "chapter.tex").read_text() == "years of work"
    assert (tmp_path / "file").read_text() == "work"
    assert names(tmp_path) == ["file", "thesis"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
def test_an_interrupted_folder_leaves_what_was_there(tmp_path, error):
    def interrupted():
        with atomic_directory(tmp_path / "pages", marker="index.html") as folder:
            (folder / "index.html").write_text("half")
            raise error

    with pytest.raises(error):
        interrupted()
    assert names(tmp_path) == []
    write(tmp_path / "pages", "whole")
    with pytest.raises(error):
        interrupted()
    assert names(tmp_path) == ["pages"]
    assert (tmp_path / "pages" / "index.html").read_text() == "whole"


def test_what_a_killed_writer_left_is_removed_by_the_next(tmp_path):
    gone = subprocess.Popen(["true"])
    gone.wait()
    with atomic_directory(tmp_path / "pages", marker="index.html") as folder:
        (folder / "index.html").write_text("whole")
        temporary = folder.parent.name
    left = tmp_path / temporary.replace(f".{os.getpid()}.", f".{gone.pid}.")
    running = tmp_path / temporary.replace(f".{os.getpid()}.", f".{os.getppid()}.")
    for folder in (left, running):
        (folder / "new").mkdir(parents=True)
        (folder / "new" / "index.html").write_text("half")
    write(tmp_path / "pages", "again")
    assert names(tmp_path) == sorted([running.name, "pages"])


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not list the state in /proc")
def test_a_killed_writer_that_nobody_has_asked_for_is_not_running(tmp_path):
    write(tmp_path / "pages", "first")
    process = subprocess.Popen(["true"])
    # Waits for its end, and leaves it a zombie.
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    left = tmp_path / f".pages.{_HOST}.{process.pid}.tmp"
    left.mkdir()
    write(tmp_path / "pages", "second")
    assert names(tmp_path) == ["pages"]
    process.wait()


@pytest.mark.parametrize(
    ("state", "pending", "of_all_threads", "ending"),
    [
        ("S (sleeping)", "0000000000000000", "0000000000000000", False),
        ("D (disk sleep)", "0000000000000100", "0000000000000000", True),
        ("D (disk sleep)", "0000000000000000", "0000000000000100", True),
        ("D (disk sleep)", "0000000000004000", "0000000000000200", False),  # SIGTERM and SIGUSR1
        ("Z (zombie)", "0000000000000000", "0000000000000000", True),
    ],
)
def test_a_process_that_was_killed_while_it_writes_to_disk_is_ending(
    state, pending, of_all_threads, ending
):
    status = f"Name:\ta: b\nState:\t{state}\nSigPnd:\t{pending}\nShdPnd:\t{of_all_threads}\n"
    assert _is_ending(status) == ending


def test_a_full_disk_is_one_sentence(tmp_path):
    def full():
        with atomic_directory(tmp_path / "pages", marker="index.html"):
            raise OSError(errno.ENOSPC, "no space")

    with pytest.raises(UserError, match=r"pages: cannot be written \(No space left on device\)"):
        full()
    assert names(tmp_path) == []


def test_a_folder_in_the_place_of_a_file_is_one_sentence(tmp_path):
    (tmp_path / "table.md").mkdir()
    with pytest.raises(UserError, match=r"table\.md: is a folder; name a file to write"):
        write_text(tmp_path / "table.md", "a")


@pytest.mark.parametrize("name", [".", "..", "/", "sub/.."])
def test_a_path_without_a_name_is_no_file(tmp_path, name, monkeypatch):
    (tmp_path / "sub").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match="is a folder"):
        write_text(Path(name), "a")
    assert names(tmp_path) == ["sub"]


def test_a_folder_that_goes_away_is_one_sentence(tmp_path):
    def late():
        with atomic_path(tmp_path / "results/a.md") as temporary:
            (tmp_path / "results").rmdir()
            temporary.write_text("a")

    with pytest.raises(UserError, match=r"a\.md: cannot be written \(No such file or directory\)"):
        late()


def test_an_error_of_reading_names_what_is_read(tmp_path):
    with pytest.raises(FileNotFoundError, match="input"), atomic_path(tmp_path / "a.md"):
        (tmp_path / "input").read_text()


@pytest.mark.parametrize("size", [3, 2_000_000])
def test_a_file_that_an_older_one_replaces_has_another_state(tmp_path, size):
    path = tmp_path / "trained.pth"
    path.write_bytes(b"a" * size)
    os.utime(path, (2e9, 2e9))
    before = file_states([path])
    path.write_bytes(b"b" * size)
    os.utime(path, (1e9, 1e9))
    assert file_states([path]) != before


def test_small_files_are_told_by_content_whatever_their_time(tmp_path):
    path = tmp_path / "labels.csv"
    path.write_text("one")
    os.utime(path, (1e9, 1e9))
    before = file_states([path])
    os.utime(path, (2e9, 2e9))
    assert file_states([path]) == before
    path.write_text("two")
    os.utime(path, (2e9, 2e9))
    assert file_states([path]) != before


def test_folders_have_no_state_and_absent_files_are_refused(tmp_path):
    assert file_states([tmp_path]) == []
    with pytest.raises(UserError, match=r"nothing\.csv: no such file; create it, or correct"):
        file_states([tmp_path / "nothing.csv"])

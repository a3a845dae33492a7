"""Files that appear whole or not at all, and ids that may become part of a path."""

import errno
import hashlib
import os
import re
import shutil
import signal
import socket
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from wildframe.core.errors import UserError

# File systems take names of up to 255 bytes; a frame number and a suffix are added.
_SAFE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}")
# Snakemake reads no larger ones, either, to tell whether they are still the same.
_READ_WHOLE = 1_000_000
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
# Processes of other hosts cannot be asked whether they are alive.
_HOST = re.sub(r"[^A-Za-z0-9]", "-", socket.gethostname())[:32]


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """Yield a temporary sibling of ``path`` and rename it to ``path`` when the block succeeds.

    A killed job leaves at most the temporary file, never a half-written ``path``; the next writer
    of ``path`` on the same host removes it.

    Raises:
        UserError: A folder is there.
    """
    temporary = _temporary(refuse_folder(path))
    try:
        with _failure_named(path, temporary):
            yield temporary
            with temporary.open("rb") as file:
                os.fsync(file.fileno())
            temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def atomic_directory(path: Path, marker: str) -> Iterator[Path]:
    """Yield a new empty folder that becomes ``path`` when the block succeeds.

    As with `atomic_path`, a killed job leaves at most a temporary sibling.

    Args:
        path: Folder to write. A folder of the same kind that is there is replaced as a whole; of
            the one that this runs in, what is in it, lest a shell stands in a folder that is gone.
        marker: Name of a file that every folder of this kind has.

    Raises:
        UserError: What is there is something else, which is left alone.
    """
    is_ours = path.is_dir() and ((path / marker).is_file() or not any(path.iterdir()))
    if path.exists() and not is_ours:
        raise UserError(f"{path}: holds something else (no {marker}); choose a new folder")
    path = path.resolve() if path.name in ("", "..") else path
    temporary = _temporary(path)
    new, old = temporary / "new", temporary / "old"
    try:
        with _failure_named(path, temporary):
            new.mkdir(parents=True)
            yield new
            if path.exists() and path.samefile("."):
                old.mkdir()
                _move_content(path, old, marker)
                _move_content(new, path, marker)
            else:
                if path.exists():
                    path.rename(old)
                new.rename(path)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _move_content(source: Path, target: Path, last: str) -> None:
    """Move what is in a folder to another one, a file of this name last."""
    for path in sorted(source.iterdir(), key=lambda path: path.name == last):
        path.rename(target / path.name)


def _temporary(path: Path) -> Path:
    """Return a temporary name beside ``path``; makes the folder and removes leftovers there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    _remove_leftovers(path)
    # The suffix stays: writers such as matplotlib choose the format by it.
    return path.with_name(f".{path.stem}.{_HOST}.{os.getpid()}.tmp{path.suffix}")


@contextmanager
def _failure_named(path: Path, temporary: Path) -> Iterator[None]:
    """Name the file that cannot be written; errors of reading others stay what they are."""
    try:
        yield
    except OSError as error:
        if error.errno and (error.errno in _FULL or str(temporary) in str(error)):
            raise UserError(f"{path}: cannot be written ({os.strerror(error.errno)})") from error
        raise


def _remove_leftovers(path: Path) -> None:
    """Remove what killed writers of ``path`` left on this host; those of others may be alive."""
    pattern = re.compile(
        rf"\.{re.escape(path.stem)}\.{_HOST}\.(\d{{1,9}})\.tmp{re.escape(path.suffix)}"
    )
    for sibling in path.parent.iterdir():
        if (match := pattern.fullmatch(sibling.name)) and not _is_running(int(match[1])):
            if sibling.is_dir():
                shutil.rmtree(sibling, ignore_errors=True)
            else:
                sibling.unlink(missing_ok=True)


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # it runs as another user
        pass
    try:
        status = Path(f"/proc/{process}/status").read_text(encoding="utf-8", errors="replace")
    except OSError:  # it is gone, or this is not Linux
        return True
    return not _is_ending(status)


def _is_ending(status: str) -> bool:
    """Tell whether a process was killed: it waits for the disk, or for somebody to ask for it.

    Args:
        status: What Linux lists of the process in ``/proc/<id>/status``.
    """
    fields = dict(re.findall(r"^(\w+):\t(\w+)", status, re.MULTILINE))
    pending = int(fields["SigPnd"], 16) | int(fields["ShdPnd"], 16)
    return fields["State"] == "Z" or bool(pending >> (signal.SIGKILL - 1) & 1)


def user_cache() -> Path:
    """Return the folder of what wildframe keeps between runs of a user; it may not exist."""
    home = Path(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"))  # noqa: PTH111
    if home.parts[:1] == ("~",):  # a user without a home folder, as in some containers
        home = Path(tempfile.gettempdir()) / f"cache-{os.getuid()}"
    return home / "wildframe"


def write_text(path: Path, text: str) -> None:
    """Write ``text`` as UTF-8 to ``path`` atomically."""
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def is_safe_id(value: str) -> bool:
    """Tell whether an id out of a data file may become part of a path."""
    return _SAFE_ID.fullmatch(value) is not None


def refuse_folder(path: Path) -> Path:
    """Return the path of a file to write.

    Raises:
        UserError: A folder is there.
    """
    if path.is_dir():
        raise UserError(f"{path}: is a folder; name a file to write")
    return path


def require_file(path: Path, remedy: str) -> Path:
    """Return ``path`` if it is a file.

    Raises:
        UserError: It is not; ``remedy`` completes the sentence.
    """
    if not path.is_file():
        raise UserError(f"{path}: no such file; {remedy}")
    return path


def file_states(paths: Iterable[str | Path]) -> list[str]:
    """Return what changes when files are replaced, also by older ones, or by some of the same time.

    Args:
        paths: Files; folders are skipped.

    Returns:
        The path of each file with a hash of its content, of one over 1 MB with its size and time.

    Raises:
        UserError: One is not there, or cannot be an input of a rule.
    """
    paths = [*paths]
    if braced := next(filter(has_braces, paths), None):
        raise UserError(
            f"{braced}: Snakemake takes braces in the name of an input for a wildcard; rename it, "
            "or name a link to it that has none"
        )
    files = [path for path in map(Path, paths) if not path.is_dir()]
    remedy = "create it, or correct the setting that names it"
    return [f"{path} {_state(require_file(path, remedy))}" for path in files]


def has_braces(path: str | Path) -> bool:
    """Tell whether Snakemake would look for a wildcard in a path."""
    return not {"{", "}"}.isdisjoint(str(path))


def _state(path: Path) -> str:
    file = path.stat()
    # What cannot be read is told by the command that reads it.
    if file.st_size > _READ_WHOLE or not os.access(path, os.R_OK):
        return f"{file.st_size} {file.st_mtime_ns}"
    return hashlib.sha256(path.read_bytes()).hexdigest()


def require_folder(path: Path, remedy: str) -> Path:
    """Return ``path`` if it is a folder; error as in `require_file`."""
    if not path.is_dir():
        raise UserError(f"{path}: no such folder; {remedy}")
    return path

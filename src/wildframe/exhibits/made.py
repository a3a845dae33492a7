"""How the files of an exhibit were made, by the log of its rule: text and images carry no metadata.

The log has the command, and a hash of each file as it was then.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from wildframe.core.errors import UserError

_REMEDY = "delete the exhibit and rerun it"


def log_of(path: Path) -> Path | None:
    """Return the log of an exhibit's rule; None of other files.

    Args:
        path: A file of the exhibit, or the folder of a page.
    """
    page = path.parent if path.name == "index.html" else path
    exhibits = next((folder for folder in page.parents if folder.name == "exhibits"), None)
    if exhibits is None:
        return None
    name = page.relative_to(exhibits).with_name(f"{page.name.partition('.')[0]}.log")
    return exhibits.parent / "logs" / "exhibits" / name


def hashes(paths: Iterable[Path]) -> Iterator[str]:
    """Yield the line of a log that tells the hash of each file, or folder, of an exhibit."""
    return (f"sha256 {sha256_of(path)} {path.name}" for path in paths)


def require_as_made(path: Path) -> None:
    """Raise a `UserError` for a file, or folder, of an exhibit that is another than was made.

    Where there is no log, as where results are kept in an object store, nothing is known.
    """
    log = log_of(path)
    if log is None or not log.is_file():
        return
    text = log.read_text(encoding="utf-8", errors="replace")
    told = re.search(rf"^sha256 (\w+) {re.escape(path.name)}$", text, re.MULTILINE)
    if told is None:
        raise UserError(f"{log}: does not tell the hash of {path.name}; {_REMEDY}")
    if told[1] != sha256_of(path):
        raise UserError(f"{path}: damaged, or altered since it was made; {_REMEDY}")


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, or that of the names and hashes of all files of a folder."""
    if path.is_dir():
        # Snakemake notes the time of a folder in it, after the job.
        files = sorted(file for file in path.rglob("[!.]*") if file.is_file())
        listed = "".join(f"{sha256_of(file)} {file.relative_to(path)}\n" for file in files)
        return hashlib.sha256(listed.encode()).hexdigest()
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

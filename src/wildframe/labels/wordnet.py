"""WordNet 3.0's nouns, from the copy in this package; nothing is downloaded.

ImageNet's wnids are offsets into this version: only four of the 1,000 exist in WordNet 3.1.
"""

import hashlib
import re
import tarfile
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from wildframe.core.errors import UserError
from wildframe.core.files import atomic_path, user_cache
from wildframe.sources.own_csv import is_wnid

_ARCHIVE = "wordnet-3.0-nouns.tar.xz"
_NOUNS = "data.noun"
_SIZE = 15_300_280


def lemmas(wnid: str) -> list[str]:
    """Return the names of a synset, words joined by ``_``; the first is the most usual.

    Raises:
        UserError: WordNet 3.0 has no such noun.
    """
    fields = _fields(wnid)
    return fields[4 : 4 + 2 * int(fields[3], 16) : 2]


def definition(wnid: str) -> str:
    """Return the gloss of a synset without its quoted examples; errors as `lemmas`."""
    return re.sub('".*?"', "", _line(wnid).partition(" | ")[2]).strip("; ")


@cache
def parents(wnid: str) -> frozenset[str]:
    """Return the wnids of a synset's direct hypernyms, of kind or instance; errors as `lemmas`."""
    fields = _fields(wnid)
    # Each word has two fields, each pointer four: symbol, offset, part of speech, words.
    pointers = fields[5 + 2 * int(fields[3], 16) :]
    symbols, offsets = pointers[::4], pointers[1::4]
    return frozenset(
        f"n{offset}"
        for symbol, offset in zip(symbols, offsets, strict=False)
        if symbol in ("@", "@i")
    )


def _fields(wnid: str) -> list[str]:
    """Return the fields of a synset's line in ``data.noun`` (wndb(5WN)), without its gloss."""
    return _line(wnid).partition(" | ")[0].split()


def _line(wnid: str) -> str:
    """Return the line of a synset, whose id is the line's offset: no index is needed."""
    nouns = _data()
    start = int(wnid[1:]) if is_wnid(wnid) else len(nouns)
    line = nouns[start : nouns.find(b"\n", start)].decode()
    if not line.startswith(f"{wnid[1:]} "):
        raise UserError(f"{wnid}: no noun of WordNet 3.0 has this id")
    return line


@cache
def _data() -> bytes:
    """Return ``data.noun``, unpacked once into the user's cache."""
    file = user_cache() / f"wordnet-{archive_sha256()[:12]}" / _NOUNS
    if not (file.is_file() and file.stat().st_size == _SIZE):
        _unpack(file)
    return file.read_bytes()


def _unpack(file: Path) -> None:
    try:
        with (
            atomic_path(file) as temporary,
            _archive().open("rb") as packed,
            tarfile.open(fileobj=packed, mode="r:xz") as tar,
        ):
            content = tar.extractfile(_NOUNS)
            assert content is not None  # noqa: S101
            temporary.write_bytes(content.read())
    except OSError as error:
        raise UserError(
            f"{file.parent}: WordNet cannot be unpacked here ({error.strerror}); "
            "set XDG_CACHE_HOME to a folder that you may write to"
        ) from error


@cache
def hypernyms(wnid: str) -> frozenset[str]:
    """Return the wnids of all direct and inherited hypernyms of a synset."""
    return parents(wnid).union(*map(hypernyms, parents(wnid)))


@cache
def archive_sha256() -> str:
    """Return the hexadecimal SHA-256 of the packed database."""
    return hashlib.sha256(_archive().read_bytes()).hexdigest()


def _archive() -> Traversable:
    return resources.files("wildframe") / "data" / _ARCHIVE

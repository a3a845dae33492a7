"""WordNet 3.0's nouns, from the copy in this package; nothing is downloaded.

ImageNet's wnids are offsets into this version: only four of the 1,000 exist in WordNet 3.1.
"""

import hashlib
import shutil
import tarfile
import tempfile
import warnings
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from wildframe.core.errors import UserError
from wildframe.core.files import user_cache
from wildframe.core.imports import left_out
from wildframe.core.own_csv import is_wnid

_ARCHIVE = "wordnet-3.0-nouns.tar.xz"
_SHA256 = {
    "data.noun": "fea17d2f9656611334eac790e5d69e47645fa180c4aa481fb4cd9b3520754ca2",
    "index.noun": "a490d99d93d017bf4822fe2f0ffa51fd73911ce271dc7535fade21f8814b5a04",
    "noun.exc": "2b5d675c380b39ecf595af9fa9d4e7feb1d58c643b0bff08c40ed5bfe41fab7a",
    "lexnames": "c871b6797d2109f563f7a162b64e8ebf18f6f42d00918572846034c7f393a214",
}


class UnknownSynsetError(UserError):
    """WordNet 3.0 has no noun of an id."""


@cache
def wordnet() -> Any:
    """Return NLTK's reader of WordNet 3.0, nouns only (seconds; cached in the process)."""
    # Its taggers and measures can do without these, and it starts in a third of the time.
    with left_out("scipy.stats", "sklearn"):
        import nltk.data
        from nltk.corpus.reader.wordnet import WordNetCorpusReader

    folder = _unpacked()
    # NLTK reads nothing outside its search path, and looks there for a WordNet to align ours with.
    nltk.data.path.insert(0, str(folder.parent.parent))
    with warnings.catch_warnings():
        # It warns that there is no multilingual WordNet, which nobody asks for.
        warnings.simplefilter("ignore", UserWarning)
        return WordNetCorpusReader(str(folder), None)


@cache
def synset(wnid: str) -> Any:
    """Return the synset of a wnid such as ``n07753592`` (banana).

    Raises:
        UnknownSynsetError: WordNet 3.0 has no such noun.
    """
    _fields(wnid)  # of an id that is none, NLTK warns
    return wordnet().synset_from_pos_and_offset("n", _offset(wnid))


def lemmas(wnid: str) -> list[str]:
    """Return the names of a synset, words joined by ``_``; errors as in `synset`."""
    fields = _fields(wnid)
    # Each word has two fields.
    return fields[4 : 4 + 2 * int(fields[3], 16) : 2]


def first_lemma(wnid: str) -> str:
    """Return the first name of a synset, words joined by ``_``; errors as in `synset`."""
    return lemmas(wnid)[0]


@cache
def parents(wnid: str) -> frozenset[str]:
    """Return the wnids of a synset's direct hypernyms, of kind or instance; errors as `synset`."""
    fields = _fields(wnid)
    # Each word has two fields, each pointer four: symbol, offset, part of speech, words.
    pointers = fields[5 + 2 * int(fields[3], 16) :]
    symbols, offsets = pointers[::4], pointers[1::4]
    return frozenset(
        f"n{offset}"
        for symbol, offset in zip(symbols, offsets, strict=False)
        if symbol in ("@", "@i")
    )


@cache
def sense_number(lemma: str, wnid: str) -> int:
    """Return which of a lemma's senses a synset is, from 1: WordNet has the most frequent first.

    Raises:
        UserError: The synset is not among them.
    """
    senses = _senses().get(lemma.casefold(), ())
    if _offset(wnid) not in senses:
        raise UserError(f"{wnid}: no sense of {lemma!r} in WordNet 3.0")
    return senses.index(_offset(wnid)) + 1


@cache
def _senses() -> dict[str, tuple[int, ...]]:
    """Return the offsets of each lemma's synsets in ``index.noun`` (wndb(5WN)), in their order."""
    senses = {}
    for line in (_unpacked() / "index.noun").read_text(encoding="ascii").splitlines():
        # The licence has two spaces before each of its lines.
        if not line.startswith(" "):
            fields = line.split()
            senses[fields[0]] = tuple(map(int, fields[-int(fields[2]) :]))
    return senses


def _fields(wnid: str) -> list[str]:
    """Return the fields of a synset's line in ``data.noun`` (wndb(5WN)), without its gloss.

    An id is the line's offset: no index is needed, which NLTK takes three seconds to read.
    """
    nouns, start = _data(), _offset(wnid)
    line = nouns[start : nouns.find(b"\n", start)].decode()
    if not line.startswith(f"{wnid[1:]} "):
        raise _unknown(wnid)
    return line.partition(" | ")[0].split()


def _offset(wnid: str) -> int:
    if not is_wnid(wnid):
        raise _unknown(wnid)
    return int(wnid[1:])


@cache
def _data() -> bytes:
    return (_unpacked() / "data.noun").read_bytes()


def _unknown(wnid: str) -> UnknownSynsetError:
    return UnknownSynsetError(f"{wnid}: no noun of WordNet 3.0 has this id")


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


def _is_whole(folder: Path) -> bool:
    """Tell whether all files of the unpacked database are what was packed; takes 20 ms."""
    return all(
        (folder / name).is_file()
        and hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
        for name, digest in _SHA256.items()
    )


def _unpacked() -> Path:
    """Return the folder of the database, unpacked once into the user's cache."""
    # Another archive gets another folder, and NLTK wants the last three parts to be named so.
    folder = user_cache() / archive_sha256()[:12] / "nltk_data/corpora/wordnet"
    if _is_whole(folder):
        return folder
    if folder.is_dir() and not _is_whole(folder):  # asked again: it may just have been unpacked
        shutil.rmtree(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        # NLTK refuses data that others may write to, and looks at the folders above it, too.
        for above in folder.parents[:2]:
            above.chmod(0o755)
        temporary = Path(tempfile.mkdtemp(dir=folder.parent))
    except OSError as error:
        raise UserError(
            f"{folder}: WordNet cannot be unpacked here ({error.strerror}); "
            "set XDG_CACHE_HOME to a folder that you may write to"
        ) from error
    try:
        # Not extractall: its filter came with Python 3.11.4, and Debian 12 has 3.11.2.
        with _archive().open("rb") as packed, tarfile.open(fileobj=packed, mode="r:xz") as tar:
            for member in tar:
                content = tar.extractfile(member)
                if content is not None:
                    file = temporary / member.name
                    file.write_bytes(content.read())
                    file.chmod(0o644)
        temporary.chmod(0o755)
        try:
            temporary.rename(folder)
        except OSError:
            # Another process was first: a rename onto a filled folder fails and changes nothing.
            if not _is_whole(folder):
                raise
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return folder

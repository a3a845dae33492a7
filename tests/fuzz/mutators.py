"""Seeded damage to files that people and publishers write."""

import random
from collections.abc import Callable

TOKENS = (
    *(b'"', b"'", b",", b";", b"\n", b"\r", b"\0", b"{", b"}", b"[" * 2000, b"]", b"<", b">", b"&"),
    *(b"null", b"NaN", b"-Infinity", b"true", b"1e999", b"1/0", b"-1", b"9" * 400, b"0x10", b""),
    *(b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\\ud800", "\u202e".encode(), b"=1+1"),
    *(b"../../etc/passwd", b"/etc/passwd", b"~root", b"%s%n", b"x" * 200_000, b"\xf0\x9f\x91\x8b"),
    *(
        b"9" * 5000,
        b'<?xml version="1.0" encoding="cp1026"?>',
        b'<!DOCTYPE a [<!ENTITY b "c">]>',
        b"!!python/x",
    ),
)

Mutator = Callable[[bytearray, random.Random], None]


def _span(content: bytearray, rng: random.Random, most: int = 40) -> slice:
    start = rng.randrange(len(content) + 1)
    return slice(start, start + rng.randrange(most))


def flip(content: bytearray, rng: random.Random) -> None:
    """Turn a bit."""
    if content:
        content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)


def delete(content: bytearray, rng: random.Random) -> None:
    """Leave out some bytes."""
    del content[_span(content, rng)]


def repeat(content: bytearray, rng: random.Random) -> None:
    """Write some bytes a second time, elsewhere."""
    at = _span(content, rng, 1).start
    content[at:at] = content[_span(content, rng, 400)]


def insert(content: bytearray, rng: random.Random) -> None:
    """Write what trips up a reader."""
    at = _span(content, rng, 1).start
    content[at:at] = rng.choice(TOKENS)


def replace(content: bytearray, rng: random.Random) -> None:
    """Write it in the place of something else."""
    content[_span(content, rng, 12)] = rng.choice(TOKENS)


def truncate(content: bytearray, rng: random.Random) -> None:
    """End early."""
    del content[_span(content, rng, 1).start :]


def shuffle(content: bytearray, rng: random.Random) -> None:
    """Put lines in another order."""
    lines = bytes(content).splitlines(keepends=True)
    rng.shuffle(lines)
    content[:] = b"".join(lines)


MUTATORS: tuple[Mutator, ...] = (flip, delete, repeat, insert, replace, truncate, shuffle)


def mutated(content: bytes, seed: int) -> bytes:
    """Return a copy that one to three mutators of a seed changed."""
    rng = random.Random(seed)
    changed = bytearray(content)
    for _ in range(rng.randint(1, 3)):
        rng.choice(MUTATORS)(changed, rng)
    return bytes(changed)

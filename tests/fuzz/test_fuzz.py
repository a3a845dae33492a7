"""Every reader of files that people or publishers write, on files that went wrong.

Whatever is in a file, a command ends as it should or with one sentence, leaves its inputs alone,
writes nowhere but where it was told, and what it wrote is sound.
"""

import json
import os
import random
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest
from calls import call, sentence
from mutators import mutated
from readers import Reader, readers

from wildframe.core.tables import read_table

INPUTS = int(os.environ.get("WILDFRAME_FUZZ_INPUTS", "40"))
"""Mutated files of each reader."""


NAMES = tuple(readers(Path(__file__).parents[2]))


def run(reader: Reader, inputs: Path, outputs: Path) -> tuple[int, str]:
    """Run the command here; return its status and what it told on standard error."""
    words = [
        word.replace("{in}", str(inputs)).replace("{out}", str(outputs))
        for word in reader.command.split()
    ]
    return call(words)


def contents(folder: Path) -> dict[str, bytes]:
    """Return the files of a folder."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def fill(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.replace(b"{in}", bytes(folder)))


def require_sound(reader: Reader, outputs: Path) -> None:
    """Fail unless every table is there, readable, and no key is there twice."""
    for name, contract in reader.tables.items():
        rows = read_table(outputs / f"{name}.parquet", contract).to_pylist()
        keys = Counter(json.dumps([row[key] for key in contract.key]) for row in rows)
        assert not rows or keys.most_common(1)[0][1] == 1, (name, keys.most_common(1))


@pytest.mark.parametrize("name", NAMES)
def test_a_reader_takes_what_is_valid(name, project, tmp_path):
    reader = readers(project)[name]
    inputs, outputs = tmp_path / "in", tmp_path / "out"
    fill(inputs, reader.files)
    status, told = run(reader, inputs, outputs)
    assert status == 0, told
    require_sound(reader, outputs)
    for table, contract in reader.tables.items():
        assert read_table(outputs / f"{table}.parquet", contract).num_rows


@pytest.mark.parametrize("name", NAMES)
def test_a_mutated_file_is_read_or_refused_in_one_sentence(name, project, tmp_path):
    """`WILDFRAME_FUZZ_INPUTS=1000 pytest tests/fuzz` tries that many files of each reader."""
    reader = readers(project)[name]
    mutable, *_ = reader.files
    outcomes = Counter()
    for seed in range(INPUTS):
        inputs, outputs = tmp_path / f"{seed}/in", tmp_path / f"{seed}/out"
        changed = mutated(reader.files[mutable], random.Random(f"{name} {seed}").getrandbits(32))
        fill(inputs, {**reader.files, mutable: changed})
        before = contents(inputs)
        status, told = run(reader, inputs, outputs)
        assert status in (0, 2), (seed, told)
        assert contents(inputs) == before, seed
        assert {path.name for path in (tmp_path / str(seed)).iterdir()} <= {"in", "out"}, seed
        if status:
            assert sentence(told).startswith("ERROR: "), (seed, told)
        else:
            require_sound(reader, outputs)
        outcomes["refused in one sentence" if status else "read"] += 1
    print(f"{name}: {dict(outcomes)}")

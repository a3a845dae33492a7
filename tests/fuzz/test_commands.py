"""Every command on arguments of the wrong kind: one sentence each, whatever the command.

Commands and parameters are those that typer lists, so that a new one is tested by being there.
"""

import inspect
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pyarrow as pa
import pytest
from calls import call, sentence
from typer.main import get_command

from wildframe.cli import app
from wildframe.configuration import parse_config
from wildframe.core import schemas
from wildframe.core.contracts import Contract, Field
from wildframe.core.tables import write_rows
from wildframe.exhibits.lookup import declared_exhibits
from wildframe.exhibits.registry import Context
from wildframe.models import study_detectors, study_models, zoo_entry
from wildframe.models.weights import build, save

CONTRACTS = {one.name: one for one in vars(schemas).values() if isinstance(one, Contract)}
OTHER = Contract("flock", 1, "Sheep.", ("name",), [Field("name", pa.string(), "Its name")])
WRONG: dict[str, Callable[[Path], object]] = {
    "nothing": lambda path: None,
    "a folder": Path.mkdir,
    "an empty file": Path.touch,
    "text": lambda path: path.write_text("a,b\n1,2\n"),
    "another table": lambda path: write_rows(path, OTHER, [{"name": "Dolly"}]),
}
TEXTS = {
    "study": "ego4d",
    "model": "squeezenet1_1",
    "detector": "efficientdet_lite0",
    "split": "val",
    "view": '{"kind": "full"}',
    "preprocessing": "resize256-crop224-bicubic-center",
    "rate": "30",
    "name": "squeezenet1_1",
    "names": "ego4d/per_class",
    "results": "full=in/results.parquet",
    "roles": "pre",
    "resamples": "100",
}
"""Valid texts of parameters; of others any is."""

FURTHER = {
    "manifests sample": ["--seconds", "1"],
    "manifests published": ["--frames", "1"],
    "manifests neighbours": ["--frames", "1"],
    "predictions run": ["--preprocessed", "in/preprocessed.parquet"],
    "predictions zoom": ["--view", '{"kind": "zoom", "grid": "small"}'],
    "predictions adapt": ["--view", '{"kind": "full", "adapt": {}}'],
    "reviews consensus": ["--review", "human"],
}
"""What some commands do not start without, though they could."""


def commands(command: Any, *words: str) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield every command below one, and its words."""
    if not hasattr(command, "list_commands"):
        yield words, command
        return
    for name in command.list_commands(None):
        yield from commands(command.get_command(None, name), *words, name)


COMMANDS = {" ".join(words): command for words, command in commands(get_command(app))}


class Arguments:
    """What a command is given: files, and valid texts and numbers."""

    def __init__(self, name: str, *, optional: bool = False) -> None:
        """Take a command; with its optional files or without."""
        self.inputs: list[Path] = []
        self.words = [*name.split(), *FURTHER.get(name, ())]
        given = inspect.signature(COMMANDS[name].callback).parameters
        for parameter in COMMANDS[name].params:
            if parameter.name not in given:  # --help
                continue
            kind = get_args(given[parameter.name].annotation)[0]
            is_file = Path in (kind, *get_args(kind))
            is_option = parameter.param_type_name == "option"
            is_given = is_option and not set(parameter.opts).isdisjoint(self.words)
            if is_given or not (parameter.required or (optional and is_file)):
                continue
            value = self._file(parameter) if is_file else _text(kind, parameter.name)
            self.words += [parameter.opts[0], value] if is_option else [value]
        self.inputs += [Path(word) for word in FURTHER.get(name, ()) if word.startswith("in/")]

    def _file(self, parameter: Any) -> str:
        if "to write" in parameter.help:
            return f"out/{parameter.name}.csv"
        self.inputs.append(Path(f"in/{parameter.name}.parquet"))
        return str(self.inputs[-1])


def _text(kind: Any, name: str) -> str:
    while get_origin(kind) is list:
        (kind,) = get_args(kind)
    if get_origin(kind) is Literal:
        return str(get_args(kind)[0])
    return TEXTS.get(name, "1" if kind in (int, float) else "x")


def put(path: Path, write: Callable[[Path], object]) -> None:
    """Replace what is at a path."""
    if path.is_dir():
        path.rmdir()
    path.unlink(missing_ok=True)
    write(path)


def told_well(words: Sequence[str]) -> tuple[int, str]:
    """Run a command; return its status and last line: a sentence unless it ended as it should."""
    status, told = call(words)
    assert status == 0 or sentence(told).startswith("ERROR: "), (words, told)
    return status, sentence(told)


def try_all(words: Sequence[str], inputs: Collection[Path], weights: Path) -> None:
    """Run a command on every kind of wrong file, each as the first one that is wrong.

    The file that its sentence asks for is replaced by an empty table of that kind, or by real
    weights, until it asks for none. Of those, which no command writes so, only one sentence is
    expected.
    """
    allowed = {0, 2}
    for path in inputs:
        put(path, WRONG["another table"])
    for _ in range(len(inputs) + 1):
        status, told = told_well(words)
        found = re.match(
            r"ERROR: (in/.*?\.parquet): (?:expected a table '(\w+)'|not a sound we)", told
        )
        if not found:
            break
        path, name = Path(found[1]), found[2]
        for kind, write in WRONG.items():
            put(path, write)
            assert told_well(words)[0] == 2, (words, path, kind)
        if name:
            allowed.add(1)
            put(path, lambda path, name=name: write_rows(path, CONTRACTS[name], []))
        else:
            put(path, lambda path: path.symlink_to(weights))
    else:
        pytest.fail(f"{told} is asked for again and again")
    assert status in allowed, (words, told)
    # Files that people write, and those that are not looked at.
    for path in inputs:
        put(path.with_name("kept"), path.rename if path.exists() else WRONG["nothing"])
        for write in WRONG.values():
            put(path, write)
            status, told = told_well(words)
            assert status in allowed, (words, path, told)
        put(path, path.with_name("kept").rename)


@pytest.fixture(scope="module")
def weights(tmp_path_factory) -> Path:
    """Weights of a real model, untrained."""
    path = tmp_path_factory.mktemp("weights") / "weights.safetensors"
    save(build(zoo_entry("squeezenet1_1")), {"model": "squeezenet1_1"}, path)
    return path


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Iterator[Path]:
    """The current folder, in which a command may write only where it was told."""
    monkeypatch.chdir(tmp_path)
    Path("in").mkdir()
    yield tmp_path
    assert {path.name for path in tmp_path.iterdir()} <= {"in", "out"}


WAYS = [
    (name, optional)
    for name in COMMANDS
    for optional in (False, True)
    # The one tells on standard output what is wrong, and that is many sentences; the other reads
    # no file and takes seconds: a test of label spaces runs it.
    if name not in ("doctor", "labels classes")
    and (not optional or Arguments(name, optional=True).words != Arguments(name).words)
]


@pytest.mark.parametrize(("name", "optional"), WAYS)
def test_arguments_of_the_wrong_kind_are_told_in_one_sentence(name, optional, folder, weights):
    arguments = Arguments(name, optional=optional)
    try_all(arguments.words, arguments.inputs, weights)


@pytest.mark.parametrize("exhibit", declared_exhibits(), ids=lambda one: one.rule)
def test_exhibits_of_the_wrong_files_are_told_in_one_sentence(
    exhibit, demo_config, folder, weights
):
    config = parse_config(demo_config)
    models = study_models(config.chosen, config.label_space_of, config.models)
    detectors = study_detectors(config.chosen, config.models)
    run = Context(config, models, detectors, config.chosen[exhibit.study])
    made_of = exhibit.datasets_of(run) if exhibit.when(run) else []
    if not made_of:
        pytest.skip("the demo has none")
    run = replace(run, dataset=made_of[0])
    inputs = {name: f"in/{name}.parquet" for name in exhibit.files}
    outputs = [f"out/{exhibit.name}{suffix}" for suffix in exhibit.suffixes]
    words = ["exhibits", "make", exhibit.study, exhibit.name, *outputs]
    words += exhibit.input_options(inputs) + exhibit.setting_options(run)
    try_all(words, [Path(path) for path in inputs.values()], weights)

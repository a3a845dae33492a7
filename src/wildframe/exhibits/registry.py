"""An exhibit is one function whose annotated parameters name its files and settings.

Its rule, command, targets, row in the README, caption and place in the index follow from that
declaration: see `exhibit`. A parameter is annotated as `File` (the output of a rule), as `Setting`
(a value of the config), or as `Several` (made of several of these).
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from inspect import signature
from pathlib import Path
from typing import Any, get_type_hints

from pydantic import TypeAdapter, ValidationError

from wildframe.core.errors import UserError
from wildframe.core.files import file_states
from wildframe.core.strict import message_of
from wildframe.core.study import RunConfig
from wildframe.exhibits.comparisons import Comparison
from wildframe.exhibits.figure import Figure, style_sha256
from wildframe.exhibits.page import Page
from wildframe.exhibits.paper import printed_sha256
from wildframe.exhibits.table import Table

SUFFIXES: Mapping[type, tuple[str, ...]] = {
    Table: (".md", ".csv", ".tex"),
    Figure: (".png", ".svg", ".pdf", ".caption.md"),
    Page: ("",),
}
"""Files by the type that a function returns; a report shows the first, a folder has no suffix."""

_OF_KEPT_CROPS = ("frames_preprocess.images", "predictions_gradcam")
"""Makers of files that hold something of each crop, so that they are of views of few crops."""

_IMAGES = {"frames_extract", "frames_preprocess.images", "frames_clips"}
"""Makers of files that are images."""


@dataclass(frozen=True)
class Context:
    """What declarations see: run, models, study, and the dataset and view of an exhibit."""

    config: RunConfig
    models: Mapping[str, Any]
    detectors: Mapping[str, Any]
    study: Any
    dataset: str = ""
    view: str = "full"


@dataclass(frozen=True)
class File:
    """A parameter that is read from the output of a rule.

    Attributes:
        rule: Name of the rule; ``rule.output`` of a rule with several outputs. Empty where the
            config itself names the files; a function where the config decides which rule it is.
        read: Reads the path, or the list of paths if ``many``.
        where: Wildcards of the rule's output; lists stand for several files, and so does a list of
            wildcards. Without a rule, the paths.
        many: Whether there may be any number of files.
        ancient: Rule and wildcards of further files, which come last. Their own changes rerun
            nothing, since the others say what changed in them (``ancient`` of Snakemake).
    """

    rule: str | Callable[[Context], str]
    read: Callable[[Any], Any]
    where: Callable[[Context], Any] = lambda run: {}
    many: bool = False
    ancient: tuple[str, Callable[[Context], Any]] | None = None

    def maker(self, run: Context) -> str:
        """Return the name of the rule, which may end in that of an output."""
        return self.rule if isinstance(self.rule, str) else self.rule(run)

    def made_by(self, run: Context) -> list[tuple[str, Mapping[str, Any]]]:
        """Return the name of the rule with each of the wildcards of its output."""
        where = self.where(run)
        several = [where] if isinstance(where, Mapping) else where
        maker = self.maker(run)
        return [(maker, wildcards) for wildcards in several] if maker else []


@dataclass(frozen=True)
class Setting:
    """A parameter that the config decides.

    Attributes:
        of: Its value: text, or what JSON can hold.
        type: Its type on the command line: text as it is, all else as JSON.
        parse: Turns that into what the function takes.
        watch: Facts behind the value that are in no file; a change of them reruns the exhibit.
    """

    of: Callable[[Context], Any]
    type: Any = str
    parse: Callable[[Any], Any] = lambda value: value
    watch: Callable[[Context], Any] = lambda run: None

    def text(self, run: Context) -> str:
        """Return the value as the command line takes it."""
        value = self.of(run)
        return value if self.type is str else json.dumps(value, ensure_ascii=False)

    def read(self, text: str) -> Any:
        """Return what the function takes for a value on the command line.

        Raises:
            ValueError: It is not of the type.
        """
        if self.type is str:
            return self.parse(text)
        return self.parse(TypeAdapter(self.type).validate_json(text))


@dataclass(frozen=True)
class Several:
    """A parameter that is made of several files and settings.

    Attributes:
        make: Makes it of them, by their names.
        inputs: Files and settings; their names are those of options, as if they were parameters.
    """

    make: Callable[..., Any]
    inputs: Mapping[str, File | Setting]


@dataclass(frozen=True)
class Exhibit:
    """A table or figure of a study, as `exhibit` declares it."""

    study: str
    name: str
    make: Callable[..., Any]
    label: str
    shows: str
    caption: str
    suffixes: tuple[str, ...]
    datasets: Callable[[Context], Sequence[str]] | None
    when: Callable[[Context], Any]
    printed: str | None
    files: Mapping[str, File]
    settings: Mapping[str, Setting]
    several: Mapping[str, Several] = field(default_factory=dict)
    compares: tuple[Comparison, ...] = ()
    view: str = ""
    """The further view of the study that it shows; empty where it shows the first, or none."""

    @property
    def rule(self) -> str:
        """Name of its rule: a target."""
        return "_".join(filter(None, (self.study, self.view, self.name)))

    @property
    def plain_label(self) -> str:
        """Its label as people write it: zeros stand in front of numbers only to be sorted."""
        return re.sub(r"\b0+(?=\d)", "", self.label)

    @property
    def stem(self) -> str:
        """Its files under ``<results>``, without suffix."""
        dataset = "{dataset}" if self.datasets else ""
        return "/".join(filter(None, ("exhibits", self.study, self.view, dataset, self.name)))

    @property
    def code(self) -> str:
        """Its function, as `wildframe.core.code.code_hash` names it."""
        return f"{self.make.__module__.removeprefix('wildframe.')}:{self.make.__name__}"

    def datasets_of(self, run: Context) -> list[str]:
        """Return the datasets that it is made of one by one; one without name for the study.

        Those are left out whose images cannot be shown as the view does.
        """
        named = self.datasets(run) if self.datasets else [""]
        return [name for name in named if self._can_be_made(replace(run, dataset=name))]

    def _can_be_made(self, run: Context) -> bool:
        return all(
            run.config.can_show(view, dataset)
            and not (self._shows_crops(maker) and run.config.views[view].streams)
            for file in self.files.values()
            for maker, wildcards in file.made_by(run)
            if (view := wildcards.get("view")) and (dataset := wildcards.get("dataset"))
        )

    def _shows_crops(self, maker: str) -> bool:
        return maker in _OF_KEPT_CROPS or self.suffixes == SUFFIXES[Page]

    def differs(self, run: Context, view: str) -> bool:
        """Tell whether it would be made of other files under another view."""
        other = replace(run, view=view)
        return any(file.made_by(run) != file.made_by(other) for file in self.files.values())

    def datasets_shown(self, run: Context) -> set[str]:
        """Return the datasets of which it shows images."""
        return {
            wildcards["dataset"]
            for file in self.files.values()
            for maker, wildcards in file.made_by(run)
            if not _IMAGES.isdisjoint([maker, *(file.ancient or ())[:1]])
        }

    def input_options(self, paths: Mapping[str, Any]) -> list[str]:
        """Return the files of ``wildframe exhibits make`` as options, of their path or paths."""
        several = {name: paths[name] for name in self.files}
        return [
            f"--input={name}={path}"
            for name, given in several.items()
            for path in ([given] if isinstance(given, str) else given)
        ]

    def setting_options(self, run: Context) -> list[str]:
        """Return the settings of ``wildframe exhibits make`` as options."""
        return [f"--set={name}={one.text(run)}" for name, one in self.settings.items()]

    def watched(self, run: Context) -> list[str]:
        """Return what no rule or code says of settings, files, printed numbers and the style."""
        facts = [str(one.watch(run)) for one in self.settings.values()]
        facts.append(printed_sha256(self.study, self.printed) if self.printed else "")
        for file in self.files.values():
            facts += [str(file.where(run))] if file.maker(run) else file_states(file.where(run))
        return facts + ([style_sha256()] if ".png" in self.suffixes else [])

    def write(
        self,
        outputs: Iterable[Path],
        inputs: Mapping[str, Sequence[Path]],
        values: Mapping[str, str],
    ) -> None:
        """Make it of files and settings (as text) by parameter, and write it.

        Raises:
            UserError: A parameter is missing, unknown or malformed; others of reading and making.
        """
        for option, named, known in (("input", inputs, self.files), ("set", values, self.settings)):
            if unknown := sorted(named.keys() - known.keys()):
                raise UserError(
                    f"--{option} {unknown[0]}: no such parameter; {self.rule} has "
                    f"{', '.join(known) or 'none'}"
                )
        given: dict[str, Any] = {}
        for name, file in self.files.items():
            paths = list(inputs.get(name, ()))
            if not file.many and len(paths) != 1:
                raise UserError(f"--input {name}: {len(paths)} files are given, not one")
            given[name] = file.read(paths if file.many else paths[0])
        for name, setting in self.settings.items():
            if name not in values:
                needed = ", ".join(self.settings)
                raise UserError(f"--set {name}: missing; {self.rule} needs {needed}")
            try:
                given[name] = setting.read(values[name])
            except ValidationError as error:
                raise UserError(f"--set {name}: {message_of(error.errors()[0])}") from error
        for name, parameter in self.several.items():
            given[name] = parameter.make(**{one: given.pop(one) for one in parameter.inputs})
        made = self.make(**given)
        if not isinstance(made, Table | Figure | Page):
            raise UserError(
                f"{self.make.__code__.co_filename}: {self.name} returned an object of type "
                f"{type(made).__name__}; return a Table, Figure or Page"
            )
        made.write(list(outputs))


def exhibit(
    label: str,
    shows: str,
    caption: str,
    *,
    datasets: Callable[[Context], Sequence[str]] | None = None,
    when: Callable[[Context], Any] = lambda run: True,
    printed: str | None = None,
    numbers: bool = False,
    compares: Sequence[Comparison] = (),
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare an exhibit; its function stays what it is.

    The name is the function's, which is that of its module; the study is its package.

    Args:
        label: Its name as a report sorts it: ``Fig. 07``.
        shows: Its subject, in a few words.
        caption: Its subject, in a sentence.
        datasets: Datasets that each get one; the study has one if None.
        when: Whether the run has it.
        printed: File of the paper's numbers shown beside ours.
        numbers: Whether the numbers that a figure draws are written, too.
        compares: What a reader may compare, and how it is tested or why not: none may be left out.

    Raises:
        UserError: A parameter, or what the function returns, is not annotated as an exhibit's.
    """

    def declare(make: Callable[..., Any]) -> Callable[..., Any]:
        returned, declared = _annotations_of(make)
        several = {name: one for name, one in declared.items() if isinstance(one, Several)}
        inputs = {name: one for name, one in declared.items() if name not in several}
        for parameter in several.values():
            inputs |= parameter.inputs
        *_, study, name = make.__module__.split(".")
        make.exhibit = Exhibit(  # type: ignore[attr-defined]
            study=study,
            name=name,
            make=make,
            label=label,
            shows=shows,
            caption=caption,
            suffixes=SUFFIXES[returned] + ((".csv",) if numbers else ()),
            datasets=datasets,
            when=when,
            printed=printed,
            files={name: one for name, one in inputs.items() if isinstance(one, File)},
            settings={name: one for name, one in inputs.items() if isinstance(one, Setting)},
            several=several,
            compares=tuple(compares),
        )
        return make

    return declare


def _annotations_of(make: Callable[..., Any]) -> tuple[type, dict[str, File | Setting | Several]]:
    """Return the type that a function returns, and what its parameters are; errors as `exhibit`."""
    where = f"{make.__code__.co_filename}: {make.__name__}"
    try:
        hints = get_type_hints(make, include_extras=True)
    except NameError as error:
        raise UserError(f"{where}: {error}; import or define what annotations name") from error
    if hints.get("return") not in SUFFIXES:
        raise UserError(
            f"{where}: does not say what it returns; write -> Table, -> Figure or -> Page"
        )
    declared = {}
    for name in signature(make).parameters:
        marks = getattr(hints.get(name), "__metadata__", ())
        found = [one for one in marks if isinstance(one, File | Setting | Several)]
        if not found:
            raise UserError(
                f"{where}: parameter {name}: annotate it with a File, Setting or Several, as in "
                f"{name}: Annotated[str, Setting(...)]"
            )
        declared[name] = found[0]
    return hints["return"], declared

"""The exhibits that studies declare, by name and for a run."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from importlib import import_module, resources

from wildframe.core.errors import UserError
from wildframe.core.study import Study
from wildframe.exhibits.registry import Context, Exhibit


def exhibit_names(study: str) -> tuple[str, ...]:
    """Return the names of a study's exhibits, in the order of its index.

    Raises:
        UserError: There is no such study, or it lists no names.
    """
    # Settings of other studies are not imported: that takes longer than most tables do.
    folder = resources.files("wildframe.studies") / study
    if not (study.isidentifier() and (folder / "__init__.py").is_file()):
        raise UserError(f"{study}: no such study; choose from {', '.join(_studies())}")
    package = import_module(f"wildframe.studies.{study}")
    names = getattr(package, "EXHIBITS", None)
    if not isinstance(names, tuple | list):
        raise UserError(
            f'{package.__file__}: EXHIBITS is no list of names; write EXHIBITS = ("<exhibit>",)'
        )
    return tuple(names)


@cache
def load_exhibit(study: str, name: str) -> Exhibit:
    """Return an exhibit of a study by its name.

    Raises:
        UserError: There is no such study or exhibit, or its module does not declare it.
    """
    if name not in (names := exhibit_names(study)):
        raise UserError(f"{name}: no such exhibit of {study}; choose from {', '.join(names)}")
    path = f"wildframe.studies.{study}.{name}"
    try:
        module = import_module(path)
    except ModuleNotFoundError as error:
        if error.name != path:
            raise
        raise UserError(
            f"{path}: no such module; correct EXHIBITS of {study}, or write {name}.py beside it"
        ) from error
    found = getattr(getattr(module, name, None), "exhibit", None)
    if not isinstance(found, Exhibit):
        raise UserError(
            f"{module.__file__}: has no function {name} under @exhibit; call it as its module"
        )
    return found


def declared_exhibits(study: str | None = None) -> list[Exhibit]:
    """Return the exhibits of a study, or of all, in the order of their indices.

    Raises:
        UserError: There is no such study.
    """
    return [
        load_exhibit(one, name)
        for one in ([study] if study else _studies())
        for name in exhibit_names(one)
    ]


def study_title(study: str) -> str:
    """Return the title of the paper that a study is about."""
    return _studies()[study].title


def exhibits_of(runs: Mapping[str, Context]) -> list[Exhibit]:
    """Return the exhibits of a run, in the order of its studies and of their indices.

    Those that show further views of a study follow, a view at a time.

    Args:
        runs: What the declarations of each study see, by its name.
    """
    found = []
    for study, run in runs.items():
        first, *further = run.study.views
        declared = [load_exhibit(study, name) for name in exhibit_names(study)]
        declared = [one for one in declared if one.when(run)]
        found += [one for one in declared if one.datasets_of(replace(run, view=first))]
        for view in further:
            seen = replace(run, view=view)
            found += [
                replace(one, view=view)
                for one in declared
                if (made := one.datasets_of(seen))
                and one.differs(replace(seen, dataset=made[0]), first)
            ]
    return found


def _studies() -> Mapping[str, type[Study]]:
    # Studies lie above this station: they are looked up when asked for, and never imported here.
    known: Mapping[str, type[Study]] = import_module("wildframe.studies.known").STUDIES
    return known

"""``wildframe init``: a folder for a run, which uses the workflow of the installed package."""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from wildframe.core.display import to_csv
from wildframe.core.errors import UserError
from wildframe.core.files import atomic_directory, write_text
from wildframe.core.installed import DATA, PROFILES, WORKFLOW
from wildframe.core.layers import EXTENDS, layer, resolve, values
from wildframe.core.names import did_you_mean
from wildframe.sources.folders import IMAGE_SUFFIXES, VIDEO_SUFFIXES, as_text, is_text, list_files

OWN_VIDEOS, OWN_IMAGES = "own_videos", "own_images"
"""Presets of one source, the user's folder, which has the preset's name with a hyphen."""

_DEMO = "demo"
_LABELS = "labels.csv"
_HEAD = """\
# What this run sets over its preset, which explains what people change:
# {preset}
"""


def presets() -> list[str]:
    """Return the presets that a run folder can extend: not those of the demo in a checkout."""
    names = sorted(path.stem for path in (WORKFLOW / "presets").glob("*.yaml"))
    return [name for name in names if name.partition("_")[0] != _DEMO]


def make_run_folder(folder: Path, preset: str, data: Path | None = None) -> Path | None:
    """Write a folder in which `snakemake` runs the installed workflow: settings and profiles.

    Of a folder of videos without ``labels.csv``, one is written that lists them, to be filled in.

    Args:
        folder: Folder to write; new or empty.
        preset: Preset to extend.
        data: Folder of the user's videos or images, if the preset is that of such.

    Returns:
        The file that the user has to fill in, if there is one.

    Raises:
        UserError: There is no such preset, the folder is in use, or the data are not there.
    """
    if preset not in presets():
        known = ", ".join(presets())
        meant = did_you_mean(preset, presets())
        raise UserError(f"{preset}: no preset of data of your own; choose from {known}{meant}")
    if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        raise UserError(f"{folder}: is not empty; name a new folder")
    if data is not None and not data.is_dir():
        raise UserError(f"{data}: no such folder; name the folder of your data")
    labels = _labels(data) if data and preset == OWN_VIDEOS else None
    if data and preset == OWN_IMAGES and not list_files(data, IMAGE_SUFFIXES):
        raise _without("image", data, IMAGE_SUFFIXES)
    with atomic_directory(folder, "config.yaml") as new:
        shutil.copytree(DATA / "run_folder", new, dirs_exist_ok=True)
        shutil.copytree(PROFILES, new / "profiles")
        settings = _settings(preset, data, labels)
        head = _HEAD.format(preset=WORKFLOW / "presets" / f"{preset}.yaml")
        text = head + yaml.safe_dump(settings, sort_keys=False, allow_unicode=True)
        write_text(new / "config.yaml", text)
        if labels:
            write_text(new / _LABELS, labels)
    return folder / _LABELS if labels else None


def _labels(videos: Path) -> str | None:
    """Return the text of a CSV file of videos without labels; None if theirs lies beside them."""
    if (videos / _LABELS).is_file():
        return None
    listed = list_files(videos, VIDEO_SUFFIXES)
    if not listed:
        raise _without("video", videos, VIDEO_SUFFIXES)
    if other := next((video for video in listed if not is_text(video)), None):
        raise UserError(f"{videos}: the name of {as_text(other)} is not UTF-8; rename it")
    return to_csv(("video", "labels"), [(video, "") for video in listed])


def _without(what: str, folder: Path, suffixes: Sequence[str]) -> UserError:
    return UserError(f"{folder}: no {what} in it ({', '.join(suffixes)}); name another folder")


def _settings(preset: str, data: Path | None, labels: str | None) -> Mapping[str, Any]:
    """Return where the preset looks for data, to be corrected, or where the user's own are."""
    extended = {EXTENDS: [preset]}
    inherited = values(resolve(layer(extended, preset), WORKFLOW / "presets"))
    sources = {name: _places(settings) for name, settings in inherited["sources"].items()}
    if data is not None:
        (own,) = sources.values()
        own["root"] = str(data.resolve())
        if preset == OWN_VIDEOS:
            own["labels"] = _LABELS if labels else str(data.resolve() / _LABELS)
    return {**extended, "sources": sources, "pathvars": {"results": "results"}}


def _places(settings: Mapping[str, Any]) -> dict[str, str]:
    return {key: value for key, value in settings.items() if str(value).startswith("~/")}

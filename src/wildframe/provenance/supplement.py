"""The supplement of a paper: one zip with what a run made, for readers without the data.

Unpacked, it is a folder whose ``index.html`` opens from disk: tables, figures and pages to browse,
with a certificate of what was evaluated and the configuration to make it all anew. Of images it
shows what each source allows: see `Sharing`.
"""

import json
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from os.path import exists
from pathlib import Path, PurePath
from typing import Any

import yaml
from PIL import Image

from wildframe import __version__
from wildframe.core.choices import Sharing
from wildframe.core.errors import UserError
from wildframe.core.files import atomic_path, write_text
from wildframe.core.folders import without_folders
from wildframe.exhibits.browse_files import IMAGES, Rectangle, boxes_of_page, write_jpeg
from wildframe.exhibits.figure import COLUMN_WIDTH, Figure, new_figure
from wildframe.exhibits.index import Entry, read_entry, write_index
from wildframe.exhibits.made import require_as_made
from wildframe.provenance.certificate import pack, write_certificate

CERTIFICATE, CONFIG, README = "certificate.zip", "config.yaml", "README.txt"

_CELLS = 16
"""Cells of a blurred image along its longer side: detail within a cell is lost."""

_DRAWN = {".png", ".svg", ".pdf"}

_WORDS: Mapping[Sharing, str] = {
    "left_out": "not part of this supplement",
    "blurred": "blurred outside of annotated boxes, and not part of figures",
}


@dataclass(frozen=True)
class Contents:
    """What a supplement is made of.

    Attributes:
        names: Exhibits as `write_index` names them, in its order.
        funnels: Tables ``<dataset>.funnel.parquet``.
        statuses: Which images or clips could be read, as of `write_index`.
        sharing: What may be shown of the images of each exhibit, by its name.
        predictions: Tables ``<results>/predictions/<dataset>/...`` to certify with their datasets.
        config: The configuration of the run, as JSON.
    """

    names: Sequence[str]
    funnels: Sequence[Path]
    statuses: Sequence[Path]
    sharing: Mapping[str, Sharing]
    predictions: Sequence[Path]
    config: str


def write_supplement(output: Path, contents: Contents) -> None:
    """Write the supplement of a run.

    Args:
        output: Zip to write, in the folder of the run's results.
        contents: What it holds.

    Raises:
        UserError: A file of an exhibit or a table of a dataset is missing, damaged or altered.
    """
    results = output.parent
    with tempfile.TemporaryDirectory(dir=results) as name:
        folder = Path(name) / output.stem
        for exhibit in contents.names:
            entry = read_entry(results / "exhibits", exhibit)
            shown = contents.sharing[exhibit]
            _copy_exhibit(results / "exhibits" / exhibit, folder / exhibit, entry, shown)
        certified: defaultdict[str, list[Path]] = defaultdict(list)
        for path in contents.predictions:
            certified[path.relative_to(results / "predictions").parts[0]].append(path)
        if certified:
            write_certificate(certified, results, folder / CERTIFICATE)
        write_text(folder / CONFIG, _yaml(contents.config))
        write_text(folder / README, _readme(contents, certified, files_beside(contents.config)))
        data = (contents.funnels, contents.statuses)
        write_index(folder / "index.html", contents.names, *data, _enclosed(certified))
        with atomic_path(output) as temporary:
            pack(Path(name), temporary)


def blur_outside(image: Image.Image, boxes: Sequence[Rectangle]) -> Image.Image:
    """Return an image of which only what is in boxes is sharp.

    Args:
        image: In RGB.
        boxes: As fractions of the image; they may reach beyond it.
    """
    scale = _CELLS / max(image.size)
    cells = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    blurred = image.resize(cells, Image.Resampling.BOX).resize(image.size)
    for x, y, width, height in boxes:
        left, right = (_inside(edge, image.width) for edge in (x, x + width))
        top, bottom = (_inside(edge, image.height) for edge in (y, y + height))
        if left < right and top < bottom:
            blurred.paste(image.crop((left, top, right, bottom)), (left, top))
    return blurred


def _inside(share: float, length: int) -> int:
    return min(max(round(share * length), 0), length)


def _copy_exhibit(source: Path, target: Path, entry: Entry, shown: Sharing) -> None:
    """Copy the files of an exhibit, without the images that may not be shown."""
    if entry.kind == "page":
        require_as_made(source)
        _copy_page(source, target, shown)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    for suffix in entry.exhibit.suffixes:
        made, path = (place.with_name(place.name + suffix) for place in (source, target))
        if shown != "kept" and suffix in _DRAWN:
            _placeholder(entry).write([path])
        else:
            require_as_made(made)
            shutil.copyfile(made, path)


def _copy_page(source: Path, target: Path, shown: Sharing) -> None:
    left_out = [] if shown == "kept" else [IMAGES]
    # Snakemake notes the time of a folder in it.
    left_out.append(".snakemake_timestamp")
    shutil.copytree(source, target, ignore=shutil.ignore_patterns(*left_out))
    if shown != "blurred":
        return
    (target / IMAGES).mkdir()
    for image_id, boxes in boxes_of_page(source).items():
        name = f"{image_id}.jpg"
        try:
            image = Image.open(source / IMAGES / name).convert("RGB")
        except OSError as error:
            raise UserError(f"{source / IMAGES / name}: {error}; make the page anew") from error
        write_jpeg(target / IMAGES / name, blur_outside(image, boxes))


def _placeholder(entry: Entry) -> Figure:
    """Return what stands in for a figure that shows images."""
    drawing = new_figure(COLUMN_WIDTH, 1.2)
    drawing.set_layout_engine(None)  # which would warn of a figure without axes
    text = (
        "This figure shows images that may not be shared.\n"
        f"Whoever has the data makes it with\nsnakemake {entry.exhibit.rule}"
    )
    drawing.text(0.5, 0.4, text, ha="center", va="center", parse_math=False)
    return Figure(entry.text.title, drawing)


def _enclosed(certified: Collection[str]) -> dict[str, str]:
    """Return what is told of the other files, by their name."""
    told = {README: "how to make it anew", CONFIG: "configuration of the run"}
    if certified:
        told[CERTIFICATE] = "what was evaluated and predicted, to be verified on a copy of yours"
    return told


def files_beside(config: str) -> list[str]:
    """Return files and folders that a configuration names in the run's folder, but for roots.

    What a reader names by ``/path/to/``, or has a copy of, is none of them.

    Args:
        config: Configuration of the run in whose folder this runs, as JSON.
    """
    settings = without_folders(json.loads(config))
    settings.pop("pathvars", None)  # where the run writes
    for source in settings["sources"].values():
        source.pop("root", None)
    named = (text for text in _texts(settings) if PurePath(text).suffix or "/" in text)
    relative = {text for text in named if not PurePath(text).is_absolute()}
    return sorted(filter(exists, relative))


def _texts(settings: Any) -> Iterator[str]:
    if isinstance(settings, str):
        yield settings
    elif isinstance(settings, dict | list):
        for one in settings.values() if isinstance(settings, dict) else settings:
            yield from _texts(one)


def _readme(contents: Contents, certified: Collection[str], beside: Sequence[str]) -> str:
    """Return how the supplement is read, verified and made anew, and what it leaves out."""
    copied = f"{CONFIG} {CERTIFICATE}" if certified else CONFIG
    lines = [
        "Open index.html: tables, figures and pages to browse. It needs no network and no server.",
        "",
        f"To make it anew, with wildframe {__version__} and your own copy of the data:",
        "",
        f"1. wildframe init anew --preset ego4d && cp {copied} anew && cd anew",
        f"   makes a folder for the run; its own {CONFIG}, of a preset, is replaced by this one.",
        f"2. In {CONFIG}, name the folder of each source on your machine (root).",
        "   Other paths that begin with /path/to/ are likewise yours to name.",
        *([f"   Ask the authors for these files: {', '.join(beside)}."] if beside else []),
        "3. snakemake --cores all",
    ]
    if certified:
        settings = without_folders(json.loads(contents.config))
        results = settings.get("pathvars", {}).get("results", "results")
        option = "" if results == "results" else f" --results {results}"
        lines += [
            f"4. wildframe verify {CERTIFICATE}{option}",
            "   The same frames, labels and predictions? It names the first difference, and why.",
            f"   Certified: {', '.join(sorted(certified))}.",
        ]
    for shown, words in _WORDS.items():
        if names := [name for name in contents.names if contents.sharing[name] == shown]:
            lines += ["", f"Images are {words} (sharing of their source in {CONFIG}) in:"]
            lines += [f"- {name}" for name in names]
    return "\n".join(lines) + "\n"


def _yaml(config: str) -> str:
    """Return the configuration in YAML, complete, without the folders of this machine."""
    settings = {"extends": []} | without_folders(json.loads(config))
    text: str = yaml.safe_dump(settings, sort_keys=False, allow_unicode=True)
    return text

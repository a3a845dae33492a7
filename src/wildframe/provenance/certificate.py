"""A certificate: what a run evaluated and predicted, as tables without images, in one file.

It is a folder of results in small, of the same names and contracts, packed as a zip: manifests,
statuses of frames (SHA-256 of their pixels, time stamps), and the top-1 of predictions. What they
say of themselves names no folder of the machine that made them.
"""

import json
import platform
import re
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from typing import Any

from wildframe import __version__
from wildframe.core.contracts import Contract
from wildframe.core.errors import UserError
from wildframe.core.files import atomic_path, require_file, require_folder
from wildframe.core.folders import facts_without_folders
from wildframe.core.schemas import MANIFEST, PREDICTIONS, STATUSES
from wildframe.core.tables import iter_rows, open_table, read_facts, write_rows
from wildframe.exhibits.made import sha256_of

ABOUT = "certificate.json"

_TABLES = {one.name: one.version for one in (MANIFEST, STATUSES, PREDICTIONS)}
_PACKAGES = ("av", "numpy", "onnxruntime", "pillow", "timm", "torch", "torchvision")
"""Packages whose version may change a pixel or a probability."""

_FOLDER = r"(?!\.\.?/)[^/]+"
_MEMBER = re.compile(rf"(manifests|frames|predictions(/{_FOLDER}){{2,}})/[^/]+\.parquet")
"""Names of models of a hub have folders, too."""

_MADE_ON = (1980, 1, 1, 0, 0, 0)
"""The oldest time that a zip can tell: the same tables are the same bytes."""

_MOST_UNPACKED = 100
"""Size of what a certificate unpacks, by its own: tables are compressed before they are packed."""

_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    RuntimeError,
    OSError,
    EOFError,
    ValueError,
    KeyError,
    TypeError,
)
"""What reading a damaged or a strange zip raises: a method that nobody knows, a password."""


def write_certificate(
    predictions: Mapping[str, Sequence[Path]], results: Path, output: Path
) -> str:
    """Write the certificate of datasets and return the SHA-256 of its bytes.

    Args:
        predictions: Tables of predictions in the results, by dataset of the run.
        results: Folder of the run's results.
        output: Zip to write.

    Raises:
        UserError: A table is absent or damaged, or a dataset has no predictions.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for dataset, tables in predictions.items():
            _certify(dataset, tables, results, folder)
        about = {"datasets": sorted(predictions), "tables": _TABLES, "versions": versions()}
        (folder / ABOUT).write_text(json.dumps(about, indent=1, sort_keys=True), encoding="utf-8")
        with atomic_path(output) as temporary:
            pack(folder, temporary)
    return sha256_of(output)


def versions() -> dict[str, str]:
    """Return the versions of wildframe, Python and the packages that decide numbers."""
    found = {"wildframe": __version__, "python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return found


def predictions_of(results: Path, dataset: str) -> list[Path]:
    """Return the predictions of a dataset, of all views and models that are there.

    Neither detections nor parts of predictions are any.

    Raises:
        UserError: There is no folder of results.
    """
    require_folder(results, "run in the project's folder, or name the run's results by --results")
    tables = sorted((results / "predictions" / dataset).glob("*/**/[!.]*.parquet"))
    whole = (path for path in tables if path.parent.suffix != ".parts")
    return [path for path in whole if _contract_name(path) == PREDICTIONS.name]


@contextmanager
def open_certificate(path: Path) -> Iterator[tuple[Path, dict[str, str]]]:
    """Yield a folder that holds what a certificate packs, and the versions it was made with.

    Raises:
        UserError: The file is absent, damaged, no certificate, or of another wildframe's tables.
    """
    require_file(path, "name a certificate that `wildframe certify` wrote")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        about = _unpack(path, folder)
        if about["tables"] != _TABLES:
            raise UserError(
                f"{path}: its tables are of other versions than this wildframe's; verify it with "
                f"wildframe {about['versions']['wildframe']}, which wrote it"
            )
        yield folder, about["versions"]


def _unpack(path: Path, folder: Path) -> dict[str, Any]:
    """Unpack a certificate into an empty folder and return what it says of itself."""
    try:
        with zipfile.ZipFile(path) as packed:
            for member in packed.namelist():
                if member != ABOUT and not _MEMBER.fullmatch(member):
                    raise ValueError(f"{member!r} is in no certificate")
            size = sum(member.file_size for member in packed.infolist())
            if size > _MOST_UNPACKED * path.stat().st_size:
                raise ValueError(f"it would unpack {size:,} bytes")
            packed.extractall(folder)
        about: dict[str, Any] = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
        if not isinstance(about["versions"]["wildframe"], str) or "tables" not in about:
            raise ValueError(f"{ABOUT} is of another kind")
        if about["tables"] == _TABLES:
            _require_whole(about["datasets"], folder)
    except _DAMAGE as error:
        raise UserError(f"{path}: no sound certificate ({error}); fetch it anew") from error
    return about


def _require_whole(datasets: Sequence[str], folder: Path) -> None:
    """Require tables of each kind of the datasets that a certificate names, and of no others."""
    named = {f"{kind}/{one}" for kind in ("manifests", "frames", "predictions") for one in datasets}
    paths = [path.relative_to(folder).with_suffix("") for path in folder.rglob("*.parquet")]
    found = {"/".join(path.parts[:2]) for path in paths}
    if unlike := sorted(named ^ found):
        is_absent = unlike[0] in named
        raise ValueError(f"{unlike[0]} is {'not there' if is_absent else 'of no dataset of it'}")
    if not named:
        raise ValueError("it is of no dataset")


def _certify(dataset: str, tables: Sequence[Path], results: Path, folder: Path) -> None:
    if not tables:
        raise UserError(
            f"{results / 'predictions' / dataset}: no predictions; run a study that evaluates the "
            "dataset, or name the run's results by --results"
        )
    _copy(results, f"manifests/{dataset}.parquet", MANIFEST, folder)
    _copy(results, f"frames/{dataset}.parquet", STATUSES, folder)
    for table in tables:
        _copy(results, str(table.relative_to(results)), PREDICTIONS, folder)


def _copy(results: Path, name: str, contract: Contract, folder: Path) -> None:
    """Copy rows and metadata of a table to a folder; of predictions, only the top-1."""
    path = results / name
    rows = iter_rows(path, contract)
    if contract is PREDICTIONS:
        columns = ["image_id", "view_key", "top"]
        rows = (
            row | {"top": row["top"][:1], "scores": None}
            for row in iter_rows(path, contract, columns)
        )
    # Its own metadata, which win over those of the table that is written here.
    facts = facts_without_folders(read_facts(path, contract))
    config = json.loads(facts.pop("config"))
    del facts["config_sha256"]  # of what may have had a folder in it
    write_rows(folder / name, contract, rows, config=config, facts=facts)


def pack(folder: Path, output: Path) -> None:
    """Write the files of a folder as a zip: the same files are the same bytes."""
    with zipfile.ZipFile(output, "w") as packed:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            member = zipfile.ZipInfo(path.relative_to(folder).as_posix(), _MADE_ON)
            member.compress_type = zipfile.ZIP_DEFLATED
            packed.writestr(member, path.read_bytes())


def _contract_name(path: Path) -> str:
    """Return the name of the contract that a table says it fulfils."""
    with open_table(path) as file:
        named: bytes = (file.schema_arrow.metadata or {}).get(b"schema", b"")
    return named.decode(errors="replace")

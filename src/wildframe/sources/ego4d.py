"""Ego4D's state-change annotations (FHO), version 1 or 2, as the publisher's CLI stores them."""

import mmap
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import Field, field_validator

from wildframe.core.choices import Media, Split, Version
from wildframe.core.errors import UserError
from wildframe.core.files import is_safe_id, require_file
from wildframe.core.rates import parse_rate
from wildframe.core.schemas import OBJECTS, RECORDS
from wildframe.core.source import SourceSettings, Summary
from wildframe.core.tables import table_writer
from wildframe.core.video.container import is_whole_mp4
from wildframe.sources import ego4d_v1, ego4d_v2
from wildframe.sources.moments import ROLES, Moment

RELEASE = {"v1": "v1", "v2": "v2_1"}
"""The name of a version in the publisher's CLI, which stores v2_1 under v2."""


class Ego4dSource(SourceSettings):
    """Ego4D, as its publisher's CLI stores it."""

    tables: ClassVar[tuple[str, ...]] = ("records", "objects")
    has_moments: ClassVar[bool] = True

    kind: Literal["ego4d"] = "ego4d"
    version: Version = Field(
        "v1", description="Release: v1 has fho_scod_<split>.json, v2 (the CLI's v2_1) fho_main.json"
    )
    split: Split = Field("train", description="The publisher's split")
    media: Media = Field("clips", description="Copies of the videos that frames are read from")
    rate: str = Field("30", description="Nominal frame rate that frame numbers refer to")

    @field_validator("rate")
    @classmethod
    def _rate_is_positive(cls, rate: str) -> str:
        parse_rate(rate)
        return rate

    @property
    def annotation_path(self) -> Path:
        """Where the publisher's CLI stores the annotations of the split."""
        name = f"fho_scod_{self.split}.json" if self.version == "v1" else "fho_main.json"
        return self._annotations / name

    def require_annotations(self) -> str:
        """Return the path of the annotations; raise a `UserError` with a remedy without them."""
        return str(require_file(self.annotation_path, _fetch(self.version)))

    def require_split_files(self) -> list[str]:
        """Return the files that name the clips of the split; version 1 needs none.

        Raises:
            UserError: They are missing; says how to fetch them.
        """
        if self.version == "v1":
            return []
        names = [f"fho_{task}_{self.split}.json" for task in ("lta", "oscc-pnr")]
        there = [str(path) for name in names if (path := self._annotations / name).is_file()]
        if not there:
            raise UserError(
                f"{self._annotations}: neither {' nor '.join(names)} is there, one of which must "
                f"list the split; {_fetch(self.version)}"
            )
        return there

    def input_files(self) -> dict[str, list[str]]:
        """Return annotations and files of the split; errors as those of either."""
        return {
            "annotations": [self.require_annotations()],
            "split_files": self.require_split_files(),
        }

    def options(self) -> list[str]:
        """Return version and split."""
        return [f"--version={self.version}", f"--split={self.split}"]

    def fetch_options(self) -> list[str]:
        """Return the arguments of ``wildframe sources`` that fetch its files."""
        return ["download", f"--root={self.root}", *self.options(), f"--media={self.media}"]

    @property
    def fetches_media(self) -> bool:
        """The publisher's command takes no list of the uids of these clips."""
        return self.media != "clips_540ss"

    def list_media(self) -> list[str]:
        """Return the videos that the annotations name, as paths under the root, sorted.

        Files are searched, not parsed. Those of version 2 may name more clips than have annotated
        frames, and videos without their clips: then all clips that are there are listed.

        Raises:
            UserError: There are no annotations.
        """
        split_files = self.require_split_files()
        uids: set[str] = set()
        for path in map(Path, split_files or [self.require_annotations()]):
            found = _search(path, "clip_uid" if self._of_clips else "video_uid")
            uids.update(found)
            if split_files and self._of_clips:
                videos = _search(path, "video_uid")
                if videos.total() > found.total():
                    uids.update(file.stem for file in self.media_folder.glob("*.mp4"))
        return self._paths(uids)

    def wanted_media(self) -> list[str]:
        """Return the videos with annotated frames, which are parsed for it in version 2.

        Raises:
            UserError: As in `write_tables`.
        """
        if self.version == "v1":
            return self.list_media()
        key = "clip_id" if self._of_clips else "video_id"
        return self._paths({record[key] for record, _ in self._moments()} - {None})

    def has_media(self, media: str) -> bool:
        """Tell whether a video is there as a whole, and no error message under its name."""
        return is_whole_mp4(Path(self.root) / media)

    @property
    def media_folder(self) -> Path:
        """The folder of the videos."""
        return Path(self.root) / self.version / self.media

    def summary(self) -> Summary:
        """Return the annotations and their number of records; errors as in `write_tables`."""
        records = sum(1 for _ in self._moments()) // len(ROLES)
        return Summary(f"{records} records in {self.annotation_path}")

    def _moments(self) -> Iterator[Moment]:
        annotations = Path(self.require_annotations())
        split_files = [Path(name) for name in self.require_split_files()]
        return iter_moments(annotations, split_files, self.version, self.split)

    def _paths(self, uids: Iterable[str]) -> list[str]:
        return sorted(f"{self.version}/{self.media}/{uid}.mp4" for uid in uids)

    @property
    def _of_clips(self) -> bool:
        return self.media.startswith("clips")

    @property
    def _annotations(self) -> Path:
        return Path(self.root) / self.version / "annotations"


def _search(path: Path, key: str) -> Counter[str]:
    """Return how often a file names each uid."""
    return _searched(path, path.stat().st_mtime_ns, key)


@cache
def _searched(path: Path, _changed: int, key: str) -> Counter[str]:
    if not path.stat().st_size:
        return Counter()
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as text:
        pattern = rb'"%s"\s*:\s*"([\w.-]{1,200})"' % key.encode()
        found = Counter(match[1] for match in re.finditer(pattern, text))
    uids = {item.decode(): count for item, count in found.items()}
    return Counter({uid: count for uid, count in uids.items() if is_safe_id(uid)})


def write_tables(
    annotations: Path,
    split_files: Sequence[Path],
    version: Version,
    split: str,
    records: Path,
    objects: Path,
) -> None:
    """Read annotations into the ``records`` and ``objects`` tables, in bounded memory.

    Args:
        annotations: ``fho_scod_<split>.json`` of version 1 or ``fho_main.json`` of version 2.
        split_files: Of version 2, ``fho_lta_<split>.json`` or ``fho_oscc-pnr_<split>.json``.
        version: Release of the annotations.
        split: The publisher's split; must be that of a file that names one.
        records: Table to write, one row per record and moment.
        objects: Table to write, one row per annotated box.

    Raises:
        UserError: A file is not such a JSON file, or nothing in it is of the split.
    """
    config = {"annotations": annotations.name, "version": version, "split": split}
    with (
        table_writer(records, RECORDS, config=config) as add_record,
        table_writer(objects, OBJECTS, config=config) as add_object,
    ):
        for record, boxes in iter_moments(annotations, split_files, version, split):
            add_record(record)
            for box in boxes:
                add_object(box)


def iter_moments(
    annotations: Path, split_files: Sequence[Path], version: Version, split: str
) -> Iterator[Moment]:
    """Yield the moments of a split's records; arguments and errors as in `write_tables`."""
    remedy = _fetch(version)
    if version == "v1":
        yield from ego4d_v1.iter_moments(annotations, split, _checker(annotations, split), remedy)
        return
    if not split_files:
        raise UserError(
            f"{annotations}: names no split; give fho_lta_{split}.json or "
            f"fho_oscc-pnr_{split}.json with it"
        )
    members = ego4d_v2.read_members([(path, _checker(path, split)) for path in split_files], remedy)
    yield from ego4d_v2.iter_moments(annotations, members, split, remedy)


def _fetch(version: Version) -> str:
    return (
        f"fetch it with the publisher's command `ego4d -o <root> --version {RELEASE[version]} "
        "--datasets annotations --benchmarks FHO -y`, or correct the source's root, version "
        "and split"
    )


def _checker(path: Path, split: str) -> Callable[[str, Any], None]:
    """Return a function that compares the split that a file names with the config's."""

    def check(name: str, value: Any) -> None:
        if name == "split" and value not in (None, split):
            raise UserError(
                f"{path}: the file says split {value!r}, the config {split!r}; "
                "correct sources.<name>.split"
            )

    return check

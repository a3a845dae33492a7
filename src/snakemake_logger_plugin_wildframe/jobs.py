"""A job of a run, and what its log and its benchmark file tell of it."""

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_TAIL = 4096
"""Bytes at the end of a log that are read for its progress bar."""
_BAR = re.compile(r"(\d+)/(\d+) \[[^\]]*, *(?:([\d.]+)(\w+)/s|([\d.]+)s/(\w+))\]")
"""The end of a bar of tqdm: ``90/200 [00:12<00:15,  7.10image/s]``, or ``1.50s/image``."""


@dataclass(frozen=True)
class Job:
    """A job that was started."""

    rule: str
    wildcards: Mapping[str, str]
    outputs: tuple[str, ...]
    logs: tuple[Path, ...]
    benchmark: Path | None
    started: float
    """Seconds since the epoch."""
    is_checkpoint: bool
    """Whether Snakemake looks again at what is left to do once the job is finished."""

    @property
    def name(self) -> str:
        """Such as ``frames_extract (dataset ego4d, shard 1-of-8)``."""
        wildcards = ", ".join(f"{name} {value}" for name, value in self.wildcards.items())
        return f"{self.rule} ({wildcards})" if wildcards else self.rule


@dataclass(frozen=True)
class Progress:
    """How far a job is."""

    done: int
    total: int
    unit: str
    rate: float
    """Units a second."""


@dataclass(frozen=True)
class Cost:
    """What a job cost."""

    seconds: float
    peak_mib: float | None
    """Largest resident memory; None where Snakemake did not measure it."""


def read_progress(log: Path) -> Progress | None:
    """Return the last progress bar in the end of a log; None if there is none."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - _TAIL))
            bars = list(_BAR.finditer(file.read().decode(errors="replace")))
    except OSError:
        return None
    if not bars:
        return None
    done, total, fast, unit, slow, slow_unit = bars[-1].groups()
    rate = float(fast) if fast else 1 / max(float(slow), 1e-9)
    return Progress(int(done), int(total), unit or slow_unit, rate)


def read_cost(benchmark: Path) -> Cost | None:
    """Return what a benchmark file says; None where there is none that can be read."""
    try:
        with benchmark.open(newline="") as file:
            rows = list(csv.DictReader(file, delimiter="\t"))
        seconds = sum(float(row["s"]) for row in rows)
        # A job may end before its memory is looked at.
        peaks = [float(row["max_rss"]) for row in rows if row["max_rss"] not in ("NA", "0.00")]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return Cost(seconds, max(peaks, default=None)) if rows else None

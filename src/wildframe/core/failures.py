"""The summary of a failed run: each failed job with its error message and log files."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_TIMESTAMP = re.compile(r" *\[\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}\]")
_STARTED = re.compile(r" *(?:local)?(?:rule|checkpoint) \w+:")
_FAILED = re.compile(r" *Error in rule (\w+):")
_FINISHED = re.compile(r"Finished jobid: (\d+) \(Rule: \w+\)")
_FIELD = re.compile(r"    ([a-z-]+): (.*)")
_LOG_HINT = " (check log file(s) for error details)"
_LOG_SHOWN = re.compile(r" *Logfile .*:")
_RULER = re.compile(r" *=+")
_LONGEST = 1000
"""Characters of a log's last line that are shown: it may be any text."""


@dataclass(frozen=True)
class FailedJob:
    """A job of Snakemake that failed, as far as Snakemake's own log tells."""

    rule: str
    wildcards: str
    """As Snakemake prints them: ``dataset=a, model=b``; empty where there are none."""
    logs: tuple[Path, ...]


def report_failures(snakemake_log: Path) -> str:
    """Return the failed jobs in Snakemake's log of a run as text; empty if there are none."""
    blocks = []
    for job in failed_jobs(snakemake_log.read_text(errors="replace")):
        texts = [path.read_text(errors="replace") for path in job.logs if path.is_file()]
        name = f"{job.rule} ({job.wildcards})" if job.wildcards else job.rule
        logs = [f"log: {path}" for path in job.logs]
        blocks.append("\n    ".join([name, error_message(texts), *logs]))
    if not blocks:
        return ""
    count = "1 job failed" if len(blocks) == 1 else f"{len(blocks)} jobs failed"
    return "\n".join([f"{count}:", *blocks])


def failed_jobs(text: str) -> list[FailedJob]:
    """Return the jobs in Snakemake's log that failed and did not succeed when tried again.

    They are in the order of failing. Of a failed group these are all jobs: Snakemake does not log
    which one it was.
    """
    wildcards: dict[str, str] = {}
    failed: dict[str, FailedJob] = {}
    lines = list(_own_lines(text))
    for number, line in enumerate(lines[1:], start=1):
        if not _TIMESTAMP.fullmatch(lines[number - 1]):
            continue
        if _STARTED.fullmatch(line):
            fields = _fields(lines, number)
            wildcards[fields.get("jobid", "")] = fields.get("wildcards", "")
        elif error := _FAILED.fullmatch(line):
            fields = _fields(lines, number)
            job = fields.get("jobid", "")
            failed.pop(job, None)
            logs = fields.get("log", "").removesuffix(_LOG_HINT)
            failed[job] = FailedJob(
                rule=error[1],
                wildcards=wildcards.get(job, ""),
                logs=tuple(Path(log) for log in logs.split(", ") if log),
            )
        elif finished := _FINISHED.fullmatch(line):
            failed.pop(finished[1], None)
    return list(failed.values())


def error_message(logs: list[str]) -> str:
    """Return why a job failed: the last ``ERROR: ...`` of its logs, else their last line."""
    lines = [line.strip() for text in logs for line in text.splitlines() if line.strip()]
    if not lines:
        return "it has no log" if not logs else "its log is empty"
    ours = [line for line in lines if line.startswith("ERROR: ")]
    sentence = (ours or lines)[-1]
    return sentence if len(sentence) <= _LONGEST else sentence[:_LONGEST] + " ..."


def _own_lines(text: str) -> Iterator[str]:
    """Yield the lines of Snakemake's log without the jobs' logs that it shows in between."""
    lines = iter(text.splitlines())
    for line in lines:
        yield line
        if _LOG_SHOWN.fullmatch(line):
            ruler = next(lines, "")
            if _RULER.fullmatch(ruler):
                for shown in lines:
                    if shown == ruler:
                        break
            else:
                yield ruler


def _fields(lines: list[str], head: int) -> dict[str, str]:
    """Return what Snakemake tells of a job in the indented lines under its head."""
    indent = len(lines[head]) - len(lines[head].lstrip())
    fields: dict[str, str] = {}
    for number in range(head + 1, len(lines)):
        match = _FIELD.fullmatch(lines[number][indent:])
        if match is None:
            break
        fields[match[1]] = match[2]
    return fields

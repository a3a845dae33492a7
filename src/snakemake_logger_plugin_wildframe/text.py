"""What is said of a run, as text."""

from collections.abc import Iterator, Mapping

from snakemake_logger_plugin_wildframe.failures import FailedJob
from snakemake_logger_plugin_wildframe.jobs import Cost, Job, Progress, read_progress
from snakemake_logger_plugin_wildframe.run import Run

_MOST_RUNNING = 8
"""Running jobs of which the live lines tell."""


def plan(run: Run, limits: Mapping[str, int]) -> str:
    """Return what will be done: ``12 jobs on up to 2 cores: frames 8, scores 4``."""
    stations = ", ".join(f"{name} {planned}" for name, (_, planned) in run.by_station().items())
    at_most = " and ".join(counted(number, what) for what, number in limits.items())
    on = f" on up to {at_most}" if at_most else ""
    return f"{counted(run.total, 'job')}{on}: {stations}"


def finished(run: Run, job: Job, cost: Cost, progress: Progress | None) -> str:
    """Return the line of a finished job."""
    width = len(str(run.total))
    facts = [duration(cost.seconds)]
    if cost.peak_mib is not None:
        facts.append(memory(cost.peak_mib))
    if progress:
        facts.append(rate(progress))
    return f"[{run.done:{width}}/{run.total}] {job.name}: {', '.join(facts)}"


def failed(job: FailedJob, seconds: float | None, *, whole_logs: bool) -> str:
    """Return what is said when a job fails: its message, the end of its logs, and their paths."""
    after = "" if seconds is None else f" after {duration(seconds)}"
    lines = [job.message] if job.message else []
    lines += job.whole_logs() if whole_logs else job.last_lines()
    return _indented(f"FAILED {job.name}{after}", [*lines, *_paths(job)])


def failures(jobs: list[FailedJob]) -> str:
    """Return the list of the failed jobs, each with its reason and its logs."""
    listed = [_indented(job.name, [job.reason(), *_paths(job)]) for job in jobs]
    return "\n".join([f"{counted(len(jobs), 'job')} failed:", *listed])


def summary(run: Run, now: float) -> str:
    """Return the last line of a run."""
    took = duration(now - run.begun)
    if run.done == run.total:
        line = f"{counted(run.total, 'job')} done in {took}"
        done = f"{line}: {run.index}" if run.index else line
        return f"{done}\n{run.next}" if run.next else done
    failed = f", {len(run.failed)} failed" if run.failed else ""
    left = run.total - run.done - len(run.failed)
    line = f"{run.done} of {run.total} jobs done{failed}, {left} not done, in {took}"
    return f"Interrupted: {line}; the same command continues here" if run.interrupted else line


def live(run: Run, now: float) -> Iterator[str]:
    """Yield the lines at the bottom of a terminal: totals, stations, and what runs."""
    left = run.seconds_left(now)
    failed = f", {len(run.failed)} failed" if run.failed else ""
    about = "" if left is None else f", about {duration(left, 0)} left"
    yield f"{run.done}/{run.total} jobs{failed}, {duration(now - run.begun, 0)}{about}"
    yield "  ".join(f"{name} {done}/{of}" for name, (done, of) in run.by_station().items())
    jobs = sorted(run.running.values(), key=lambda job: job.started)
    for job in jobs[:_MOST_RUNNING]:
        facts = [job.rule if job.logs else job.name, duration(now - job.started, 0)]
        if job.logs and (progress := read_progress(job.logs[0])):
            facts += [f"{progress.done}/{counted(progress.total, progress.unit)}", rate(progress)]
        yield "  " + "  ".join([*facts, *map(str, job.logs[:1])])
    if len(jobs) > _MOST_RUNNING:
        yield f"  and {len(jobs) - _MOST_RUNNING} more"


def duration(seconds: float, digits: int = 1) -> str:
    """Return a duration in words: ``3.2 s``, ``4 min 3 s``, ``2 h 5 min``.

    Args:
        seconds: The duration.
        digits: Decimals below ten seconds.
    """
    if seconds < 10:
        return f"{seconds:.{digits}f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def memory(mib: float) -> str:
    """Return an amount of memory: ``210 MiB``, ``1.2 GiB``."""
    return f"{mib:.0f} MiB" if mib < 1000 else f"{mib / 1024:.1f} GiB"


def rate(progress: Progress) -> str:
    """Return the speed of a job: ``48 images/s``, ``0.25 videos/s``."""
    speed = f"{progress.rate:.0f}" if progress.rate >= 10 else f"{progress.rate:.2g}"
    return f"{speed} {_plural(progress.unit)}/s"


def counted(number: int, what: str) -> str:
    """Return a number of things: ``1 job``, ``2 batches``."""
    return f"{number} {what if number == 1 else _plural(what)}"


def _plural(what: str) -> str:
    return f"{what}es" if what.endswith("ch") else f"{what}s"


def _paths(job: FailedJob) -> list[str]:
    return [f"log: {path}" for path in job.logs]


def _indented(head: str, lines: list[str]) -> str:
    return "\n    ".join([head, *lines])

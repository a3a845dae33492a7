"""The state of a run: which jobs are planned, running, finished and failed."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from pathlib import Path

from snakemake_logger_plugin_wildframe.failures import FailedJob
from snakemake_logger_plugin_wildframe.jobs import Cost, Job
from wildframe.core.names import STATIONS

INDEX = "exhibits_index"
"""The rule whose output shows all results of a run."""
NEXT = "reviews_next"
"""The rule whose output says how people go on."""


def station_of(rule: str) -> str:
    """Return the station of a rule; those that are named after a study make its exhibits."""
    prefix = rule.partition("_")[0]
    return prefix if prefix in STATIONS else "exhibits"


class Run:
    """The jobs of a run, by Snakemake's number of each."""

    def __init__(self, planned: Mapping[str, int], begun: float) -> None:
        """Begin a run.

        Args:
            planned: Number of jobs by rule.
            begun: Seconds since the epoch.
        """
        self.planned = planned
        self.begun = begun
        self.running: dict[int, Job] = {}
        self.failed: dict[int, FailedJob] = {}
        self.finished: Counter[str] = Counter()
        self.index: str | None = None
        """The file that shows all results, once it is made."""
        self.next: str | None = None
        """What people do next, once it is known."""
        self.interrupted = False
        """Whether the user has stopped it, and with it the jobs that were running."""
        self.broke_off = False
        """Whether an error was said after which no job has started."""
        self._seconds: defaultdict[str, float] = defaultdict(float)
        self._counted = sum(planned.values())
        self._sees_all = True
        """Whether no checkpoint has finished since Snakemake last told how many jobs there are."""

    @property
    def total(self) -> int:
        """Number of jobs to do; it falls when some turn out to be done."""
        return max(self._counted, self.done + len(self.running) + len(self.failed))

    @property
    def done(self) -> int:
        """Number of finished jobs."""
        return self.finished.total()

    def start(self, number: int, job: Job) -> None:
        """Note that a job runs; one that failed before is tried again."""
        self.failed.pop(number, None)
        self.running[number] = job
        self.broke_off = False

    def finish(self, number: int, cost: Cost) -> None:
        """Note that a running job is finished."""
        job = self.running.pop(number)
        self.finished[job.rule] += 1
        self._sees_all &= not job.is_checkpoint
        self._seconds[job.rule] += cost.seconds
        if job.rule == INDEX:
            self.index = job.outputs[0]
        elif job.rule == NEXT and Path(job.outputs[0]).is_file():
            self.next = Path(job.outputs[0]).read_text(encoding="utf-8").rstrip()

    def fail(self, number: int, failed: FailedJob) -> None:
        """Note that a job failed."""
        self.running.pop(number, None)
        self.failed[number] = failed

    def count_anew(self, told: int) -> None:
        """Note how many jobs Snakemake says there are.

        What a checkpoint leaves with nothing to do is not told before the job after it is finished.
        Until then, and while a checkpoint runs whose output is there already (a cluster tells late
        that a job has ended), jobs behind it may be missing: a lower number waits.
        """
        self._sees_all &= not any(job.is_checkpoint for job in self.running.values())
        self._counted = told if self._sees_all else max(self._counted, told)
        self._sees_all = True

    def end(self) -> None:
        """Note that no more jobs come: where all went well, others had nothing to do."""
        if not (self.failed or self.interrupted or self.broke_off):
            self._counted = self.done

    def by_station(self) -> dict[str, tuple[int, int]]:
        """Return the finished and planned jobs of each station, in the order of the line."""
        done, planned = Counter[str](), Counter[str]()
        for rule, count in self.planned.items():
            planned[station_of(rule)] += count
            done[station_of(rule)] += self.finished[rule]
        return {name: (done[name], planned[name]) for name in STATIONS if planned[name]}

    def seconds_left(self, now: float) -> float | None:
        """Estimate the time left in seconds; None before the first job is finished.

        A job takes as long as those of its rule did on average, or as all did while none of its
        rule is finished; as many run side by side as did until now.
        """
        elapsed = now - self.begun
        if not self.done or elapsed <= 0:
            return None
        spent = sum(self._seconds.values())
        overall = spent / self.done
        left = 0.0
        for rule, count in self.planned.items():
            finished = self.finished[rule]
            left += (count - finished) * (self._seconds[rule] / finished if finished else overall)
        running = sum(now - job.started for job in self.running.values())
        at_a_time = max(1.0, (spent + running) / elapsed)
        return max(0.0, left - running) / at_a_time

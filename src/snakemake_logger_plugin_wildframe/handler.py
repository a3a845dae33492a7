"""What of Snakemake's log records is said on the terminal, and how."""

import logging
import re
import sys
import threading
import time
from copy import copy
from pathlib import Path
from typing import Any

from snakemake.logging import ColorizingTextHandler, DefaultFilter, DefaultFormatter
from snakemake.settings.enums import Quietness
from snakemake_interface_logger_plugins.base import LogHandlerBase
from snakemake_interface_logger_plugins.common import LogEvent

from snakemake_logger_plugin_wildframe import text
from snakemake_logger_plugin_wildframe.failures import FailedJob
from snakemake_logger_plugin_wildframe.jobs import Cost, Job, read_cost, read_progress
from snakemake_logger_plugin_wildframe.run import Run
from snakemake_logger_plugin_wildframe.terminal import RED, YELLOW, Terminal, open_terminal

_REFRESH_SECONDS = 1
_UNSAID_EVENTS = {
    LogEvent.WORKFLOW_STARTED,
    LogEvent.JOB_STARTED,
    LogEvent.GROUP_INFO,
    LogEvent.PROGRESS,
    LogEvent.RULEGRAPH,
}
# All else is said: what a later Snakemake says in other words, too.
_UNSAID = re.compile(
    r"Assuming unrestricted shared filesystem usage|host: |Using shell: |Select jobs to execute"
    r"|Conda environments: ignored|Singularity containers: ignored|Group jobs: inactive"
    r"|Elapsed time: |None$"
    r"|DAG of jobs will be updated after completion|Updating checkpoint dependencies"
    # The last lines of a failed run say more.
    r"|Exiting because a job execution failed"
    r"|WorkflowError:\nAt least one job did not complete successfully"
)
_COMMAND_FAILED = re.compile(r"RuleException:\nCalledProcessError in ")
"""Is followed by the failure of the job, which says why."""
_USER_ERROR = re.compile(
    r"InputFunctionException in rule (\S+) in file .*?\nError:\n  UserError: (.*?)\nWildcards:\n",
    re.DOTALL,
)
"""What a user can correct; then come the places in the code that found it."""
_INTERRUPTED = "Terminating processes on user request"
_LOST_JOB = re.compile(r"^Job (\d+) ", re.MULTILINE)


class LogHandler(LogHandlerBase):
    """One line a finished job, why a job failed, and live totals; a dry run is Snakemake's own."""

    writes_to_stream = True
    writes_to_file = False
    has_filter = True
    has_formatter = True
    needs_rulegraph = False

    def __post_init__(self) -> None:
        """Open the terminal."""
        settings = self.common_settings
        self._quiet = set(settings.quiet or ())
        self._filter = DefaultFilter(
            self._quiet,
            settings.debug_dag,
            settings.verbose,
            settings.dryrun,
            settings.printshellcmds,
        )
        self._formatter = DefaultFormatter(self._quiet, settings.show_failed_logs)
        stream = sys.stdout if settings.stdout else sys.stderr
        self._terminal: Terminal = open_terminal(
            stream, live=not self._is_quiet_about(Quietness.PROGRESS), colors=not settings.nocolor
        )
        self._of_snakemake = ColorizingTextHandler(
            settings.nocolor, stream, self._formatter, self._filter
        )
        self._run: Run | None = None
        self._limits: dict[str, int] = {}
        self._repeats_failures = False
        """Whether lines of finished jobs stand below that of a failed one."""
        self._ended = threading.Event()

    def emit(self, record: logging.LogRecord) -> None:
        """Say a record of Snakemake's log, or keep it for the totals."""
        try:
            record = _plain(record)
            if self.common_settings.dryrun:
                self._of_snakemake.handle(record)
            elif Quietness.ALL not in self._quiet:
                self._take(record)
        except BrokenPipeError:
            self._terminal.silence()
        except Exception:
            self.handleError(record)

    def close(self) -> None:
        """Erase the live lines and say how the run ended."""
        if not self._ended.is_set():
            self._ended.set()
            self.acquire()
            try:
                self._end()
            except BrokenPipeError:
                self._terminal.silence()
            finally:
                self.release()
        super().close()

    def _take(self, record: logging.LogRecord) -> None:
        fields: dict[str, Any] = vars(record)
        event, run = fields.get("event"), self._run
        if event == LogEvent.RESOURCES_INFO:
            self._take_limits(fields)
        elif event == LogEvent.RUN_INFO:
            self._begin(fields, record.created)
        elif event == LogEvent.JOB_INFO and run:
            run.start(fields["jobid"], _job(fields, record.created))
            self._refresh()
        elif event == LogEvent.JOB_FINISHED and run:
            self._finish(run, fields["job_id"], record.created)
        elif event == LogEvent.PROGRESS and run:
            run.count_anew(fields["total"])
        elif event == LogEvent.JOB_ERROR and run:
            self._fail(run, fields, record.created)
        elif event not in _UNSAID_EVENTS:
            self._pass_on(record)

    def _take_limits(self, fields: dict[str, Any]) -> None:
        for name, what in {"cores": "core", "nodes": "job of the cluster"}.items():
            if name in fields:
                self._limits[what] = fields[name]
        gpus = fields.get("provided_resources", {}).get("gpu")
        if gpus is not None:
            self._limits["GPU"] = gpus.value

    def _begin(self, fields: dict[str, Any], now: float) -> None:
        planned = {rule: count for rule, count in fields["stats"].items() if rule != "total"}
        self._run = Run(planned, now)
        if not self._is_quiet_about(Quietness.PROGRESS):
            self._terminal.say(text.plan(self._run, self._limits))
        if self._terminal.live:
            threading.Thread(target=self._keep_fresh, daemon=True).start()

    def _finish(self, run: Run, number: int, now: float) -> None:
        job = run.running.get(number)
        if job is None:
            return
        measured = read_cost(job.benchmark) if job.benchmark else None
        cost = measured or Cost(now - job.started, None)
        run.finish(number, cost)
        # A group of targets makes nothing itself.
        if job.outputs and not self._is_quiet_about(Quietness.RULES):
            progress = read_progress(job.logs[0]) if job.logs else None
            self._terminal.say(text.finished(run, job, cost, progress))
            self._repeats_failures |= bool(run.failed)
        self._refresh()

    def _fail(self, run: Run, fields: dict[str, Any], now: float) -> None:
        number = fields["jobid"]
        job = run.running.get(number)
        if run.interrupted:  # it was stopped
            return
        name = job.name if job else fields["rule_name"]
        logs = tuple(map(Path, fields["log"]))
        failed = FailedJob(name, logs, fields["rule_msg"] or "")
        whole = self.common_settings.show_failed_logs
        took = now - job.started if job else None
        self._terminal.say(text.failed(failed, took, whole_logs=whole), RED)
        run.fail(number, failed)
        self._refresh()

    def _pass_on(self, record: logging.LogRecord) -> None:
        """Say what Snakemake says, as it does."""
        if record.levelno >= logging.ERROR and self._run:
            self._run.broke_off = True
            _note_lost_jobs(self._run, str(record.msg))
        said = self._formatter.format(record)
        if self._run and said.startswith(_INTERRUPTED):
            self._run.interrupted = True
        wanted = not (_UNSAID.match(said) or _COMMAND_FAILED.match(said))
        if said and wanted and self._filter.filter(record):
            levels = {logging.ERROR: RED, logging.WARNING: YELLOW}
            self._terminal.say(said, levels.get(record.levelno))

    def _end(self) -> None:
        self._terminal.show([])
        if self._run is None:
            return
        self._run.end()
        failed = list(self._run.failed.values())
        if failed and self._repeats_failures:
            self._terminal.say(text.failures(failed), RED)
        if not self._is_quiet_about(Quietness.PROGRESS):
            self._terminal.say(text.summary(self._run, time.time()))

    def _refresh(self) -> None:
        if self._run and self._terminal.live:
            self._terminal.show(text.live(self._run, time.time()))

    def _keep_fresh(self) -> None:
        """Refresh the live lines until the run ends: durations and progress go on."""
        while not self._ended.wait(_REFRESH_SECONDS):
            self.acquire()
            try:
                if not self._ended.is_set():
                    self._refresh()
            finally:
                self.release()

    def _is_quiet_about(self, what: Quietness) -> bool:
        return what in self._quiet


def _plain(record: logging.LogRecord) -> logging.LogRecord:
    """Return a record that says of an error that a user can correct only that."""
    found = _USER_ERROR.match(str(record.msg))
    if found is None:
        return record
    plain = copy(record)
    plain.msg = f"Error: {found[2]} (rule {found[1]})"
    return plain


def _job(fields: dict[str, Any], now: float) -> Job:
    return Job(
        rule=fields["rule_name"],
        wildcards=fields["wildcards"],
        outputs=tuple(fields["output"]),
        logs=tuple(map(Path, fields["log"])),
        benchmark=Path(fields["benchmark"]) if fields["benchmark"] else None,
        started=now,
        is_checkpoint=fields["is_checkpoint"],
    )


def _note_lost_jobs(run: Run, error: str) -> None:
    """Note a job that ended well but wrote too little: Snakemake logs no failure of it."""
    for number in map(int, _LOST_JOB.findall(error)):
        if job := run.running.get(number):
            run.fail(number, FailedJob(job.name, job.logs, "some of its output files are missing"))

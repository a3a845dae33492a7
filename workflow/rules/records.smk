"""What Snakemake records of jobs that fail."""

from snakemake.jobs import Job


def keep_records_of_failures():
    """Let it stay recorded what the files of a job that fails were made of last.

    Snakemake (9.27) deletes these files, and records that they are of the input and the params of the
    job that failed, or records nothing where it misses a file. What had been made of them is there
    still, so that the next run would find nothing to be done.
    """
    postprocess, failed = Job.postprocess, set()

    async def postprocess_noting_failure(job, *arguments, error=False, **options):
        persistence = job.dag.workflow.persistence
        if "finished" not in vars(persistence):
            record_only_success(persistence, failed)
        if error:
            failed.add(job)
        try:
            await postprocess(job, *arguments, error=error, **options)
        finally:
            failed.discard(job)

    Job.postprocess = postprocess_noting_failure


def record_only_success(persistence, failed):
    """Let no record of failed jobs be written or deleted."""
    record = persistence.finished

    async def record_success(job):
        if job not in failed:
            await record(job)

    persistence.finished = record_success
    persistence.cleanup = lambda job: None

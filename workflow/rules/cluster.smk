"""What jobs ask a cluster for, and files that are kept in an object store."""

from snakemake import io

# What two Snakemakes hold beside a job's own command: that of the allocation and that of its step.
SNAKEMAKE_MB = 400
# An allowance for CUDA's libraries and context: none of the peaks was measured on a GPU.
CUDA_MB = 4000


def memory(peak, gpus=0):
    """Return what a job asks for in MB, given its command's measured peak; more at each attempt."""
    needed = peak + SNAKEMAKE_MB + gpus * CUDA_MB
    return lambda wildcards, attempt: attempt * needed


def expand(files, **values):
    """Return files for all values of their wildcards, as Snakemake's own, which takes none in storage."""
    return io.expand([as_declared(path) for path in listed(files)], **values)


def as_declared(path):
    """Return the path of a file as its rule gives it, wherever it is kept."""
    if not getattr(path, "is_storage", False):
        return path
    prefix = workflow.storage_settings.default_storage_prefix
    return path.storage_object.query.removeprefix(f"{prefix}/")


def given(files):
    """Return files of the user's, which stay where they are when results are kept in storage."""
    paths = [str(path) for path in listed(files)]
    for path in paths:
        if "{" in path or "}" in path:
            raise UserError(
                f"{path}: Snakemake takes braces in the name of an input for a wildcard; rename "
                "it, or name a link to it that has none"
            )
    return [local(path) for path in paths]


def listed(files):
    """Return one file or several as a list."""
    return [files] if isinstance(files, str) else files

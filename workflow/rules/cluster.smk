"""What jobs ask a cluster for, and files that are kept in an object store."""

from snakemake import io

# What two Snakemakes hold beside a job's own command: that of the allocation and that of its step.
SNAKEMAKE_MB = 400
# An allowance for CUDA's libraries and context: none of the peaks was measured on a GPU.
CUDA_MB = 4000
# Weights of the models that peaks were measured with.
SMALL_MB = 50


def memory(peak, gpus=0):
    """Return what a job asks for in MB, given its command's measured peak; more at each attempt."""
    needed = peak + SNAKEMAKE_MB + gpus * CUDA_MB
    return lambda wildcards, attempt: attempt * needed


def model_memory(peak, copies, gpus=0):
    """Return what `memory` does, given how many times a job holds the weights of its model at once."""

    def find(wildcards, attempt):
        weights = 4 * (ZOO[wildcards.model].params or 0) // 2**20
        larger = copies * max(0, weights - SMALL_MB)
        return memory(peak + larger, gpus)(wildcards, attempt)

    return find


def preparing_memory(wildcards, attempt):
    """Return what a model's weights ask for; of a zero-shot model there is an encoder of texts, too."""
    is_zero_shot = ZOO[wildcards.model].framework == "open_clip"
    peak, copies = (2700, 3) if is_zero_shot else (1150, 2)
    return model_memory(peak, copies)(wildcards, attempt)


def detector_memory(peak, gpus=0):
    """Return what `memory` does for a detector of torchvision; that in a package needs no torch."""

    def find(wildcards, attempt):
        is_small = DETECTORS[wildcards.detector].package is not None
        return memory(400 if is_small else peak, gpus)(wildcards, attempt)

    return find


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
    """Return files of the user's, which stay where they are when results are kept in storage.

    Not those that `file_states` in the params refuses: where an input is absent, or its function
    fails, Snakemake leaves the job out and takes what it made before.
    """
    paths = map(str, listed(files))
    return [
        local(path) for path in paths if Path(path).exists() and not has_braces(path)
    ]


def listed(files):
    """Return one file or several as a list."""
    return [files] if isinstance(files, str) else files

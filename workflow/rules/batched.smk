"""What a batch of jobs of a rule is made of."""

from types import SimpleNamespace

from snakemake.iocontainers import Wildcards
from snakemake.utils import format as formatted

MARKS = {"ancient": ancient, "local": local, "temp": temp}

# All that params ask of a job's resources: those that run a model on a GPU are in no batch.
ON_CPU = SimpleNamespace(resources=SimpleNamespace(gpu=0))


def batch_rule(name, batch):
    """Return the name of the rule that runs several jobs of a rule."""
    return f"{name}_together_{batch}"


def marked(file):
    """Return the path of a file as its rule gives it, marked alike."""
    path = as_declared(file)
    for name, mark in MARKS.items():
        if name in file.flags:
            path = mark(path)
    return path


def batch_input(rule, jobs):
    """Return the function that finds the input of several jobs of a rule."""

    def find(wildcards):
        files = [file for job in jobs for file in input_of(rule, **job)]
        return list(map(marked, dict.fromkeys(files)))

    return find


def batch_output(rule, jobs):
    """Return the output of several jobs of a rule."""
    return [marked(file) for job in jobs for file in rule.expand_output(job)[0]]


def batch_commands(rule, jobs):
    """Return the function that joins the commands of several jobs of a rule."""

    def join(wildcards):
        return " + ".join(command_of(rule, job) for job in jobs)

    return join


def command_of(rule, job):
    """Return what a job of a rule runs, without its log and the name of the program."""
    input, output, params, _ = parts_of(rule, **job)
    command, _, _ = rule.shellcmd.removeprefix("wildframe ").partition(" &> ")
    return formatted(
        command,
        input=input,
        output=output,
        params=params,
        wildcards=Wildcards(fromdict=job),
    )


@cache
def input_of(rule, **job):
    """Return the input of a job."""
    return rule.expand_input(job)[0]


@cache
def parts_of(rule, **job):
    """Return input, output and params of a job, and the params that Snakemake watches."""
    input, output = input_of(rule, **job), rule.expand_output(job)[0]
    params, watched = rule.expand_params(job, input, output, ON_CPU)
    return input, output, params, watched


def batch_watched(rule, jobs):
    """Return the function that finds what makes several jobs of a rule anew when it changes."""

    def find(wildcards):
        return [rule.shellcmd, *(repr(parts_of(rule, **job)[3]) for job in jobs)]

    return find


def batch_resources(rule, jobs):
    """Return what a batch asks for: as its jobs, which run one after the other."""

    def most(name):
        def find(wildcards, input, attempt):
            asked = (rule.expand_resources(job, input, attempt) for job in jobs)
            return max(one[name] for one in asked)

        return find

    # Among those of a rule is what the profile says of it. Where another workflow takes one rule of
    # this one, the others have none.
    named = rule.resources or ()
    return {name: most(name) for name in ("mem_mb", "runtime") if name in named}

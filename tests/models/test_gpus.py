"""GPUs on a machine that has none: a stand-in lists two."""

import os
import signal
import subprocess
import sys
from contextlib import ExitStack

import pytest

from wildframe.models.gpus import installed_gpus, take_gpus, visible_gpus

A = "GPU-8932f937-d72c-4106-c12f-20bd9faed9f6"
B = "GPU-4fbc01a2-0000-1111-2222-333344445555"
LISTED = f"""\
GPU 0: NVIDIA H200 (UUID: {A})
  MIG 1g.18gb     Device  0: (UUID: MIG-6e5bb1c4-7b4b-5b1b-9d7c-2a8a2c1f7f0e)
GPU 1: NVIDIA H200 (UUID: {B})
"""
TAKE = """
import os
from wildframe.models.gpus import take_gpus
gpu = take_gpus()
assert take_gpus() == gpu == os.environ["CUDA_VISIBLE_DEVICES"]
print(gpu, flush=True)
input()
"""
# What takes the place of the process is told by a stand-in.
SHARE = """
import sys
from wildframe.models.clips.start import start_processes
sys.executable = sys.argv[1]
start_processes(2, "auto")
"""


@pytest.fixture
def two_gpus(tmp_path, monkeypatch):
    """Put a driver's tool that lists two GPUs first in the path; locks are in a new folder."""
    tool = tmp_path / "nvidia-smi"
    tool.write_text(f"#!/bin/sh\ncat <<'.'\n{LISTED}.\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)


def test_gpus_are_those_that_the_driver_lists(two_gpus):
    assert installed_gpus() == [A, B]


@pytest.mark.parametrize(
    ("asked", "gpus"),
    [
        (None, {"0": A, "1": B}),
        ("1", {"1": B}),
        ("1,0", {"1": B, "0": A}),
        (f"{B}, GPU-8932", {B: B, "GPU-8932": A}),
        ("MIG-6e5bb1c4", {"MIG-6e5bb1c4": "MIG-6e5bb1c4"}),
        ("0,2,1", {"0": A}),
        ("0,-1,1", {"0": A}),
        ("", {}),
        ("NoDevFiles", {}),
    ],
)
def test_visible_gpus_are_those_that_cuda_would_show(asked, gpus):
    assert visible_gpus(asked, [A, B]) == gpus


def test_a_command_on_the_cpu_takes_none(two_gpus, tmp_path):
    from wildframe.models.device import set_up_torch

    set_up_torch("cpu", 1)
    assert "CUDA_VISIBLE_DEVICES" not in os.environ
    assert list(tmp_path.glob("wildframe-gpu-*")) == []


def start(stack, program, *words):
    """Start a program, and return its process and the first lines that it prints."""
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    command = [sys.executable, "-c", program, *words]
    process = stack.enter_context(subprocess.Popen(command, text=True, **pipes))
    stack.callback(process.kill)
    return process, process.stdout.readline().strip(), process.stderr.readline().strip()


def test_each_process_takes_another_gpu_and_leaves_it_when_it_is_killed(two_gpus):
    with ExitStack() as stack:

        def take():
            return start(stack, TAKE)

        first, gpu, said = take()
        assert (gpu, said) == ("0", "GPU 0")
        assert take()[1:] == ("1", "GPU 1")
        shared = "GPU 0, shared with 1 more: all 2 GPUs are taken"
        third, *answer = take()
        assert answer == ["0", shared]
        third.kill()
        third.wait()
        first.send_signal(signal.SIGKILL)
        first.wait()
        assert take()[1:] == ("0", "GPU 0")


def test_trainings_that_share_steps_take_gpus_of_their_own_until_they_end(two_gpus, tmp_path):
    (tmp_path / "nvidia-smi").write_text(
        '#!/bin/sh\nfor n in 0 1 2 3; do echo "GPU $n: H200 (UUID: GPU-00$n)"; done\n'
    )
    torchrun = tmp_path / "torchrun"
    torchrun.write_text("#!/bin/sh\necho $CUDA_VISIBLE_DEVICES $4\nread line\n")
    torchrun.chmod(0o755)
    with ExitStack() as stack:
        single = start(stack, TAKE)
        assert single[1] == "0"
        first = start(stack, SHARE, torchrun)
        assert first[1:] == ("1,2 --nproc-per-node=2", "GPU 1,2")
        shared = "GPU 3,0, shared with 1 more: all 4 GPUs are taken"
        assert start(stack, SHARE, torchrun)[1:] == ("3,0 --nproc-per-node=2", shared)
        first[0].kill()
        first[0].wait()
        assert start(stack, SHARE, torchrun)[2] == "GPU 1,2"


@pytest.mark.parametrize("asked", ["1", "", "7"])
def test_where_there_is_no_choice_nothing_changes(two_gpus, monkeypatch, tmp_path, asked):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", asked)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert take_gpus() is None
    assert list(tmp_path.glob("wildframe-gpu-*")) == []

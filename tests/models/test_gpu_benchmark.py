"""The benchmark of GPUs runs: on the CPU, on a toy."""

import re
from typing import get_args

import pytest
import torch

from wildframe.core.choices import InferencePrecision


@pytest.fixture
def benchmark(project, monkeypatch):
    monkeypatch.syspath_prepend(str(project / "benchmarks"))
    import gpu

    return gpu


def test_a_toy_is_equal_to_itself_and_measured(benchmark, capsys):
    toy = "--device cpu --models test_resnet --images 6 --size 64 --batch-size 4"
    benchmark.main(toy.split())
    printed = capsys.readouterr().out
    measured = [*get_args(InferencePrecision), "training", "training"]
    assert re.findall(r"test_resnet (\w+):", printed) == measured
    assert float(re.search(r"fp32: logits within (\S+) of", printed)[1]) < 1e-5
    assert len(re.findall(r"[\d.]+ images/s, no GPU", printed)) == 4
    loss, reference = re.search(r"loss ([\d.]+), on the CPU ([\d.]+)", printed).groups()
    assert loss == reference


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has the device")
def test_without_a_gpu_it_says_so(benchmark, capsys):
    benchmark.main([])
    assert capsys.readouterr().out == "There is no CUDA device here: nothing was measured.\n"

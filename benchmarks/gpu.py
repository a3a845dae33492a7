"""Prediction and training on a GPU: equality with the CPU, images a second, utilisation.

    python benchmarks/gpu.py        # under four minutes on one GPU
    python benchmarks/gpu.py --device cpu --models resnet18 --images 8 --size 64    # does it run?

Weights and images are random. Logits are compared with the CPU's in float32, as shares of their
range; a model fails whose difference is above `TOLERANCES`. The exit status is 1 then.
"""

import argparse
import copy
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import get_args

import numpy as np

from wildframe.core.allocator import keep_freed_memory
from wildframe.core.choices import InferencePrecision
from wildframe.frames.preprocessing import Crop
from wildframe.models.device import set_up_torch
from wildframe.models.schedule import Schedule
from wildframe.models.zoo import ZooEntry

MODELS = ["resnet50", "convnext_large", "vit_large_patch16_224"]
TOLERANCES: dict[InferencePrecision, float] = {"fp32": 1e-4, "tf32": 5e-3, "bf16": 5e-2}
"""Largest difference of a logit, as a share of the range of all logits."""
LOSS_TOLERANCE = 0.02
"""Largest difference of the loss of an epoch, as a share: training is in mixed precision."""
COMPARED = 8
SCHEDULE = Schedule(
    seed=0,
    epochs=1,
    schedule="exponential",
    patience=1,
    batch_size=64,
    warmup_epochs=0,
    warmup_lr=1e-4,
    lr=1e-4,
    decay=0.8,
    momentum=0.9,
    nesterov=False,
    weight_decay=0,
    label_smoothing=0,
    smallest_crop=1,
    flip=0.5,
    color_jitter=0.4,
    noise=None,
    learn="first",
)


class Repeated(Sequence[Crop]):
    """So many images, of which 64 differ."""

    def __init__(self, count: int, size: int) -> None:
        rng = np.random.default_rng(0)
        self.count = count
        self.pixels = rng.integers(0, 256, (min(count, 64), size, size, 3), dtype=np.uint8)

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, position: int) -> Crop:
        if position >= self.count:
            raise IndexError(position)
        return str(position), "", self.pixels[position % len(self.pixels)]


@contextmanager
def utilisation(device: str) -> Iterator[Callable[[], str]]:
    """Yield what tells the mean utilisation of the GPU during the block, in words."""
    if device == "cpu":
        yield lambda: "no GPU"
        return
    query = ["nvidia-smi", "--query-gpu=utilization.gpu", "--format=csv,noheader,nounits"]
    with subprocess.Popen([*query, "-lms", "100"], stdout=subprocess.PIPE, text=True) as sampler:

        def mean() -> str:
            sampler.terminate()
            samples = [int(line) for line in sampler.communicate()[0].split() if line.isdecimal()]
            return f"GPU {np.mean(samples):.0f} % busy" if samples else "utilisation unknown"

        yield mean
        sampler.terminate()


def measure(count: int, device: str, work: Callable[[], object]) -> str:
    """Return images a second of some work, and the utilisation meanwhile, in words."""
    with utilisation(device) as busy:
        start = time.perf_counter()
        work()
        seconds = time.perf_counter() - start
        return f"{count / seconds:.0f} images/s, {busy()}"


def examine(name: str, given: argparse.Namespace) -> bool:
    """Print what a model costs, and tell whether it is equal to the CPU's within tolerances."""
    import timm
    import torch

    from wildframe.models.examples import Examples
    from wildframe.models.inputs import normalize
    from wildframe.models.training import Trainer
    from wildframe.predictions.inference import Inference
    from wildframe.predictions.predict import predict

    torch.manual_seed(0)
    entry = ZooEntry(name=name, checkpoint=name, architecture=name, input_size=given.size)
    model = timm.create_model(name).eval()
    images = Repeated(given.images, given.size)
    few = images.pixels[:COMPARED]
    cpu = torch.device("cpu")
    with torch.inference_mode():
        expected = model(normalize(few, entry, cpu)).numpy()
    is_equal = True
    for precision in get_args(InferencePrecision):
        device = set_up_torch(given.device, torch.get_num_threads(), precision)
        moved = copy.deepcopy(model).to(device, memory_format=torch.channels_last)
        inference = Inference(entry, moved, device, given.batch_size, {}, precision)
        found = np.concatenate([one.logits for one in inference.predicted(images)])[: len(few)]
        difference = np.abs(found - expected).max() / np.ptp(expected)
        same = int((found.argmax(1) == expected.argmax(1)).sum())
        is_equal &= bool(difference <= TOLERANCES[precision])
        with tempfile.TemporaryDirectory() as folder:
            output = Path(folder) / "predictions.parquet"
            # The pass above has warmed everything up.
            again = partial(predict, inference, images, output, {})
            speed = measure(len(images), given.device, again)
        print(
            f"{name} {precision}: logits within {difference:.1e} of their range "
            f"(tolerance {TOLERANCES[precision]:.0e}), top-1 of {same} of {len(few)}; {speed}",
            flush=True,
        )
    device = set_up_torch(given.device, torch.get_num_threads())
    learnt = Examples([*images.pixels], [[n % 10] for n in range(len(images.pixels))])
    trainer = Trainer(entry, copy.deepcopy(model), SCHEDULE, device)
    if name == MODELS[0] or given.device == "cpu":
        reference = Trainer(entry, copy.deepcopy(model), SCHEDULE, cpu)
        first, other = (one.train(learnt, 1, 1e-4) for one in (trainer, reference))
        difference = abs(first - other) / other
        is_equal &= difference <= LOSS_TOLERANCE
        print(f"{name} training: loss {first:.4f}, on the CPU {other:.4f}", flush=True)
    repeats = max(1, len(images) // len(learnt) // 4)

    def train() -> None:
        for epoch in range(repeats):
            trainer.train(learnt, epoch + 2, 1e-4)

    print(f"{name} training: {measure(repeats * len(learnt), given.device, train)}", flush=True)
    return is_equal


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure all models."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--models", nargs="+", default=MODELS)
    parser.add_argument("--images", type=int, default=4096)
    parser.add_argument("--size", type=int, default=224)
    parser.add_argument("--batch-size", type=int, default=128)
    given = parser.parse_args(arguments)
    keep_freed_memory()
    import torch

    if given.device != "cpu" and not torch.cuda.is_available():
        print("There is no CUDA device here: nothing was measured.")
        return
    equal = [examine(name, given) for name in given.models]
    if not all(equal):
        sys.exit("a model is not equal to that on the CPU within the tolerances")


if __name__ == "__main__":
    main()

"""Our SGD takes the steps of torch's."""

import torch

from wildframe.models.clips.sgd import Sgd


def model():
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.BatchNorm1d(3))


def test_steps_are_those_of_torch_and_only_matrices_decay():
    ours, theirs = model(), model()
    sgd = Sgd(ours, weight_decay=0.1)
    matrices = [each for each in theirs.parameters() if each.ndim > 1]
    others = [each for each in theirs.parameters() if each.ndim <= 1]
    groups = [{"params": matrices, "weight_decay": 0.1}, {"params": others}]
    optimizer = torch.optim.SGD(groups, lr=1, momentum=0.9, nesterov=True)
    for step, rate in enumerate((0.5, 0.1, 0.2)):
        data = torch.randn(8, 4, generator=torch.Generator().manual_seed(step))
        for each in (ours, theirs):
            (each(data) - data[:, :3]).square().mean().backward()
        sgd.step(rate)
        for group in optimizer.param_groups:
            group["lr"] = rate
        optimizer.step()
        optimizer.zero_grad()
        for own, their in zip(ours.parameters(), theirs.parameters(), strict=True):
            torch.testing.assert_close(own, their)
            assert own.grad is None


def test_a_weight_without_a_gradient_stays():
    own = model()
    before = own[0].weight.clone()
    Sgd(own, weight_decay=0.1).step(1)
    assert torch.equal(own[0].weight, before)

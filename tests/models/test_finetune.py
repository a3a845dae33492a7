"""Fine-tuning on made-up images: the recipe, what is kept, and that a kill changes nothing."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load_file
from timm.scheduler import CosineLRScheduler
from torchvision.models import GoogLeNetOutputs

from wildframe.core.errors import UserError
from wildframe.core.schemas import TRAINING
from wildframe.core.tables import read_table
from wildframe.models import finetune as module
from wildframe.models import zoo_entry
from wildframe.models.examples import Examples, Parts
from wildframe.models.schedule import Schedule, best_epoch
from wildframe.models.state import StateFile
from wildframe.models.training import Trainer, augment

CPU = torch.device("cpu")
ENTRY = zoo_entry("squeezenet1_1@64")
PAPER = Schedule(
    seed=0,
    epochs=50,
    schedule="exponential",
    patience=5,
    batch_size=128,
    warmup_epochs=3,
    warmup_lr=1e-4,
    lr=5e-2,
    decay=0.1,
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
TIMM = replace(
    PAPER,
    schedule="cosine",
    nesterov=True,
    weight_decay=2e-5,
    label_smoothing=0.1,
    smallest_crop=0.08,
)
QUICK = replace(
    PAPER, seed=1, epochs=5, batch_size=4, warmup_epochs=1, warmup_lr=1e-3, lr=0.05, decay=0.9
)
PLATEAU = replace(PAPER, schedule="plateau", epochs=10, patience=2, warmup_epochs=0, lr=1e-3)


def history(*successes):
    return [
        {"epoch": epoch, "successes": correct, "n": 10} for epoch, correct in enumerate(successes)
    ]


def rates(schedule, *successes):
    """Return the learning rate of each epoch, and of the one that would come next."""
    rows = history(*successes)
    return [schedule.learning_rate(rows[:epoch]) for epoch in range(1, len(rows) + 1)]


def test_the_papers_learning_rates():
    assert rates(PAPER, 0, 9, 0, 9, 0, 9) == pytest.approx([1e-4, 1e-4, 1e-4, 5e-2, 5e-3, 5e-4])
    assert rates(replace(PAPER, warmup_epochs=0), 0) == [5e-2]


def test_timms_learning_rates():
    model = torch.nn.Linear(1, 1)
    optimizer = torch.optim.SGD(model.parameters(), PAPER.lr)
    timms = CosineLRScheduler(optimizer, 50, lr_min=1e-6, warmup_t=3, warmup_lr_init=1e-4)
    expected = [timms._get_lr(epoch)[0] for epoch in range(50)]
    assert rates(TIMM, *range(50)) == pytest.approx(expected)
    assert expected[:2] == pytest.approx([1e-4, 1e-4 + (5e-2 - 1e-4) / 3])
    assert rates(replace(TIMM, warmup_epochs=0), 0) == [5e-2]


def test_both_recipes_stop_early():
    for schedule in (PAPER, TIMM):
        assert schedule.is_over(history(0, 5, 4, 4, 4, 4, 4))
        assert not schedule.is_over(history(0, 5, 4, 4, 4, 4))


def test_on_a_plateau_the_learning_rate_falls():
    # Patience bears two epochs without a better one; the third makes a plateau. The model before
    # training is no epoch.
    assert rates(PLATEAU, 9, 4, 4, 3, 4) == pytest.approx([1e-3] * 4 + [1e-4])
    # Then it starts counting again, and against the best epoch there was.
    assert rates(PLATEAU, 9, 4, 4, 3, 4, 4, 4, 4) == pytest.approx([1e-3] * 4 + [1e-4] * 3 + [1e-5])
    # A better epoch sets the count back.
    assert rates(PLATEAU, 0, 4, 4, 3, 5, 4, 4, 4) == pytest.approx([1e-3] * 7 + [1e-4])


def test_a_warm_up_is_no_part_of_a_plateau():
    warm = replace(PLATEAU, warmup_epochs=2, patience=1)
    assert rates(warm, 0, 9, 9, 4, 4, 4) == pytest.approx([1e-4, 1e-4, 1e-3, 1e-3, 1e-3, 1e-4])


def test_on_a_plateau_schedule_all_epochs_are_trained():
    assert not PLATEAU.is_over(history(*[5] * 10))
    assert PLATEAU.is_over(history(*[5] * 11))


def test_of_equal_epochs_the_first_is_best_and_never_the_model_before():
    assert best_epoch(history(9, 3, 5, 5, 4)) == 2
    assert best_epoch(history(9, 0)) == 1


def test_training_ends_when_none_was_better_for_long_enough():
    impatient = replace(PAPER, epochs=9, patience=2)
    assert not impatient.is_over(history(7))
    assert not impatient.is_over(history(7, 5, 4))
    assert impatient.is_over(history(7, 5, 4, 5))
    assert not impatient.is_over(history(7, 5, 4, 6))
    assert impatient.is_over(history(*range(10)))
    assert not impatient.is_over(history(*range(9)))


@given(st.lists(st.integers(0, 5), min_size=2, max_size=20))
def test_the_best_epoch_is_reached_by_none_before_and_passed_by_none(successes):
    best = best_epoch(history(*successes))
    assert successes[best] == max(successes[1:])
    assert successes[best] not in successes[1:best]


def noise(count=6, side=8):
    pixels = np.random.default_rng(0).integers(0, 256, (count, 3, side, side), dtype=np.uint8)
    return torch.from_numpy(pixels)


def test_images_are_flipped_as_often_as_asked():
    images = noise(400, side=2)
    assert torch.equal(augment(images, 0, 0), images)
    assert torch.equal(augment(images, 1, 0), images.flip(-1))
    torch.manual_seed(0)
    same = (augment(images, 0.25, 0) == images).flatten(1).all(1).sum()
    # Three standard deviations of 400 draws are 26.
    assert 274 <= same <= 326


def test_random_crops_are_parts_of_the_image_at_its_size():
    ramp = torch.arange(64, dtype=torch.uint8).expand(200, 3, 64, 64)
    assert torch.equal(augment(ramp, 0, 0, 1), ramp)
    torch.manual_seed(0)
    cropped = augment(ramp, 0, 0, 0.08)
    assert cropped.shape == ramp.shape
    # Columns rise by one in the image: in a crop by its share of the width, down to that of an
    # area of 8 % that is three wide for four high.
    widths = (cropped[:, 0, 0, -1] - cropped[:, 0, 0, 0] + 1) / 64
    assert (0.08 * 3 / 4) ** 0.5 - 0.04 < widths.min() < 0.4
    assert 0.8 < widths.max() <= 1


def test_colours_change_by_at_most_the_factor():
    torch.manual_seed(0)
    # Contrast and saturation leave a grey image as it is, but for a step of rounding each.
    grey = torch.full((200, 3, 4, 4), 100, dtype=torch.uint8)
    changed = augment(grey, 0.5, 0.4)
    assert changed.dtype == torch.uint8
    values = changed[:, 0, 0, 0]
    assert (changed == values.view(-1, 1, 1, 1)).all()
    assert 57 <= values.min() < 65
    assert 135 < values.max() <= 140
    coloured = noise()
    assert not torch.equal(augment(coloured, 0, 0.4), coloured)


class Stub(torch.nn.Module):
    """Two classes out of mean colours, with all that makes training hard to repeat."""

    def __init__(self):
        super().__init__()
        self.convolution = torch.nn.Conv2d(3, 8, 3, stride=2)
        self.norm = torch.nn.BatchNorm2d(8)
        self.dropout = torch.nn.Dropout(0.2)
        self.head = torch.nn.Linear(8, 3)
        self.batches = []

    def forward(self, images):
        if self.training:
            self.batches.append(images.detach().clone())
        hidden = self.norm(self.convolution(images)).relu().mean((2, 3))
        return self.head(self.dropout(hidden))


def stub():
    torch.manual_seed(7)
    return Stub()


def examples(count, seed):
    """Reddish images are of class 0, bluish ones of class 2 and also of 1."""
    rng = np.random.default_rng(seed)
    pixels, labels = [], []
    for number in range(count):
        image = rng.integers(0, 150, (16, 16, 3), dtype=np.uint8)
        image[..., 2 if number % 2 else 0] += 100
        pixels.append(image)
        labels.append([2, 1] if number % 2 else [0])
    return Examples(pixels, labels)


PARTS = Parts(examples(9, 0), examples(10, 1), "in1k", 3)


def test_an_epoch_shows_each_image_once_in_batches_of_about_equal_size():
    model = stub()
    trainer = Trainer(ENTRY, model, replace(QUICK, flip=0, color_jitter=0), CPU)
    for epoch in (1, 2):
        trainer.train(PARTS.train, epoch, 0.05)
    assert [len(batch) for batch in model.batches] == [3, 3, 3, 3, 3, 3]
    seen = torch.cat(model.batches).flatten(1).tolist()
    assert len({tuple(one) for one in seen[:9]}) == 9
    assert seen[:9] != seen[9:]
    assert sorted(seen[:9]) == sorted(seen[9:])


def test_the_first_label_is_learnt_and_any_of_them_is_right():
    trainer = Trainer(ENTRY, stub(), QUICK, CPU)
    with torch.no_grad():
        trainer.model.head.weight.zero_()
        trainer.model.head.bias.copy_(torch.tensor([0.0, 1.0, 0.5]))
    assert trainer.evaluate(PARTS.val) == 5
    for epoch in range(1, 20):
        loss = trainer.train(PARTS.train, epoch, 0.05 * 0.9**epoch)
    assert trainer.evaluate(PARTS.val) == 10
    assert loss < 0.2
    firsts = Examples(PARTS.val.pixels, [labels[:1] for labels in PARTS.val.labels])
    assert trainer.evaluate(firsts) == 10


def test_auxiliary_classifiers_are_not_trained():
    class Auxiliary(Stub):
        def forward(self, images):
            logits = super().forward(images)
            return GoogLeNetOutputs(logits, -logits, -logits) if self.training else logits

    losses = []
    for kind in (Stub, Auxiliary):
        torch.manual_seed(7)
        trainer = Trainer(ENTRY, kind(), QUICK, CPU)
        losses.append([trainer.train(PARTS.train, epoch, 0.05) for epoch in (1, 2)])
    assert losses[0] == losses[1]


def test_kept_weights_know_the_versions_of_layers(tmp_path):
    trainer, state_file = Trainer(ENTRY, stub(), QUICK, CPU), StateFile(tmp_path / "a", {})
    state_file.write(trainer.state())
    versions = trainer.model.state_dict()._metadata
    assert versions["norm"] == {"version": 2}
    assert state_file.read()["weights"]._metadata == versions


def test_seeds_and_epochs_are_random_and_repeat():
    def loss(seed, epoch):
        trainer = Trainer(ENTRY, stub(), replace(QUICK, seed=seed), CPU)
        return trainer.train(PARTS.train, epoch, 0.05)

    assert loss(0, 1) == loss(0, 1)
    assert len({loss(seed, epoch) for seed in (0, 1) for epoch in (0, 1, 2)}) == 6


def after_one_step(**changes):
    """Return the weights after one step, and its loss."""
    schedule = replace(QUICK, batch_size=9, flip=0, color_jitter=0, **changes)
    trainer = Trainer(ENTRY, stub(), schedule, CPU)
    loss = trainer.train(PARTS.train, 1, 0.1)
    return trainer.weights(), loss


def test_weights_decay_and_biases_and_norms_do_not():
    before = stub().state_dict()
    plain, decayed = (after_one_step(weight_decay=decay)[0] for decay in (0, 0.5))
    for name in ("convolution.weight", "head.weight"):
        difference = plain[name] - decayed[name]
        torch.testing.assert_close(difference, 0.1 * 0.5 * before[name], rtol=1e-3, atol=1e-6)
    for name in ("convolution.bias", "norm.weight", "norm.bias", "head.bias"):
        assert torch.equal(plain[name], decayed[name])


def test_a_smoothed_label_is_in_part_of_every_class():
    # Wholly smoothed, labels say nothing, and no model is better than one that guesses.
    assert after_one_step(label_smoothing=1)[1] >= np.log(3)
    assert after_one_step(label_smoothing=0.1)[1] != after_one_step()[1]


def test_nesterovs_momentum_looks_ahead():
    before = stub().state_dict()["head.bias"]
    plain, ahead = (after_one_step(nesterov=n)[0]["head.bias"] for n in (False, True))
    torch.testing.assert_close(ahead - before, 1.9 * (plain - before), rtol=1e-3, atol=1e-6)


def test_training_that_diverges_is_named():
    trainer = Trainer(ENTRY, stub(), QUICK, CPU)
    with pytest.raises(UserError, match=r"squeezenet1_1@64: training diverged .* lower the lr"):
        trainer.train(PARTS.train, 1, float("inf"))


def test_training_that_diverges_is_named_though_no_weight_changes():
    trainer = Trainer(ENTRY, stub(), QUICK, CPU)
    # As on CUDA, where steps of gradients that are not finite are skipped.
    trainer._scaler = torch.amp.GradScaler("cpu")
    trainer.model.head.register_forward_hook(lambda *shown: torch.nan * shown[-1])
    with pytest.raises(UserError, match=r"squeezenet1_1@64: training diverged .* lower the lr"):
        trainer.train(PARTS.train, 1, 0.1)
    assert all(value.isfinite().all() for value in trainer.model.state_dict().values())


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Return a function that trains the stub and returns the bytes of weights and the history."""
    monkeypatch.setattr(module, "load_to_train", lambda *arguments: stub())

    def train(name, schedule=QUICK, parts=PARTS, threads=1):
        folder = tmp_path / name
        output, table = folder / "weights.safetensors", folder / "history.parquet"
        module.finetune(
            ENTRY, tmp_path, parts, schedule, output, table, device_name="cpu", threads=threads
        )
        assert sorted(folder.iterdir()) == [table, output]
        return output.read_bytes(), read_table(table, TRAINING).to_pylist()

    return train


@pytest.fixture
def killed(run, monkeypatch):
    """Return a function that is stopped in an epoch of its training."""

    def train(name, epoch, **settings):
        original = Trainer.train

        def stop(self, examples, number, rate):
            if number == epoch:
                original(self, examples, number, rate)
                raise KeyboardInterrupt
            return original(self, examples, number, rate)

        with monkeypatch.context() as patch:
            patch.setattr(Trainer, "train", stop)
            with pytest.raises(KeyboardInterrupt):
                run(name, **settings)

    return train


def test_the_best_epochs_weights_are_kept(run, tmp_path):
    _, rows = run("straight", replace(QUICK, epochs=12, patience=12))
    assert [row["epoch"] for row in rows] == list(range(13))
    assert rows[0]["learning_rate"] is None
    assert rows[0]["train_loss"] is None
    assert [row["learning_rate"] for row in rows[1:4]] == pytest.approx([1e-3, 0.05, 0.045])
    assert {row["n"] for row in rows} == {10}
    assert {row["lr"] for row in rows} == {0.05}
    (best,) = [row for row in rows if row["best"]]
    assert best["epoch"] == best_epoch(rows) < 12
    assert rows[0]["successes"] < best["successes"]
    trainer = Trainer(ENTRY, stub(), QUICK, CPU)
    trainer.model.load_state_dict(load_file(tmp_path / "straight/weights.safetensors"))
    assert trainer.evaluate(PARTS.val) == best["successes"]
    # The same number of correct images can be had by other weights: these are that epoch's.
    again = Trainer(ENTRY, stub(), replace(QUICK, epochs=12), CPU)
    for epoch in range(1, best["epoch"] + 1):
        again.train(PARTS.train, epoch, rows[epoch]["learning_rate"])
    assert all(
        torch.equal(value, trainer.model.state_dict()[key])
        for key, value in again.model.state_dict().items()
    )


def test_patience_ends_training(run):
    # Nothing is learnt: the first epoch stays the best.
    still = replace(QUICK, warmup_epochs=9, warmup_lr=1e-12, patience=2, epochs=9)
    _, rows = run("still", still)
    assert [row["best"] for row in rows] == [False, True, False, False]


def test_a_killed_training_on_a_plateau_continues_with_its_learning_rate(run, killed):
    # Nothing is learnt, so that every epoch after the first is on the plateau.
    still = replace(PLATEAU, epochs=6, patience=1, lr=1e-6, decay=0.5)
    straight = run("straight", still)
    assert [row["learning_rate"] for row in straight[1][1:]] == pytest.approx(
        [1e-6, 1e-6, 1e-6, 5e-7, 5e-7, 2.5e-7], abs=0
    )
    killed("killed", 5, schedule=still)
    assert run("killed", still) == straight


def test_noise_is_added_to_half_of_the_images():
    model = stub()
    plain = replace(QUICK, flip=0, color_jitter=0, batch_size=400)
    bright = [np.full((16, 16, 3), 200, np.uint8)] * 400
    images = Examples(bright, [[0]] * 400)
    Trainer(ENTRY, model, replace(plain, noise="impulse_noise"), CPU).train(images, 1, 0.05)
    (batch,) = model.batches
    same = (batch.flatten(1).std(1) == batch.flatten(1).std(1).min()).sum()
    # Three standard deviations of 400 draws are 30.
    assert 170 <= same <= 230


@pytest.mark.parametrize("epoch", [1, 2, 5])
def test_a_killed_training_continues_and_ends_with_the_same_bits(run, killed, epoch, capsys):
    straight = run("straight")
    killed("killed", epoch)
    capsys.readouterr()
    assert run("killed") == straight
    printed = capsys.readouterr().out
    assert ("training continues after epoch" in printed) == (epoch > 1)
    assert (f"continues after epoch {epoch - 1}\n" in printed) == (epoch > 1)
    assert "epoch 1:" not in printed or epoch == 1


def test_a_training_killed_before_it_wrote_its_results_only_writes_them(run, monkeypatch, capsys):
    straight = run("straight")
    with monkeypatch.context() as patch:

        def stop(*arguments):
            raise KeyboardInterrupt

        patch.setattr(module, "save", stop)
        with pytest.raises(KeyboardInterrupt):
            run("killed")
    capsys.readouterr()
    assert run("killed") == straight
    assert "loss" not in capsys.readouterr().out


@pytest.mark.parametrize(
    "change",
    [
        {"schedule": replace(QUICK, lr=0.04)},
        {"schedule": replace(QUICK, epochs=4)},
        {"schedule": replace(QUICK, noise="contrast")},
        {"threads": 2},
        {"parts": replace(PARTS, train=PARTS.val, val=PARTS.train)},
        {"parts": replace(PARTS, val=Examples(PARTS.val.pixels, [[0]] * 10))},
    ],
    ids=["rate", "epochs", "noise", "threads", "images", "labels"],
)
def test_a_state_of_other_settings_or_inputs_is_not_used(run, killed, change, capsys):
    killed("other", 3)
    other = run("other", **change)
    assert "of other settings, inputs, device or code" in capsys.readouterr().out
    assert other == run("straight", **change)


@pytest.mark.parametrize("damage", ["empty", "cut", "flipped", "torn header"])
def test_a_damaged_state_is_not_used(run, killed, damage, tmp_path, capsys):
    killed("damaged", 3)
    state = tmp_path / "damaged/.weights.safetensors.state"
    content = bytearray(state.read_bytes())
    if damage == "empty":
        content.clear()
    elif damage == "cut":
        del content[len(content) // 2 :]
    elif damage == "flipped":
        content[len(content) // 2] ^= 1
    else:
        del content[:10]
    state.write_bytes(content)
    assert run("damaged") == run("straight")
    assert "damaged; training starts from the beginning" in capsys.readouterr().out

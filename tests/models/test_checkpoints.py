"""Weights files of the user's own: what is unwrapped, what is refused, what does not fit."""

import argparse
import contextlib
import pickle
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from wildframe.core.errors import UserError
from wildframe.models.checkpoints import head_sizes, read_checkpoint, require_fit, with_counters

STATE = {"fc.weight": torch.ones(3, 2), "fc.bias": torch.zeros(3)}


def loaded(path):
    return read_checkpoint(path)[1]


def read(folder, content):
    torch.save(content, folder / "a.pth")
    return loaded(folder / "a.pth")


def is_state(found):
    return found.keys() == STATE.keys() and all(
        torch.equal(found[key], STATE[key]) for key in STATE
    )


@pytest.mark.parametrize("prefix", ["", "module.", "_orig_mod.", "module._orig_mod."])
@pytest.mark.parametrize("wrapper", [None, "state_dict_ema", "state_dict", "model", "model_state"])
def test_what_training_scripts_wrap_around_weights_is_taken_off(tmp_path, prefix, wrapper):
    state = {prefix + key: value for key, value in STATE.items()}
    # timm saves its arguments, too.
    others = {"epoch": 3, "args": argparse.Namespace(lr=0.1), "optimizer": {"state": {}}}
    assert is_state(read(tmp_path, state if wrapper is None else others | {wrapper: state}))


@pytest.mark.parametrize(
    ("raw", "averaged", "prefix"),
    [("state_dict", "state_dict_ema", ""), ("model", "model_ema", "module.")],
)
def test_averaged_weights_come_first_and_are_named(tmp_path, raw, averaged, prefix):
    # The second is torchvision's script: torch's AveragedModel, which counts its steps.
    state = {f"{prefix}{key}": value for key, value in STATE.items()}
    state["n_averaged"] = torch.ones(())
    other = {key: value + 1 for key, value in STATE.items()}
    assert is_state(read(tmp_path, {raw: other, averaged: state}))
    path = tmp_path / "a.pth"
    assert read_checkpoint(path)[0] == f"{path} ({averaged})"
    for absent in (None, {}, {"module": state, "updates": 3}):
        assert not is_state(read(tmp_path, {raw: other, averaged: absent}))
        assert read_checkpoint(path)[0] == f"{path} ({raw})"


def test_safetensors_are_read(tmp_path):
    save_file({f"module.{key}": value for key, value in STATE.items()}, tmp_path / "a.safetensors")
    assert is_state(loaded(tmp_path / "a.safetensors"))


class Malicious:
    """Writes a file when it is unpickled."""

    def __init__(self, marker):
        self.marker = marker

    def __reduce__(self):
        return Path.touch, (self.marker,)


def test_a_pickle_that_runs_code_is_refused_and_runs_nothing(tmp_path):
    marker = tmp_path / "ran"
    content = STATE | {"x": Malicious(marker)}
    with pytest.raises(UserError, match=r"a\.pth: refused: it holds more than weights") as told:
        read(tmp_path, content)
    assert "\n" not in str(told.value)
    assert not marker.exists()
    pickle.loads(pickle.dumps(content["x"]))
    assert marker.exists()


@pytest.mark.parametrize(
    "content", [{}, {"epoch": 1}, [1, 2], {"model": {"a": 1}}, {0: torch.zeros(1)}]
)
def test_a_file_without_weights_is_refused(tmp_path, content):
    with pytest.raises(UserError, match=r"a\.pth: holds no weights: tensors by name"):
        read(tmp_path, content)


@pytest.mark.filterwarnings("ignore::UserWarning")  # both are prototypes, or deprecated
@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("sparse", torch.Tensor.to_sparse),
        ("sparse", torch.Tensor.to_sparse_csr),
        ("quantized", lambda value: torch.quantize_per_tensor(value, 0.1, 0, torch.qint8)),
        ("nested", lambda value: torch.nested.nested_tensor([*value])),
        ("complex", lambda value: value.to(torch.complex64)),
        ("without its values", lambda value: value.to("meta")),
    ],
)
def test_a_tensor_that_is_not_plain_is_named(tmp_path, kind, change):
    state = STATE | {"module.fc.weight": change(STATE["fc.weight"])}
    with pytest.raises(
        UserError, match=rf"a\.pth \(model\): module\.fc\.weight is {kind}; save .* as plain float"
    ):
        read(tmp_path, {"model": state})


@pytest.mark.parametrize("name", ["a.pth", "a.safetensors"])
def test_a_damaged_file_is_refused(tmp_path, name):
    (tmp_path / name).write_bytes(b"PK\x03\x04 and nothing else")
    with pytest.raises(UserError, match=rf"{name}: not a sound"):
        read_checkpoint(tmp_path / name)


def test_a_flipped_byte_of_a_weight_is_found_and_its_part_of_the_file_named(tmp_path):
    path = tmp_path / "a.pth"
    torch.save({"fc.weight": torch.full((3, 2), 0.7), "fc.bias": torch.zeros(3)}, path)
    content = bytearray(path.read_bytes())
    content[content.index(torch.full((3, 2), 0.7).numpy().tobytes()) + 3] ^= 1
    path.write_bytes(content)
    assert not torch.equal(torch.load(path)["fc.weight"], torch.full((3, 2), 0.7))
    with pytest.raises(UserError, match=r"a\.pth: damaged at a/data/0: its checksum is another"):
        read_checkpoint(path)


def test_no_flipped_byte_gives_other_weights(tmp_path):
    path = tmp_path / "a.pth"
    torch.save(STATE, path)
    sound = path.read_bytes()
    for at in range(0, len(sound), 7):
        path.write_bytes(sound[:at] + bytes([sound[at] ^ 1]) + sound[at + 1 :])
        with contextlib.suppress(UserError):
            assert is_state(loaded(path))


def test_a_file_of_before_torch_1_6_is_no_zip_and_read(tmp_path):
    torch.save(STATE, tmp_path / "a.pth", _use_new_zipfile_serialization=False)
    assert is_state(loaded(tmp_path / "a.pth"))


@pytest.mark.parametrize(
    "content", ["<html>not found", "version https://git-lfs.github.com/spec/v1"]
)
def test_a_page_or_pointer_in_place_of_weights_is_no_pickle(tmp_path, content):
    (tmp_path / "a.pth").write_text(content)
    with pytest.raises(UserError, match=r"a\.pth: not a sound file of torch\.save; save it again"):
        read_checkpoint(tmp_path / "a.pth")


def test_an_absent_file_is_named(tmp_path):
    with pytest.raises(UserError, match=r"a\.pth: no such file; correct checkpoint"):
        read_checkpoint(tmp_path / "a.pth")


def test_what_is_missing_unexpected_or_of_another_shape_is_named_and_counted():
    require_fit(STATE, STATE, "mine: a.pth", "timm/net")
    given = {"fc.weight": torch.ones(3, 4), "head.weight": torch.ones(1)}
    wanted = STATE | {"fc.gamma": torch.zeros(1)}
    with pytest.raises(
        UserError,
        match=r"^mine: a\.pth does not fit timm/net: fc\.bias is missing \(first of 2\), "
        r"head\.weight is unexpected, fc\.weight has another shape; correct",
    ):
        require_fit(given, wanted, "mine: a.pth", "timm/net")


def test_counters_of_batches_that_are_absent_are_0():
    wanted = STATE | {"bn.num_batches_tracked": torch.tensor(7)}
    assert is_state(with_counters(STATE, STATE))
    assert with_counters(STATE, wanted)["bn.num_batches_tracked"].item() == 0
    assert with_counters(wanted, wanted)["bn.num_batches_tracked"].item() == 7
    assert head_sizes({key: value[:1] for key, value in STATE.items()}, wanted) == (1, 3)


def test_outputs_are_told_where_the_head_alone_is_of_another_size():
    ten = {"fc.weight": torch.ones(10, 2), "fc.bias": torch.zeros(10)}
    assert head_sizes(ten, STATE) == (10, 3)
    assert head_sizes(STATE, STATE) is None
    assert head_sizes({"fc.weight": torch.ones(10, 4), "fc.bias": torch.zeros(10)}, STATE) is None
    assert head_sizes({"fc.weight": torch.ones(10, 2), "fc.bias": torch.zeros(9)}, STATE) is None
    assert head_sizes({"fc.weight": torch.ones(10, 2)}, STATE) is None

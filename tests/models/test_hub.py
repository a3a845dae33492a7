"""Hub weights: a download that failed, and files of the cache that are damaged or others'."""

import errno
import hashlib
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from urllib.error import HTTPError, URLError

import pytest
import timm
import torch
from safetensors.torch import save_file
from torchvision.models import get_model

from wildframe.core.errors import UserError
from wildframe.models.hub import is_reachable, timm_weights, torchvision_weights

TIMM = "resnet18.tv_in1k"


@pytest.fixture(autouse=True)
def caches(tmp_path, monkeypatch):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))


@pytest.fixture
def timm_file(tmp_path):
    """Where timm's weights lie in the hub's cache, by the link that the hub keeps to them."""
    folder = tmp_path / f"models--timm--{TIMM}"
    blob = folder / "blobs" / "0123"
    link = folder / "snapshots" / "abcd" / "model.safetensors"
    for path in (blob, link, folder / "refs" / "main"):
        path.parent.mkdir(parents=True)
    (folder / "refs" / "main").write_text("abcd")
    link.symlink_to(blob)
    return blob


@pytest.fixture
def torchvision_file(tmp_path):
    """Return a function that puts a file into the cache, and gives its address and path."""
    folder = tmp_path / "hub/checkpoints"
    folder.mkdir(parents=True)

    def put(state):
        torch.save(state, folder / "new")
        digest = hashlib.sha256((folder / "new").read_bytes()).hexdigest()
        path = (folder / "new").rename(folder / f"squeezenet-{digest[:8]}.pth")
        return f"https://hub.example/{path.name}", path

    return put


def same(one, other):
    return one.keys() == other.keys() and all(torch.equal(one[key], other[key]) for key in one)


def test_timms_weights_are_taken_out_of_the_cache(timm_file):
    torch.manual_seed(5)
    expected = timm.create_model(TIMM).state_dict()
    save_file(expected, timm_file)
    assert same(timm_weights("mine", TIMM), expected)


def test_torchvisions_weights_are_taken_out_of_the_cache(torchvision_file):
    expected = get_model("squeezenet1_1", weights=None).state_dict()
    url, _ = torchvision_file(expected)
    assert same(torchvision_weights("mine", url), expected)


def test_a_damaged_file_of_timm_is_named_and_is_no_matter_of_the_network(timm_file):
    save_file(timm.create_model(TIMM).state_dict(), timm_file)
    whole = timm_file.read_bytes()
    for content in (whole[:100_000], b"not weights at all", b""):
        timm_file.write_bytes(content)
        with pytest.raises(UserError) as error:
            timm_weights("mine", TIMM)
        assert str(error.value).startswith(f"mine: {timm_file} is damaged")
        assert str(error.value).endswith("delete it and rerun")
        assert "fetched" not in str(error.value)


@pytest.mark.parametrize("change", ["another name", "another shape"])
def test_another_models_file_of_timm_is_named_with_what_differs(timm_file, change):
    state = timm.create_model(TIMM).state_dict()
    value = state.pop("layer1.0.conv1.weight")
    if change == "another shape":
        state["layer1.0.conv1.weight"] = value[:1].contiguous()
    save_file(state, timm_file)
    with pytest.raises(UserError, match=r"0123 is damaged or another.*layer1\.0\.conv1\.weight"):
        timm_weights("mine", TIMM)


@pytest.mark.parametrize("size", [0, 1000, -1])
def test_a_truncated_file_of_torchvision_is_named(torchvision_file, size):
    url, path = torchvision_file({"weight": torch.zeros(1000)})
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(UserError, match=rf"mine: .*{path.name} is damaged .*sha256.*delete it"):
        torchvision_weights("mine", url)


@pytest.mark.parametrize(
    "failure",
    [
        URLError("no route"),
        HTTPError("https://hub.example", 503, "no route", None, None),
        ConnectionResetError("no route"),
        RuntimeError("no route: invalid hash value"),
    ],
)
def test_a_failed_download_of_torchvision_is_told_with_cause_and_cache(monkeypatch, failure):
    def fail(*args, **kwargs):
        raise failure

    monkeypatch.setattr("torch.hub.download_url_to_file", fail)
    with pytest.raises(UserError, match=r"mine: .* not be fetched .*no route.*\(TORCH_HOME\)"):
        torchvision_weights("mine", "https://hub.example/squeezenet-01234567.pth")


def test_a_failed_download_of_timm_is_told_with_cause_and_cache():
    # The tests run without the hub: see conftest.py.
    with pytest.raises(UserError, match=r"mine: .* fetched \(LocalEntryNotFound.*\(HF_HOME\)"):
        timm_weights("mine", TIMM)


def test_a_full_disk_is_no_failure_of_the_network(monkeypatch):
    def fail(*args, **kwargs):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("torch.hub.download_url_to_file", fail)
    monkeypatch.setattr("huggingface_hub.hf_hub_download", fail)
    with pytest.raises(OSError, match="No space left"):
        torchvision_weights("mine", "https://hub.example/squeezenet-01234567.pth")
    with pytest.raises(OSError, match="No space left"):
        timm_weights("mine", TIMM)


def test_mistakes_of_the_program_pass_as_they_are(monkeypatch):
    monkeypatch.setattr("torch.hub.download_url_to_file", lambda *_args, **_kwargs: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        torchvision_weights("mine", "https://hub.example/squeezenet-01234567.pth")


def test_a_hub_is_reachable_if_it_answers_at_all(monkeypatch):
    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:  # which refuses HEAD
        address = f"http://127.0.0.1:{server.server_port}"
        assert not is_reachable(address)  # tests are offline
        is_reachable.cache_clear()
        monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
        answer = Thread(target=server.handle_request)
        answer.start()
        assert is_reachable(address)
        answer.join()
    is_reachable.cache_clear()
    assert not is_reachable(address)
    is_reachable.cache_clear()

"""A function of the user's own: how it is found, called and checked."""

import hashlib
import sys

import pytest
import torch

from wildframe.core.errors import UserError
from wildframe.models.frameworks import FRAMEWORKS
from wildframe.models.settings import source_file

CODE = """
import torch

def dark(images):
    brightness = images.mean((1, 2, 3))
    return 10 * torch.stack([1 - brightness, brightness], 1)

def {name}(images):
    return {result}
"""


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Return a function that writes a module of its own name, and gives that."""
    monkeypatch.chdir(tmp_path)

    def run(name, result="None"):
        (tmp_path / f"{name}.py").write_text(CODE.format(name=name, result=result))
        return name

    return run


def build(function, outputs=2):
    return FRAMEWORKS["function"].build(function, outputs)


def test_it_maps_images_to_logits(write):
    model = build(f"{write('one')}:dark")
    assert model(torch.zeros(3, 3, 8, 8)).tolist() == [[10, 0]] * 3


def test_it_may_import_its_neighbours_when_it_is_called(write, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "path", sys.path.copy())
    write("neighbour")
    (tmp_path / "lazy.py").write_text(
        "def f(images):\n    from neighbour import dark\n    return dark(images)\n"
    )
    for _ in range(2):
        model = build("lazy:f")
    assert model(torch.ones(1, 3, 8, 8)).tolist() == [[0, 10]]
    assert sys.path.index(str(tmp_path)) == len(sys.path) - 1


def test_its_only_tensor_is_the_hash_of_its_source(write, tmp_path):
    (tensor,) = build(f"{write('two')}:dark").state_dict().values()
    content = (tmp_path / "two.py").read_bytes()
    assert bytes(tensor.tolist()) == hashlib.sha256(content).digest()


@pytest.mark.parametrize(
    ("name", "result", "message"),
    [
        ("few", "torch.zeros(len(images))", r"it returned \(3,\) for 3 images, not .* \(3, 2\)"),
        ("many", "torch.zeros(3, 5)", r"it returned \(3, 5\) for 3 images, not logits of shape"),
        ("none", "None", "it returned NoneType for 3 images"),
        ("as_numpy", "images.numpy()", "it returned ndarray for 3 images, not logits of shape"),
        ("fails", "images[:, 9]", "it raised IndexError: index 9 is out of bounds"),
        (
            "likely",
            "torch.softmax(images[:, :2].mean((2, 3)), 1)",
            r"it returned probabilities, of which the softmax would be taken again; return logi",
        ),
        (
            "nan",
            "torch.full((3, 2), torch.nan)",
            "a logit is NaN or infinite; correct",
        ),
    ],
)
def test_what_is_no_logits_is_refused(write, name, result, message):
    model = build(f"{write(name, result)}:{name}")
    with pytest.raises(UserError, match=f"^{name}:{name}: {message}"):
        model(torch.zeros(3, 3, 8, 8))


def test_probabilities_of_a_single_image_are_refused_unless_another_had_logits(write):
    model = build(f"{write('alone', 'images[:, :2, 0, 0]')}:alone")
    likely = torch.full((1, 3, 1, 1), 0.5)
    with pytest.raises(UserError, match="it returned probabilities"):
        model(likely)
    assert model(torch.cat([likely, 4 * likely])).tolist() == [[0.5, 0.5], [2, 2]]
    assert model(likely).tolist() == [[0.5, 0.5]]


def test_a_function_that_is_not_there_is_named(write, tmp_path):
    with pytest.raises(UserError, match=r"three:bright: three\.py has no function bright"):
        build(f"{write('three')}:bright")
    (tmp_path / "four.py").write_text("import no_such_package\n")
    with pytest.raises(
        UserError, match=r"four\.py cannot be imported \(ModuleNotFoundError: No mod"
    ):
        build("four:f")


@pytest.mark.parametrize(
    ("name", "source", "message"),
    [
        ("unfinished", "def f(images)", "SyntaxError: expected ':'"),
        ("misspelt", "weights = lod()", "NameError: name 'lod' is not defined"),
        ("elsewhere", "open('no.pth')", r"FileNotFoundError: .* 'no\.pth'"),
    ],
)
def test_a_module_that_fails_is_no_fault_of_wildframe(write, tmp_path, name, source, message):
    write("any")  # starts the folder
    (tmp_path / f"{name}.py").write_text(f"{source}\n")
    with pytest.raises(UserError, match=rf"^{name}:f: {name}\.py cannot be imported \({message}"):
        build(f"{name}:f")


def test_modules_are_found_here_or_installed(write, tmp_path):
    assert source_file(f"{write('five')}:dark").name == "five.py"
    (tmp_path / "nets").mkdir()
    for name in ("__init__", "small"):
        (tmp_path / "nets" / f"{name}.py").touch()
    assert str(source_file("nets.small:f")) == "nets/small.py"
    assert str(source_file("nets:f")) == "nets/__init__.py"
    assert source_file("wildframe.models.zoo:f").name == "zoo.py"
    for name in ("nets.large", "wildframe.no", "no.where"):
        with pytest.raises(UserError, match=f"{name}:f: no such module"):
            source_file(f"{name}:f")

"""The code hash, on a copy of the package whose modules are edited."""

import ast
import shutil
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

import wildframe.core.code
from wildframe.core.code import _bound_names, _outer_names, code_hash


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """A copy of the package."""
    package = Path(wildframe.__file__).parent
    copy = tmp_path_factory.mktemp("copy") / "wildframe"
    ignored = shutil.ignore_patterns("*.xz", "__pycache__")
    return Path(shutil.copytree(package, copy, ignore=ignored))


@pytest.fixture
def hash_after(copy, tmp_path, monkeypatch):
    """Return a function that edits the copy and hashes a target there, as a new process would."""
    whole = {}

    def run(target: str, *edits: tuple[str, str, str]) -> str:
        for module, old, new in edits:
            path = copy / module
            text = path.read_text()
            assert text.count(old) >= 1
            whole.setdefault(path, text)
            path.write_text(text.replace(old, new, 1))
        spec = spec_from_file_location("wildframe.core.code", copy / "core/code.py")
        code = module_from_spec(spec)
        spec.loader.exec_module(code)
        with monkeypatch.context() as patch:
            patch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
            return code.code_hash(target)

    yield run
    for path, text in whole.items():
        path.write_text(text)


FIG7 = "studies.ego4d.fig7_zero_shot_in1k:fig7_zero_shot_in1k"
EXTRACT = "frames.commands:extract"
MAKE = "exhibits.commands:make"
PREDICT = "predictions.commands:run"
PREPARE = "models.commands:prepare"
TRAIN = "models.commands:train_clips"
SMALL = "core.names:one_of"


def test_the_copy_hashes_like_the_original(hash_after):
    assert hash_after(FIG7) == code_hash(FIG7)


def test_what_runs_in_torch_is_hashed_without_it(copy, tmp_path):
    program = (
        "import sys; from wildframe.core.code import code_hash; "
        f"print(code_hash({TRAIN!r})); assert 'torch' not in sys.modules"
    )
    result = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={"PYTHONPATH": str(copy.parent), "XDG_CACHE_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout.strip() == code_hash(TRAIN)


def test_an_edit_two_calls_away_changes_it(hash_after):
    before = code_hash(FIG7)
    assert hash_after(FIG7, ("exhibits/table.py", '"pipe"', '"github"')) != before


def test_an_edit_behind_an_import_inside_a_function_changes_it(hash_after):
    before = code_hash(MAKE)
    edit = ("exhibits/registry.py", "no such exhibit", "no exhibit")
    assert hash_after(MAKE, edit) != before


def test_what_is_added_to_a_constant_below_it_counts(hash_after):
    before = code_hash(PREPARE)
    edit = ("models/packages.py", '"_fc": "classifier"', '"_fc": "fc"')
    assert hash_after(PREPARE, edit) != before


def test_every_statement_of_a_module_is_one_that_is_hashed(project):
    """Others may change what a definition is, and no hash would tell."""
    harmless = (
        "if TYPE_CHECKING:",
        "if __name__ == '__main__':",
        "main()",
        "app.add_typer(",
        "for _module in iter_modules(__path__):",  # views: each has the hash of its own class
    )
    others = [
        f"{path}: {ast.unparse(node)}"
        for path in sorted((project / "src/wildframe").rglob("*.py"))
        for node in ast.parse(path.read_text()).body[1:]
        if not (isinstance(node, ast.Import | ast.ImportFrom) or list(_bound_names(node)))
        and not isinstance(getattr(node, "value", None), ast.Constant)
        and not ast.unparse(node).startswith(harmless)
    ]
    assert others == []


@pytest.mark.parametrize(
    ("definition", "names"),
    [
        ("def f(audit): return audit", set()),
        ("def f(x=audit): return x", {"audit"}),
        ("def f(audit: audit): return audit", {"audit"}),
        ("def f():\n    for audit in files: print(audit)", {"files", "print"}),
        ("def f(): return [audit for audit in audit]", {"audit"}),
        ("def f(): return [audit for audit in files], audit", {"files", "audit"}),
        ("def f():\n    audit = 1\n    def g(): return audit\n    return g", set()),
        ("def f():\n    def g(audit): return audit\n    return g(audit)", {"audit"}),
        ("def f(): return lambda audit: audit + other", {"other"}),
        ("class F:\n    audit = 1\n    def g(self): return audit", {"audit"}),
        ("def f(): return {a for a, b in [c for d in files if c for c in d]}", {"files"}),
        ("def f():\n    audit: Other = 1\n    return audit", set()),
    ],
)
def test_parameters_and_variables_are_no_references(definition, names):
    (node,) = ast.parse(definition).body
    # A class keeps the name of its module.
    assert _outer_names(node) - {"__name__"} == names


def test_a_variable_that_is_called_as_another_command_depends_on_none(hash_after):
    before = code_hash(EXTRACT)
    edit = ("frames/wanted.py", "def write_wanted(", "def write_list(")
    assert hash_after(EXTRACT, edit) == before


HARMLESS = {
    "a plot": ("exhibits/table.py", '"pipe"', '"github"'),
    "something else in a module that predictions use": (
        "core/schemas/models.py",
        '"Metrics, tidy',
        '"Metrics, very tidy',
    ),
    "a docstring": (
        "predictions/predict.py",
        '"""Write the predictions of one model on its images.',
        '"""Write them.',
    ),
    "the help of a command": ("predictions/opening.py", "Images per forward pass.", "Batch size."),
    "a release": ("__init__.py", '__version__ = "', '__version__ = "9.'),
}


def test_what_no_prediction_depends_on_reruns_no_model(hash_after):
    assert hash_after(PREDICT, *HARMLESS.values()) == code_hash(PREDICT)


@pytest.mark.parametrize(
    "edit",
    [
        ("predictions/inference.py", "        keep_freed_memory()\n", ""),
        ("predictions/predicted.py", "TOP = 100", "TOP = 50"),
    ],
    ids=["the body of a command", "a constant"],
)
def test_what_predictions_depend_on_counts(hash_after, edit):
    assert hash_after(PREDICT, edit) != code_hash(PREDICT)


def test_the_caption_of_an_exhibit_does_not_count_but_its_inputs_and_body_do(hash_after):
    before = code_hash(FIG7)
    module = "studies/ego4d/fig7_zero_shot_in1k.py"
    assert hash_after(FIG7, (module, "zero-shot accuracy, IN-1K", "accuracy")) == before
    edited = hash_after(FIG7, (module, "has one label", "has a label"))
    assert edited != before
    edit = ("studies/ego4d/inputs.py", 'scores("in1k")', 'scores("in21k")')
    assert hash_after(FIG7, edit) != edited


def test_the_description_of_a_setting_does_not_count_but_its_default_does(hash_after):
    command, module = "sources.commands:kinetics", "sources/kinetics.py"
    before = code_hash(command)
    assert hash_after(command, (module, "What separates path and label", "Separator")) == before
    assert hash_after(command, (module, '" ", min_length=1', '",", min_length=1')) != before


def test_the_class_of_a_view_counts_for_this_view_alone(hash_after):
    full, box = (f"frames.views.{kind}:{kind.title()}" for kind in ("full", "box"))
    before = code_hash(full), code_hash(box)
    edit = ("frames/views/full.py", 'yield "", image', 'yield "", image.copy()')
    assert hash_after(full, edit) != before[0]
    assert hash_after(box) == before[1]


def test_a_function_that_a_package_hands_on_counts(hash_after):
    before = code_hash(FIG7)
    edit = ("models/zoo.py", "return found\n", "return dict(sorted(found.items()))\n")
    assert hash_after(FIG7, edit) != before


def test_unknown_targets_are_refused():
    with pytest.raises(LookupError, match="no such definition"):
        code_hash("predictions.predict:nothing")
    with pytest.raises(LookupError, match="no such module"):
        code_hash("predictions.nothing:predict")


def test_hashes_are_kept_until_a_file_changes(hash_after, tmp_path):
    first = hash_after(SMALL)
    (cache,) = (tmp_path / "cache/wildframe").iterdir()
    assert cache.read_text().endswith(f"\t{SMALL}\t{first}\n")
    cache.write_text(cache.read_text().replace(first, "0123456789abcdef"))
    assert hash_after(SMALL) == "0123456789abcdef"
    edited = hash_after(SMALL, ("core/names.py", "(?!)", "(?!x)"))
    assert edited not in (first, "0123456789abcdef")


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"half a li", b"a\tb\n\t\t\t\n"])
def test_a_damaged_cache_is_not_used(hash_after, tmp_path, content):
    first = hash_after(SMALL)
    (cache,) = (tmp_path / "cache/wildframe").iterdir()
    cache.write_bytes(content)
    assert hash_after(SMALL) == first


def test_without_a_cache_to_write_to_hashes_are_made_anew(hash_after, tmp_path):
    (tmp_path / "cache").write_text("no folder")
    assert hash_after(SMALL) == code_hash(SMALL)

"""The rules of the house, held by tests."""

import ast
import re
from pathlib import Path

import pytest
import yaml

from wildframe.core.names import STATIONS
from wildframe.exhibits.lookup import exhibit_names, load_exhibit
from wildframe.studies.known import STUDIES

PROJECT = Path(__file__).parents[1]
RULES = sorted((PROJECT / "workflow").rglob("*.smk"))
RUN_A_MODEL = {
    "models_finetune",
    "models_train_clips",
    *(
        f"predictions_{command}"
        for command in (
            "adapt",
            "clip_gradcam",
            "clip_objects",
            "clips",
            "detect",
            "gradcam",
            "gradcam_adapted",
            "run",
            "zoom",
        )
    ),
}


def rules_of(path):
    """Yield name and text of each rule of a .smk file; a rule in a loop is named as it says."""
    for text in re.split(r"\n *(?=(?:rule|checkpoint)\b)", path.read_text()):
        if match := re.match(r"(?:rule|checkpoint)(?: (\w+))?:", text):
            named = match[1] or re.search(r"name:\s+(.+)", text)[1]
            indent = re.search(r"\n( +)\w+:", text)[1].removesuffix("    ")
            # Behind a rule may stand the head of a loop.
            yield named, text.partition("\n\n\n")[0].replace(f"\n{indent}", "\n")


ALL_RULES = [rule for path in RULES for rule in rules_of(path)]


@pytest.mark.parametrize(("name", "text"), ALL_RULES, ids=[name for name, _ in ALL_RULES])
def test_a_rule_is_its_files_and_one_wildframe_command(name, text):
    assert not re.search(r"^    (run|script|notebook|wrapper):", text, re.MULTILINE)
    if "shell:" not in text:  # the name of a group of targets
        assert "localrule: True" in text
        return
    for directive in ("output", "log", "benchmark", "conda", "params", "shell"):
        assert f"\n    {directive}:" in text, directive
    command = "".join(re.findall(r'"([^"]*)"', text.partition("shell:")[2]))
    assert command.startswith("wildframe ")
    assert command.endswith(" &> {log:q}")
    assert not re.search(r"[;|`]|&&|\$\(", command)
    # A batch takes the params of the jobs that it is made of.
    assert "code=code_hash(" in text or "watched=batch_watched(" in text
    # Paths and free text are quoted; wildcards and choices are held to safe characters.
    assert not re.search(r"\{(input|output|log)[\w.]*\}", command)
    assert ("GPUS_A_MODEL" in text) == (name in RUN_A_MODEL)


@pytest.mark.parametrize("path", RULES, ids=lambda path: path.stem)
def test_files_are_looked_at_when_a_job_is_planned_not_when_its_rule_is_read(path):
    text = path.read_text()
    assert not re.search(r"\w=\s*\[?\s*file_states\(", text)
    # Snakemake does not watch what it derives of the input.
    assert "file_states(input" not in text


def test_every_exhibit_has_its_rule_out_of_one_loop():
    text = (PROJECT / "workflow/rules/exhibits.smk").read_text()
    assert text.count("shell:") == 2  # the loop, and the index
    for study in STUDIES:
        folder = PROJECT / "src/wildframe/studies" / study
        named = exhibit_names(study)
        assert len(set(named)) == len(named)
        for name in named:
            assert load_exhibit(study, name).rule == f"{study}_{name}"
            assert (folder / f"{name}.py").is_file()
        declared = {path.stem for path in folder.glob("*.py") if "\n@exhibit(" in path.read_text()}
        assert declared == set(named)


@pytest.mark.parametrize("study", STUDIES)
def test_wiring_of_an_exhibit_is_at_most_fifteen_lines(study):
    """The decorator and the annotated parameters, on average; what it compares is no wiring."""
    lines = []
    for name in exhibit_names(study):
        module = ast.parse((PROJECT / f"src/wildframe/studies/{study}/{name}.py").read_text())
        (make,) = (node for node in module.body if getattr(node, "name", "") == name)
        (decorator,) = make.decorator_list
        (compares,) = (word.value for word in decorator.keywords if word.arg == "compares")
        of_compares = compares.end_lineno - compares.lineno + 1
        lines.append(make.body[0].lineno - decorator.lineno - of_compares)
    assert sum(lines) / len(lines) <= 15


def test_stations_and_core_know_no_paper():
    """Ego4D is a source, and so has an adapter of this name; a study has no trace below it."""
    folders = ("core", "labels", "manifests", "frames", "reviews", "models", "scores", "exhibits")
    code = [path for name in folders for path in (PROJECT / "src/wildframe" / name).rglob("*.py")]
    for path in [PROJECT / "workflow/Snakefile", *RULES, *code]:
        found = re.search(r"vid_robust|Ego4dStudy|VidRobust|studies\.ego4d", path.read_text())
        assert not found, f"{path}: {found[0]}"
    for path in [PROJECT / "workflow/Snakefile", *(PROJECT / "src/wildframe/core").rglob("*.py")]:
        assert not re.search("ego4d|Ego4d", path.read_text()), path


@pytest.mark.parametrize("station", STATIONS)
def test_a_station_has_the_same_name_everywhere(station):
    assert (PROJECT / "src/wildframe" / station / "commands.py").is_file()
    assert (PROJECT / "tests" / station).is_dir()
    assert (PROJECT / "workflow/rules" / f"{station}.smk").is_file()


@pytest.mark.parametrize(
    "path",
    [*(PROJECT / "src").rglob("*.py"), *RULES, *(PROJECT / "demo").rglob("*.py")],
    ids=lambda path: str(path.relative_to(PROJECT)),
)
def test_a_file_is_read_in_one_sitting(path):
    assert len(path.read_text().splitlines()) <= 400


@pytest.mark.parametrize("profile", sorted((PROJECT / "profiles").glob("*/profile.yaml")))
def test_profiles_speak_of_rules_that_exist(profile):
    settings = yaml.safe_load(profile.read_text())
    named = {*settings.get("set-resources", {}), *settings.get("set-threads", {})}
    assert named <= {name for name, _ in ALL_RULES}
    assert settings["rerun-incomplete"] is True
    assert settings["keep-going"] is True
    assert settings["scheduler"] == "greedy"
    # Snakemake's own limit, 1 MB, is less than a long list of frames.
    assert settings["max-checksum-file-size"] == "16MB"
    # There, a rule's own retries would start again inside the same allocation.
    assert not any("retries:" in text for _, text in ALL_RULES)


def test_every_rule_that_runs_a_model_gets_a_gpu_on_slurm():
    settings = yaml.safe_load((PROJECT / "profiles/slurm/profile.yaml").read_text())
    # Schedules of `models_train_clips` say how many; a number of the profile would go before.
    needing = {
        name for name, text in ALL_RULES if "GPUS_A_MODEL" in text and "processes_of" not in text
    }
    given = {name for name, set_ in settings["set-resources"].items() if set_.get("gpu")}
    assert given == needing


def pins(name):
    lines = (PROJECT / "envs" / name).read_text().splitlines()
    found = [line for line in lines if line and not line.startswith("#")]
    return [line.partition(" --hash=")[0] for line in found]


def test_every_pin_is_exact_and_none_names_an_address():
    for path in (PROJECT / "envs").glob("*.txt"):
        for line in pins(path.name):
            assert re.fullmatch(r"[a-z0-9.-]+==[0-9a-z.+]+", line), f"{path.name}: {line}"


def test_packages_of_weights_are_pinned_by_their_content():
    lines = (PROJECT / "envs/weights.txt").read_text().splitlines()[1:]
    assert lines
    for line in lines:
        assert re.fullmatch(r"[a-z0-9-]+==[0-9.]+ --hash=sha256:[0-9a-f]{64}", line)


def test_the_conda_file_says_what_the_pip_files_say():
    environment = yaml.safe_load((PROJECT / "envs/wildframe.yaml").read_text())
    (pip,) = (entry["pip"] for entry in environment["dependencies"] if isinstance(entry, dict))
    assert pip == [*pins("wildframe.txt"), *pins("weights.txt")]


def test_the_package_asks_for_nothing_that_is_not_pinned():
    import tomllib

    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    asked = {re.match(r"[a-z0-9-]+", name)[0] for name in project["dependencies"]}
    assert asked <= {pin.partition("==")[0] for pin in pins("wildframe.txt")}


def test_every_packaged_model_has_its_package_pinned():
    from wildframe.models import load_detectors, load_zoo

    packages = {
        f"{entry.package.name}=={entry.package.version}"
        for entry in (*load_zoo().values(), *load_detectors().values())
        if entry.package
    }
    assert packages == {*pins("weights.txt"), *pins("archives.txt")}


def test_every_contract_documents_its_fields():
    from wildframe.core import schemas
    from wildframe.core.contracts import Contract

    contracts = [value for value in vars(schemas).values() if isinstance(value, Contract)]
    assert len(contracts) >= 16
    for contract in [*contracts, schemas.preprocessed_contract(224)]:
        assert contract.doc
        assert all(field.doc for field in contract.fields), contract.name
        assert set(contract.key) <= set(contract.schema.names), contract.name

"""Every command line of the documentation: Snakemake plans it, wildframe takes its arguments.

A file that a command names is the YAML block of that document which begins with the file's name;
the data that it speaks of, under /data and in the home folder, are stand-ins made of the demo.
"""

import json
import re
import shlex
from dataclasses import dataclass
from pathlib import Path

import pytest
import typer
import yaml

from wildframe.cli import app
from wildframe.core.files import user_cache

PROJECT = Path(__file__).parents[2]
PAGES = [
    *(PROJECT / name for name in ("README.md", "CONTRIBUTING.md", "config/README.md")),
    PROJECT / "src/wildframe/data/run_folder/README.md",
    *sorted(PROJECT.glob("docs/*.md")),
]
PRESETS = sorted(PROJECT.glob("workflow/presets/*.yaml"))
# Left out, the rest is planned: they need a finished run, conda and a cluster's plugins.
NEEDING_MORE = ("--report", "--sdm", "--workflow-profile", "--default-storage-provider")
PLANNED_ALIKE = ("--cores", *NEEDING_MORE)
QUICK = (("config", "check"), ("config", "show"), ("labels",), ("models", "list"))

KINETICS = ("train.csv", "val.csv", "hands.parquet")
CHARADES = (
    "CharadesEgo_v1_train.csv",
    "CharadesEgo_v1_test.csv",
    "Charades_v1_classes.txt",
    "hands.parquet",
)
EPIC_55 = (
    "EPIC_train_action_labels.pkl",
    "EPIC_val_action_labels.pkl",
    "EPIC_verb_classes.csv",
    "EPIC_noun_classes.csv",
    "hands.parquet",
)
EPIC_100 = (
    *(f"EPIC_100_{name}.csv" for name in ("train", "validation", "verb_classes", "noun_classes")),
    "EPIC_100_unseen_participant_ids_validation.csv",
    "EPIC_100_tail_verbs.csv",
    "EPIC_100_tail_nouns.csv",
    "hands.parquet",
)
LISTS_OF_CLIPS = (
    *(f"{folder}/{name}" for folder in ("kinetics", "kinetics400") for name in KINETICS),
    *(f"charades-ego/{name}" for name in CHARADES),
    *(f"{folder}/{name}" for folder in ("epic-55", "epic-kitchens-55") for name in EPIC_55),
    *(f"{folder}/{name}" for folder in ("epic-100", "epic-kitchens-100") for name in EPIC_100),
)
"""Lists of the preset ego_exo; what is in them is read by jobs only."""


@dataclass(frozen=True)
class Command:
    """A command line, and the files that its document shows for it by name."""

    words: tuple[str, ...]
    files: tuple[tuple[str, str], ...]
    is_whole: bool
    """Shown to be typed, and not only named in a sentence."""

    @classmethod
    def read(cls, line: str, shown: dict[str, str], is_whole: bool = True) -> "Command":
        words = shlex.split(line.partition(" > ")[0], comments=True)
        files = tuple((name, text) for name, text in shown.items() if name in words)
        return cls(tuple(words), files, is_whole)

    def __str__(self) -> str:
        return " ".join(self.words)


def commands_of_page(text, shown):
    """Yield the commands of a page, each with the files shown above it."""
    shown = dict(shown)
    for block, language in re.findall(r"(```(\w*)\n.*?```|[^`]+|`[^`]+`)", text, re.DOTALL):
        body = "\n".join(block.splitlines()[1:-1])
        if language == "yaml" and (named := re.match(r"# (\S+\.yaml)\n", body)):
            shown[named[1]] = body
        elif language == "console":
            lines = re.findall(r"^\$ (.+)$", body.replace("\\\n", " "), re.MULTILINE)
            yield from (Command.read(line, shown) for line in lines)
        elif not language and block.startswith("`"):
            yield Command.read(" ".join(block.strip("`").split()), shown, is_whole=False)


def commands_of_preset(text):
    """Yield the commands of a preset's head, with the file that it shows before them."""
    lines = re.findall(r"^#   (.+)$", text, re.MULTILINE)
    shown = {"mine.yaml": "\n".join(line for line in lines if "snakemake " not in line)}
    yield from (Command.read(line, shown) for line in lines if line.startswith("snakemake "))


def documented_lines():
    """Return all command lines, of any program."""
    (own_data,) = (page for page in PAGES if page.name == "own-data.md")
    mine = re.search(r"```yaml\n(# mine.yaml\n.*?)```", own_data.read_text(), re.DOTALL)[1]
    found = [
        command
        for page in PAGES
        for command in commands_of_page(page.read_text(), {"mine.yaml": mine})
    ]
    return found + [command for page in PRESETS for command in commands_of_preset(page.read_text())]


def documented(program):
    """Return the command lines of a program, each plan of Snakemake's once."""
    once = {}
    for command in documented_lines():
        if command.words[:1] == (program,) and len(command.words) > 1:
            key = [word for word in without(command.words, PLANNED_ALIKE) if word != "-n"]
            said = {name: yaml.safe_load(text) for name, text in command.files}
            once.setdefault(json.dumps([key, said]), command)
    return list(once.values())


def plans():
    """Return what is planned: all targets of a config at once, a line with options as it is."""
    targets, others = {}, []
    for command in documented("snakemake"):
        rest = [word for word in without(command.words, PLANNED_ALIKE) if word != "-n"]
        named = without(rest[1:], ("--configfile",))
        config = tuple(word for word in rest[1:] if word not in named)
        if any(word.startswith("-") for word in named):
            others.append(command)
        else:
            targets.setdefault((config, command.files), []).extend(named or ["all"])
    together = [
        Command(("snakemake", *dict.fromkeys(named), *config), files, True)
        for (config, files), named in targets.items()
    ]
    return together + others


def without(words, options):
    """Return a command line without some options that take one value each."""
    kept = list(words)
    for option in set(options).intersection(kept):
        at = kept.index(option)
        del kept[at : at + 2]
    return kept


@pytest.fixture
def place(workspace, monkeypatch):
    """A checkout beside stand-ins for the data that the documentation names."""
    demo, home = PROJECT / "demo", workspace.folder / "data"
    vid, robust = home / "ILSVRC", home / "imagenet_vid_ytbb_robust"
    for split in ("train", "val"):
        for part in ("Data", "Annotations"):
            (vid / part / "VID" / split / "a").mkdir(parents=True)
    for folder, names in {
        "imagenet-vid-robust/metadata": ("pmsets.json", "labels.json"),
        "ytbb-robust/metadata": (
            "ytbb_robustness_test_anchors_full.csv",
            "anchor_labels.json",
            "pmk_labels.json",
        ),
    }.items():
        (robust / folder).mkdir(parents=True)
        for name in names:
            (robust / folder / name).write_text("{}")
    (home / "ego4d_data").symlink_to(demo / "ego4d")
    (home / "sessions").mkdir()
    (home / "sessions/clips").symlink_to(demo / "clips")
    for name in ("videos", "kitchen"):
        (home / name).mkdir()
        for path in (*demo.glob("ego4d/v1/clips/*"), *demo.glob("videos/*.csv")):
            (home / name / path.name).symlink_to(path)
    for name in LISTS_OF_CLIPS:
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    (home / "images/n03063599").mkdir(parents=True)
    (home / "images/n03063599/1.jpg").touch()
    (home / "imagenet-hard").mkdir()
    (home / "imagenet-hard/validation-00000-of-00001.parquet").touch()
    # Hashes of code and facts of models are kept there: no plan need make them anew.
    monkeypatch.setenv("XDG_CACHE_HOME", str(user_cache().parent))
    monkeypatch.setenv("HOME", str(home))
    return workspace


def here(place, text):
    """Return a text in which the documentation's data are the stand-ins."""
    return text.replace("/data/", f"{place.folder}/data/")


def write_files(place, command):
    for name, text in command.files:
        (place.folder / name).write_text(here(place, text))


@pytest.mark.workflow
@pytest.mark.parametrize("command", plans(), ids=str)
def test_snakemake_plans_it(place, command):
    write_files(place, command)
    words = without((here(place, word) for word in command.words[1:]), NEEDING_MORE)
    place.run(*words, "-n", "--quiet", "rules")


TYPED = [command for command in documented_lines() if command.is_whole]


def test_a_run_that_is_shown_to_be_typed_names_its_cores():
    """Without them, or a profile that says them, Snakemake runs nothing."""
    enough = {"--cores", "-n", "--unlock", "--report", "--workflow-profile"}
    runs = [command for command in TYPED if command.words[0] == "snakemake"]
    assert len(runs) > 40
    assert [str(command) for command in runs if not enough.intersection(command.words)] == []


def test_other_programs_are_given_what_is_there():
    """Of make, a target; of pip and python, files of the checkout, or of the page."""
    targets = re.findall(r"^([\w-]+):", (PROJECT / "Makefile").read_text(), re.MULTILINE)
    others = {"cd", "source", "git", "cat"}
    for command in TYPED:
        words = [word for word in command.words if not re.fullmatch(r"[A-Z_]+=\S+", word)]
        program, *rest = words
        if program == "make":
            assert set(rest) <= set(targets), command
        elif program in ("pip", "python"):
            files = [word for word in rest if re.search(r"/|\.(py|txt)$", word)]
            assert files or "-m" in rest, command
            made = {"example.py", "results-sessions"}
            paths = [name for name in files if Path(name).parts[0] not in made]
            assert all((PROJECT / name).exists() for name in paths), command
        else:
            assert program in {"snakemake", "wildframe", *others}, command


def command_of(words):
    """Return the command, or the group of commands, that words name, and what follows the name."""
    found, rest = typer.main.get_command(app), list(words[1:])
    while hasattr(found, "commands") and rest:
        name = rest.pop(0)
        named = found.get_command(None, name)
        assert named, f"{' '.join(words)}: there is no command {name}"
        found = named
    return found, rest


@pytest.mark.parametrize("command", documented("wildframe"), ids=str)
def test_wildframe_takes_its_arguments(command):
    found, rest = command_of(command.words)
    if command.is_whole and "..." not in rest:
        found.make_context("wildframe", rest)
        return
    known = {option for param in found.params for option in (*param.opts, *param.secondary_opts)}
    assert {word.partition("=")[0] for word in rest if re.match("--?[a-z]", word)} <= known


@pytest.mark.workflow
@pytest.mark.parametrize(
    "command",
    [
        command
        for command in documented("wildframe")
        if command.is_whole
        and any(command.words[1 : 1 + len(quick)] == quick for quick in QUICK)
        and all(word.endswith(".yaml") or "/" not in word for word in command.words)
    ],
    ids=str,
)
def test_a_quick_one_runs(place, command, wildframe, monkeypatch):
    write_files(place, command)
    monkeypatch.chdir(place.folder)
    assert wildframe(*command.words[1:]).stdout


def test_commands_are_found():
    """An extraction that finds nothing would hold nothing."""
    plans = {str(command) for command in documented("snakemake")}
    assert "snakemake ego4d_download --cores 8 --configfile mine.yaml" in plans
    assert "snakemake review --cores 2 --configfile mine.yaml" in plans
    assert "snakemake ego4d_fig7_zero_shot_in1k" in plans
    # Named by these, it is the file of the page.
    assert all(command.files for command in documented("snakemake") if "mine" in str(command))
    files = {dict(command.files).get("mine.yaml", "") for command in documented("snakemake")}
    for preset in ("ego4d", "vid_robust", "own_videos", "own_images", "imagenet_hard", "ego_exo"):
        assert any(f"extends: [{preset}]" in text for text in files)
    assert len(documented("wildframe")) > 15

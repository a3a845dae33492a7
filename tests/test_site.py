"""The site of the documentation: what it says of the code, and that it can be built and read."""

import os
import re
import subprocess
import sys
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location

import pytest
import typer
from PIL import Image

from wildframe import cli
from wildframe.configuration import Config
from wildframe.core import schemas
from wildframe.core.contracts import Contract
from wildframe.exhibits.lookup import declared_exhibits

EVIL = "<script>window.hacked=1</script>"
NOTE = f"Data: {EVIL} & {{{{none}}}}"


@pytest.fixture(scope="module")
def generate(project):
    spec = spec_from_file_location("generate", project / "docs/generate.py")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def exhibits(tmp_path):
    """A figure and a table of the study ego4d, and a table of a dataset of vid_robust."""
    for name in ("ego4d/fig3_gallery.caption", "ego4d/per_class", "vid_robust/d/table3_models"):
        path = tmp_path / f"exhibits/{name}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        table = "" if "caption" in name else "\n| model | top1 |\n| --- | --- |\n| m | 50 |\n"
        path.write_text(f"**Title of {path.stem}**\n{table}\n{NOTE}\n")
        for suffix in (".csv", ".tex", ".svg", ".pdf"):
            path.with_name(f"{path.name.partition('.')[0]}{suffix}").touch()
    Image.new("RGB", (8, 6)).save(tmp_path / "exhibits/ego4d/fig3_gallery.png")
    return tmp_path / "exhibits"


def test_places_are_found_in_names_lists_and_kinds(generate):
    definitions = {
        "Source": {"properties": {"kind": {"const": "a"}, "box": {"$ref": "#/$defs/Box"}}},
        "Box": {"properties": {"margin": {"type": "number"}}},
    }
    schema = {
        "properties": {
            "sources": {
                "patternProperties": {
                    "^x$": {"anyOf": [{"$ref": "#/$defs/Source"}, {"type": "null"}]}
                }
            },
            "boxes": {"type": "array", "items": {"$ref": "#/$defs/Box"}},
            "named": {"additionalProperties": {"$ref": "#/$defs/Box"}},
        }
    }
    assert [
        (path, list(place["properties"])) for path, place in generate.places(schema, definitions)
    ] == [
        ("", ["sources", "boxes", "named"]),
        ("sources.<name>", ["kind", "box"]),
        ("sources.<name>.box", ["margin"]),
        ("boxes[]", ["margin"]),
        ("named.<name>", ["margin"]),
    ]


def test_every_setting_is_named_with_its_default(generate):
    page = generate.configuration()
    for definition in Config.model_json_schema()["$defs"].values():
        for key in definition.get("properties", {}):
            assert f"\n| `{key}` |" in page
    assert "### `datasets.<name>` of kind `sets`" in page
    assert "### `studies.ego4d.external_predictions[]`" in page
    assert "\n| `merge` | `max`, `sum`, `mean` | How scores of a model's" in page
    assert "\n| `threshold` | number ≥ 0, ≤ 1 | Least similarity that" in page
    assert " review auto accepts. Default: `0.9` |\n" in page


def test_every_table_is_named_with_its_columns(generate):
    sections = dict(
        section.split("`\n", 1) for section in f"\n{generate.tables()}".split("\n## `")[1:]
    )
    contracts = [one for one in vars(schemas).values() if isinstance(one, Contract)]
    assert set(sections) == {one.name for one in contracts} | {"preprocessed"}
    for contract in contracts:
        for field in contract.fields:
            assert f"\n| `{field.name}` | `{field.type}` |" in sections[contract.name]
    assert "\n| `offset` | `int32` |  | frames | Position relative to" in sections["sets"]


def test_every_command_is_named_with_its_options(generate):
    page = f"\n{generate.commands()}"
    for group in cli._GROUPS:
        package = cli._PACKAGES.get(group, group)
        app = import_module(f"wildframe.{package}.commands").app
        for name in typer.main.get_command(app).commands:
            assert f"\n### `wildframe {group} {name}`\n" in page
    for command in cli.app.registered_commands:
        assert f"\n### `wildframe {command.name or command.callback.__name__}`\n" in page
    assert "\n| `--no-images` | Leave the images out: ids, labels, boxes" in page
    assert "\n| `--output <path>` | Certificate to write: a zip.  [required] |" in page


def test_every_exhibit_is_named_with_its_target(generate):
    page = generate.exhibits()
    assert all(f"\n| `{one.rule}` | " in page for one in declared_exhibits())


def test_tags_of_descriptions_are_text_and_bars_end_no_cell(generate):
    assert generate._prose("a <b> & `<c>`") == "a &lt;b> &amp; `<c>`"
    assert generate._table(["x"], [["a | b\nc"]]) == "| x |\n| --- |\n| a \\| b c |"


def test_the_gallery_shows_what_a_run_has_made(generate, exhibits):
    page = generate.gallery(exhibits, exhibits.parent / "docs")
    assert [line for line in page.splitlines() if line.startswith("### ")] == [
        "### Title of fig3_gallery.caption",
        "### Title of per_class",
        "### Title of table3_models · `d`",
    ]
    assert "![examples](<../exhibits/ego4d/fig3_gallery.png>)" in page
    assert page.count('<table class="docutils">\n<thead>') == 2
    assert "<td>m</td>" in page
    assert EVIL not in page


def test_a_gallery_of_no_run_says_how_to_get_one(generate, tmp_path):
    assert "`make demo`, and then `make docs`" in generate.gallery(tmp_path, tmp_path)


def test_the_simulation_prints_what_its_page_says(project, capsys):
    page = (project / "docs/statistics.md").read_text()
    code, printed = re.search(r"```python\n(.*?)```\n\n```text\n(.*?)```", page, re.DOTALL).groups()
    exec(code, {})
    assert capsys.readouterr().out == printed


def test_the_site_is_built_without_a_warning_and_read_at_a_desk_and_on_a_phone(
    project, exhibits, tmp_path, browser
):
    """Strictly: a link, an anchor or an image that leads nowhere is a warning."""
    site = tmp_path / "site"
    command = ["-m", "sphinx", "--fail-on-warning", "--keep-going", "--quiet", "-c", "docs"]
    built = subprocess.run(
        [sys.executable, *command, "-D", f"exhibits={exhibits}", ".", site],
        cwd=project,
        env=os.environ | {"PYTHONPATH": str(project / "src")},
        capture_output=True,
        text=True,
    )
    assert built.returncode == 0, built.stderr
    for width in (1400, 375):
        page = browser.new_page(viewport={"width": width, "height": 900})
        requests = []
        page.on("request", lambda request, urls=requests: urls.append(request.url))
        for name in ("index", "docs/tutorial", "docs/gallery", "docs/reference/tables"):
            page.goto((site / f"{name}.html").as_uri())
            page.wait_for_selector("h1")
            # What is wide scrolls by itself; the page does not.
            assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        assert page.evaluate("window.hacked") is None
        assert all(url.startswith(site.as_uri()) for url in requests)
        page.close()

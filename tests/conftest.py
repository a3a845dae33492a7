"""What several stations' tests share."""

import gc
import json
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, settings
from typer.main import get_command
from typer.testing import CliRunner, Result

from wildframe.core.allocator import collect_garbage_seldom
from wildframe.core.contracts import Contract
from wildframe.core.layers import layer, resolve, values
from wildframe.core.tables import Row

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PROJECT = Path(__file__).parents[1]

sys.path.append(str(PROJECT / "tests"))

collect_garbage_seldom()

# No test may reach a model hub, whatever the machine's network.
os.environ["HF_HUB_OFFLINE"] = "1"

# How fast an example is says what else the machine does, not whether it is right.
settings.register_profile(
    "wildframe",
    max_examples=int(os.environ.get("WILDFRAME_TEST_EXAMPLES", "30")),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("wildframe")


def pytest_collection_finish() -> None:
    """Spare the collector what tests import, which is no garbage."""
    gc.freeze()


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Let the test process that begins with the demo go first: others wait for it in the end."""
    waits_for_demo = "finished" in getattr(item, "fixturenames", ())
    if "PYTEST_XDIST_WORKER" in os.environ and os.nice(0) == 0 and not waits_for_demo:
        os.nice(10)


@pytest.fixture(scope="session")
def project() -> Path:
    """The checkout."""
    return PROJECT


@pytest.fixture(scope="session")
def documented(project) -> Callable[[str], list[tuple[str, str]]]:
    """Return a function that reads a section of docs/extend.md: paths, each with its code."""

    def read(heading: str) -> list[tuple[str, str]]:
        text = (project / "docs/extend.md").read_text()
        section = text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
        block = r"`(src/[\w/]+\.py)`:\n\n```(?:python\n|diff\n\+)(.*?)```"
        return re.findall(block, section, re.DOTALL)

    return read


@pytest.fixture(scope="session")
def _demo_config(project) -> dict[str, Any]:
    return values(resolve(layer({"extends": ["demo"]}, "test"), project / "workflow/presets"))


@pytest.fixture
def demo_config(_demo_config) -> dict[str, Any]:
    """The demo's configuration, what it extends filled in, to be changed."""
    return deepcopy(_demo_config)


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    """A Chromium that asks the network for nothing of its own; CI is root, without a display."""
    from playwright.sync_api import sync_playwright

    # The shell takes a third of the CPU time.
    names = ("chromium-headless-shell", "chromium", "google-chrome", "google-chrome-stable")
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        pytest.skip(f"no browser: none of {', '.join(names)} is installed")
    options = [
        "--no-sandbox",
        "--disable-gpu",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ]
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=found, args=options)
        yield started
        started.close()


class Scod:
    """Builds pieces of an Ego4D SCOD annotation file."""

    @staticmethod
    def box(kind: str, noun: str | None, x: float = 10) -> Row:
        return {
            "object_type": kind,
            "structured_noun": noun,
            "instance_number": 1,
            "bbox": {"x": x, "y": 20.5, "width": 100.0, "height": 50},
        }

    @staticmethod
    def moment(frame: int, boxes: list[Row], offset: int = 100) -> Row:
        return {
            "frame_number": frame + offset,
            "clip_frame_number": frame,
            "width": 640,
            "height": 480,
            "bbox": boxes,
        }

    @staticmethod
    def record(clip: str = "clip-a", video: str = "video-a", **moments: Row | None) -> Row:
        return {"video_uid": video, "clip_id": "1", "clip_uid": clip} | moments


@pytest.fixture
def scod() -> type[Scod]:
    """Builder of Ego4D annotations."""
    return Scod


@pytest.fixture
def blank() -> Callable[..., Row]:
    """Return a function that makes a row of a contract, null but for the columns given."""

    def make(contract: Contract, **values: object) -> Row:
        return {field.name: None for field in contract.fields} | values

    return make


@pytest.fixture
def write_scod(tmp_path: Path) -> Callable[[list[object]], Path]:
    """Write an annotation file with these records and return its path."""

    def write(records: list[object], **top: object) -> Path:
        path = tmp_path / "fho_scod_train.json"
        content = {"version": "1.0", "split": "train", "clips": records} | top
        path.write_text(json.dumps(content))
        return path

    return write


@pytest.fixture(scope="session")
def wildframe() -> Callable[..., Result]:
    """Return a function that runs a command in this process; what the command raises is raised."""
    from wildframe.cli import app

    # To read the parameters of all commands of a station takes longer than some of them.
    command = get_command(app)

    def run(*arguments: object) -> Result:
        with patch("typer.testing._get_command", lambda _: command):
            result = CliRunner().invoke(app, list(map(str, arguments)), catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result

    return run


@pytest.fixture(scope="session")
def manifest_row() -> Callable[..., Row]:
    """Return a function that makes a row of a manifest: one cup in a clip of its own."""

    def make(image_id: str, **values: object) -> Row:
        return {
            "image_id": image_id,
            "dataset": "d",
            "split": "train",
            "record_id": f"train-{image_id}",
            "media": f"v1/clips/{image_id}.mp4",
            "media_kind": "video",
            "frame": 0,
            "rate": "30",
            "width": 200,
            "height": 100,
            "labels": ["n03147509"],
            "annotation_labels": [["n03147509"]],
            "nouns": ["cup_(cup,_mug)"],
            "words": ["cup"],
            "boxes": [{"x": 50.0, "y": 20.0, "width": 40.0, "height": 40.0}],
            "group_id": f"clip-{image_id}",
            "video_id": "video-a",
            "role": "pre",
            "origin": "ego4d",
        } | values

    return make

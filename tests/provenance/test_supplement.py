"""What a supplement holds, what it shows of images, and that its pages lead nowhere else."""

import json
import re
import zipfile
from pathlib import Path
from urllib.parse import unquote

import numpy as np
import pytest
import yaml
from exhibits.browse_data import manifest_row, result, write_page
from exhibits.index_data import NAMES, write_run
from PIL import Image, ImageChops
from provenance.tiny_run import PATHS, write_predictions
from typer.testing import CliRunner

from wildframe.cli import app
from wildframe.core.errors import UserError
from wildframe.core.files import require_file
from wildframe.exhibits.made import hashes, log_of
from wildframe.provenance.certificate import open_certificate
from wildframe.provenance.supplement import (
    Contents,
    blur_outside,
    files_beside,
    write_supplement,
)

ROWS = [manifest_row("a", ["n1"], box=(50, 0, 90, 50)), manifest_row("b", ["n2"])]
ROOT = "/home/alice/data/toys"
CONFIG = {"sources": {"toys": {"root": ROOT, "labels": "labels.csv"}}, "studies": {"ego4d": None}}
SHOWN = {"paper/curve": "left_out", "paper/browse": "left_out"}


@pytest.fixture
def results(run, monkeypatch):
    """The results of a run: its tables, hand-written exhibits, and a page to browse two images."""
    write_run(run, monkeypatch)
    page = run / "exhibits/paper/browse"
    (page / "index.html").unlink()
    page.rmdir()
    write_page(Path(), ROWS, {"net": [result(row, ("n1", 0.5)) for row in ROWS]}, output=page)
    return run


def unpacked(results, sharing, predictions=(PATHS["predictions"],), config=CONFIG):
    """Write a supplement, all kept if not said, and return the folder that it is unpacked to."""
    sharing = dict.fromkeys(NAMES, "kept") | sharing
    output = results / "supplement.zip"
    funnels = [results / "some-images.funnel.parquet"]
    paths = [results / path for path in predictions]
    write_supplement(output, Contents(NAMES, funnels, [], sharing, paths, json.dumps(config)))
    assert [path for path in results.iterdir() if path.name.startswith("tmp")] == []
    with zipfile.ZipFile(output) as packed:
        packed.extractall("unpacked")
    (folder,) = Path("unpacked").iterdir()
    return folder


def files_of(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_exhibits_are_packed_as_they_are_with_all_that_the_index_names(results):
    # As Snakemake leaves it, after the job.
    (results / "exhibits/paper/browse/.snakemake_timestamp").touch()
    folder = unpacked(results, {})
    assert folder.name == "supplement"
    packed, made = files_of(folder), files_of(results / "exhibits")
    del made["paper/browse/.snakemake_timestamp"]
    own = {"index.html", "README.txt", "config.yaml", "certificate.zip"}
    assert packed.keys() == made.keys() | own
    assert all(packed[name] == made[name] for name in made.keys() - own)
    links = re.findall(r'(?:href|src)="([^"#]+)"', packed["index.html"].decode())
    assert {unquote(link) for link in links} <= packed.keys()
    assert own - {"index.html"} <= set(links)
    with open_certificate(folder / "certificate.zip") as (certified, _):
        assert require_file(certified / "manifests/toys.parquet", "").stat().st_size


def write_logs(results, *names):
    for name in names:
        log = log_of(results / "exhibits" / name)
        log.parent.mkdir(parents=True, exist_ok=True)
        made = sorted((results / "exhibits" / name).parent.glob(f"{log.stem}*"))
        log.write_text("\n".join(["wildframe exhibits make ...", *hashes(made), ""]))


@pytest.mark.parametrize(
    "damaged", ["paper/curve.png", "paper/curve.caption.md", "paper/browse/images/a.jpg"]
)
def test_what_is_another_than_was_made_is_named_and_not_packed(results, damaged):
    write_logs(results, "paper/curve", "paper/browse")
    unpacked(results, {})
    path = results / "exhibits" / damaged
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    (results / "supplement.zip").unlink()
    with pytest.raises(
        UserError, match=r"paper/\S+: damaged, or altered since it was made"
    ) as told:
        unpacked(results, {})
    assert str(told.value).startswith(str(results / "exhibits" / damaged.partition("/images")[0]))
    assert not (results / "supplement.zip").exists()


def test_the_command_shows_no_image_of_an_exhibit_unless_it_is_told_to(results):
    given = [str(results / "by-hand.zip"), *NAMES, "--config", json.dumps(CONFIG)]
    for kept, count in ([], 0), (["--kept", "paper/browse"], 2):
        result = CliRunner().invoke(app, ["supplement", *given, *kept], catch_exceptions=False)
        assert result.exit_code == 0, result.output
        with zipfile.ZipFile(given[0]) as packed:
            assert sum("/browse/images/" in name for name in packed.namelist()) == count
            assert b"snakemake paper_curve" in packed.read("by-hand/paper/curve.svg")


@pytest.mark.filterwarnings("error")
def test_images_are_left_out_and_figures_of_them_replaced_but_not_their_numbers(results):
    folder = unpacked(results, SHOWN)
    packed, made = files_of(folder), files_of(results / "exhibits")
    left_out = {name for name in made if name.startswith("paper/browse/images/")}
    assert len(left_out) == 2
    assert made.keys() - packed.keys() == left_out
    replaced = {name for name in packed.keys() & made.keys() if packed[name] != made[name]}
    assert replaced == {"index.html"} | {f"paper/curve{one}" for one in (".png", ".svg", ".pdf")}
    assert "snakemake paper_curve" in packed["paper/curve.svg"].decode()
    told = packed["README.txt"].decode()
    assert "not part of this supplement" in told
    assert "- paper/curve\n- paper/browse\n" in told


def test_images_are_blurred(results):
    made = results / "exhibits/paper/browse/images/a.jpg"
    noise(40, 30).save(made, quality=95, comment="of a page made earlier")
    folder = unpacked(results, {"paper/browse": "blurred"})
    before, after = (Image.open(path) for path in (made, folder / "paper/browse/images/a.jpg"))
    assert ("comment" in before.info, "comment" in after.info) == (True, False)
    assert before.size == after.size
    difference = np.asarray(ImageChops.difference(before, after), float)
    # The box is the right half; JPEG has cells of 16 pixels.
    assert difference[:, :16].mean() > 2 * difference[:, 32:].mean()


def test_only_boxes_stay_sharp_even_where_they_reach_beyond_the_image():
    image = noise(64, 48)
    told = np.asarray(blur_outside(image, [(-0.5, 0.5, 0.75, 0.75), (2, 2, 1, 1)]))
    kept = (slice(24, None), slice(0, 16))
    assert (told[kept] == np.asarray(image)[kept]).all()
    outside = told.astype(float)
    outside[kept] = outside[:24].mean()
    assert outside.std() < np.asarray(image).std() / 3


def noise(width, height):
    """Return an image of independent pixels."""
    pixels = np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)
    return Image.fromarray(pixels)


def test_the_configuration_is_complete_and_names_no_folder_of_the_authors(results):
    folder = unpacked(results, {})
    told = yaml.safe_load((folder / "config.yaml").read_text())
    toys = {"root": "/path/to/toys", "labels": "labels.csv"}
    assert told == {"extends": [], "sources": {"toys": toys}, "studies": {"ego4d": None}}


def test_tables_that_are_not_of_the_run_are_not_certified(results):
    of_hub = write_predictions(results, "timm/resnet18.a1_in1k").relative_to(results)
    # Of a model that the config named once, on an image that the manifest had then.
    write_predictions(results, "dropped", ids=["gone"])
    folder = unpacked(results, {}, [PATHS["predictions"], of_hub])
    with open_certificate(folder / "certificate.zip") as (certified, _):
        assert {path.relative_to(certified) for path in certified.rglob("*.parquet")} == {
            *PATHS.values(),
            of_hub,
        }
    assert "   Certified: toys.\n" in (folder / "README.txt").read_text()


@pytest.mark.parametrize("root", ["../alice/toys", "data/../../alice/toys", "data/toys"])
def test_roots_are_readers_own_and_paths_above_the_run_folder_are_not_told(results, root):
    for folder in (root, "../alice/labels.csv"):
        Path(folder).mkdir(parents=True, exist_ok=True)
    toys = {"root": root, "labels": "../alice/labels.csv"}
    folder = unpacked(results, {}, config={"sources": {"toys": toys}})
    assert "Ask the authors" not in (folder / "README.txt").read_text()
    assert not any(b"alice" in content for content in files_of(folder).values())


def test_files_of_the_run_folder_that_it_lacks_are_named(results):
    assert "Ask the authors" not in (unpacked(results, {}) / "README.txt").read_text()
    for name in ("labels.csv", "results/own", "sub/decisions"):
        Path(name).mkdir(parents=True)
    config = CONFIG | {"pathvars": {"results": "results/own"}, "datasets": [{"d": "sub/decisions"}]}
    assert files_beside(json.dumps(config)) == ["labels.csv", "sub/decisions"]
    # A note is no name of a file, however long.
    noted = config | {"data_note": "Clips of kitchens. " * 20}
    assert files_beside(json.dumps(noted)) == ["labels.csv", "sub/decisions"]
    told = (unpacked(results, {}) / "README.txt").read_text()
    assert "   Ask the authors for these files: labels.csv.\n3. snakemake" in told


@pytest.mark.parametrize(
    ("pathvars", "option"),
    [
        ({}, ""),
        ({"results": "out"}, " --results out"),
        ({"results": "/a/out"}, " --results /path/to/out"),
    ],
)
def test_the_readme_makes_a_folder_for_the_run_and_verifies_where_its_config_writes(
    results, pathvars, option
):
    folder = unpacked(results, {}, config=CONFIG | {"pathvars": pathvars})
    told = (folder / "README.txt").read_text()
    assert " && cp config.yaml certificate.zip anew && cd anew\n" in told
    assert f"\n4. wildframe verify certificate.zip{option}\n" in told


def test_a_run_without_predictions_of_images_has_no_certificate(results):
    folder = unpacked(results, {}, [])
    assert not (folder / "certificate.zip").exists()
    assert "certificate" not in (folder / "index.html").read_text()
    assert "verify" not in (folder / "README.txt").read_text()


@pytest.mark.parametrize("damaged", ["images/b.jpg", "data/images.js"])
def test_a_damaged_page_is_named_and_nothing_is_left(results, damaged):
    (results / "exhibits/paper/browse" / damaged).write_bytes(b"no")
    with pytest.raises(UserError, match=damaged):
        unpacked(results, {"paper/browse": "blurred"})
    assert not [path for path in results.iterdir() if "supplement" in path.name]

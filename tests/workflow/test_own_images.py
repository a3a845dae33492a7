"""A folder of images, from one file of settings to tables: a folder a class, then a CSV file."""

import csv
import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

pytestmark = pytest.mark.workflow

MUG, POT, BANANA = "n03063599", "n03063689", "n07753592"
RESULTS = "results-own-images"
LIGHT = "models: [squeezenet1_1], gradcam: [squeezenet1_1]"
MINE = f"""\
extends: [own_images]
sources: {{own-images: {{root: images}}}}
studies: {{ego4d: {{{LIGHT}}}}}
predictions: {{device: cpu}}
frames: {{shards: 1}}
scores: {{resamples: 100}}
"""
EXHIBITS = {
    *("fig1_gradcam", "fig3_gallery", "fig4_statistics", "fig6_high_confidence"),
    *("fig7_zero_shot_in1k", "high_confidence", "per_class", "confusions", "reliability"),
    *("model_pairs", "protocol", "browse"),
}


@pytest.fixture
def images(workspace):
    """Write images of three classes into their folders, and two that cannot be used."""
    random = np.random.default_rng(0)
    root = workspace.folder / "images"
    for wnid in (MUG, POT, BANANA):
        (root / wnid).mkdir(parents=True)
        for number in range(4):
            pixels = random.integers(0, 255, (48, 64, 3), np.uint8)
            Image.fromarray(pixels).save(root / wnid / f"{number}.png")
    (root / MUG / "broken.png").write_bytes(b"no image")
    (root / "cats").mkdir()
    (root / "cats/0.png").write_bytes((root / MUG / "0.png").read_bytes())
    return root


def table(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def funnel_of(workspace):
    """Return how many images are left to evaluate, and how many each step dropped."""
    rows = table(workspace.folder / RESULTS / "exhibits/ego4d/fig4_statistics.csv")
    return int(rows[-1]["left"]), {row["step"]: int(row["dropped"]) for row in rows}


def test_folders_become_tables_and_a_page_and_are_zoomed(workspace, images):
    (workspace.folder / "mine.yaml").write_text(MINE)
    workspace.run("--configfile", "mine.yaml")
    results = workspace.folder / RESULTS
    made = results / "exhibits/ego4d"
    assert {path.name.split(".")[0] for path in made.iterdir()} == EXHIBITS
    (row,) = table(made / "fig7_zero_shot_in1k.csv")
    assert (row["model"], row["n"]) == ("squeezenet1_1", "12")
    _, steps = funnel_of(workspace)
    assert {step for step, dropped in steps.items() if dropped} == {"bad_image", "media_unreadable"}
    assert {row["n"] for row in table(made / "per_class.csv")} == {"4"}
    text = (made / "browse/data/images.js").read_text()
    page = json.loads(text.removeprefix('wildframe("images",').removesuffix(");\n"))
    assert len(page["images"]["image_id"]) == 12
    assert page["images"]["boxes"] == page["images"]["nouns"] == [[]] * 12
    assert "Images listed" in (results / "exhibits/index.html").read_text()
    assert workspace.plan("--configfile", "mine.yaml") == {}

    # One that is added is listed anew, and read with its shard.
    (images / BANANA / "new.png").write_bytes((images / BANANA / "0.png").read_bytes())
    planned = workspace.plan("--configfile", "mine.yaml")
    assert planned["sources_images"] == planned["manifests_images"] == 1
    (images / BANANA / "new.png").unlink()

    # Predictions on every crop are beside those on images, from which the exhibits are made.
    zoom = "views: {zoom: {kind: zoom, grid: [32, 256]}}\n"
    (workspace.folder / "mine.yaml").write_text(
        MINE.replace(LIGHT, f"{LIGHT}, views: [full, zoom]") + zoom
    )
    target = "ego4d_zoom_fig7_zero_shot_in1k"
    workspace.run(target, "--configfile", "mine.yaml")
    (row,) = table(results / "exhibits/ego4d/zoom/fig7_zero_shot_in1k.csv")
    assert (row["model"], row["n"]) == ("squeezenet1_1", "12")
    made = results / "predictions/own-images/zoom"
    assert {path.name for path in made.iterdir()} == {
        *("squeezenet1_1.parquet", "squeezenet1_1.zoom.parquet")
    }
    crops = pq.read_table(made / "squeezenet1_1.zoom.parquet")
    assert len(crops) == 12 * 2 * 9
    assert not list((results / "frames").glob("**/zoom/*"))
    assert workspace.plan(target, "--configfile", "mine.yaml") == {}


def test_rows_of_parquet_files_become_a_table(workspace, images, classes):
    """The same images in two files: labels are lists of class indices, one image is damaged."""
    workspace.put_classes(classes, RESULTS)
    data = workspace.folder / "data"
    data.mkdir()
    files = sorted(images.glob("n*/?.png"))
    labels = [[504, 505] if MUG in str(path) else [954] for path in files]
    encoded = [{"bytes": path.read_bytes(), "path": path.name} for path in files]
    encoded[0]["bytes"] = encoded[0]["bytes"][:-50]
    for number, part in enumerate((slice(None, 7), slice(7, None))):
        rows = {"image": encoded[part], "label": labels[part], "origin": ["a"] * len(labels[part])}
        name = f"validation-{number:05d}-of-00002.parquet"
        pq.write_table(pa.table(rows), data / name)
    mine = MINE.replace("root: images", "kind: shards, root: data, data_note: ours")
    mine = mine.replace("sources: {own-images", "sources: {shards").replace(
        LIGHT, f"{LIGHT}, in1k: shards"
    )
    dataset = (
        "datasets: {shards: {kind: images, source: shards, label_space: in1k}, own-images: null}\n"
    )
    (workspace.folder / "mine.yaml").write_text(mine + dataset)
    target = "ego4d_fig4_statistics"
    workspace.run(target, "--configfile", "mine.yaml")
    left, steps = funnel_of(workspace)
    assert (left, steps["media_unreadable"]) == (11, 1)
    manifest = pq.read_table(workspace.folder / RESULTS / "manifests/shards.parquet")
    assert manifest["labels"].to_pylist()[0] == [MUG, POT]
    assert set(manifest["origin"].to_pylist()) == {"a"}
    assert workspace.plan(target, "--configfile", "mine.yaml") == {}
    # A file that is replaced is read anew.
    pq.write_table(pa.table(rows), data / name, row_group_size=2)
    assert workspace.plan(target, "--configfile", "mine.yaml")["sources_shards"] == 1


def test_a_csv_file_becomes_a_table(workspace, images, classes):
    workspace.put_classes(classes, RESULTS)
    rows = [f"{MUG}/{n}.png,{MUG} {POT},val" for n in range(4)]
    rows += [f"{POT}/0.png,{POT},train", f"{BANANA}/0.png,n99999999,val", f"gone.png,{MUG},val"]
    (workspace.folder / "labels.csv").write_text("\n".join(["file,labels,split", *rows]))
    (workspace.folder / "mine.yaml").write_text(
        MINE.replace("root: images", "root: images, labels: labels.csv")
        + "datasets: {own-images: {split: val, group_by: folder}}\n"
    )
    workspace.run("ego4d_fig4_statistics", "--configfile", "mine.yaml")
    left, steps = funnel_of(workspace)
    assert (left, steps["bad_image"], steps["no_class"]) == (4, 1, 1)
    funnel = "results-own-images/manifests/own-images.funnel.parquet"
    options = ("--step", "bad_image", "--format", "csv")
    said = workspace.wildframe("manifests", "show", funnel, *options)
    assert "line 8: there is no file gone.png below the source's root" in said


def test_what_is_wrong_is_one_sentence(workspace, images, classes):
    workspace.put_classes(classes, RESULTS)

    def say(text, *targets):
        (workspace.folder / "mine.yaml").write_text(text)
        return workspace.run(*targets, "--configfile", "mine.yaml", code=1)

    output = say(MINE.replace("root: images", "root: nowhere"), "-n")
    assert "nowhere: no such folder; correct the source's root" in output
    output = say(MINE.replace("root: images", "root: images, labels: no.csv"), "-n")
    assert "no.csv: no such file; write it with the columns file,labels[,split]" in output
    output = say(MINE + "datasets: {own-images: {source: nothing}}\n", "-n")
    assert "datasets.own-images.source: 'nothing' is not in sources" in output
    output = say(MINE + "datasets: {own-images: {label_space: in21k}}\n", "-n")
    assert "studies.ego4d.in1k: 'own-images' is not of label space in1k" in output
    output = say(MINE.replace(LIGHT, f"{LIGHT}, moments: own-images"), "-n")
    assert "studies.ego4d.moments: 'own-images' is of kind images, which does not fit" in output
    # Bad records stop the run only where nothing is left.
    for wnid in (MUG, POT, BANANA):
        (images / wnid).rename(images / f"not-{wnid}")
    output = say(MINE, "ego4d_fig7_zero_shot_in1k")
    assert "own-images: no image is left to evaluate (record or file that cannot be" in output
    assert "is no class of in1k" in output
    assert "rename it, or name its class in the CSV file of classes" in output


def test_a_model_that_is_left_out_is_in_no_table_after_one_run(workspace, images):
    """The exports of models are made anew, and their predictions, which wait for them, are not."""
    target = "ego4d_fig7_zero_shot_in1k", "--configfile", "mine.yaml"
    light = "models: [squeezenet1_1, tf_efficientnet_lite0]"
    (workspace.folder / "mine.yaml").write_text(MINE.replace(LIGHT, light))
    workspace.run(*target)
    (workspace.folder / "mine.yaml").write_text(MINE)
    output = workspace.run(*target)
    made = workspace.folder / RESULTS / "exhibits/ego4d/fig7_zero_shot_in1k.csv"
    assert [row["model"] for row in table(made)] == ["squeezenet1_1"]
    assert "models_export" in output
    assert "predictions_run" not in output
    assert workspace.plan(*target) == {}

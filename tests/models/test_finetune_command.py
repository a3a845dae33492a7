"""Fine-tuning through files: what it reads and refuses, and a kill by the system."""

import json

import numpy as np
import pyarrow as pa
import pytest
import torch
from killed import run_and_kill

from wildframe.core.arrow_files import checksum
from wildframe.core.errors import UserError
from wildframe.core.schemas import (
    CLASSES,
    MANIFEST,
    PREDICTIONS,
    SPLITS,
    TRAINING,
    preprocessed_contract,
)
from wildframe.core.tables import provenance, read_facts, read_table, write_rows
from wildframe.models import zoo_entry
from wildframe.models.examples import Parts, known_labels
from wildframe.models.weights import as_trained, build, load, save
from wildframe.predictions.inference import Inference
from wildframe.scores.predicted import Protocol, open_predictions

ENTRY = zoo_entry("squeezenet1_1@64")


@pytest.fixture
def files(tmp_path, blank):
    """Write what the command reads: images p0 to p11, the odd ones held out."""
    crop = ENTRY.preprocessing.crop
    torch.manual_seed(3)
    save(build(ENTRY), {}, tmp_path / "weights.safetensors")
    write_rows(
        tmp_path / "classes.parquet",
        CLASSES,
        [
            {
                "label_space": space,
                "class_index": index,
                "wnid": f"n{index}",
                "name": f"class {index}",
                "lemmas": [],
                "senses": [],
                "definition": "",
                "ancestors": [],
            }
            for space, count in (("in1k", 1000), ("vid30", 30))
            for index in range(count)
        ],
    )
    lists = {field.name: [] for field in MANIFEST.fields if str(field.type).startswith("list")}
    texts = {field.name: "x" for field in MANIFEST.fields if str(field.type) == "string"}
    names = [f"p{number:02}" for number in range(12)]
    labels = {name: ["n5", "n3"] if number < 6 else ["n8"] for number, name in enumerate(names)}

    def write(manifest=names, split=names, pixels=names, held_out=names[1::2], labels=labels):
        base = blank(MANIFEST, width=9, height=9, **lists, **texts)
        write_rows(
            tmp_path / "manifest.parquet",
            MANIFEST,
            [base | {"image_id": name, "labels": labels[name]} for name in manifest],
        )
        parts = [(name, "val" if name in held_out else "train") for name in split]
        write_rows(
            tmp_path / "split.parquet",
            SPLITS,
            [{"image_id": name, "part": part, "group": name} for name, part in parts],
        )
        contract = preprocessed_contract(crop)
        schema = contract.schema.with_metadata(
            provenance(tmp_path / "pixels.arrow", contract, {"resize": "exact"}, {})
        )
        with (
            pa.OSFile(str(tmp_path / "pixels.arrow"), "wb") as sink,
            pa.ipc.new_file(sink, schema) as writer,
        ):
            for name in pixels:
                rng = np.random.default_rng(int(name[1:]))
                content = rng.integers(0, 256, crop * crop * 3, dtype=np.uint8).tobytes()
                row = {"image_id": name, "view_key": "", "pixels": content}
                row |= {"crc32": checksum([name, ""], [content])}
                writer.write_batch(pa.RecordBatch.from_pylist([row], schema=schema))
        return tmp_path

    return write


def read(folder, label_space="in1k", learn="first"):
    tables = (folder / f"{name}.parquet" for name in ("split", "manifest"))
    return Parts.read(
        ENTRY,
        *tables,
        folder / "pixels.arrow",
        folder / "classes.parquet",
        label_space=label_space,
        learn=learn,
    )


def test_images_come_with_their_labels_in_the_order_of_their_names(files):
    names = [f"p{number:02}" for number in range(12)]
    parts = read(files())
    assert parts.train.labels == [[5, 3]] * 3 + [[8]] * 3
    assert (len(parts.train), len(parts.val)) == (6, 6)
    assert (parts.train.pixels[1] != parts.val.pixels[1]).any()
    pixels, firsts = parts.train.take([2, 3])
    assert pixels.shape == (2, 64, 64, 3)
    assert firsts.tolist() == [5, 8]
    # The order of the file does not matter, nor what could not be read. (Files are mapped.)
    train, val = parts.train.sha256(), parts.val.sha256()
    shuffled = read(files(pixels=names[::-1]))
    assert (shuffled.train.sha256(), shuffled.val.sha256()) == (train, val)
    assert train != val
    fewer = read(files(pixels=names[:-1]))
    assert (len(fewer.train), len(fewer.val)) == (6, 5)


def box(width, height=1.0):
    return {"x": 0.0, "y": 0.0, "width": width, "height": height}


@pytest.mark.parametrize(
    ("boxes", "annotated", "expected"),
    [
        ([box(3), box(5)], [["a"], ["b"]], ["b", "a"]),
        ([box(5, 2), box(3, 3)], [["a"], ["b"]], ["a", "b"]),
        # Of equal boxes the first; a box of no class, or of no label, does not count.
        ([box(4), box(4)], [["b"], ["a"]], ["b", "a"]),
        ([box(4), box(9), box(9)], [["b"], ["x"], []], ["b", "a"]),
        ([box(9), box(4)], [["d"], ["b"]], ["b", "a"]),
        ([box(9)], [["x", "b"]], ["b", "a"]),
        # Without a box: the first label.
        ([], [], ["a", "b"]),
        ([box(9)], [["x"]], ["a", "b"]),
    ],
)
def test_the_label_of_the_largest_box_is_learnt(boxes, annotated, expected):
    row = {"labels": ["x", "a", "b"], "annotation_labels": annotated, "boxes": boxes}
    classes = {"a": 0, "b": 1, "c": 2, "d": 3}
    assert known_labels(row, classes, "largest") == expected
    assert known_labels(row, classes, "first") == ["a", "b"]


def test_classes_of_another_space_are_learnt(files):
    parts = read(files(), "vid30")
    assert (parts.label_space, parts.classes) == ("vid30", 30)
    with pytest.raises(UserError, match=r"classes\.parquet: no classes of coco80"):
        read(files(), "coco80")


def test_files_of_another_dataset_are_refused(files):
    names = [f"p{number:02}" for number in range(12)]
    with pytest.raises(UserError, match=r"split\.parquet: no image p11, which .*pixels"):
        read(files(split=names[:-1]))
    with pytest.raises(UserError, match=r"manifest\.parquet: no image p11, which"):
        read(files(manifest=names[:-1]))


def test_an_image_without_a_class_of_the_model_is_named(files):
    labels = {f"p{number:02}": ["n5"] if number else ["n1000"] for number in range(12)}
    with pytest.raises(UserError, match="no label of image p00 is in the label space in1k, wh"):
        read(files(labels=labels))


@pytest.mark.parametrize(("held_out", "empty"), [([], "val"), (["p00", "p01"], "train")])
def test_a_part_without_a_readable_image_is_named(files, held_out, empty):
    with pytest.raises(UserError, match=f"no image of the part '{empty}' could be read"):
        read(files(held_out=held_out, pixels=["p00", "p01"]))


def command(folder, name, *more):
    arguments = {
        "weights": "weights.safetensors",
        "split": "split.parquet",
        "manifest": "manifest.parquet",
        "preprocessed": "pixels.arrow",
        "classes": "classes.parquet",
        "output": f"{name}/by-clip.safetensors",
        "history": f"{name}/by-clip.parquet",
    }
    schedule = "--device cpu --seed=2 --epochs=5 --patience=5 --batch-size=4 --warmup-epochs=1"
    schedule += " --warmup-lr=0.0001 --lr=0.001 --decay=0.95 --momentum=0.9 --flip=0.5"
    options = [f"--{key}={folder / value}" for key, value in arguments.items()]
    start = ["models", "finetune", ENTRY.name]
    return [*start, *options, *schedule.split(), "--label-space=in1k", "--color-jitter=0.4", *more]


def test_a_training_that_was_killed_by_the_system_ends_with_the_same_bits(files, wildframe):
    folder = files()
    assert "continues" not in wildframe(*command(folder, "straight")).stdout
    run_and_kill("epoch 3:", command(folder, "killed"))
    assert not (folder / "killed/by-clip.safetensors").exists()
    assert (folder / "killed/.by-clip.safetensors.state").exists()
    again = wildframe(*command(folder, "killed"))
    assert "training continues after epoch" in again.stdout
    assert "epoch 1:" not in again.stdout
    outputs = [folder / name / "by-clip.safetensors" for name in ("straight", "killed")]
    assert outputs[0].read_bytes() == outputs[1].read_bytes()
    tables = [read_table(path.with_suffix(".parquet"), TRAINING).to_pylist() for path in outputs]
    assert tables[0] == tables[1]
    assert len(tables[0]) == 6
    assert [path.name for path in sorted((folder / "killed").iterdir())] == [
        "by-clip.parquet",
        "by-clip.safetensors",
    ]
    config = read_facts(outputs[0].with_suffix(".parquet"), TRAINING)["config"]
    assert json.loads(config)["color_jitter"] == 0.4
    # What was written is a model that predictions can load under its fine-tuned name.
    assert not load(zoo_entry("squeezenet1_1@64+by-clip"), outputs[0]).training


def test_a_model_of_other_classes_is_one_that_predictions_can_load(files, wildframe):
    folder = files()
    more = "--label-space=vid30 --schedule=plateau --learn=largest --noise=contrast --epochs=1"
    wildframe(*command(folder, "vid", *more.split()))
    output = folder / "vid/by-clip.safetensors"
    entry = zoo_entry("squeezenet1_1@64+vid")
    model = load(entry, output)
    assert model(torch.zeros(1, 3, 64, 64)).shape == (1, 30)
    assert as_trained(entry, output).label_space == "vid30"
    options = {"device_name": "cpu", "batch_size": 4, "threads": 1}
    inference = Inference.open(entry, output, **options)
    assert inference.facts["label_space"] == "vid30"
    facts = read_facts(output.with_suffix(".parquet"), TRAINING)
    assert facts["label_space"] == "vid30"
    config = json.loads(facts["config"])
    assert (config["noise"], config["learn"]) == ("contrast", "largest")


def test_a_model_of_classes_of_ones_own_is_scored_in_them(files, wildframe):
    wnids = ["n03147509", "red_ball"]
    names = [f"p{number:02}" for number in range(12)]
    folder = files(labels={name: wnids[number // 6 :] for number, name in enumerate(names)})
    own = folder / "own.csv"
    own.write_text("name,wnids\ncup,n03147509\nred ball,\n")
    wildframe(*command(folder, "own", f"--label-space={own}", "--epochs=1"))
    predictions = folder / "predictions.parquet"
    wildframe(
        *("predictions", "run", "squeezenet1_1@64+own", "--device=cpu"),
        *("--weights", folder / "own/by-clip.safetensors"),
        *("--preprocessed", folder / "pixels.arrow", "--output", predictions),
    )
    rows = read_table(predictions, PREDICTIONS).to_pylist()
    expected = [wnids[int(np.argmax(row["scores"]))] for row in rows]
    assert len(expected) == 12
    for label_space in (None, str(own)):
        found, facts = open_predictions(predictions, Protocol(label_space), None)
        assert [one.predicted for one in found] == expected
        assert facts["label_space"] == "own"

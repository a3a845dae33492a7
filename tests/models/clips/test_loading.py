"""Clips as models are shown them: the same from wherever an epoch is taken up, boxes included."""

import numpy as np
import pytest
import torch
from PIL import Image

from wildframe.core.errors import UserError
from wildframe.core.schemas import CLIPS, INTERACTIONS
from wildframe.core.tables import write_rows
from wildframe.frames.encode import encode
from wildframe.frames.kept import KeptClips, write_shard
from wildframe.models.clips.loading import TrainingClips, iter_views, normalised
from wildframe.models.clips.sampling import HAND, OBJECT, Sampling

SAMPLING = Sampling(frames=4, stride=2, crop=28)
COUNT = 9


def grey(clip, frame):
    return np.full((32, 48, 3), 20 * clip + frame, np.uint8)


@pytest.fixture
def kept(tmp_path):
    """Two shards of clips of ten grey frames, every second of the media; one could not be read."""
    paths = [tmp_path / f"{shard}-of-2.arrow" for shard in range(2)]
    for shard, path in enumerate(paths):
        rows = []
        for number in range(shard, COUNT + 1, 2):
            frames = range(100, 120, 2) if number < COUNT else []
            row = {
                "clip_id": f"c{number}",
                "status": "ok" if number < COUNT else "media_missing",
                "detail": "",
                "frames": list(frames),
                "times": [frame / 10 for frame in frames],
                "width": 48,
                "height": 32,
                "images": [encode(grey(number, at), "jpeg") for at in range(len(frames))],
            }
            rows.append(row)
        write_shard(path, rows, {"stride": 2})
    return paths


@pytest.fixture
def manifest(tmp_path, blank):
    """The clips, the last two for tests; even ones are of first persons, in pairs with odd ones."""
    path = tmp_path / "manifest.parquet"
    rows = [
        blank(CLIPS, actions=[])
        | {"dataset": "d", "clip_id": f"c{number}", "video_id": f"v{number}"}
        | {"media": "m", "media_kind": "video", "split": "train" if number < COUNT - 2 else "test"}
        | {"viewpoint": "ego" if number % 2 == 0 else "exo", "pair_id": f"p{number // 2}"}
        for number in range(COUNT + 1)
    ]
    write_rows(path, CLIPS, rows)
    return path


def ids(batch):
    return [row["clip_id"] for row in batch.rows]


def test_an_epoch_shows_each_training_clip_once(kept, manifest, capsys):
    clips = TrainingClips(kept, manifest, SAMPLING, seed=3)
    assert len(clips) == COUNT - 2
    batches = list(clips.batches(0, 3))
    assert len(batches) == clips.steps(3) == 2
    shown = [name for batch in batches for name in ids(batch)]
    assert len(set(shown)) == 6
    assert set(shown) <= {f"c{number}" for number in range(COUNT - 2)}
    assert shown != [name for batch in clips.batches(1, 3) for name in ids(batch)]
    for batch in batches:
        assert batch.clips.shape == (3, 3, 4, 28, 28)
        assert batch.clips.dtype == torch.float32
        assert all(len(boxes) == 0 for boxes in batch.boxes)
        for tensor, name, span in zip(batch.clips, ids(batch), batch.spans, strict=True):
            first = round((span[0] - 10) * 5)
            expected = (20 * int(name[1:]) + first + np.arange(4)) / 255
            seen = tensor.mean((0, 2, 3)) * 0.225 + 0.45
            np.testing.assert_allclose(seen, expected, atol=1.5 / 255)
            assert span[1] - span[0] == pytest.approx(0.6)
    assert "epoch 1: 6 clips, " in capsys.readouterr().err


def same(batches, others):
    for batch, other in zip(batches, others, strict=True):
        assert batch.rows == other.rows
        assert torch.equal(batch.clips, other.clips)


def test_an_epoch_taken_up_is_the_epoch_and_threads_change_nothing(kept, manifest):
    whole = list(TrainingClips(kept, manifest, SAMPLING, 0).batches(4, 2))
    again = TrainingClips(kept, manifest, SAMPLING, 0, threads=3)
    same(whole[2:], again.batches(4, 2, start=2))
    with pytest.raises(AssertionError):
        same(whole, TrainingClips(kept, manifest, SAMPLING, 1).batches(4, 2))


def test_ranks_share_a_batch(kept, manifest, capsys):
    clips = TrainingClips(kept, manifest, SAMPLING, 0)
    for whole, *parts in zip(
        clips.batches(0, 4),
        *(clips.batches(0, 4, rank=rank, world=2) for rank in range(2)),
        strict=True,
    ):
        assert torch.equal(whole.clips, torch.cat([part.clips for part in parts]))


def test_fewer_clips_than_a_batch_are_one_batch(kept, manifest):
    clips = TrainingClips(kept, manifest, SAMPLING, 0, wanted={"c0", "c3", "c8"})
    ((batch),) = clips.batches(0, 64)
    assert sorted(ids(batch)) == ["c0", "c3"]


def test_pairs_are_of_both_viewpoints(kept, manifest):
    clips = TrainingClips(kept, manifest, SAMPLING, 0, paired=True)
    assert len(clips) == 3  # the partner of c6 is for tests
    ((batch),) = clips.batches(0, 3)
    assert sorted(zip(ids(batch)[::2], ids(batch)[1::2], strict=True)) == [
        ("c0", "c1"),
        ("c2", "c3"),
        ("c4", "c5"),
    ]


def test_what_leaves_no_clip_is_named(kept, manifest):
    with pytest.raises(UserError, match="no clip of split train could be read"):
        TrainingClips(kept, manifest, SAMPLING, 0, wanted=())
    with pytest.raises(UserError, match="no pair of clips of both viewpoints"):
        TrainingClips(kept, manifest, SAMPLING, 0, wanted=("c0", "c2"), paired=True)
    with pytest.raises(UserError, match="stride 3: frames are kept at a stride of 2"):
        TrainingClips(kept, manifest, Sampling(4, 3, 28), 0)


def detection(video, frame, kind="hand", position=0, sides=(0.0, 0.0, 1.0, 1.0), score=0.75):
    named = {"video_id": video, "frame": frame, "kind": kind, "position": position, "score": score}
    return named | dict(zip(("x1", "y1", "x2", "y2"), sides, strict=True))


def test_boxes_are_those_of_the_frames_that_are_shown(kept, manifest, tmp_path):
    """In every frame of v0 a hand on all of it; an object in frame 110; others see nothing."""
    path = tmp_path / "interactions.parquet"
    rows = [detection("v0", frame) for frame in range(119, 99, -1)]
    rows += [detection("v0", 110, "object", sides=(0.4, 0.4, 0.6, 0.6), score=0.5)]
    rows += [detection("v9", 100), detection("v1", 101)]
    write_rows(path, INTERACTIONS, rows)
    clips = TrainingClips(kept, manifest, SAMPLING, 0, interactions=path)
    seen_object = set()
    for epoch in range(8):
        for batch in clips.batches(epoch, 7):
            for name, boxes, span in zip(ids(batch), batch.boxes, batch.spans, strict=True):
                if name != "c0":
                    assert len(boxes) == 0
                    continue
                hands = boxes[boxes.kinds == HAND]
                assert hands.positions.tolist() == [0, 1, 2, 3]
                np.testing.assert_array_equal(hands.sides, [(0, 0, 1, 1)] * 4)
                objects = boxes[boxes.kinds == OBJECT]
                frames = round(10 * span[0]) + 2 * objects.positions
                assert set(frames.tolist()) <= {110}
                shows = span[0] <= 11.0 <= span[1]
                assert len(objects) == shows
                seen_object.add(shows)
    assert seen_object == {True, False}


def test_views_are_stretches_times_crops(kept):
    read = KeptClips(kept)
    views = dict(iter_views(read, Sampling(3, 4, 32), 2, 3, wanted=read, threads=2))
    assert list(views) == list(read)
    assert views["c2"].shape == (6, 3, 3, 32, 32)
    # Starts 0 and 5 of ten kept frames, every second one: 0 2 4, then 5 7 9.
    seen = views["c2"].float().mean((1, 3, 4))
    np.testing.assert_allclose(seen[0], [40, 42, 44], atol=1)
    np.testing.assert_allclose(seen[3], [45, 47, 49], atol=1)
    ((name, one),) = iter_views(read, Sampling(3, 4, 32), 1, 1, wanted=["c4"], threads=1)
    assert (name, tuple(one.shape)) == ("c4", (1, 3, 3, 32, 32))


def test_pixels_are_normalised_in_float32():
    values = np.arange(256, dtype=np.uint8)
    expected = (values.astype(np.float32) / 255 - 0.45) / 0.225
    found = normalised(torch.from_numpy(values)).numpy()
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, expected)
    assert found[[0, 255]] == pytest.approx([-2, 0.55 / 0.225])


def test_a_view_is_the_square_of_the_image(kept, tmp_path):
    """At the size of the short side nothing is scaled."""
    pixels = np.random.default_rng(0).integers(0, 256, (32, 48, 3), np.uint8)
    row = {
        **{"clip_id": "a", "status": "ok", "detail": "", "frames": [0], "times": [0.0]},
        **{"width": 48, "height": 32, "images": [encode(pixels, "png")]},
    }
    path = tmp_path / "a.arrow"
    write_shard(path, [row], {"stride": 1})
    read = KeptClips([path])
    ((_, views),) = iter_views(read, Sampling(1, 1, 32), 1, 3, wanted=read, threads=1)
    for view, left in zip(views, (0, 8, 16), strict=True):
        shown = view[:, 0].numpy()
        np.testing.assert_array_equal(shown.transpose(1, 2, 0), pixels[:, left : left + 32])
    assert Image.fromarray(pixels).size == (48, 32)

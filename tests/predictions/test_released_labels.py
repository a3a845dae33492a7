"""The layouts that Ego-Exo released, in and out; malicious files run nothing."""

import pickle
from collections import OrderedDict

import numpy as np
import pytest

from wildframe.core.errors import UserError
from wildframe.core.schemas import CLIP_PREDICTIONS, INTERACTIONS
from wildframe.core.tables import read_table
from wildframe.predictions.released_labels import (
    export_interactions,
    export_scores,
    import_interactions,
    import_scores,
)


@pytest.fixture
def manifest(tmp_path, write_clips):
    return write_clips(
        tmp_path / "clips.parquet",
        {"clip_id": "a", "video_id": "va", "media": "train/a.mp4"},
        {"clip_id": "b", "video_id": "vb", "media": "train/b.mp4"},
        {"clip_id": "c", "video_id": "vc", "media": "train/c.mp4"},
    )


@pytest.fixture
def clips(tmp_path, write_kept):
    """Kept frames of two clips, 20 by 10 px: four frames, and two."""
    shown = {
        name: [np.zeros((10, 20, 3), np.uint8)] * count for name, count in (("a", 4), ("b", 2))
    }
    return [write_kept(tmp_path / "kept.arrow", shown)]


class Malicious:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


def write_pickle(path, value):
    path.write_bytes(pickle.dumps(value))
    return path


def scores_of(path):
    rows = read_table(path, CLIP_PREDICTIONS).to_pylist()
    return {row["clip_id"]: row["scores"] for row in rows}


def test_scores_are_found_by_path_or_else_by_file_name(tmp_path, manifest, capsys):
    released = OrderedDict(
        {
            "train/a.mp4": np.array([2, -1], np.float32),
            "/elsewhere/b.mp4": [0.0, 1.0],
            "/elsewhere/unknown.mp4": [0, 0],
        }
    )
    path, output = write_pickle(tmp_path / "ego.pkl", released), tmp_path / "p.parquet"
    import_scores(path, "viewpoint", manifest, output)
    assert scores_of(output) == {"a": [2, -1], "b": [0, 1]}
    row = read_table(output, CLIP_PREDICTIONS).to_pylist()[0]
    assert (row["head"], row["views"], row["embedding"]) == ("viewpoint", 2, None)
    assert "scores of 2 of 3 clips" in capsys.readouterr().out


def test_scores_of_a_file_name_are_not_those_of_two_videos(tmp_path, write_clips):
    manifest = write_clips(
        tmp_path / "clips.parquet",
        *({"clip_id": clip, "video_id": clip, "media": f"{clip}/v.mp4"} for clip in "ab"),
        {"clip_id": "c", "video_id": "c", "media": "c/w.mkv"},
    )
    path = write_pickle(tmp_path / "e.pkl", {"x/v.mp4": [0, 0], "x/w.mp4": [1, 1]})
    import_scores(path, "viewpoint", manifest, tmp_path / "p.parquet")
    assert scores_of(tmp_path / "p.parquet") == {"c": [1, 1]}


def test_a_file_name_that_is_there_twice_finds_nothing(tmp_path, manifest):
    released = {"x/a.mp4": [0, 0], "y/a.mp4": [1, 1], "x/b.mp4": [2, 2]}
    import_scores(
        write_pickle(tmp_path / "e.pkl", released), "viewpoint", manifest, tmp_path / "p.parquet"
    )
    assert scores_of(tmp_path / "p.parquet") == {"b": [2, 2]}


def test_scores_survive_a_round_trip(tmp_path, manifest):
    logits = {f"train/{name}.mp4": np.random.default_rng(0).normal(size=1000) for name in "ab"}
    first, second = tmp_path / "1.parquet", tmp_path / "2.parquet"
    import_scores(write_pickle(tmp_path / "o.pkl", logits), "object", manifest, first)
    export_scores(first, "object", manifest, tmp_path / "exported.pkl")
    import_scores(tmp_path / "exported.pkl", "object", manifest, second)
    assert scores_of(first) == scores_of(second)
    exported = pickle.loads((tmp_path / "exported.pkl").read_bytes())
    assert exported["train/a.mp4"] == pytest.approx(logits["train/a.mp4"])


def test_several_clips_of_a_file_are_refused_since_it_has_one_vector(tmp_path, write_clips):
    scores, output = tmp_path / "scores.parquet", tmp_path / "out.pkl"
    one = {"video_id": "v", "media": "train/v.mp4"}
    whole = write_clips(tmp_path / "whole.parquet", {"clip_id": "a", **one})
    pickled = write_pickle(tmp_path / "o.pkl", {"train/v.mp4": np.zeros(1000)})
    import_scores(pickled, "object", whole, scores)
    export_scores(scores, "object", whole, output)
    halves = write_clips(
        tmp_path / "halves.parquet", {"clip_id": "a", **one}, {"clip_id": "b", **one}
    )
    import_scores(pickled, "object", halves, scores)
    told = r"scores\.parquet: several clips are of train/v\.mp4, of which the format has one vector"
    with pytest.raises(UserError, match=told):
        export_scores(scores, "object", halves, tmp_path / "none.pkl")
    assert not (tmp_path / "none.pkl").exists()


def test_exported_pickles_are_those_of_numpy_1(tmp_path, manifest):
    path = write_pickle(tmp_path / "e.pkl", {"train/a.mp4": np.zeros(2, np.float32)})
    import_scores(path, "viewpoint", manifest, tmp_path / "p.parquet")
    export_scores(tmp_path / "p.parquet", "viewpoint", manifest, tmp_path / "out.pkl")
    content = (tmp_path / "out.pkl").read_bytes()
    assert b"cnumpy.core.multiarray\n_reconstruct\n" in content
    assert b"numpy._core" not in content


@pytest.mark.parametrize(
    ("released", "problem"),
    [
        ([1, 2], "not a dictionary of paths and logits"),
        ({"train/a.mp4": [1, 2, 3]}, "'train/a.mp4': not a path with 2 logits"),
        ({"train/a.mp4": [1, float("nan")]}, "'train/a.mp4': not a path with 2 logits"),
        ({"train/a.mp4": "text"}, "'train/a.mp4': not a path with 2 logits"),
        ({3: [1, 2]}, "3: not a path with 2 logits"),
        ({"x.mp4": [1, 2]}, "none of its paths, such as x.mp4, is that of a clip"),
    ],
)
def test_faulty_scores_are_named(tmp_path, manifest, released, problem):
    path = write_pickle(tmp_path / "e.pkl", released)
    with pytest.raises(UserError, match=problem):
        import_scores(path, "viewpoint", manifest, tmp_path / "p.parquet")


def test_malicious_scores_are_refused_by_name_and_run_nothing(tmp_path, manifest):
    path = write_pickle(tmp_path / "e.pkl", {"train/a.mp4": Malicious(tmp_path / "ran")})
    with pytest.raises(UserError, match=r"e.pkl: it names _?io.open"):
        import_scores(path, "viewpoint", manifest, tmp_path / "p.parquet")
    assert not (tmp_path / "ran").exists()


def test_exporting_needs_scores_of_the_head(tmp_path, manifest):
    path = write_pickle(tmp_path / "e.pkl", {"train/a.mp4": [0, 0]})
    import_scores(path, "viewpoint", manifest, tmp_path / "p.parquet")
    with pytest.raises(UserError, match="no scores of the head object"):
        export_scores(tmp_path / "p.parquet", "object", manifest, tmp_path / "out.pkl")


def pairs(*frames):
    """Return an object array as released: of each frame objects and hands."""
    array = np.empty(len(frames), object)
    array[:] = frames
    return array


def save(folder, **videos):
    folder.mkdir(exist_ok=True)
    for video, frames in videos.items():
        np.save(folder / f"{video}.npy", frames, allow_pickle=True)
    return folder


def test_boxes_in_pixels_become_shares_of_the_frame(tmp_path, manifest, clips):
    # Frames are twice as wide as high; with a short side of 100 px they are 200 by 100.
    hands = np.array([[20, 10, 60, 50, 0.9, 3], [0, 0, 100, 100, 0.4, 3]])
    folder = save(
        tmp_path / "npy",
        a=pairs((None, hands), (None, None), (np.array([[100, 50, 200, 100, 0.8, 0]]), None)),
        unknown=pairs((None, None)),
    )
    output = tmp_path / "i.parquet"
    import_interactions(folder, manifest, clips, 100, 0.5, output)
    keys = ("video_id", "frame", "kind", "position", "x1", "y1", "x2", "y2", "score")
    rows = read_table(output, INTERACTIONS).to_pylist()
    assert [tuple(row[key] for key in keys) for row in rows] == [
        ("va", 0, "hand", 0, 0.1, 0.1, pytest.approx(0.3), 0.5, 0.9),
        ("va", 2, "object", 0, 0.5, 0.5, 1, 1, 0.8),
    ]


def test_boxes_survive_a_round_trip(tmp_path, manifest, clips):
    folder = save(tmp_path / "npy", b=pairs((None, np.array([[2.0, 1, 10, 5, 0.75, 0]]))))
    first, second = tmp_path / "1.parquet", tmp_path / "2.parquet"
    import_interactions(folder, manifest, clips, 10, 0.5, first)
    export_interactions(first, manifest, clips, 10, tmp_path / "exported")
    # Of every video of which frames were kept, as many frames as it has up to the last of these.
    exported = {
        path.stem: np.load(path, allow_pickle=True)
        for path in (tmp_path / "exported").glob("*.npy")
    }
    assert {video: len(frames) for video, frames in exported.items()} == {"a": 4, "b": 2}
    objects, hands = exported["b"][0]
    assert objects is None
    assert hands.tolist() == [[2, 1, 10, 5, 0.75, 0]]
    import_interactions(tmp_path / "exported", manifest, clips, 10, 0.5, second)
    assert read_table(first, INTERACTIONS).equals(read_table(second, INTERACTIONS))


def test_boxes_are_in_files_of_the_videos_names_where_these_are_their_own(
    tmp_path, write_clips, write_kept
):
    """In class folders; two videos are called v, and a folder of frames as another video's id."""
    media = {
        "zumba_1": "train/zumba/1.0.mp4",
        "zumba_v": "train/zumba/v.mp4",
        "abseiling_v": "train/abseiling/v.MP4",
        "frames": "frames/zumba_v",
        "days": "frames/2021.03.04",
    }
    names = ["1.0", "zumba_v", "abseiling_v", "frames", "2021.03.04"]
    rows = ({"clip_id": video, "video_id": video, "media": media[video]} for video in media)
    manifest = write_clips(tmp_path / "clips.parquet", *rows)
    pixels = [np.zeros((10, 20, 3), np.uint8)]
    clips = [write_kept(tmp_path / "kept.arrow", dict.fromkeys(media, pixels))]
    boxes = {
        name: pairs((None, np.array([[2.0 * place, 0, 20, 10, 0.75, 0]])))
        for place, name in enumerate(names)
    }
    # Nobody's: which of both would it be?
    folder = save(tmp_path / "npy", v=boxes["1.0"], **boxes)
    output = tmp_path / "i.parquet"
    import_interactions(folder, manifest, clips, 10, 0.5, output)
    found = {row["video_id"]: row["x1"] for row in read_table(output, INTERACTIONS).to_pylist()}
    assert found == pytest.approx({video: place / 10 for place, video in enumerate(media)})
    export_interactions(output, manifest, clips, 10, tmp_path / "exported")
    exported = {path.stem for path in (tmp_path / "exported").glob("*.npy")}
    assert exported == {*names}


@pytest.mark.parametrize(
    "frames",
    [pairs((None,)), pairs((None, np.zeros(6))), pairs((None, np.zeros((1, 4)))), pairs(3)],
)
def test_a_faulty_frame_is_named(tmp_path, manifest, clips, frames):
    folder = save(tmp_path / "npy", a=frames)
    with pytest.raises(UserError, match=r"a.npy: frame 0: not a pair of objects and hands"):
        import_interactions(folder, manifest, clips, 10, 0.5, tmp_path / "i.parquet")


def test_malicious_boxes_are_refused_by_name_and_run_nothing(tmp_path, manifest, clips):
    folder = save(tmp_path / "npy", a=pairs((None, Malicious(tmp_path / "ran"))))
    with pytest.raises(UserError, match=r"a.npy: it names _?io.open"):
        import_interactions(folder, manifest, clips, 10, 0.5, tmp_path / "i.parquet")
    assert not (tmp_path / "ran").exists()


def test_a_folder_of_other_videos_is_refused(tmp_path, manifest, clips):
    folder = save(tmp_path / "npy", unknown=pairs((None, None)))
    with pytest.raises(UserError, match=r"no file of the videos of .*, such as a.npy"):
        import_interactions(folder, manifest, clips, 10, 0.5, tmp_path / "i.parquet")

"""Pseudo-labels in the layout of Ego-Exo's released files, in and out.

Scores are a pickle of ``{path: logits}``, a path as in the list of videos. Boxes are a folder of
``<video>.npy``: of each frame of the media a pair of objects and hands, each None or rows of
``x1, y1, x2, y2`` in pixels, ``score``, and further columns. ``<video>`` is the name of its file,
without folders and suffix; where that is not the name of one video alone, it is the ``video_id``.
"""

import pickle
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from numpy.lib import format as npy

from wildframe.core.arrays import Floats, Floats32
from wildframe.core.errors import UserError
from wildframe.core.files import atomic_directory, atomic_path
from wildframe.core.pickles import load_npy, read_pickle
from wildframe.core.schemas import CLIP_PREDICTIONS, CLIPS, INTERACTIONS
from wildframe.core.tables import Row, iter_rows, read_table, write_rows
from wildframe.frames.kept import KeptClips
from wildframe.predictions.interactions import COLUMNS, SIDES, write_boxes
from wildframe.sources.folders import VIDEO_SUFFIXES, without_suffix

Head = Literal["viewpoint", "object"]

VIEWS: Mapping[Head, int] = {"viewpoint": 2, "object": 64}
"""Clips or frames of a video that the released scores are means of."""

WIDTHS: Mapping[Head, int] = {"viewpoint": 2, "object": 1000}
"""Scores of a video."""

MARKER = "README.txt"
"""Marks a folder of exported boxes."""

_COLUMNS = 6
"""Columns of exported boxes: four sides, score, and a state that readers overwrite."""


class _Extent(NamedTuple):
    """What of a video its boxes are in."""

    name: str
    """Of the file of its boxes, without suffix."""
    size: tuple[float, float]
    """Width and height of its frames, in pixels of the boxes."""
    length: int
    """Number of its frames up to the last kept one."""


def import_scores(path: Path, head: Head, manifest: Path, output: Path) -> None:
    """Import released scores of clips, and print how many clips have some.

    A clip is found by the path of its media, or else by the name of its file, without folders and
    suffix, if there is one such path and one such media.

    Args:
        path: The pickle.
        head: What the scores are of.
        manifest: Clips of the dataset.
        output: CLIP_PREDICTIONS to write.

    Raises:
        UserError: The file is no such pickle, or has scores of none of the clips.
    """
    scores = _read_scores(path, WIDTHS[head])
    clips = read_table(manifest, CLIPS, ["clip_id", "media"]).to_pylist()
    names = _own_names((clip["media"], clip["media"]) for clip in clips)
    keys = {name: key for key, name in _own_names((key, key) for key in scores).items()}

    def found(media: str) -> Floats32 | None:
        return scores.get(media, scores.get(keys.get(names.get(media, ""), "")))

    rows = [
        {
            "clip_id": clip["clip_id"],
            "head": head,
            "views": VIEWS[head],
            "scores": of_clip,
            "embedding": None,
        }
        for clip in clips
        if (of_clip := found(clip["media"])) is not None
    ]
    if not rows:
        raise UserError(
            f"{path}: none of its paths, such as {min(scores, default='none')}, is that of a clip "
            f"of {manifest}; list the same videos"
        )
    print(f"{path}: scores of {len(rows)} of {len(clips)} clips", flush=True)
    write_rows(output, CLIP_PREDICTIONS, rows, facts={"origin": path.name})


def _own_names(paths: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return names of files, without folders and suffix, of those that have a name of their own.

    Args:
        paths: Pairs of who has a file and the path of it.
    """
    names: dict[str, set[str]] = defaultdict(set)
    owners: dict[str, set[str]] = defaultdict(set)
    for owner, path in paths:
        name = PurePosixPath(path).name
        name = without_suffix(name) if name.lower().endswith(VIDEO_SUFFIXES) else name
        names[owner].add(name)
        owners[name].add(owner)
    return {
        owner: name
        for owner, (name, *others) in names.items()
        if not others and owners[name] == {owner}
    }


def _read_scores(path: Path, width: int) -> dict[str, Floats32]:
    loaded = read_pickle(path)
    if not isinstance(loaded, dict):
        raise UserError(f"{path}: not a dictionary of paths and logits; name the released file")
    scores = {}
    for key, value in loaded.items():
        try:
            logits = np.asarray(value, np.float32)
        except (TypeError, ValueError):
            logits = np.zeros(0, np.float32)
        if not isinstance(key, str) or logits.shape != (width,) or not np.isfinite(logits).all():
            raise UserError(f"{path}: {key!r}: not a path with {width} logits; get the file anew")
        scores[key] = logits
    return scores


def export_scores(predictions: Path, head: Head, manifest: Path, output: Path) -> None:
    """Write the scores of one head as a pickle of ``{path: logits}``.

    Raises:
        UserError: A clip is not in the manifest, or no clip has scores of the head.
    """
    media = {row["clip_id"]: row["media"] for row in read_table(manifest, CLIPS).to_pylist()}
    columns = ["clip_id", "head", "scores"]
    rows = read_table(predictions, CLIP_PREDICTIONS, columns).to_pylist()
    wanted = [row for row in rows if row["head"] == head]
    if not wanted:
        raise UserError(f"{predictions}: no scores of the head {head}; name those of its teacher")
    scores: dict[str, Floats32] = {}
    for row in wanted:
        if row["clip_id"] not in media:
            raise UserError(
                f"{predictions}: clip {row['clip_id']} is not in {manifest}; name its manifest"
            )
        file = media[row["clip_id"]]
        if file in scores:
            raise UserError(
                f"{predictions}: several clips are of {file}, of which the format has one vector; "
                "cut them into files of their own"
            )
        scores[file] = np.array(row["scores"], np.float32)
    with atomic_path(output) as temporary:
        temporary.write_bytes(_pickled(scores))


def _pickled(value: Any) -> bytes:
    """Return a pickle that numpy 1, which the released code needs, can read."""
    # Up to protocol 3 names stand in lines of their own. Numpy 2 still knows the old one.
    return pickle.dumps(value, 3).replace(b"cnumpy._core.multiarray\n", b"cnumpy.core.multiarray\n")


def import_interactions(
    folder: Path,
    manifest: Path,
    clips: Sequence[Path],
    short_side: int,
    min_score: float,
    output: Path,
) -> None:
    """Import released boxes.

    Args:
        folder: Folder of ``<video>.npy``, named as above; videos without a file have no boxes.
        manifest: Clips of the dataset.
        clips: Shards of its kept clips, which tell the shape of frames.
        short_side: Of the frames that boxes are in, in pixels.
        min_score: Smallest confidence of boxes that are imported.
        output: INTERACTIONS to write.

    Raises:
        UserError: A file is none of boxes, or the folder has none of the dataset's videos.
    """
    extents = _extents(manifest, clips, short_side)
    paths = {video: folder / f"{extent.name}.npy" for video, extent in extents.items()}
    found = {video: path for video, path in paths.items() if path.is_file()}
    if not found:
        raise UserError(
            f"{folder}: no file of the videos of {manifest}, such as {min(paths.values()).name}; "
            "name the folder of <video>.npy"
        )
    print(f"{folder}: boxes of {len(found)} of {len(extents)} videos", flush=True)
    tables = [_read_video(video, path, extents[video].size) for video, path in found.items()]
    write_boxes(pa.concat_tables(tables), str(folder), [*extents], min_score, output)


def _extents(manifest: Path, clips: Sequence[Path], short_side: int) -> dict[str, _Extent]:
    """Return the extent of each video at another size of frames, from its kept clips."""
    kept = KeptClips(clips)
    rows = read_table(manifest, CLIPS, ["clip_id", "video_id", "media"]).to_pylist()
    names = _own_names((row["video_id"], row["media"]) for row in rows)
    videos = {row["video_id"] for row in rows}
    extents: dict[str, _Extent] = {}
    for row in rows:
        if row["clip_id"] in kept:
            video, clip = row["video_id"], kept[row["clip_id"]]
            shorter = min(clip.width, clip.height)
            size = clip.width * short_side / shorter, clip.height * short_side / shorter
            before = extents[video].length if video in extents else 0
            # No name is the id of another video, which that may have to be called by.
            name = video if names.get(video) in videos else names.get(video, video)
            extents[video] = _Extent(name, size, max(before, max(clip.frames) + 1))
    return extents


def _read_video(video: str, path: Path, size: tuple[float, float]) -> pa.Table:
    """Return the boxes of one video as a table of `COLUMNS`."""
    with path.open("rb") as file:
        frames = load_npy(file, str(path))
    pieces = [
        (kind, frame, boxes)
        for frame, pair in enumerate(frames)
        for kind, boxes in zip(("object", "hand"), _pair(path, frame, pair), strict=True)
        if len(boxes)
    ]
    counts = [len(boxes) for _, _, boxes in pieces]
    values = np.concatenate([np.zeros((0, 5)), *(boxes for _, _, boxes in pieces)])
    sides = values[:, :4] / [*size, *size]
    return pa.table(
        {
            "video_id": [video] * len(values),
            "frame": np.repeat(np.array([frame for _, frame, _ in pieces], np.int64), counts),
            "kind": np.repeat(np.array([kind for kind, _, _ in pieces], object), counts),
            **dict(zip(SIDES, sides.T, strict=True)),
            "score": values[:, 4],
        },
        schema=COLUMNS,
    )


def _pair(path: Path, frame: int, pair: Any) -> list[Floats]:
    """Return rows of x1, y1, x2, y2 and score of objects and of hands."""
    try:
        objects, hands = pair
        found = [
            np.zeros((0, 5)) if boxes is None else np.asarray(boxes, np.float64)[:, :5]
            for boxes in (objects, hands)
        ]
        if any(boxes.shape[1] != len(SIDES) + 1 for boxes in found):
            raise ValueError("fewer than five columns")
    except (IndexError, TypeError, ValueError) as error:
        raise UserError(
            f"{path}: frame {frame}: not a pair of objects and hands, each None or rows of x1, y1, "
            f"x2, y2, score ({error}); get the file anew"
        ) from error
    return found


def export_interactions(
    interactions: Path, manifest: Path, clips: Sequence[Path], short_side: int, output: Path
) -> None:
    """Write boxes as a folder of ``<video>.npy``, in pixels of frames with this short side.

    Raises:
        UserError: The folder holds something else.
    """
    extents = _extents(manifest, clips, short_side)
    with atomic_directory(output, MARKER) as folder:
        (folder / MARKER).write_text(
            "Boxes of hands and objects, <video>.npy: of each frame (objects, hands), each None or "
            f"rows of x1, y1, x2, y2, score, 0; in pixels of frames with a short side of "
            f"{short_side}.\n",
            encoding="utf-8",
        )
        for video, boxes in _by_video(interactions, extents).items():
            frames = _frames(boxes, extents[video])
            with (folder / f"{extents[video].name}.npy").open("wb") as file:
                header = {"descr": "|O", "fortran_order": False, "shape": frames.shape}
                npy.write_array_header_1_0(file, header)
                file.write(_pickled(frames))


def _by_video(interactions: Path, videos: Iterable[str]) -> dict[str, list[Row]]:
    """Return the boxes of each video, also of one without any."""
    found: dict[str, list[Row]] = {video: [] for video in sorted(videos)}
    for row in iter_rows(interactions, INTERACTIONS):
        if row["video_id"] in found:
            found[row["video_id"]].append(row)
    return found


def _frames(boxes: Sequence[Row], extent: _Extent) -> npt.NDArray[np.object_]:
    """Return pairs of objects and hands of each frame, shape (frames,)."""
    scale = np.array([*extent.size, *extent.size])
    by_frame: dict[tuple[int, str], list[list[float]]] = {}
    for box in boxes:
        sides = (np.array([box[side] for side in SIDES]) * scale).tolist()
        by_frame.setdefault((box["frame"], box["kind"]), []).append([*sides, box["score"], 0.0])
    frames = np.empty(max([extent.length, *(frame + 1 for frame, _ in by_frame)]), object)
    for frame in range(len(frames)):
        pair = (by_frame.get((frame, kind)) for kind in ("object", "hand"))
        frames[frame] = tuple(
            None if rows is None else np.array(rows, np.float32).reshape(-1, _COLUMNS)
            for rows in pair
        )
    return frames

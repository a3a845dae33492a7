"""Clips as models are trained with and tested on: decoded and augmented beside the model's steps.

What is loaded depends on seed, epoch and position in the epoch only, and not on threads, on the
size of batches or on where an epoch was taken up again.
"""

import math
import sys
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice, product
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import torch
from numpy.typing import NDArray

from wildframe.core.errors import UserError
from wildframe.core.pixels import Pixels
from wildframe.core.schemas import CLIPS, INTERACTIONS
from wildframe.core.tables import Row, read_table
from wildframe.frames.kept import KeptClip, KeptClips
from wildframe.models.clips.sampling import (
    HAND,
    OBJECT,
    ClipBoxes,
    Region,
    Sampling,
    random_positions,
    random_region,
    view_positions,
    view_regions,
)

T = TypeVar("T")
U = TypeVar("U")
Span = tuple[float, float]
"""Times in the media of the first and the last frame that is shown."""
Loaded = tuple[torch.Tensor, ClipBoxes, Span]

_SIDES = ("x1", "y1", "x2", "y2")


@dataclass(frozen=True, slots=True)
class ClipBatch:
    """Clips of one step."""

    clips: torch.Tensor
    """(B, 3, T, crop, crop) float32, of mean 0.45 and standard deviation 0.225."""
    rows: list[Row]
    """Of each clip, its row of CLIPS."""
    boxes: list[ClipBoxes]
    """Of each clip, boxes of hands and objects in what is shown."""
    spans: list[Span]
    """Of each clip, when what is shown begins and ends, in seconds of the media."""


class TrainingClips:
    """The training clips of a dataset that could be read."""

    def __init__(
        self,
        kept: Sequence[Path],
        manifest: Path,
        sampling: Sampling,
        seed: int,
        *,
        interactions: Path | None = None,
        wanted: Collection[str] | None = None,
        paired: bool = False,
        threads: int = 1,
    ) -> None:
        """Open the clips of a dataset.

        Args:
            kept: Shards of kept clips.
            manifest: CLIPS of the dataset.
            sampling: Length and size of what is shown.
            seed: Seed of order and augmentation.
            interactions: INTERACTIONS of the dataset; None: clips have no boxes.
            wanted: ``clip_id`` of clips to learn from; None: all.
            paired: Whether a batch is of pairs: a first-person clip, then one of the same
                ``pair_id`` by a third person.
            threads: Threads that decode.

        Raises:
            UserError: A file is absent or of something else, or there is no clip to learn from.
        """
        self._kept = KeptClips(kept)
        self._step = sampling.step(self._kept.stride)
        self._sampling, self._seed, self._threads = sampling, seed, threads
        self._table = _training_rows(manifest, self._kept, wanted)
        self._ids = self._table.column("clip_id").to_pylist()
        self._videos = self._table.column("video_id").to_pylist()
        self._groups = (
            _pairs(self._table) if paired else [([row],) for row in range(len(self._ids))]
        )
        if not self._groups:
            what = "pair of clips of both viewpoints" if paired else "clip"
            raise UserError(
                f"{manifest}: no {what} of split train could be read; `wildframe frames "
                "show-clips` says which clips could not"
            )
        self._boxes = _Interactions(interactions, set(self._videos)) if interactions else None

    def __len__(self) -> int:
        return len(self._groups)

    def values(self, column: str) -> set[Any]:
        """Return what a column of CLIPS has of the clips."""
        return set(self._table.column(column).to_pylist())

    def steps(self, size: int) -> int:
        """Return the number of batches of an epoch; clips that do not fill another are left out."""
        return max(1, len(self) // size)

    def batches(
        self,
        epoch: int,
        size: int,
        *,
        start: int = 0,
        rank: int = 0,
        world: int = 1,
        silent: bool = False,
    ) -> Iterator[ClipBatch]:
        """Yield the batches of an epoch in a new order; at its end the first rank prints the speed.

        Args:
            epoch: Number of the epoch, 0-based, which decides order and augmentation.
            size: Clips, or pairs, of a batch of all ranks together.
            start: First batch to yield; earlier ones are not loaded.
            rank: Which part of each batch is loaded.
            world: Number of parts of a batch.
            silent: Whether the first rank is not to print it.
        """
        order = np.random.default_rng([self._seed, epoch]).permutation(len(self))
        chosen = [
            np.array_split(np.arange(step * size, min((step + 1) * size, len(self))), world)[rank]
            for step in range(start, self.steps(size))
        ]
        units = [(int(order[position]), int(position)) for part in chosen for position in part]
        two_steps = 2 * math.ceil(size / world)
        loaded = _ahead(
            lambda unit: self._load_unit(epoch, *unit), units, self._threads, ahead=two_steps
        )
        with _Speed(f"epoch {epoch + 1}", silent=silent or rank > 0) as speed:
            for part in chosen:
                clips = [clip for unit in speed.wait(loaded, len(part)) for clip in unit]
                rows, shown = zip(*clips, strict=True)
                tensors, boxes, spans = zip(*shown, strict=True)
                batch = self._table.take(pa.array(rows)).to_pylist()
                speed.clips += len(rows)
                yield ClipBatch(torch.stack(tensors), batch, list(boxes), list(spans))

    def _load_unit(self, epoch: int, unit: int, position: int) -> list[tuple[int, Loaded]]:
        """Return rows of a unit's clips, and the clips."""
        rng = np.random.default_rng([self._seed, epoch, position])
        rows = [members[int(rng.integers(len(members)))] for members in self._groups[unit]]
        return [(row, self._load(row, rng)) for row in rows]

    def _load(self, row: int, rng: np.random.Generator) -> Loaded:
        clip = self._kept[self._ids[row]]
        positions = random_positions(rng, len(clip), self._sampling.frames, self._step)
        region = random_region(rng, clip.width, clip.height, self._sampling)
        boxes = ClipBoxes.none()
        if self._boxes:
            frames = np.asarray(clip.frames)[positions]
            boxes = region.boxes(self._boxes.of(self._videos[row], frames))
        span = clip.times[positions[0]], clip.times[positions[-1]]
        shown = torch.from_numpy(_show(clip, positions, region, self._sampling.crop))
        return normalised(shown), boxes, span


def iter_views(
    kept: KeptClips,
    sampling: Sampling,
    n_clips: int,
    crops: int,
    *,
    wanted: Iterable[str],
    threads: int,
) -> Iterator[tuple[str, torch.Tensor]]:
    """Yield the id and the views of each clip: several stretches of it, each in several crops.

    Args:
        kept: Kept clips.
        sampling: Length and size of what is shown; crops have the whole short side.
        n_clips: Stretches.
        crops: Crops of each.
        wanted: ``clip_id`` of clips, which can be read.
        threads: Threads that decode.

    Yields:
        ``clip_id`` and uint8 RGB of shape (n_clips * crops, 3, T, crop, crop): see `normalised`.

    Raises:
        UserError: The stride is no multiple of the kept one, or a frame cannot be decoded.
    """
    step = sampling.step(kept.stride)

    def load(clip_id: str) -> tuple[str, torch.Tensor]:
        clip = kept[clip_id]
        stretches = view_positions(len(clip), sampling.frames, step, n_clips)
        regions = view_regions(clip.width, clip.height, crops)
        count = len(stretches) * len(regions)
        views = np.empty((count, 3, sampling.frames, sampling.crop, sampling.crop), np.uint8)
        for view, shown in zip(views, product(stretches, regions), strict=True):
            view[:] = _show(clip, *shown, sampling.crop)
        return clip_id, torch.from_numpy(views)

    return _ahead(load, wanted, threads, ahead=threads)


def normalised(pixels: torch.Tensor) -> torch.Tensor:
    """Return uint8 pixels as float32 of mean 0.45 and standard deviation 0.225, on their device."""
    # On a GPU, numbers in place of tensors would be multiplied by as inverses, which rounds.
    white, mean, deviation = torch.tensor([255, 0.45, 0.225], device=pixels.device)
    return pixels.float().div_(white).sub_(mean).div_(deviation)


def _show(clip: KeptClip, positions: NDArray[np.int64], region: Region, side: int) -> Pixels:
    """Return frames of a clip, (3, T, side, side)."""
    shown = {at: region.show(clip.image(at), side) for at in np.unique(positions).tolist()}
    frames = np.stack([shown[at] for at in positions.tolist()])
    return np.ascontiguousarray(frames.transpose(3, 0, 1, 2))


def _training_rows(manifest: Path, kept: KeptClips, wanted: Collection[str] | None) -> pa.Table:
    table = read_table(manifest, CLIPS)
    ids = pa.array([clip for clip in kept if wanted is None or clip in wanted], pa.string())
    chosen = pc.and_(
        pc.equal(table.column("split"), "train"),
        pc.is_in(table.column("clip_id"), value_set=ids),
    )
    return table.filter(chosen)


def _pairs(table: pa.Table) -> list[tuple[list[int], list[int]]]:
    """Return, of each pair with both viewpoints, the rows of its first- and third-person clips."""
    pairs: dict[str, tuple[list[int], list[int]]] = {}
    columns = (table.column(name).to_pylist() for name in ("pair_id", "viewpoint"))
    for row, (pair, viewpoint) in enumerate(zip(*columns, strict=True)):
        if pair is not None and viewpoint is not None:
            pairs.setdefault(pair, ([], []))[viewpoint != "ego"].append(row)
    return [pair for pair in pairs.values() if all(pair)]


class _Interactions:
    """Boxes of hands and objects by video and frame."""

    def __init__(self, path: Path, videos: set[str]) -> None:
        table = read_table(path, INTERACTIONS)
        of_videos = pc.is_in(table.column("video_id"), value_set=pa.array(sorted(videos)))
        table = table.filter(of_videos).sort_by([("video_id", "ascending"), ("frame", "ascending")])
        runs = pc.run_end_encode(table.column("video_id").combine_chunks())
        ends = runs.run_ends.to_pylist()
        slices = map(slice, [0, *ends], ends)
        self._of_video = dict(zip(runs.values.to_pylist(), slices, strict=True))
        self._frames = table.column("frame").to_numpy()
        kinds = pc.equal(table.column("kind"), "object").to_numpy()
        self._boxes = ClipBoxes(
            np.stack([table.column(side).to_numpy() for side in _SIDES], axis=1).astype(np.float32),
            np.where(kinds, OBJECT, HAND),
            table.column("score").to_numpy().astype(np.float32),
            self._frames,
        )

    def of(self, video: str, frames: NDArray[np.int64]) -> ClipBoxes:
        """Return the boxes of frames of a video, which are the frames of a clip."""
        place = self._of_video.get(video, slice(0, 0))
        numbers = self._frames[place]
        lows, highs = np.searchsorted(numbers, frames), np.searchsorted(numbers, frames, "right")
        counts = highs - lows
        rows = [np.arange(low, high) + place.start for low, high in zip(lows, highs, strict=True)]
        found = self._boxes[np.concatenate(rows)]
        positions = np.repeat(np.arange(len(frames)), counts)
        return ClipBoxes(found.sides, found.kinds, found.scores, positions)


def _ahead(load: Callable[[T], U], items: Iterable[T], threads: int, *, ahead: int) -> Iterator[U]:
    """Yield what is loaded of each item, in their order, up to so many of them ahead."""
    rest = iter(items)
    pool = ThreadPoolExecutor(threads, thread_name_prefix="clips")
    try:
        pending: deque[Future[U]] = deque(
            pool.submit(load, item) for item in islice(rest, max(ahead, 1))
        )
        while pending:
            loaded = pending.popleft().result()
            pending.extend(pool.submit(load, item) for item in islice(rest, 1))
            yield loaded
    finally:
        pool.shutdown(cancel_futures=True)


class _Speed:
    """Prints how many clips a second were learnt from, and how long they were waited for."""

    def __init__(self, label: str, *, silent: bool) -> None:
        self._label, self._silent = label, silent
        self.clips = 0
        self._waited = 0.0

    def wait(self, items: Iterator[T], count: int) -> list[T]:
        """Return so many of the items."""
        start = time.perf_counter()
        taken = list(islice(items, count))
        self._waited += time.perf_counter() - start
        return taken

    def __enter__(self) -> "_Speed":
        self._start = time.perf_counter()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None and not self._silent and self.clips:
            seconds = max(time.perf_counter() - self._start, 1e-9)
            print(
                f"{self._label}: {self.clips} clips, {self.clips / seconds:.1f} clips/s, "
                f"{self._waited / seconds:.0%} of the time waiting for clips",
                file=sys.stderr,
            )

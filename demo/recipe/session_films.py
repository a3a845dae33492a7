"""Films sessions: small and plain videos, with boxes of hands and what they are at."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path

from recipe.catalog import FPS
from recipe.encode import encode
from recipe.gestures import ScriptMotion
from recipe.hand import HandRig
from recipe.render import Film, Outline
from recipe.sessions import RATE, Video
from recipe.staging import Staging
from recipe.tables import Row

LEAST_PIXELS = 4
"""Of a thing with a box: the images are small."""


def film(staging: Staging, rig: HandRig) -> Film:
    """Open a renderer for a session."""
    return Film(staging, rig, plain=True, least_pixels=LEAST_PIXELS)


def write(path: Path, staging: Staging, film: Film) -> None:
    """Write the video."""
    spec = staging.spec
    images = map(film.image, _grid(staging))
    encode(path, images, (spec.width, spec.height), spec.codec, spec.gop, RATE)


def boxes(video: Video, staging: Staging, film: Film) -> Iterator[Row]:
    """Rows of visible hands, and of objects that a hand is at, in every frame."""
    for frame, index in enumerate(_grid(staging)):
        things = _things(staging, index / FPS)
        outlines = film.outlines(index, [owners for _, owners in things])
        for (kind, _), outline in zip(things, outlines, strict=True):
            if outline:
                yield video.name, frame, kind, *_sides(outline, staging)


def _grid(staging: Staging) -> range:
    """Frames on the 30 fps grid."""
    return range(0, staging.spec.frame_count, FPS // RATE)


def _things(staging: Staging, time: float) -> list[tuple[str, Collection[str]]]:
    """Kind, and label of the scene, of each thing that has a box."""
    things: list[tuple[str, Collection[str]]] = []
    for number, hand in enumerate(staging.hands):
        things.append(("hand", {f"hand{number}"}))
        if isinstance(hand.motion, ScriptMotion) and hand.motion.touches(time):
            things.append(("object", {f"prop{number}"}))
    return things


def _sides(outline: Outline, staging: Staging) -> tuple[float, ...]:
    """x1, y1, x2, y2 as shares of the frame."""
    x, y, width, height = outline
    across, down = staging.spec.width, staging.spec.height
    sides = (x / across, y / down, (x + width) / across, (y + height) / down)
    return tuple(round(side, 3) for side in sides)

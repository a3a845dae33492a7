"""Rooms the clips are filmed in: procedural table tops, walls, light and bystander objects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from PIL import Image

from recipe.geometry import Array

Colour = tuple[float, float, float]
Pattern = Literal["wood", "speckle", "gingham", "tiles", "plain"]
TEXTURE_SIZE = 512


@dataclass(frozen=True)
class Room:
    """Surfaces, light and the things that lie about."""

    pattern: Pattern
    table: Colour
    accent: Colour
    wall: Colour
    cupboard: Colour
    lamp: Colour
    lamp_position: tuple[float, float, float]
    ambient: float
    skin: Colour
    sleeve: Colour
    bystanders: tuple[str, ...]


ROOMS = {
    "kitchen": Room(
        "wood", (0.76, 0.60, 0.42), (0.62, 0.45, 0.29), (0.86, 0.84, 0.78), (0.55, 0.62, 0.60),
        (0.62, 0.60, 0.55), (0.6, -0.2, 1.6), 0.29, (0.80, 0.57, 0.46), (0.24, 0.29, 0.41),
        ("tumbler", "paper_roll", "spoon", "plant"),
    ),
    "workshop": Room(
        "speckle", (0.47, 0.45, 0.42), (0.29, 0.32, 0.30), (0.58, 0.60, 0.60), (0.30, 0.33, 0.38),
        (0.70, 0.70, 0.72), (-0.5, 0.1, 1.5), 0.26, (0.62, 0.42, 0.32), (0.37, 0.33, 0.24),
        ("tape", "pliers", "tape_measure"),
    ),
    "lounge": Room(
        "wood", (0.42, 0.27, 0.18), (0.30, 0.18, 0.12), (0.74, 0.68, 0.58), (0.29, 0.25, 0.20),
        (0.66, 0.58, 0.46), (-0.7, -0.1, 1.4), 0.28, (0.86, 0.66, 0.56), (0.55, 0.18, 0.18),
        ("keys", "succulent", "plant"),
    ),
    "dining": Room(
        "gingham", (0.74, 0.73, 0.70), (0.55, 0.25, 0.24), (0.80, 0.78, 0.68), (0.70, 0.58, 0.44),
        (0.58, 0.56, 0.52), (0.4, 0.2, 1.7), 0.29, (0.55, 0.37, 0.28), (0.80, 0.80, 0.78),
        ("tumbler", "spoon", "bowl", "sugar_bowl"),
    ),
    "office": Room(
        "plain", (0.72, 0.72, 0.70), (0.66, 0.66, 0.65), (0.70, 0.76, 0.80), (0.88, 0.88, 0.86),
        (0.60, 0.62, 0.64), (0.7, 0.0, 1.5), 0.29, (0.78, 0.55, 0.43), (0.20, 0.22, 0.24),
        ("stapler", "pen_box", "tumbler"),
    ),
    "bathroom": Room(
        "tiles", (0.70, 0.74, 0.76), (0.50, 0.54, 0.56), (0.72, 0.82, 0.82), (0.90, 0.92, 0.92),
        (0.62, 0.64, 0.66), (-0.4, -0.2, 1.6), 0.29, (0.72, 0.50, 0.40), (0.45, 0.55, 0.45),
        ("tumbler", "paper_roll", "plant"),
    ),
}  # fmt: skip


def table_texture(room: Room, seed: int) -> Image.Image:
    """Paint the table top; the same seed paints the same top."""
    rng = np.random.default_rng(seed)
    painter = {
        "wood": _wood,
        "speckle": _speckle,
        "gingham": _gingham,
        "tiles": _tiles,
        "plain": _plain,
    }[room.pattern]
    amount = np.clip(painter(rng), 0.0, 1.0)[..., None]
    colour = np.array(room.table) * (1 - amount) + np.array(room.accent) * amount
    grain = rng.normal(0.0, 0.012, (TEXTURE_SIZE, TEXTURE_SIZE, 1))
    return Image.fromarray((np.clip(colour + grain, 0, 1) * 255).astype(np.uint8))


def _noise(rng: np.random.Generator, columns: int, rows: int) -> Array:
    """Smooth noise in 0..1 with the given number of cells."""
    cells = Image.fromarray((rng.random((rows, columns)) * 255).astype(np.uint8))
    return np.asarray(cells.resize((TEXTURE_SIZE, TEXTURE_SIZE), Image.Resampling.BICUBIC)) / 255.0


def _wood(rng: np.random.Generator) -> Array:
    planks = np.repeat(rng.random(8) * 0.45, TEXTURE_SIZE // 8)[:, None]
    figure = np.sin(30 * _noise(rng, 4, 14) + 14 * _noise(rng, 3, 40)) * 0.5 + 0.5
    fibre = _noise(rng, 10, 220)
    seams = (np.arange(TEXTURE_SIZE) % (TEXTURE_SIZE // 8) < 2)[:, None] * 0.7
    return planks + 0.28 * figure + 0.25 * fibre + seams


def _speckle(rng: np.random.Generator) -> Array:
    return 0.55 * _noise(rng, 9, 9) + 0.5 * (_noise(rng, 150, 150) > 0.72)


def _gingham(rng: np.random.Generator) -> Array:
    stripe = (np.arange(TEXTURE_SIZE) // 32 % 2).astype(float)
    crossed: Array = 0.45 * (stripe[:, None] + stripe[None, :])
    return crossed + 0.08 * _noise(rng, 60, 60)


def _tiles(rng: np.random.Generator) -> Array:
    grout = np.arange(TEXTURE_SIZE) % 64 < 3
    return np.maximum(grout[:, None], grout[None, :]) * 0.9 + 0.12 * _noise(rng, 8, 8)


def _plain(rng: np.random.Generator) -> Array:
    return 0.6 * _noise(rng, 5, 5)

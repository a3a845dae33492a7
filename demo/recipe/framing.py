"""Where the wearer's head is and how wide the camera sees."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from recipe.geometry import Array, looking_at

NARROWEST, WIDEST = math.radians(26), math.radians(62)


@dataclass(frozen=True)
class View:
    """First-person viewpoint over the table."""

    eye: Array
    centre: Array
    fov_y: float


def frame_objects(points: Array, aspect: float, rng: np.random.Generator) -> View:
    """Choose a viewpoint from which `points` fill about half of the image."""
    centre = (points.max(axis=0) + points.min(axis=0)) / 2
    size = float((points.max(axis=0) - points.min(axis=0)).max())
    distance = float(np.clip(size * rng.uniform(1.9, 2.4), 0.36, 0.85))
    azimuth = rng.uniform(-0.25, 0.25)
    elevation = rng.uniform(0.55, 0.85)
    direction = np.array(
        [
            math.sin(azimuth) * math.cos(elevation),
            -math.cos(azimuth) * math.cos(elevation),
            math.sin(elevation),
        ]
    )
    eye = centre + distance * direction
    seen = (points - eye) @ looking_at(eye, centre)
    half_width, half_height = np.abs(seen[:, :2] / -seen[:, 2:]).max(axis=0)
    fill = rng.uniform(0.48, 0.68)
    fov_y = 2 * math.atan(max(half_height, half_width / aspect) / fill)
    return View(eye, centre, float(np.clip(fov_y, NARROWEST, WIDEST)))

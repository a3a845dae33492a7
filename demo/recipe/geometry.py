"""Rigid poses and easing curves shared by the scene and its motion."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

MIRROR = np.diag([-1.0, 1.0, 1.0])
"""Reflection that turns a right-handed arrangement into a left-handed one."""


@dataclass(frozen=True)
class Pose:
    """A rotation followed by a translation (metres, z up)."""

    rotation: Array = field(default_factory=lambda: np.eye(3))
    position: Array = field(default_factory=lambda: np.zeros(3))

    def apply(self, points: Array) -> Array:
        """Transform an (n, 3) array of points."""
        return points @ self.rotation.T + self.position

    def then(self, inner: Pose) -> Pose:
        """Pose of a frame that sits at `inner` inside this one."""
        return Pose(self.rotation @ inner.rotation, self.rotation @ inner.position + self.position)

    def inverse(self) -> Pose:
        """Pose that undoes this one."""
        return Pose(self.rotation.T, -self.rotation.T @ self.position)

    def mirrored(self) -> Pose:
        """The same pose seen in the x = 0 mirror."""
        return Pose(MIRROR @ self.rotation @ MIRROR, MIRROR @ self.position)


def rotation_about(axis: Array | tuple[float, float, float], angle: float) -> Array:
    """Rotation matrix about `axis` by `angle` radians (Rodrigues)."""
    x, y, z = np.asarray(axis, dtype=float) / np.linalg.norm(axis)
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    turn: Array = np.eye(3) + math.sin(angle) * cross + (1 - math.cos(angle)) * cross @ cross
    return turn


def rotation_xyz(degrees: tuple[float, float, float]) -> Array:
    """Rotation by x, then y, then z degrees about the fixed axes."""
    rx, ry, rz = (math.radians(angle) for angle in degrees)
    return (
        rotation_about((0, 0, 1), rz)
        @ rotation_about((0, 1, 0), ry)
        @ rotation_about((1, 0, 0), rx)
    )


def looking_at(eye: Array, target: Array, roll: float = 0.0) -> Array:
    """Camera rotation (x right, y up, looking along -z) from `eye` to `target`."""
    backward = (eye - target) / np.linalg.norm(eye - target)
    right = np.cross((math.sin(roll), 0.0, math.cos(roll)), backward)
    right /= np.linalg.norm(right)
    return np.stack((right, np.cross(backward, right), backward), axis=1)


def aligned_with(direction: Array) -> Array:
    """Any rotation whose z axis points along `direction`."""
    z = direction / np.linalg.norm(direction)
    helper = np.array([1.0, 0.0, 0.0]) if abs(z[0]) < 0.9 else np.array([0.0, 1.0, 0.0])
    x = np.cross(helper, z)
    x /= np.linalg.norm(x)
    return np.stack((x, np.cross(z, x), z), axis=1)


def ease(progress: float) -> float:
    """Minimum-jerk curve from 0 to 1, the profile of human reaching."""
    t = min(max(progress, 0.0), 1.0)
    return t**3 * (10 - 15 * t + 6 * t * t)

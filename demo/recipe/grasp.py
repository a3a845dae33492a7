"""Where the hand sits when it holds an object."""

from __future__ import annotations

import numpy as np

from recipe.assets import Shape
from recipe.catalog import ObjectModel, Side
from recipe.geometry import MIRROR, Array, Pose, rotation_about, rotation_xyz

PALM_CLEARANCE = 0.013
TABLE_CLEARANCE = 0.003
NEIGHBOURHOOD = 0.06
REACHING_DOWN = -0.45
"""Pitch of a hand that comes from above: the wrist stays higher than the fingers."""


def hand_pose(
    model: ObjectModel, shape: Shape, rest: Pose, side: Side, hand_vertices: Array
) -> Pose:
    """World pose of a hand of `side` that holds `shape` lying at `rest`.

    `hand_vertices` are those of the closed right hand; the left hand is planned in the mirror.
    """
    points = rest.apply(shape.points)
    if side == "left":
        points = points @ MIRROR
        rest = rest.mirrored()
    plan = _from_above if model.grasp == "top" else _from_the_side
    pose = plan(model, points, rest, shape.extent, hand_vertices)
    return pose.mirrored() if side == "left" else pose


def _from_above(
    model: ObjectModel, points: Array, rest: Pose, extent: Array, hand_vertices: Array
) -> Pose:
    yaw = np.arctan2(rest.rotation[1, 0], rest.rotation[0, 0])
    # Fingers close across the object's length; a right arm cannot turn much further.
    yaw = float(np.clip((yaw + np.pi / 2) % np.pi - np.pi / 2, -0.2, 0.7))
    rotation = rotation_about((0, 0, 1), yaw) @ rotation_about((1, 0, 0), REACHING_DOWN)
    along = rest.rotation[:, 0] if rest.rotation[0, 0] > 0 else -rest.rotation[:, 0]
    spot = rest.position + along * extent[0] * abs(model.reach)
    neighbours = points[np.hypot(*(points - spot)[:, :2].T) < NEIGHBOURHOOD]
    top = neighbours[:, 2].max() if len(neighbours) else points[:, 2].max()
    height = max(top + PALM_CLEARANCE, _height_off_table(rotation, hand_vertices))
    # The bent fingers hang in front of the palm, so the palm itself stays behind the object.
    behind = rotation_about((0, 0, 1), yaw) @ np.array([0.0, -0.022, 0.0])
    return Pose(rotation, np.array([spot[0], spot[1], height]) + behind)


def _from_the_side(
    model: ObjectModel, points: Array, rest: Pose, extent: Array, hand_vertices: Array
) -> Pose:
    fingers = np.array([-0.50, 0.86, 0.0])
    tilt = rotation_about(fingers, -0.25)
    thumb = tilt @ np.array([0.0, 0.0, 1.0])
    palm = np.cross(thumb, fingers)
    rotation = np.stack((-thumb, fingers, -palm), axis=1)
    height = max(extent[2] * model.reach, _height_off_table(rotation, hand_vertices))
    slab = points[np.abs(points[:, 2] - height) < 0.03]
    slab = slab if len(slab) else points
    reach = ((slab - rest.position) @ -palm).max() + PALM_CLEARANCE
    position = rest.position - palm * reach - fingers * 0.03
    position[2] = height
    return Pose(rotation, position)


def resting_pose(spot: Array, side: Side, hand_vertices: Array) -> Pose:
    """A hand that lies on the table at `spot`."""
    rotation = rotation_xyz((-8, 0, 24))
    height = _height_off_table(rotation, hand_vertices)
    right = Pose(rotation, np.array([-spot[0] if side == "left" else spot[0], spot[1], height]))
    return right.mirrored() if side == "left" else right


def _height_off_table(rotation: Array, hand_vertices: Array) -> float:
    return TABLE_CLEARANCE - float((hand_vertices @ rotation.T)[:, 2].min())

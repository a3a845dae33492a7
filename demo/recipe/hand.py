"""The rigged WebXR hand: reading the GLB, bending its fingers, skinning its mesh."""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import trimesh

from recipe.geometry import Array, rotation_about

FINGERS = ("index-finger", "middle-finger", "ring-finger", "pinky-finger")
FINGER_CHAIN = ("phalanx-proximal", "phalanx-intermediate", "phalanx-distal", "tip")
THUMB_CHAIN = ("thumb-metacarpal", "thumb-phalanx-proximal", "thumb-phalanx-distal", "thumb-tip")

# Hand frame: origin in the palm, +y along the fingers, -z out of the palm, thumb towards -x.
GLB_TO_HAND = np.array([[0.0, 0.0, 1.0], [0.0, -1.0, 0.0], [1.0, 0.0, 0.0]])
PALM_CENTRE_GLB = np.array([0.030, -0.004, 0.006])
PALM_NORMAL = np.array([0.0, 0.0, -1.0])
THUMB_CLOSES_TOWARDS = np.array([0.9, 0.25, -0.35])

COMPONENT_TYPES = {5121: np.uint8, 5123: np.uint16, 5126: np.float32}
COMPONENT_COUNTS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT4": 16}


@dataclass(frozen=True)
class Bend:
    """Joint angles in radians: three for every finger, three for the thumb."""

    fingers: tuple[float, float, float]
    thumb: tuple[float, float, float]

    def blend(self, other: Bend, amount: float) -> Bend:
        """Linear mix of two bends."""
        mixed = [
            a + (b - a) * amount
            for a, b in zip(self.fingers + self.thumb, other.fingers + other.thumb, strict=True)
        ]
        return Bend((mixed[0], mixed[1], mixed[2]), (mixed[3], mixed[4], mixed[5]))


OPEN = Bend((0.25, 0.30, 0.20), (0.0, 0.1, 0.1))
GRIPS = {
    "palm": Bend((0.45, 0.50, 0.30), (0.05, 0.15, 0.15)),
    "wrap": Bend((0.75, 0.75, 0.45), (0.15, 0.25, 0.25)),
    "pinch": Bend((0.95, 0.75, 0.35), (0.25, 0.35, 0.30)),
    "fist": Bend((1.15, 1.30, 0.75), (0.35, 0.45, 0.55)),
}


class HandRig:
    """Right hand of the `generic-hand` profile, ready to be posed."""

    def __init__(self, glb: Path) -> None:
        """Read mesh, joints and weights of `glb`."""
        document, payload = _read_glb(glb)
        attributes = document["meshes"][0]["primitives"][0]["attributes"]
        skin = document["skins"][0]
        names = [document["nodes"][joint]["name"] for joint in skin["joints"]]
        inverse_bind = _accessor(document, payload, skin["inverseBindMatrices"]).reshape(-1, 4, 4)
        # glTF stores matrices column by column, so the translation is the last row here.
        bind_positions = np.linalg.inv(inverse_bind.astype(float))[:, 3, :3]
        self.joints: dict[str, Array] = dict(
            zip(names, _to_hand_frame(bind_positions), strict=True)
        )
        vertices = _to_hand_frame(_accessor(document, payload, attributes["POSITION"]))
        joint_ids = _accessor(document, payload, attributes["JOINTS_0"]).astype(int)
        joint_weights = _accessor(document, payload, attributes["WEIGHTS_0"]).astype(float)
        weights = np.zeros((len(vertices), len(names)))
        np.add.at(weights, (np.arange(len(vertices))[:, None], joint_ids), joint_weights)
        faces = _accessor(document, payload, document["meshes"][0]["primitives"][0]["indices"])
        # The file splits vertices along texture seams, which would show as creases.
        _, first, inverse = np.unique(
            vertices.round(6), axis=0, return_index=True, return_inverse=True
        )
        self.names = names
        self.vertices = vertices[first]
        self.weights = weights[first] / weights[first].sum(axis=1, keepdims=True)
        self.faces = inverse.ravel()[faces.astype(int).reshape(-1, 3)]

    @property
    def wrist(self) -> Array:
        """Wrist position in the hand frame."""
        return self.joints["wrist"]

    def posed(self, bend: Bend) -> trimesh.Trimesh:
        """Smooth surface of the hand with its fingers bent."""
        transforms = {name: np.eye(4) for name in self.names}
        for finger in FINGERS:
            chain = [f"{finger}-{bone}" for bone in FINGER_CHAIN]
            self._bend_chain(transforms, chain, bend.fingers, PALM_NORMAL)
        self._bend_chain(transforms, list(THUMB_CHAIN), bend.thumb, THUMB_CLOSES_TOWARDS)
        homogeneous = np.c_[self.vertices, np.ones(len(self.vertices))]
        skinned = sum(
            self.weights[:, [i]] * (homogeneous @ transforms[name].T)[:, :3]
            for i, name in enumerate(self.names)
        )
        mesh = trimesh.Trimesh(skinned, self.faces, process=False)
        return mesh.subdivide_loop(iterations=1)

    def _bend_chain(
        self,
        transforms: dict[str, Array],
        chain: list[str],
        angles: tuple[float, float, float],
        towards: Array,
    ) -> None:
        # The file lists its joints flat, so the chain is accumulated here from root to tip.
        accumulated = np.eye(4)
        for joint, child, angle in zip(chain, chain[1:], angles, strict=False):
            bone = self.joints[child] - self.joints[joint]
            bone /= np.linalg.norm(bone)
            axis = np.cross(bone, towards - bone * (towards @ bone))
            step = np.eye(4)
            step[:3, :3] = rotation_about(axis, angle)
            step[:3, 3] = self.joints[joint] - step[:3, :3] @ self.joints[joint]
            accumulated = accumulated @ step
            transforms[joint] = accumulated
        transforms[chain[-1]] = accumulated


def _to_hand_frame(points: Array) -> Array:
    turned: Array = (np.asarray(points, dtype=float) - PALM_CENTRE_GLB) @ GLB_TO_HAND.T
    return turned


def _read_glb(path: Path) -> tuple[dict[str, Any], bytes]:
    raw = path.read_bytes()
    (json_length,) = struct.unpack_from("<I", raw, 12)
    document = json.loads(raw[20 : 20 + json_length])
    return document, raw[20 + json_length + 8 :]


def _accessor(document: dict[str, Any], payload: bytes, index: int) -> Array:
    accessor = document["accessors"][index]
    view = document["bufferViews"][accessor["bufferView"]]
    columns = COMPONENT_COUNTS[accessor["type"]]
    flat = np.frombuffer(
        payload,
        dtype=COMPONENT_TYPES[accessor["componentType"]],
        count=accessor["count"] * columns,
        offset=view.get("byteOffset", 0) + accessor.get("byteOffset", 0),
    )
    return flat.reshape(-1, columns)

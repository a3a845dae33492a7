"""A staging as a MuJoCo model, and the moving of its bodies."""

from __future__ import annotations

import math

import mujoco
import numpy as np
import trimesh
from PIL import Image

from recipe.assets import Part
from recipe.geometry import MIRROR, Array, Pose, aligned_with
from recipe.hand import OPEN, HandRig
from recipe.rooms import Colour, table_texture
from recipe.staging import Hand, Staging

CAMERA = "head"
HIDDEN_GROUP = 5
FINGER_STEPS = 6
TABLE_HALF_SIZE = (0.80, 0.55, 0.02)
TABLE_CENTRE_Y = 0.14
WEARER_Y = -0.64
SLEEVE_LENGTH = 0.60
SLEEVE_RADII = (0.034, 0.058)


class Scene:
    """Compiled model of one clip that can be put at any moment of it."""

    def __init__(self, staging: Staging, rig: HandRig) -> None:
        """Build and compile the model."""
        self._staging = staging
        self._wrist = rig.wrist
        builder = _Builder(staging)
        builder.add_room()
        if staging.shows_wearer:
            builder.add_wearer()
        for index, prop in enumerate(staging.props):
            builder.add_prop(f"prop{index}", prop.shape.parts, prop.pose(0.0))
        for index, hand in enumerate(staging.hands):
            builder.add_hand(f"hand{index}", hand, rig)
        self.model = builder.spec.compile()
        self.data = mujoco.MjData(self.model)
        self.labels = self._label_geoms()

    def move_to(self, time: float) -> None:
        """Put camera, objects, hands and sleeves where they are at `time` seconds."""
        for index, prop in enumerate(self._staging.props):
            self._set_body(f"prop{index}", prop.pose(time))
        for index, hand in enumerate(self._staging.hands):
            pose = hand.pose(time)
            self._set_body(f"hand{index}", pose)
            wrist = pose.apply(_sided(self._wrist[None], hand))[0]
            elbow = self._staging.elbow(hand.side)
            self._set_body(f"hand{index}-sleeve", Pose(aligned_with(elbow - wrist), wrist))
            shown = round(hand.closure(time) * (FINGER_STEPS - 1))
            for step in range(FINGER_STEPS):
                geom = self.model.geom(f"hand{index}-{step}")
                geom.group = 0 if step == shown else HIDDEN_GROUP
        camera = self._staging.camera(time)
        self.model.cam_pos[0] = camera.position
        self.model.cam_quat[0] = _quaternion(camera.rotation)
        mujoco.mj_forward(self.model, self.data)

    def _set_body(self, name: str, pose: Pose) -> None:
        body = self.model.body(name)
        body.pos = pose.position
        body.quat = _quaternion(pose.rotation)

    def _label_geoms(self) -> dict[int, str]:
        """Geom id to the prop, hand or sleeve it belongs to; parts of the room by their name."""
        labels = {}
        for geom in range(self.model.ngeom):
            body = int(self.model.geom_bodyid[geom])
            labels[geom] = self.model.body(body).name if body else self.model.geom(geom).name
        return labels


class _Builder:
    """Collects meshes, materials and bodies into a MuJoCo specification."""

    def __init__(self, staging: Staging) -> None:
        """Start from an empty specification."""
        self._staging = staging
        self._room = staging.room
        self.spec = mujoco.MjSpec()
        visual = self.spec.visual
        visual.global_.offwidth = staging.spec.width
        visual.global_.offheight = staging.spec.height
        visual.map.znear = 0.01
        visual.map.zfar = 30
        visual.map.shadowscale = 0.45
        visual.quality.shadowsize = 4096
        visual.quality.offsamples = 4
        visual.headlight.ambient = [self._room.ambient] * 3
        visual.headlight.diffuse = [0.20] * 3
        visual.headlight.specular = [0.08] * 3
        self.spec.stat.extent = 1.0
        self.spec.stat.center = [0.0, 0.1, 0.1]

    def add_room(self) -> None:
        """Table, floor, wall, cupboards, lamps and camera."""
        room, world, seed = self._room, self.spec.worldbody, self._staging.spec.seed
        rng = np.random.default_rng(seed + 1)
        table = self._material("table", (1, 1, 1), table_texture(room, seed), repeat=(2.2, 1.5))
        shade = 1 + rng.uniform(-0.12, 0.08)
        wall = self._material("wall", _tinted(room.wall, shade))
        floor = self._material("floor", _tinted(room.wall, 0.42))
        cupboard = self._material("cupboard", _tinted(room.cupboard, shade))
        self._box("table", TABLE_HALF_SIZE, (0, TABLE_CENTRE_Y, -TABLE_HALF_SIZE[2]), table)
        self._box("floor", (4, 4, 0.01), (0, 0, -0.75), floor)
        distance = rng.uniform(1.0, 1.6)
        self._box("wall", (3, 0.02, 2), (0, distance, 0.5), wall)
        for index, x in enumerate((-0.9, -0.25, 0.45, 1.1)):
            height = rng.uniform(0.15, 0.5)
            at = (x + rng.uniform(-0.1, 0.1), distance - 0.12, height - 0.75)
            self._box(f"cupboard{index}", (0.28, 0.1, height), at, cupboard)
        position = np.array(room.lamp_position) + rng.uniform(-0.12, 0.12, 3)
        lamp = world.add_light(
            name="lamp", pos=position, dir=-position, diffuse=room.lamp, castshadow=True
        )
        lamp.cutoff, lamp.exponent = 55, 1
        fill = world.add_light(
            name="fill", pos=[-1, 1, 2], dir=[0.5, -0.4, -1], diffuse=[0.16] * 3, castshadow=False
        )
        fill.cutoff, fill.exponent = 80, 0
        self.spec.add_texture(
            name="sky", type=mujoco.mjtTexture.mjTEXTURE_SKYBOX,
            builtin=mujoco.mjtBuiltin.mjBUILTIN_FLAT, rgb1=_tinted(room.wall, 0.7),
            width=64, height=64,
        )  # fmt: skip
        world.add_camera(name=CAMERA, fovy=math.degrees(self._staging.fov_y))

    def add_wearer(self) -> None:
        """Head and body of who acts, and the walls behind them."""
        skin = self._material("wearer-skin", self._room.skin, shine=0.15)
        cloth = self._material("wearer-cloth", self._room.sleeve, shine=0.02)
        hair = self._material("wearer-hair", _tinted(self._room.skin, 0.3), shine=0.1)
        for name, material, size, position in (
            ("torso", cloth, (0.19, 0.11, 0.36), (0, WEARER_Y, 0.02)),
            ("shoulders", cloth, (0.25, 0.10, 0.09), (0, WEARER_Y, 0.27)),
            ("face", skin, (0.085, 0.10, 0.12), (0, WEARER_Y + 0.02, 0.49)),
            ("hair", hair, (0.095, 0.10, 0.11), (0, WEARER_Y - 0.015, 0.53)),
        ):
            self.spec.worldbody.add_geom(
                name=name, type=mujoco.mjtGeom.mjGEOM_ELLIPSOID, size=size, pos=position,
                material=material, contype=0, conaffinity=0,
            )  # fmt: skip
        self._box("wall-behind", (3, 0.02, 2), (0, -1.8, 0.5), "wall")
        self._box("wall-left", (0.02, 3, 2), (-1.8, 0, 0.5), "wall")
        self._box("wall-right", (0.02, 3, 2), (1.8, 0, 0.5), "wall")

    def add_prop(self, name: str, parts: tuple[Part, ...], pose: Pose) -> None:
        """One body with a mesh for every material of the model."""
        body = self._body(name, pose)
        for index, part in enumerate(parts):
            key = f"{name}-{index}"
            self._mesh(key, part.vertices, part.faces, part.normals, part.uv)
            material = self._material(key, part.rgba[:3], part.texture, alpha=part.rgba[3])
            self._mesh_geom(body, key, material)

    def add_hand(self, name: str, hand: Hand, rig: HandRig) -> None:
        """A body with a mesh for every step of closing, and the sleeve behind it."""
        body = self._body(name, hand.pose(0.0))
        skin = self._material(f"{name}-skin", self._room.skin, shine=0.15)
        for step in range(FINGER_STEPS):
            bend = OPEN.blend(hand.closed, step / (FINGER_STEPS - 1))
            surface = rig.posed(bend)
            self._surface(f"{name}-{step}", _sided_mesh(surface, hand))
            self._mesh_geom(body, f"{name}-{step}", skin)
        sleeve = self._body(f"{name}-sleeve", hand.pose(0.0))
        cloth = self._material(f"{name}-cloth", self._room.sleeve, shine=0.02)
        self._surface(f"{name}-sleeve", _sleeve_mesh())
        self._mesh_geom(sleeve, f"{name}-sleeve", cloth)

    def _body(self, name: str, pose: Pose) -> mujoco.MjsBody:
        return self.spec.worldbody.add_body(
            name=name, pos=pose.position, quat=_quaternion(pose.rotation)
        )

    def _box(self, name: str, half_size: Colour, position: Colour, material: str) -> None:
        self.spec.worldbody.add_geom(
            name=name, type=mujoco.mjtGeom.mjGEOM_BOX, size=half_size, pos=position,
            material=material, contype=0, conaffinity=0,
        )  # fmt: skip

    def _mesh_geom(self, body: mujoco.MjsBody, mesh: str, material: str) -> None:
        body.add_geom(
            name=mesh, type=mujoco.mjtGeom.mjGEOM_MESH, meshname=mesh, material=material,
            contype=0, conaffinity=0,
        )  # fmt: skip

    def _surface(self, name: str, surface: trimesh.Trimesh) -> None:
        uv = np.zeros((len(surface.vertices), 2))
        self._mesh(name, surface.vertices, surface.faces, surface.vertex_normals, uv)

    def _mesh(self, name: str, vertices: Array, faces: Array, normals: Array, uv: Array) -> None:
        # Catalogue models are open surfaces; their backs are drawn too, as cups have insides.
        count = len(vertices)
        both_sides = np.concatenate([faces, faces[:, ::-1] + count]).ravel()
        self.spec.add_mesh(
            name=name,
            uservert=np.tile(vertices, (2, 1)).ravel(),
            usernormal=np.concatenate([normals, -normals]).ravel(),
            usertexcoord=np.tile(np.c_[uv[:, 0], 1 - uv[:, 1]], (2, 1)).ravel(),
            userface=both_sides,
            userfacenormal=both_sides,
            userfacetexcoord=both_sides,
            inertia=mujoco.mjtMeshInertia.mjMESH_INERTIA_SHELL,
        )

    def _material(
        self,
        name: str,
        colour: Colour,
        texture: Image.Image | None = None,
        alpha: float = 1.0,
        repeat: tuple[float, float] = (1.0, 1.0),
        shine: float = 0.4,
    ) -> str:
        material = self.spec.add_material(
            name=name, rgba=(*colour, alpha), specular=shine, shininess=0.5, texrepeat=repeat
        )
        if texture is not None:
            material.rgba = (1.0, 1.0, 1.0, alpha)
            material.textures[mujoco.mjtTextureRole.mjTEXROLE_RGB] = name
            image = self.spec.add_texture(
                name=name, type=mujoco.mjtTexture.mjTEXTURE_2D, nchannel=3,
                width=texture.width, height=texture.height,
            )  # fmt: skip
            image.data = texture.tobytes()
        return name


def _sided(points: Array, hand: Hand) -> Array:
    return points @ MIRROR if hand.side == "left" else points


def _sided_mesh(mesh: trimesh.Trimesh, hand: Hand) -> trimesh.Trimesh:
    if hand.side == "right":
        return mesh
    return trimesh.Trimesh(mesh.vertices @ MIRROR, mesh.faces[:, ::-1], process=False)


def _sleeve_mesh() -> trimesh.Trimesh:
    """An open cone along +z, narrow at the wrist."""
    anchor_dataset = np.linspace(0, 2 * math.pi, 32, endpoint=False)
    ring = np.c_[np.cos(anchor_dataset), np.sin(anchor_dataset)]
    neighbours, far = SLEEVE_RADII
    vertices = np.concatenate(
        [np.c_[ring * neighbours, np.zeros(32)], np.c_[ring * far, np.full(32, SLEEVE_LENGTH)]]
    )
    index = np.arange(32)
    following = (index + 1) % 32
    faces = np.concatenate(
        [np.c_[index, following, index + 32], np.c_[following, following + 32, index + 32]]
    )
    return trimesh.Trimesh(vertices, faces, process=False)


def _quaternion(rotation: Array) -> Array:
    result = np.zeros(4)
    mujoco.mju_mat2Quat(result, np.ascontiguousarray(rotation).ravel())
    return result


def _tinted(colour: Colour, factor: float) -> Colour:
    red, green, blue = (min(channel * factor, 1.0) for channel in colour)
    return red, green, blue

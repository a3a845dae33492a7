"""Object models out of the Debian package's .sh3f archives, as coloured triangle meshes."""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import trimesh
from PIL import Image

from recipe.catalog import ObjectModel
from recipe.geometry import Array, rotation_xyz

TEXTURE_LIMIT = 1024
Y_UP_TO_Z_UP = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]])
# MuJoCo sorts nothing by depth but transparent geoms; clear glass would all but vanish.
LEAST_OPACITY = 0.35


@dataclass(frozen=True)
class Part:
    """One material of a model; positions in metres, z up."""

    vertices: Array
    normals: Array
    uv: Array
    faces: Array
    rgba: tuple[float, float, float, float]
    texture: Image.Image | None


@dataclass(frozen=True)
class Shape:
    """A model standing on z = 0, centred on the z axis."""

    parts: tuple[Part, ...]

    @property
    def points(self) -> Array:
        """All vertices."""
        vertices: Array = np.concatenate([part.vertices for part in self.parts])
        return vertices

    @property
    def faces(self) -> int:
        """Number of triangles."""
        return sum(len(part.faces) for part in self.parts)

    @property
    def extent(self) -> Array:
        """Width, depth and height."""
        points = self.points
        extent: Array = points.max(axis=0) - points.min(axis=0)
        return extent

    @property
    def radius(self) -> float:
        """Radius of the footprint."""
        return float(np.hypot(*self.points[:, :2].T).max())


class ModelLibrary:
    """Loads models from a folder of .sh3f archives, unpacking them into a cache folder."""

    def __init__(self, archives: Path, cache: Path) -> None:
        """Read from `archives`, unpack into `cache`."""
        self._archives = archives
        self._cache = cache
        self._shapes: dict[str, Shape] = {}

    def shape(self, model: ObjectModel) -> Shape:
        """The model, scaled to its catalogued size and turned the way it lies."""
        if model.key not in self._shapes:
            self._shapes[model.key] = _settled(self._load(model), model)
        return self._shapes[model.key]

    def _load(self, model: ObjectModel) -> list[trimesh.Trimesh]:
        path = self._unpacked(model)
        if model.group:
            path = _only_group(path, model.group, path.with_name(f"{model.key}-group.obj"))
        scene = trimesh.load_scene(path, process=False)
        meshes = [m for m in scene.geometry.values() if isinstance(m, trimesh.Trimesh)]
        for mesh in meshes:
            mesh.remove_unreferenced_vertices()
        return [mesh for mesh in meshes if len(mesh.faces)]

    def _unpacked(self, model: ObjectModel) -> Path:
        target = self._cache / f"{model.model}.obj"
        if not target.exists():
            folder = model.model.rpartition("/")[0] + "/"
            with zipfile.ZipFile(self._archives / f"{model.package}.sh3f") as archive:
                members = [name for name in archive.namelist() if name.startswith(folder)]
                archive.extractall(self._cache, members)
        return target


def _only_group(source: Path, pattern: str, target: Path) -> Path:
    """Copy an OBJ file without the faces of any `o` group that does not match."""
    wanted = re.compile(pattern)
    keep = True
    lines = []
    for line in source.read_text(errors="replace").splitlines():
        if line.startswith("o "):
            keep = bool(wanted.match(line[2:]))
        if keep or not line.startswith("f "):
            lines.append(line)
    target.write_text("\n".join(lines) + "\n")
    return target


def _settled(meshes: list[trimesh.Trimesh], model: ObjectModel) -> Shape:
    turn = rotation_xyz(model.turn) @ Y_UP_TO_Z_UP
    turned = [np.asarray(mesh.vertices) @ turn.T for mesh in meshes]
    everything = np.concatenate(turned)
    low, high = everything.min(axis=0), everything.max(axis=0)
    if model.grasp == "top" and (high - low)[1] > (high - low)[0] * 1.05:
        # Long things lie across the view, so that the hand closes over their middle.
        quarter = rotation_xyz((0, 0, 90))
        turn, turned = quarter @ turn, [points @ quarter.T for points in turned]
        everything = everything @ quarter.T
        low, high = everything.min(axis=0), everything.max(axis=0)
    scale = model.size / (high - low).max()
    origin = np.array([(low[0] + high[0]) / 2, (low[1] + high[1]) / 2, low[2]])
    return Shape(
        tuple(
            _part(mesh, (points - origin) * scale, np.asarray(mesh.vertex_normals) @ turn.T)
            for mesh, points in zip(meshes, turned, strict=True)
        )
    )


def _part(mesh: trimesh.Trimesh, vertices: Array, normals: Array) -> Part:
    material = getattr(mesh.visual, "material", None)
    image = getattr(material, "image", None)
    uv = getattr(mesh.visual, "uv", None)
    if image is None or uv is None or len(uv) != len(vertices):
        image, uv = None, np.zeros((len(vertices), 2))
    else:
        image = image.convert("RGB")
        image.thumbnail((TEXTURE_LIMIT, TEXTURE_LIMIT))
    diffuse = np.asarray(getattr(material, "diffuse", (200, 200, 200, 255)), dtype=float) / 255
    red, green, blue, alpha = (float(channel) for channel in diffuse)
    return Part(
        vertices=vertices,
        normals=normals,
        uv=np.asarray(uv, dtype=float),
        faces=_distinct(np.asarray(mesh.faces), vertices),
        rgba=(red, green, blue, max(LEAST_OPACITY, alpha)),
        texture=image,
    )


def _distinct(faces: Array, vertices: Array) -> Array:
    """Drop faces that cover another, as models with modelled backs would flicker otherwise."""
    _, corner = np.unique(vertices.round(6), axis=0, return_inverse=True)
    _, first = np.unique(np.sort(corner.ravel()[faces], axis=1), axis=0, return_index=True)
    return faces[np.sort(first)]

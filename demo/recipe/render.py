"""Films a staged clip: its frames, and exact boxes of what is visible in some of them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Self

import mujoco
import numpy as np
from numpy.typing import NDArray

from recipe.catalog import FPS
from recipe.hand import HandRig
from recipe.scene import CAMERA, HIDDEN_GROUP, Scene
from recipe.staging import Staging

Image = NDArray[np.uint8]

Outline = tuple[int, int, int, int]
"""x and y of the top-left pixel, width, height."""

SMALLEST_BOX_PIXELS = 60
PLAIN_WITHOUT = (mujoco.mjtRndFlag.mjRND_SHADOW, mujoco.mjtRndFlag.mjRND_SKYBOX)


@dataclass(frozen=True)
class VisibleBox:
    """Tight box around the visible pixels of one prop or hand."""

    role: str
    name: str
    noun: str | None
    x: float
    y: float
    width: float
    height: float


class Film:
    """Renders the images of one staging on the 30 fps grid."""

    def __init__(
        self,
        staging: Staging,
        rig: HandRig,
        plain: bool = False,
        least_pixels: int = SMALLEST_BOX_PIXELS,
    ) -> None:
        """Compile the scene and open a renderer; a plain one draws no shadows and no sky."""
        self._staging = staging
        self._scene = Scene(staging, rig)
        self._step = FPS // staging.spec.render_fps
        self._renderer = mujoco.Renderer(self._scene.model, staging.spec.height, staging.spec.width)
        for effect in PLAIN_WITHOUT if plain else ():
            self._renderer.scene.flags[effect] = False
        self._least_pixels = least_pixels
        self._option = mujoco.MjvOption()
        self._option.geomgroup[:] = 1
        self._option.geomgroup[HIDDEN_GROUP] = 0

    def __enter__(self) -> Self:
        """Use the film as a context manager."""
        return self

    def __exit__(self, *_: object) -> None:
        """Release the renderer."""
        self._renderer.close()

    def frames(self) -> Iterator[Image]:
        """Every image of the clip; slower renderings repeat theirs."""
        image = self.image(0)
        for index in range(self._staging.spec.frame_count):
            if index == self.shown(index):
                image = self.image(index)
            yield image

    def image(self, index: int) -> Image:
        """The image shown at one grid position."""
        self._aim(index)
        image: Image = self._renderer.render().copy()
        return image

    def boxes(self, index: int) -> list[VisibleBox]:
        """What is visible and annotated in the image shown at one grid position."""
        labels = [f"hand{i}" for i in range(len(self._staging.hands))]
        labels += [f"prop{i}" for i in range(len(self._staging.props))]
        described = [(label, *self._describe(label)) for label in labels]
        annotated = [found for found in described if found[1]]
        sides = self.outlines(index, [{label} for label, *_ in annotated])
        return [
            VisibleBox(role, name, noun, *map(float, box))
            for (_, role, name, noun), box in zip(annotated, sides, strict=True)
            if box
        ]

    def outlines(self, index: int, things: list[Collection[str]]) -> list[Outline | None]:
        """Tight box around the visible pixels of each thing at one grid position; None for few.

        A thing is the labels of the scene that it consists of.
        """
        self._aim(index)
        self._renderer.enable_segmentation_rendering()
        segments = self._renderer.render()
        self._renderer.disable_segmentation_rendering()
        geoms = np.where(segments[..., 1] == mujoco.mjtObj.mjOBJ_GEOM, segments[..., 0], -1)
        return [self._outline(thing, geoms) for thing in things]

    def shown(self, index: int) -> int:
        """Grid position whose image is shown at this one; slower renderings repeat theirs."""
        return index // self._step * self._step

    def _aim(self, index: int) -> None:
        self._scene.move_to(self.shown(index) / FPS)
        self._renderer.update_scene(self._scene.data, CAMERA, self._option)

    def _outline(self, thing: Collection[str], geoms: NDArray[np.int32]) -> Outline | None:
        members = [geom for geom, owner in self._scene.labels.items() if owner in thing]
        rows, columns = np.nonzero(np.isin(geoms, members))
        if len(rows) < self._least_pixels:
            return None
        x, y = int(columns.min()), int(rows.min())
        return x, y, int(columns.max()) - x + 1, int(rows.max()) - y + 1

    def _describe(self, label: str) -> tuple[str, str, str | None]:
        index = int(label[4:])
        if label.startswith("hand"):
            side = self._staging.hands[index].side
            return f"{side}_hand", side, None
        prop = self._staging.props[index]
        return prop.role, prop.name, prop.noun

"""A session seen by who acts, and by a camera on a tripod."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from recipe.assets import ModelLibrary
from recipe.catalog import ObjectModel, Side, outwards
from recipe.geometry import Array, Pose, looking_at
from recipe.gestures import ScriptMotion
from recipe.hand import HandRig
from recipe.sessions import Session, Viewpoint
from recipe.staging import Staging, stage

SHOULDER = np.array([0.21, -0.60, 0.26])
"""The right one; the left one is its mirror image."""
MOST_FACES = 6000
"""Of what only lies about: drawing a plant takes as long as all the rest."""
TRIPOD_FOV = math.radians(38)
TRIPOD_TARGET = np.array([0.0, -0.08, 0.12])


@dataclass
class HeadStaging(Staging):
    """A session as who acts sees it."""

    def elbow(self, side: Side) -> Array:
        """Sleeves lead to the shoulders, which who watches sees as well."""
        shoulder: Array = SHOULDER * np.array([outwards(side), 1.0, 1.0])
        return shoulder


@dataclass
class TripodStaging(HeadStaging):
    """A session as a camera at the other side of the table sees it."""

    eye: Array
    shows_wearer = True

    @property
    def fov_y(self) -> float:
        """Vertical angle that the camera sees, in radians."""
        return TRIPOD_FOV

    def camera(self, time: float) -> Pose:
        """The camera stays where it is."""
        return Pose(looking_at(self.eye, TRIPOD_TARGET), self.eye)


def staged(
    session: Session,
    viewpoint: Viewpoint,
    models: dict[str, ObjectModel],
    library: ModelLibrary,
    rig: HandRig,
) -> Staging:
    """Arrange a session for one viewpoint; both see the same."""
    bare = stage(session.spec, models, library, rig)
    scripts = {
        model.key: tuple(step.action for step in session.steps if step.model == model)
        for model in (take.model for take in session.spec.takes)
    }
    props = [prop for prop in bare.props if prop.motion or prop.shape.faces <= MOST_FACES]
    hands = list(bare.hands)
    for index, take in enumerate(session.spec.takes):
        motion = ScriptMotion(**vars(props[index].motion), script=scripts[take.model.key])
        props[index] = replace(props[index], motion=motion)
        hands[index] = replace(hands[index], motion=motion)
    shared = {**vars(bare), "props": props, "hands": hands}
    if viewpoint == "ego":
        return HeadStaging(**shared)
    return TripodStaging(**shared, eye=_tripod(session.spec.seed))


def _tripod(seed: int) -> Array:
    rng = np.random.default_rng(seed + 2)
    azimuth = rng.uniform(-0.1, math.pi + 0.1)
    elevation = rng.uniform(0.35, 0.6)
    direction = np.array(
        [
            math.cos(azimuth) * math.cos(elevation),
            math.sin(azimuth) * math.cos(elevation),
            math.sin(elevation),
        ]
    )
    eye: Array = TRIPOD_TARGET + rng.uniform(0.85, 1.0) * direction
    return eye

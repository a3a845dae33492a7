"""How hands, objects and the wearer's head move through a clip."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from recipe.catalog import FPS, Side, outwards
from recipe.geometry import Array, Pose, ease, looking_at, rotation_about

REACH_SECONDS = 1.0
CLOSE_SECONDS = 0.30
GRASP_SECONDS = 0.17
LIFT_SECONDS = 0.9
PRE_LEAD_SECONDS = 0.5
POST_AFTER_PNR_SECONDS = 0.75
GAZE_SECONDS = 0.7


@dataclass(frozen=True)
class Moments:
    """Frame indices of one take on the 30 fps grid."""

    pre: int
    pnr: int
    post: int


@dataclass(frozen=True)
class TakeMotion:
    """One hand reaching for, closing on and lifting one object."""

    side: Side
    rest: Pose
    held: Pose
    start: float
    lift: Array
    turn: float

    @property
    def contact(self) -> float:
        """Second at which the hand arrives."""
        return self.start + REACH_SECONDS

    @property
    def lift_off(self) -> float:
        """Second at which the object leaves the table."""
        return self.contact + GRASP_SECONDS

    @property
    def moments(self) -> Moments:
        """The three annotated frames."""
        pnr = math.floor(self.lift_off * FPS) + 1
        return Moments(
            pre=round((self.contact - PRE_LEAD_SECONDS) * FPS),
            pnr=pnr,
            post=pnr + round(POST_AFTER_PNR_SECONDS * FPS),
        )

    def object_pose(self, time: float) -> Pose:
        """Where the object is."""
        up = ease((time - self.lift_off) / LIFT_SECONDS)
        turn = rotation_about((1, 0, 0), -0.5 * self.turn * up) @ rotation_about(
            (0, 0, 1), self.turn * up
        )
        return Pose(turn @ self.rest.rotation, self.rest.position + self.lift * up)

    def hand_pose(self, time: float) -> Pose:
        """Where the hand is: on its way, or carried along with the object."""
        carried = self.object_pose(time).then(self.rest.inverse()).then(self.held)
        back_of_hand = self.held.rotation[:, 2]
        offset = np.array([0.17 * outwards(self.side), -0.20, 0.06]) + 0.07 * back_of_hand
        return Pose(carried.rotation, carried.position + offset * self.away(time))

    def away(self, time: float) -> float:
        """How far the hand is from where it holds the object, 0 to 1."""
        return 1 - ease((time - self.start) / REACH_SECONDS)

    def closure(self, time: float) -> float:
        """How far the fingers have closed, 0 to 1."""
        return ease((time - self.contact + 0.6 * CLOSE_SECONDS) / CLOSE_SECONDS)


class HeadMotion:
    """A head that finds the object with its gaze, then sways while watching it."""

    def __init__(self, eye: Array, glance: Array, seed: int) -> None:
        """Start at `eye` looking towards `glance`; `seed` shapes the sway."""
        rng = np.random.default_rng(seed)
        self._eye = eye
        self._glance = glance
        self._phase = rng.uniform(0, 2 * math.pi, (7,))
        self._rate = rng.uniform(0.6, 1.9, (7,))
        self._reach = float(np.linalg.norm(eye - glance))

    def camera(self, time: float, target: Array) -> Pose:
        """Camera pose while the wearer attends to `target`."""
        sway = np.sin(self._rate * time * 2.2 + self._phase)
        arrived = ease((time + 0.25) / GAZE_SECONDS)
        eye = self._eye + self._reach * np.array([0.035, 0.025, 0.02]) * sway[:3]
        gaze = self._glance + (target - self._glance) * (0.35 + 0.65 * arrived)
        gaze = gaze + self._reach * np.array([0.022, 0.022, 0.012]) * sway[3:6]
        return Pose(looking_at(eye, gaze, 0.06 * sway[6]), eye)

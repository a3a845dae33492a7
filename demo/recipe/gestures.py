"""What a hand does with an object: take, put, push, turn, pour, shake or press."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from recipe.catalog import outwards
from recipe.geometry import Pose, ease, rotation_about
from recipe.motion import TakeMotion

ACTION_SECONDS = 1.6
TURN_ANGLE = 1.2
POUR_ANGLE = 1.5
POUR_HEIGHT = 0.4
PUSH_DISTANCE = 0.13
SHAKES = 3
SHAKE_HEIGHT = 0.5
NEAR = 0.05
"""A hand this near (as a share of its reach) touches the object."""


@dataclass(frozen=True)
class Stroke:
    """One moment of a gesture; every number is a share of the full movement."""

    away: float = 0.0
    closure: float = 1.0
    height: float = 0.0
    shift: float = 0.0
    yaw: float = 0.0
    tilt: float = 0.0


@dataclass(frozen=True)
class Action:
    """One gesture, from `start` seconds on."""

    verb: str
    start: float

    @property
    def stop(self) -> float:
        """Second at which it ends."""
        return self.start + ACTION_SECONDS

    def stroke(self, time: float) -> Stroke:
        """Where the gesture is at `time` seconds; before and after, how it starts and ends."""
        return GESTURES[self.verb](min(max((time - self.start) / ACTION_SECONDS, 0.0), 1.0))


@dataclass(frozen=True)
class ScriptMotion(TakeMotion):
    """One hand doing several things with one object, one after the other."""

    script: tuple[Action, ...]

    def object_pose(self, time: float) -> Pose:
        """Where the object is."""
        stroke, out = self._stroke(time), outwards(self.side)
        turned = rotation_about((0, 0, 1), out * TURN_ANGLE * stroke.yaw) @ self.rest.rotation
        # It is poured about the wrist, so that the hand stays where it is.
        tilt = rotation_about((0, 1, 0), -out * POUR_ANGLE * stroke.tilt)
        pivot = self.held.position
        position = pivot + tilt @ (self.rest.position - pivot) + self.lift * stroke.height
        position = position + np.array([out * PUSH_DISTANCE, 0.0, 0.0]) * self._shift(time)
        return Pose(tilt @ turned, position)

    def away(self, time: float) -> float:
        """How far the hand is from where it holds the object, 0 to 1."""
        return self._stroke(time).away

    def closure(self, time: float) -> float:
        """How far the fingers have closed, 0 to 1."""
        return self._stroke(time).closure

    def touches(self, time: float) -> bool:
        """Whether the hand is at the object."""
        return self.away(time) < NEAR

    def _stroke(self, time: float) -> Stroke:
        begun = [action for action in self.script if action.start <= time]
        return (begun[-1] if begun else self.script[0]).stroke(time)

    def _shift(self, time: float) -> float:
        """Pushes go there and back in turns."""
        pushes = [action.stroke(time).shift for action in self.script if action.verb == "push"]
        return sum(pushes[::2]) - sum(pushes[1::2])


def checked(verbs: Iterable[str]) -> None:
    """Refuse a script that no hand could follow.

    Raises:
        ValueError: It takes what it holds, or shakes, pours or puts down what it does not.
    """
    holds = False
    for verb in verbs:
        if holds != (verb in FROM_HAND):
            raise ValueError(f"{verb}: the object is {'' if holds else 'not '}in the hand")
        holds = verb in TO_HAND


def _take(progress: float) -> Stroke:
    return Stroke(
        away=1 - ease(progress / 0.40),
        closure=ease((progress - 0.32) / 0.16),
        height=ease((progress - 0.50) / 0.45),
    )


def _put(progress: float) -> Stroke:
    return _take(1 - progress)


def _touch(progress: float, closure: float = 1.0) -> Stroke:
    """A hand that comes, stays and goes."""
    return Stroke(
        away=1 - _there_and_back(progress, 0.30),
        closure=closure * _there_and_back(progress - 0.08, 0.22, 0.84),
    )


def _push(progress: float) -> Stroke:
    touch = _touch(progress)
    return Stroke(touch.away, touch.closure, shift=ease((progress - 0.33) / 0.34))


def _turn(progress: float) -> Stroke:
    touch = _touch(progress)
    return Stroke(touch.away, touch.closure, yaw=_there_and_back(progress - 0.30, 0.20, 0.40))


def _press(progress: float) -> Stroke:
    taps = 0.35 * math.sin(3 * math.pi * min(max((progress - 0.25) / 0.5, 0.0), 1.0)) ** 2
    touch = _touch(progress, closure=0.3)
    return Stroke(min(touch.away + taps, 1.0), touch.closure)


def _pour(progress: float) -> Stroke:
    tilt = _there_and_back(progress, 0.35)
    return Stroke(height=1 + POUR_HEIGHT * tilt, tilt=tilt)


def _shake(progress: float) -> Stroke:
    swing = math.sin(2 * math.pi * SHAKES * progress) * _there_and_back(progress, 0.15)
    return Stroke(height=1 + SHAKE_HEIGHT * swing)


def _there_and_back(progress: float, ramp: float, whole: float = 1.0) -> float:
    """From 0 to 1 within `ramp` and back to 0 at `whole`."""
    return ease(progress / ramp) * ease((whole - progress) / ramp)


GESTURES: dict[str, Callable[[float], Stroke]] = {
    "take": _take,
    "put": _put,
    "push": _push,
    "turn": _turn,
    "pour": _pour,
    "shake": _shake,
    "press": _press,
}
FROM_HAND = ("put", "pour", "shake")
TO_HAND = ("take", "pour", "shake")

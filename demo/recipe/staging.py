"""Sets a clip up: what stands where, which hand does what, who watches from where."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from recipe import grasp
from recipe.assets import ModelLibrary, Shape
from recipe.catalog import ClipSpec, ObjectModel, Side, Take, outwards
from recipe.framing import View, frame_objects
from recipe.geometry import Array, Pose, rotation_about
from recipe.hand import GRIPS, OPEN, Bend, HandRig
from recipe.motion import HeadMotion, TakeMotion
from recipe.rooms import ROOMS, Room

LIFT = np.array([0.0, -0.05, 0.11])
TOOL_HEIGHT = 0.05
BESIDE = 0.10
HANDLE_REACH = 0.2
"""A reach this far off the middle means a handle, which points at the hand that comes."""


@dataclass(frozen=True)
class Prop:
    """Something on the table; `noun` is empty for bystanders, `coco` for things of no class."""

    name: str
    shape: Shape
    rest: Pose
    role: str
    noun: str
    coco: str
    motion: TakeMotion | None = None

    def pose(self, time: float) -> Pose:
        """Where it is at `time` seconds."""
        return self.motion.object_pose(time) if self.motion else self.rest


@dataclass(frozen=True)
class Hand:
    """A hand of the wearer, either taking something or staying put."""

    side: Side
    closed: Bend
    rest: Pose
    motion: TakeMotion | None = None

    def pose(self, time: float) -> Pose:
        """Where the palm is at `time` seconds."""
        return self.motion.hand_pose(time) if self.motion else self.rest

    def closure(self, time: float) -> float:
        """How far the fingers have closed, 0 to 1."""
        return self.motion.closure(time) if self.motion else 1.0


@dataclass
class Staging:
    """A clip ready to be filmed."""

    shows_wearer = False

    spec: ClipSpec
    room: Room
    view: View
    head: HeadMotion
    props: list[Prop]
    hands: list[Hand]

    @property
    def fov_y(self) -> float:
        """Vertical angle that the camera sees, in radians."""
        return self.view.fov_y

    def camera(self, time: float) -> Pose:
        """Camera pose; the wearer looks at what moves."""
        taken = [prop for prop in self.props if prop.motion]
        raised = np.mean([p.pose(time).position - p.rest.position for p in taken], axis=0)
        return self.head.camera(time, self.view.centre + 0.75 * raised)

    def elbow(self, side: Side) -> Array:
        """Where the sleeve of an arm leads to."""
        reach = max(float(np.linalg.norm(self.view.eye - self.view.centre)), 0.45)
        offset = np.array([0.80 * outwards(side), -0.95, 0.24]) * reach
        on_table = self.view.centre * np.array([1.0, 1.0, 0.0])
        elbow: Array = on_table + offset
        return elbow


def stage(
    spec: ClipSpec, models: dict[str, ObjectModel], library: ModelLibrary, rig: HandRig
) -> Staging:
    """Arrange everything a clip shows, reproducibly from its seed."""
    rng = np.random.default_rng(spec.seed)
    taken: list[tuple[Prop, Hand]] = []
    for take in spec.takes:
        shape = library.shape(take.model)
        rest = _place(take, shape, len(spec.takes) > 1, rng)
        taken.append(_taking(take, shape, rest, rig, rng))
    props = [prop for prop, _ in taken]
    hands = [hand for _, hand in taken]
    if spec.resting:
        tool, hand = _resting_hand(spec.resting, _points(props), models, library, rig)
        hands.append(hand)
        props += [tool] if tool else []
    view = frame_objects(_points(props), spec.width / spec.height, rng)
    glance = np.array([rng.uniform(-0.10, 0.10), rng.uniform(-0.04, 0.12), 0.0]) + view.centre
    head = HeadMotion(view.eye, glance, spec.seed)
    staging = Staging(spec, ROOMS[spec.room], view, head, props, hands)
    _add_bystanders(staging, models, library, rng)
    return staging


def _place(take: Take, shape: Shape, beside_another: bool, rng: np.random.Generator) -> Pose:
    out = outwards(take.side)
    if take.model.grasp == "top":
        yaw = out * rng.uniform(0.0, 0.55)
        if take.side == "left" and take.model.reach >= HANDLE_REACH:
            yaw += math.pi
    else:
        yaw = rng.uniform(-0.4, 0.4)
    x = rng.uniform(-0.02, 0.02)
    if beside_another:
        x += out * (shape.extent[0] / 2 + 0.03)
    position = np.array([x, rng.uniform(0.02, 0.06), 0.0])
    return Pose(rotation_about((0, 0, 1), yaw), position)


def _taking(
    take: Take, shape: Shape, rest: Pose, rig: HandRig, rng: np.random.Generator
) -> tuple[Prop, Hand]:
    closed = GRIPS[take.model.grip]
    held = grasp.hand_pose(take.model, shape, rest, take.side, rig.posed(closed).vertices)
    out = outwards(take.side)
    swing = np.array([out * rng.uniform(-0.03, 0.03), 0.0, rng.uniform(-0.02, 0.03)])
    # Small things are looked at from near by, where a high lift would leave the image.
    lift = (LIFT + swing) * float(np.clip(take.model.size / 0.20, 0.5, 1.0))
    turn = out * rng.uniform(0.15, 0.5)
    motion = TakeMotion(take.side, rest, held, take.start, lift, turn)
    model = take.model
    prop = Prop(model.key, shape, rest, "object_of_change", model.noun, model.coco, motion)
    return prop, Hand(take.side, closed, held, motion)


def _resting_hand(
    resting: str,
    points: Array,
    models: dict[str, ObjectModel],
    library: ModelLibrary,
    rig: HandRig,
) -> tuple[Prop | None, Hand]:
    """A second hand beside the objects, empty (`left`) or holding a tool (`left:spatula`)."""
    side_name, _, tool = resting.partition(":")
    side: Side = "left" if side_name == "left" else "right"
    out = outwards(side)
    edge = points[:, 0].max() if side == "right" else points[:, 0].min()
    if not tool:
        spot = np.array([edge + out * BESIDE, points[:, 1].min() - 0.02, 0.0])
        bend = OPEN.blend(GRIPS["wrap"], 0.3)
        rest = grasp.resting_pose(spot, side, rig.posed(bend).vertices)
        return None, Hand(side, bend, rest)
    model = models[tool]
    shape = library.shape(model)
    bend = GRIPS[model.grip]
    spot = np.array([edge + out * (shape.extent[0] / 2 + 0.02), points[:, 1].mean(), 0.0])
    # The tool points at the object, its handle on the side of the hand that holds it.
    flat = Pose(rotation_about((0, 0, 1), 0.0 if side == "right" else math.pi), spot)
    held = grasp.hand_pose(model, shape, flat, side, rig.posed(bend).vertices)
    raised = np.array([0.0, 0.0, TOOL_HEIGHT])
    rest = Pose(flat.rotation, flat.position + raised)
    prop = Prop(tool, shape, rest, "tool", model.noun, model.coco)
    return prop, Hand(side, bend, Pose(held.rotation, held.position + raised))


def _points(props: list[Prop]) -> Array:
    return np.concatenate([prop.rest.apply(prop.shape.points) for prop in props])


def _add_bystanders(
    staging: Staging,
    models: dict[str, ObjectModel],
    library: ModelLibrary,
    rng: np.random.Generator,
) -> None:
    taken = [prop for prop in staging.props if prop.motion]
    centre = np.mean([prop.rest.position for prop in taken], axis=0)
    reach = max(float(np.linalg.norm(p.rest.position - centre)) + p.shape.radius for p in taken)
    # The side on which the first hand comes in stays free.
    first_side = taken[0].motion.side if taken[0].motion else "right"
    angles = np.array([150.0, 78.0, 112.0, 45.0]) + rng.uniform(-10, 10, 4)
    if first_side == "left":
        angles = 180 - angles
    present = {prop.name for prop in staging.props}
    names = [name for name in staging.room.bystanders if name not in present]
    rng.shuffle(names)
    for name, angle in zip(names, np.radians(angles), strict=False):
        shape = library.shape(models[name])
        distance = reach + shape.radius + rng.uniform(0.03, 0.12)
        spot = centre + distance * np.array([math.cos(angle), math.sin(angle), 0.0])
        yaw = rotation_about((0, 0, 1), rng.uniform(-0.9, 0.9))
        staging.props.append(Prop(name, shape, Pose(yaw, spot), "", "", models[name].coco))

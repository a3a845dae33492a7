"""Boxes of hands by a detector that ships in a package: MediaPipe's, in an environment of its own.

It finds hands only, not the objects in them, and is weak on hands that the frame cuts or that hold
things; a detector of interactions writes better files for `interactions.import_boxes`. MediaPipe
needs an older numpy than wildframe's environment has: ``envs/hands.txt`` says how to set it up.
"""

from collections.abc import Callable, Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from wildframe.core.arrays import Floats
from wildframe.core.errors import UserError
from wildframe.core.pixels import Pixels
from wildframe.core.progress import progress
from wildframe.core.schemas import CLIPS, INTERACTIONS
from wildframe.core.tables import Row, read_table, write_rows
from wildframe.frames.kept import KeptClips

MARGIN = 0.1
"""Share of its sides by which a hand reaches over the joints that are found, on each side."""

MAX_HANDS = 4

Hand = tuple[float, float, float, float, float]
"""Sides x1, y1, x2, y2 as shares of the frame, and confidence."""
Detector = Callable[[Pixels], list[Hand]]


def detect_hands(
    clips: list[Path], manifest: Path, output: Path, detector: Detector, facts: Mapping[str, str]
) -> None:
    """Write the hands in every kept frame of a dataset.

    Args:
        clips: Shards of the kept clips.
        manifest: Their manifest.
        output: INTERACTIONS to write.
        detector: Of hands in RGB uint8 of shape (height, width, 3).
        facts: What the detector is, for the table's metadata.
    """
    kept = KeptClips(clips)
    rows = read_table(manifest, CLIPS, ["clip_id", "video_id"]).to_pylist()
    wanted = [(row["video_id"], row["clip_id"]) for row in rows if row["clip_id"] in kept]
    found = _rows(kept, sorted(wanted), detector)
    write_rows(output, INTERACTIONS, found, facts=facts)


def _rows(kept: KeptClips, clips: list[tuple[str, str]], detector: Detector) -> Iterator[Row]:
    shown: set[tuple[str, int]] = set()
    for video_id, clip_id in progress(clips, total=len(clips), unit="clip", label="hands"):
        clip = kept[clip_id]
        for position, frame in enumerate(clip.frames):
            if (video_id, frame) in shown:  # clips of a video may overlap
                continue
            shown.add((video_id, frame))
            hands = sorted(detector(np.asarray(clip.image(position))), key=lambda hand: -hand[4])
            for number, (x1, y1, x2, y2, score) in enumerate(hands):
                yield {
                    "video_id": video_id,
                    "frame": frame,
                    "kind": "hand",
                    "position": number,
                    **{"x1": x1, "y1": y1, "x2": x2, "y2": y2, "score": score},
                }


def open_mediapipe(min_score: float) -> tuple[Detector, dict[str, str]]:
    """Return MediaPipe's detector of hands, and what it is.

    Raises:
        UserError: MediaPipe is not installed.
    """
    if find_spec("mediapipe") is None:
        raise UserError(
            "mediapipe is not installed here; run this command in the environment that "
            "envs/hands.txt describes"
        )
    import mediapipe

    model = mediapipe.solutions.hands.Hands(
        static_image_mode=True, max_num_hands=MAX_HANDS, min_detection_confidence=min_score
    )

    def detect(pixels: Pixels) -> list[Hand]:
        result = model.process(np.ascontiguousarray(pixels))
        if not result.multi_hand_landmarks:
            return []
        pairs = zip(result.multi_hand_landmarks, result.multi_handedness, strict=True)
        return [
            (*around(_joints(hand)), float(side.classification[0].score)) for hand, side in pairs
        ]

    return detect, {"detector": f"mediapipe {mediapipe.__version__}", "min_score": f"{min_score:g}"}


def _joints(hand: Any) -> Floats:
    return np.array([(joint.x, joint.y) for joint in hand.landmark])


def around(joints: Floats) -> tuple[float, float, float, float]:
    """Return the box of a hand from its joints (n, 2): with a margin, within the frame."""
    low, high = joints.min(axis=0), joints.max(axis=0)
    margin = MARGIN * (high - low)
    x1, y1 = np.clip(low - margin, 0, 1).tolist()
    x2, y2 = np.clip(high + margin, 0, 1).tolist()
    return x1, y1, x2, y2

"""Command line: render the demo set and write its annotations."""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

from recipe import hard_cases, records, session_films, session_tables, videos
from recipe.assets import ModelLibrary
from recipe.catalog import ClipSpec, ObjectModel, load_clips, load_models
from recipe.encode import encode, truncate
from recipe.hand import HandRig
from recipe.render import Film
from recipe.sessions import LISTED, load_sessions
from recipe.staging import Staging, stage
from recipe.tables import Row
from recipe.viewpoints import staged

FURNITURE = Path("/usr/share/sweethome3d/furniture")
HAND = Path("package/dist/profiles/generic-hand/right.glb")
RELEASE = Path("ego4d/v1")
SESSIONS = Path("clips")


def main(arguments: list[str] | None = None) -> None:
    """Render every clip and session, or only those named."""
    options = _parser().parse_args(arguments)
    models, rig = load_models(), HandRig(options.hand)
    with tempfile.TemporaryDirectory() as cache:
        library = ModelLibrary(options.furniture, Path(cache))
        if options.part != "sessions":
            _render_clips(options, models, library, rig)
        if options.part != "ego4d":
            _render_sessions(options, models, library, rig)


def _render_clips(
    options: argparse.Namespace,
    models: dict[str, ObjectModel],
    library: ModelLibrary,
    rig: HandRig,
) -> None:
    clips = load_clips(models)
    starts = records.parent_starts(clips)
    folder = options.output / RELEASE
    (folder / "clips").mkdir(parents=True, exist_ok=True)
    annotated: list[tuple[str, dict[str, Any]]] = []
    boxes: list[Row] = []
    for clip in clips:
        uid = records.clip_uid(clip.name)
        if options.only and uid not in options.only:
            continue
        staging = stage(clip, models, library, rig)
        with Film(staging, rig) as film:
            annotated += _records(clip, starts[clip.name], staging, film)
            if not options.only and videos.labels(clip, models):
                boxes += videos.clip_boxes(clip, staging, film)
            if not options.boxes_only:
                _write_clip(folder / "clips" / f"{uid}.mp4", clip, staging, film)
        print(f"{clip.name} {uid}", flush=True)
    if not options.only:
        _write_annotations(options.output, annotated)
        videos.write(options.output / "videos", clips, models, boxes)


def _render_sessions(
    options: argparse.Namespace,
    models: dict[str, ObjectModel],
    library: ModelLibrary,
    rig: HandRig,
) -> None:
    sessions = load_sessions(models, options.sessions)
    folder = options.output / SESSIONS
    (folder / "videos").mkdir(parents=True, exist_ok=True)
    boxes: list[Row] = []
    for session in sessions:
        if options.only and session.name not in options.only:
            continue
        for video in session.videos:
            staging = staged(session, video.viewpoint, models, library, rig)
            with session_films.film(staging, rig) as film:
                boxes += session_films.boxes(video, staging, film)
                if not options.boxes_only:
                    session_films.write(folder / "videos" / video.file, staging, film)
        print(session.name, flush=True)
    if not options.only:
        session_tables.write(folder, sessions, boxes)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="recipe.build", description=__doc__)
    parser.add_argument("--output", type=Path, required=True, help="folder to write into")
    parser.add_argument(
        "--hand", type=Path, default=HAND, help="generic-hand/right.glb of the npm package"
    )
    parser.add_argument(
        "--furniture", type=Path, default=FURNITURE, help="folder of the .sh3f archives"
    )
    parser.add_argument(
        "--only",
        action="append",
        metavar="NAME",
        help="render only the clip of this id, or this session; repeatable",
    )
    parser.add_argument(
        "--part", choices=("ego4d", "sessions"), help="render only this part; default both"
    )
    parser.add_argument(
        "--sessions", type=Path, default=LISTED, help="table of sessions; default those of the demo"
    )
    parser.add_argument(
        "--boxes-only", action="store_true", help="write the annotations but no clips"
    )
    return parser


def _records(
    clip: ClipSpec, start: int, staging: Staging, film: Film
) -> list[tuple[str, dict[str, Any]]]:
    takes_moments = [hand.motion.moments for hand in staging.hands if hand.motion]
    return [
        (clip.case, entry)
        for takes, moments in records.actions(clip, takes_moments)
        for entry in hard_cases.altered(
            clip.case, records.record(clip, start, takes, moments, film.boxes)
        )
    ]


def _write_clip(path: Path, clip: ClipSpec, staging: Staging, film: Film) -> None:
    if clip.case == "missing_clip":
        return
    first = next(hand.motion.moments for hand in staging.hands if hand.motion)
    defects = hard_cases.stream_defects(clip.case, first)
    encode(
        path,
        film.frames(),
        (clip.width, clip.height),
        clip.codec,
        clip.gop,
        start_frame=defects.start_frame,
        dropped=defects.dropped,
    )
    if clip.case == "unreadable_clip":
        truncate(path)


def _write_annotations(output: Path, annotated: list[tuple[str, dict[str, Any]]]) -> None:
    folder = output / RELEASE / "annotations"
    folder.mkdir(parents=True, exist_ok=True)
    document = records.document([entry for _, entry in annotated])
    (folder / "fho_scod_train.json").write_text(json.dumps(document, indent=1) + "\n")
    cases = json.dumps(hard_cases.listing(annotated), indent=2)
    (output / "hard_cases.json").write_text(cases + "\n")


if __name__ == "__main__":
    main()

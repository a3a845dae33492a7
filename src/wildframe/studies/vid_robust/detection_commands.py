"""Commands of Table 2 and Fig. 3: detectors on anchors and on worst frames."""

from pathlib import Path
from typing import Annotated

import typer

from wildframe.studies.vid_robust.options import (
    About,
    Frames,
    Licensed,
    Manifest,
    Outputs,
    Png,
    Svg,
    TargetClasses,
)

app = typer.Typer()


@app.command()
def table2_detection(
    outputs: Outputs,
    scores: Annotated[Path, typer.Option(help="mAP of the detectors on the dataset.")],
    targets: TargetClasses,
    about: About,
    licensed: Licensed,
) -> None:
    """Table 2: detection and localization."""
    from wildframe.core.schemas import DETECTION_SCORES
    from wildframe.core.tables import read_facts, read_table
    from wildframe.labels.hypernyms import read_targets
    from wildframe.studies.vid_robust.table2_detection import detection

    rows = read_table(scores, DETECTION_SCORES).to_pylist()
    names = {target.wnid: target.name for target in read_targets(targets) if target.wnid}
    facts = read_facts(scores, DETECTION_SCORES)
    detection(scores, rows, facts, names, about, licensed).write(outputs)


@app.command()
def fig3_detections(
    frames: Frames,
    manifest: Manifest,
    worst: Annotated[Path, typer.Option(help="Worst frame of each set, of each detector.")],
    detections: Annotated[Path, typer.Option(help="What the detector found.")],
    detector: Annotated[str, typer.Option(help="The detector.")],
    targets: TargetClasses,
    about: About,
    png: Png,
    svg: Svg,
) -> None:
    """Fig. 3: what a detector finds on anchors and on worst frames."""
    import json

    from wildframe.core.errors import UserError
    from wildframe.core.schemas import DETECTIONS, WORST_FRAMES
    from wildframe.core.tables import iter_rows, read_facts, read_table
    from wildframe.frames import read_images
    from wildframe.labels.hypernyms import read_targets, target_of_classes
    from wildframe.scores.detection import thresholds_of
    from wildframe.studies.vid_robust.fig3_detections import (
        SETS,
        boxes_of,
        describe,
        plot,
        worst_sets,
    )
    from wildframe.studies.vid_robust.panels import (
        read_pictures,
        require_images,
        require_pictures,
    )

    facts = read_facts(worst, WORST_FRAMES)
    # Frames were chosen at the first.
    iou = json.loads(facts["config"])["iou"].partition(",")[0]
    rows = worst_sets(worst, read_table(worst, WORST_FRAMES).to_pylist(), detector, iou)
    lost = [row for row in rows if row["ap"] < row["ap_anchor"]]
    chosen = lost[:SETS]
    shown = [image_id for row in chosen for image_id in (row["anchor_id"], row["image_id"])]
    pictures = read_pictures(manifest)
    require_pictures(shown, manifest, pictures)
    of_detector = read_facts(detections, DETECTIONS)
    if of_detector["model"] != detector:
        raise UserError(
            f"{detections}: is of {of_detector['model']}, not of {detector}; name its detections"
        )
    found = {
        row["image_id"]: row
        for row in iter_rows(detections, DETECTIONS)
        if row["image_id"] in set(shown)
    }
    if missing := sorted(set(shown) - found.keys()):
        raise UserError(
            f"{detections}: has no picture {missing[0]}; name the detections of the same dataset"
        )
    target_of = target_of_classes(targets, of_detector["class_space"])
    names = {target.wnid: target.name for target in read_targets(targets) if target.wnid}
    threshold = thresholds_of(iou)[0]
    plot(
        chosen,
        {
            name: boxes_of(pictures[name], found[name], target_of, threshold, names)
            for name in shown
        },
        pictures,
        require_images(read_images(frames, set(shown)), shown),
        describe(detector, iou, len(rows), len(lost)),
        facts["review"],
        about,
        [png, svg],
    )

"""Commands of Fig. 3, 4, 5 and Appendix H: what is in the test set."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from wildframe.studies.ego4d.options import (
    About,
    Classes,
    Frames,
    Funnel,
    Licensed,
    Manifest,
    Outputs,
    Png,
    Statuses,
    Svg,
)

if TYPE_CHECKING:
    from wildframe.core.tables import Row

app = typer.Typer()


@app.command()
def fig3_gallery(
    frames: Frames,
    manifest: Manifest,
    statuses: Statuses,
    classes: Classes,
    about: About,
    png: Png,
    svg: Svg,
) -> None:
    """Fig. 3: examples with their boxes."""
    from wildframe.frames import read_images
    from wildframe.labels import read_class_names
    from wildframe.studies.ego4d.fig3_gallery import COLUMNS, ROWS, choose_examples, gallery

    pictures = _examined(manifest, statuses)
    examples = choose_examples(pictures, COLUMNS * ROWS)
    images = read_images(frames, {picture["image_id"] for picture in examples})
    names = read_class_names(classes)
    gallery(examples, images, names, about, [png, svg])


@app.command()
def fig4_statistics(
    outputs: Outputs, funnel: Funnel, statuses: Statuses, about: About, licensed: Licensed
) -> None:
    """Fig. 4: statistics and funnel."""
    from wildframe.core.schemas import FUNNEL
    from wildframe.core.tables import read_table
    from wildframe.frames import read_statuses
    from wildframe.studies.ego4d.fig4_statistics import statistics

    found = [row["status"] for row in read_statuses(statuses)]
    statistics(read_table(funnel, FUNNEL).to_pylist(), found, about, licensed).write(outputs)


@app.command()
def fig5_in1k_vs_in21k(
    outputs: Outputs,
    in1k_funnel: Funnel,
    in1k_manifest: Manifest,
    in1k_statuses: Statuses,
    in21k_funnel: Funnel,
    in21k_manifest: Manifest,
    in21k_statuses: Statuses,
    classes: Classes,
    about: About,
    licensed: Licensed,
) -> None:
    """Fig. 5: ImageNet-1K against ImageNet-21K."""
    from wildframe.core.schemas import FUNNEL
    from wildframe.core.tables import read_table
    from wildframe.frames import read_statuses
    from wildframe.labels import read_classes
    from wildframe.studies.ego4d.fig5_in1k_vs_in21k import comparison, statistics

    in1k, in21k = (
        statistics(
            read_table(funnel, FUNNEL).to_pylist(),
            [row["status"] for row in read_statuses(statuses)],
            _examined(manifest, statuses),
            len(read_classes(classes, space)),
        )
        for space, funnel, statuses, manifest in (
            ("in1k", in1k_funnel, in1k_statuses, in1k_manifest),
            ("in21k", in21k_funnel, in21k_statuses, in21k_manifest),
        )
    )
    comparison(in1k, in21k, about, licensed).write(outputs)


@app.command()
def appendix_h_classes(
    outputs: Outputs,
    manifest: Manifest,
    statuses: Statuses,
    classes: Classes,
    about: About,
) -> None:
    """Appendix H: the classes found."""
    from wildframe.labels import read_classes
    from wildframe.studies.ego4d.appendix_h_classes import classes_found

    examined = _examined(manifest, statuses)
    classes_found(examined, read_classes(classes, "in1k"), about).write(outputs)


def _examined(manifest: Path, statuses: Path) -> "list[Row]":
    """Return the pictures of a manifest whose frames could be read; errors as `read_readable`."""
    from wildframe.core.schemas import MANIFEST
    from wildframe.core.tables import read_table
    from wildframe.frames import read_readable

    readable = read_readable(statuses)
    pictures = read_table(manifest, MANIFEST).to_pylist()
    return [picture for picture in pictures if picture["image_id"] in readable]

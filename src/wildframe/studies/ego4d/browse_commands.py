"""The command of the page to leaf through pictures and predictions."""

from pathlib import Path
from typing import Annotated

import typer

from wildframe.core.choices import View
from wildframe.studies.ego4d.options import About, Classes, Frames, Manifest, OutcomeFiles

app = typer.Typer()


@app.command()
def browse(
    frames: Frames,
    manifest: Manifest,
    outcomes: OutcomeFiles,
    gradcams: Annotated[
        list[Path], typer.Option(help="Grad-CAM maps of some models, <model>.gradcam.parquet.")
    ],
    classes: Classes,
    view: Annotated[View, typer.Option(help="How pictures were shown to the models.")],
    margin: Annotated[float, typer.Option(help="Of the box view.")],
    about: About,
    output: Annotated[Path, typer.Option(help="Folder to write; open its index.html.")],
) -> None:
    """A page to leaf through pictures, predictions and Grad-CAM maps; it needs no server."""
    from wildframe.core.errors import UserError
    from wildframe.exhibits.browse import Examined, write_browser
    from wildframe.labels import read_classes
    from wildframe.models import zoo_entry

    maps = {path.name.removesuffix(".gradcam.parquet"): path for path in gradcams}
    names = {path.name.removesuffix(".parquet"): path for path in outcomes}
    if alone := maps.keys() - names.keys():
        model = min(alone)
        raise UserError(f"{maps[model]}: no --outcomes file is of {model}; name its outcomes, too")
    models = [
        Examined(name, path, zoo_entry(name).preprocessing, maps.get(name))
        for name, path in names.items()
    ]
    write_browser(
        output,
        title="Egocentric Data as Natural Adversarial Examples",
        about=about,
        manifest=manifest,
        frames=frames,
        models=models,
        class_names={row["wnid"]: row["name"] for row in read_classes(classes, "in1k")},
        view=view,
        margin=margin,
    )

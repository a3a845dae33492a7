"""``wildframe config``: check and show a configuration, print its schema."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer()


Files = Annotated[
    list[Path],
    typer.Argument(
        metavar="[FILES]...",
        help="YAML files, merged in this order over config.yaml and the presets they extend.",
    ),
]


@app.command()
def check(
    paths: Files = [Path("config.yaml")],  # noqa: B006
) -> None:
    """Validate a configuration as the workflow reads it; name each invalid setting.

    Files of external predictions must be there; `wildframe doctor` tells which others are missing.
    """
    from wildframe.configuration import load_config
    from wildframe.models import study_detectors, study_models

    config = load_config(*paths)
    study_models(config.chosen, config.label_space_of, config.models)
    study_detectors(config.chosen, config.models)
    for external in config.external.values():
        for predictions in external.values():
            predictions.file()
    print(f"{' + '.join(map(str, paths))}: valid")


@app.command()
def show(
    paths: Files = [Path("config.yaml")],  # noqa: B006
) -> None:
    """Print the whole configuration as the workflow reads it, with the origin of each setting."""
    from wildframe.configuration import config_files, load_config
    from wildframe.core.layers import annotated, read_layers

    settings = load_config(*paths).model_dump(mode="json")
    # The output is a complete configuration, which extends nothing.
    print("extends: []")
    print(annotated(settings, read_layers(config_files(*paths))), end="")


@app.command()
def schema() -> None:
    """Print the JSON Schema of a configuration file."""
    from wildframe.configuration import config_schema

    print(config_schema(), end="")

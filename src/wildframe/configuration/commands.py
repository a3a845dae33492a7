"""``wildframe config``: check a configuration, print its schema."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="The configuration.", no_args_is_help=True)


@app.command()
def check(
    paths: Annotated[
        list[Path], typer.Argument(help="YAML files, merged over config.yaml in this order.")
    ] = [Path("config.yaml")],  # noqa: B006
) -> None:
    """Validate a configuration as the workflow reads it; each wrong setting is named."""
    from wildframe.configuration import load_config
    from wildframe.models import study_detectors, study_models

    config = load_config(*paths)
    study_models(config.chosen, config.class_space_of)
    study_detectors(config.chosen)
    print(f"{' + '.join(map(str, paths))}: valid")


@app.command()
def schema() -> None:
    """Print the JSON Schema of the configuration."""
    from wildframe.configuration import config_schema

    print(config_schema(), end="")

"""``wildframe config``: check a configuration, print its schema."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="The configuration.", no_args_is_help=True)


@app.command()
def check(
    path: Annotated[Path, typer.Argument(help="YAML file.")] = Path("config.yaml"),
) -> None:
    """Validate a configuration; each wrong key is named."""
    from wildframe.core.config import load_config

    load_config(path)
    print(f"{path}: valid")


@app.command()
def schema() -> None:
    """Print the JSON Schema of the configuration."""
    from wildframe.core.config import config_schema

    print(config_schema(), end="")

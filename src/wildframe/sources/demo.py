"""Rendering of the embedded demo set by its recipe, in the recipe's own environment."""

import subprocess
from pathlib import Path

from wildframe.core.errors import UserError
from wildframe.core.files import require_file

_REMEDY = "`make demo-set` prepares the recipe's environment and then renders"


def render(recipe: Path, python: Path, hand: Path, output: Path) -> None:
    """Render the demo set (about 15 minutes on two cores).

    Args:
        recipe: Folder of the package ``recipe``.
        python: Interpreter of the recipe's own environment.
        hand: Model of the hand, ``right.glb``.
        output: Folder to write ``ego4d/``, ``videos/``, ``clips/`` and ``hard_cases.json`` into.

    Raises:
        UserError: A file is missing, or rendering failed.
    """
    require_file(python, _REMEDY)
    require_file(hand, _REMEDY)
    # The interpreter's path is made absolute but not resolved: a link would lead out of its venv.
    arguments = [python.absolute(), "-m", "recipe.build"]
    arguments += ["--output", output.absolute(), "--hand", hand.absolute()]
    process = subprocess.run([str(part) for part in arguments], cwd=recipe)  # noqa: S603
    if process.returncode:
        raise UserError(
            f"{recipe}: rendering ended with status {process.returncode}; recipe/README.md says "
            "what it needs"
        )

"""References: any model of a hub by name, with the facts that the hub's own package says of it.

Those packages import torch, which takes seconds, and a plan asks for facts each time: they are kept
in the user's cache folder, by version of the package and of the code that reads them.
"""

import hashlib
from collections.abc import Iterable
from contextlib import suppress
from difflib import get_close_matches
from importlib import metadata
from pathlib import Path

from pydantic import ValidationError

from wildframe.core.code import code_hash
from wildframe.core.errors import UserError
from wildframe.core.files import user_cache
from wildframe.core.seals import read_sealed, write_sealed
from wildframe.core.strict import Strict

PACKAGES = {"timm": "timm", "torchvision": "torchvision", "open_clip": "open_clip_torch"}
"""Package of each hub: the part of a reference before its first slash."""

Triple = tuple[float, float, float]


class Facts(Strict):
    """What the package of a hub says of a model; fields are those of `ZooEntry`."""

    architecture: str
    """The package's full name of the model."""
    has_weights: bool
    classes: int
    """Of the hub's weights; 0 without a classifier."""
    params: int
    input_size: int
    crop_pct: float
    crop_mode: str
    interpolation: str
    mean: Triple
    std: Triple
    fixed_size: bool = False
    gradcam_layer: str | None = None


def reference_facts(reference: str, outputs: int | None = None) -> Facts:
    """Return the facts of a reference such as ``timm/resnet18.a1_in1k``, kept or read anew.

    Args:
        reference: Hub and name, without size and training.
        outputs: Outputs of the classifier, which ``params`` counts; by default the weights' own.

    Raises:
        UserError: The package is not installed, or has no such model.
    """
    hub, _, name = reference.partition("/")
    kept = _kept_file(reference, outputs)
    with suppress(OSError, ValidationError):
        return Facts.model_validate(read_sealed(kept))
    from wildframe.models.frameworks import HUBS

    facts = HUBS[hub].facts(name, outputs)
    # A folder that cannot be written costs time, not the run.
    with suppress(OSError, UserError):
        write_sealed(kept, facts.model_dump(mode="json"))
    return facts


def hub_version(reference: str) -> str:
    """Return the installed version of a reference's package.

    Raises:
        UserError: It is not installed.
    """
    package = PACKAGES[reference.partition("/")[0]]
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError as error:
        raise UserError(
            f"{reference}: the package {package} is not installed; `pip install {package}`"
        ) from error


def no_such_model(hub: str, name: str, known: Iterable[str]) -> UserError:
    """Return the error for a name that a hub does not have, with names that are close to it."""
    close = get_close_matches(name, list(known), n=3, cutoff=0.5)
    meant = f"; did you mean {' or '.join(close)}?" if close else ""
    return UserError(f"{hub}/{name}: no such model in {hub} {hub_version(hub)}{meant}")


def _kept_file(reference: str, outputs: int | None) -> Path:
    """Return where facts are kept; errors as in `hub_version`."""
    code = code_hash("models.frameworks:HUBS")
    key = [reference, str(outputs), hub_version(reference), code]
    digest = hashlib.sha256("\n".join(key).encode()).hexdigest()[:16]
    return user_cache() / "models" / f"{reference.replace('/', '--')}.{digest}.json"

"""``wildframe doctor``: what is installed, what is missing, and how to get it."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

from wildframe.configuration import load_config
from wildframe.core.errors import UserError
from wildframe.doctor.data import clips, named_files, sources
from wildframe.doctor.environment import cluster, device_asked_for, devices, environment, space
from wildframe.doctor.estimation import estimate
from wildframe.doctor.finding import Finding
from wildframe.doctor.models import weights
from wildframe.models import study_detectors, study_models

_STYLES = {"ok": "green", "partly": "yellow", "missing": "bold red"}


def diagnose(config_paths: Sequence[Path], *, with_estimate: bool = False) -> int:
    """Print the findings; return 0 if a run can start, 1 if something is missing.

    Args:
        config_paths: Files of the configuration, merged in order.
        with_estimate: Measure unit costs on this machine, and tell time and disk of the run.
    """
    console = Console(highlight=False)
    is_missing = False
    for mark, line in _findings(config_paths, with_estimate):
        console.print(Text(f"{mark:8}", _STYLES[mark]) + Text(line), soft_wrap=True)
        is_missing |= mark == "missing"
    return 1 if is_missing else 0


def _findings(config_paths: Sequence[Path], with_estimate: bool) -> Iterator[Finding]:
    yield from environment()
    yield from devices()
    yield from cluster()
    try:
        config = load_config(*config_paths)
        models = study_models(config.chosen, config.label_space_of, config.models)
        detectors = study_detectors(config.chosen, config.models)
    except UserError as error:
        yield "missing", str(error)
        return
    over_base, results = _over_base(config_paths), Path(config.results)
    yield "ok", f"config {' + '.join(map(str, config_paths))}: valid"
    yield from device_asked_for(config)
    yield space(results)
    yield from sources(config, over_base)
    yield from clips(config)
    yield from named_files(config)
    yield from weights(models, detectors, results, over_base)
    if with_estimate:
        yield from estimate(config, models, results, over_base)


def _over_base(paths: Sequence[Path]) -> list[Path]:
    """Return the files that `snakemake` has to be given: all but its default."""
    return [path for path in paths if path != Path("config.yaml")]

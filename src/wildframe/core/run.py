"""The files of a run, found by its configuration; for commands that people type."""

import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from wildframe.core.choices import Resize
from wildframe.core.errors import UserError
from wildframe.core.files import require_file
from wildframe.core.layers import config_files, read_layers, values


def snakemake_command(words: Iterable[str], config_files: Iterable[Path]) -> str:
    """Return a command line of Snakemake that can be pasted as it stands.

    Args:
        words: Targets, and options of one value.
        config_files: Files of the configuration over ``config.yaml``.
    """
    files = [str(path) for path in config_files]
    configured = ["--configfile", *files] if files else []
    return shlex.join(["snakemake", *words, "--cores", "1", *configured])


@dataclass(frozen=True)
class DatasetRun:
    """The run that has a dataset; its configuration is read when it is asked for the first time."""

    dataset: str
    configs: Sequence[Path]
    """Files of the configuration, merged in order."""

    @cached_property
    def _settings(self) -> Mapping[str, Any]:
        # Without any file, the one that is missed is named.
        settings = values(read_layers(config_files(*self.configs) or [Path("config.yaml")]))
        datasets = settings.get("datasets", {})
        if self.dataset not in datasets:
            raise UserError(
                f"{self.dataset}: no such dataset; the config has {', '.join(datasets)}"
            )
        if datasets[self.dataset].get("kind") == "clips":
            raise UserError(f"{self.dataset}: a dataset of clips; name one whose images are single")
        return settings

    @property
    def data_note(self) -> str:
        """Short description of the data; a `UserError` if the config has no such dataset."""
        source = self._settings["datasets"][self.dataset]["source"]
        return str(self._settings["sources"][source]["data_note"])

    @property
    def resize(self) -> Resize:
        """How its images are resized where they are kept so; errors as of `data_note`."""
        resize: Resize = self._settings.get("frames", {}).get("resize", "exact")
        return resize

    def file(self, name: str) -> Path:
        """Return a file of the run.

        Args:
            name: Path below the run's results.

        Raises:
            UserError: There is no config, it has no such dataset, or the file has not been made.
        """
        results = self._settings.get("pathvars", {}).get("results", "results")
        path = Path(results) / name
        return require_file(path, f"make it: `{snakemake_command([str(path)], self.configs)}`")

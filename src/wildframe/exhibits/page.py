"""A page of an exhibit: a folder that a browser opens from disk."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Page:
    """A folder whose ``index.html`` is opened.

    Attributes:
        write_folder: Writes the folder of a path; it appears whole.
    """

    write_folder: Callable[[Path], None]

    def write(self, outputs: Sequence[Path]) -> None:
        """Write the page.

        Args:
            outputs: The folder.
        """
        (folder,) = outputs
        self.write_folder(folder)

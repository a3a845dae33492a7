"""What a killed training continues from: a file beside its output, removed at its end."""

import hashlib
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from wildframe.core.files import atomic_path, refuse_folder


class StateFile:
    """The state of a killed training: a line with two hashes, then torch's bytes."""

    def __init__(self, output: Path, determines: Mapping[str, Any]) -> None:
        """Lie beside the weights of a training, whose settings and inputs ``determines`` names.

        No other training may continue from it, and none with another version of torch.

        Raises:
            UserError: A folder is where the weights are to be.
        """
        import torch

        self._path = refuse_folder(output).with_name(f".{output.name}.state")
        determines = {**determines, "torch": torch.__version__}
        text = json.dumps(determines, sort_keys=True)
        self._key = hashlib.sha256(text.encode()).hexdigest().encode()

    def read(self) -> dict[str, Any] | None:
        """Return the state; None if there is no file, or, with a message, if it is unusable."""
        import torch

        if not self._path.is_file():
            return None
        with self._path.open("rb") as file:
            header, content = file.readline().rstrip(b"\n"), file.read()
        if header == self._header(content):
            state: dict[str, Any] = torch.load(
                io.BytesIO(content), map_location="cpu", weights_only=True
            )
            return state
        is_ours = header.startswith(self._key)
        problem = "damaged" if is_ours else "of other settings, inputs, device or code, or damaged"
        print(f"{self._path}: this training state is {problem}; training starts from the beginning")
        return None

    def write(self, state: Mapping[str, Any]) -> None:
        """Replace the state."""
        import torch

        buffer = io.BytesIO()
        torch.save(state, buffer)
        with atomic_path(self._path) as temporary, temporary.open("wb") as file:
            file.write(self._header(buffer.getbuffer()) + b"\n")
            file.write(buffer.getbuffer())

    def remove(self) -> None:
        """Remove the file at the end of the training."""
        self._path.unlink(missing_ok=True)

    def _header(self, content: bytes | memoryview) -> bytes:
        return self._key + b" " + hashlib.sha256(content).hexdigest().encode()

"""What every framework and every hub can do."""

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar

from wildframe.models.references import Facts

if TYPE_CHECKING:
    import torch

    from wildframe.models.zoo import ZooEntry

    StateDict = dict[str, torch.Tensor]


class Framework(ABC):
    """A source of architectures."""

    @abstractmethod
    def build(self, architecture: str, outputs: int | None = None) -> "torch.nn.Module":
        """Return an architecture without its weights, by default with its own head.

        It maps images of shape (n, 3, height, width) to logits of shape (n, outputs).
        """

    @abstractmethod
    def weights(self, entry: "ZooEntry") -> "StateDict":
        """Return the weights of an entry, in the architecture's own keys.

        Raises:
            UserError: They are not available.
        """


class Hub(Framework):
    """A package that knows models by name, and fetches their weights.

    Unless a hub says otherwise they are those of Hugging Face, or of the mirror that HF_ENDPOINT
    names.
    """

    cache_variable: ClassVar[str] = "HF_HOME"
    """Environment variable that names the folder of fetched weights."""

    @abstractmethod
    def facts(self, name: str, outputs: int | None = None) -> Facts:
        """Return what the package says of a model; see `references.reference_facts`.

        Raises:
            UserError: There is no such model.
        """

    @abstractmethod
    def cached(self, architecture: str) -> str | None:
        """Say where fetched weights lie; None if they are still to be fetched."""

    def address(self, architecture: str) -> str:
        """Return where the hub answers from which weights are fetched."""
        from huggingface_hub.constants import ENDPOINT

        return ENDPOINT


def count_params(model: "torch.nn.Module") -> int:
    """Return the number of parameters of a model."""
    return sum(parameter.numel() for parameter in model.parameters())

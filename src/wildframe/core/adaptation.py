"""Settings of test-time adaptation: how a model is changed for an image before it predicts."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from wildframe.core.strict import Strict

Augmentation = Literal["augmix", "rrc", "zoomgrid"]


class Adaptation(Strict):
    """MEMO: the weights that make predictions on augmented copies of the image agree.

    Source: Zhang et al., *MEMO: Test Time Robustness via Adaptation and Augmentation*, 2022.
    """

    method: Literal["memo"] = "memo"
    augmentation: Augmentation = Field(
        "rrc",
        description="augmix; rrc: random resized crops; zoomgrid: crops of the zoom grid `paper`",
    )
    k: int = Field(16, ge=2, le=1024, description="Augmented copies of an image")
    lr: float = Field(0.00025, gt=0, description="Learning rate of a step of SGD")
    steps: int = Field(1, ge=1, le=100, description="Steps of SGD an image")
    prior_strength: float = Field(
        16,
        ge=0,
        description="Images that running statistics of batch normalization count as, beside one "
        "of the copies or of the image",
    )
    seed: int = Field(0, ge=0, description="Seed of the copies")

    @property
    def note(self) -> str:
        """What the data note of exhibits says about it."""
        copies = f"{self.k} copies ({self.augmentation})"
        return f"adapted to each image by {self.method.upper()} on {copies}"


def _of_method(chosen: Any) -> Any:
    return {"method": chosen} if isinstance(chosen, str) else chosen


AnyAdaptation = Annotated[
    Adaptation,
    BeforeValidator(_of_method, json_schema_input_type=Literal["memo"] | Adaptation),
]
"""Its name alone stands for the published settings."""

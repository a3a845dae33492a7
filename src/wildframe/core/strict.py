"""What the configuration and the zoo are built of."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$")]
"""Of a source, a dataset or a training. No dot: it would run into the names of other tables."""


def _named_once(models: list[str]) -> list[str]:
    if len(set(models)) < len(models):
        raise ValueError("a model is named twice")
    return models


Models = Annotated[list[str], Field(min_length=1), AfterValidator(_named_once)]
"""Of the zoo, in the order of tables."""


class Strict(BaseModel):
    """What is read from YAML: immutable, and a key that it does not know is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)

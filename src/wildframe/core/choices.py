"""The words that configuration, commands and tables share for a choice."""

from typing import Literal

Role = Literal["pre", "pnr", "post"]
ObjectType = Literal["object_of_change", "tool"]
Split = Literal["train", "val"]
Media = Literal["clips", "full_scale"]
ClassSpace = Literal["in1k", "in21k", "in22k"]
Words = Literal["first", "all", "paper"]
Synsets = Literal["first", "all"]
Encoding = Literal["jpeg", "png"]
View = Literal["full"]

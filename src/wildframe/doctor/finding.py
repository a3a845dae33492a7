"""What the doctor finds."""

from typing import Literal

Mark = Literal["ok", "partly", "missing"]
Finding = tuple[Mark, str]
"""How serious it is, and one line about it; a remedy in it can be pasted as it stands."""

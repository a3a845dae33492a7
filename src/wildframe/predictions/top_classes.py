"""The most probable classes of an image in a file of external predictions."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from wildframe.core.errors import UserError
from wildframe.core.own_csv import class_index
from wildframe.core.tables import Row
from wildframe.core.targets import label_reader
from wildframe.predictions.external_files import Record, filled, require_read

_ROUNDED = 0.005
"""Deviation of each probability that is rounded to the second decimal."""


@dataclass(frozen=True)
class TopClasses:
    """Reads lists of classes in a label space."""

    label_space: str
    keys: Sequence[str]
    """Its classes by index, as of `class_keys`."""
    are_merged: bool
    """Whether probabilities of classes are merged into those of another label space."""

    @cached_property
    def _index_of(self) -> Mapping[str, int]:
        return {key: index for index, key in enumerate(self.keys)}

    @cached_property
    def _read_label(self) -> Callable[[str], str]:
        return label_reader(self.label_space)

    def read(self, record: Record) -> list[Row]:
        """Return class indices and probabilities, which are None where the file has none.

        Raises:
            UserError: A class is unknown or listed twice, a probability is missing, none, or above
                that of a class before, or they add up to more than 1; names the record.
        """
        if not isinstance(record.top, list):
            raise UserError(f"{record.where}: top is not a list of classes; write it again")
        top = [self._guess(record.where, item) for item in record.top]
        indices = [guess["class_index"] for guess in top]
        if twice := [index for index in indices if indices.count(index) > 1]:
            name = self.keys[twice[0]]
            raise UserError(f"{record.where}: class {name} is listed twice; list each class once")
        self._require_probabilities(record.where, [guess["probability"] for guess in top])
        return top

    def _guess(self, where: str, item: Any) -> Row:
        share = None
        if isinstance(item, Mapping):
            require_read(where, filled(item), ["probability"])
            share = item.get("probability")
            item = item["wnid"] if item.get("wnid") is not None else item.get("class_index")
        return {"class_index": self._class(where, item), "probability": _probability(where, share)}

    def _class(self, where: str, item: Any) -> int:
        name = str(item)
        if name in self._index_of:
            return self._index_of[name]
        index = class_index(name)
        if index is not None and index < len(self.keys):
            return index
        try:
            wnid, problem = self._read_label(name), "it is a class of another label space"
        except UserError as error:
            wnid, problem = "", f"as a name, {error}"
        if wnid not in self._index_of:
            raise UserError(
                f"{where}: {name} is not a class of {self.label_space}: neither a wnid of it nor "
                f"an index below {len(self.keys)}; {problem}; correct it, or name the label space "
                "of the model (label_space)"
            )
        return self._index_of[wnid]

    def _require_probabilities(self, where: str, shares: Sequence[float | None]) -> None:
        given = [share for share in shares if share is not None]
        if given and len(given) < len(shares):
            raise UserError(f"{where}: a probability is missing; give all of an image, or none")
        if given != sorted(given, reverse=True):
            raise UserError(
                f"{where}: a probability is above that of a class before; list the most probable "
                "class first"
            )
        if sum(given) > 1 + _ROUNDED * len(given):
            raise UserError(
                f"{where}: its probabilities add up to {sum(given):.3g}, more than 1; give those "
                "of a softmax, or none"
            )
        if self.are_merged and not given:
            raise UserError(
                f"{where}: no probabilities, by which classes of {self.label_space} are merged "
                "into those of the sets; give them, or the scores of all classes"
            )


def _probability(where: str, value: Any) -> float | None:
    if value is None:
        return None
    try:
        share = float(value)
    except (TypeError, ValueError):
        share = -1.0
    if not 0 <= share <= 1:
        raise UserError(f"{where}: {value!r} is not a probability; give numbers from 0 to 1")
    return share

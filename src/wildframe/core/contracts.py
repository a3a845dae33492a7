"""Contracts of tables: named, versioned, every field with its meaning."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Field:
    """One column: its meaning (``doc``), its unit, and the publisher's field it comes from."""

    name: str
    type: pa.DataType
    doc: str
    unit: str = ""
    source: str = ""
    nullable: bool = False


@dataclass(frozen=True)
class Contract:
    """A named, versioned table schema. ``key`` columns together identify a row."""

    name: str
    version: int
    doc: str
    key: tuple[str, ...]
    fields: Sequence[Field]

    @cached_property
    def schema(self) -> pa.Schema:
        """The ``pyarrow`` schema, each field with its doc, unit and source as metadata."""
        return pa.schema([_pa_field(field) for field in self.fields])


def _pa_field(field: Field) -> pa.Field:
    texts = {"doc": field.doc, "unit": field.unit, "source": field.source}
    metadata = {key: text for key, text in texts.items() if text}
    return pa.field(field.name, field.type, nullable=field.nullable, metadata=metadata)

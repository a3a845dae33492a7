"""Views: how an image is shown to a model. A kind of views is a module here, and nothing else."""

from importlib import import_module
from pkgutil import iter_modules
from typing import Annotated, Any, Union

from pydantic import GetCoreSchemaHandler, Tag, TypeAdapter, ValidationError
from pydantic_core import CoreSchema

from wildframe.core.errors import UserError
from wildframe.core.source import by_kind
from wildframe.core.strict import message_of
from wildframe.frames.views.base import KINDS, ManyCrops, View, view_kind

__all__ = ["KINDS", "AnyView", "ManyCrops", "View", "parse_view", "view_kind"]

for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")


class _OfItsKind:
    """Validates a view as the class that its ``kind`` names."""

    def __get_pydantic_core_schema__(
        self, _source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        tagged = tuple(Annotated[declared, Tag(kind)] for kind, declared in sorted(KINDS.items()))
        return handler.generate_schema(Annotated[Union[tagged], by_kind(sorted(KINDS))])  # noqa: UP007


AnyView = Annotated[View, _OfItsKind()]
"""A view of any kind."""


def parse_view(text: str) -> View:
    """Return a view from its settings as JSON, such as ``{"kind": "box", "margin": 0.1}``.

    Raises:
        UserError: No such kind, or a setting is wrong.
    """
    try:
        view: View = TypeAdapter(AnyView).validate_json(text)
    except ValidationError as error:
        fault = error.errors()[0]
        place = ".".join(map(str, fault["loc"][1:]))
        said = ": ".join(filter(None, [f"view {text[:100]}", place, message_of(fault)]))
        raise UserError(said) from error
    return view

"""Lists of what studies declare: their exhibits, and what these compare."""

from wildframe.core.tables import Row
from wildframe.exhibits.lookup import declared_exhibits
from wildframe.exhibits.registry import Exhibit


def list_rows(study: str | None = None) -> list[Row]:
    """Return the exhibits of a study, or of all, as rows of target, exhibit, shows and files.

    Raises:
        UserError: There is no such study.
    """
    return [
        {
            "target": one.rule,
            "exhibit": one.plain_label,
            "shows": one.shows,
            "files": _files_in_words(one),
        }
        for one in declared_exhibits(study)
    ]


def comparison_rows(study: str | None = None) -> list[Row]:
    """Return the comparisons of a study's exhibits, or of all: where, of what, unit and method.

    Raises:
        UserError: There is no such study.
    """
    return [
        {
            "exhibit": one.rule,
            "compares": compared.of,
            "unit": compared.unit or "-",
            "method": compared.method,
            "shown in": f"{one.study}_{compared.shown_in or one.name}" if compared.unit else "-",
        }
        for one in declared_exhibits(study)
        for compared in one.compares
    ]


def _files_in_words(exhibit: Exhibit) -> str:
    """Return the files of an exhibit, under the folder of exhibits, as a shell writes them."""
    stem = exhibit.stem.removeprefix("exhibits/").replace("{dataset}", "<dataset>")
    endings = ",".join(suffix.removeprefix(".") for suffix in exhibit.suffixes)
    return f"{stem}.{{{endings}}}" if endings else f"{stem}/index.html"

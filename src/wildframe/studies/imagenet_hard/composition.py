"""Composition of the benchmark: where its images come from."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Annotated

from wildframe.core.schemas import MANIFEST
from wildframe.core.tables import Row
from wildframe.exhibits.comparisons import NOTHING
from wildframe.exhibits.inputs import rows_of
from wildframe.exhibits.paper import paper_column, paper_numbers
from wildframe.exhibits.registry import Context, File, exhibit
from wildframe.exhibits.table import Column, Table
from wildframe.frames import read_readable
from wildframe.studies.imagenet_hard.inputs import NOT_THE_PAPERS, ComparePaper, DataNote


def _benchmark(run: Context) -> dict[str, str]:
    return {"dataset": run.study.benchmark}


@exhibit(
    "Report: composition",
    "images by origin",
    "How many images of the benchmark come from which data set (the data set's own pie chart).",
    printed="composition",
    compares=[NOTHING],
)
def composition(
    manifest: Annotated[
        Sequence[Row], File("manifests_build.manifest", rows_of(MANIFEST), _benchmark)
    ],
    readable: Annotated[
        Collection[str], File("frames_collect.statuses", read_readable, _benchmark)
    ],
    data_note: DataNote,
    compare: ComparePaper,
) -> Table:
    """Return one row an origin, the largest first."""
    origins = Counter(row["origin"] or "unknown" for row in manifest if row["image_id"] in readable)
    printed = paper_numbers("imagenet_hard", "composition") if compare else {}
    columns = [
        Column("origin", "Origin", align="l", verbatim=True),
        Column("images", "Images", absent="none"),
        Column("percent", "%"),
        paper_column("paper_images", "Published", compare),
        paper_column("paper_percent", "Published, %", compare),
    ]
    notes = [f"Data: {data_note}", "Images that could be read."]
    if compare:
        notes.append(
            "Published: counts are recovered from the wedges of the chart. An origin that its "
            "legend calls otherwise than the data has a row under either name."
        )
    else:
        notes.append(NOT_THE_PAPERS)
    title = "Composition of the benchmark"
    return Table(title, columns, rows_by_origin(origins, printed), notes)


def rows_by_origin(
    origins: Mapping[str, int], printed: Mapping[str, Mapping[str, str]]
) -> list[Row]:
    """Return counts and percentages by origin, ours and those of the paper.

    Args:
        origins: Our counts.
        printed: The paper's rows by origin; those without ours come last.
    """
    total = sum(origins.values())
    ranked = sorted(origins, key=lambda name: (-origins[name], name))
    return [
        {
            "origin": name,
            "images": origins.get(name),
            "percent": f"{100 * origins[name] / total:.1f}" if name in origins else None,
            "paper_images": printed[name]["images"] if name in printed else None,
            "paper_percent": printed[name]["percent"] if name in printed else None,
        }
        for name in [*ranked, *(name for name in printed if name not in origins)]
    ]

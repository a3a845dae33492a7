"""Croissant metadata (mlcommons.org/croissant, version 1.1) of a folder of Parquet shards."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

CROISSANT = "croissant.json"

Json = dict[str, Any]

_CROISSANT_TERMS = (
    "arrayShape citeAs column containedIn data dataType examples extract field fileObject "
    "fileProperty fileSet format includes isArray isLiveDataset jsonPath key md5 parentField path "
    "recordSet references regex repeated replace samplingRate separator source subField transform "
    "equivalentProperty"
)
_CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    **{term: f"cr:{term}" for term in _CROISSANT_TERMS.split()},
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "description": {"@container": "@language"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "name": {"@container": "@language"},
    "rai": "http://mlcommons.org/croissant/RAI/",
    "sc": "https://schema.org/",
}
"""That of the standard, which validators compare with."""

_PARQUET = "application/x-parquet"
_DATA_TYPES: Mapping[pa.DataType, str] = {
    pa.string(): "sc:Text",
    pa.int64(): "sc:Integer",
    pa.float64(): "sc:Float",
}
"""By the type of a column, or of the items of its lists; a struct is an image."""


def describe_shards(name: str, description: str, version: str, shards: Sequence[Path]) -> Json:
    """Return the metadata of Parquet files of one schema, which lie in one folder.

    Args:
        name: Name of the data set.
        description: What it is, and what its licence allows.
        version: Version of what wrote it.
        shards: The files.
    """
    schema = pq.read_schema(shards[0])
    return {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.1",
        "name": name,
        "description": description,
        "version": version,
        "distribution": [*map(_file_object, shards), _all_of(shards)],
        "recordSet": [
            {
                "@type": "cr:RecordSet",
                "@id": "images",
                "name": "images",
                "field": [_field(field) for field in schema],
            }
        ],
    }


def _file_object(path: Path) -> Json:
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return {
        "@type": "cr:FileObject",
        "@id": path.name,
        "name": path.name,
        "contentUrl": path.name,
        "encodingFormat": _PARQUET,
        "contentSize": f"{path.stat().st_size} B",
        "sha256": sha256,
    }


def _all_of(shards: Sequence[Path]) -> Json:
    return {
        "@type": "cr:FileSet",
        "@id": "shards",
        "name": "shards",
        "encodingFormat": _PARQUET,
        "includes": [path.name for path in shards],
    }


def _field(field: pa.Field) -> Json:
    extract: Json = {"column": field.name}
    described: Json = {
        "@type": "cr:Field",
        "@id": f"images/{field.name}",
        "name": field.name,
        "source": {"fileSet": {"@id": "shards"}, "extract": extract},
    }
    kind, depth = field.type, 0
    while pa.types.is_list(kind):
        kind, depth = kind.value_type, depth + 1
    if depth:
        described |= {"isArray": True, "arrayShape": ",".join(["-1"] * depth)}
    if pa.types.is_struct(kind):  # an image, as the Hugging Face hub keeps it
        described["source"]["transform"] = {"jsonPath": "bytes"}
    return described | {"dataType": _DATA_TYPES.get(kind, "sc:ImageObject")}

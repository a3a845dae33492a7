"""The study's page of images; tests of `wildframe.exhibits.browse` say what is on it."""

from functools import partial

from exhibits.browse_data import PREPROCESSING, manifest_row, read_part, result, write_page

from wildframe.exhibits.browse_inputs import browse_page
from wildframe.exhibits.inputs import EncodedImages
from wildframe.frames.views.full import Full
from wildframe.studies.imagenet_hard.browse import browse
from wildframe.studies.imagenet_hard.settings import ImageNetHardStudy

ROWS = [
    manifest_row(name, ["n1"]) | {"nouns": [], "boxes": [], "origin": origin}
    for name, origin in (("a", "ImageNet-A"), ("b", "ObjectNet"))
]


def test_a_page_says_of_each_image_where_it_comes_from(tmp_path):
    write_page(tmp_path, ROWS, {"net": [result(row, ("n1", 0.5)) for row in ROWS]})
    of_model = partial(
        browse_page,
        EncodedImages(tmp_path / "statuses.parquet", [tmp_path / "0-of-1.parquet"]),
        tmp_path / "manifest.parquet",
        {"net": tmp_path / "net.parquet"},
        {"net": PREPROCESSING},
        Full(),
    )
    browse(of_model, {"n1": "crane"}, "made-up").write([tmp_path / "made"])
    told = read_part(tmp_path / "made", "images")
    assert told["title"] == ImageNetHardStudy.title
    assert told["images"]["origin"] == ["ImageNet-A", "ObjectNet"]
    assert told["classes"]["name"] == ["crane"]

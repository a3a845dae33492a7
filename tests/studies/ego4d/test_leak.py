from pathlib import Path

import pytest
from making import make, rows_of
from pair_data import ALIKE, write_alike
from PIL import Image
from score_data import entries, score_table, scored_twice
from written import markdown

from wildframe.core.errors import UserError
from wildframe.core.schemas import MANIFEST, SCORES, SPLITS, STATUSES
from wildframe.core.tables import write_rows
from wildframe.exhibits.inputs import TableFile
from wildframe.studies.ego4d.leak import leak, seen_in_training

LITE, RESNET, CONVNEXT = "tf_efficientnet_lite0", "resnet50.a1_in1k", "convnext_base.fb_in1k"


def manifest_row(name, clip, video):
    return {"image_id": name, "group_id": clip, "video_id": video}


IMAGES = [
    manifest_row("a", "clip-1", "video-1"),
    manifest_row("b", "clip-1", "video-1"),
    manifest_row("c", "clip-2", "video-1"),
    manifest_row("d", "clip-3", None),
    manifest_row("e", "clip-4", None),
    manifest_row("f", "clip-4", None),
]

BY_CLIP = {"a": "train", "b": "train", "c": "val", "d": "train", "e": "val", "f": "val"}

BY_IMAGE = {"a": "train", "b": "val", "c": "val", "d": "val", "e": "train", "f": "val"}


def split(parts):
    rows = [{"image_id": name, "part": part} for name, part in parts.items()]
    return TableFile(Path("split.parquet"), rows, {})


def test_held_out_images_of_clips_in_training_are_counted():
    assert seen_in_training(split(BY_CLIP), IMAGES) == {"clip_seen": 0, "video_seen": 1}
    # b and f by clip; b and c by video: f's is not known.
    assert seen_in_training(split(BY_IMAGE), IMAGES) == {"clip_seen": 2, "video_seen": 2}
    with pytest.raises(UserError, match=r"split\.parquet: image f is in no part"):
        seen_in_training(split(dict(list(BY_IMAGE.items())[:-1])), IMAGES)


def compared(compare_with_paper, by="clip"):
    honest = score_table(scored_twice(LITE, CONVNEXT, by=by))
    by_image = score_table(scored_twice(LITE, CONVNEXT, by="image", gain=3))
    splits = (honest, ALIKE, split(BY_CLIP), by, by_image, ALIKE, split(BY_IMAGE))
    # The last could not be read.
    return leak(*splits, IMAGES, set("abcde"), entries(LITE, CONVNEXT), "data", compare_with_paper)


def test_the_leak_is_shown_beside_the_honest_split(tmp_path):
    table = compared(True)
    keys = ("model_b", "split_by", "before", "after", "paper_after", "clip_seen", "video_seen", "n")
    assert [tuple(row[key] for key in keys) for row in table.rows] == [
        (LITE, "clip", "25.00", "50.00", None, 0, 1, 40),
        (LITE, "image", "25.00", "100.00", None, 1, 2, 40),
        (CONVNEXT, "clip", "25.00", "50.00", "12.81", 0, 1, 40),
        (CONVNEXT, "image", "25.00", "100.00", "72", 1, 2, 40),
    ]
    # By these names `wildframe explain` finds what is behind a row.
    assert [row["model_a"] for row in table.rows[:2]] == [f"{LITE}+by-clip", f"{LITE}+by-image"]
    table.write([tmp_path / "a.csv", tmp_path / "a.tex"])
    text = markdown(table, tmp_path)
    assert "| image | 25.00 [12.50, 50.00] | 100.00 [50.00, 100.00] |" in text


def test_the_papers_leak_is_not_shown_beside_other_data_or_another_split():
    assert {row["paper_after"] for row in compared(False).rows} == {None}
    assert [row["paper_after"] for row in compared(True, by="video").rows] == [
        None,
        None,
        None,
        "72",
    ]


@pytest.fixture
def files(tmp_path, blank):
    """What the exhibits are made of: IMAGES, of which f could not be read."""
    for by in ("clip", "image"):
        gain = 1 if by == "clip" else 3
        write_alike(tmp_path / f"{by}-pairs.parquet", LITE, f"{LITE}+by-{by}")
        write_rows(tmp_path / f"{by}.parquet", SCORES, scored_twice(LITE, by=by, gain=gain))
        parts = BY_CLIP if by == "clip" else BY_IMAGE
        write_rows(
            tmp_path / f"{by}-split.parquet",
            SPLITS,
            [{"image_id": name, "part": part, "group": name} for name, part in parts.items()],
        )
    lists = {field.name: [] for field in MANIFEST.fields if str(field.type).startswith("list")}
    texts = {field.name: "x" for field in MANIFEST.fields if str(field.type) == "string"}
    base = blank(MANIFEST, width=4, height=4, **lists, **texts)
    write_rows(tmp_path / "manifest.parquet", MANIFEST, [base | one for one in IMAGES])
    unread = {"media": "v.mp4", "status": "media_missing", "detail": ""}
    statuses = [
        blank(STATUSES, image_id=name) | unread | ({} if name == "f" else {"status": "ok"})
        for name in BY_CLIP
    ]
    write_rows(tmp_path / "statuses.parquet", STATUSES, statuses)
    return tmp_path


def test_the_exhibits_read_files(files):
    scores = {"scores": files / "clip.parquet", "pairs": files / "clip-pairs.parquet"}
    settings = {"models": [LITE], "by": "clip", "data_note": "demo", "compare": False}
    written = make("fig11_finetuned", files, scores | {"trainings": []}, **settings)
    assert [row["top1"] for row in rows_of(written[".csv"])] == ["25.00", "50.00"]
    written = make("fig2_finetuning", files, scores | {"trainings": []}, **settings)
    assert Image.open(written[".png"]).width == 1375
    inputs = {
        "split": files / "clip-split.parquet",
        "image_scores": files / "image.parquet",
        "image_pairs": files / "image-pairs.parquet",
        "image_split": files / "image-split.parquet",
        "manifest": files / "manifest.parquet",
        "readable": files / "statuses.parquet",
    }
    written = make("leak", files, scores | inputs, **settings)
    # f, whose clip has an image in training, too, could not be read.
    assert [
        (row["split_by"], row["after"], row["clip_seen"]) for row in rows_of(written[".csv"])
    ] == [
        ("clip", "50.00", "0"),
        ("image", "100.00", "1"),
    ]

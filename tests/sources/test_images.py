"""Folders of images: a folder a class, or a CSV file; every listed image is used or explained."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wildframe.configuration import parse_config
from wildframe.core.errors import UserError
from wildframe.core.files import is_safe_id
from wildframe.core.schemas import IMAGES
from wildframe.core.tables import read_table
from wildframe.sources.folders import image_ids, iter_folders
from wildframe.sources.images import ImagesSource, write_table

DOG, CUP = "n02084071", "n03147509"


@pytest.fixture
def read(tmp_path, wildframe):
    """Make empty files, read them as a source, and return the rows and what was said."""

    def run(*files, label_space=None, **texts):
        root = tmp_path / "images"
        root.mkdir(exist_ok=True)
        for name in files:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).touch()
        options = ["--label-space", label_space] if label_space else []
        for name, text in texts.items():
            path = tmp_path / f"{name}.csv"
            path.write_text(text)
            options += [f"--{name}", path]
        output = tmp_path / "images.parquet"
        result = wildframe("sources", "images", "--root", root, "--images", output, *options)
        return read_table(output, IMAGES).to_pylist(), result.stderr.replace(str(tmp_path), "")

    return run


def source(root):
    return ImagesSource(kind="images", root=str(root), data_note="")


def used(rows):
    return {row["image_id"]: (row["media"], row["labels"]) for row in rows if not row["problem"]}


def problems(rows):
    return {row["record_id"]: row["problem"] for row in rows if row["problem"]}


def test_folders_are_classes_and_may_have_folders(read):
    rows, said = read(f"{DOG}/b.JPG", f"{DOG}/park/a.png", f"{CUP}/c.webp", f"{CUP}/.hidden.jpg")
    assert used(rows) == {
        f"{CUP}_c": (f"{CUP}/c.webp", [CUP]),
        f"{DOG}_b": (f"{DOG}/b.JPG", [DOG]),
        f"{DOG}_park_a": (f"{DOG}/park/a.png", [DOG]),
    }
    assert rows[-1] == {
        "record_id": f"{CUP}/c.webp",
        "image_id": f"{CUP}_c",
        "split": "",
        "media": f"{CUP}/c.webp",
        "media_kind": "image",
        "frame": None,
        "origin": None,
        "group_id": None,
        "labels": [CUP],
        "problem": None,
    }
    assert not said


def test_folders_may_be_named_by_people(read):
    rows, _ = read("dogs/a.jpg", f"{CUP}/b.jpg", classes=f"folder,wnid\ndogs,{DOG}\n")
    assert used(rows) == {f"{CUP}_b": (f"{CUP}/b.jpg", [CUP]), "dogs_a": ("dogs/a.jpg", [DOG])}


def test_classes_may_be_named_in_a_label_space(read):
    files = ("traffic light/a.jpg", "Cup/b.jpg", f"{DOG}/c.jpg", "cupp/d.jpg", "mugs/e.jpg")
    rows, _ = read(*files, label_space="coco80", classes="folder,wnid\nmugs,cup\n")
    assert {row["media"]: row["labels"] for row in rows} == {
        "traffic light/a.jpg": ["n06874185"],
        "Cup/b.jpg": [CUP],
        f"{DOG}/c.jpg": [DOG],
        "cupp/d.jpg": [],
        "mugs/e.jpg": [CUP],
    }
    assert problems(rows) == {
        "cupp/d.jpg": "its folder cupp is not a class: 'cupp' is no class of coco80; it may be "
        "cup; rename it, or name its class in the CSV file of classes (folder,wnid)"
    }


def test_labels_of_a_csv_file_may_be_names(read):
    text = f"file,labels\na.jpg,cup traffic_light {CUP}\nb.jpg,cupp\n"
    rows, _ = read("a.jpg", "b.jpg", label_space="coco80", labels=text)
    assert used(rows) == {"a": ("a.jpg", [CUP, "n06874185"])}
    assert problems(rows)["b.jpg"].startswith("line 3: 'cupp' is no class of coco80")


def test_a_damaged_label_space_is_no_problem_of_each_image(read, tmp_path):
    space = tmp_path / "mine.csv"
    space.write_text('name,wnids\n"cup,\nmug,\n')
    with pytest.raises(UserError, match=r"^\S*mine\.csv: not a CSV file in UTF-8"):
        read("a.jpg", label_space=space, labels="file,labels\na.jpg,cup\n")


def test_what_is_in_no_class_keeps_a_row_with_the_remedy(read):
    rows, said = read("dogs/a.jpg", "loose.jpg", f"{CUP}/b.jpg")
    assert said.startswith("/images: 2 of 3 cannot be used, the first of them dogs/a.jpg: its fo")
    assert list(used(rows)) == [f"{CUP}_b"]
    assert problems(rows) == {
        "dogs/a.jpg": "its folder dogs is not a class: 'dogs' is not a wnid, n and eight digits as "
        "in n02084071; `wildframe labels hypernyms --label-space in1k --format csv` lists those of "
        "ImageNet-1K, or set label_space of the source to write names; rename it, or name its "
        "class in the CSV file of classes (folder,wnid)",
        "loose.jpg": "it is in no class folder; move it into the folder of its class",
    }


def test_an_empty_class_and_other_files_are_told(read, tmp_path):
    (tmp_path / "images" / DOG / "empty").mkdir(parents=True)
    (tmp_path / "images" / ".cache").mkdir()
    rows, said = read(f"{CUP}/a.jpg", f"{CUP}/notes.txt", "README")
    assert len(rows) == 1
    assert said.splitlines() == [
        f"/images: class folder {DOG} has no image",
        "/images: 2 of 3 files are left out, whose suffix is no image's (.jpg, .jpeg, .png, "
        ".ppm, .bmp, .pgm, .tif, .tiff, .webp), the first of them README",
    ]


def test_files_are_labelled_by_a_csv_file(read):
    text = f"file,labels,split\nb.jpg,{DOG} {CUP} {DOG},val\nin/a b.png,,train\n"
    rows, _ = read("b.jpg", "in/a b.png", "unlisted.jpg", labels=text)
    assert used(rows) == {"b": ("b.jpg", [DOG, CUP]), "in_a_b": ("in/a b.png", [])}
    assert [row["split"] for row in rows] == ["val", "train"]


def test_a_bad_record_is_told_by_its_line_and_stops_nothing(read):
    lines = [f"a.jpg,{DOG}", "b.jpg,dog", f"gone.jpg,{DOG}", f"../c.jpg,{DOG}", f"a.jpg,{CUP}"]
    lines += [f"{'x' * 300}.jpg,{DOG}"]
    rows, _ = read("a.jpg", "b.jpg", labels="\n".join(["file,labels", *lines]))
    assert used(rows) == {"a": ("a.jpg", [DOG])}
    found = problems(rows)
    assert len(rows) == len(lines)
    assert found["b.jpg"].startswith("line 3: 'dog' is not a wnid, n and eight digits as in n02084")
    assert found["gone.jpg"] == (
        "line 4: there is no file gone.jpg below the source's root; add it or correct the name"
    )
    assert found["../c.jpg"].startswith("line 5: '../c.jpg' is not a path below the source's root")
    assert found["a.jpg (line 6)"] == "line 6 names it again; line 2 counts"
    assert found[f"{'x' * 300}.jpg"].startswith("line 7: there is no file x")


def test_a_file_whose_name_only_looks_like_that_in_the_list_is_told(read):
    composed, decomposed = "kr\u00fcge/k\u00e4se.jpg", "kru\u0308ge/ka\u0308se.jpg"
    rows, _ = read(decomposed, labels=f"file,labels\n{composed},{CUP}\n")
    assert problems(rows)[composed].endswith(
        "or correct the name; one whose name looks the same is: copy its name, whose accented "
        "letters are written in another way (Unicode NFD)"
    )


def test_paths_of_windows_are_told(read):
    rows, _ = read("cups/a.jpg", labels=f"file,labels\ncups\\a.jpg,{CUP}\n")
    assert problems(rows)["cups\\a.jpg"].endswith(
        "or correct the name; cups/a.jpg is: write / for \\"
    )


def test_rows_of_classes_without_a_folder_are_told(read):
    rows = f"folder,wnid\nmugs,{CUP}\nMugs,{CUP}\ndogs,{DOG}\ncats,{DOG}\n"
    _, said = read("mugs/a.jpg", classes=rows)
    assert said == "/classes.csv: 3 of 4 folders are not in /images, the first of them Mugs\n"


@pytest.mark.parametrize("folder", ["Coffee mug", "coffee_mug"])
def test_a_folder_that_is_almost_that_of_a_row_is_refused(read, folder):
    message = r"classes\.csv: line 3: \S*images has no folder coffee mug, but " + folder
    with pytest.raises(UserError, match=message):
        read(f"{folder}/a.jpg", classes=f"folder,wnid\ndogs,{DOG}\ncoffee mug,{CUP}\n")


def test_folders_are_found_however_their_accented_letters_are_written(read):
    rows, _ = read("Kru\u0308ge/1.jpg", classes=f"folder,wnid\nKr\u00fcge,{CUP}\n")
    assert [row["labels"] for row in rows] == [[CUP]]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("labels", "name,labels\n", "labels.csv: line 1: the columns are 'name,labels', not file,"),
        ("labels", "file,labels\n", "labels.csv: names no image; write a row for each"),
        ("labels", "file,labels\na.jpg,b,c\n", "labels.csv: line 2: 2 fields are expected"),
        ("classes", "folder,wnid\ndogs,dog\n", "classes.csv: line 2: 'dog' is not a wnid"),
        (
            "classes",
            f"folder,wnid\nd,{DOG}\nd,{CUP}\n",
            "classes.csv: line 3: folder d is named tw",
        ),
    ],
)
def test_a_bad_file_is_refused_with_the_line(read, name, text, message):
    with pytest.raises(UserError, match=message):
        read("a.jpg", **{name: text})


def test_a_root_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(UserError, match="nowhere: no such folder; correct the source's root"):
        write_table(source(tmp_path / "nowhere"), tmp_path / "images.parquet")


def test_a_name_that_is_no_text_keeps_a_row(read, tmp_path):
    folder = tmp_path / "images" / DOG
    folder.mkdir(parents=True)
    with open(os.fsencode(folder) + b"/caf\xe9.jpg", "wb"):  # noqa: PTH123
        pass
    rows, _ = read(f"{DOG}/a.jpg")
    assert problems(rows) == {f"{DOG}/caf\\xe9.jpg": "its name is not UTF-8; rename it"}


def test_links_are_followed_but_not_in_circles(tmp_path):
    (tmp_path / "a/b").mkdir(parents=True)
    (tmp_path / "a/b/up").symlink_to(tmp_path / "a")
    (tmp_path / "other").symlink_to(tmp_path / "a/b")
    assert [name for name, _ in iter_folders(tmp_path)] == ["", "a", "a/b", "other"]


def test_folders_that_link_to_each_other_are_listed_once_in_each(tmp_path):
    for name, other in (("a", "b"), ("b", "a")):
        (tmp_path / name).mkdir()
        (tmp_path / name / other).symlink_to(tmp_path / other)
    assert [name for name, _ in iter_folders(tmp_path)] == ["", "a", "a/b", "b", "b/a"]


def test_a_source_says_what_it_has(tmp_path):
    root = tmp_path / "images"
    source = ImagesSource(kind="images", root=str(root), data_note="a test")
    with pytest.raises(UserError, match="no such folder; correct the source's root"):
        source.list_media()
    (root / f"{DOG}/park").mkdir(parents=True)
    (root / f"{DOG}/park/a.jpg").touch()
    (root / "dogs").mkdir()
    (root / "dogs/b.jpg").touch()
    assert source.input_files() == {}
    assert source.list_media() == ["dogs", f"{DOG}/park"]
    found, (unusable,) = source.summary()
    assert found == "2 images, labelled by folder"
    assert unusable.startswith("dogs/b.jpg: its folder dogs is")
    labels = tmp_path / "labels.csv"
    listed = source.model_copy(update={"labels": str(labels)})
    with pytest.raises(UserError, match=r"labels\.csv: no such file; write it with the columns fi"):
        listed.input_files()
    labels.write_text(f"file,labels\ndogs/b.jpg,{DOG}\nloose.jpg,{DOG}\n../x.jpg,{DOG}\n")
    assert listed.input_files() == {"labels": [str(labels)]}
    # A file that is added to a folder changes the folder.
    assert listed.list_media() == ["", "dogs"]
    found, (first, _) = listed.summary()
    assert found == f"3 images, labelled by {labels}"
    assert first.startswith("../x.jpg: line 4: '../x.jpg'")


def test_labels_come_from_one_place(demo_config):
    both = {"labels": "l.csv", "classes": "c.csv"}
    source = {"kind": "images", "root": "here", "data_note": "a test", **both}
    demo_config["sources"]["mine"] = source
    with pytest.raises(UserError, match=r"sources\.mine: give one of labels, classes and layout"):
        parse_config(demo_config)


def test_ids_are_paths_and_differ_where_paths_would_be_one():
    assert image_ids(["n1/a.jpg", "n1/b c.png"]) == {"n1/a.jpg": "n1_a", "n1/b c.png": "n1_b_c"}
    alike = image_ids(["a/b.jpg", "a_b.jpg", "a_b.png", "c.jpg"])
    assert alike == {
        "a/b.jpg": "a_b-4a516362",
        "a_b.jpg": "a_b-dc2016a3",
        "a_b.png": "a_b-69682829",
        "c.jpg": "c",
    }


# Parts that are alike once they are made safe, and such as end in a hash of another path.
PARTS = st.text(st.sampled_from("aA _-.é\n") | st.characters(codec="utf-8"), min_size=1)
PATHS = st.lists(PARTS | st.just("a_b-4a516362") | st.just("x" * 250), min_size=1, max_size=3)


@given(st.sets(PATHS.map(lambda parts: "/".join(parts) + ".jpg"), max_size=20))
def test_any_ids_are_unique_and_safe(paths):
    ids = image_ids(paths)
    assert ids.keys() == paths
    assert len(set(ids.values())) == len(paths)
    assert all(map(is_safe_id, ids.values()))


FILES = st.lists(
    st.lists(
        st.sampled_from(["n02084071", "n03147509", "dogs", "ü b", "a\nb", "x.d", "-"]),
        min_size=0,
        max_size=3,
    ),
    max_size=12,
)


@given(FILES, st.lists(st.sampled_from(["a.jpg", "a.png", "ä .JPG", "-.jpg", "n"]), min_size=12))
def test_of_any_tree_nothing_is_lost(tmp_path_factory, folders, files):
    root = tmp_path_factory.mktemp("tree")
    made = set()
    for folder, name in zip(folders, files, strict=False):
        path = root.joinpath(*folder, name)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        except (FileExistsError, NotADirectoryError):
            continue
        made.add(path)
    images = {str(path.relative_to(root)) for path in made if path.suffix.lower() != ""}
    write_table(source(root), root / ".images.parquet")
    rows = read_table(root / ".images.parquet", IMAGES).to_pylist()
    assert {row["record_id"] for row in rows} == images
    ids = [row["image_id"] for row in rows if row["problem"] is None]
    assert len(set(ids)) == len(ids)
    assert all(map(is_safe_id, ids))
    assert all(bool(row["labels"]) == (row["problem"] is None) for row in rows)


def test_objectnets_border_is_cut_off_and_no_other():
    def source(**layout):
        return ImagesSource(kind="images", root="r", data_note="n", **layout)

    assert source(layout="objectnet").border == 2
    assert source(layout="imagenet_v2").border == source().border == 0

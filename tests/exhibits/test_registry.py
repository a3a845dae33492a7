"""What follows from a declaration: options, files, and one sentence for each mistake."""

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import pytest

from wildframe import studies
from wildframe.configuration import parse_config
from wildframe.core.errors import UserError
from wildframe.exhibits import lookup
from wildframe.exhibits.figure import COLUMN_WIDTH, Figure, new_figure, style_sha256
from wildframe.exhibits.lookup import exhibit_names, exhibits_of, load_exhibit
from wildframe.exhibits.page import Page
from wildframe.exhibits.paper import printed_sha256
from wildframe.exhibits.registry import Context, File, Setting, exhibit
from wildframe.exhibits.table import Column, Table
from wildframe.frames.views import KINDS, ManyCrops, view_kind
from wildframe.models import study_detectors, study_models

Words = Annotated[str, File("words_make", Path.read_text)]
Shards = Annotated[
    list[str], File("shards_make", lambda paths: [path.name for path in paths], many=True)
]
Note = Annotated[str, Setting(lambda run: run.study["note"])]
Counts = Annotated[
    list[int],
    Setting(
        lambda run: run.study["counts"],
        list[int],
        parse=lambda told: [2 * count for count in told],
        watch=lambda run: ["behind", run.dataset],
    ),
]
CONTEXT = Context(None, {}, {}, {"note": "a=b, ü", "counts": [1, 2]}, "toys")


def declared(make, **options):
    """Declare a function as the exhibit ``fig1_toys`` of a study of toys."""
    make.__module__ = "wildframe.studies.toys.fig1_toys"
    return exhibit("Fig. 01", "toys", "All toys.", **options)(make).exhibit


def table(words: Words, shards: Shards, note: Note, counts: Counts) -> Table:
    rows = [{"words": words, "shards": shards, "note": note, "counts": counts}]
    return Table("Toys", [Column(key, key) for key in rows[0]], rows)


def figure(counts: Counts) -> Figure:
    drawing = new_figure(COLUMN_WIDTH, 1)
    drawing.subplots().plot(counts)
    return Figure("Toys", drawing, ["Data: toys"], Table("Toys", [Column("n", "n")], [{"n": 1}]))


def page(words: Words) -> Page:
    def write(folder, text):
        folder.mkdir()
        (folder / "index.html").write_text(text)

    return Page(partial(write, text=words))


def test_names_and_files_follow_from_the_function():
    one = declared(table)
    assert (one.study, one.name, one.label) == ("toys", "fig1_toys", "Fig. 01")
    assert (one.rule, one.stem) == ("toys_fig1_toys", "exhibits/toys/fig1_toys")
    assert one.code == "studies.toys.fig1_toys:table"
    assert (list(one.files), list(one.settings)) == (["words", "shards"], ["note", "counts"])
    by_dataset = declared(table, datasets=lambda run: ["toys"])
    assert by_dataset.stem == "exhibits/toys/{dataset}/fig1_toys"


def test_what_is_returned_says_what_is_written():
    assert declared(table).suffixes == (".md", ".csv", ".tex")
    assert declared(figure).suffixes == (".png", ".svg", ".pdf", ".caption.md")
    assert declared(figure, numbers=True).suffixes[-1] == ".csv"
    assert declared(page).suffixes == ("",)


def test_the_command_is_told_files_as_they_are_and_settings_as_text_or_json():
    paths = {"words": "a b.txt", "shards": ["0.parquet", "1.parquet"]}
    assert declared(table).input_options(paths) == [
        "--input=words=a b.txt",
        "--input=shards=0.parquet",
        "--input=shards=1.parquet",
    ]
    options = declared(table).setting_options(CONTEXT)
    assert options == ["--set=note=a=b, ü", "--set=counts=[1, 2]"]


def test_what_no_file_says_is_watched():
    settings, files = ["None", "['behind', 'toys']"], ["{}", "{}"]
    assert declared(table).watched(CONTEXT) == [*settings, "", *files]
    assert declared(figure).watched(CONTEXT)[-1] == style_sha256()
    printed = replace(declared(page, printed="leak"), study="ego4d")
    assert printed_sha256("ego4d", "leak") in printed.watched(CONTEXT)


def test_the_order_of_files_is_watched_and_what_the_configs_own_hold(tmp_path):
    def watched(file):
        return replace(declared(page), files={"file": file}).watched(CONTEXT)

    made = [{"model": ["one", "other"]}, {"model": ["other", "one"]}]
    first, second = (watched(File("scores", list, lambda run, at=at: made[at])) for at in (0, 1))
    assert first != second

    own = File("", list, lambda run: [str(tmp_path / "own.csv")], many=True)
    (tmp_path / "own.csv").write_text("a")
    before = watched(own)
    (tmp_path / "own.csv").write_text("b")
    assert watched(own) != before


@pytest.fixture
def given(tmp_path):
    """What the table is made of: files and settings."""
    (tmp_path / "words.txt").write_text("hello")
    inputs = {"words": [tmp_path / "words.txt"], "shards": [Path("0"), Path("1")]}
    return inputs, {"note": "n", "counts": "[1, 2]"}


def test_a_function_is_given_what_was_read(given, tmp_path):
    declared(table).write([tmp_path / "a.csv"], *given)
    assert (tmp_path / "a.csv").read_text() == (
        "words,shards,note,counts\nhello,\"['0', '1']\",n,\"[2, 4]\"\n"
    )


@pytest.mark.parametrize(
    ("inputs", "values", "message"),
    [
        ({"words": []}, {}, "--input words: 0 files are given, not one"),
        ({"words": [Path("a"), Path("b")]}, {}, "--input words: 2 files are given, not one"),
        ({"other": [Path("a")]}, {}, "--input other: no such .*; toys_fig1_toys has words, shards"),
        ({}, {"other": "a"}, "--set other: no such parameter; toys_fig1_toys has note, counts"),
        ({}, {"counts": None}, "--set counts: missing; toys_fig1_toys needs note, counts"),
        ({}, {"counts": "[1"}, "--set counts: Invalid JSON"),
        ({}, {"counts": '["a"]'}, "--set counts: Input should be a valid integer"),
    ],
)
def test_what_was_told_wrongly_is_named(inputs, values, message, given, tmp_path):
    files, settings = given
    told = {key: value for key, value in (settings | values).items() if value is not None}
    with pytest.raises(UserError, match=message):
        declared(table).write([tmp_path / "a.csv"], files | inputs, told)
    assert not (tmp_path / "a.csv").exists()


def rows(words: Words) -> Table:
    return [words]


def test_what_is_no_table_figure_or_page_is_named(given, tmp_path):
    with pytest.raises(
        UserError, match=r"test_registry\.py: fig1_toys returned .* list; return a T"
    ):
        declared(rows).write([tmp_path / "a.csv"], {"words": given[0]["words"]}, {})


@pytest.mark.parametrize(("make", "parameters"), [(table, 4), (figure, 1), (page, 1)])
def test_the_same_inputs_give_the_same_bytes(make, parameters, given, tmp_path):
    one = declared(make, numbers=make is figure)
    inputs = {key: value for key, value in given[0].items() if key in one.files}
    values = {key: value for key, value in given[1].items() if key in one.settings}
    assert len(inputs) + len(values) == parameters
    written = []
    for name in ("first", "second"):
        folder = tmp_path / name
        folder.mkdir()
        one.write([folder / f"made{suffix}" for suffix in one.suffixes], inputs, values)
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        assert len(files) == len(one.suffixes)
        written.append([path.read_bytes() for path in files])
    assert written[0] == written[1]


def test_names_that_do_not_exist_are_refused_with_those_that_do():
    with pytest.raises(UserError, match=r"ego5d: no such study; choose from .*ego4d"):
        load_exhibit("ego5d", "fig1_gradcam")
    with pytest.raises(UserError, match="fig99: no such exhibit of ego4d; choose from fig1_grad"):
        load_exhibit("ego4d", "fig99")


def unmarked(words: Words, extra: str) -> Table: ...


def bare(words) -> Table: ...


def unsaid(words: Words): ...


def of_list(words: Words) -> list[str]: ...


def undefined(words: "Wrods") -> Table: ...  # noqa: F821


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (unmarked, "unmarked: parameter extra: annotate it with a File, Setting or Several"),
        (bare, "bare: parameter words: annotate it"),
        (unsaid, "unsaid: does not say what it returns; write -> Table, -> Figure or -> Page"),
        (of_list, "of_list: does not say what it returns"),
        (undefined, "undefined: name 'Wrods' is not defined"),
    ],
)
def test_a_declaration_that_is_none_is_told_by_file_and_parameter(make, message):
    with pytest.raises(UserError, match=rf"test_registry\.py: {message}"):
        declared(make)


@pytest.fixture
def study(tmp_path, monkeypatch):
    """Return a function that writes a study of one exhibit, ``fig1``, and returns its name."""
    monkeypatch.setattr(studies, "__path__", [*studies.__path__, str(tmp_path)])
    monkeypatch.setattr(lookup.resources, "files", lambda package: tmp_path)

    def write(name, listed, module=""):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(listed)
        (tmp_path / name / "fig1.py").write_text(module)
        return name

    return write


LISTED = 'EXHIBITS = ("fig1",)'


@pytest.mark.parametrize(
    ("listed", "module", "message"),
    [
        ('EXHIBITS = ("fig1")', "", r"wrong0/__init__\.py: EXHIBITS is no list of names"),
        ("", "", r"wrong1/__init__\.py: EXHIBITS is no list of names"),
        ('EXHIBITS = ["fgi1"]', "", "wrong2.fgi1: no such module; correct EXHIBITS of wrong2"),
        (LISTED, "def fig2(): ...", r"fig1\.py: has no function fig1 under @exhibit; call it"),
        (LISTED, "def fig1(): ...", r"fig1\.py: has no function fig1 under @exhibit"),
    ],
)
def test_a_study_that_lists_what_it_does_not_declare_is_told(
    listed, module, message, study, request
):
    at = request.node.callspec.indices["listed"]
    name = study(f"wrong{at}", listed, module)
    with pytest.raises(UserError, match=message):
        [load_exhibit(name, one) for one in exhibit_names(name)]


@pytest.fixture
def run(demo_config):
    """Return a function that gives what the declarations of a study see under some views."""
    demo_config["views"] |= {"tight": {"kind": "box", "margin": 0}, "zoom": {"kind": "zoom"}}

    def make(study, *views, **settings):
        demo_config["studies"][study] |= {"views": list(views), **settings}
        config = parse_config(demo_config)
        models = study_models(config.chosen, config.label_space_of)
        return Context(config, models, study_detectors(config.chosen), config.chosen[study])

    return make


def test_a_run_has_the_exhibits_of_its_studies_in_their_order(run):
    everything = [one.name for one in exhibits_of({"ego4d": run("ego4d", "full", zoom="zoom")})]
    # Of one view there is none to compare it with.
    assert everything == [name for name in exhibit_names("ego4d") if name != "view_pairs"]
    alone = exhibits_of({"ego4d": run("ego4d", "full", neighbours=None, zoom=None)})
    left_out = {"robustness_in_time", "framing", "attribution"}
    assert [one.name for one in alone] == [name for name in everything if name not in left_out]


def test_what_a_study_leaves_out_has_no_exhibits(demo_config):
    ego4d = demo_config["studies"]["ego4d"]
    demo_config["studies"]["ego4d"] = {"in1k": ego4d["in1k"], "models": ego4d["models"]}
    of_one_dataset = [
        *("fig3_gallery", "fig4_statistics", "fig6_high_confidence", "fig7_zero_shot_in1k"),
        *("appendix_h_classes", "high_confidence", "label_senses", "per_class", "confusions"),
        *("reliability", "box_area", "model_pairs", "protocol", "browse"),
    ]
    assert names_of(demo_config) == of_one_dataset
    images = {"kind": "images", "root": "here", "data_note": "a test"}
    demo_config["sources"]["images"] = images
    images = {"kind": "images", "source": "images", "label_space": "in1k"}
    demo_config["datasets"]["images"] = images
    demo_config["studies"]["ego4d"]["in1k"] = "images"
    # No noun is annotated there, nor a box.
    of_objects = {"appendix_h_classes", "label_senses", "box_area"}
    without = [name for name in of_one_dataset if name not in of_objects]
    assert names_of(demo_config) == without
    demo_config["studies"]["ego4d"]["views"] = ["full", "box"]
    assert names_of(demo_config) == without
    demo_config["studies"]["ego4d"]["views"] = ["full", "box", "memo-rrc"]
    assert "view_pairs" in names_of(demo_config)
    run = context_of(demo_config)
    assert load_exhibit("ego4d", "view_pairs").setting_options(run)[1] == (
        '--set=views=["full", "memo-rrc"]'
    )


def context_of(settings):
    config = parse_config(settings)
    models = study_models(config.chosen, config.label_space_of)
    return Context(config, models, study_detectors(config.chosen), config.chosen["ego4d"])


def names_of(settings):
    return [one.name for one in exhibits_of({"ego4d": context_of(settings)})]


def test_a_further_view_has_the_exhibits_that_depend_on_it(run):
    found = exhibits_of({"ego4d": run("ego4d", "full", "tight", zoom="zoom")})
    names = exhibit_names("ego4d")
    assert [one.name for one in found[: len(names)]] == list(names)
    further = {one.name: one for one in found[len(names) :]}
    assert {one.view for one in further.values()} == {"tight"}
    fig7 = further["fig7_zero_shot_in1k"]
    assert fig7.rule == "ego4d_tight_fig7_zero_shot_in1k"
    assert fig7.stem == "exhibits/ego4d/tight/fig7_zero_shot_in1k"
    # No model looks at the images, both views are named, or its images have no boxes.
    left_out = {"fig4_statistics", "fig5_in1k_vs_in21k", "fig3_gallery", "appendix_h_classes"}
    left_out |= {"box_view", "framing", "attribution", "robustness_in_time", "view_pairs"}
    assert further.keys() == set(names) - left_out


def test_of_several_datasets_those_are_left_out_that_a_view_cannot_show(run):
    seen = run("vid_robust", "tight", "full", datasets=["demo-videos", "ego4d-neighbours"])
    seen = replace(seen, view="tight")
    fig2 = load_exhibit("vid_robust", "fig2_original_vs_perturbed")
    assert fig2.datasets_of(seen) == ["demo-videos"]
    assert fig2.datasets_of(replace(seen, view="full")) == ["demo-videos", "ego4d-neighbours"]
    assert replace(fig2, view="tight").stem == (
        "exhibits/vid_robust/tight/{dataset}/fig2_original_vs_perturbed"
    )
    # Detectors are shown whole images under any view.
    found = exhibits_of({"vid_robust": seen})
    assert [one.view for one in found if one.name == "table2_detection"] == [""]
    assert [one.view for one in found if one.name == "fig1_gallery"] == ["", "full"]


def test_what_holds_every_crop_is_not_made_of_many(run):
    @view_kind
    class Halves(ManyCrops):
        kind: Literal["halves"] = "halves"

        def crops(self, image, row):
            yield from ()

    del KINDS["halves"]
    seen = run("ego4d", "full")
    views = {**seen.config.views, "halves": Halves()}
    config = seen.config.model_copy(update={"views": views})
    study = seen.study.model_copy(update={"views": ["full", "halves"]})
    found = exhibits_of({"ego4d": replace(seen, config=config, study=study)})
    further = {one.name for one in found if one.view == "halves"}
    assert {"fig7_zero_shot_in1k", "robustness_in_time", "leak"} <= further
    assert not {"fig1_gradcam", "browse"} & further


@pytest.mark.parametrize("name", exhibit_names("ego4d"))
def test_every_exhibit_says_what_it_is(name):
    one = load_exhibit("ego4d", name)
    assert (one.study, one.name, one.make.__name__) == ("ego4d", name, name)
    assert one.caption.endswith(".")
    assert one.label
    assert one.shows
    if one.printed:
        assert printed_sha256("ego4d", one.printed)


@pytest.mark.parametrize(
    ("study", "name", "dataset", "shown"),
    [
        ("ego4d", "browse", "", {"ego4d-in1k"}),
        ("ego4d", "fig1_gradcam", "", {"ego4d-in1k"}),
        ("ego4d", "fig4_statistics", "", set()),
        ("vid_robust", "fig1_gallery", "demo-videos", {"demo-videos"}),
        ("imagenet_hard", "adapted_gradcam", "demo-shards", {"demo-shards"}),
        ("imagenet_hard", "composition", "", set()),
        ("ego_exo", "fig5_sorted_clips", "", {"demo-third"}),
    ],
)
def test_an_exhibit_says_whose_images_it_shows(run, study, name, dataset, shown):
    seen = replace(run(study, "full"), dataset=dataset)
    assert load_exhibit(study, name).datasets_shown(seen) == shown

import re
import subprocess
import sys
from math import nan

import numpy as np
import pytest
from pandas import DataFrame, Series
from PIL import Image

from wildframe.core.errors import UserError
from wildframe.exhibits.figure import COLUMN_WIDTH, PAGE_WIDTH, Figure, draw_points, new_figure
from wildframe.exhibits.table import Column, Table

ODD = r"$x^2$ _a_ <b> & \frac"

NUMBERS = Table("Drawn", [Column("x", "x")], [{"x": 0.5}])

SUFFIXES = (".png", ".svg", ".pdf", ".csv", ".caption.md")


def lines(width=COLUMN_WIDTH, **ends):
    """A figure of lines from 0 to their ends, by label."""
    drawing = new_figure(width, 2)
    axis = drawing.subplots()
    for label, end in ends.items():
        axis.plot([0, 1], [0, end], label=label)
    axis.set_ylim(0, 100)
    return drawing, axis


def figure(notes=(f"Data: {ODD}", "Another *paragraph*."), numbers=NUMBERS):
    drawing, axis = lines(a=50)
    axis.plot([0, 1], [1, 2], label=ODD)
    axis.legend()
    return Figure(ODD, drawing, notes, numbers)


def written(folder, figure):
    paths = [folder / f"fig{suffix}" for suffix in SUFFIXES]
    figure.write(paths)
    return paths


def test_every_format_is_written_and_repeats_its_bytes(tmp_path):
    first = written(tmp_path / "a", figure())
    again = figure()
    written(tmp_path / "b", again)
    # A figure that is written twice is the same figure.
    second = written(tmp_path / "b", again)
    for one, other in zip(first, second, strict=True):
        assert one.read_bytes() == other.read_bytes()
    assert sorted(first) == sorted((tmp_path / "a").iterdir())
    assert first[2].read_bytes().startswith(b"%PDF")
    assert first[3].read_text() == "x\n0.5\n"


def test_a_image_is_as_wide_as_a_column_at_200_dpi(tmp_path):
    png = written(tmp_path, figure())[0]
    assert Image.open(png).size == (int(COLUMN_WIDTH * 200), 400)


def test_no_file_tells_when_or_by_which_version_it_was_made(tmp_path):
    png, svg, pdf, *_ = written(tmp_path, figure())
    for path in (png, svg, pdf):
        content = path.read_bytes()
        assert not re.search(rb"CreationDate|<dc:date>|20\d\d-\d\d-\d\d", content)
        assert b"Matplotlib v" not in content
    assert b"/FontFile2" in pdf.read_bytes()


def test_text_of_the_data_is_drawn_as_it_is(tmp_path):
    svg = written(tmp_path, figure())[1].read_text()
    # Above the outlines of a text stands what it says; of mathematics, it is the formula alone.
    assert svg.count(r"<!-- $x^2$ _a_ &lt;b&gt; &amp; \frac -->") == 2
    assert r"<!-- Data: $x^2$ _a_ &lt;b&gt; &amp; \frac -->" in svg
    assert "paragraph" not in svg


def test_the_caption_has_the_title_and_all_notes_as_text(tmp_path):
    assert written(tmp_path, figure())[4].read_text() == (
        "**\\$x^2\\$ \\_a\\_ &lt;b> &amp; \\\\frac**\n\n"
        "Data: \\$x^2\\$ \\_a\\_ &lt;b> &amp; \\\\frac\n\n"
        "Another \\*paragraph\\*.\n"
    )


def drawn_note(tmp_path, note):
    made = figure([note])
    made.write([tmp_path / "a.svg"])
    return made.drawing


def test_a_note_that_fits_is_drawn_whole(tmp_path):
    drawing = drawn_note(tmp_path, "Data: two\nlines")
    assert drawing.get_supxlabel() == "Data: two lines"


def test_a_long_note_is_cut_to_one_line_between_words(tmp_path):
    drawing = drawn_note(tmp_path, "Data: " + "word; " * 100)
    assert re.fullmatch(r"Data:( word;){5,} word…", drawing.get_supxlabel())
    (note,) = [text for text in drawing.texts if text.get_text().startswith("Data")]
    assert 0 < note.get_window_extent().x0 < note.get_window_extent().x1 < drawing.bbox.width


def test_a_note_lies_below_the_labels_of_the_axes(tmp_path):
    drawing, axis = lines(a=1)
    label = axis.set_xlabel("x")
    Figure("T", drawing, ["Data: d"]).write([tmp_path / "a.png"])
    _, note = drawing.texts
    assert note.get_window_extent().y1 <= label.get_window_extent().y0


def test_a_long_title_is_broken_to_the_width_of_its_figure(tmp_path):
    narrow, _ = lines(COLUMN_WIDTH)
    wide, _ = lines(PAGE_WIDTH)
    told = [Figure("word " * 14, drawing).drawing.get_suptitle() for drawing in (narrow, wide)]
    assert [title.count("\n") for title in told] == [1, 0]


def test_a_figure_without_notes_has_its_title_as_its_caption(tmp_path):
    figure(()).write([tmp_path / "a.caption.md", tmp_path / "a.png"])
    assert (tmp_path / "a.caption.md").read_text().count("\n") == 1


@pytest.mark.parametrize("name", ["a.jpg", "a.md", "caption.md"])
def test_other_suffixes_are_refused(name, tmp_path):
    message = (
        r"a figure is written as \.png, \.svg, \.pdf, its numbers as \.csv, its text as \.caption"
    )
    with pytest.raises(UserError, match=f"{name}: {message}"):
        figure().write([tmp_path / name])


def test_a_figure_without_numbers_has_no_csv(tmp_path):
    with pytest.raises(UserError, match=r"a\.csv: a figure is written as \.png, \.svg, \.pdf, its"):
        figure(numbers=None).write([tmp_path / "a.csv"])


def test_the_style_does_not_depend_on_the_users_settings(tmp_path):
    import matplotlib as mpl

    before = written(tmp_path / "a", figure())[0].read_bytes()
    with mpl.rc_context({"font.size": 20, "axes.facecolor": "red"}):
        assert written(tmp_path / "b", figure())[0].read_bytes() == before


def test_bins_of_few_images_are_hollow_without_line_and_interval():
    _, axis = lines()
    bins = DataFrame({"value": [0.5, 1, 0.2], "low": [0.3, 0.2, 0.1], "high": [0.7, 1, 0.4]})
    draw_points(axis, [1, 2, 3], bins, Series([5, 4, 9]), marker="o", color="C1")
    through, few = axis.lines[0], axis.lines[-1]
    assert list(through.get_ydata()) == pytest.approx([0.5, nan, 0.2], nan_ok=True)
    assert list(few.get_ydata()) == pytest.approx([nan, 1, nan], nan_ok=True)
    assert (few.get_markerfacecolor(), few.get_linestyle()) == ("none", "None")
    (intervals,) = axis.collections
    drawn = [segment for segment in intervals.get_segments() if len(segment)]
    assert [segment[0][0] for segment in drawn if np.isfinite(segment).all()] == [1, 3]


def test_where_no_bin_has_an_interval_the_legend_has_none():
    _, axis = lines()
    bins = DataFrame({"value": [0.5], "low": [0.3], "high": [0.7]})
    for n in (4, 5):
        draw_points(axis, [1], bins, Series([n]), label=str(n))
    draw_points(axis, [1], bins.assign(low=nan, high=nan), Series([5]))
    assert [points.has_yerr for points in axis.containers] == [False, True, False]


def test_heavy_libraries_are_imported_when_something_is_written():
    code = (
        "import sys, wildframe.exhibits.figure, wildframe.exhibits.table;"
        "print({'matplotlib', 'pandas', 'scipy', 'tabulate'} & sys.modules.keys())"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert result.stdout == "set()\n", result.stderr

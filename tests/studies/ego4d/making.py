"""Makes exhibits of the study from files, as their rules do."""

import csv
import json

import numpy as np
from matplotlib.text import Text
from PIL import Image
from written import markdown

from wildframe.exhibits.lookup import load_exhibit


def make(name, folder, inputs, **settings):
    """Make an exhibit and return the files that it wrote by suffix.

    Args:
        name: Name of the exhibit.
        folder: Where to write.
        inputs: File or files of each parameter.
        settings: Value of each parameter, as the config says it.
    """
    exhibit = load_exhibit("ego4d", name)
    files = {suffix: folder / f"{name}{suffix}" for suffix in exhibit.suffixes}
    several = {key: one if isinstance(one, list) else [one] for key, one in inputs.items()}
    told = {
        key: value if exhibit.settings[key].type is str else json.dumps(value)
        for key, value in settings.items()
    }
    exhibit.write(files.values(), several, told)
    return files


def rows_of(path):
    """Return the rows of a CSV file."""
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def texts_of(drawing):
    """Return what is written in a drawing."""
    return [text for one in drawing.findobj(Text) if (text := one.get_text())]


def shown(table, folder):
    """Return the lines of an table's table in Markdown."""
    lines = markdown(table, folder).splitlines()
    return [line for line in lines if line.startswith("|")][2:]


def panel_texts(drawing):
    """Return title of the figure, titles of its panels, and what stands in them."""
    found = [drawing.get_suptitle()]
    for axis in drawing.axes:
        found += [axis.get_title(), *(text.get_text() for text in axis.texts)]
    return [text for text in found if text]


def count_pixels(path, color):
    """Return how many pixels of an image have a colour, given as #rrggbb."""
    pixels = np.asarray(Image.open(path).convert("RGB"))
    return int((pixels == tuple(bytes.fromhex(color[1:]))).all(axis=2).sum())

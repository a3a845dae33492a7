"""What exhibits invite to compare, and how each comparison is tested: part of their declaration."""

from dataclasses import dataclass

CLIPS = "clip, or video where one has several clips"
VIDEOS = "video, or clip where the video is not known"

PAIRED_TEST = (
    "difference with a 95 % interval (jackknife over units, Student's t); sign-flip permutation of "
    "whole units, Holm"
)
LETTERS_TEST = "sign-flip permutation of whole units, Holm; groups of models as letters"


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a reader of an exhibit compares.

    Attributes:
        of: What against what.
        unit: What is independent, and is left out, drawn or exchanged as a whole; empty if nothing
            is tested.
        method: Interval and test; or why there is none.
        shown_in: Exhibit of the study that shows it; empty for the exhibit itself.
    """

    of: str
    unit: str
    method: str
    shown_in: str = ""


def paired(of: str, unit: str = CLIPS, *, shown_in: str = "") -> Comparison:
    """Declare a paired difference with its interval and test."""
    return Comparison(of, unit, PAIRED_TEST, shown_in)


def lettered(of: str = "each two models", unit: str = CLIPS, *, shown_in: str = "") -> Comparison:
    """Declare letters, which models share that do not differ significantly."""
    return Comparison(of, unit, LETTERS_TEST, shown_in)


def untested(of: str, why: str) -> Comparison:
    """Declare a comparison without a test, and why it has none."""
    return Comparison(of, "", f"none: {why}")


NOTHING = untested("nothing", "it shows no two numbers of models or conditions")

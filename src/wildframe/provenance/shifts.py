"""Why a frame differs from the certified one, by its neighbours and time stamps."""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from wildframe.core.tables import Row

_UNEVEN = Fraction(1, 4)
"""How far from a whole frame a shift in time may be: rates vary a little."""


def frame_cause(
    certified: Row,
    here: Row,
    all_certified: Sequence[Row],
    all_here: Sequence[Row],
    changed: Mapping[str, str],
) -> str:
    """Return why a frame, by its row of STATUSES, is another than the certified one.

    Args:
        certified: Frame of the certificate.
        here: Frame of the same image in this run.
        all_certified: Frames of the certificate, among which are neighbours of the media.
        all_here: Frames of this run.
        changed: Versions that differ, in words, by package.
    """
    if here["status"] != "ok":
        return f"frame missing here: {here['status']}, {here['detail']}"
    if certified["status"] != "ok":
        return f"frame missing where it was certified: {certified['status']}"
    sizes = [f"{row['width']}x{row['height']}" for row in (here, certified)]
    if sizes[0] != sizes[1]:
        return f"another copy of {here['media']}: {sizes[0]} px here, {sizes[1]} px certified"
    if shift := find_shift(certified, here, all_certified, all_here):
        return f"frame shifted by {shift:+d}: another copy of {here['media']}, or another decoder"
    if here["sha256"] == certified["sha256"]:
        return f"the same pixels at another time stamp: another container of {here['media']}"
    if here["pts"] != certified["pts"]:
        times = f"time stamp {here['pts']} here, {certified['pts']} certified"
        return f"another moment: {times}: another copy of {here['media']}"
    decoders = "; ".join(changed[name] for name in ("av", "pillow") if name in changed)
    return f"other pixels at the same time: another copy of {here['media']}" + (
        f", or another decoder ({decoders})" if decoders else ""
    )


def find_shift(
    certified: Row, here: Row, all_certified: Iterable[Row], all_here: Iterable[Row]
) -> int:
    """Return by how many frames what is shown here is late; 0 if there is no telling.

    Frames of the same media tell: one of the certificate with the pixels of ``here``, one here
    with the pixels of ``certified``, or how far apart the time stamps of frames are.
    """
    if certified["frame"] is None:
        return 0
    neighbours = [row for row in all_certified if _is_near(row, certified)]
    for row in neighbours:
        if row["sha256"] == here["sha256"]:
            return int(row["frame"] - certified["frame"])
    for row in all_here:
        if _is_near(row, certified) and row["sha256"] == certified["sha256"]:
            return int(certified["frame"] - row["frame"])
    return _shift_in_time(certified, here, neighbours)


def _is_near(row: Row, other: Row) -> bool:
    """Tell whether a frame is another one of the same media, counted alike."""
    is_other = row["frame"] not in (None, other["frame"]) and row["status"] == "ok"
    return is_other and all(row[name] == other[name] for name in ("media", "rate"))


def _shift_in_time(certified: Row, here: Row, neighbours: Iterable[Row]) -> int:
    if certified["sha256"] == here["sha256"] or None in (certified["pts"], here["pts"]):
        return 0
    # Where no other frame is certified, time counts from the first.
    first = {"frame": 0, "pts": 0}
    for row in (*neighbours, first):
        if row["pts"] not in (None, certified["pts"]) and row["frame"] != certified["frame"]:
            step = Fraction(row["pts"] - certified["pts"], row["frame"] - certified["frame"])
            late = Fraction(here["pts"] - certified["pts"]) / step
            return round(late) if abs(late - round(late)) < _UNEVEN else 0
    return 0

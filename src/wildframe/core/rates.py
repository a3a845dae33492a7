"""Frame rates as exact fractions."""

import re
from fractions import Fraction

from wildframe.core.errors import UserError

# Bounded, since a fraction spells out what a short text such as 1e99999999 means.
_RATE = re.compile(r"\d{1,9}(\.\d{1,9}|/\d{1,9})?", re.ASCII)


def rate_option(text: str) -> Fraction:
    """Return the rate of a ``--rate`` option.

    Raises:
        UserError: The text is no number above 0.
    """
    try:
        return parse_rate(text)
    except ValueError as error:
        raise UserError(f"--rate {text}: {error}") from error


def parse_rate(text: str) -> Fraction:
    """Return a rate in frames a second.

    Args:
        text: Such as ``30``, ``29.97`` or ``30000/1001``.

    Raises:
        ValueError: The text is no number above 0.
    """
    try:
        rate = Fraction(text) if _RATE.fullmatch(text) else Fraction(0)
    except ZeroDivisionError:
        rate = Fraction(0)
    if not rate:
        raise ValueError("a rate is a number above 0 such as 30 or 30000/1001")
    return rate

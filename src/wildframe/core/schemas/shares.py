"""Fields that tables of shares have in common: counts, intervals, and a paired difference."""

from wildframe.core.contracts import Field
from wildframe.core.schemas.images import FLOAT, LONG, TEXT, nullable


def share_of(successes: str, n: str = "Evaluated images") -> list[Field]:
    """Return the fields of a share and its counts."""
    return [
        Field("value", FLOAT, "successes / n"),
        Field("successes", LONG, successes),
        Field("n", LONG, n),
    ]


CLUSTER_INTERVAL = [
    nullable(
        "cluster_low",
        FLOAT,
        "Lower end of the 95 % interval over clips, or videos where one has several (jackknife, "
        "Student's t of logits); null where all agree",
    ),
    nullable("cluster_high", FLOAT, "Upper end of the same"),
    Field("clusters", LONG, "Clips, or videos where one has several, with such an image"),
]
"""Fields of the interval of a share over clips."""

INTERVALS = [
    Field("low", FLOAT, "Lower end of the interval over images"),
    Field("high", FLOAT, "Upper end of the same"),
    Field("interval", TEXT, "Method of the interval over images"),
    *CLUSTER_INTERVAL,
]
"""Fields of both intervals of a share."""


def difference_from(reference: str, untested: str) -> list[Field]:
    """Return the fields of a paired difference from another row of the table.

    Args:
        reference: Which row.
        untested: Of which rows the fields are null.
    """
    null = f"null {untested}"
    return [
        nullable("gained", LONG, f"Images that are correct here and not in {reference}; {null}"),
        nullable("lost", LONG, f"Images that are correct only in {reference}; {null}"),
        nullable("difference", FLOAT, f"Value minus that of {reference}; {null}"),
        nullable(
            "difference_low",
            FLOAT,
            "Lower end of its 95 % interval, as of pairs; null where all agree",
        ),
        nullable("difference_high", FLOAT, "Upper end of the same"),
        nullable("p_value", FLOAT, f"Of the test of pairs, not corrected; {null}"),
    ]

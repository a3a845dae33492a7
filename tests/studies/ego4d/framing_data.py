"""Framings and shares of causes, written by hand."""


def framing_row(model, framing, successes=1, n=8, subset="all", p_value=None, **others):
    """Return a row of the ``framings`` table; a difference is of 25 points, if tested."""
    is_tested = p_value is not None
    value = successes / n
    return {
        "model": model,
        "subset": subset,
        "framing": framing,
        "crops": 63 if framing == "oracle" else 1,
        "random": 0.063 if framing == "oracle" else None,
        "value": value,
        "successes": successes,
        "n": n,
        "low": value / 2,
        "high": min(1, 2 * value),
        "cluster_low": value / 2,
        "cluster_high": min(1, 2 * value),
        "interval": "by hand",
        "clusters": 4,
        "gained": 2 if is_tested else None,
        "lost": 0 if is_tested else None,
        "difference": 0.25 if is_tested else None,
        "difference_low": 0.125 if is_tested else None,
        "difference_high": 0.375 if is_tested else None,
        "p_value": p_value,
        **others,
    }


def framing_rows(model, p_box=0.01, p_zoom=0.04):
    """Return the rows of a model: of all images, two box areas and a class."""
    subsets = {"all": 8, "area=0.1-0.3": 6, "area=1e-05-0.1": 2, "class=n1": 2}
    tested = {"full": None, "box": p_box, "zoom": p_zoom, "oracle": None}
    return [
        framing_row(model, framing, place // 2 + 1, n, subset, p_value)
        for subset, n in subsets.items()
        for place, (framing, p_value) in enumerate(tested.items())
    ]


def cause_row(model, cause, successes, n):
    """Return a row of the ``attribution_shares`` table; ends are half and twice the share."""
    value = successes / n
    return {
        "model": model,
        "cause": cause,
        "value": value,
        "successes": successes,
        "n": n,
        "low": value / 2,
        "high": 2 * value,
        "interval": "by hand",
        "cluster_low": value / 2,
        "cluster_high": 2 * value,
        "clusters": 4,
    }

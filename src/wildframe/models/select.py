"""Selection of the learning rate whose model is best on held-out images."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from wildframe.core.errors import UserError
from wildframe.core.schemas import TRAINING
from wildframe.core.tables import Row, read_facts, read_table, write_rows
from wildframe.models.weights import copy, weights_facts

_SAME = ("model", "label_space", "trained_from")
"""Metadata that the weights of one search share."""
_KEPT = ("weights_sha256", "label_space", "train_images", "device", "torch_version")
"""Metadata of the best weights that their history keeps."""


def select(
    weights: Sequence[Path], histories: Sequence[Path], output: Path, best_history: Path
) -> None:
    """Copy the best weights, and join the histories.

    The best have the most correct held-out images; in case of a tie they are the first given. The
    learning rate is chosen on the same images as the epoch, as in the paper. The joined history has
    all epochs of all rates, ``best`` for the epoch of the best weights.

    Raises:
        UserError: Weights and histories do not pair, are not of one search, or the best weights are
            damaged.
    """
    if len(weights) != len(histories):
        raise UserError(
            f"{len(weights)} weights and {len(histories)} histories; give one --history for each "
            "weights file, in the same order"
        )
    tables = [read_table(path, TRAINING).to_pylist() for path in histories]
    kept = [kept_epoch(path, rows) for path, rows in zip(histories, tables, strict=True)]
    _require_one_search(weights, histories, kept)
    best = max(range(len(kept)), key=lambda position: (kept[position]["successes"], -position))
    rows = [
        row | {"best": row["best"] and position == best}
        for position, table in enumerate(tables)
        for row in table
    ]
    copy(weights[best], output)
    facts = read_facts(histories[best], TRAINING)
    write_rows(
        best_history,
        TRAINING,
        rows,
        config=json.loads(facts["config"]) | {"lr": [row["lr"] for row in kept]},
        facts={name: facts[name] for name in _KEPT},
    )
    for row in kept:
        print(
            f"learning rate {row['lr']:g}: held-out top-1 {row['successes']}/{row['n']} in epoch "
            f"{row['epoch']}{', kept' if row is kept[best] else ''}"
        )


def kept_epoch(path: Path, rows: Sequence[Row]) -> Row:
    """Return the row of the epoch whose weights were kept, of the rows of a history.

    Raises:
        UserError: Not exactly one epoch was kept; names the history.
    """
    best = [row for row in rows if row["best"]]
    if len(best) != 1:
        raise UserError(f"{path}: {len(best)} epochs are the best, not one; rerun the training")
    return best[0]


def _require_one_search(
    weights: Sequence[Path], histories: Sequence[Path], kept: Sequence[Row]
) -> None:
    """Raise a `UserError` if files do not belong together."""
    searches: list[Mapping[str, Any]] = []
    for path, history, row in zip(weights, histories, kept, strict=True):
        facts = weights_facts(path)
        if (facts.get("lr"), facts.get("epoch")) != (row["lr"], row["epoch"]):
            raise UserError(f"{path}: these weights are not those of {history}; pair each")
        searches.append({name: facts.get(name) for name in _SAME} | {"held out": row["n"]})
        if searches[-1] != searches[0]:
            raise UserError(f"{path}: of another training than {weights[0]}; search one at a time")
    rates = [row["lr"] for row in kept]
    if len(set(rates)) < len(rates):
        raise UserError("a learning rate is given twice; give each once")

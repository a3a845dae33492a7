"""Of several learning rates, the one whose model is best on held-out images."""

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from wildframe.core.errors import UserError
from wildframe.core.files import atomic_path
from wildframe.core.schemas import TRAINING
from wildframe.core.tables import Row, read_facts, read_table, write_rows
from wildframe.models.weights import weights_facts

_SAME = ("model", "label_space", "trained_from")
"""What the weights of one search have in common."""
_KEPT = ("weights_sha256", "label_space", "device", "torch_version")
"""What is said of the best weights beside their history."""


def select(
    weights: Sequence[Path], histories: Sequence[Path], output: Path, best_history: Path
) -> None:
    """Copy the best weights, and join the histories.

    The best have the most right held-out images; of equal ones the first given are kept. The
    learning rate is chosen on the images that the epoch is chosen on, as the paper does.

    Args:
        weights: safetensors files, one a learning rate.
        histories: Their tables, in the same order.
        output: Weights to write: the best, as they are.
        best_history: Table to write: all epochs of all rates, ``best`` where the weights are of.

    Raises:
        UserError: Weights and histories do not pair, or are not of one search.
    """
    if len(weights) != len(histories):
        raise UserError(
            f"{len(weights)} weights and {len(histories)} histories; give one --history for each "
            "weights file, in the same order"
        )
    tables = [read_table(path, TRAINING).to_pylist() for path in histories]
    kept = [_kept(path, rows) for path, rows in zip(histories, tables, strict=True)]
    _require_one_search(weights, histories, kept)
    best = max(range(len(kept)), key=lambda position: (kept[position]["successes"], -position))
    rows = [
        row | {"best": row["best"] and position == best}
        for position, table in enumerate(tables)
        for row in table
    ]
    with atomic_path(output) as temporary:
        shutil.copyfile(weights[best], temporary)
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


def _kept(path: Path, rows: Sequence[Row]) -> Row:
    """Return the row of the epoch whose weights were kept."""
    found = [row for row in rows if row["best"]]
    if len(found) != 1:
        raise UserError(f"{path}: {len(found)} epochs are the best, not one; rerun the training")
    return found[0]


def _require_one_search(
    weights: Sequence[Path], histories: Sequence[Path], kept: Sequence[Row]
) -> None:
    """Raise a UserError where files do not belong together."""
    found: list[Mapping[str, Any]] = []
    for path, history, row in zip(weights, histories, kept, strict=True):
        facts = weights_facts(path, "make it with `wildframe models finetune`")
        if (facts.get("lr"), facts.get("epoch")) != (row["lr"], row["epoch"]):
            raise UserError(f"{path}: these weights are not those of {history}; pair them anew")
        common = {name: facts.get(name) for name in _SAME} | {"held out": row["n"]}
        found.append(common)
        if common != found[0]:
            raise UserError(f"{path}: of another training than {weights[0]}; search one at a time")
    rates = [row["lr"] for row in kept]
    if len(set(rates)) < len(rates):
        raise UserError("a learning rate is given twice; give each once")

"""Command line: draw sessions at random, for trainings that need more of them than are listed."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from recipe.gestures import FROM_HAND, TO_HAND
from recipe.rooms import ROOMS
from recipe.sessions import COLUMNS
from recipe.tables import Row, write_table

ACTIONS = 2
"""Of a session."""
POURED = ("mug", "carton", "vase")
THINGS = (*POURED, "book", "orange")
HELD_OUT = 3
"""Of so many sessions one is of the test split."""
SESSIONS_OF_PERSON = 2
FIRST_SEED, SEED_STEP = 20_000, 37
"""Past those of the sessions that are listed."""


def main(arguments: list[str] | None = None) -> None:
    """Draw a table of sessions."""
    parser = argparse.ArgumentParser(prog="recipe.draw", description=__doc__)
    parser.add_argument("--count", type=int, required=True, help="number of sessions")
    parser.add_argument("--output", type=Path, required=True, help="table of sessions to write")
    options = parser.parse_args(arguments)
    write_table(options.output, COLUMNS, map(session, range(options.count)))


def session(number: int) -> Row:
    """Return a session that both viewpoints see; nobody acts in sessions of both splits."""
    seed = FIRST_SEED + SEED_STEP * number
    rng = np.random.default_rng(seed)
    thing = str(rng.choice(THINGS))
    group, place = divmod(number, HELD_OUT)
    is_test = place == HELD_OUT - 1
    person = group if is_test else group * (HELD_OUT - 1) + place
    return (
        f"drawn-{number:04d}",
        "charades",
        "test" if is_test else "train",
        f"{'T' if is_test else 'D'}{person // SESSIONS_OF_PERSON}",
        str(rng.choice([*ROOMS])),
        f"{thing}:{rng.choice(['right', 'left'])}",
        " ".join(_script(thing, rng)),
        seed,
    )


def _script(thing: str, rng: np.random.Generator) -> list[str]:
    verbs: list[str] = []
    for _ in range(ACTIONS):
        holds = bool(verbs) and verbs[-1] in TO_HAND
        free = [verb for verb in FROM_HAND if verb != "pour" or thing in POURED]
        verbs.append(str(rng.choice(free if holds else ["take", "push", "turn"])))
    return verbs


if __name__ == "__main__":
    main()

"""A table of two models and the files behind it, each with the command of its rule."""

from pathlib import Path

from wildframe.core.files import write_text
from wildframe.core.schemas import FUNNEL, MANIFEST, PREDICTIONS, SCORES
from wildframe.core.tables import write_rows
from wildframe.exhibits.made import hashes

EXHIBIT = Path("results/exhibits/study/fig1.csv")
LOG = Path("results/logs/exhibits/study/fig1.log")
SCORED = "results/scores/toys/study.full.parquet"
MADE = (
    "wildframe exhibits make study fig1 results/exhibits/study/fig1.md "
    f"results/exhibits/study/fig1.csv --input=scores={SCORED} '--set=title=\"a b/c.csv\"'"
)
_MANIFEST = (
    "wildframe manifests images --images=results/sources/toys/images.parquet "
    "--manifest results/manifests/toys.parquet --funnel results/manifests/toys.funnel.parquet"
)


def score(blank, model, successes, k=1):
    """Return a row of SCORES of ten images."""
    row = {"study": "study", "dataset": "toys", "subset": "all", "view": "full", "model": model}
    row |= {"metric": "accuracy", "k": k, "value": successes / 10, "successes": successes, "n": 10}
    row |= {"low": 0.0, "high": 1.0, "interval": "exact", "clusters": 10}
    return blank(SCORES) | row


def write_exhibit(blank):
    """Write the exhibit and what is behind it into the working directory."""
    for model, weights in (("net", "aaaa"), ("other", "bbbb")):
        path = f"results/predictions/toys/full/{model}.parquet"
        command = (
            f"wildframe predictions run {model} --preprocessed results/frames/toys/full/p.arrow "
            f"--weights=weights/{model}.safetensors --output {path}"
        )
        facts = {"command": command, "model": model, "weights_sha256": weights}
        write_rows(Path(path), PREDICTIONS, [], config={"seed": 1}, facts=facts)
    for path, contract in (
        ("results/manifests/toys.parquet", MANIFEST),
        ("results/manifests/toys.funnel.parquet", FUNNEL),
    ):
        write_rows(Path(path), contract, [], facts={"command": _MANIFEST})
    command = (
        "wildframe scores accuracy results/predictions/toys/full/net.parquet "
        "results/predictions/toys/full/other.parquet --manifest results/manifests/toys.parquet "
        f"--output {SCORED}"
    )
    rows = [score(blank, "net", 4), score(blank, "net", 7, k=5), score(blank, "other", 4)]
    write_rows(Path(SCORED), SCORES, rows, facts={"command": command})
    write_text(EXHIBIT, "model,top1,paper,n\nnet,40.00,,10\nother,40.00,39.1,10\n")
    write_text(LOG, "\n".join(["a warning", MADE, *hashes([EXHIBIT]), ""]))

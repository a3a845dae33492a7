"""What a finished run cost, by station: jobs, CPU seconds, and their own seconds side by side.

    python benchmarks/demo.py [results] [--jobs 10]

Read from Snakemake's benchmark files, which miss the first moments of a job: jobs of less than a
second count for less than they are. The dearest jobs are listed below.
"""

import argparse
import csv
from pathlib import Path

import pandas as pd


def read_costs(benchmarks: Path) -> pd.DataFrame:
    """Return one row a job: station, job, cpu and seconds."""
    rows = []
    for path in sorted(benchmarks.rglob("*.tsv")):
        job = path.relative_to(benchmarks).with_suffix("")
        with path.open(newline="") as file:
            for row in csv.DictReader(file, delimiter="\t"):
                cpu = 0.0 if row["cpu_time"] == "NA" else float(row["cpu_time"])
                rows.append((job.parts[0], str(job), cpu, float(row["s"])))
    return pd.DataFrame(rows, columns=["station", "job", "cpu", "seconds"])


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("results", nargs="?", type=Path, default=Path("results"))
    parser.add_argument("--jobs", type=int, default=10, help="how many of the dearest to list")
    options = parser.parse_args()
    costs = read_costs(options.results / "benchmarks")
    by_station = costs.groupby("station").agg(jobs=("job", "size"), cpu=("cpu", "sum"))
    by_station["seconds"] = costs.groupby("station")["seconds"].sum()
    by_station.loc["total"] = by_station.sum()
    print(by_station.astype({"jobs": int}).round(1).to_string())
    print()
    dearest = costs.nlargest(options.jobs, "cpu")
    print(dearest[["cpu", "seconds", "job"]].round(1).to_string(index=False))


if __name__ == "__main__":
    main()

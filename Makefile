# Everything here runs on a machine that has Python 3.11 to 3.14, make and its package registries.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:

# The first Python that fits; `make PYTHON=python3.13 …` names another.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$python" -c 'import sys, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' 2>/dev/null \
	&& { echo "$$python"; break; }; done)
UV := $(or $(shell command -v uv),.tools/bin/uv)
BIN := .venv/bin
ARGS ?=
REQUIRE_ALL ?=

export UV
export UV_PYTHON_DOWNLOADS := never
export PYTHONDONTWRITEBYTECODE ?=

.PHONY: help setup engine demo test conformance check bench docs matrix policy lock clean

help: ## Show this help
	@awk 'BEGIN { FS = ":.*## " } /^[a-z]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(BIN)/.ready ## Make the environment in .venv from the locks
	@echo "ready: $(BIN)/airbrick"

engine: $(BIN)/.ready ## Get the Pulumi engine (PATH, official installer, or a build that takes about 4 minutes)
	@$(BIN)/python tools/engine ensure >/dev/null

demo: engine ## Run the whole way of the data on this machine; KEEP=1 leaves the web pages up
	@$(BIN)/python tools/demo $(if $(KEEP),--keep)

test: engine ## Run the tests; ARGS="-k name" chooses some; REQUIRE_ALL=1 forbids skips
	@env -u DATABRICKS_HOST AIRBRICK_REQUIRE_ALL=$(REQUIRE_ALL) PATH="$$($(BIN)/python tools/engine ensure):$$PATH" $(BIN)/pytest -n 2 --dist loadfile $(if $(ARGS),$(ARGS),--cov --cov-report=term:skip-covered)

conformance: $(BIN)/.ready ## Compare the emulator with the real workspace of DATABRICKS_HOST; writes dated snapshots
	@test -n "$$DATABRICKS_HOST" || { echo "set DATABRICKS_HOST and DATABRICKS_TOKEN: jobs are made there, run, and deleted" >&2; exit 1; }
	$(BIN)/pytest -p no:randomly tests/emulator/conformance $(ARGS)

check: $(BIN)/.ready ## Run ruff, mypy, basedpyright and import-linter
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/basedpyright
	$(BIN)/lint-imports --no-logo

bench: engine ## Run the benchmarks; each prints a table and writes bench/results/*.json
	@PATH="$$($(BIN)/python tools/engine ensure):$$PATH" $(BIN)/python -m bench

docs: $(BIN)/.ready ## Build the documentation into docs/_build
	@$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements/docs.txt
	$(BIN)/sphinx-build -W --keep-going -b html docs docs/_build

matrix: engine ## Run the property tests on many new examples, the no-drift matrix and the fault matrix (long); tables go to bench/results
	@mkdir -p bench/results
	@PATH="$$($(BIN)/python tools/engine ensure):$$PATH" AIRBRICK_MATRIX=full $(BIN)/pytest tests/iac/test_matrix.py tests/iac/faults
	@AIRBRICK_HYPOTHESIS=matrix $(BIN)/pytest -n 2 -m "not end_to_end and not slow" --durations=0 $(ARGS) \
		| tee "bench/results/matrix-$$(git describe --always --dirty)-$$(date -u +%Y-%m-%d).txt"
	@AIRBRICK_MATRIX=full $(BIN)/pytest tests/operators/chaos

policy: $(BIN)/.ready ## Make the policy pack's own environment in stacks/policy/.venv
	@$(UV) venv --quiet --allow-existing --python $(BIN)/python stacks/policy/.venv
	@$(UV) pip sync --quiet --require-hashes --python stacks/policy/.venv/bin/python requirements/policy.txt
	@$(UV) pip install --quiet --python stacks/policy/.venv/bin/python --no-deps .
	@echo "ready: pulumi preview --policy-pack policy --policy-pack-config policy/dev.json (in stacks/)"

lock: $(UV) ## Lock the environments anew from pyproject.toml
	$(UV) pip compile pyproject.toml --extra all --group dev --upgrade --universal --generate-hashes --no-header --python-version 3.11 --quiet --output-file requirements/dev.txt
	$(UV) pip compile pyproject.toml --extra policy --upgrade --universal --generate-hashes --no-header --python-version 3.11 --quiet --output-file requirements/policy.txt
	$(UV) pip compile pyproject.toml --extra operators --constraint <(echo "apache-airflow==3.1.*") --upgrade --universal --generate-hashes --no-header --no-annotate --python-version 3.11 --quiet --output-file requirements/airflow-3.1.txt
	$(UV) pip compile --group docs --constraint requirements/dev.txt --upgrade --universal --generate-hashes --no-header --python-version 3.11 --quiet --output-file requirements/docs.txt
	$(UV) pip compile --group provider --upgrade --universal --generate-hashes --no-header --python-version 3.11 --quiet --output-file requirements/provider.txt
	$(UV) pip compile --group cluster --constraint requirements/dev.txt --upgrade --universal --generate-hashes --no-header --no-annotate --python-version 3.11 --quiet --output-file requirements/cluster.txt

clean: ## Remove what the other targets made
	rm -rf stacks/policy/.venv .venv .tools .demo dist docs/_build docs/reference/generated bench/results .coverage* .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

.tools/bin/uv: requirements/uv.txt
	@test -n "$(PYTHON)" || { echo "airbrick needs Python 3.11 to 3.14 with venv; none was found on PATH (make PYTHON=/path/to/python …)" >&2; exit 1; }
	@echo "Installing uv into .tools …"
	@$(PYTHON) -m venv .tools
	@.tools/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@touch $@

$(BIN)/.ready: requirements/dev.txt pyproject.toml | $(UV)
	@test -n "$(PYTHON)" || { echo "airbrick needs Python 3.11 to 3.14 with venv; none was found on PATH (make PYTHON=/path/to/python …)" >&2; exit 1; }
	@test -x $(BIN)/python || $(UV) venv --quiet --python "$$($(PYTHON) -c 'import sys; print(sys.executable)')" .venv
	@echo "Installing the locked packages into .venv …"
	@$(UV) pip sync --quiet --require-hashes --python $(BIN)/python requirements/dev.txt
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

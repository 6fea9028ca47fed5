# Coterie's front door. `make help` tells the words; only python3.11+ and make are needed to begin.
.DEFAULT_GOAL := help
SHELL := /bin/bash

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1
FRONTEND := $(shell find frontend -name node_modules -prune -o -type f -print)
# What is there to be type-checked today; bench is a folder of its own.
TYPED := $(wildcard src tests bench)

##@ Everyday
.PHONY: help setup demo
help: ## Show these words
	@awk 'BEGIN {FS = ":.*## "} \
	  /^##@/ {printf "\n%s\n", substr($$0, 5)} \
	  /^[a-z-]+:.*## / {printf "  %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/.installed ## Make .venv from the lock and install Coterie into it

demo: setup ## Start Coterie with a filled demo world (its own PostgreSQL comes along)
	$(BIN)/coterie demo

##@ Proof
.PHONY: test test-long check docs bench
test: setup ## Run the tests that take seconds
	$(BIN)/pytest -n 2 -m "not long"

test-long: setup ## Run the tests that take minutes
	$(BIN)/pytest -n 2 -m long --slice 0/1

check: setup ## Lint, format, types and import contracts (the house tests run in `make test`)
	@failed=; \
	try() { echo "+ $$*"; "$$@" || failed="$$failed $$1"; }; \
	try $(BIN)/ruff check .; \
	try $(BIN)/ruff format --check .; \
	try $(BIN)/mypy $(TYPED); \
	try env PYTHONPATH=src $(BIN)/lint-imports --no-cache --no-logo; \
	test -z "$$failed"

docs: setup ## Check that the docs' links, tests and command pages are true
	$(BIN)/python scripts/pages.py --check
	$(BIN)/pytest -q tests/house/test_docs.py tests/house/test_features.py

bench: setup ## Measure speed on this machine
	$(BIN)/python -m bench

##@ Upkeep
.PHONY: pages screenshots format lock clean
pages: setup ## Write the commands and refusals in docs/reference from the code
	$(BIN)/python scripts/pages.py --write

screenshots: setup ## Take pictures of the main pages into var/screenshots (DOCS=1: and docs/images)
	$(BIN)/python -m scripts.screenshots $(if $(DOCS),--docs)

format: setup ## Format the code and repair what the linter can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: setup ## Write requirements/*.lock from pyproject.toml (UPGRADE=1 for the newest versions)
	scripts/lock $(if $(UPGRADE),--upgrade)

clean: ## Remove caches and build results (keeps .venv and var)
	rm -rf build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find src tests $(wildcard bench) -name __pycache__ -type d -prune -exec rm -rf {} +

# Two stamps: new locks reinstall the packages, a changed pyproject.toml or frontend only the project
# itself, whose build bundles the assets of the pages (npm comes along as a package).
$(VENV)/.installed: $(VENV)/.locked pyproject.toml hatch_build.py $(FRONTEND)
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.locked: requirements/dev.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Coterie needs Python 3.11 or newer; choose one: make setup PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "$(PYTHON) cannot make virtual environments: it lacks ensurepip." >&2; \
	  echo "On Debian or Ubuntu: apt-get install python3-venv, or set PYTHON=..." >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes --requirement $<
	@touch $@

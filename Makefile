# Two commands do all the set-up: `make demo` and `make test`. `make help` lists the rest.
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= $(shell for p in python3.12 python3.13 python3 python; do \
	if $$p -c 'import sys; sys.exit(not (3, 12) <= sys.version_info[:2] < (3, 14))' 2>/dev/null; then echo $$p; break; fi; done)

.DEFAULT_GOAL := help
.PHONY: help demo setup test test-slow lint bench docs sbom audit clean
PIP = $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

help: ## Show what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-9s %s\n", $$1, $$2}'

demo: $(VENV)/.installed ## Run the main job on the bundled real data and write the report
	@$(BIN)/sagetool backtest configs/demo.toml

$(VENV)/.installed: pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "SageTrade needs Python 3.12 or 3.13; set PYTHON=/path/to/python3.12" >&2; exit 1; }
	@echo "Installing SageTrade into $(VENV) (about 1.2 GB, most of it NautilusTrader; takes a minute the first time)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(PIP) -e '.[alpaca,experiments,news,redis,s3]'
	@touch $@

setup: $(VENV)/.ready ## Install what tests and linters need, too

$(VENV)/.ready: $(VENV)/.installed
	@echo "Installing what the tests need (1 GB more)"
	@$(PIP) -e '.[dev]'
	@touch $@

test: setup ## Run the fast tests
	@$(BIN)/python -m pytest -m "not slow" -n auto $(COVERAGE)

test-slow: setup ## Run the slow tests, half an hour
	@$(BIN)/python -m pytest -m slow -n auto --dist=loadfile

lint: setup ## Check style, types and who imports whom
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports

bench: setup ## Measure the speed (minutes)
	@$(PIP) -e '.[bench]'
	@$(BIN)/python -m benchmarks.backtest

docs: setup ## Build the documentation into site/
	@$(PIP) -e '.[docs]'
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

sbom: setup ## Build the wheel, try it elsewhere, and write it and its SBOM (CycloneDX) into dist/
	@$(PIP) -e '.[supply]'
	@scripts/check_wheel.sh dist

audit: setup ## Ask what is known against the pinned versions (network)
	@$(PIP) -e '.[supply]'
	@$(BIN)/pip-audit --requirement constraints.txt --no-deps --disable-pip

clean: ## Remove .venv, reports, the catalog and what was built; state, experiments and snapshots stay
	rm -rf $(VENV) dist site runs catalog/data .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

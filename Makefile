# Two commands do all the set-up: `make demo` and `make test`. `make help` lists the rest.
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= $(shell for p in python3.12 python3.13 python3 python; do \
	if $$p -c 'import sys; sys.exit(not (3, 12) <= sys.version_info[:2] < (3, 14))' 2>/dev/null; then echo $$p; break; fi; done)

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-slow lint bench docs clean

help: ## Show what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-9s %s\n", $$1, $$2}'

setup: $(VENV)/.ready ## Make .venv and install everything into it

$(VENV)/.ready: pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "SageTrade needs Python 3.12 or 3.13; set PYTHON=/path/to/python3.12" >&2; exit 1; }
	@echo "Installing into $(VENV) (about 1.9 GB; takes a minute or two the first time)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

demo: setup ## Run the main job on the bundled real data and write the report
	@$(BIN)/sagetool backtest configs/demo.toml

test: setup ## Run the fast tests
	@$(BIN)/python -m pytest -m "not slow" -n auto --cov --cov-report=

test-slow: setup ## Run the slow tests too, and show the coverage of all
	@$(BIN)/python -m pytest -m slow --cov --cov-append --cov-report=term

lint: setup ## Check style, types and who imports whom
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports

bench: setup ## Measure the speed (minutes)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[bench]'
	@$(BIN)/python -m benchmarks.backtest

docs: setup ## Build the documentation into site/
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[docs]'
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

clean: ## Remove everything that was made
	rm -rf $(VENV) site runs catalog/data .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

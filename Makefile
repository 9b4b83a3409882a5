# `make demo` and `make test` set up everything they need in .venv; see README.md.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
TESTS ?= tests
WORKERS ?= auto

# Each worker begins with its share of the long tests (tests/conftest.py); who is done first takes from the others.
PYTEST = $(BIN)/pytest -n $(WORKERS) --dist worksteal

# The tests start the bot dozens of times, in processes that would each compile everything anew.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help setup demo test test-thorough check format bench lock texts clean

help:  ## Show what there is
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/' | expand -t 16

setup: $(VENV)/.ready  ## Make the virtual environment from the pinned requirements

$(VENV)/.ready: requirements/dev.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: setup  ## Start the bot with the local simulator; open the printed address
	$(BIN)/genting demo

test: setup  ## Run all tests, on SQLite and on a real PostgreSQL
	$(PYTEST) $(TESTS)

test-thorough: setup  ## Run them at the full depth: fifty kills, five thousand odd updates, every due day
	GENTING_TEST_DEPTH=thorough $(PYTEST) $(TESTS)

check: setup  ## Lint, formatting, types, import arrows, texts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m handlers.texts.stub --check

format: setup  ## Format the code
	$(BIN)/ruff check --fix --quiet . || true
	$(BIN)/ruff format .

texts: setup  ## Write the types of the text catalogs
	$(BIN)/python -m handlers.texts.stub

bench: setup $(VENV)-bench/.ready  ## Measure; prints tables and writes bench.json
	$(BIN)/python -m tests.benchmarks

# aiogram pins another pydantic than ours, so what we measure against lives in an environment of its own.
$(VENV)-bench/.ready: requirements/bench.txt
	$(PYTHON) -m venv $(VENV)-bench
	$(VENV)-bench/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes \
		-r requirements/bench.txt
	@touch $@

# Versions and hashes only: no index is named. Needs uv (pip install uv).
lock:  ## Pin the dependencies anew
	uv pip compile --quiet pyproject.toml --generate-hashes --no-emit-index-url --no-header --universal \
		--python-version 3.11 -o requirements/run.txt
	uv pip compile --quiet pyproject.toml --extra dev --generate-hashes --no-emit-index-url --no-header --universal \
		--python-version 3.11 -c requirements/run.txt -o requirements/dev.txt
	uv pip compile --quiet requirements/bench.in --generate-hashes --no-emit-index-url --no-header --universal \
		--python-version 3.11 -o requirements/bench.txt

clean:  ## Remove everything that can be made again
	rm -rf $(VENV) $(VENV)-bench build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis

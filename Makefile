# Everything sets itself up: `make demo` and `make test` need Python 3.11 or newer and nothing else.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
EDITORS := $(if $(CI),--require-editors)

.PHONY: demo test check bench evaluate dist docs clean

demo: $(VENV)/.engine
	$(BIN)/python -m tinct.demo demo

test: $(VENV)/.dev check
	$(BIN)/python -m pytest $(EDITORS) $(PYTEST)

check: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/tinct docs --check

bench: $(VENV)/.bench
	$(BIN)/python bench/run.py $(BENCH)

evaluate: $(VENV)/.dev
	$(BIN)/python bench/evaluation/evaluate.py $(EVALUATE)

dist: $(VENV)/.engine
	$(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir dist .
	$(BIN)/python -m tinct.install.krita dist

docs: $(VENV)/.dev
	$(BIN)/tinct docs

clean:
	rm -rf $(VENV) demo dist .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "tinct needs Python 3.11 or newer: set PYTHON=")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.engine: pyproject.toml | $(VENV)/bin/python
	$(PIP) --editable .
	$(BIN)/tinct warm
	touch $@

$(VENV)/.dev: $(VENV)/.engine
	$(PIP) --editable '.[dev]'
	touch $@

$(VENV)/.bench: $(VENV)/.dev
	$(PIP) --editable '.[bench]'
	touch $@

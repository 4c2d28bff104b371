PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Two workers share two cores: one thread each.
TEST_ENV := OMP_NUM_THREADS=1

.PHONY: run test test-all lint clean

run: $(VENV)/.installed
	$(BIN)/python app.py

test: $(VENV)/.installed-dev
	$(TEST_ENV) $(BIN)/python -m pytest -n 2

test-all: $(VENV)/.installed-dev
	$(TEST_ENV) $(BIN)/python -m pytest -m ""

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip

$(VENV)/.installed: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

$(VENV)/.installed-dev: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --editable ".[dev]"
	touch $@ $(VENV)/.installed

clean:
	rm -rf $(VENV)

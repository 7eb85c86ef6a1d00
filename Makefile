# One command for each habit. Every target keeps its environment in .venv.
.DEFAULT_GOAL := help
PYTHON ?= python3.11
PIP_ARGS ?=  # such as an index of your own; where none is given, that of PyTorch is asked
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
SUITE ?= main

.PHONY: help demo test test-slow check fix bench docs clean

help: ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(STAMP): pyproject.toml constraints.txt
	command -v $(PYTHON) >/dev/null && $(PYTHON) -m venv $(VENV) || python3 -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check $(or $(PIP_ARGS),$$($(BIN)/python docs/pytorch_index.py)) -c constraints.txt -e '.[all,dev]'
	touch $(STAMP)

demo: $(STAMP) ## train, test and use a recogniser on the digits that come with imagier
	$(BIN)/python docs/demo.py

test: $(STAMP) ## the whole test suite
	$(BIN)/python -m pytest -m 'not slow'

test-slow: $(STAMP) ## the long loops
	$(BIN)/python -m pytest -m slow

check: $(STAMP) ## style, types, layers
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fix: $(STAMP) ## let ruff mend what it can
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(STAMP) ## measure this machine: SUITE=main, ONLY="part of a name", SEEDS=1; see benchmarks/
	$(BIN)/python -m benchmarks --suite $(SUITE) --only "$(ONLY)" $(if $(SEEDS),--seeds $(SEEDS))

docs: $(STAMP) ## write again the pages that are made from the code
	$(BIN)/python docs/build.py

clean: ## remove the environment and the demo's model
	rm -rf $(VENV) digits.imagier

VENV ?= .venv
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := $(VENV)/bin
WHEELHOUSE := .cache/wheelhouse
NODE := .cache/node/.ready
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help install example rehearse lint types test cov fixture bench fuzz compare-reports docs build clean

help: ## Show what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## /\1\t/' | expand -t 17

install: $(READY) ## Make the virtual environment and install ftlint for development

$(READY): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

example: $(READY) ## Lint a real example: a support conversation with five faults
	@$(BIN)/ftlint check fixtures/files/support-chat.jsonl || test $$? -eq 1

rehearse: $(READY) ## Check, upload and train on an example, against an emulator on this machine
	@folder=$$(mktemp -d); $(BIN)/ftlint emulator --quiet --port 0 > $$folder/exports & emulator=$$!; \
	trap "kill $$emulator; rm -r $$folder" EXIT; \
	until [ -s $$folder/exports ]; do kill -0 $$emulator || exit 1; sleep 0.1; done; . $$folder/exports; \
	$(BIN)/ftlint run fixtures/files/support-chat-good.jsonl --validation fixtures/files/support-chat-valid.jsonl \
		--model gpt-4.1-2025-04-14 --suffix support --state $$folder/state --yes --poll 0.2

lint: $(READY) ## Check style, formatting and layers
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/lint-imports

types: $(READY) ## Check types
	$(BIN)/mypy

test: lint types $(WHEELHOUSE) $(NODE) ## Run all checks and all tests
	$(BIN)/pytest --numprocesses=auto --dist=loadfile --cov --cov-report=term

cov: $(WHEELHOUSE) $(NODE) ## Run the tests and write htmlcov/
	$(BIN)/pytest --numprocesses=auto --dist=loadfile --cov --cov-report=html --cov-report=term

fixture: $(READY) ## Write what RULE=id finds into its fixture folder, and run its tests
	@test -n "$(RULE)" -a -d fixtures/rules/$(RULE) || { echo "give RULE=id, of a folder fixtures/rules/id"; exit 2; }
	UPDATE=$(RULE) $(BIN)/pytest -q tests/rules/test_fixtures.py -k $(RULE)

# What tests that build environments install from, so that they touch no network.
$(WHEELHOUSE): $(READY)
	$(BIN)/pip download --quiet --disable-pip-version-check --dest $@ . 'hatchling>=1.27' setuptools wheel
	touch $@

# What tests run besides Python; without npm, those tests are skipped and say so.
$(NODE): tests/support/package.json tests/support/package-lock.json
	mkdir -p $(@D)
	cp $^ $(@D)
	if command -v npm > /dev/null; then npm ci --prefix $(@D) --ignore-scripts --no-audit --no-fund --silent && touch $@; fi

bench: $(READY) ## Compare ftlint with other programs, into docs/performance.md
	$(BIN)/python -m benchmarks --write docs/performance.md

SECONDS ?= 60

fuzz: $(READY) ## Look for inputs that cost most and for broken promises, SECONDS=60 each
	$(BIN)/python -m benchmarks.fuzz cost --seconds $(SECONDS)
	$(BIN)/python -m benchmarks.fuzz coverage --seconds $(SECONDS)

compare-reports: $(READY) ## Compare all reports with those of the revision REV; SAMPLES=FOLDER adds files
	$(BIN)/python -m scripts.compare_reports $(if $(SAMPLES),--samples '$(SAMPLES)') '$(REV)'

docs: $(READY) ## Write a page of each rule and of each provider, into site/
	rm -rf site
	$(BIN)/python -m scripts.docs site

build: $(READY) ## Build the wheel and the sdist into dist/
	$(BIN)/python -m build

clean: ## Remove what was made
	rm -rf $(VENV) .cache dist htmlcov site .coverage .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache

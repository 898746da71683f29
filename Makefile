# `make quickstart` and `make test` need Python 3.11+, make and Terraform 1.11+; all else goes into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help quickstart test test-full test-faults test-fast test-e2e lint types modules bench bench-scale bench-review clean

help: ## What there is to make
	@grep -E '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(STAMP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; name one with PYTHON=…"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

quickstart: $(STAMP) ## Set up, start the emulator, apply `local` twice, print its outputs
	$(BIN)/orchestrator emulator start
	$(BIN)/orchestrator apply --env local --yes
	$(BIN)/orchestrator apply --env local --yes
	$(BIN)/orchestrator output --env local
	@echo
	@echo "The newest plan's summary: $$(ls -d .orchestrator/local/plans/*/ | tail -1)summary.md"
	@echo "Look around: $(BIN)/orchestrator --help.  Stop: $(BIN)/orchestrator destroy --env local && $(BIN)/orchestrator emulator stop"

# Three workers on two cores: a third of the time tests wait, for the provider does.
test: $(STAMP) ## All tests, Terraform on the emulator included (minutes)
	$(BIN)/python -m pytest -n 3 --dist loadgroup -m "not slow"

test-full: $(STAMP) ## Every service of the platform, those that take the provider long included (half an hour)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev,cdk]'
	$(BIN)/python -m pytest -n 2 --dist loadgroup -m slow

test-faults: $(STAMP) ## A hundred runs that are killed, cut off or lied to at random points (an hour and a half)
	$(BIN)/python -m tests.faults --runs 100

test-fast: $(STAMP) ## The tests that need no Terraform run (seconds)
	$(BIN)/python -m pytest -n 2 -m "not e2e"

test-e2e: $(STAMP) ## Only those that run Terraform
	$(BIN)/python -m pytest -n 2 --dist loadgroup -m "e2e and not slow"

lint: $(STAMP) ## ruff and terraform fmt
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	terraform fmt -check -recursive terraform

types: $(STAMP) ## mypy --strict
	$(BIN)/mypy

bench: $(STAMP) ## Ratios against plain Terraform, and against the provider's own waits (about fifteen minutes)
	$(BIN)/python -m benchmarks
	$(BIN)/python -m benchmarks.critical_path local

bench-scale: $(STAMP) ## Fifty layers, two thousand resources, against the per-layer loop and bare Terraform (half an hour)
	$(BIN)/python -m benchmarks.scale

bench-review: $(STAMP) ## What the review finds in a labelled corpus of real plans, and what a large plan costs it
	$(BIN)/python -m benchmarks.review

clean: ## Remove what was made here, states of local backends included
	-test -x $(BIN)/orchestrator && $(BIN)/orchestrator emulator stop
	rm -rf $(VENV) .orchestrator .pytest_cache .mypy_cache .ruff_cache .hypothesis benchmarks/.work

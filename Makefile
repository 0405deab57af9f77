.DEFAULT_GOAL := help
SHELL := /bin/bash
BIN := .venv/bin
UV := .cache/tools/bin/uv
COMPILE := $(UV) pip compile --quiet --generate-hashes --universal --python-version 3.11 \
	--custom-compile-command "make lock"
READY := .venv/.ready
# Where it is set, each of the many processes that tests start compiles all that it imports.
unexport PYTHONDONTWRITEBYTECODE
# Many small matrices: one thread each is quicker than several that wait for one another.
export OPENBLAS_NUM_THREADS := 1
# Twice as many as there are cores: half of the tests' time goes by in waiting for servers.
TEST := $(BIN)/pytest --numprocesses $(shell expr $$(nproc) \* 2) --dist worksteal

.PHONY: help setup demo demo-page docs screenshots audit test quick check thorough chaos fuzz warehouses registry keda lint types imports bench scoreboard lock clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 14

setup: $(READY) ## set up .venv, Java, Maven and Redis, once

$(READY): tools/setup.sh tools/requirements-uv.txt requirements-dev.txt pyproject.toml
	@tools/setup.sh
	@touch $@

demo: setup ## stream a real purchase log through a real Kafka and Redis to warnings
	@$(BIN)/ebbwatch demo

demo-page: setup ## the same, and keep the page open on it: http://127.0.0.1:8642
	@$(BIN)/ebbwatch demo --page

screenshots: setup ## draw the pages in Chromium, which it installs, into .cache and docs/pictures
	@tools/screenshots.sh

audit: setup ## look at every page with axe-core, which it fetches, in Chromium: fails on any violation
	@tools/audit.sh

docs: setup ## build a site of docs/ into .cache/site; python -m http.server -d .cache/site shows it
	@$(BIN)/mkdocs build --strict --config-file tools/site/mkdocs.yml

test: setup ## run all tests, on all cores
	@$(TEST)

quick: setup ## run the tests that need no server and little time
	@$(TEST) -m "unit and not slow"

check: setup ## what CI runs: lint, format, types, imports, all tests with coverage
	@$(MAKE) --no-print-directory --jobs --output-sync=target lint types imports
	$(TEST) --cov

thorough: setup ## all tests, and all cases of those of which the other targets draw some by lot
	@EBBWATCH_LOT=all $(TEST)

chaos: setup ## break things while it runs, and judge it (CHAOS="--seed 7"), into docs/faults.md
	@PYTHONPATH=tests/support:tests/faults $(BIN)/python -m chaos $(CHAOS)

fuzz: setup ## try a million hostile records, 750 lives of a store (make check 20 000 and 15), and twenty times as many logs
	@EBBWATCH_FUZZ=1000000 EBBWATCH_EXAMPLES=20 $(BIN)/pytest --numprocesses auto --timeout 0 \
		tests/streams/intake/test_fuzz.py tests/streams/store/test_store_stateful.py $$(grep -rl "^from trying import few" tests)

warehouses: setup ## run the queries of summary-sql on a real Spark and PostgreSQL too
	@tools/warehouses.sh
	@$(BIN)/pytest -m warehouse

registry: setup ## register the contracts with a real Apicurio too, which Maven fetches (140 MB)
	@$(BIN)/pytest -m registry

keda: setup ## hold the Kubernetes scaler against KEDA's published definitions, which npm fetches
	@tools/keda.sh
	@$(BIN)/pytest -m keda

lint: setup
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: setup
	$(BIN)/mypy

imports: setup
	$(BIN)/lint-imports

bench: setup ## measure events per second on this machine
	@$(BIN)/python -m benchmarks

scoreboard: setup ## judge scores and warnings on public data, into docs/scoreboard.md
	@$(BIN)/python -m benchmarks.scoreboard

lock: setup ## resolve the dependencies anew (LOCK_OPTIONS=--upgrade takes newer ones)
	$(COMPILE) $(LOCK_OPTIONS) pyproject.toml -o requirements.txt
	$(COMPILE) $(LOCK_OPTIONS) pyproject.toml --extra modelling -c requirements.txt -o requirements-modelling.txt
	$(COMPILE) $(LOCK_OPTIONS) pyproject.toml --extra serve -c requirements-modelling.txt -o requirements-serve.txt
	$(COMPILE) $(LOCK_OPTIONS) pyproject.toml --extra tracing -c requirements-serve.txt -o requirements-tracing.txt
	$(COMPILE) $(LOCK_OPTIONS) pyproject.toml --all-extras --group dev -c requirements-modelling.txt -c requirements-serve.txt -c requirements-tracing.txt -o requirements-dev.txt
	$(COMPILE) $(LOCK_OPTIONS) --group warehouses -c requirements-dev.txt -o requirements-warehouses.txt
	echo uv | $(COMPILE) $(LOCK_OPTIONS) - -o tools/requirements-uv.txt

clean: ## stop the stack and remove everything that was made here
	@[ ! -x $(BIN)/ebbwatch ] || $(BIN)/ebbwatch stack down
	rm -rf .venv .cache .stack .mypy_cache .ruff_cache .hypothesis .coverage htmlcov dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

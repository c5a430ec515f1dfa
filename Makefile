.POSIX:
.PHONY: help up down status test check lint format docs bench lock clean
.DEFAULT_GOAL := help

BIN = .venv/bin
WORKERS = 2

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

up: ## Set up all, start the service, and take a network to its first transaction
	@PYTHON='$(PYTHON)' tools/bootstrap.sh run
	@$(BIN)/hansa demo

down: ## Stop the service and every Fabric process; all data stays
	@if [ -x $(BIN)/hansa ]; then $(BIN)/hansa down; else echo "Nothing is installed here, so nothing runs."; fi

status: ## Show what runs, and its health
	@PYTHON='$(PYTHON)' tools/bootstrap.sh run
	@$(BIN)/hansa status

check: lint ## Lint, and the fast tests: under two minutes
	$(BIN)/pytest -q -n $(WORKERS) tests/unit tests/docs -m "not fabric and not clients and not slow"

lint: ## Format, lint, types, layers, and whether generated files are up to date
	@PYTHON='$(PYTHON)' tools/bootstrap.sh dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tools/generate_awsapi.py --check
	$(BIN)/python tools/generate_docs.py --check

test: lint ## All of it, on real Fabric and with the real clients
	@tools/test-prerequisites.sh
	@$(BIN)/hansa engine install
	$(BIN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

format: ## Format the code and mend what the linter can
	@PYTHON='$(PYTHON)' tools/bootstrap.sh dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: ## Write the generated pages of docs/ anew, and check all of them
	@PYTHON='$(PYTHON)' tools/bootstrap.sh dev
	$(BIN)/python tools/generate_docs.py
	$(BIN)/pytest -q tests/docs -m "not fabric"

bench: ## Measure; results go to bench/results/
	@PYTHON='$(PYTHON)' tools/bootstrap.sh dev
	@$(BIN)/hansa engine install
	$(BIN)/python -m bench

lock: ## Bring requirements/*.lock up to date with pyproject.toml
	@PYTHON='$(PYTHON)' tools/bootstrap.sh dev
	tools/lock.sh

clean: ## Stop everything and delete it: data, ledgers, engine, environment
	@if [ -x $(BIN)/hansa ]; then $(BIN)/hansa clean --yes --engine; fi
	rm -rf .venv .stamps .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache bench/results
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Everything is reachable by `make build` and `make test` on a fresh machine; the rest is for daily work.
PYTHON ?= python3
BIN := .venv/bin
.PHONY: build test check fix bench models test-models clean

build: .venv/base ; $(BIN)/smp3m build --stage all

test: .venv/dev ; $(BIN)/python -m pytest

check: .venv/dev ; $(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports && $(BIN)/python -m pytest tests/test_layout.py tests/schemas

fix: .venv/dev
	$(BIN)/ruff check --fix . && $(BIN)/ruff format .
	$(BIN)/python -m schemas.derive rows > .rows.new && mv .rows.new schemas/rows.py
	$(BIN)/python -m schemas.derive dictionary < README.md > .readme.new && mv .readme.new README.md

bench: .venv/dev ; for file in tests/benchmarks/bench_*.py; do $(BIN)/python $$file || exit 1; done

models: ; $(PYTHON) tests/models.py

test-models: ; $(PYTHON) tests/models.py --of-tests

clean: ; rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis

.venv/base: pyproject.toml
	$(PYTHON) -m venv .venv && $(BIN)/pip install -q --disable-pip-version-check -e . && touch $@

# torch first: of the pinned version pip finds a CPU build where one is offered; else several GB of CUDA follow.
.venv/dev: .venv/base
	$(BIN)/pip install -q --disable-pip-version-check torch==2.13.0 && $(BIN)/pip install -q --disable-pip-version-check -e ".[dev,coqui,piper,kokoro,whisper,review,s3,train]" && touch $@

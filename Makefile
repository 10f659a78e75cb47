# Antiphon's two steps: `make play` to play, `make test` to test. `make` alone lists the rest.
#
#   PYTHON=python3.12   the Python to make the environment with (3.11 or 3.12)
#   VENV=.venv          where the environment lies
#   GPU=1               install the runtime for NVIDIA GPUs in place of the one for the CPU
#   TORCH_INDEX=URL     take PyTorch from this package index (pytorch.org names the one for your machine)
#   ARGS="..."          options for `antiphon play`
#   PROCESSES=1         run the tests in so many processes (default: one more than there are cores; `make check`
#                       takes as many as there are cores)

PYTHON ?= python3
VENV ?= .venv
ARGS ?=
TORCH_INDEX ?=
GPU ?=

RUNTIME := $(if $(GPU),gpu,cpu)
OTHER := $(if $(GPU),cpu,gpu)
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet -c constraints.txt
SOURCES := pyproject.toml constraints.txt

FAST := not slow and not jack and not browser and not gpu

# Tests that share something dear are marked as a group, and one process runs a group. Rewritten tests are kept
# from run to run, whatever the surroundings say: that halves the time before the first test (12 s of a core, or
# 6). Many tests wait for a program or for a moment: there is one process more than there are cores, and those
# that compute step aside for those that wait (tests/support/aside.py), or JACK would lose what comes too late.
PROCESSES ?=
ONE_MORE := $$(($$(getconf _NPROCESSORS_ONLN) + 1))
PYTEST := env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m pytest --dist loadgroup

.PHONY: help play env test lint form types fast check explore format docs site bench pictures clean next-python

help:
	@sed -n '1,/^$$/s/^# \{0,1\}//p' Makefile
	@echo
	@echo 'make play     set up what is needed to play, and play'
	@echo 'make test     set up everything and run all tests'
	@echo 'make env      the whole development environment in $(VENV)'
	@echo 'make lint     format, lint, types'
	@echo 'make check    the same and the fast tests, in two or three minutes'
	@echo 'make explore  look for examples that break what must always hold, other ones each time'
	@echo 'make format   put the code in form'
	@echo 'make docs     build the docs site in build/site; a broken link is an error'
	@echo 'make site     the page with the model in the browser in build/play, for any host (needs npm)'
	@echo 'make bench    measure reading and encoding'
	@echo 'make pictures take the pictures of the README and the dashboard anew (needs chromium)'
	@echo 'make clean    remove the environment and what tools left behind'

play: $(VENV)/.play-$(RUNTIME) $(VENV)/.piano
	@$(BIN)/antiphon play $(ARGS)

env: $(VENV)/.env-$(RUNTIME)

test: env
	$(PYTEST) -n $(or $(PROCESSES),$(ONE_MORE))

lint: form types

form: env
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .

types: env
	$(BIN)/mypy

fast: env
	$(PYTEST) -n $(or $(PROCESSES),logical) -q --hypothesis-profile=quick -m '$(FAST)'

# Types beside tests: without its cache mypy takes as long as they do, on one core.
check: form
	@$(MAKE) --no-print-directory -j 2 types fast

explore: env
	$(PYTEST) -n $(or $(PROCESSES),logical) -q --hypothesis-profile=explore -m hypothesis

format: env
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: $(VENV)/.docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --quiet --strict
	@echo 'build/site/index.html; to search it: python3 -m http.server -d build/site'

site: $(VENV)/.play-$(RUNTIME)
	$(BIN)/antiphon site --to build/play

bench: env
	$(BIN)/antiphon bench reading
	$(BIN)/antiphon bench encoding

pictures: env
	$(BIN)/python -m tests.support.pictures docs/pictures

# Everything that needs no torch, in an environment of its own: for the newer Python. It isn't there to find
# examples, so fewer will do.
next-python: $(VENV)/.play-$(RUNTIME)
	$(PIP) pytest pytest-timeout pytest-xdist hypothesis
	$(PYTEST) -n $(or $(PROCESSES),logical) -q --hypothesis-profile=quick -m '$(FAST)'

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v < (3, 13) else \
	  "Antiphon runs on Python 3.11 and 3.12, and $(PYTHON) is %d.%d: say make PYTHON=python3.12" % v)'
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.play-$(RUNTIME): $(SOURCES) | $(VENV)/bin/python
	@test ! -e $(VENV)/.play-$(OTHER) || { echo 'This environment has the runtime for $(OTHER), and the two can not live together: make clean, or say another VENV=...'; exit 1; }
	@echo 'Setting up $(VENV) ...'
	@$(PIP) -e '.[$(RUNTIME)]'
	@touch $@

# Without a recorded piano the page works its own out. What failed at the first start is tried once at each later
# one, quietly and beside the music, so that a start without a network waits for nothing.
$(VENV)/.piano: | $(VENV)/.play-$(RUNTIME)
	@if test -e $(VENV)/.piano-tried; then \
	  (nice $(BIN)/antiphon piano && touch $@) </dev/null >/dev/null 2>&1 & \
	else \
	  touch $(VENV)/.piano-tried; \
	  if $(BIN)/antiphon piano; then touch $@; \
	  else echo 'The page works its piano out instead; the next make play tries again.'; fi; \
	fi

$(VENV)/.env-$(RUNTIME): $(SOURCES) | $(VENV)/.play-$(RUNTIME)
	@echo 'Setting up the development environment in $(VENV) ...'
	@$(if $(TORCH_INDEX),$(PIP) --index-url $(TORCH_INDEX) torch)
	@$(PIP) -e '.[$(RUNTIME),train,judge,dashboard,dev]'
	@touch $(VENV)/.play-$(RUNTIME) $@

$(VENV)/.docs: $(SOURCES) | $(VENV)/bin/python
	@echo 'Setting up what the docs site is built with in $(VENV) ...'
	@$(PIP) -e '.[docs]'
	@touch $@

clean:
	rm -rf $(VENV) build .mypy_cache .ruff_cache .pytest_cache .hypothesis

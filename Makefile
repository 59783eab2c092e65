# Belcanto's commands; `make help` lists them.
# Python 3.13, 3.12 or 3.11 is looked for, the newest first; `make run PYTHON=/path/to/python` names another. Where there is none and uv is
# here, or can be had through another Python's pip, uv brings one into .python.
# Everything is installed into .venv, nothing outside this folder, but for `make test`: where it may (as root, on Debian or Ubuntu) it
# brings a browser, Redis and PostgreSQL. A step is done again only when what it depends on changed.

SHELL := /bin/sh
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?=
CANDIDATES := python3.13 python3.12 python3.11 python3 python
# A name on the path may be a stand-in that runs nothing, so each candidate has to run this.
IS_GOOD := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
# What uv brings where the machine has none of them.
BROUGHT_PYTHON := 3.13
# In a Windows shell that has make, the environment's Python lies in another folder.
VENV_PYTHON := $(if $(filter Windows_NT,$(OS)),.venv/Scripts/python.exe,.venv/bin/python)
PIP_INSTALL := $(VENV_PYTHON) -m pip install --quiet --disable-pip-version-check --require-hashes
UV_COMPILE := $(VENV_PYTHON) -m uv pip compile --quiet --universal --python-version 3.11 \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"
# `make run OPTIONS="--port 8000"` serves at another address.
OPTIONS :=
# `make test-mutations MUTATIONS=--generic` turns every operator of the plain modules instead of the list's mistakes.
MUTATIONS :=
# How many tests run at once, a file's by one process; `make test WORKERS=4` where there are more cores and 2 GB of memory for each.
# tests/conftest.py gives the order.
WORKERS := 2
PYTEST = $(VENV_PYTHON) -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder
QUICK := -m "not slow" --ignore tests/browser
DEMO_FILM := results/demo.mp4
# All that bandit reads.
ROOMS := $(sort $(patsubst %/__init__.py,%,$(wildcard */__init__.py))) docs
ROOMS := $(filter-out tests,$(ROOMS))
# Where the talking tracks lie that the lips are learned from.
TALKING := ../shared/talking
SING_DEMO := $(VENV_PYTHON) -m pipeline sing --portrait demo/portrait.jpg --song demo/song.mp3 --out $(DEMO_FILM)
# Shared libraries that a bare Linux lacks, and the Debian packages that bring them.
LINUX_LIBRARIES := libGL.so.1 libEGL.so.1 libGLESv2.so.2 libgthread-2.0.so.0
DEBIAN_PACKAGES := libgl1 libegl1 libgles2 libglib2.0-0
# Programs that some tests need, each with the Debian package that brings it. Debian keeps PostgreSQL's beside the path.
TEST_PROGRAMS := chromium:chromium redis-server:redis-server initdb:postgresql

.PHONY: help run demo test test-command test-quick test-faults test-mutations lint format types weights prepare-test test-programs \
	check-libraries lock sbom licences address train-lips bring-python test-pythons

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' Makefile

run: weights ## set everything up and serve the wizard; it prints its address
	@$(VENV_PYTHON) -m app $(OPTIONS)

demo: weights ## make the demo film
	@$(SING_DEMO)

test: prepare-test ## run all tests
	@$(PYTEST)

# The command alone, for those who call it themselves.
test-command:
	@echo '$(PYTEST)'

test-quick: prepare-test ## run the tests that need neither a film nor a browser
	@$(PYTEST) -q $(QUICK)

test-faults: prepare-test ## harm the whole program 300 times by seed and see that nothing is lost
	@BELCANTO_FAULTS=0:300 $(VENV_PYTHON) -m pytest -q -s tests/faults

test-pythons: ## run the quick tests on each further Python that the machine has
	@for version in 3.11 3.12 3.13; do \
	  if "python$$version" -c "$(IS_GOOD)" 2>/dev/null; then echo "== Python $$version"; \
	    [ -e ".venv-$$version/pyvenv.cfg" ] || "python$$version" -m venv ".venv-$$version" || exit 1; \
	    for lock in requirements requirements-test; do ".venv-$$version/bin/python" -m pip install --quiet \
	      --disable-pip-version-check --require-hashes -r "$$lock.txt" || exit 1; done; \
	    ".venv-$$version/bin/python" -m pip install --quiet --disable-pip-version-check -r requirements-training.txt || exit 1; \
	    ".venv-$$version/bin/python" -m pytest -q $(QUICK) || exit 1; \
	  else echo "== Python $$version is not on this machine"; fi; \
	done

test-mutations: prepare-test ## make small mistakes in a copy and say which of them the tests do not notice
	@$(VENV_PYTHON) -m tests.mutations $(MUTATIONS)

lint: .venv/requirements-test.done ## check style, formatting, and what bandit knows to be dangerous
	@$(VENV_PYTHON) -m ruff check .
	@$(VENV_PYTHON) -m ruff format --check .
	@$(VENV_PYTHON) -m bandit --quiet --recursive --configfile pyproject.toml $(ROOMS)

format: .venv/requirements-test.done ## format the code
	@$(VENV_PYTHON) -m ruff format .

types: .venv/requirements-training.done ## check types
	@$(VENV_PYTHON) -m mypy

lock: .venv/requirements-test.done ## pin the requirements anew from their .in files
	@$(UV_COMPILE) --generate-hashes requirements.in --output-file requirements.txt
	@$(UV_COMPILE) --constraints requirements.txt --generate-hashes requirements-test.in --output-file requirements-test.txt
	@$(UV_COMPILE) --constraints requirements.txt --constraints requirements-test.txt --generate-hashes requirements-scale.in --output-file requirements-scale.txt
	@$(UV_COMPILE) --constraints requirements.txt --no-annotate requirements-neural.in --output-file requirements-neural.txt
	@grep -vE '^(nvidia-|cuda-|triton==)' requirements-neural.txt > requirements-neural.tmp
	@mv requirements-neural.tmp requirements-neural.txt
	@$(UV_COMPILE) --constraints requirements.txt --constraints requirements-neural.txt --no-annotate requirements-training.in --output-file requirements-training.txt
	@grep -vE '^(nvidia-|cuda-|triton==)' requirements-training.txt > requirements-training.tmp
	@mv requirements-training.tmp requirements-training.txt

sbom: .venv/requirements-test.done ## write what the program is made of to sbom.json (CycloneDX)
	@$(VENV_PYTHON) docs/sbom.py sbom.json

licences: .venv/pyvenv.cfg ## write docs/LICENCES.md anew
	@$(VENV_PYTHON) docs/parts.py licences

address: .venv/pyvenv.cfg ## write the repository's address into all pages: make address REPOSITORY=https://...
	@$(VENV_PYTHON) .ci/address.py "$(REPOSITORY)"

train-lips: weights .venv/requirements-training.done ## train the learned lips anew and measure them
	@$(VENV_PYTHON) -m motion.singing.training.train --data $(TALKING) --out weights/trained
	@$(VENV_PYTHON) -m motion.singing.training.train --data $(TALKING) --out weights/trained --network lstm --steps 450
	@$(VENV_PYTHON) -m motion.singing.training.train --data $(TALKING) --out weights/trained --network lstm-both-ways --steps 450
	@$(VENV_PYTHON) -m motion.singing.training.evaluate --data $(TALKING) --weights weights/trained --open-held-out --leave-out
	@$(VENV_PYTHON) -m motion.singing.training.train --data $(TALKING) --out weights/trained --causal --steps 1300
	@$(VENV_PYTHON) -m motion.singing.training.evaluate --data $(TALKING) --weights weights/trained --name lips_live.safetensors

weights: .venv/requirements.done
	@$(VENV_PYTHON) -m weights fetch --default
	@$(VENV_PYTHON) -m pipeline.prepare

prepare-test: .venv/requirements-test.done .venv/requirements-training.done test-programs
	@$(VENV_PYTHON) -m weights fetch --default face_identity
	@$(VENV_PYTHON) -m pipeline.prepare

test-programs:
	@lacking=""; PATH="$$PATH:$$(echo /usr/lib/postgresql/*/bin | tr ' ' ':')"; for program in $(TEST_PROGRAMS); do \
	  command -v "$${program%:*}" >/dev/null || lacking="$$lacking $${program#*:}"; done; \
	if [ -n "$$lacking" ] && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  echo "Installing what the tests of the browser, of the queue and of the database need:$$lacking ..."; \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends $$lacking fonts-liberation \
	    >/dev/null && lacking=""; \
	fi; \
	if [ -n "$$lacking" ]; then echo "Without$$lacking some tests skip. On Debian and Ubuntu: sudo apt install$$lacking" >&2; fi

check-libraries:
	@if [ "$$(uname -s)" = Linux ]; then for library in $(LINUX_LIBRARIES); do \
	  $(VENV_PYTHON) -c "import ctypes; ctypes.CDLL('$$library')" 2>/dev/null || { \
	    echo "This Linux lacks $$library. On Debian and Ubuntu: sudo apt install $(DEBIAN_PACKAGES)" >&2; exit 1; }; \
	done; fi

.venv/pyvenv.cfg:
	@python=""; for candidate in $(if $(PYTHON),"$(PYTHON)",$(CANDIDATES)); do \
	  "$$candidate" -c "$(IS_GOOD)" 2>/dev/null && python="$$candidate" && break; \
	done; \
	if [ -z "$$python" ] && [ -z "$(PYTHON)" ]; then python="$$($(MAKE) bring-python)"; fi; \
	if [ -z "$$python" ]; then \
	  echo "Python 3.11, 3.12 or 3.13 was not found. Install one, or uv, which brings it, or say where it is:" \
	    "make run PYTHON=/path/to/python3.13" >&2; exit 1; \
	fi; \
	"$$python" -m venv .venv || { rm -rf .venv; \
	  echo "$$python can't make an environment. On Debian and Ubuntu: sudo apt install python3-venv" >&2; exit 1; }

# Prints the path of the Python that uv has brought; uv itself is the machine's, or comes by the pip of a Python that is too old or too new.
bring-python:
	@uv="$$(command -v uv)"; if [ -z "$$uv" ]; then for other in python3 python; do \
	  "$$other" -m pip install --quiet --disable-pip-version-check --target .python/uv uv >/dev/null 2>&1 && \
	    uv=.python/uv/bin/uv && break; \
	done; fi; \
	if [ -n "$$uv" ]; then \
	  echo "Bringing Python $(BROUGHT_PYTHON) by uv, into .python ..." >&2; \
	  export UV_PYTHON_INSTALL_DIR="$$PWD/.python"; \
	  "$$uv" python install --quiet --no-bin $(BROUGHT_PYTHON) >&2 && \
	    "$$uv" python find --no-project --managed-python $(BROUGHT_PYTHON); \
	fi || true

.venv/requirements.done: requirements.txt .venv/pyvenv.cfg
	@$(MAKE) check-libraries
	@echo "Installing what Belcanto needs into .venv (a minute or two) ..."
	@$(PIP_INSTALL) -r requirements.txt
	@touch $@

.venv/requirements-test.done: requirements-test.txt .venv/requirements.done
	@echo "Installing what the tests need into .venv ..."
	@$(PIP_INSTALL) -r requirements-test.txt
	@touch $@

# after the tests' own packages, because both write into one environment
.venv/requirements-training.done: requirements-training.txt .venv/requirements-test.done
	@echo "Installing torch and what training needs into .venv ..."
	@$(VENV_PYTHON) -m pip install --quiet --disable-pip-version-check -r requirements-training.txt
	@touch $@

# Every target bootstraps itself into .venv on a bare Debian 13. `make help` lists them.
SHELL := /bin/bash
PY := .venv/bin/python
ONLY ?=
QUICK ?=
SIZE ?= medium
PART ?=
DAYS ?=
# Where this is set, every process compiles all that it imports, four seconds each time; most of a node's start.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup setup-node setup-bench demo walk test quick drills mutants check docs bench bench-quick serve pictures corpus lock messages clean

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

setup:  ## install everything for development, into .venv
	@scripts/setup.sh dev

setup-node:
	@scripts/setup.sh node

setup-bench:
	@scripts/setup.sh bench

demo: setup-node  ## run a demonstration in the foreground, DAYS=7 for a short one; prints addresses and logins
	@$(PY) -m tutela.app.cli demo run $(if $(DAYS),--days $(DAYS))

walk: setup-node  ## with a running demonstration: go through every step over HTTP, with comments
	@$(PY) -m tutela.app.cli demo walk

serve: setup-node  ## run a node in the foreground (after `tutela setup`)
	@$(PY) -m tutela.app.cli serve

test: setup  ## run all tests, or ONLY="reports/triage …"; installs what is missing
	@ONLY="$(ONLY)" scripts/test.sh

quick: setup  ## test the structure and the packages changed since the last commit on main
	@scripts/quick.sh

drills: setup  ## run every drill in its long form, or PART=k/n of them; goes on where it was stopped
	@$(PY) scripts/drills.py $(PART)

mutants: setup  ## change things that must not be wrong, and see whether a test notices; MUTANTS_SEED=7 for another sample
	@.venv/bin/uv pip install --quiet --require-hashes -r requirements/mutants.txt
	@$(PY) scripts/mutants.py

check: setup  ## check style, types, imports, budgets, migrations, translations
	@scripts/check.sh

docs: setup  ## build the documentation site, into build/docs/html
	@scripts/docs.sh

bench: setup-bench  ## measure speed; ONLY=search for one bench, QUICK=1 for small sizes
	@$(PY) bench/run.py $(ONLY)

bench-quick: setup-bench  ## run every bench at its smallest sizes, to see that it works
	@QUICK=1 $(PY) bench/run.py $(ONLY)

pictures: setup  ## save every page, state and width as a picture, into pictures/
	@$(PY) -m tests.support.pictures_of_pages

corpus: setup  ## collect thousands of benign pictures from Debian packages, into corpus/ (SIZE=small|medium|large)
	@$(PY) scripts/corpus.py $(SIZE)

lock: setup  ## recompile requirements/*.txt
	@scripts/lock.sh

messages: setup  ## update the translation catalogue
	@$(PY) scripts/messages.py

clean:
	rm -rf .venv build build-kernels.log src/tutela/*/kernels/_*.so

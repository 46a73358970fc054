# Every target bootstraps itself into .venv on a bare Debian 13. `make help` lists them.
SHELL := /bin/bash
PY := .venv/bin/python
ONLY ?=
QUICK ?=
SIZE ?= medium
# Where this is set, every process compiles all that it imports, four seconds each time; most of a node's start.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup setup-node setup-bench demo walk test quick drills check docs bench serve pictures corpus lock messages clean

help:  ## what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

setup:  ## everything for work on Tutela, into .venv
	@scripts/setup.sh dev

setup-node:
	@scripts/setup.sh node

setup-bench:
	@scripts/setup.sh bench

demo: setup-node  ## a living demonstration in the foreground; prints addresses and logins
	@$(PY) -m tutela.app.cli demo run

walk: setup-node  ## beside a running demonstration: the whole loop over HTTP, narrated
	@$(PY) -m tutela.app.cli demo walk

serve: setup-node  ## a node in the foreground (after `tutela setup`)
	@$(PY) -m tutela.app.cli serve

test: setup  ## all tests, or ONLY="reports/triage …"; installs what it needs
	@ONLY="$(ONLY)" scripts/test.sh

quick: setup  ## the shape of the tree, and the tests of packages changed since the last commit on main
	@scripts/quick.sh

drills: setup  ## the long form of every drill: kills, histories, fuzzing, a soak; hours
	@scripts/drills.sh

check: setup  ## style, types, import law, budgets, migrations, translations
	@scripts/check.sh

docs: setup  ## the documentation as a site, into build/docs/html
	@scripts/docs.sh

bench: setup-bench  ## figures; ONLY=search for one, QUICK=1 for small sizes
	@$(PY) bench/run.py $(ONLY)

pictures: setup  ## every page, state and width as a picture, into pictures/
	@$(PY) -m tests.support.pictures_of_pages

corpus: setup  ## thousands of benign pictures from Debian packages, into corpus/ (SIZE=small|medium|large)
	@$(PY) scripts/corpus.py $(SIZE)

lock: setup  ## recompile requirements/*.txt
	@scripts/lock.sh

messages: setup  ## bring the translation catalogue in step with the texts
	@$(PY) scripts/messages.py

clean:
	rm -rf .venv build build-kernels.log src/tutela/*/kernels/_*.so

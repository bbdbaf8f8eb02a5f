# Bare `make` lists the targets.
PYTHON ?= python3
# A file's tests stay in one process; browsers, which are looked at by the clock, have the machine to themselves.
PYTEST = .venv/bin/python -m pytest -n auto --maxprocesses 8 --dist loadfile
PIP = .venv/bin/pip install --quiet --disable-pip-version-check -c constraints.txt
.DEFAULT_GOAL = help
.PHONY: help demo lab front test check bench clean chromium
FRONT = $(shell find widgets/src -type f) $(wildcard widgets/*.mjs widgets/*.json) ftkit/displays/style.css

help: ## list the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "ftkit needs Python 3.11 or newer: make PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv .venv

.venv/.core: .venv/bin/python pyproject.toml constraints.txt
	@echo "Installing ftkit into .venv (a few minutes the first time) …"
	$(PIP) -e .
	@touch $@

.venv/.dev: .venv/.core
	$(PIP) -e '.[dev,lab]'
	@touch $@

demo: .venv/.core ## run the main job on real data that comes with scikit-learn, and say where the report is
	.venv/bin/ftkit run finetune-image -p data digits

front: widgets/.built ## build the panels and JupyterLab's extension

widgets/.built: .venv/.dev $(FRONT)
	bash widgets/build.sh
	@mkdir -p .venv/share/jupyter/labextensions
	@ln -sfn "$(CURDIR)/widgets/dist/labextension" .venv/share/jupyter/labextensions/ftkit
	@touch $@

lab: front ## open JupyterLab with ftkit
	.venv/bin/jupyter lab

chromium: # browser tests need Debian's Chromium, and a Chinese font to look right
	@command -v chromium >/dev/null || { echo "Installing Chromium …"; \
	  S=$$([ "$$(id -u)" = 0 ] || echo sudo); command -v apt-get >/dev/null \
	  && $$S apt-get update -qq && $$S apt-get install -y -qq chromium fonts-noto-cjk >/dev/null \
	  || echo "Chromium could not be installed; browser tests will be skipped."; }

test: front chromium ## install what tests need and run them all
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	PATH="$$PATH:$(CURDIR)/.venv/bin" npm --prefix widgets run --silent test
	$(PYTEST) --ignore=tests/browser
	.venv/bin/python -m pytest tests/browser

check: .venv/.dev ## ruff and the quick tests only
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	$(PYTEST) -m "not e2e" --ignore=tests/browser

bench: .venv/.dev ## ratios against peers, in one run (docs/LOG.md keeps the figures)
	$(PIP) -e '.[bench]'
	for file in tests/benchmarks/bench_*.py; do .venv/bin/python $$file || exit 1; done

clean: ## remove what was built; runs/ stays
	rm -rf .venv build dist .pytest_cache .ruff_cache
	rm -rf widgets/node_modules widgets/dist widgets/lib widgets/.test widgets/.built ftkit/panels/static
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

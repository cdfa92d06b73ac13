# Every target sets up what it needs in .venv first. Needs make and Python 3.11 to 3.14, nothing else.
#   make PYTHON=python3.12 cycle    use another Python for the virtual environment
#   make test ARGS="-k territories" pass arguments on
SHELL := /bin/sh
.DEFAULT_GOAL := help

SUPPORTED := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	"$$p" -c '$(SUPPORTED)' >/dev/null 2>&1 && { echo "$$p"; break; }; done)
BENCH ?= short
ARGS ?=

# One process for each processor, up to four; a file's tests stay together, so that they share fixtures.
SIDE_BY_SIDE := -n logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder

VENV := .venv
RUN := $(VENV)/bin/python
PINS := pyproject.toml constraints.txt

# A cycle starts thirty Python processes, and the tests a hundred. What they import is compiled once and
# kept in __pycache__, also where the environment says otherwise, as that of many container images does:
# compiling it anew in each process takes two thirds of the time that a process needs to start.
unexport PYTHONDONTWRITEBYTECODE

# Use: $(call install,extras,what it is for). Python compiles what it loads; all of it takes half a minute.
define install
	@start=$$(date +%s); \
	echo "Installing $(2) into $(VENV); this takes one to three minutes the first time."; \
	$(RUN) -m pip install -qq --no-compile --disable-pip-version-check -c constraints.txt -e '.$(1)' || { \
	  echo "The installation failed. Behind a proxy or with a package index of your own, tell pip" \
	       "about it (PIP_PROXY, PIP_INDEX_URL), then run make again." >&2; exit 1; }; \
	echo "Installed in $$(( $$(date +%s) - start )) s."; \
	touch '$@'
endef

.PHONY: help cycle lab notebooks test test-browser bench check docs clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile

cycle: $(VENV)/.for-cycle ## run the planning cycle of the software sample and show where the report is
	@$(RUN) -m planlib run data_samples/software --cycle 2026Q1 $(ARGS)

lab: $(VENV)/.for-lab ## open JupyterLab on the notebooks
	@$(RUN) -m jupyterlab --ServerApp.root_dir=. --LabApp.default_url=/lab/tree/notebooks $(ARGS)

notebooks: $(VENV)/.for-cycle ## execute the notebooks on the software sample and store their outputs
	@$(RUN) -m tools.execute_notebooks $(ARGS)
	@$(RUN) -m tools.readme_pictures

test: $(VENV)/.for-test ## run all tests but those in a browser (ARGS="-n 0" in one process)
	@$(RUN) -m pytest $(SIDE_BY_SIDE) $(ARGS)

test-browser: $(VENV)/.for-browser ## run the tests in a real browser (needs Chromium)
	@$(RUN) -m pytest -m browser $(ARGS)

bench: $(VENV)/.for-test ## run the benchmarks (BENCH=full for the long ones)
	@BENCH='$(BENCH)' $(RUN) -m benchmarks $(ARGS)

check: $(VENV)/.for-test ## lint, formatting and types
	@$(RUN) -m ruff check .
	@$(RUN) -m ruff format --check .
	@$(RUN) -m mypy

docs: $(VENV)/.for-cycle ## write the data dictionary and the settings reference again
	@$(RUN) -m planlib.docs docs

clean: ## remove what tools and builds left behind, and .venv; keep data and published cycles
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	find . -name .ipynb_checkpoints -type d -prune -exec rm -rf {} +

$(VENV)/.created:
	@test -n '$(PYTHON)' || { echo "planlib needs Python 3.11 to 3.14 and found none. Install one," \
	  "or name it: make PYTHON=/path/to/python3.12 $(MAKECMDGOALS)" >&2; exit 2; }
	@'$(PYTHON)' -c '$(SUPPORTED)' 2>/dev/null || { echo "planlib needs Python 3.11 to 3.14;" \
	  "'$(PYTHON)' is $$('$(PYTHON)' --version 2>&1). Name another one:" \
	  "make PYTHON=/path/to/python3.12 $(MAKECMDGOALS)" >&2; exit 2; }
	@'$(PYTHON)' -c 'import venv, ensurepip' 2>/dev/null || { echo "'$(PYTHON)' cannot make virtual" \
	  "environments. On Debian or Ubuntu: apt install python3-venv; then run make again." >&2; exit 2; }
	@$(RUN) -c '$(SUPPORTED)' 2>/dev/null && $(RUN) -m pip --version >/dev/null 2>&1 \
	  || '$(PYTHON)' -m venv --clear $(VENV)
	@touch '$@'

$(VENV)/.for-cycle: $(PINS) | $(VENV)/.created
	$(call install,,planlib and the packages it uses)

$(VENV)/.for-lab: $(PINS) | $(VENV)/.created
	$(call install,[lab],JupyterLab)

$(VENV)/.for-test: $(PINS) | $(VENV)/.created
	$(call install,[dev],the tools for tests and checks)

$(VENV)/.for-browser: $(PINS) | $(VENV)/.created
	$(call install,[lab$(comma)review$(comma)dev$(comma)browser],JupyterLab$(comma) voila and the browser driver)

comma := ,

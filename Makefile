# Tenantra: everything is a target of this file. `make help` lists them.
SHELL       := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS := -s -w -X main.version=$(VERSION)
TOOL    := go tool -modfile=scripts/tools/go.mod

# One set of flags for builds, tests and analysis: what one compiled the others find in the cache. The tag leaves the maker
# of manual pages out of the programs.
export CGO_ENABLED := 0
export GOFLAGS     := -trimpath -buildvcs=false -tags=urfave_cli_no_docs

PROGRAMS := ./agent/cmd/tenantra-agent ./fleet/cmd/tenantra-fleet ./fleet/cmd/tenantractl
PLATFORMS := linux/amd64 linux/arm64 windows/amd64 windows/arm64 darwin/amd64 darwin/arm64
# What `make test` builds of them; the others differ by their processor only.
CROSS     ?= windows/amd64 darwin/arm64 linux/arm64

.PHONY: help
help: ## list all targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## /{printf "  %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# --- the two commands of the README ---------------------------------------------------------------------------------

.PHONY: demo
demo: setup-demo build ## build all and start server, console, an MSP with customers and an agent of this machine
	@exec bin/tenantra-fleet demo

.PHONY: test
test: setup lint test-ui build test-go test-wine test-e2e cross security ## all set-up and every test: what CI runs
	@echo "make test: all stages passed"

# --- set-up -----------------------------------------------------------------------------------------------------------

.PHONY: setup setup-demo
setup: ## install what tests need (Debian packages, npm packages), or say what to install
	@scripts/setup test
setup-demo:
	@scripts/setup demo

# --- build ------------------------------------------------------------------------------------------------------------

UI_SOURCES := $(shell find ui -path ui/node_modules -prune -o -path ui/dist -prune -o -type f -print 2>/dev/null)

.PHONY: build
build: ui/dist/index.html ## build the three programs into bin/
	@mkdir -p bin
	go build -ldflags '$(LDFLAGS)' -o bin/ $(PROGRAMS)

ui/dist/index.html: $(UI_SOURCES)
	cd ui && npm run build

.PHONY: ui
ui: ui/dist/index.html ## build the console

.PHONY: cross
cross: ## build agent and CLI for other platforms (CROSS=… names them)
	@for p in $(CROSS); do echo "build $$p"; \
	  GOOS=$${p%/*} GOARCH=$${p#*/} go build -o /dev/null ./agent/cmd/tenantra-agent; \
	  GOOS=$${p%/*} GOARCH=$${p#*/} go build -o /dev/null ./fleet/cmd/tenantractl; done

.PHONY: release
release: ui/dist/index.html ## stripped, reproducible binaries of all platforms in dist/
	@scripts/release "$(VERSION)" $(PLATFORMS)

# --- tests ------------------------------------------------------------------------------------------------------------

.PHONY: test-go
test-go: ## Go tests
	go test -timeout 30m ./...

.PHONY: test-race
test-race: ## Go tests of the concurrent packages under the race detector
	CGO_ENABLED=1 go test -race -timeout 40m ./queries/engine ./agent/schedule ./agent/link ./agent/daemon ./agent/events/... ./agent/extension \
	  ./fleet/rows ./fleet/gateway ./fleet/bus ./fleet/livequery ./fleet/jobs ./fleet/alerts ./fleet/notify ./fleet/osquery

.PHONY: test-wine
test-wine: ## the Windows build's tests under Wine
	@scripts/wine/run

.PHONY: test-ui
test-ui: ## the console's lint, types, unit tests, build and size budget
	cd ui && npm run check

.PHONY: test-e2e
test-e2e: ## the console in Chromium against a real server with a real agent
	@scripts/e2e

.PHONY: check
check: test ## the same as test

.PHONY: fuzz
fuzz: ## every fuzz target for FUZZTIME (default 30s) each
	@scripts/fuzz "$${FUZZTIME:-30s}"

.PHONY: bench
bench: ## benchmarks as ratios against peers
	@scripts/bench/run

.PHONY: screenshots
screenshots: build ## pictures of every console page into ui/screenshots; as root, since a demo with several machines is drawn
	cd ui && npm run screenshots && npm run screenshots:mock

# --- mistakes ---------------------------------------------------------------------------------------------------------

.PHONY: lint
lint: ## go vet, formatting, staticcheck and our own analyzers
	@unformatted=$$(gofmt -l agent fleet frameworks packs queries scripts tables ui/*.go); \
	  if [ -n "$$unformatted" ]; then echo "not formatted (make fmt):"; echo "$$unformatted"; exit 1; fi
	go vet ./...
	GOOS=windows GOARCH=amd64 go vet ./agent/... ./tables/... ./queries/... ./fleet/cmd/tenantractl
	GOOS=darwin GOARCH=arm64 go vet ./agent/... ./tables/... ./queries/... ./fleet/cmd/tenantractl
	go run ./scripts/lint ./...
	$(TOOL) staticcheck ./...

.PHONY: fmt
fmt: ## format all sources
	gofmt -w agent fleet frameworks packs queries scripts tables ui/*.go
	cd ui && npm run format

.PHONY: security
security: ## gosec, secrets in history, known vulnerabilities, licences, floors of dependencies
	@scripts/security

.PHONY: docs
docs: ## write the table reference into docs/tables
	go run ./scripts/docs

.PHONY: clean
clean: ## remove what was built
	rm -rf bin dist ui/dist/* ui/node_modules
	touch ui/dist/.keep

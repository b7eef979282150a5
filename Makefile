# `make` alone prints the targets below. Everything is built in the one dev profile, so that dependencies are built once;
# benches alone are built for release.
CARGO ?= cargo
TARGET = $(or $(CARGO_TARGET_DIR),target)
DEPECHE = $(TARGET)/debug/depeche

.PHONY: help setup build demo demo-serve test check fmt bench bench-key-points run

help: ## Print this
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# cargo gives dependencies other features where no test is among the targets, and would build some of them and depeche twice.
# The smallest test is named beside the binary, so that demo, run and test share every unit.
build:
	$(CARGO) build --locked --bins --test architecture

demo: ## Show the whole flow on sample feeds; look at demo-out/index.html afterwards
	@scripts/setup.sh demo
	@$(MAKE) --no-print-directory build
	$(DEPECHE) demo

demo-serve: ## The same, and stay up with the pages and an inbox until Ctrl-C
	@scripts/setup.sh demo
	@$(MAKE) --no-print-directory build
	$(DEPECHE) demo --serve

run: ## Run the daemon with ./depeche.toml, or CONFIG=file
	@scripts/setup.sh demo
	@$(MAKE) --no-print-directory build
	$(DEPECHE) run $(if $(CONFIG),--config $(CONFIG))

test: ## Check, then run every test
	@scripts/setup.sh test
	@$(MAKE) --no-print-directory check
	$(CARGO) test --locked

check: ## Format, lints, import rules, .sqlx against a real schema, licences
	@scripts/setup.sh demo
	$(CARGO) fmt --check
	scripts/sqlx-check.sh
	$(CARGO) test --locked --quiet --test architecture
	@if $(CARGO) deny --version >/dev/null 2>&1; then $(CARGO) --locked deny --offline check --hide-inclusion-graph bans licenses sources; \
	else echo "check: cargo-deny is not installed, so licences and sources are not checked; cargo install --locked cargo-deny"; fi

fmt: ## Format the code
	$(CARGO) fmt

bench: ## Measure match, ingest, forecasts, plan, deliver and key points against their limits
	@scripts/setup.sh test
	$(CARGO) bench --locked --no-fail-fast

bench-key-points: ## Measure key points alone
	$(CARGO) bench --locked --bench key_points

# Thin names for what people do. `make run` and `make test` set up what is missing by themselves.
PRESET   ?= release
BUILD    := build/$(PRESET)
JOBS     ?= $(shell nproc)
PYTHON   ?= /usr/bin/python3
UPSTREAM ?=
LISTEN   ?= 127.0.0.1:8086
GATEWAY  ?= 127.0.0.1:8087
DATA     ?= data
DAYBOOK  := $(BUILD)/apps/daybook/daybook
WEB_SOURCES := $(shell find web/src web/public web/index.html web/*.json web/*.ts -type f 2>/dev/null)

.PHONY: help build run demo test unit blackbox smuggling browser check bench bench-ledger interop interop-million interop-witness interop-sdk interop-office interop-schemathesis kill-loop gateway-kills big-transfers slow-clients redact-million follow-loop export-memory nosync-must-fail asan tsan fuzz property-search clean setup setup-test sse-followers faults-short crash-points campaign-kill campaign-power campaign-faults disk-full strace-faults restore-drill flips-must-fail
help:           ## This list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/\t/' | expand -t 20

run: build      ## Build and start: `make run` = demo, `make run UPSTREAM=http://host:port` = in front of a real Kestra
ifeq ($(UPSTREAM),)
	@$(DAYBOOK) demo --data $(DATA)/demo --listen $(LISTEN) --gateway $(GATEWAY)
else
	@$(DAYBOOK) serve --data $(DATA)/kestra --listen $(LISTEN) --gateway $(GATEWAY) --upstream $(UPSTREAM)
endif

demo: build     ## Server, gateway, a stand-in for Kestra and people who act on it
	@$(DAYBOOK) demo --data $(DATA)/demo --listen $(LISTEN) --gateway $(GATEWAY)

setup:
	@tools/setup.sh build
setup-test:
	@tools/setup.sh test

web/dist/index.html: $(WEB_SOURCES)
	@echo "web: building the UI"
	@cd web && npm run --silent build

build: setup web/dist/index.html  ## Build the release binary
	@test -f $(BUILD)/build.ninja || cmake --preset $(PRESET) -DDAYBOOK_TESTS=OFF >/dev/null
	@cmake --build $(BUILD) -j $(JOBS) --target daybook daybook-verify -- --quiet

test: setup-test web/dist/index.html  ## Unit, property, fault, fuzz-replay, black-box and browser tests
	@cmake --preset $(PRESET) -DDAYBOOK_TESTS=ON >/dev/null
	@cmake --build $(BUILD) -j $(JOBS) -- --quiet
	@echo "test: unit, property, fault and fuzz-replay tests"
	@ctest --test-dir $(BUILD) --output-on-failure -j $(JOBS)
	@echo "test: web unit tests"
	@cd web && npm test --silent
	@$(MAKE) --no-print-directory blackbox faults-short browser
	@echo "test: all passed"

unit: setup-test  ## Only the C++ tests, PRESET=dev for a quick build
	@cmake --preset $(PRESET) -DDAYBOOK_TESTS=ON >/dev/null
	@cmake --build $(BUILD) -j $(JOBS) -- --quiet
	@ctest --test-dir $(BUILD) --output-on-failure -j $(JOBS)

blackbox:       ## Python checks from outside, written from the API contract alone
	@DAYBOOK=$(abspath $(DAYBOOK)) $(PYTHON) -m pytest -q -p no:cacheprovider tests/blackbox

smuggling:      ## Raw requests that two readers may read differently, against nginx, HAProxy, Node and Netty where installed
	@test -d build/netty || ! command -v mvn >/dev/null || mvn -q -B -f tests/blackbox/netty/pom.xml dependency:copy-dependencies -DoutputDirectory=$(abspath build/netty) || echo "smuggling: Netty cannot be had"
	@DAYBOOK=$(abspath $(DAYBOOK)) $(PYTHON) tests/blackbox/smuggling.py

browser:        ## The UI in Debian's Chromium against the real binary
	@DAYBOOK=$(abspath $(DAYBOOK)) tools/browser_test.sh

interop:        ## Third-party transparency-log tools on ledgers of SIZES="1 255 … 70000" entries (needs Go)
	@DAYBOOK=$(abspath $(DAYBOOK)) SIZES="$(SIZES)" tests/interop/run.sh

interop-million: ## The same of 1,000,000 entries
	@DAYBOOK=$(abspath $(DAYBOOK)) SIZES=1000000 tests/interop/run.sh

interop-witness: ## litewitness cosigns, survives its death, and finds a fork (needs Go, ssh-agent)
	@DAYBOOK=$(abspath $(DAYBOOK)) $(PYTHON) tests/interop/witness.py

interop-sdk:    ## Kestra's official SDKs (kestrapy, @kestra-io/kestra-sdk), every audit-log call (needs network once)
	@DAYBOOK=$(abspath $(DAYBOOK)) PYTHON=$(PYTHON) tests/interop/run_sdk.sh

interop-office: build  ## A CSV export with hostile cells opened in LibreOffice: no cell becomes a formula
	@command -v soffice >/dev/null || { echo "needs LibreOffice: apt install libreoffice-calc"; exit 1; }
	@DAYBOOK=$(abspath $(DAYBOOK)) $(PYTHON) tests/interop/office.py

interop-schemathesis: build  ## Schemathesis on openapi.yaml, CASES=10000
	@DAYBOOK=$(abspath $(DAYBOOK)) $(PYTHON) tests/interop/run_schemathesis.py --cases $(or $(CASES),10000)

follow-loop: build  ## 100 followers cut off and resumed at random during ingest and restarts; an outside oracle
	@DAYBOOK=$(abspath $(DAYBOOK)) $(PYTHON) tests/faults/follow_loop.py --followers 100 --events $(or $(EVENTS),20000) --restarts 3

export-memory: build  ## Export of ROWS=1000000 in each form: complete, memory growth at most 50 MB
	@DAYBOOK=$(abspath $(DAYBOOK)) $(PYTHON) tests/limits/export_memory.py --rows $(or $(ROWS),1000000)

redact-million: build  ## Redact one person among ROWS=1000000 entries, then look for them in every byte left
	@DAYBOOK=$(abspath $(DAYBOOK)) $(PYTHON) tests/erasure/redact_person.py --rows $(or $(ROWS),1000000)

kill-loop: build  ## kill -9 under load, KILLS=200; an oracle outside the process checks every acknowledgement
	@DAYBOOK=$(abspath $(DAYBOOK)) $(PYTHON) tests/faults/kill_loop.py --kills $(or $(KILLS),200)

gateway-kills: build  ## kill -9 of the gateway under load, KILLS=500; what the upstream saw is the oracle
	@DAYBOOK=$(abspath $(DAYBOOK)) $(PYTHON) tests/faults/gateway_kills.py --kills $(or $(KILLS),500)

sse-followers: build  ## 1,000 event streams for five minutes and 10,000 idle connections: at most 32 KiB each
	@DAYBOOK=$(abspath $(DAYBOOK)) $(PYTHON) tests/limits/sse_followers.py --seconds $(or $(SECONDS),300)

big-transfers: build  ## 1 GiB up and 10 GiB down through the gateway in constant memory
	@DAYBOOK=$(abspath $(DAYBOOK)) $(PYTHON) tests/limits/big_transfers.py

slow-clients: build  ## slowhttptest's four modes: a client that behaves does not notice (needs slowhttptest and nginx)
	@DAYBOOK=$(abspath $(DAYBOOK)) $(PYTHON) tests/limits/slow_clients.py

# What needs the programs of the tests: daybook_crashing, ledger_tests.
FAULTS := DAYBOOK=$(abspath $(DAYBOOK)) LEDGER_TESTS=$(abspath $(BUILD)/src/ledger/ledger_tests) $(PYTHON) tests/faults
define build-tests
	@cmake --preset $(PRESET) -DDAYBOOK_TESTS=ON >/dev/null
	@cmake --build $(BUILD) -j $(JOBS) --target daybook daybook_crashing ledger_tests -- --quiet
endef

faults-short:   ## One hit of some crash points and one restore drill (part of `make test`)
	$(build-tests)
	@$(FAULTS)/crash_points.py --hits 1 --only append.
	@$(FAULTS)/crash_points.py --hits 1 --only seal.renamed
	@$(FAULTS)/restore_drill.py --rounds 1

crash-points: setup-test  ## Every named crash point under load, HITS=20, ONLY=prefix
	$(build-tests)
	@$(FAULTS)/crash_points.py --hits $(or $(HITS),20) --only "$(ONLY)"

campaign-kill campaign-power campaign-faults: setup-test  ## CYCLES=1000 more, counted in tests/faults/campaign.json
	$(build-tests)
	@$(FAULTS)/campaign.py $(@:campaign-%=%) --cycles $(or $(CYCLES),1000)

disk-full: build  ## A small file system filled and emptied under load, CYCLES=50 (mounts a tmpfs: root)
	@DAYBOOK=$(abspath $(DAYBOOK)) $(PYTHON) tests/faults/disk_full.py --cycles $(or $(CYCLES),50)

strace-faults: build  ## Failing system calls injected into the real binary by strace
	@DAYBOOK=$(abspath $(DAYBOOK)) $(PYTHON) tests/faults/strace_faults.py

restore-drill: build  ## Backup under load, restore under a new and under the old origin, ROUNDS=3
	@DAYBOOK=$(abspath $(DAYBOOK)) $(PYTHON) tests/faults/restore_drill.py --rounds $(or $(ROUNDS),3)

flips-must-fail: setup-test  ## With the checksum taken away the tests that change every byte have to fail
	@cmake --preset $(PRESET) -DDAYBOOK_TESTS=ON >/dev/null
	@cmake --build $(BUILD) -j $(JOBS) --target ledger_tests_no_checksum -- --quiet
	@tools/expect_failure.sh $(BUILD)/src/ledger/ledger_tests_no_checksum --gtest_filter='*Tamper*'

nosync-must-fail: setup-test  ## A build without fdatasync has to fail the power-loss test
	@cmake --preset nosync >/dev/null && cmake --build build/nosync -j $(JOBS) --target ledger_tests -- --quiet
	@tools/expect_failure.sh build/nosync/src/ledger/ledger_tests --gtest_filter='*PowerLoss*'

check: setup-test  ## Format, clang-tidy on changed files, tree rules, header self-check, unit tests under ASan
	@tools/check.sh

asan tsan: setup-test  ## All C++ tests under a sanitizer
	@cmake --preset $@ >/dev/null && cmake --build build/$@ -j $(JOBS) -- --quiet
	@ctest --test-dir build/$@ --output-on-failure -j $(JOBS)

property-search: setup-test  ## Random requests against the naive evaluator, FILTERS=100000 SEED=1
	@cmake --preset $(PRESET) -DDAYBOOK_TESTS=ON >/dev/null && cmake --build $(BUILD) -j $(JOBS) --target search_tests -- --quiet
	@DAYBOOK_FILTERS=$(or $(FILTERS),100000) DAYBOOK_SEED=$(or $(SEED),1) $(BUILD)/src/search/search_tests --gtest_filter='EngineProperty*'

fuzz:           ## One libFuzzer target for T=name, SECONDS=60
	@cmake --preset fuzz >/dev/null && cmake --build build/fuzz -j $(JOBS) --target $(T)_fuzz -- --quiet
	@build/fuzz/fuzz/$(T)_fuzz -max_total_time=$(or $(SECONDS),60) fuzz/$(T)_corpus

bench: build    ## Every figure of docs/performance.md; WHAT="acks ndjson gateway search"
	@DAYBOOK=$(abspath $(DAYBOOK)) $(PYTHON) bench/e2e/bench.py $(WHAT)

bench-ledger: setup-test  ## The ledger beside RocksDB, SQLite, Tessera, plain append+fdatasync; ENTRIES=10000000 ONLY=ledger for the long one
	@command -v go >/dev/null || { echo "needs Go 1.25 or newer for Tessera"; exit 1; }
	@test -f /usr/include/rocksdb/db.h || { echo "needs RocksDB: apt install librocksdb-dev"; exit 1; }
	@cmake --preset bench >/dev/null && cmake --build build/bench -j $(JOBS) --target ledger_peer -- --quiet
	@cd bench/ledger/tessera && go build -o $(abspath build/bench/tessera_peer) .
	@$(PYTHON) bench/ledger/run.py build/bench/bench/ledger/ledger_peer build/bench/tessera_peer --dir build/bench \
	  --entries $(or $(ENTRIES),1000000) --rounds $(or $(ROUNDS),3) $(if $(ONLY),--only $(ONLY))

clean:
	@rm -rf build web/dist

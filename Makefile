# balancelink. `make help` lists what can be done.

GO      ?= go
TAGS    := -tags=nomsgpack
# What a debugger wants is left out, also of the tests: some sixty programs are linked for them.
LINK    := -ldflags='-s -w'
# The race detector watches everything but what is not ours and only computes,
# which takes ten times as long under it. Nothing that hands data from one
# goroutine to another may stand here: it would seem to race. Nor does it check
# unsafe pointers, of which we have none. make check vets.
UNRACED := modernc.org/sqlite/lib modernc.org/libc modernc.org/memory golang.org/x/crypto/argon2 golang.org/x/crypto/blake2b \
	golang.org/x/net/html golang.org/x/text/cases golang.org/x/text/transform golang.org/x/text/unicode/norm \
	compress/flate compress/gzip regexp github.com/andybalholm/cascadia \
	github.com/go-json-experiment/json/jsontext github.com/go-json-experiment/json/internal/jsonwire
RACE    := -race -gcflags=all=-d=checkptr=0 $(foreach pkg,$(UNRACED),-gcflags=$(pkg)=-race=false)
# Everything is tried as it is built, the longest first so that none of them is left to
# run alone at the end; then what happens at once again, under the race detector, in
# which all takes three times as long. SEEDS is how many of the worker's worlds.
LONGEST := ./handlers/browser ./handlers/faults ./handlers/proof ./views/samples ./handlers/everyroute ./store ./handlers/worker
# Proofs run the program as it is built, and share what building it compiled.
PROVE   := PROVE=1 CGO_ENABLED=0 $(GO) test $(TAGS) -trimpath $(LINK) -count=1
# What takes chance or many cases, which make test tries a tenth as often: see
# store/storetest/chance.go. make check finds what is missing here.
CHANCE  := TestRandomOperations|TestNobodyIsLinked|TestOfTwoWhoClaim|TestTwo.*(Once|Decision)$$|TestACopyWithAByte|TestInEveryZone|TestWhateverTheClock|TestWhateverIsDoneToTheAuditLog|TestKnownAndUnknown|TestAVisitReaches|TestNoWalkWithoutACode
ESBUILD := $(GO) tool esbuild
DIST    := static/dist/app.css static/dist/app.js static/dist/connect.js
PACKED  := $(DIST:=.br) $(DIST:=.gz)

# said runs tests and says in a line for each thing that the machine lacks how
# many were left out. With TESTS=all they fail instead.
LEFT_OUT := $(CURDIR)/bin/left-out
define said
@mkdir -p bin; rm -f $(LEFT_OUT); status=0; set -x; LEFT_OUT=$(LEFT_OUT) $(1) || status=$$?; { set +x; } 2>/dev/null; \
	touch $(LEFT_OUT); sort $(LEFT_OUT) | uniq -c | sed -E 's/^ *([0-9]+) /tests left out: \1, for lack of /'; exit $$status
endef

.PHONY: help run build assets generate screenshots test test-quick test-postgres check proof chance proof-large mutants bench bench-large bench-postgres bench-pages bench-soak fuzz clean

help: ## list what can be done
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## build and run with the simulated bank, at http://127.0.0.1:8080
	./bin/balancelink

build: assets ## build bin/balancelink
	CGO_ENABLED=0 $(GO) build $(TAGS) -trimpath $(LINK) -o bin/balancelink .

assets: $(DIST) $(PACKED) ## fetch and bundle the browser's files

# What npm has installed is newer than what the lock file says.
static/node_modules/.package-lock.json: static/package.json static/package-lock.json
	cd static && npm ci --ignore-scripts --no-audit --no-fund
	@touch $@

static/dist/%.js: static/js/%.js static/node_modules/.package-lock.json
	$(ESBUILD) $< --bundle --minify --format=iife --target=es2020 --legal-comments=eof --log-level=warning --outfile=$@

static/dist/%.css: static/css/%.css static/node_modules/.package-lock.json
	$(ESBUILD) $< --bundle --minify --log-level=warning --outfile=$@

static/dist/%.br static/dist/%.gz: static/dist/% static/compress.mjs
	node static/compress.mjs $<

generate: ## write *_templ.go from *.templ
	$(GO) tool templ generate -log-level=error
	$(GO) tool templ fmt -log-level=error views

screenshots: assets ## take the README's pictures anew, with Chromium
	TESTS=all DEMO_PICTURES=$(CURDIR)/handlers/testdata/demo CGO_ENABLED=0 $(GO) test $(TAGS) -trimpath -count=1 \
		-timeout=5m -run=TestTheDemoOfTheReadme ./handlers/browser

# With POSTGRES_TESTS=required those of PostgreSQL are run too.
test: assets ## run all tests; the browser tests need Chromium
	$(call said,GOGC=400 CGO_ENABLED=0 $(GO) test $(TAGS) -trimpath $(LINK) -vet=off -p=3 -parallel=4 -shuffle=on -timeout=30m $(LONGEST) ./...)
	$(call said,SEEDS=2 GORACE=atexit_sleep_ms=0 GOGC=400 .ci/at-once $(GO) test $(TAGS) $(RACE) $(LINK) -vet=off -parallel=4 -shuffle=on -timeout=30m)
	$(if $(filter required,$(POSTGRES_TESTS)),$(MAKE) test-postgres)

# In the order of the packages, and not shuffled, so that Go need not run again what a change has nothing to do with.
# Two tests of a package at once: more wait for the lock of SQLite's memory, which a process has one of.
test-quick: assets ## run all but the browser tests, the proofs and what takes long, for each commit
	GOGC=400 CGO_ENABLED=0 $(GO) test $(TAGS) -trimpath $(LINK) -vet=off -short -p=6 -parallel=2 ./store ./handlers/everyroute ./handlers/faults \
		$$($(GO) list $(TAGS) ./... | grep -vE '/handlers/(browser|load|proof)$$')

# What PostgreSQL runs too: the whole store, each change twice, and of what stands on it what changes rows in
# ways of its own. Sites that many tests share are tried on SQLite alone.
ON_POSTGRES := TestPostgreSQL|TestWhatPostgreSQL|TestRandomOperationsFaults|TestWhatAWebhookDoes|TestAWebhook|TestEveryRefreshEnds|TestARefresh|TestAClaim|TestALinkedCustomer|TestAPersonalLink|TestErasingNeeds|TestAnExport|TestWithdraw|TestTheListSorts|TestWebhooksAreFound|TestTheStatusPage|TestTheAuditPage|TestABalanceThatWas
# What people do at two instances, of which each answers every other request: what changes rows and is seen at
# once, and what the leader alone finds out.
ON_TWO := TestALinkedCustomerIsSeen|TestARefreshEnds|TestTwoHundredClicks|TestWhatTheBrowser|TestALinkSaysWhere|TestAPauseOf|TestWhatWaitsForTheProvider|TestALinkThatWaits|TestAFileOf|TestLinksForAll|TestStaffPart|TestStaffTakeBack|TestARejectedLink|TestAnOwnerMakesAKey|TestAReplay|TestAllThatFailed|TestAFundsCheckForADay|TestAnInstanceThat|TestWhoTook|TestAHostThat|TestStaffSetAThreshold|TestTheStatusPage(TellsWhich|ShowsWhatIsUnderWay)|TestABalanceThatWasChanged
ON_TWO_BROWSED := TestTheDemoOfTheReadme|TestTheWholeJourneyInABrowser|TestALinkARefreshAndAFundsCheck|TestReconnecting
test-postgres: assets ## run the store and the core of the rest with PostgreSQL, which must be installed
	TEST_DATABASE=postgres REHEARSE=1 GOGC=400 CGO_ENABLED=0 $(GO) test $(TAGS) -trimpath $(LINK) -vet=off -parallel=4 -timeout=15m ./store ./store/storetest
	TEST_DATABASE=postgres SEEDS=1 GOGC=400 CGO_ENABLED=0 $(GO) test $(TAGS) -trimpath $(LINK) -vet=off -short -parallel=4 -timeout=15m \
		-run='$(ON_POSTGRES)' ./handlers ./handlers/command ./handlers/worker
	TEST_DATABASE=postgres GOGC=400 CGO_ENABLED=0 $(GO) test $(TAGS) -trimpath $(LINK) -vet=off -short -timeout=15m \
		-run=TestNoPageWaits ./handlers/everyroute
	TEST_INSTANCES=2 TEST_DATABASE=postgres GOGC=400 CGO_ENABLED=0 $(GO) test $(TAGS) -trimpath $(LINK) -vet=off -short -parallel=4 -timeout=15m \
		-run='$(ON_TWO)' ./handlers
	TEST_INSTANCES=2 TEST_DATABASE=postgres GOGC=400 CGO_ENABLED=0 $(GO) test $(TAGS) -trimpath $(LINK) -vet=off -parallel=4 -timeout=15m \
		-run='$(ON_TWO_BROWSED)' ./handlers/browser

check: assets ## formatting, vet, import rules, generated files, lint
	.ci/check

proof: assets chance ## prove what a 200 to a webhook promises: kills, power cuts, full disks, two instances, chance (needs root, strace, PostgreSQL)
	$(call said,$(PROVE) -v -timeout=30m ./handlers/proof)

chance: assets ## try all that make test tries a tenth as often
	$(PROVE) -timeout=30m -run='$(CHANCE)' ./handlers/everyroute ./handlers/signin ./handlers/worker ./store ./store/days

proof-large: assets ## the same, large: half an hour or so
	TESTS=all KILL_CYCLES=500 HOST_KILLS=100 ASK_KILLS=100 POWER_CUTS=1000 DELIVERIES=100000 FORGERIES=10000 \
		TWIN_KILLS=50 LEAD_KILLS=40 LEAD_PAUSES=5 RESTARTS=20 \
		$(PROVE) -v -timeout=2h ./handlers/proof
	SEEDS=10000 $(PROVE) -timeout=12h -run=TestRandomOperations ./handlers/worker

mutants: assets ## show that the proofs can fail: each catches the program broken in its way
	$(GO) run ./.ci/mutate

bench: assets ## run the benchmarks beside a plain gin server, a bare log file and PocketBase; some minutes
	$(GO) test $(TAGS) -run='^$$' -bench=. -benchtime=1x ./handlers/load ./handlers/signin
	cd .ci/bench && $(GO) run $(TAGS) .

bench-large: ## the peers again, with 100,000 customers and a million stored events
	cd .ci/bench && $(GO) run $(TAGS) . -round 2s -customers 100000 -stored 1000000 -events 20000

bench-postgres: assets ## webhooks on PostgreSQL, which must be installed: on this machine, and a millisecond away
	cd .ci/bench && $(GO) run $(TAGS) . -parts postgres

bench-pages: ## how the times of pages grow from 1,000 customers to 100,000; COPIED=-copied: on PostgreSQL
	mkdir -p bin
	cd .ci/bench && for n in 1000 100000; do test -e ../../bin/$$n.db || \
		$(GO) run $(TAGS) . -customers $$n -make ../../bin/$$n.db; done
	cd .ci/bench && $(GO) run $(TAGS) . -parts pages -files ../../bin/1000.db,../../bin/100000.db $(COPIED)

bench-soak: ## an hour of mixed work at half of what can be received: does anything grow or slow
	cd .ci/bench && $(GO) run $(TAGS) . -parts soak

fuzz: ## fuzz every parser for a minute each
	.ci/fuzz 60s

clean: ## remove what was built, but not the data
	rm -rf bin static/dist/app.* static/dist/connect.js static/node_modules

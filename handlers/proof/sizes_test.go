//go:build !race

package proof_test

import (
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
)

// The sizes of the proofs: what the environment says, or small enough for
// every commit. The large ones are in the Makefile: make proof-large.
const (
	killCycles = "KILL_CYCLES" // kills of the running program
	powerCuts  = "POWER_CUTS"  // images of a disk whose power was cut
	deliveries = "DELIVERIES"  // of 1,000 facts, shuffled
	hostKills  = "HOST_KILLS"  // kills of the program while a host is told what happens
	askKills   = "ASK_KILLS"   // kills of the program while a program of the business asks it
	forgeries  = "FORGERIES"   // webhooks without the token, and reports of forged success
	twinKills  = "TWIN_KILLS"  // kills of one of two instances
	leadKills  = "LEAD_KILLS"  // kills of the leader while the bank is asked
	leadPauses = "LEAD_PAUSES" // of the leader, each until the other one leads
	restarts   = "RESTARTS"    // of PostgreSQL
)

var small = map[string]int{
	killCycles: 30, hostKills: 10, askKills: 3, powerCuts: 100, deliveries: 20_000, forgeries: 2000,
	twinKills: 4, leadKills: 4, leadPauses: 1, restarts: 2,
}

func size(t *testing.T, name string) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return small[name]
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("%s=%q is not a number", name, text)
	}
	return n
}

// seeded is a source of chance; SEED repeats the one that a failure names.
func seeded(t *testing.T) *rand.Rand {
	t.Helper()
	seed := rand.Uint64()
	if n, err := strconv.ParseUint(os.Getenv("SEED"), 10, 64); err == nil {
		seed = n
	}
	t.Logf("SEED=%d", seed)
	return rand.New(rand.NewPCG(seed, 0))
}
